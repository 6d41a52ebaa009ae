"""The legal clock: the published table, the clock rules, and the edges of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from oneservice.errors import CalendarUnknownError, IllegalInputError
from oneservice.workdays import (
    LEGAL_ZONE,
    Suspension,
    YearTable,
    deadline,
    due_natural_day,
    due_working_day,
    legal_day,
    national_calendar,
    provisional_due_working_day,
    working_days_elapsed,
)

CALENDAR = national_calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def suspended(first: str, last: str | None) -> Suspension:
    return Suspension(
        start=day(first),
        end=None if last is None else day(last),
        kind="inspection",
        by_law="行政许可法 45",
        notice_no="TB-1",
    )


@pytest.mark.parametrize(
    ("start", "limit", "suspensions", "due"),
    [
        ("09-28", 10, (), "10-16"),
        ("02-12", 5, (), "02-26"),
        ("09-16", 13, (), "10-10"),  # a Saturday that is worked
        ("02-09", 20, (), "03-13"),
        ("09-28", 45, (), "12-04"),
        ("09-16", 10, (("09-21", "09-24"),), "10-12"),
        ("09-16", 10, (), "09-30"),
        ("09-29", 8, (("10-09", "10-12"),), "10-20"),
        ("09-29", 8, (), "10-15"),
    ],
)
def test_the_published_table(start: str, limit: int, suspensions, due: str) -> None:
    intervals = tuple(suspended(*ends) for ends in suspensions)
    assert due_working_day(CALENDAR, day(start), limit, intervals) == day(due)
    assert provisional_due_working_day(CALENDAR, day(start), limit, intervals) == (day(due), False)
    assert working_days_elapsed(CALENDAR, day(start), day(due), intervals) == limit


def test_natural_days_take_holidays_as_they_come() -> None:
    assert due_natural_day(day("09-28"), 20) == day("10-18")
    assert due_natural_day(day("09-28"), 0) == day("09-28")
    assert due_natural_day(day("12-31"), 1) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("09-28", 0, "09-28"),
        ("10-01", 0, "10-01"),  # even where nobody works
        ("09-28", 1, "09-29"),
        ("09-30", 1, "10-08"),
        ("10-03", 1, "10-08"),  # accepted online in the holidays
        ("10-09", 1, "10-10"),
        ("02-13", 2, "02-24"),
    ],
)
def test_the_first_day_is_not_counted(start: str, limit: int, due: str) -> None:
    assert due_working_day(CALENDAR, day(start), limit) == day(due)


@pytest.mark.parametrize(
    "intervals",
    [
        (("09-21", "09-24"), ("09-21", "09-24")),
        (("09-21", "09-22"), ("09-22", "09-24")),
        (("09-23", "09-24"), ("09-21", "09-22")),
        (("09-21", "09-24"), ("09-22", "09-23")),
        (("09-22", "09-24"), ("09-21", "09-23"), ("09-24", "09-21")),
    ],
)
def test_overlapping_suspensions_count_once(intervals) -> None:
    both = tuple(suspended(*ends) for ends in intervals)
    assert due_working_day(CALENDAR, day("09-16"), 10, both) == day("10-12")


def test_a_suspension_of_one_day_takes_one_day() -> None:
    assert due_working_day(CALENDAR, day("09-16"), 1, (suspended("09-17", "09-17"),)) == day(
        "09-18"
    )


def test_an_end_before_the_start_suspends_nothing() -> None:
    backwards = suspended("09-24", "09-21")
    assert not any(backwards.covers(day(f"09-{number}")) for number in range(20, 26))
    assert due_working_day(CALENDAR, day("09-16"), 10, (backwards,)) == day("09-30")


def test_until_further_notice_there_is_no_due_day() -> None:
    pending = suspended("09-21", None)
    with pytest.raises(IllegalInputError, match="until further notice") as caught:
        due_working_day(CALENDAR, day("09-16"), 10, (pending,))
    assert caught.value.status == "suspended"
    with pytest.raises(IllegalInputError):
        provisional_due_working_day(CALENDAR, day("09-16"), 10, (pending,))
    assert due_working_day(CALENDAR, day("09-16"), 3, (pending,)) == day("09-20")
    assert working_days_elapsed(CALENDAR, day("09-16"), day("12-31"), (pending,)) == 3
    assert pending.covers(date.max)


def test_an_end_in_the_year_9999_is_answered_at_once() -> None:
    far = Suspension(start=day("09-21"), end=date.max, kind="k", by_law="l", notice_no="n")
    with pytest.raises(IllegalInputError):
        due_working_day(CALENDAR, day("09-16"), 10, (far,))
    near = Suspension(
        start=day("09-21"), end=date.max - timedelta(days=9), kind="k", by_law="l", notice_no="n"
    )
    due, is_provisional = provisional_due_working_day(CALENDAR, day("09-16"), 4, (near,))
    assert (due.year, is_provisional) == (9999, True)


def test_an_unknown_year_raises_and_is_provisional_on_request() -> None:
    start = day("12-28")
    with pytest.raises(CalendarUnknownError) as caught:
        due_working_day(CALENDAR, start, 5)
    assert caught.value.year == 2027
    assert due_working_day(CALENDAR, start, 3) == day("12-31")
    assert provisional_due_working_day(CALENDAR, start, 3) == (day("12-31"), False)
    assert provisional_due_working_day(CALENDAR, start, 4) == (date(2027, 1, 1), True)
    assert provisional_due_working_day(CALENDAR, start, 5) == (date(2027, 1, 4), True)


def test_a_provisional_day_becomes_exact_when_the_year_is_announced() -> None:
    table = YearTable(
        year=2027, days_off=frozenset({date(2027, 1, 1)}), work_days=frozenset({date(2027, 1, 3)})
    )
    calendar = CALENDAR.with_years([table])
    assert provisional_due_working_day(calendar, day("12-28"), 4) == (date(2027, 1, 3), False)


def test_days_that_nobody_asks_for_need_no_calendar() -> None:
    through = Suspension(
        start=day("12-30"), end=date(2027, 1, 10), kind="k", by_law="l", notice_no="n"
    )
    assert due_working_day(CALENDAR, day("12-28"), 1, (through,)) == day("12-29")
    assert working_days_elapsed(CALENDAR, day("12-28"), date(2027, 1, 10), (through,)) == 1


@pytest.mark.parametrize(
    ("start", "end", "elapsed"),
    [
        ("09-28", "09-28", 0),
        ("09-28", "09-27", 0),
        ("09-28", "09-29", 1),
        ("09-30", "10-07", 0),
        ("09-30", "10-10", 3),
    ],
)
def test_elapsed_days_leave_out_the_first_and_take_the_last(
    start: str, end: str, elapsed: int
) -> None:
    assert working_days_elapsed(CALENDAR, day(start), day(end)) == elapsed


def test_with_and_without_suspensions_are_two_clocks() -> None:
    interval = (suspended("10-09", "10-12"),)
    assert working_days_elapsed(CALENDAR, day("09-29"), day("10-20")) == 11
    assert working_days_elapsed(CALENDAR, day("09-29"), day("10-20"), interval) == 8


@pytest.mark.parametrize(
    ("accepted_at", "limit", "too_late_at"),
    [
        # 09:00 in Shanghai; the last day ends at 16:00 UTC
        ("2026-09-28T01:00:00+00:00", 10, "2026-10-16T16:00:00+00:00"),
        # already the 29th in Shanghai: due on the Monday after
        ("2026-09-28T16:00:00+00:00", 10, "2026-10-19T16:00:00+00:00"),
        ("2026-09-28T15:59:59+00:00", 10, "2026-10-16T16:00:00+00:00"),
        ("2026-09-28T01:00:00+00:00", 0, "2026-09-28T16:00:00+00:00"),
        ("2026-09-27T20:00:00-05:00", 10, "2026-10-16T16:00:00+00:00"),
    ],
)
def test_a_deadline_is_the_first_instant_that_is_too_late(
    accepted_at: str, limit: int, too_late_at: str
) -> None:
    instant = deadline(CALENDAR, datetime.fromisoformat(accepted_at), limit, zone=SHANGHAI)
    assert instant.tzinfo is UTC
    assert instant == datetime.fromisoformat(too_late_at)


def test_a_deadline_obeys_suspensions_and_other_zones() -> None:
    accepted_at = datetime(2026, 9, 16, 1, tzinfo=UTC)
    interval = (suspended("09-21", "09-24"),)
    assert deadline(CALENDAR, accepted_at, 10, zone=SHANGHAI, suspensions=interval) == datetime(
        2026, 10, 12, 16, tzinfo=UTC
    )
    west = timezone(timedelta(hours=-8))  # still the 15th there
    assert deadline(CALENDAR, accepted_at, 1, zone=west) == datetime(2026, 9, 17, 8, tzinfo=UTC)


def test_wrong_arguments_are_told_at_once() -> None:
    instant = datetime(2026, 9, 28, tzinfo=UTC)
    for call in (
        lambda: due_working_day(CALENDAR, instant, 1),
        lambda: due_natural_day(instant, 1),
        lambda: working_days_elapsed(CALENDAR, instant, instant),
        lambda: working_days_elapsed(CALENDAR, day("09-28"), instant),
        lambda: deadline(CALENDAR, datetime(2026, 9, 28), 1, zone=UTC),  # noqa: DTZ001 - the point
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError, match="0 days or more"):
        due_working_day(CALENDAR, day("09-28"), -1)


@pytest.mark.parametrize(
    ("instant", "civil"),
    [
        (datetime(2026, 9, 28, 15, 59, 59, tzinfo=UTC), "09-28"),
        (datetime(2026, 9, 28, 16, tzinfo=UTC), "09-29"),
        (datetime(2026, 9, 28, 0, tzinfo=SHANGHAI), "09-28"),
        (datetime(2026, 9, 28, 12, tzinfo=timezone(timedelta(hours=-8))), "09-29"),
    ],
)
def test_the_day_of_an_instant_is_that_of_the_offices(instant: datetime, civil: str) -> None:
    assert legal_day(instant) == day(civil)
    assert instant.astimezone(LEGAL_ZONE).utcoffset() == timedelta(hours=8)
