"""Answers for years that nobody has announced yet: given, but never without saying so.

A notice for the coming year appears in November. Until then a limit that runs into that year has a
due day by Monday to Friday, to be shown as provisional and worked out anew when the notice is out.
So is a day that was counted in another region's days for want of the right ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from oneservice.errors import CalendarUnknownError
from oneservice.workdays.by_region import BorrowedDays
from oneservice.workdays.limits import due_working_day

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from oneservice.workdays.calendars import WorkCalendar
    from oneservice.workdays.suspensions import Suspension

__all__ = ["provisional_due_working_day", "provisionally"]

_Answer = TypeVar("_Answer")
_SATURDAY: Final = 5


def provisionally(
    calendar: WorkCalendar, ask: Callable[[WorkCalendar], _Answer]
) -> tuple[_Answer, bool]:
    """Return what ``ask`` answers, and whether the answer is provisional.

    ``ask`` is given a calendar that never raises: where ``calendar`` does not know a year, Monday
    to Friday are worked. The answer is provisional when such a year was looked at, or where
    ``calendar`` is :class:`BorrowedDays`::

        due, is_provisional = provisionally(calendar, lambda days: joint_cap_due(days, accepted_on))

    Raises:
        IllegalInputError: as ``ask`` does.

    References:
        Domain page, section 7, rule 10.
    """
    guess = _Provisional(calendar)
    answer = ask(guess)
    return answer, guess.is_guessed


def provisional_due_working_day(
    calendar: WorkCalendar, start: date, days: int, suspensions: Sequence[Suspension] = ()
) -> tuple[date, bool]:
    """Return the due day as :func:`due_working_day` does, and whether it is provisional.

    In a year that is not announced Monday to Friday count, and the answer is provisional: to be
    shown as such, and recomputed when the calendar arrives.

    Raises:
        IllegalInputError: as :func:`due_working_day`.

    References:
        Domain page, section 7, rule 10.
    """
    guess = _Provisional(calendar)
    due = due_working_day(guess, start, days, suspensions)
    return due, guess.is_guessed


class _Provisional:
    """A calendar that says Monday to Friday where it does not know, and remembers that it did."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self.version = calendar.version
        self.unknown_years: set[int] = set()

    @property
    def is_guessed(self) -> bool:
        return bool(self.unknown_years) or isinstance(self._calendar, BorrowedDays)

    def is_working_day(self, day: date, /) -> bool:
        if day.year not in self.unknown_years:
            try:
                return self._calendar.is_working_day(day)
            except CalendarUnknownError:
                self.unknown_years.add(day.year)
        return day.weekday() < _SATURDAY
