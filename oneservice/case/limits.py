"""When a sub-case is due: derived from intervals, never accumulated, never stored.

The counting itself is in :mod:`oneservice.workdays`; here stands which clock starts when, and what
an extension is worth.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, cast

from oneservice.case.course import Extended
from oneservice.case.state import SubCase, SubCaseStatus
from oneservice.errors import IllegalInputError
from oneservice.plan import DueDate
from oneservice.workdays import (
    LEGAL_ZONE,
    Extension,
    Suspension,
    WorkCalendar,
    WorkCalendars,
    calendar_at,
    deemed_acceptance,
    due_natural_day,
    extended_due,
    legal_day,
    provisional_due_working_day,
    provisionally,
)

__all__ = [
    "LimitName",
    "days_of",
    "due_date",
    "due_on",
    "end_of",
    "exact_on",
    "extension_problem",
    "near_on",
    "working_due",
]

LimitName = Literal["notice", "promised", "statutory"]


def days_of(sub_case: SubCase, calendar: WorkCalendar) -> WorkCalendar:
    """Return the working days of the office that decides ``sub_case``.

    Its plan pinned whose they are. Where ``calendar`` does not know that region any more, the
    case's own are borrowed: a day counted in them is provisional, and a finding says so.
    """
    key = sub_case.spec.calendar  # asked at every turn of a case; mostly there is nothing to choose
    return calendar_at(calendar, key) if key or isinstance(calendar, WorkCalendars) else calendar


def due_on(sub_case: SubCase, limit: LimitName, calendar: WorkCalendar) -> date | None:
    """Return the last day on which ``sub_case`` is on time, or ``None`` where no clock runs.

    As :func:`due_date`, without saying whether the day is provisional.
    """
    found = due_date(sub_case, limit, calendar)
    return None if found is None else found.on


def exact_on(sub_case: SubCase, limit: LimitName, calendar: WorkCalendar) -> date | None:
    """Return the last day as :func:`due_on` does, or ``None`` where it is provisional, too.

    What has an effect in law is counted by this one: nothing is granted, accepted or passed by a
    guess (domain page, section 7, rule 10).
    """
    found = due_date(sub_case, limit, calendar)
    return None if found is None or found.is_provisional else found.on


def due_date(sub_case: SubCase, limit: LimitName, calendar: WorkCalendar) -> DueDate | None:
    """Return the last day on which ``sub_case`` is on time, or ``None`` where no clock runs.

    The notice clock runs from receipt, the others from acceptance, those of a check after a grant
    from that grant. Suspensions and, by policy, corrections are not counted. ``None`` too while a
    suspension is open: the end cannot be told. Provisional where a year is not announced yet.

    References:
        Administrative Licensing Law art. 32, 42, 45; domain page, section 7.
    """
    calendar = days_of(sub_case, calendar)
    if limit == "notice":
        return _notice_due(sub_case, calendar)
    days, unit = _limit(sub_case, limit)
    started_at = sub_case.clock_from
    if days < 0 or started_at is None or (sub_case.pauses and _is_paused(sub_case)):
        return None
    start, pauses = legal_day(started_at), sub_case.pauses
    if unit == "natural_days":
        due: DueDate | None = DueDate(on=due_natural_day(start, days))
    else:
        due = working_due(calendar, start, days, pauses)
    if due is None or sub_case.course.extension is None:
        return due
    return _extended(sub_case, limit, due, calendar)[0]


def near_on(sub_case: SubCase, calendar: WorkCalendar) -> date | None:
    """Return the day on which the light of the promise turns; ``None``: it has none, or stands.

    It is the first day on which the configured share of the promise is used (domain section 7,
    rule 9). A promise for the day itself has no such day.
    """
    calendar = days_of(sub_case, calendar)
    days, unit = _limit(sub_case, "promised")
    started_at = sub_case.clock_from
    if days < 1 or started_at is None or (sub_case.pauses and _is_paused(sub_case)):
        return None
    extension = sub_case.course.extension
    if extension is not None and extension_problem(sub_case, calendar, "promised") is None:
        days += extension.days
    used = -(-days * sub_case.spec.warning_share // 100)  # rounded up: a started day is used
    start = legal_day(started_at)
    if unit == "natural_days":
        return due_natural_day(start, used)
    due = working_due(calendar, start, used, sub_case.pauses)
    return None if due is None else due.on


def extension_problem(
    sub_case: SubCase, calendar: WorkCalendar, limit: LimitName | None = None
) -> str | None:
    """Say why the extension (延期) that the department told gives no time; ``None``: it does.

    ``too_long``, ``overdue`` (decided after the limit had ended), ``not_accepted`` (before it
    began), ``unapproved`` (no approver, reason or notice). Judged by ``limit``; by default by the
    limit of the law where there is one, otherwise by the promise.

    References:
        Administrative Licensing Law art. 42: once, by ten working days, approved by the head of
        the office, the reason told to the applicant.
    """
    if sub_case.course.extension is None:
        return None
    calendar = days_of(sub_case, calendar)
    if limit is None:
        limit = "promised" if sub_case.spec.statutory_days < 0 else "statutory"
    days, unit = _limit(sub_case, limit)
    if days < 0 or sub_case.clock_from is None:
        return "not_accepted" if sub_case.clock_from is None else None
    start = legal_day(sub_case.clock_from)
    if unit == "natural_days":
        due: DueDate | None = DueDate(on=due_natural_day(start, days))
    else:
        closed = tuple(one for one in sub_case.pauses if one.end is not None)
        due = working_due(calendar, start, days, closed)
    return None if due is None else _extended(sub_case, limit, due, calendar)[1]


def _extended(
    sub_case: SubCase, limit: LimitName, due: DueDate, calendar: WorkCalendar
) -> tuple[DueDate, str | None]:
    """Return the last day with the extension, and why it gives no time if it does not."""
    told, started_at = sub_case.course.extension, sub_case.clock_from
    if told is None or started_at is None:
        return due, None
    extension = _lawful(told)
    if extension is None:
        return due, "unapproved"
    days, unit = _limit(sub_case, limit)
    start, pauses = legal_day(started_at), sub_case.pauses
    if unit == "natural_days":
        # The law extends in working days: they are counted after the last natural one.
        start, days, pauses = due.on, 0, ()
        if extension.decided_on <= due.on:
            extension = _lawful(told, decided_on=due.on) or extension

    def ask(working_days: WorkCalendar) -> date:
        return extended_due(working_days, start, days, extension, pauses)

    try:
        longer, is_provisional = provisionally(calendar, ask)
    except IllegalInputError as error:
        return due, error.status
    return DueDate(on=longer, is_provisional=is_provisional), None


def _lawful(told: Extended, *, decided_on: date | None = None) -> Extension | None:
    """Return ``told`` as an extension, or ``None``: it lacks what the law asks of one."""
    if told.days < 1 or not told.notice_no.strip():
        return None
    try:
        return Extension(
            days=told.days,
            decided_on=decided_on or told.decided_on,
            approved_by=told.approved_by,
            reason=told.reason,
        )
    except ValueError:
        return None


def working_due(
    calendar: WorkCalendar, start: date, days: int, pauses: tuple[Suspension, ...] = ()
) -> DueDate | None:
    """Return the last day of a limit in working days; ``None``: a pause keeps it open.

    Remembered, since a case asks for the same few days at each of its turns; calendars are
    immutable, and name their tables by ``version``.
    """
    try:
        return _remembered(cast("Hashable", calendar), start, days, pauses)
    except TypeError:  # a calendar of somebody else's making that has no hash
        return _counted(calendar, start, days, pauses)


def _counted(
    calendar: WorkCalendar, start: date, days: int, pauses: tuple[Suspension, ...]
) -> DueDate | None:
    try:
        on, is_provisional = provisional_due_working_day(calendar, start, days, pauses)
    except IllegalInputError:
        return None  # until further notice, or a department dated the end beyond every calendar
    return DueDate(on=on, is_provisional=is_provisional)


_remembered = lru_cache(maxsize=8192)(_counted)


def _notice_due(sub_case: SubCase, calendar: WorkCalendar) -> DueDate | None:
    if sub_case.notice_from is None or sub_case.status is not SubCaseStatus.RECEIVED:
        return None
    if sub_case.spec.accept_hours:
        end = sub_case.notice_from + timedelta(hours=sub_case.spec.accept_hours)
        return DueDate(on=legal_day(end))
    start = legal_day(sub_case.notice_from)
    on, is_provisional = provisionally(calendar, lambda days: deemed_acceptance(days, start))
    return DueDate(on=on, is_provisional=is_provisional)


def _limit(sub_case: SubCase, limit: LimitName) -> tuple[int, str]:
    spec = sub_case.spec
    if limit == "promised":
        return spec.promised_days, spec.promised_unit
    return spec.statutory_days, spec.statutory_unit


def _is_paused(sub_case: SubCase) -> bool:
    return any(pause.end is None for pause in sub_case.pauses)


def end_of(day: date) -> datetime:
    """Return the first instant that is too late: the start of the next day."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=LEGAL_ZONE)
