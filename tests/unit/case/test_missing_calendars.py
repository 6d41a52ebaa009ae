"""Nothing has an effect in law on a guess: a year without a calendar is waited for, and told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from oneservice.case import (
    Rung,
    StatusRead,
    TimePassed,
    due_date,
    findings_of,
    next_due,
    open_waits,
)
from oneservice.workdays import LEGAL_ZONE, WorkCalendar, YearTable, national_calendar

SPRING = tuple(date(2027, 2, 5) + timedelta(days=number) for number in range(8))
KNOWN = national_calendar()
"""Ends with 2026, whatever package is installed."""


def with_2027() -> WorkCalendar:
    rest = (date(2027, 1, 1), *(one for one in SPRING if one.weekday() < 5))
    return KNOWN.with_years([YearTable(year=2027, days_off=frozenset(rest), work_days=frozenset())])


def at(day: str, hour: int = 10) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), LEGAL_ZONE) + timedelta(
        hours=hour
    )


def lived(begin: Any, step: Any, **more: Any) -> Any:
    life = begin(step(**more), calendar=KNOWN, promised_days=9, joint_days=45)
    life.told_at("received", at("2026-12-24"))
    return life


def accepted(begin: Any, step: Any, **more: Any) -> Any:
    life = lived(begin, step, **more)
    life.told_at("accepted", at("2026-12-25"))
    return life


def pass_to(life: Any, day: str) -> list[str]:
    return [event.kind for event in life.give(TimePassed(at=at(day)))]


@pytest.mark.parametrize("more", [{"on_overdue": "deemed_granted"}, {"on_overdue": "escalate"}])
def test_no_limit_passes_and_silence_does_not_grant_by_a_guess(
    begin: Any, step: Any, more: dict[str, str]
) -> None:
    life = accepted(begin, step, **more)
    assert next_due(life.case, life.calendar) is None
    assert pass_to(life, "2027-03-01") == []
    assert (life.status(), life.sub().passed, life.case.course.passed) == ("accepted", (), ())
    (wait,) = [one for one in open_waits(life.case, life.calendar) if one.sub_case_id]
    assert (str(wait.kind), wait.then) == ("decision", "nothing")
    assert wait.ends_by


def test_when_the_calendar_is_there_the_exact_facts_follow(begin: Any, step: Any) -> None:
    life = accepted(begin, step, on_overdue="deemed_granted")
    guessed = due_date(life.sub(), "statutory", life.calendar)
    assert guessed is not None
    assert (guessed.on, guessed.is_provisional) == (date(2027, 1, 22), True)
    pass_to(life, "2027-03-01")
    life.calendar = with_2027()
    events = life.give(TimePassed(at=at("2027-03-02")))
    told = {event.kind: event for event in events}
    assert {"deadline_near", "deadline_passed", "case_deadline_passed"} < set(told)
    assert told["deemed_granted"].due_at == at("2027-01-26", 0)  # New Year's Day did not count
    assert life.status() == "granted"


def test_silence_accepts_by_an_exact_day_only(begin: Any, step: Any) -> None:
    life = begin(step(), calendar=KNOWN)
    life.told_at("received", at("2026-12-29"))
    assert pass_to(life, "2027-01-20") == []
    (wait,) = open_waits(life.case, life.calendar)
    assert (str(wait.kind), wait.then, wait.until) == ("acceptance", "nothing", at("2027-01-06", 0))
    assert life.problems() == ["calendar-missing"]
    life.calendar = with_2027()
    (fact,) = [
        one for one in life.give(TimePassed(at=at("2027-01-21"))) if one.kind == "deemed_accepted"
    ]
    assert fact.due_at == at("2027-01-07", 0)


def test_the_hours_of_a_report_need_no_calendar(begin: Any, step: Any) -> None:
    life = begin(step(accept_hours=4, promised_days=-1, statutory_days=-1), calendar=KNOWN)
    life.told_at("received", at("2027-01-01"))
    assert pass_to(life, "2027-01-01") == []
    assert [one.kind for one in life.give(TimePassed(at=at("2027-01-01", 14)))] == [
        "deemed_accepted"
    ]


def test_a_rung_waits_for_the_calendar_of_its_days(begin: Any, step: Any) -> None:
    ladder = (Rung(level="county", office="district", days=5),)
    life = begin(
        step(on_overdue="escalate", ladder=ladder, promised_days=2, statutory_days=-1),
        calendar=KNOWN,
    )
    life.told_at("received", at("2026-12-24"))
    life.told_at("accepted", at("2026-12-25"))
    assert pass_to(life, "2026-12-30") == ["deadline_near", "deadline_passed", "escalated"]
    assert pass_to(life, "2027-02-01") == []
    assert "calendar-missing" in life.problems()
    life.calendar = with_2027()
    assert pass_to(life, "2027-02-02") == ["case_escalated"]


def test_people_are_told_once_a_limit_would_have_ended(begin: Any, step: Any) -> None:
    life = accepted(begin, step)

    def told(day: str) -> list[tuple[str, str]]:
        found = findings_of(life.case, life.no_plan, calendar=life.calendar, at=at(day))
        return [(one.sub_case_id, one.text) for one in found if one.problem == "calendar-missing"]

    assert told("2026-12-30") == []
    (step_of, of_case) = told("2027-01-20")
    assert (step_of[0], of_case[0]) == ("permit", "")
    assert "the calendar of 2027" in step_of[1]
    life.calendar = with_2027()
    assert told("2027-01-20") == []


def test_by_a_guess_no_department_is_said_to_count_wrong(begin: Any, step: Any) -> None:
    life = accepted(begin, step)
    (told,) = [life.signed_at("progress", at("2026-12-28"))]
    read = life.read_at("permit", at("2026-12-28"), told)
    members = {name: getattr(read, name) for name in read.__dataclass_fields__}
    life.give(StatusRead(**(members | {"clock_due_on": "2027-01-07"})))
    assert "clock_differed" not in life.kinds()
