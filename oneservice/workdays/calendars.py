"""Which days are worked: calendars as tables, by year; a year without a table is an error.

Theory of operation: a calendar is asked for single days in hot loops, so all working days of all
known years stand in one frozen set, built once; an answer is one look-up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from oneservice.canonical import digest
from oneservice.errors import CalendarUnknownError, EnvironmentalError, OverlayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["TabulatedCalendar", "WorkCalendar", "YearTable"]

_SATURDAY: Final = 5


class WorkCalendar(Protocol):
    """What the clock needs to know about days. ``version`` changes when any answer may change."""

    @property
    def version(self) -> str:
        """Name and date of the tables; recorded in every plan that was computed with them."""
        ...

    def is_working_day(self, day: date, /) -> bool:
        """Say whether authorities work on ``day``.

        Raises:
            CalendarUnknownError: the year is not announced yet; nobody guesses.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTable:
    """One year's notice: ``days_off`` and the weekend days that are worked instead (调休).

    Saturdays and Sundays are off and other days are worked unless the table says otherwise.

    Raises:
        EnvironmentalError: a day of another year, or a day that is both.
    """

    year: int
    days_off: frozenset[date]
    work_days: frozenset[date]

    def __post_init__(self) -> None:
        if {day.year for day in self.days_off | self.work_days} - {self.year}:
            msg = f"the calendar table of {self.year} names days of other years; mend its source"
            raise EnvironmentalError(msg)
        if self.days_off & self.work_days:
            msg = f"the calendar table of {self.year} has days both off and worked; mend its source"
            raise EnvironmentalError(msg)

    def working_days(self) -> frozenset[date]:
        """Return every day of the year that is worked."""
        first = date(self.year, 1, 1)
        year = (first + timedelta(days=index) for index in range(366))
        weekdays = {day for day in year if day.year == self.year and day.weekday() < _SATURDAY}
        return frozenset((weekdays - self.days_off) | self.work_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class TabulatedCalendar:
    """A :class:`WorkCalendar` from tables. ``version`` names exactly these tables."""

    version: str
    tables: Mapping[int, YearTable] = field(repr=False)
    _working: frozenset[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = [table.working_days() for table in self.tables.values()]
        object.__setattr__(self, "_working", frozenset().union(*days))

    def __hash__(self) -> int:
        return hash(self.version)

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are known, in order."""
        return tuple(sorted(self.tables))

    def is_working_day(self, day: date, /) -> bool:
        """Say whether authorities work on ``day``; see :class:`WorkCalendar`."""
        if day in self._working:
            return True
        if isinstance(day, datetime):  # equals no date, so it would pass for a day off
            msg = "a working day is asked for by date; take the date in the office's time zone"
            raise TypeError(msg)
        if day.year in self.tables:
            return False
        raise self._unknown(day.year)

    def regional(
        self, *, extra_days_off: Iterable[date] = (), extra_work_days: Iterable[date] = ()
    ) -> TabulatedCalendar:
        """Return a calendar with a region's own days, such as 三月三 in Guangxi.

        The new version is this one's, a plus sign and a fingerprint of the days.

        Raises:
            OverlayError: a day is both off and worked.
            CalendarUnknownError: a day of a year that is not announced.
        """
        off, work = frozenset(extra_days_off), frozenset(extra_work_days)
        if off & work:
            msg = f"a region's calendar has {min(off & work)} both off and worked; drop one of them"
            raise OverlayError(msg)
        tables = dict(self.tables)
        for year in sorted({day.year for day in off | work}):
            if year not in tables:
                raise self._unknown(year)
            table = tables[year]
            tables[year] = YearTable(
                year=year,
                days_off=(table.days_off - work) | {day for day in off if day.year == year},
                work_days=(table.work_days - off) | {day for day in work if day.year == year},
            )
        mark = _fingerprint(off, work)
        return TabulatedCalendar(version=f"{self.version}+regional.{mark}", tables=tables)

    def with_years(self, tables: Iterable[YearTable]) -> TabulatedCalendar:
        """Return a calendar that also knows ``tables``; years that are known here stay as they are.

        Deadlines that were provisional are to be recomputed then (domain section 7, rule 10).
        """
        news = {table.year: table for table in tables if table.year not in self.tables}
        if not news:
            return self
        mark = _fingerprint(
            (day for table in news.values() for day in table.days_off),
            (day for table in news.values() for day in table.work_days),
        )
        years = "-".join(str(year) for year in sorted(news))
        return TabulatedCalendar(
            version=f"{self.version}+{years}.{mark}", tables={**self.tables, **news}
        )

    def _unknown(self, year: int) -> CalendarUnknownError:
        msg = (
            f"the working days of {year} are not announced in calendar {self.version}; install a "
            "newer calendar when the State Council's notice is out, or give a date in a known year"
        )
        return CalendarUnknownError(msg, year=year)


def _fingerprint(off: Iterable[date], work: Iterable[date]) -> str:
    text = digest([sorted(day.isoformat() for day in days) for days in (off, work)])
    return text.removeprefix("sha256:")[:8]
