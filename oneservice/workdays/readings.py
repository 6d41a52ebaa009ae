"""What the clocks of a step, and that of a case, read on a day.

Theory of operation: a reading is derived from dates and intervals each time it is asked for; it is
never stored and never added up, so a suspension that is told late or mended changes nothing but
the next reading. It never raises for an unannounced year: it says that it is provisional.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from oneservice.errors import IllegalInputError
from oneservice.workdays.clocks import CaseClock, Light, LimitUnit, StepClocks
from oneservice.workdays.limits import due_natural_day, due_working_day, working_days_elapsed
from oneservice.workdays.provisional import provisionally
from oneservice.workdays.statutes import JOINT_CAP_WORKING_DAYS, joint_cap_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oneservice.workdays.calendars import WorkCalendar
    from oneservice.workdays.suspensions import Suspension

__all__ = ["WARN_AT", "case_clock", "step_clocks"]

_Reading = TypeVar("_Reading", StepClocks, CaseClock)

WARN_AT: Final = Decimal("0.8")
"""The share of a limit from which the light warns, where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """What all limits of one reading share."""

    accepted_on: date
    today: date
    suspensions: Sequence[Suspension]
    decided_on: date | None

    @property
    def is_decided(self) -> bool:
        """Whether the decision had been made on the day of the question."""
        return self.decided_on is not None and self.decided_on <= self.today

    @property
    def read_on(self) -> date:
        return self.today if self.decided_on is None else min(self.today, self.decided_on)

    def elapsed(self, days: WorkCalendar) -> int:
        return working_days_elapsed(days, self.accepted_on, self.read_on, self.suspensions)

    def total(self, days: WorkCalendar) -> int:
        return working_days_elapsed(days, self.accepted_on, self.read_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    days: int
    unit: LimitUnit

    def due(self, days: WorkCalendar, span: _Span) -> date | None:
        if self.unit is LimitUnit.NATURAL_DAYS:
            return due_natural_day(span.accepted_on, self.days)
        try:
            return due_working_day(days, span.accepted_on, self.days, span.suspensions)
        except IllegalInputError:  # until further notice, or to the end of every calendar
            return None

    def used(self, days: WorkCalendar, span: _Span) -> int:
        if self.unit is LimitUnit.NATURAL_DAYS:
            return max((span.read_on - span.accepted_on).days, 0)
        return span.elapsed(days)


def step_clocks(
    calendar: WorkCalendar,
    *,
    accepted_on: date,
    today: date,
    promised_days: int,
    statutory_days: int | None,
    extended_days: int = 0,
    suspensions: Sequence[Suspension] = (),
    decided_on: date | None = None,
    warn_at: Decimal = WARN_AT,
    promised_unit: LimitUnit = LimitUnit.WORKING_DAYS,
    statutory_unit: LimitUnit = LimitUnit.WORKING_DAYS,
) -> StepClocks:
    """Return what the clocks of a step read on ``today``.

    Args:
        calendar: the working days of the region whose office decides.
        accepted_on: day of acceptance; not counted.
        today: the day for which the answer holds.
        promised_days: >= 0; the day of acceptance is the last day of a limit of 0.
        statutory_days: ``None`` where the law sets no limit.
        extended_days: by how much both limits were extended; :func:`extended_due` says whether that
            was lawful.
        suspensions: days that do not count. Limits in natural days run through them.
        decided_on: stops all clocks; a day after ``today`` has not come yet.
        warn_at: the share of the promised limit, above 0 and at most 1, from which the light warns.
        promised_unit: of the promise.
        statutory_unit: of the statutory limit.

    Raises:
        ValueError: a limit below 0, or ``warn_at`` out of bounds.

    References:
        Administrative Licensing Law art. 42, 45 and 82; domain page, section 7, rules 4 to 10.
    """
    _refuse_share(warn_at)
    span = _Span(
        accepted_on=accepted_on, today=today, suspensions=suspensions, decided_on=decided_on
    )
    promise = _Limit(days=promised_days + extended_days, unit=promised_unit)
    law = (
        None
        if statutory_days is None
        else _Limit(days=statutory_days + extended_days, unit=statutory_unit)
    )

    def read(days: WorkCalendar) -> StepClocks:
        due = promise.due(days, span)
        legal_due = None if law is None else law.due(days, span)
        used = promise.used(days, span)
        return StepClocks(
            promised_due=due,
            statutory_due=legal_due,
            is_past_statutory=_is_past(legal_due, span),
            elapsed_working_days=span.elapsed(days),
            elapsed_total_days=span.total(days),
            light=_light(due, used, promise, span, warn_at),
            used_percent=_percent(used, promise, span),
            is_provisional=False,
            read_on=span.read_on,
        )

    return _told(calendar, read)


def case_clock(
    calendar: WorkCalendar,
    *,
    accepted_on: date,
    today: date,
    is_extended: bool = False,
    suspensions: Sequence[Suspension] = (),
    concluded_on: date | None = None,
    warn_at: Decimal = WARN_AT,
    cap_days: int = JOINT_CAP_WORKING_DAYS,
) -> CaseClock:
    """Return what the clock of the whole case reads on ``today``, against the joint cap.

    Args:
        calendar: the working days of the region whose office leads.
        accepted_on: day on which the case was accepted; not counted.
        today: the day for which the answer holds.
        is_extended: the government of the same level approved 15 working days more.
        suspensions: intervals that hold up the whole case, not those of single steps.
        concluded_on: stops the clock; a day after ``today`` has not come yet.
        warn_at: as for :func:`step_clocks`.
        cap_days: working days; less where the one-thing itself promises less.

    Raises:
        ValueError: a cap below 0, or ``warn_at`` out of bounds.

    References:
        Administrative Licensing Law art. 42 with art. 26, and 45; domain page, section 7, rule 8.
    """
    _refuse_share(warn_at)
    span = _Span(
        accepted_on=accepted_on, today=today, suspensions=suspensions, decided_on=concluded_on
    )
    days = joint_cap_days(cap_days, is_extended=is_extended)
    cap = _Limit(days=days, unit=LimitUnit.WORKING_DAYS)

    def read(days: WorkCalendar) -> CaseClock:
        due, used = cap.due(days, span), cap.used(days, span)
        return CaseClock(
            cap_due=due,
            elapsed_working_days=used,
            elapsed_total_days=span.total(days),
            light=_light(due, used, cap, span, warn_at),
            used_percent=_percent(used, cap, span),
            is_provisional=False,
            read_on=span.read_on,
        )

    return _told(calendar, read)


def _told(calendar: WorkCalendar, read: Callable[[WorkCalendar], _Reading]) -> _Reading:
    reading, is_provisional = provisionally(calendar, read)
    return replace(reading, is_provisional=is_provisional)


def _is_past(due: date | None, span: _Span) -> bool:
    return due is not None and span.read_on > due


def _light(due: date | None, used: int, limit: _Limit, span: _Span, warn_at: Decimal) -> Light:
    if _is_past(due, span):
        return Light.OVERDUE
    if span.is_decided or span.read_on < span.accepted_on or used < warn_at * limit.days:
        return Light.ON_TIME
    return Light.WARNING


def _percent(used: int, limit: _Limit, span: _Span) -> int:
    if limit.days == 0:  # all of it from the first day on, as on the last day of any other limit
        return 100 if span.read_on >= span.accepted_on else 0
    return used * 100 // limit.days


def _refuse_share(warn_at: Decimal) -> None:
    if not 0 < warn_at <= 1:
        msg = "warn_at is a share of the limit: above 0 and at most 1"
        raise ValueError(msg)
