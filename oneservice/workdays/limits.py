"""The one legal clock: every limit in this library is counted here.

The day on which a limit starts is never counted; counting begins on the next day that counts
(domain section 7, rules 1 to 8). A limit of 0 days is due on the day itself. All functions take
dates in the zone of the office that decides; only :func:`deadline` knows about instants.

Theory of operation: one generator yields the days that no suspension covers and steps over a whole
suspension at once, so that a far end costs nothing; everything else filters and counts its days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from oneservice.errors import IllegalInputError
from oneservice.workdays.suspensions import Suspension, covered_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from oneservice.workdays.calendars import WorkCalendar

__all__ = [
    "deadline",
    "due_natural_day",
    "due_working_day",
    "working_days_elapsed",
]

_ONE_DAY: Final = timedelta(days=1)


def due_working_day(
    calendar: WorkCalendar, start: date, days: int, suspensions: Sequence[Suspension] = ()
) -> date:
    """Return the last day on which a limit of ``days`` working days is kept.

    Args:
        calendar: the working days of the region whose office decides.
        start: day of acceptance (受理), not of receipt; not counted, and need not be a working day.
        days: >= 0.
        suspensions: days that do not count; they may overlap.

    Raises:
        CalendarUnknownError: a year that matters is not announced.
        IllegalInputError: a suspension until further notice begins before the limit ends; there is
            no due day until it has ended.

    References:
        Administrative Licensing Law art. 42 (20 working days, 45 jointly), 45 (suspension) and 82
        (days are working days without public holidays); domain page, section 7, rules 1, 2 and 4.
    """
    _refuse_wrong_arguments(start, days)
    if days == 0:
        return start
    is_working_day = calendar.is_working_day
    left = days
    for day in _days_after(start, suspensions):
        if is_working_day(day):
            left -= 1
            if left == 0:
                return day
    raise _standing_still()


def due_natural_day(start: date, days: int) -> date:
    """Return the last day of a limit in calendar days: public notices, appeals.

    Args:
        start: not counted.
        days: >= 0; holidays count like any other day, and the last day may be one.

    References:
        Domain page, section 7, rule 7.
    """
    _refuse_wrong_arguments(start, days)
    return start + timedelta(days=days)


def deadline(
    calendar: WorkCalendar,
    accepted_at: datetime,
    days: int,
    *,
    zone: tzinfo,
    suspensions: Sequence[Suspension] = (),
) -> datetime:
    """Return, in aware UTC, the first instant that is too late.

    The limit is kept through the whole of its last day; what happens strictly before the returned
    instant, the start of the following day in ``zone``, is on time.

    Args:
        calendar: as for :func:`due_working_day`.
        accepted_at: aware instant of acceptance; its date in ``zone`` is the day not counted.
        days: working days, >= 0.
        zone: of the office that decides, Asia/Shanghai as a rule.
        suspensions: in dates of ``zone``.

    Raises:
        CalendarUnknownError: as :func:`due_working_day`.
        IllegalInputError: as :func:`due_working_day`.

    References:
        Administrative Licensing Law art. 42 and 82; domain page, section 7, rule 3.
    """
    if accepted_at.tzinfo is None:
        msg = "accepted_at is a naive time; give an aware instant, UTC by custom"
        raise TypeError(msg)
    accepted_on = accepted_at.astimezone(zone).date()
    due = due_working_day(calendar, accepted_on, days, suspensions)
    return datetime.combine(due + _ONE_DAY, time.min, tzinfo=zone).astimezone(UTC)


def working_days_elapsed(
    calendar: WorkCalendar, start: date, end: date, suspensions: Sequence[Suspension] = ()
) -> int:
    """Return how many days were counted after ``start`` up to and including ``end``.

    Without ``suspensions`` it is the time that the applicant waited, with them the time that the
    authority took. On the due day of a limit it equals the limit. 0 where ``end`` is not later.

    Raises:
        CalendarUnknownError: as :func:`due_working_day`.

    References:
        Domain page, section 7, rule 8.
    """
    _refuse_wrong_arguments(start, 0)
    _refuse_wrong_arguments(end, 0)
    elapsed = 0
    for day in _days_after(start, suspensions):
        if day > end:
            break
        elapsed += calendar.is_working_day(day)
    return elapsed


def _days_after(start: date, suspensions: Sequence[Suspension]) -> Iterator[date]:
    """Yield the days after ``start`` that no suspension covers; end where none is left."""
    day = start
    while day < date.max:
        day += _ONE_DAY
        last = covered_until(suspensions, day) if suspensions else None
        if last is None:
            yield day
        else:
            day = last


def _refuse_wrong_arguments(start: date, days: int) -> None:
    if isinstance(start, datetime):
        msg = "limits run from a date; take the date of the instant in the office's time zone"
        raise TypeError(msg)
    if days < 0:
        msg = "a limit is 0 days or more"
        raise ValueError(msg)


def _standing_still() -> IllegalInputError:
    msg = (
        "the limit has no due day while a suspension runs until further notice; ask again when it "
        "has ended, or give it an expected end"
    )
    return IllegalInputError(msg, status="suspended")
