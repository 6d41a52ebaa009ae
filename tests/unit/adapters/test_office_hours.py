"""When an office works: desk time in sessions, working days with make-up days, draws."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice_adapters.chance import draw
from oneservice_adapters.hours import ZONE, after_working_minutes, next_day, on_working_day


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-28T10:00", 60, "2026-09-28T11:00"),
        ("2026-09-28T11:30", 30, "2026-09-28T12:00"),
        ("2026-09-28T11:30", 60, "2026-09-28T14:00"),  # over lunch
        ("2026-09-28T12:30", 10, "2026-09-28T13:40"),
        ("2026-09-28T16:30", 60, "2026-09-29T09:30"),  # over night
        ("2026-09-28T23:59", 1, "2026-09-29T09:01"),
        ("2026-09-28T03:00", 390, "2026-09-28T17:00"),  # a whole day
        ("2026-09-30T16:59", 2, "2026-10-08T09:01"),  # over National Day
        ("2026-10-09T17:00", 1, "2026-10-10T09:01"),  # a Saturday that is worked
        ("2027-01-04T17:00", 1, "2027-01-05T09:01"),  # a year that nobody announced
    ],
)
def test_desk_time(start: str, minutes: int, end: str) -> None:
    assert after_working_minutes(at(start), minutes) == at(end)
    assert after_working_minutes(at(start).astimezone(UTC), minutes) == at(end)


@given(st.integers(0, 330 * 24 * 60), st.integers(1, 600), st.integers(1, 600))
def test_desk_time_adds_up(start_minute: int, first: int, second: int) -> None:
    begin = at("2026-01-01T00:00") + timedelta(minutes=start_minute)
    middle = after_working_minutes(begin, first)
    assert middle >= begin + timedelta(minutes=first)
    assert after_working_minutes(middle, second) == after_working_minutes(begin, first + second)


def test_working_days() -> None:
    assert on_working_day(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert on_working_day(date(2026, 10, 9), 1) == date(2026, 10, 10)
    assert next_day(date(2026, 12, 31)) == at("2027-01-01T00:00")


@given(st.integers(), st.text(), st.text(), st.integers(-5, 5), st.integers(0, 9))
def test_a_draw_is_in_range_and_repeats(
    seed: int, name: str, purpose: str, low: int, width: int
) -> None:
    drawn = draw(seed, name, purpose, low, low + width)
    assert low <= drawn <= low + width
    assert drawn == draw(seed, name, purpose, low, low + width)


def test_draws_spread() -> None:
    drawn = {draw(0, f"c{case}.food_permit.1", "decision", 4, 7) for case in range(50)}
    assert drawn == {4, 5, 6, 7}
