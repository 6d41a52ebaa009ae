"""What goes wrong without any call: backups, wrong clocks, storms of hints; decided day by day."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from oneservice.ports import Clock
from oneservice.simulation.faults import AT_ENGINE, AT_OFFICE, FaultKind, FaultPlan
from oneservice.simulation.network import Line
from oneservice.simulation.offices import Offices, OfficesBackup

__all__ = ["EngineClock", "Troubles"]

_ONE_DAY: Final = timedelta(days=1)
_ENGINE: Final = "engine"


class EngineClock:
    """The engine's own clock: the true one, wrong by what it was set to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.wrong_by = timedelta(0)

    def now(self) -> datetime:
        """Return what the engine takes for the present."""
        return self._clock.now() + self.wrong_by

    async def wait_until(self, instant: datetime) -> None:
        """Wait on the true clock for as long as it seems to take."""
        await self._clock.wait_until(instant - self.wrong_by)


_Act = Callable[[], None]


@dataclass(order=True)
class _Entry:
    at: datetime
    number: int
    act: _Act = field(compare=False)


class Troubles:
    """Looks once a day at every office and at the engine's clock.

    Args:
        offices: by department.
        lines: the ways there, whose clocks and doors they move.
        clock: the true clock.
        engine_clock: the one that jumps.
        plan: decides.
        hint: lets the engine be told that a department has news.
    """

    def __init__(
        self,
        *,
        offices: Mapping[str, Offices],
        lines: Mapping[str, Line],
        clock: Clock,
        engine_clock: EngineClock,
        plan: FaultPlan,
        hint: Callable[[str], None],
    ) -> None:
        self._offices = offices
        self._lines = lines
        self._clock = clock
        self._engine_clock = engine_clock
        self._plan = plan
        self._hint = hint
        self._agenda: list[_Entry] = []
        self._number = 0
        self._note(clock.now() + _ONE_DAY, self._look)

    @property
    def next_at(self) -> datetime | None:
        """When something happens next."""
        return self._agenda[0].at if self._agenda else None

    def pass_until(self, now: datetime) -> None:
        """Let happen what is due by ``now``."""
        while self._agenda and self._agenda[0].at <= now:
            heapq.heappop(self._agenda).act()

    def _look(self) -> None:
        now = self._clock.now()
        if now < self._plan.until:
            self._note(now + _ONE_DAY, self._look)
        else:
            self._engine_clock.wrong_by = timedelta(0)
        for name in sorted(self._lines):
            self._trouble(name, now)
        fault, crossing = self._plan.at(_ENGINE, AT_ENGINE, now)
        if fault is FaultKind.CLOCK_JUMP:
            minutes = self._plan.chance.between(f"{crossing}/minutes", -60, 60)
            self._engine_clock.wrong_by = timedelta(minutes=minutes)

    def _trouble(self, name: str, now: datetime) -> None:
        fault, crossing = self._plan.at(f"{name}/day", AT_OFFICE, now)
        chance, line = self._plan.chance, self._lines[name]
        match fault:
            case FaultKind.BACKUP if line.clock.stands_at is None:
                backup = self._offices[name].snapshot()
                hours = chance.between(f"{crossing}/hours", 2, 70)
                lasts = timedelta(hours=chance.between(f"{crossing}/lasts", 1, 20))
                later = now + timedelta(hours=hours)
                self._note(later, lambda: self._work_on(name, backup, lasts))
            case FaultKind.SKEW:
                minutes = chance.between(f"{crossing}/minutes", -300, 300)
                line.clock.skew = timedelta(minutes=minutes)
                lasts = timedelta(hours=chance.between(f"{crossing}/lasts", 3, 60))
                self._note(now + lasts, lambda: self._mend_clock(name))
            case FaultKind.HINT_STORM:
                for _ in range(chance.between(f"{crossing}/hints", 50, 300)):
                    self._hint(name)
            case _:
                return

    def _work_on(self, name: str, backup: OfficesBackup, lasts: timedelta) -> None:
        """Let an office work on what it had: it only answers, and its clock stands."""
        line, office = self._lines[name], self._offices[name]
        if line.clock.stands_at is not None:
            return  # it works on one already
        newest = office.snapshot()
        office.restore(backup)
        line.clock.stands_at = backup.at
        line.is_read_only = True
        self._note(self._clock.now() + lasts, lambda: self._catch_up(name, newest))

    def _catch_up(self, name: str, newest: OfficesBackup) -> None:
        line = self._lines[name]
        self._offices[name].restore(newest)
        line.clock.stands_at = None
        line.is_read_only = False

    def _mend_clock(self, name: str) -> None:
        self._lines[name].clock.skew = timedelta(0)

    def _note(self, at: datetime, act: _Act) -> None:
        self._number += 1
        heapq.heappush(self._agenda, _Entry(at, self._number, act))
