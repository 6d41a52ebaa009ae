"""The calendar: the announced days, checked against two other tables; overlays; unknown years."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import holidays
import pytest

from oneservice.canonical import digest
from oneservice.errors import CalendarUnknownError, EnvironmentalError, OverlayError
from oneservice.workdays import (
    TabulatedCalendar,
    YearTable,
    announced_calendar,
    national,
    national_calendar,
    snapshot,
)

CALENDAR = national_calendar()
MAKE_UP_DAYS = {
    2024: ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"),
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
DAYS_OFF_2026 = (
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
)


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=index) for index in range((last - first).days + 1)]


def of_year(year: int) -> list[date]:
    return days(date(year, 1, 1), date(year, 12, 31))


def test_every_day_agrees_with_the_package_that_it_was_taken_from() -> None:
    for day in days(date(2015, 1, 1), date(2026, 12, 31)):
        assert CALENDAR.is_working_day(day) == chinese_calendar.is_workday(day), day


def test_every_day_agrees_with_an_independent_table() -> None:
    second = holidays.country_holidays("CN", years=range(2015, 2027))
    for day in days(date(2015, 1, 1), date(2026, 12, 31)):
        assert CALENDAR.is_working_day(day) == second.is_working_day(day), day


@pytest.mark.parametrize(("year", "total"), [(2024, 251), (2025, 248), (2026, 248)])
def test_working_days_of_a_year(year: int, total: int) -> None:
    assert sum(map(CALENDAR.is_working_day, of_year(year))) == total


@pytest.mark.parametrize("year", MAKE_UP_DAYS)
def test_the_make_up_days_are_exactly_these_weekend_days(year: int) -> None:
    worked = [day for day in of_year(year) if day.weekday() > 4 and CALENDAR.is_working_day(day)]
    assert tuple(day.strftime("%m-%d") for day in worked) == MAKE_UP_DAYS[year]


@pytest.mark.parametrize(("first", "last"), DAYS_OFF_2026)
def test_the_holidays_of_2026(first: str, last: str) -> None:
    for day in days(date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}")):
        assert not CALENDAR.is_working_day(day)


@pytest.mark.parametrize("day", [date(2014, 12, 31), date(2027, 1, 4), date(2027, 1, 2), date.max])
def test_an_unknown_year_is_never_guessed(day: date) -> None:
    with pytest.raises(CalendarUnknownError, match="install a newer calendar") as caught:
        CALENDAR.is_working_day(day)
    assert caught.value.year == day.year
    assert CALENDAR.version in str(caught.value)


def test_an_instant_is_not_taken_for_a_day_off() -> None:
    with pytest.raises(TypeError, match="time zone"):
        CALENDAR.is_working_day(datetime(2026, 11, 20, tzinfo=UTC))


def test_the_version_is_pinned_to_the_tables() -> None:
    """Changing the snapshot without changing its version would hide it from every plan."""
    tables = digest({str(year): list(days) for year, days in snapshot.NOTICES.items()})
    assert (CALENDAR.version, tables) == (
        "cn-2026-11-21",
        "sha256:00b2a951f7c3ee9ee5afa734425e65f132b47eff632fefc3566d2dceb650b2e5",
    )
    assert CALENDAR.years == tuple(range(2015, 2027))


def test_the_notices_are_read_as_they_are_written() -> None:
    """The calendar is built once in a process; this builds it again."""
    again = national.national_calendar.__wrapped__()
    assert again.tables == CALENDAR.tables
    table = again.tables[2026]
    assert len(table.days_off) == 33
    assert {day.strftime("%m-%d") for day in table.work_days} == set(MAKE_UP_DAYS[2026])
    assert again.tables[2016].work_days >= {date(2016, 10, 8), date(2016, 10, 9)}


def test_a_region_has_its_own_days() -> None:
    festival = date(2026, 4, 20)  # 三月三
    sunday = date(2026, 4, 19)
    region = CALENDAR.regional(extra_days_off=[festival], extra_work_days=[sunday])
    assert CALENDAR.is_working_day(festival)
    assert not CALENDAR.is_working_day(sunday)
    assert not region.is_working_day(festival)
    assert region.is_working_day(sunday)
    differs = [
        day for day in of_year(2026) if region.is_working_day(day) != CALENDAR.is_working_day(day)
    ]
    assert differs == [sunday, festival]


def test_a_region_may_undo_what_the_nation_announced() -> None:
    make_up, holiday = date(2026, 10, 10), date(2026, 10, 5)
    region = CALENDAR.regional(extra_days_off=[make_up], extra_work_days=[holiday])
    assert not region.is_working_day(make_up)
    assert region.is_working_day(holiday)


def test_versions_tell_calendars_apart() -> None:
    one = CALENDAR.regional(extra_days_off=[date(2026, 4, 20)])
    two = CALENDAR.regional(extra_days_off=[date(2026, 4, 21)])
    worked = CALENDAR.regional(extra_work_days=[date(2026, 4, 20)])
    assert len({CALENDAR.version, one.version, two.version, worked.version}) == 4
    assert one.version.startswith("cn-2026-11-21+regional.")
    again = CALENDAR.regional(extra_days_off=(day for day in [date(2026, 4, 20)]))
    assert again == one
    assert hash(again) == hash(one)


def test_a_version_is_the_same_on_every_machine() -> None:
    """Plans record it, so it may not depend on the order of a set or on who made the calendar."""
    festival, make_up = date(2026, 4, 20), date(2026, 4, 19)
    region = CALENDAR.regional(extra_days_off=[festival], extra_work_days=[make_up])
    assert region.version == "cn-2026-11-21+regional.eeca9511"
    tables = [
        YearTable(year=year, days_off=frozenset({date(year, 1, 1)}), work_days=frozenset())
        for year in (2028, 2027)
    ]
    assert CALENDAR.with_years(tables).version == "cn-2026-11-21+2027-2028.f6bb57ac"
    other = [dataclasses.replace(table, days_off=frozenset()) for table in tables]
    assert CALENDAR.with_years(other).version != CALENDAR.with_years(tables).version


def test_a_region_cannot_announce_a_year_or_contradict_itself() -> None:
    with pytest.raises(CalendarUnknownError):
        CALENDAR.regional(extra_days_off=[date(2027, 4, 9)])
    with pytest.raises(OverlayError, match="2026-04-20"):
        CALENDAR.regional(extra_days_off=[date(2026, 4, 20)], extra_work_days=[date(2026, 4, 20)])


def test_a_table_that_cannot_be_true_is_refused() -> None:
    with pytest.raises(EnvironmentalError, match="other years"):
        YearTable(year=2027, days_off=frozenset({date(2026, 1, 1)}), work_days=frozenset())
    both = frozenset({date(2027, 1, 1)})
    with pytest.raises(EnvironmentalError, match="both"):
        YearTable(year=2027, days_off=both, work_days=both)


def test_a_new_year_adds_and_never_changes() -> None:
    new = YearTable(
        year=2027, days_off=frozenset({date(2027, 1, 1)}), work_days=frozenset({date(2027, 1, 3)})
    )
    rival = YearTable(year=2026, days_off=frozenset(), work_days=frozenset())
    calendar = CALENDAR.with_years([rival, new])
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.is_working_day(date(2027, 1, 3))
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.version.startswith("cn-2026-11-21+2027.")
    assert CALENDAR.with_years([rival]) is CALENDAR


def test_the_announced_calendar_is_the_snapshot_where_nothing_newer_is_installed() -> None:
    known = {day.year for day in chinese_calendar.constants.holidays}
    later = sorted(year for year in known if year > 2026)
    calendar = announced_calendar()
    assert set(calendar.years) >= set(CALENDAR.years)
    assert all(year in known for year in calendar.years)
    assert (calendar.version == CALENDAR.version) == (
        not later and min(calendar.years) == min(CALENDAR.years)
    )


def test_a_newer_package_adds_years_that_are_announced_in_full(monkeypatch) -> None:
    package = chinese_calendar.constants
    newer = dict(package.holidays) | {
        date(2026, 12, 31): "New Year's Day",  # a rival to the snapshot
        date(2027, 1, 1): "New Year's Day",
        date(2027, 10, 1): "National Day",
        date(2028, 1, 1): "carried over from the notice for 2027",
    }
    monkeypatch.setattr(package, "holidays", newer)
    monkeypatch.setattr(
        package, "workdays", {**package.workdays, date(2027, 9, 26): "National Day"}
    )
    calendar = announced_calendar.__wrapped__()
    assert calendar.is_working_day(date(2026, 12, 31))
    assert calendar.is_working_day(date(2027, 9, 26))
    assert not calendar.is_working_day(date(2027, 10, 1))
    assert "2027" in calendar.version
    with pytest.raises(CalendarUnknownError):
        calendar.is_working_day(date(2028, 1, 3))


def test_without_the_package_the_snapshot_stands(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "chinese_calendar", None)
    assert announced_calendar.__wrapped__() is national_calendar()


def test_importing_the_room_and_its_calendar_does_not_load_the_package() -> None:
    script = (
        "import sys, oneservice.workdays as w; w.national_calendar(); "
        "print('chinese_calendar' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_a_calendar_of_ones_own() -> None:
    table = YearTable(year=2027, days_off=frozenset(), work_days=frozenset())
    mine = TabulatedCalendar(version="mine-1", tables={2027: table})
    assert sum(map(mine.is_working_day, of_year(2027))) == 261
    assert national.announced_calendar is announced_calendar
