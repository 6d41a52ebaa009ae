"""When each step starts and is due, if nobody is late: the plan's side of the legal clock.

A step starts on the day on which the last of its requirements is due; with none, on the day of
the plan. Limits count from the next day (domain section 7, rule 1), and a limit of 0 days ends on
the day it starts. Steps of an unannounced year get dates that say so (rule 10).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias, cast

from oneservice.catalog import LimitUnit
from oneservice.plan.graph import Needs
from oneservice.plan.terms import DueDate, TimeLimit
from oneservice.workdays import (
    JOINT_EXTENSION_WORKING_DAYS,
    WorkCalendar,
    due_natural_day,
    provisional_due_working_day,
)

__all__ = ["EXTENSION", "Reckoning", "Span", "critical", "promised_working_days", "schedule"]

_ONE_DAY = timedelta(days=1)
EXTENSION = TimeLimit(days=JOINT_EXTENSION_WORKING_DAYS, unit=LimitUnit.WORKING_DAYS)
"""By how much the limit of joint handling may be extended once, with approval and reasons.

References:
    Administrative Licensing Law art. 42: 45 working days, and at most 15 more.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days of one step; ``starts`` is provisional where a requirement's due date is."""

    starts: DueDate
    due: DueDate

    @property
    def natural_days(self) -> int:
        """How many calendar days lie between the two."""
        return (self.due.on - self.starts.on).days


_Known: TypeAlias = dict[tuple[date, int], tuple[date, bool]]
"""By start and working days: the due day, and whether it is provisional."""
_MOST_KEPT = 16_384


@lru_cache(maxsize=8)
def _known_by(_calendar: Hashable) -> _Known:
    return {}


class Reckoning:
    """Due days by one calendar, each worked out once by the legal clock.

    The steps of all plans of a day start on few days and have few limits. A calendar never changes
    (its version names exactly its tables), so what is known by it is kept for the next plan.
    """

    __slots__ = ("_calendar", "_elsewhere", "_known")

    def __init__(
        self, calendar: WorkCalendar, elsewhere: Mapping[str, Reckoning] = MappingProxyType({})
    ) -> None:
        """Count by ``calendar``, and the steps of ``elsewhere`` in the days of their regions."""
        self._calendar = calendar
        self._elsewhere = elsewhere
        try:
            self._known = _known_by(cast("Hashable", calendar))
        except TypeError:  # somebody's own calendar that cannot be a key
            self._known = {}

    def of(self, step: str) -> Reckoning:
        """Return the reckoning of one step: in the days of the region whose office decides it."""
        return self._elsewhere.get(step, self)

    def due_after(self, starts: DueDate, limit: TimeLimit) -> DueDate:
        """Return the last day of ``limit``, counted from the day after ``starts``."""
        if limit.days == 0:
            return starts
        if limit.unit is LimitUnit.NATURAL_DAYS:
            day = due_natural_day(starts.on, limit.days)
            return DueDate(on=day, is_provisional=starts.is_provisional)
        day, is_provisional = self._working(starts.on, limit.days)
        return DueDate(on=day, is_provisional=is_provisional or starts.is_provisional)

    def working_days_in(self, span: Span) -> int:
        """Return the largest working-day limit that would be due within ``span``."""

        def due(days: int) -> date:
            return self._working(span.starts.on, days)[0]

        return bisect_right(range(span.natural_days + 1), span.due.on, key=due) - 1

    def is_probably_working_day(self, day: date) -> bool:
        """Say whether ``day`` is worked; in a year that is not announced, Monday to Friday are."""
        return self._working(day - _ONE_DAY, 1)[0] == day

    def _working(self, start: date, days: int) -> tuple[date, bool]:
        known = self._known.get((start, days))
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            known = provisional_due_working_day(self._calendar, start, days)
            self._known[start, days] = known
        return known


def schedule(
    order: Iterable[str],
    needs: Needs,
    limits: Mapping[str, TimeLimit],
    *,
    on: date,
    reckoning: Reckoning,
) -> dict[str, Span]:
    """Return the days of every step.

    Args:
        order: all steps, each after its requirements.
        needs: for each step its requirements.
        limits: for each step the promised limit.
        on: the day on which the case is accepted.
        reckoning: by the calendars of the deciding offices.
    """
    spans: dict[str, Span] = {}
    for step in order:
        dues = [spans[wait].due for wait in needs[step]]
        starts = DueDate(
            on=max((due.on for due in dues), default=on),
            is_provisional=any(due.is_provisional for due in dues),
        )
        spans[step] = Span(starts=starts, due=reckoning.of(step).due_after(starts, limits[step]))
    return spans


def critical(order: Iterable[str], needs: Needs, spans: Mapping[str, Span]) -> frozenset[str]:
    """Return the steps of ``needs`` that cannot be late without making the case late.

    They are the last ones to be due, and each requirement that decided when a critical step
    starts. Several paths may be critical at once.
    """
    last = max(spans[step].due.on for step in needs)
    found: set[str] = set()
    for step in reversed(tuple(order)):
        if step in needs and spans[step].due.on == last:
            found.add(step)
        if step in found:
            start = spans[step].starts.on
            found.update(wait for wait in needs[step] if spans[wait].due.on == start)
    return frozenset(found)


def promised_working_days(
    path: Iterable[str],
    spans: Mapping[str, Span],
    limits: Mapping[str, TimeLimit],
    reckoning: Reckoning,
) -> int:
    """Return the sum of the promises along ``path``, in working days.

    A promise in natural days, or in the working days of another region, counts with the working
    days that lie in it, Monday to Friday where the year is not announced.
    """
    total = 0
    for step in path:
        limit = limits[step]
        is_own = reckoning.of(step) is reckoning
        if limit.unit is LimitUnit.WORKING_DAYS and is_own:
            total += limit.days
        else:
            total += reckoning.working_days_in(spans[step])
    return total
