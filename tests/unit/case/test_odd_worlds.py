"""Calendars of others' making, years that nobody announced, and histories that lack an instant."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    Actor,
    DepartmentEvent,
    DepartmentReported,
    EventSignature,
    ExtendJoint,
    case_clocks_of,
    clocks_of,
    due_date,
    event_digest,
    open_waits,
    outstanding,
    promise_light,
    read_record,
    write_record,
)
from oneservice.workdays import Light, WorkCalendar, YearTable, announced_calendar

SHA = Digest("sha256:" + "6" * 64)


class Unhashable:
    """A calendar that a portal made for itself."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, days: WorkCalendar) -> None:
        self._days, self.version = days, days.version

    def __eq__(self, other: object) -> bool:
        return self is other

    def is_working_day(self, day: date, /) -> bool:
        return self._days.is_working_day(day)


def lived(begin: Any, step: Any, calendar: WorkCalendar) -> Any:
    life = begin(
        step("permit", on_overdue="escalate"),
        step("late", on_overdue="deemed_granted"),
        calendar=calendar,
        promised_days=9,
        joint_days=45,
    )
    for name in ("permit", "late"):
        life.told("received", "09-28", name)
        life.told("accepted", "09-28", name)
    life.told("suspended", "09-30")
    life.told("resumed", "10-09")
    life.told("extended", "10-12", working_days=3)
    return life


def test_a_calendar_without_a_hash_counts_the_same_days(begin: Any, step: Any) -> None:
    known = lived(begin, step, announced_calendar())
    own = lived(begin, step, Unhashable(announced_calendar()))
    for days in ("10-13", "10-20", "11-05", "12-20"):
        for name in ("permit", "late"):
            for limit in ("promised", "statutory"):
                assert due_date(own.sub(name), limit, own.calendar) == due_date(
                    known.sub(name), limit, known.calendar
                )
            on = date.fromisoformat(f"2026-{days}")
            assert clocks_of(own.sub(name), on=on, calendar=own.calendar) == clocks_of(
                known.sub(name), on=on, calendar=known.calendar
            )
        assert own.wait(days) == known.wait(days)
        assert open_waits(own.case, own.calendar) == open_waits(known.case, known.calendar)
        assert outstanding(own.case, own.calendar) == outstanding(known.case, known.calendar)


@pytest.mark.parametrize("kind", ["received", "accepted"])
def test_in_a_year_that_is_not_announced_a_due_day_is_provisional(begin: Any, kind: str) -> None:
    life = begin()
    life.told("received", "12-28")
    if kind == "accepted":
        life.told("accepted", "12-28")
    limit = "notice" if kind == "received" else "promised"
    due = due_date(life.sub(), limit, life.calendar)
    assert due is not None
    assert due.is_provisional
    year = YearTable(year=2027, days_off=frozenset({date(2027, 1, 1)}), work_days=frozenset())
    told = announced_calendar().with_years([year])
    exact = due_date(life.sub(), limit, told)
    assert exact is not None
    assert (exact.is_provisional, exact.on > due.on) == (False, True), "New Year is a day off"


def test_hours_to_accept_are_no_working_days(begin: Any, step: Any) -> None:
    life = begin(step(accept_hours=30))
    life.told("received", "12-31")
    due = due_date(life.sub(), "notice", life.calendar)
    assert (due.on, due.is_provisional) == (date(2027, 1, 1), False)


@pytest.mark.parametrize(
    ("told", "gone", "until"),
    [
        (
            ("received", "correction_requested"),
            {"correction": "asked_at"},
            "2000-01-29T00:00:00+08:00",
        ),
        (
            ("received", "accepted", "suspended"),
            {"course": "suspended_at"},
            "2026-10-31T00:00:00+08:00",
        ),
    ],
)
def test_an_old_history_without_the_instant_has_a_day_all_the_same(
    begin: Any, told: tuple[str, ...], gone: Mapping[str, str], until: str
) -> None:
    life = begin()
    for kind in told:
        data: dict[str, Any] = {"due_on": "soon"} if kind == "correction_requested" else {}
        data |= {"expected_until": "soon"} if kind == "suspended" else {}
        life.told(kind, "09-28", **data)
    sub = life.sub()
    for member, name in gone.items():
        part = dataclasses.replace(getattr(sub, member), **{name: None})
        sub = dataclasses.replace(sub, **{member: part})
    if "correction" in gone:
        sub = dataclasses.replace(sub, notice_from=None, accepted_at=None)
    case = dataclasses.replace(life.case, sub_cases={"permit": sub})
    waits = [one for one in open_waits(case, life.calendar) if one.sub_case_id == "permit"]
    first = min(one.until for one in waits)
    assert first.isoformat() == until


def test_the_joint_cap_grows_by_its_extension(begin: Any, hour: Any) -> None:
    life = begin(joint_days=45)
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.give(
        ExtendJoint(
            at=hour("10-09"),
            days=15,
            approved_by="city",
            reason="load",
            by=Actor.operator("op-7"),
        )
    )
    read = case_clocks_of(life.case, on=date(2026, 12, 5), calendar=life.calendar)
    assert read is not None
    assert (read.cap_due, read.light) == (date(2026, 12, 25), Light.ON_TIME)


@pytest.mark.parametrize(
    ("on", "light"),
    [
        ("09-28", Light.ON_TIME),
        ("10-08", Light.ON_TIME),
        ("10-09", Light.WARNING),
        ("10-10", Light.WARNING),
        ("10-11", Light.OVERDUE),
    ],
)
def test_a_promise_without_a_day_warns_by_the_share_of_the_step(
    begin: Any, step: Any, hour: Any, on: str, light: Light
) -> None:
    """Five working days from 09-28 end on 10-10; 80 % of them are four, reached on 10-09."""
    life = begin(step(tolerance_days=5))
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("granted_pending_material", "09-28", pending=[{"material": "m"}])
    (promise,) = life.case.promises
    assert promise_light(life.sub(), promise, on=hour(on).date(), calendar=life.calendar) is light


def test_two_promises_are_two_waits_of_the_same_step(begin: Any, step: Any) -> None:
    life = begin(step("permit"), step("other"))
    for kind in ("received", "accepted"):
        life.told(kind, "09-28")
    pending = [{"material": "m_a", "until": "2026-10-12"}, {"material": "m_b"}]
    life.told("granted_pending_material", "09-29", pending=pending)
    waits = [one for one in open_waits(life.case, life.calendar) if str(one.kind) == "promise"]
    assert [(one.sub_case_id, one.name) for one in waits] == [("permit", "m_a"), ("permit", "m_b")]


def test_a_signed_event_comes_back_with_signatures_and_members_of_later_versions() -> None:
    plain = DepartmentEvent(
        submission_id="c1.permit.1",
        seq=1,
        type="received",
        at="2026-09-28T02:00:00Z",
        recorded_at="2026-09-28T02:00:00Z",
        department="office",
        data={"receipt_no": "SJ"},
        prev=None,
        digest=SHA,
        signatures=(EventSignature(keyid="k1", alg="ed25519", value="c2ln"),),
        extra={"later": {"member": 1}},
    )
    event = dataclasses.replace(plain, digest=event_digest(plain))
    fact = DepartmentReported(
        at=datetime(2026, 9, 28, 2, tzinfo=UTC), sub_case_id="permit", events=(event,)
    )
    record = write_record(fact, case_id="c1", seq=1, prev=None, secret="5" * 64)
    assert read_record(record.line, case_id="c1", seq=1, prev=None).event == fact
