"""When a sub-case is due: derived from intervals, never accumulated, never stored.

The counting itself is in :mod:`oneservice.workdays`; here stands which clock starts when.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from oneservice.case.events import StepSpec
from oneservice.case.state import SubCase, SubCaseStatus
from oneservice.errors import IllegalInputError
from oneservice.workdays import (
    LEGAL_ZONE,
    WorkCalendar,
    deemed_acceptance,
    due_natural_day,
    legal_day,
    provisional_due_working_day,
    provisionally,
)

__all__ = ["LimitName", "due_on", "next_deadline"]

LimitName = Literal["notice", "promised", "statutory"]


def due_on(sub_case: SubCase, limit: LimitName, calendar: WorkCalendar) -> date | None:
    """Return the last day on which ``sub_case`` is on time, or ``None`` where no clock runs.

    The notice clock runs from receipt, the others from acceptance; suspensions and, by policy,
    corrections are not counted. ``None`` too while a suspension is open: the end cannot be told.

    References:
        Administrative Licensing Law art. 32, 42, 45; domain page, section 7.
    """
    if limit == "notice":
        return _notice_due(sub_case, calendar)
    days, unit = _limit(sub_case.spec, limit)
    if days < 0 or sub_case.accepted_at is None or _is_paused(sub_case):
        return None
    start = legal_day(sub_case.accepted_at)
    days += sub_case.extended_days
    if unit == "natural_days":
        return due_natural_day(start, days)
    try:
        return provisional_due_working_day(calendar, start, days, sub_case.pauses)[0]
    except IllegalInputError:
        return None  # a department dated the end of a pause beyond every calendar


def next_deadline(
    sub_case: SubCase, calendar: WorkCalendar
) -> tuple[LimitName, date, datetime] | None:
    """Return the earliest limit that can still pass: its name, last day, and first late instant."""
    found: list[tuple[datetime, LimitName, date]] = []
    for name in _open_limits(sub_case):
        day = due_on(sub_case, name, calendar)
        if day is not None:
            found.append((_end_of(day), name, day))
    if not found:
        return None
    instant, name, day = min(found)
    return name, day, instant


def _open_limits(sub_case: SubCase) -> tuple[LimitName, ...]:
    if sub_case.halted is not None and sub_case.submission is None:
        return ()
    if sub_case.status is SubCaseStatus.RECEIVED and not sub_case.is_deemed:
        return ("notice",)
    if sub_case.accepted_at is None or sub_case.decided_at is not None:
        return ()
    names: tuple[LimitName, ...] = ("promised", "statutory")
    return tuple(name for name in names if name not in sub_case.passed)


def _notice_due(sub_case: SubCase, calendar: WorkCalendar) -> date | None:
    if sub_case.notice_from is None or sub_case.status is not SubCaseStatus.RECEIVED:
        return None
    start = legal_day(sub_case.notice_from)
    return provisionally(calendar, lambda days: deemed_acceptance(days, start))[0]


def _limit(spec: StepSpec, limit: LimitName) -> tuple[int, str]:
    if limit == "promised":
        return spec.promised_days, spec.promised_unit
    return spec.statutory_days, spec.statutory_unit


def _is_paused(sub_case: SubCase) -> bool:
    return any(pause.end is None for pause in sub_case.pauses)


def _end_of(day: date) -> datetime:
    """Return the first instant that is too late: the start of the next day."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=LEGAL_ZONE)
