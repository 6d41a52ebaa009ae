"""What the clocks of a case read on a day: for pages and lists, never for a decision.

The counting is that of :func:`oneservice.workdays.step_clocks`; here stands which intervals of a
case go into it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from oneservice.case.clocks import first_accepted_at, promise_until
from oneservice.case.course import Promise
from oneservice.case.limits import days_of, extension_problem
from oneservice.case.state import Case, SubCase
from oneservice.workdays import (
    CaseClock,
    Light,
    LimitUnit,
    StepClocks,
    WorkCalendar,
    case_clock,
    legal_day,
    provisionally,
    step_clocks,
    working_days_elapsed,
)

__all__ = ["case_clocks_of", "clocks_of", "promise_light"]


def clocks_of(sub: SubCase, *, on: date, calendar: WorkCalendar) -> StepClocks | None:
    """Return the three clocks of a step and its light (domain section 7, rules 8 and 9).

    ``None`` before its clock began, or where it has no promise. An extension that the law does not
    allow is not in it.
    """
    spec, started_at = sub.spec, sub.clock_from
    if started_at is None or spec.promised_days < 0:
        return None
    extension = sub.course.extension
    counts = extension is not None and extension_problem(sub, calendar) is None
    return step_clocks(
        days_of(sub, calendar),
        accepted_on=legal_day(started_at),
        today=on,
        promised_days=spec.promised_days,
        statutory_days=spec.statutory_days if spec.statutory_days >= 0 else None,
        extended_days=extension.days if extension is not None and counts else 0,
        suspensions=sub.pauses,
        decided_on=legal_day(sub.decided_at) if sub.decided_at is not None else None,
        warn_at=Decimal(spec.warning_share) / _PERCENT,
        promised_unit=LimitUnit(spec.promised_unit),
        statutory_unit=LimitUnit(spec.statutory_unit),
    )


_PERCENT: Final = 100


def promise_light(sub: SubCase, promise: Promise, *, on: date, calendar: WorkCalendar) -> Light:
    """Return the light of a promised material (容缺后补): a clock of its own, the same colours."""
    until, since = promise_until(sub, promise, calendar), legal_day(promise.since)
    calendar = days_of(sub, calendar)
    if on > until:
        return Light.OVERDUE
    used, _ = provisionally(calendar, lambda days: working_days_elapsed(days, since, on))
    all_days, _ = provisionally(calendar, lambda days: working_days_elapsed(days, since, until))
    is_near = used * _PERCENT >= all_days * sub.spec.warning_share
    return Light.WARNING if is_near else Light.ON_TIME


def case_clocks_of(case: Case, *, on: date, calendar: WorkCalendar) -> CaseClock | None:
    """Return the clock of the whole case against the cap of joint handling; ``None``: it has none.

    It runs from the first acceptance and stops when the results were handed out.
    """
    since, course = first_accepted_at(case), case.course
    if since is None or course.joint_days < 0:
        return None
    return case_clock(
        calendar,
        accepted_on=legal_day(since),
        today=on,
        concluded_on=legal_day(case.bundle.issued_at) if case.bundle is not None else None,
        cap_days=course.joint_days + course.joint_more_days,
    )
