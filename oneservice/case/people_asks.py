"""What people ask of a case beyond the form: one door for mandates, consents and operators."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from oneservice.case.draft import Draft
from oneservice.case.migration import migrated
from oneservice.case.operating import operated
from oneservice.case.operating_events import BulkJoined
from oneservice.case.operating_inputs import (
    AdoptOutcome,
    CloseCase,
    JoinBulk,
    Migrate,
    Reassign,
    Resume,
    RetryNow,
)
from oneservice.case.people_decide import people_told
from oneservice.case.people_inputs import (
    EndMandate,
    GiveConsent,
    GiveMandate,
    RefuseConsent,
    WithdrawConsent,
)
from oneservice.workdays import WorkCalendar

__all__ = ["PeopleAsk", "decide_people"]

PeopleAsk: TypeAlias = (
    GiveMandate
    | EndMandate
    | GiveConsent
    | WithdrawConsent
    | RefuseConsent
    | JoinBulk
    | Resume
    | RetryNow
    | AdoptOutcome
    | Reassign
    | CloseCase
    | Migrate
)


def decide_people(draft: Draft, given: PeopleAsk, calendar: WorkCalendar) -> None:
    """Decide ``given``; who may give it was judged before (``people_rules``)."""
    match given:
        case GiveMandate() | EndMandate() | GiveConsent() | WithdrawConsent() | RefuseConsent():
            people_told(draft, given)
        case JoinBulk():
            order = given.order
            draft.add(BulkJoined(at=given.at, bulk=given.bulk, by=order.by))
            decide_people(draft, order, calendar)
        case Resume() | RetryNow() | AdoptOutcome() | Reassign() | CloseCase():
            operated(draft, given, calendar)
        case Migrate():
            migrated(draft, given)
        case _:
            assert_never(given)
