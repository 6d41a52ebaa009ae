"""What is due on paper: each clock of a step, counted anew from its file whenever one asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from oneservice.testing.machine.paper_days import (
    counted,
    day_of,
    first_instant_after,
    is_announced,
    midnight,
)
from oneservice.testing.machine.paper_step import PaperStep
from oneservice.workdays import WorkCalendar

__all__ = ["PaperClocks", "PaperDue"]

PaperDue = tuple[datetime, str, str]
"""The instant, what is due then, and which one of its kind."""

_NOTICE: Final = 5
_LONGEST_EXTENSION: Final = 10
_GRACE: Final = 3
_LOOK: Final = 3
_UNSTATED: Final = 20


class PaperClocks:
    """The clocks of one step.

    ``hears_all``: nothing is on its way to the department or from it, and nothing was unreadable.
    """

    def __init__(self, step: PaperStep, calendar: WorkCalendar, *, hears_all: bool) -> None:
        self._step, self._calendar, self._hears_all = step, calendar, hears_all

    def dues(self) -> Iterator[PaperDue]:
        """Yield everything that is due some day if nothing happens before."""
        step = self._step
        if step.halted_at is not None:
            look = self._working(day_of(step.halted_at), _LOOK)
            yield from self._once("operator:halted", look)
        elif step.state == "waiting" or step.is_ended:
            return
        if not step.is_filed or step.is_ended:
            return
        if step.state == "received" and step.notice_from is not None and step.silent_until is None:
            start = day_of(step.notice_from)
            day = self._working(start, _NOTICE)
            if is_announced(self._calendar, start, day, "working_days"):
                yield first_instant_after(day), "notice", ""
        if step.start is not None and step.decided_at is None:
            yield from self._limits()
        yield from self._waits()

    def _limits(self) -> Iterator[PaperDue]:
        step = self._step
        for name in ("promised", "statutory"):
            day = self.last_day(name)
            if name not in step.passed and day is not None:
                yield first_instant_after(day), "limit", name
        near = self._near_day()
        if near is not None and not step.is_near and "promised" not in step.passed:
            yield midnight(near), "near", ""
        if not step.passed:
            return
        if step.spec.on_overdue == "deemed_granted":
            yield from self._silence()
        elif step.spec.on_overdue == "escalate":
            yield from self._rung()

    def _silence(self) -> Iterator[PaperDue]:
        step = self._step
        name = "statutory" if step.spec.statutory_days >= 0 else "promised"
        day = self.last_day(name)
        is_silent = (
            step.state == "accepted"
            and step.halted_at is None
            and step.correction is None
            and step.withdrawal not in ("asked", "sent")
            and self._hears_all
        )
        if name in step.passed and day is not None and is_silent:
            yield first_instant_after(day), "silence", ""

    def _rung(self) -> Iterator[PaperDue]:
        step = self._step
        if step.is_ladder_spent or step.correction is not None or step.suspended is not None:
            return
        if step.rung_at is None:
            day = self.last_day("promised" if step.spec.promised_days >= 0 else "statutory")
            if day is None:
                return
        else:
            rung, start = step.spec.ladder[step.rung - 1], day_of(step.rung_at)
            day = counted(self._calendar, start, rung.days, rung.unit)
            if not is_announced(self._calendar, start, day, rung.unit):
                return
        yield first_instant_after(day), "rung", ""

    def _waits(self) -> Iterator[PaperDue]:
        step = self._step
        if step.correction is not None:
            name, until, _ = step.correction
            day = self._working(date.fromisoformat(until), _GRACE)
            yield from self._once(f"correction:{name}", day)
        for material, last, since in step.promises:
            days = step.spec.tolerance_days if step.spec.tolerance_days >= 0 else _UNSTATED
            day = last or self._working(day_of(step.accepted_at or since), days)
            yield from self._once(f"promise:{material}", day)
        if step.suspended is not None:
            at, last = step.suspended
            yield from self._once(
                f"suspension:{at.isoformat()}", last or self._working(day_of(at), _UNSTATED)
            )

    def _once(self, key: str, day: date) -> Iterator[PaperDue]:
        if key not in self._step.overdue:
            yield first_instant_after(day), "wait", key

    # --- counting ------------------------------------------------------------------------------

    def last_day(self, name: str) -> date | None:
        """Return the last day of a limit; ``None``: there is none, or its clock stands.

        Also ``None`` where a clerk would have to guess on which days an office works.
        """
        step, spec = self._step, self._step.spec
        days = spec.promised_days if name == "promised" else spec.statutory_days
        unit = spec.promised_unit if name == "promised" else spec.statutory_unit
        if days < 0 or step.start is None or any(last is None for _, last in step.stops):
            return None
        start = day_of(step.start)
        due = counted(self._calendar, start, days, unit, step.stops)
        more, stops = self._more_days(due), step.stops
        if more and unit == "natural_days":  # what the law adds are working days
            start, days, unit, stops = due, 0, "working_days", []
        last = counted(self._calendar, start, days + more, unit, stops) if more else due
        return last if is_announced(self._calendar, start, last, unit, stops) else None

    def _more_days(self, due: date) -> int:
        """Return what the extension is worth: nothing where the law's conditions are not kept."""
        if self._step.extension is None:
            return 0
        days, decided_on, is_lawful = self._step.extension
        in_time = decided_on <= due
        return days if is_lawful and in_time and 1 <= days <= _LONGEST_EXTENSION else 0

    def _near_day(self) -> date | None:
        step, spec = self._step, self._step.spec
        last = self.last_day("promised")
        if last is None or step.start is None or spec.promised_days < 1:
            return None
        start, unit = day_of(step.start), spec.promised_unit
        due = counted(self._calendar, start, spec.promised_days, unit, step.stops)
        days = spec.promised_days + self._more_days(due)
        share = 0  # the smallest number of days that is at least the share: found by trying
        while share * 100 < days * spec.warning_share:
            share += 1
        return counted(self._calendar, start, share, unit, step.stops)

    def _working(self, start: date, days: int) -> date:
        return counted(self._calendar, start, days, "working_days")
