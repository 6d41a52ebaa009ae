"""The limits that the law itself sets, as dates: extension, joint cap, silence, delivery.

The numbers are those of the Administrative Licensing Law (行政许可法, as amended in 2019); its art.
82 makes them working days. What an item promises is data of its catalog, and never stands here.
Each function counts by :func:`due_working_day`, so the day on which a limit starts is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oneservice.errors import IllegalInputError
from oneservice.workdays.limits import due_working_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from oneservice.workdays.calendars import WorkCalendar
    from oneservice.workdays.suspensions import Suspension

__all__ = [
    "DECISION_WORKING_DAYS",
    "DELIVERY_WORKING_DAYS",
    "EXTENSION_WORKING_DAYS",
    "JOINT_CAP_WORKING_DAYS",
    "JOINT_EXTENSION_WORKING_DAYS",
    "NOTICE_WORKING_DAYS",
    "Extension",
    "deemed_acceptance",
    "deemed_accepted_on",
    "delivery_due",
    "extended_due",
    "joint_cap_days",
    "joint_cap_due",
]

NOTICE_WORKING_DAYS: Final = 5
"""Within these an office says, all at once, which papers are missing or wrong (art. 32)."""

DECISION_WORKING_DAYS: Final = 20
"""Within these an office decides where no special law says otherwise (art. 42)."""

EXTENSION_WORKING_DAYS: Final = 10
"""By at most these the head of an office extends that limit, once and with reasons (art. 42)."""

JOINT_CAP_WORKING_DAYS: Final = 45
"""Within these several offices that handle together decide (art. 42 with art. 26)."""

JOINT_EXTENSION_WORKING_DAYS: Final = 15
"""By these the government of the same level extends the joint limit, once (art. 42)."""

DELIVERY_WORKING_DAYS: Final = 10
"""Within these after the decision the certificate is handed over (art. 44)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A limit made longer. That a function takes one, not several, is the law's "once".

    ``days`` are working days; ``approved_by`` is the office or post that approved, not a person's
    name; ``reason`` is what the applicant was told.

    Raises:
        ValueError: ``days`` is less than 1, or the approver or the reason is empty.

    References:
        Administrative Licensing Law art. 42; domain page, section 7, rule 6.
    """

    days: int
    decided_on: date
    approved_by: str
    reason: str

    def __post_init__(self) -> None:
        if self.days < 1:
            msg = "an extension is of 1 working day or more"
            raise ValueError(msg)
        if not (self.approved_by.strip() and self.reason.strip()):
            msg = "an extension names who approved it, and the reason that the applicant was told"
            raise ValueError(msg)


def extended_due(
    calendar: WorkCalendar,
    accepted_on: date,
    days: int,
    extension: Extension,
    suspensions: Sequence[Suspension] = (),
    *,
    at_most: int = EXTENSION_WORKING_DAYS,
) -> date:
    """Return the last day of a limit of ``days`` working days that was extended in time.

    Args:
        calendar: the working days of the region whose office decides.
        accepted_on: day of acceptance; not counted.
        days: the limit before the extension, >= 0.
        extension: decided from the day of acceptance to the last day of the limit.
        suspensions: days that do not count, before or after the extension.
        at_most: working days; another number where a special law gives it.

    Raises:
        CalendarUnknownError: a year that matters is not announced.
        IllegalInputError: the extension was decided before acceptance or after the limit had ended
            (``status`` is ``not_accepted`` or ``overdue``), or is longer than ``at_most``
            (``too_long``); or a suspension runs until further notice (``suspended``).

    References:
        Administrative Licensing Law art. 42 (once, by 10 days, approved, with the reason told) and
        45; domain page, section 7, rule 6.
    """
    if extension.days > at_most:
        msg = f"an extension by {extension.days} working days; the law allows {at_most}"
        raise IllegalInputError(msg, status="too_long")
    if extension.decided_on < accepted_on:
        msg = f"extended on {extension.decided_on}, before the limit began on {accepted_on}"
        raise IllegalInputError(msg, status="not_accepted")
    due = due_working_day(calendar, accepted_on, days, suspensions)
    if extension.decided_on > due:
        msg = f"extended on {extension.decided_on}, after the limit had ended on {due}"
        raise IllegalInputError(msg, status="overdue")
    return due_working_day(calendar, accepted_on, days + extension.days, suspensions)


def joint_cap_due(
    calendar: WorkCalendar,
    accepted_on: date,
    *,
    is_extended: bool = False,
    suspensions: Sequence[Suspension] = (),
    cap_days: int = JOINT_CAP_WORKING_DAYS,
) -> date:
    """Return the last day on which offices that handle together may decide.

    Args:
        calendar: the working days of the region whose office leads.
        accepted_on: day on which the case was accepted; not counted.
        is_extended: the government of the same level approved 15 working days more.
        suspensions: intervals that hold up the whole case. One that stops a single step belongs to
            the clock of that step.
        cap_days: working days; less where the one-thing itself promises less.

    Raises:
        CalendarUnknownError: a year that matters is not announced.
        IllegalInputError: a suspension runs until further notice.

    References:
        Administrative Licensing Law art. 42 with art. 26, and 45; domain page, section 7.
    """
    days = joint_cap_days(cap_days, is_extended=is_extended)
    return due_working_day(calendar, accepted_on, days, suspensions)


def joint_cap_days(cap_days: int, *, is_extended: bool) -> int:
    """Return ``cap_days`` working days, with the extension of art. 42 where there was one."""
    return cap_days + JOINT_EXTENSION_WORKING_DAYS if is_extended else cap_days


def deemed_acceptance(calendar: WorkCalendar, received_on: date) -> date:
    """Return the last day on which an office may say that papers are missing or wrong.

    When it has passed in silence, the application *is* accepted, and was so from ``received_on``:
    see :func:`deemed_accepted_on`.

    Args:
        calendar: the working days of the region whose office decides.
        received_on: day on which the papers, or the last corrected ones, came in; not counted.

    Raises:
        CalendarUnknownError: a year that matters is not announced.

    References:
        Administrative Licensing Law art. 32 (4): on the spot or within five days, all at once.
    """
    return due_working_day(calendar, received_on, NOTICE_WORKING_DAYS)


def deemed_accepted_on(
    calendar: WorkCalendar, received_on: date, *, today: date, told_on: date | None = None
) -> date | None:
    """Return ``received_on`` when silence has accepted the application, otherwise ``None``.

    Args:
        calendar: as for :func:`deemed_acceptance`.
        received_on: as for :func:`deemed_acceptance`.
        today: the day for which the answer holds.
        told_on: day on which the office first said anything about acceptance: accepted, refused, or
            what is missing. Said too late it changes nothing.

    Raises:
        CalendarUnknownError: a year that matters is not announced.

    References:
        Administrative Licensing Law art. 32 (4): not told in time, it counts as accepted from the
        day on which the papers were received.
    """
    last_day = deemed_acceptance(calendar, received_on)
    if today <= last_day or (told_on is not None and told_on <= last_day):
        return None
    return received_on


def delivery_due(calendar: WorkCalendar, decided_on: date) -> date:
    """Return the last day on which the certificate is handed over, sealed or delivered.

    Args:
        calendar: the working days of the region whose office decided.
        decided_on: day of the decision to grant; not counted.

    Raises:
        CalendarUnknownError: a year that matters is not announced.

    References:
        Administrative Licensing Law art. 44: ten days from the decision.
    """
    return due_working_day(calendar, decided_on, DELIVERY_WORKING_DAYS)
