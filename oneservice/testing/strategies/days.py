"""Calendars of years that nobody announced, and intervals in which a clock stands still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from hypothesis import strategies as st

from oneservice.workdays import Suspension, TabulatedCalendar, YearTable

__all__ = ["calendars", "suspensions", "year_tables"]

_SATURDAY: Final = 5
_LONGEST_HOLIDAY_DAYS: Final = 9
_ONE_DAY: Final = timedelta(days=1)


@st.composite
def year_tables(draw: st.DrawFn, year: int) -> YearTable:
    """Draw a notice on the public holidays of ``year``: up to eight, some made up for (调休)."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    off: set[date] = set()
    for start in draw(st.lists(st.dates(first, last), max_size=8, unique=True)):
        days = draw(st.integers(1, _LONGEST_HOLIDAY_DAYS))
        off |= {start + _ONE_DAY * index for index in range(days)}
    off = {day for day in off if day.year == year}
    weekends = [
        day
        for index in range((last - first).days + 1)
        if (day := first + _ONE_DAY * index).weekday() >= _SATURDAY and day not in off
    ]
    worked = draw(st.lists(st.sampled_from(weekends), max_size=6, unique=True))
    return YearTable(year=year, days_off=frozenset(off), work_days=frozenset(worked))


@st.composite
def calendars(
    draw: st.DrawFn, *, years: Sequence[int] = (2025, 2026, 2027, 2028)
) -> TabulatedCalendar:
    """Draw a working-day calendar that knows ``years`` and refuses all others."""
    tables = {year: draw(year_tables(year)) for year in years}
    return TabulatedCalendar(version="drawn", tables=tables)


@st.composite
def suspensions(
    draw: st.DrawFn, around: date, *, may_be_open: bool = True
) -> tuple[Suspension, ...]:
    """Draw up to four intervals near ``around``: overlapping, touching, reversed, out of order.

    Args:
        draw: given by hypothesis.
        around: a day on which some limit begins.
        may_be_open: whether one may run until further notice.
    """
    found = []
    for number in range(draw(st.integers(0, 4))):
        start = around + _ONE_DAY * draw(st.integers(-20, 60))
        is_open = may_be_open and draw(st.integers(0, 9)) == 0
        end = None if is_open else start + _ONE_DAY * draw(st.integers(-2, 25))
        found.append(
            Suspension(
                start=start,
                end=end,
                kind="on_site_check",
                by_law="Administrative Licensing Law art. 45",
                notice_no=f"TZ-{number}",
            )
        )
    return tuple(found)
