"""What follows when time has passed: exactly the clocks that have ended, each recorded once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never, cast

from oneservice.case.clocks import Due, next_due, rung_due
from oneservice.case.draft import Draft
from oneservice.case.events import DeadlinePassed, DeemedAccepted, Event
from oneservice.case.law_events import (
    CaseDeadlineNear,
    CaseDeadlinePassed,
    CaseEscalated,
    CaseLimit,
    DeadlineNear,
    DeemedGranted,
    Escalated,
    WaitOverdue,
)
from oneservice.case.limits import due_on, end_of
from oneservice.case.state import SubCase
from oneservice.case.turns import sub_case_turned
from oneservice.workdays import WorkCalendar

__all__ = ["time_passed"]

LADDER_SPENT = "every rung of the escalation ladder was silent"


def time_passed(draft: Draft, at: datetime, calendar: WorkCalendar) -> None:
    """Record every clock that has ended by ``at``, in the order in which they ended."""
    while (due := next_due(draft.case, calendar)) is not None and due.instant <= at:
        for event in _events(draft, due, at, calendar):
            draft.add(event)


def _events(draft: Draft, due: Due, at: datetime, calendar: WorkCalendar) -> Iterator[Event]:
    name = due.sub_case_id
    match due.kind:
        case "notice":
            since = draft.sub_case(name).notice_from or at
            yield DeemedAccepted(at=at, sub_case_id=name, accepted_at=since, due_at=due.instant)
        case "promised" | "statutory":
            yield DeadlinePassed(at=at, sub_case_id=name, limit=due.kind, due_at=due.instant)
        case "near":
            day = due_on(draft.sub_case(name), "promised", calendar)
            end = end_of(day) if day is not None else due.instant
            yield DeadlineNear(at=at, sub_case_id=name, due_at=end)
        case "silence":
            yield DeemedGranted(at=at, sub_case_id=name, due_at=due.instant)
        case "rung":
            yield _climbed(draft, draft.sub_case(name), at, calendar)
        case "correction" | "promise" | "suspension" | "operator":
            yield WaitOverdue(
                at=at, sub_case_id=name, wait=due.kind, name=due.name, due_at=due.instant
            )
        case "case_near":
            yield CaseDeadlineNear(at=at, limit=cast("CaseLimit", due.name), due_at=due.instant)
        case "case_limit":
            yield CaseDeadlinePassed(at=at, limit=cast("CaseLimit", due.name), due_at=due.instant)
        case _:
            assert_never(due.kind)


def _climbed(
    draft: Draft, sub: SubCase, at: datetime, calendar: WorkCalendar
) -> Escalated | CaseEscalated:
    """Return the next rung (督办), or the incident of the case after the last one."""
    ladder, reached = sub.spec.ladder, sub.course.rung
    if reached >= len(ladder):
        to = draft.case.course.lead
        return CaseEscalated(at=at, sub_case_id=sub.id, to=to, problem=LADDER_SPENT)
    rung = ladder[reached]
    told = Escalated(
        at=at, sub_case_id=sub.id, rung=reached + 1, level=rung.level, to=rung.office, due_at=at
    )
    end = end_of(rung_due(sub_case_turned(sub, told), calendar).on)
    return Escalated(
        at=at, sub_case_id=sub.id, rung=told.rung, level=told.level, to=told.to, due_at=end
    )
