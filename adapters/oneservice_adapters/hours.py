"""When people are at their desks: working days, morning and afternoon, in the office's zone.

These are an office's own appointments, not legal limits. So where a year is not announced yet
Monday to Friday count: an office makes appointments in January although the notice comes later.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oneservice.workdays import announced_calendar, provisional_due_working_day

__all__ = [
    "ZONE",
    "ZONE_NAME",
    "after_working_minutes",
    "is_working_day",
    "next_day",
    "notice_over",
    "on_working_day",
]

ZONE_NAME: Final = "Asia/Shanghai"
ZONE: Final = ZoneInfo(ZONE_NAME)
_SESSIONS: Final = ((time(9), time(12)), (time(13, 30), time(17)))
_NOTICE_ENDS: Final = time(16, 55)
_ONE_DAY: Final = timedelta(days=1)


def on_working_day(start: date, days: int) -> date:
    """Return the working day that is ``days`` (at least 1) working days after ``start``."""
    due, _ = provisional_due_working_day(announced_calendar(), start, days)
    return due


def next_day(day: date) -> datetime:
    """Return the first instant after ``day``."""
    return datetime.combine(day + _ONE_DAY, time.min, tzinfo=ZONE)


def is_working_day(day: date) -> bool:
    """Say whether people are at their desks on ``day``."""
    return on_working_day(day - _ONE_DAY, 1) == day


def notice_over(start: datetime, days: int) -> datetime:
    """Return when a notice of so many natural days has run out, just before the desks close.

    Where its last day is a day off, the next working day is the last one (Civil Code art. 203).
    """
    last = start.astimezone(ZONE).date() + days * _ONE_DAY
    while not is_working_day(last):
        last += _ONE_DAY
    return datetime.combine(last, _NOTICE_ENDS, tzinfo=ZONE)


def after_working_minutes(start: datetime, minutes: int) -> datetime:
    """Return the instant at which ``minutes`` (at least 1) of desk time have passed.

    Args:
        start: aware; an application that comes at night is looked at in the morning.
        minutes: of desk time; lunch, evenings and days off do not count.
    """
    now = start.astimezone(ZONE)
    left, day = timedelta(minutes=minutes), now.date()
    while True:
        if is_working_day(day):
            for opens, closes in _SESSIONS:
                begin = max(now, datetime.combine(day, opens, tzinfo=ZONE))
                end = datetime.combine(day, closes, tzinfo=ZONE)
                if begin + left <= end:
                    return (begin + left).replace(microsecond=0)
                left -= max(timedelta(0), end - begin)
        day += _ONE_DAY
