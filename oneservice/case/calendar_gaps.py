"""Years without a calendar into which a limit runs: there nothing is recorded, and people are told.

The notice for a year comes in the November before it. Where it is missing when a limit would have
ended by Monday to Friday, no silence accepts or grants, no limit passes and no rung is climbed;
once the calendar is installed, all of it follows with its exact day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, Literal

from oneservice.case.clocks import case_due_date, first_accepted_at, rung_due, silence_limit
from oneservice.case.limits import LimitName, days_of, due_date, end_of
from oneservice.case.state import Case, SubCase
from oneservice.errors import CalendarUnknownError
from oneservice.plan import DueDate
from oneservice.workdays import BorrowedDays, WorkCalendar, legal_day

__all__ = ["missing_year", "missing_year_of_case"]

_ONE_DAY: Final = timedelta(days=1)
_Guess = tuple[datetime, DueDate]
"""From when a clock counts, and the last day that it came to."""


def missing_year(sub: SubCase, calendar: WorkCalendar, *, at: datetime | None = None) -> int | None:
    """Return the year without a calendar that keeps a limit of ``sub`` from ending.

    ``at`` is the present: only limits count that would have ended by then. Without it every limit
    counts that runs into such a year. ``None``, too, where the days of its region are not known.

    References:
        Domain page, section 7, rule 10.
    """
    if sub.is_decided:
        return None
    days = days_of(sub, calendar)
    if isinstance(days, BorrowedDays):  # no year is lacking, but the region: another finding
        return None
    return _first_year(_guesses(sub, calendar), days, at)


def missing_year_of_case(
    case: Case, calendar: WorkCalendar, *, at: datetime | None = None
) -> int | None:
    """Return the year as :func:`missing_year` does, for the limits of the whole case."""
    if case.outcome is not None or case.bundle is not None:
        return None
    return _first_year(_guesses_of_case(case, calendar), calendar, at)


def _guesses(sub: SubCase, calendar: WorkCalendar) -> Iterator[_Guess]:
    if sub.notice_from is not None and not sub.is_deemed:
        notice = due_date(sub, "notice", calendar)
        if notice is not None:
            yield sub.notice_from, notice
    if sub.clock_from is None or sub.decided_at is not None:
        return
    for limit in _awaited(sub):
        due = due_date(sub, limit, calendar)
        if due is not None:
            yield sub.clock_from, due
    is_theirs = sub.correction is None and sub.course.suspended_at is None
    climbs = sub.spec.on_overdue == "escalate" and not sub.course.is_ladder_spent
    if sub.passed and climbs and is_theirs:
        yield sub.course.rung_at or sub.clock_from, rung_due(sub, calendar)


def _awaited(sub: SubCase) -> Iterator[LimitName]:
    """Yield the limits of which something is still to follow."""
    names: tuple[LimitName, ...] = ("promised", "statutory")
    grants = silence_limit(sub) if sub.spec.on_overdue == "deemed_granted" else None
    for name in names:
        if name not in sub.passed or name == grants:
            yield name


def _guesses_of_case(case: Case, calendar: WorkCalendar) -> Iterator[_Guess]:
    since = first_accepted_at(case)
    limits: tuple[Literal["joint", "promised"], ...] = ("joint", "promised")
    for limit in limits:
        due = case_due_date(case, limit, calendar) if limit not in case.course.passed else None
        if since is not None and due is not None:
            yield since, due


def _first_year(
    guesses: Iterator[_Guess], calendar: WorkCalendar, at: datetime | None
) -> int | None:
    years = [
        _unknown_year(legal_day(since), due.on, calendar)
        for since, due in guesses
        if due.is_provisional and (at is None or end_of(due.on) <= at)
    ]
    return min(years, default=None)


def _unknown_year(start: date, last: date, calendar: WorkCalendar) -> int:
    day = start
    while day < last:
        day += _ONE_DAY
        try:
            calendar.is_working_day(day)
        except CalendarUnknownError:
            return day.year
    return last.year
