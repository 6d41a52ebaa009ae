"""A step that another region decides is counted in that region's days, others in those of here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from oneservice.case import (
    Actor,
    CaseFinding,
    Reassign,
    Reassigned,
    Rung,
    TimePassed,
    case_due_date,
    clocks_of,
    due_date,
    findings_of,
    next_due,
    open_waits,
    outstanding,
)
from oneservice.case.journal_coding import members_reader, members_writer
from oneservice.workdays import (
    LEGAL_ZONE,
    WorkCalendar,
    YearTable,
    national_calendar,
    with_regions,
)

HOME = national_calendar()
THERE = HOME.regional(extra_days_off=[date(2026, 3, 4), date(2026, 3, 5)])
BOTH = with_regions(HOME, {"980000": THERE})


def at(day: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), LEGAL_ZONE) + timedelta(
        hours=hour
    )


def accepted(begin: Any, step: Any, calendar: WorkCalendar = BOTH, **more: Any) -> Any:
    life = begin(step(calendar="980000", **more), calendar=calendar, promised_days=9, joint_days=45)
    life.told_at("received", at("2026-03-02"))
    life.told_at("accepted", at("2026-03-02"))
    return life


@pytest.mark.parametrize(
    ("known", "promised", "statutory"),
    [
        (BOTH, date(2026, 3, 11), date(2026, 4, 1)),
        (HOME, date(2026, 3, 9), date(2026, 3, 30)),  # nobody knows the other's days any more
        (THERE, date(2026, 3, 11), date(2026, 4, 1)),
    ],
)
def test_limits_are_counted_in_the_days_of_the_deciding_office(
    begin: Any, step: Any, known: WorkCalendar, promised: date, statutory: date
) -> None:
    life = accepted(begin, step, known, promised_days=5, statutory_days=20)
    sub = life.sub()
    found = [due_date(sub, "promised", known), due_date(sub, "statutory", known)]
    assert [one.on for one in found if one is not None] == [promised, statutory]
    is_known = known is BOTH
    assert [one.is_provisional for one in found if one is not None] == [not is_known] * 2
    clocks = clocks_of(sub, on=date(2026, 3, 6), calendar=known)
    assert clocks is not None
    assert (clocks.promised_due, clocks.statutory_due) == (promised, statutory)


def test_the_case_as_a_whole_keeps_the_days_of_here(begin: Any, step: Any) -> None:
    life = accepted(begin, step, promised_days=5)
    due = case_due_date(life.case, "promised", BOTH)
    assert due is not None
    assert due.on == date(2026, 3, 13)


def test_a_limit_passes_when_it_ends_there(begin: Any, step: Any) -> None:
    life = accepted(begin, step, promised_days=5)
    ahead = next_due(life.case, BOTH)
    assert ahead is not None
    assert (ahead.kind, ahead.instant) == ("near", at("2026-03-10", 0))
    assert outstanding(life.case, BOTH)
    assert [one.kind for one in life.give(TimePassed(at=at("2026-03-10")))] == ["deadline_near"]
    assert life.give(TimePassed(at=at("2026-03-11"))) == ()
    passed = [one.kind for one in life.give(TimePassed(at=at("2026-03-12")))]
    assert passed == ["deadline_passed", "case_deadline_near"]


def test_rungs_corrections_and_waits_are_counted_there(begin: Any, step: Any) -> None:
    ladder = (Rung(level="city", office="above", days=1),)
    life = accepted(begin, step, promised_days=1, on_overdue="escalate", ladder=ladder)
    kinds = [one.kind for one in life.give(TimePassed(at=at("2026-03-04")))]
    assert "deadline_passed" in kinds
    assert "escalated" in kinds
    told = [one.until for one in open_waits(life.case, BOTH) if one.sub_case_id == life.sub().id]
    assert told == [at("2026-03-07", 0)]  # the rung has one working day: 4 and 5 March are none


def test_silence_accepts_after_five_days_of_there(begin: Any, step: Any) -> None:
    life = begin(step(calendar="980000"), calendar=BOTH)
    life.told_at("received", at("2026-03-02"))
    assert [one.kind for one in life.give(TimePassed(at=at("2026-03-10")))] == []
    assert [one.kind for one in life.give(TimePassed(at=at("2026-03-12")))] == ["deemed_accepted"]


def told_of(life: Any, calendar: WorkCalendar) -> dict[str, CaseFinding]:
    plan: Any = SimpleNamespace(steps=(), missing=(), materials=())
    return {one.problem: one for one in findings_of(life.case, plan, calendar=calendar)}


def test_days_that_are_not_known_are_told(begin: Any, step: Any) -> None:
    life = accepted(begin, step, promised_days=5)
    assert "calendar-of-region-missing" not in told_of(life, BOTH)
    for other in (HOME, with_regions(HOME, {"970000": THERE})):
        told = told_of(life, other)["calendar-of-region-missing"]
        assert "980000" in told.text
        assert "980000" in told.zh


def test_a_year_that_only_they_have_announced_is_enough(begin: Any, step: Any) -> None:
    table = YearTable(year=2027, days_off=frozenset({date(2027, 1, 1)}), work_days=frozenset())
    ahead = with_regions(HOME, {"980000": THERE.with_years([table])})
    life = begin(step(calendar="980000", promised_days=10), calendar=ahead)
    life.told_at("received", at("2026-12-25"))
    life.told_at("accepted", at("2026-12-25"))
    due = due_date(life.sub(), "promised", ahead)
    assert due is not None
    assert (due.on, due.is_provisional) == (date(2027, 1, 11), False)
    assert "calendar-missing" not in told_of(life, ahead)


@pytest.mark.parametrize("known", [HOME, with_regions(HOME, {"970000": THERE})])
@pytest.mark.parametrize(
    "more",
    [
        {"on_overdue": "deemed_granted"},
        {"on_overdue": "escalate", "ladder": (Rung(level="city", office="above", days=1),)},
    ],
)
def test_nothing_has_an_effect_by_days_of_the_wrong_region(
    begin: Any, step: Any, known: WorkCalendar, more: dict[str, Any]
) -> None:
    life = accepted(begin, step, known, promised_days=5, statutory_days=20, **more)
    told = life.give(TimePassed(at=at("2026-07-01")))
    assert {one.kind for one in told} <= {"case_deadline_near", "case_deadline_passed"}
    assert (life.status(), life.sub().passed) == ("accepted", ())
    assert "calendar-of-region-missing" in told_of(life, known)
    assert "calendar-missing" not in told_of(life, known)


def test_silence_accepts_nothing_by_days_of_the_wrong_region(begin: Any, step: Any) -> None:
    life = begin(step(calendar="980000"), calendar=HOME)
    life.told_at("received", at("2026-03-02"))
    assert life.give(TimePassed(at=at("2026-07-01"))) == ()


def test_once_the_days_are_known_silence_grants_on_its_exact_day(begin: Any, step: Any) -> None:
    more: Any = {"promised_days": 5, "statutory_days": 20, "on_overdue": "deemed_granted"}
    life = accepted(begin, step, HOME, **more)
    life.give(TimePassed(at=at("2026-07-01")))
    life.calendar = BOTH
    life.give(TimePassed(at=at("2026-07-02")))
    assert (life.status(), life.sub().course.silence_at) == ("granted", at("2026-04-02", 0))


def test_a_decided_step_still_tells_that_its_days_are_not_known(begin: Any, step: Any) -> None:
    life = accepted(begin, step, HOME, promised_days=5)
    life.told_at("granted", at("2026-03-03"))
    assert life.sub().is_decided
    assert "calendar-of-region-missing" in told_of(life, HOME)


@pytest.mark.parametrize(
    ("known", "before", "region", "after"),
    [
        (BOTH, "", "980201", "980000"),
        (BOTH, "980000", "990102", ""),
        (BOTH, "980000", "", "980000"),
        (HOME, "", "980201", ""),
        (HOME, "980000", "990102", ""),
    ],
)
def test_who_is_given_a_step_counts_in_the_days_of_their_own_region(  # noqa: PLR0917 - a table
    begin: Any, step: Any, known: WorkCalendar, before: str, region: str, after: str
) -> None:
    life = begin(
        step("first"), step("permit", requires=("first",), calendar=before), calendar=known
    )
    order = Reassign(
        at=at("2026-03-02"),
        sub_case_id="permit",
        department="housing",
        region=region,
        by=Actor.operator("op-1"),
        why="moved",
    )
    (told, *_) = life.give(order)
    assert life.sub("permit").spec.calendar == after
    assert isinstance(told, Reassigned)
    written = members_writer(Reassigned)(told)
    assert ("calendar" in written) is (after != before)
    assert members_reader(Reassigned)(written) == told
