"""``decide``: which facts follow from an input, in this state. It may refuse; it changes nothing.

Same case, same input, same calendar: the same facts, on any machine, in any year.
"""

from __future__ import annotations

from typing import assert_never

from oneservice.case.attempts import reassign_returned
from oneservice.case.bundles import bundle_signed
from oneservice.case.counter import CounterAsk, decide_counter, pass_counter_time
from oneservice.case.counter_inputs import CheckAtWindow
from oneservice.case.deadlines import time_passed
from oneservice.case.deliveries import delivery_failed, messages_composed, supplement_given
from oneservice.case.draft import Draft
from oneservice.case.events import (
    Event,
    SubCaseCancelled,
    WithdrawalAsked,
)
from oneservice.case.evolve import evolve
from oneservice.case.inputs import (
    AskWithdrawal,
    BundleSigned,
    DeliveryDidFail,
    Input,
    MessagesComposed,
    NotFoundThere,
    OpenCase,
    ReportDidFail,
    StatusRead,
    SupplementGiven,
    TimePassed,
)
from oneservice.case.law_asks import LawAsk, decide_law
from oneservice.case.opening import opening
from oneservice.case.operating import halt_if_contradicted
from oneservice.case.people_asks import PeopleAsk, decide_people
from oneservice.case.people_decide import end_what_ran_out, record_people
from oneservice.case.people_rules import refuse_actor
from oneservice.case.reports import clock_shown, not_found, report_failed, status_read
from oneservice.case.settling import settle
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.errors import IllegalInputError
from oneservice.workdays import WorkCalendar

__all__ = ["decide", "transition"]


def decide(
    case: Case | None, given: Input, *, case_id: str, calendar: WorkCalendar
) -> tuple[Event, ...]:
    """Return the facts that follow from ``given``; an empty tuple where nothing new was told.

    Args:
        case: the state, or ``None`` before the opening.
        given: what happened, with its instant.
        case_id: the id of the case.
        calendar: the working days of the deciding offices.

    Raises:
        IllegalInputError: the input does not fit the state; nothing is changed.
    """
    return transition(case, given, case_id=case_id, calendar=calendar)[0]


def transition(
    case: Case | None, given: Input, *, case_id: str, calendar: WorkCalendar
) -> tuple[tuple[Event, ...], Case]:
    """Return the facts that :func:`decide` gives, and the case after them, folded once only."""
    if isinstance(given, OpenCase):
        if case is not None:
            msg = f"case {case_id} is open already; ask for it, or open another under its own id"
            raise IllegalInputError(msg, status=str(case.status))
        refuse_actor(None, given)
        opened = opening(given)
        draft = Draft(evolve(None, opened, case_id=case_id), [opened])
        record_people(draft, given)
        if isinstance(given.received, CheckAtWindow):
            decide_counter(draft, given.received)
    elif case is None:
        msg = f"case {case_id} was never opened"
        raise IllegalInputError(msg, status="none")
    else:
        refuse_actor(case, given)
        draft = Draft(case)
        end_what_ran_out(draft, given.at)  # whoever comes first after its last day finds it ended
        _decide(draft, given, calendar)
    if draft.events:
        settle(draft, given.at)
    return tuple(draft.events), draft.case


def _decide(draft: Draft, given: Input, calendar: WorkCalendar) -> None:
    if isinstance(given, CounterAsk):
        decide_counter(draft, given)
        return
    if isinstance(given, PeopleAsk):
        decide_people(draft, given, calendar)
        return
    if isinstance(given, LawAsk):
        decide_law(draft, given, calendar)
        return
    match given:
        case StatusRead() | DeliveryDidFail() | NotFoundThere() | ReportDidFail():
            _told(draft, given, calendar)
        case MessagesComposed():
            messages_composed(draft, given)
        case SupplementGiven():
            supplement_given(draft, given)
        case AskWithdrawal():
            _withdrawal_asked(draft, given)
        case BundleSigned():
            bundle_signed(draft, given)
        case TimePassed():
            time_passed(draft, given.at, calendar)
            pass_counter_time(draft, given.at, calendar)
        case OpenCase():  # decided before, where there is no case yet
            return
        case _:
            assert_never(given)


def _told(
    draft: Draft,
    given: StatusRead | DeliveryDidFail | NotFoundThere | ReportDidFail,
    calendar: WorkCalendar,
) -> None:
    """Take what a department, or the way to it, tells."""
    match given:
        case StatusRead():
            before = draft.case
            status_read(draft, given)
            if given.clock_due_on is not None:
                clock_shown(draft, given, calendar)
            if not halt_if_contradicted(draft, before, given.sub_case_id, given.at):
                reassign_returned(draft, given.sub_case_id, given.at)
        case DeliveryDidFail():
            delivery_failed(draft, given)
        case NotFoundThere():
            not_found(draft, given)
        case ReportDidFail():
            report_failed(draft, given)
        case _:
            assert_never(given)


# --- people, seals and time --------------------------------------------------------------------


def _withdrawal_asked(draft: Draft, given: AskWithdrawal) -> None:
    names = given.sub_case_ids or tuple(draft.case.sub_cases)
    subs = [draft.sub_case(name) for name in names]
    open_ones = [sub for sub in subs if _can_be_withdrawn(sub)]
    if not open_ones:
        msg = f"case {draft.case.id}: nothing is open that could be withdrawn"
        raise IllegalInputError(msg, status=str(draft.case.status))
    draft.add(
        WithdrawalAsked(
            at=given.at,
            sub_case_ids=tuple(sub.id for sub in open_ones),
            by=given.by,
            why=given.why,
        )
    )
    for sub in open_ones:
        if sub.submission is None:
            draft.add(SubCaseCancelled(at=given.at, sub_case_id=sub.id))


def _can_be_withdrawn(sub: SubCase) -> bool:
    """Say whether it is open at all: what is granted, if only but for papers, stands."""
    is_settled = sub.is_decided or sub.status is SubCaseStatus.GRANTED_PENDING_MATERIAL
    return not is_settled and sub.spec.kind != "bundle" and sub.withdrawal in ("no", "refused")
