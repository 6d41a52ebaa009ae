"""Days as a clerk counts them with a finger on a paper calendar: one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from oneservice.errors import CalendarUnknownError
from oneservice.workdays import LEGAL_ZONE, WorkCalendar

__all__ = ["Stop", "counted", "day_of", "first_instant_after", "is_announced", "midnight"]

Stop = tuple[date, date | None]
"""First and last day on which a clock stood, neither counted; an open one has no last day."""

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


def day_of(instant: datetime) -> date:
    """Return the day of ``instant`` where the offices are."""
    return instant.astimezone(LEGAL_ZONE).date()


def midnight(day: date) -> datetime:
    """Return the instant at which ``day`` begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LEGAL_ZONE)


def first_instant_after(day: date) -> datetime:
    """Return the first instant that is too late when ``day`` is the last one in time."""
    return midnight(day + _ONE_DAY)


def counted(
    calendar: WorkCalendar, start: date, days: int, unit: str, stops: Sequence[Stop] = ()
) -> date:
    """Return the day on which the finger has counted ``days`` after ``start``."""
    if unit == "natural_days":
        return start + timedelta(days=days)
    asked = (calendar.version, start, days, tuple(stops))
    if asked not in _COUNTED:
        if len(_COUNTED) == _REMEMBERED:
            _COUNTED.clear()
        _COUNTED[asked] = _by_finger(calendar, start, days, stops)
    return _COUNTED[asked]


_COUNTED: Final[dict[tuple[str, date, int, tuple[Stop, ...]], date]] = {}
_REMEMBERED: Final = 16_384


def _by_finger(calendar: WorkCalendar, start: date, days: int, stops: Sequence[Stop]) -> date:
    day = start
    while days > 0:
        day += _ONE_DAY
        stands = any(first <= day and (last is None or day <= last) for first, last in stops)
        if not stands and _is_worked(calendar, day):
            days -= 1
    return day


def is_announced(
    calendar: WorkCalendar, start: date, last: date, unit: str, stops: Sequence[Stop] = ()
) -> bool:
    """Say whether the finger met only days of which the calendar knows, from ``start`` on."""
    if unit == "natural_days":
        return True
    day = start
    while day < last:
        day += _ONE_DAY
        if any(first <= day and (end is None or day <= end) for first, end in stops):
            continue
        try:
            calendar.is_working_day(day)
        except CalendarUnknownError:
            return False
    return True


def _is_worked(calendar: WorkCalendar, day: date) -> bool:
    try:
        return calendar.is_working_day(day)
    except CalendarUnknownError:  # not announced yet: as if there were no holidays
        return day.weekday() < _SATURDAY
