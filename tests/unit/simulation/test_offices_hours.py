"""Desk time is the working hours of working days, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.simulation.offices_hours import OfficeHours, seconds_of
from oneservice.workdays import LEGAL_ZONE, legal_day, national_calendar, working_days_elapsed

HOURS = OfficeHours(national_calendar())
FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2026))
INSTANTS = st.integers(FIRST, LAST)
MINUTE_S = 60


def at(text: str) -> int:
    return seconds_of(datetime.fromisoformat(text).replace(tzinfo=LEGAL_ZONE))


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-28T09:00", 30, "2026-09-28T09:30"),
        ("2026-09-28T11:45", 30, "2026-09-28T13:45"),  # lunch
        ("2026-09-28T16:50", 30, "2026-09-29T09:20"),
        ("2026-09-28T20:00", 30, "2026-09-29T09:30"),  # what comes at night
        ("2026-09-30T16:50", 30, "2026-10-08T09:20"),  # National Day
        ("2026-10-10T09:00", 30, "2026-10-10T09:30"),  # a Saturday that is worked
        ("2026-09-28T09:00", 390, "2026-09-28T17:00"),  # the evening, not the next morning
        ("2026-09-28T12:30", 0, "2026-09-28T12:30"),
    ],
)
def test_work_goes_on_in_office_hours_only(start: str, minutes: int, end: str) -> None:
    assert HOURS.after(at(start), minutes * MINUTE_S) == at(end)


@given(st.integers(0, 2_000 * 23_400))
def test_an_instant_of_a_desk_second_has_that_desk_second(desk: int) -> None:
    assert HOURS.desk_time(HOURS.instant(desk)) == desk


@given(INSTANTS, INSTANTS)
def test_desk_time_never_goes_back(one: int, other: int) -> None:
    first, last = sorted((one, other))
    assert HOURS.desk_time(first) <= HOURS.desk_time(last)
    assert HOURS.instant(HOURS.desk_time(last)) <= last


@given(INSTANTS, st.integers(0, 200))
def test_working_days_are_those_of_the_legal_clock(start: int, days: int) -> None:
    end = start + days * 86_400
    first, last = (legal_day(datetime.fromtimestamp(one, UTC)) for one in (start, end))
    elapsed = HOURS.working_days(end) - HOURS.working_days(start)
    assert elapsed == working_days_elapsed(national_calendar(), first, last)


@given(INSTANTS, st.integers(1, 60))
def test_the_nth_working_day_after_a_day(start: int, days: int) -> None:
    opening = HOURS.opening(start, days)
    assert HOURS.working_days(opening) - HOURS.working_days(start) == days
    day = legal_day(datetime.fromtimestamp(opening, UTC))
    assert HOURS.day(start, days) == day
    over = datetime.fromtimestamp(HOURS.day_is_over(start, days), LEGAL_ZONE)
    assert (over.date(), over.hour) == (day + timedelta(days=1), 0)


def test_a_year_that_is_not_announced_is_worked_from_monday_to_friday() -> None:
    assert HOURS.day(at("2031-01-03T10:00"), 1) == date(2031, 1, 6)


def test_days_before_the_first_one_are_refused() -> None:
    with pytest.raises(ValueError, match="no hours before"):
        HOURS.desk_time(0)


def test_sessions_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="not overlapping"):
        OfficeHours(national_calendar(), ((0, 7200), (3600, 9000)))
