"""The working days of the People's Republic of China, as the State Council announced them.

The bundled snapshot is the law of this version of the library: a package that happens to be
installed beside it may add years, never change one.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from oneservice.workdays.calendars import TabulatedCalendar, YearTable
from oneservice.workdays.snapshot import NOTICES, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["announced_calendar", "national_calendar"]


@cache
def national_calendar() -> TabulatedCalendar:
    """Return the calendar of the bundled snapshot: the same answers on every machine.

    References:
        State Council, 全国年节及纪念日放假办法, and its yearly notices; see ``snapshot.py``.
    """
    tables = {
        year: YearTable(year=year, days_off=_days(year, off), work_days=_days(year, work))
        for year, (off, work) in NOTICES.items()
    }
    return TabulatedCalendar(version=VERSION, tables=tables)


@cache
def announced_calendar() -> TabulatedCalendar:
    """Return the national calendar with the years that an installed ``chinese_calendar`` adds.

    Where the two disagree the snapshot wins. The version tells: ``cn-2026-11-21`` alone, or with
    the added years and a fingerprint of their tables.
    """
    calendar = national_calendar()
    try:
        from chinese_calendar import constants  # noqa: PLC0415 - 2 ms, and only where it is wanted
    except ImportError:
        return calendar
    return calendar.with_years(_announced(constants.holidays, constants.workdays))


def _announced(holidays: Mapping[date, object], worked: Iterable[date]) -> tuple[YearTable, ...]:
    """Return the years that are announced in full.

    A notice also names days of the years beside its own (2018-12-29 was worked for 2019). A year is
    announced when its National Day is, which the law fixes to 1 October in every year.
    """
    return tuple(
        YearTable(
            year=day.year,
            days_off=frozenset(one for one in holidays if one.year == day.year),
            work_days=frozenset(one for one in worked if one.year == day.year),
        )
        for day in sorted(holidays)
        if (day.month, day.day) == (10, 1)
    )


def _days(year: int, text: str) -> frozenset[date]:
    days: set[date] = set()
    for interval in text.split():
        first, _, last = interval.partition("/")
        day, end = (date.fromisoformat(f"{year}-{one}") for one in (first, last or first))
        while day <= end:
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days)
