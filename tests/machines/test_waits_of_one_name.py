"""A wait that comes again under a name of its department's choosing has an end of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from oneservice.case import (
    CaseOpened,
    DepartmentEvent,
    EventType,
    StatusRead,
    Submission,
    TimePassed,
    advance,
)
from oneservice.testing.machine import SAMPLE_STEPS, LiveCase
from oneservice.testing.machine.live import SHA
from oneservice.testing.strategies import DAY_ONE, plain_event
from oneservice.workdays import announced_calendar

CALENDAR = announced_calendar()
HEALTH = "m_health"
Telling = tuple[int, str, dict[str, Any]]


def on(day: int) -> datetime:
    return DAY_ONE + timedelta(days=day)


def overdue(*story: Telling) -> list[tuple[str, str]]:
    """Tell ``story`` of the first step and return the waits that were told as overdue."""
    opening = CaseOpened(
        at=DAY_ONE,
        thing="thing",
        region="990101",
        plan=SHA,
        definition=SHA,
        calendar=CALENDAR.version,
        form=SHA,
        steps=SAMPLE_STEPS,
    )
    live = LiveCase(opening, CALENDAR, case_id="c1")
    live.compose(DAY_ONE)
    submission, history = Submission(submission_id="c1.first.1"), list[DepartmentEvent]()
    for day, kind, data in story:
        if kind == "time":
            live.give(TimePassed(at=on(day)))
            continue
        event = plain_event(submission, EventType(kind), at=on(day), **data)
        submission = advance(submission, event)
        history.append(event)
        live.give(
            StatusRead(
                at=on(day),
                sub_case_id="first",
                submission_id="c1.first.1",
                state=None,
                head_seq=event.seq,
                head_digest=event.digest,
                events=tuple(history),
            )
        )
    return [(one.wait, one.name) for one in live.events if one.kind == "wait_overdue"]


def test_a_material_that_is_promised_twice_is_missed_twice() -> None:
    tolerated = {"how": "tolerance", "tolerated": [{"material": HEALTH, "until": "2026-10-10"}]}
    pending = {"pending": [{"material": HEALTH, "until": "2026-10-25"}]}
    found = overdue(
        (0, "received", {}),
        (1, "accepted", tolerated),
        (15, "time", {}),
        (16, "granted_pending_material", pending),
        (40, "time", {}),
    )
    assert found == [("promise", HEALTH)] * 2


def test_a_correction_under_a_known_id_is_missed_again() -> None:
    found = overdue(
        (0, "received", {}),
        (1, "accepted", {}),
        (2, "correction_requested", {"correction_id": "k", "due_on": "2026-10-05"}),
        (30, "time", {}),
        (31, "correction_received", {}),
        (32, "correction_requested", {"correction_id": "k", "due_on": "2026-11-05"}),
        (60, "time", {}),
    )
    assert found == [("correction", "k")] * 2
