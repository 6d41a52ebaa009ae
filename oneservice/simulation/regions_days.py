"""The days of a region between two crashes: act, look at what moved, sleep until the next act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import timedelta
from typing import Final

from oneservice.engine import Engine
from oneservice.errors import JournalError
from oneservice.simulation.audit import Auditor, InvariantBrokenError
from oneservice.simulation.network import Network
from oneservice.simulation.people import Deed, People
from oneservice.simulation.regions_surroundings import Surroundings
from oneservice.simulation.troubles import EngineClock, Troubles
from oneservice.simulation.world_checks import WorldView

__all__ = ["Days"]

_AFTER_TROUBLE: Final = timedelta(seconds=5)


class Days:
    """What engine, people and staff of one region do, as long as its processes live.

    Args:
        world: what the region shares with others.
        view: how the world looks at the region.
        auditor: reads its journal.
        people: of the region, and staff.
        excused: cases of which a restored backup has forgotten something.
        troubles: what goes wrong with its offices.
        engine_clock: of the region.
        foreign: returns the cases that other regions filed here, by their applications.
        seen: is told which cases moved.
    """

    def __init__(
        self,
        world: Surroundings,
        view: WorldView,
        *,
        auditor: Auditor,
        people: People,
        excused: AbstractSet[str],
        troubles: Troubles,
        engine_clock: EngineClock,
        foreign: Callable[[], Mapping[str, str]],
        seen: Callable[[set[str]], None],
    ) -> None:
        self._world = world
        self._view = view
        self._auditor = auditor
        self._people = people
        self._excused = excused
        self._troubles = troubles
        self._engine_clock = engine_clock
        self._foreign = foreign
        self._seen = seen
        self.stirred = asyncio.Event()
        """Set when somebody abroad, or an office, wants something."""

    async def live(self, engine: Engine, network: Network) -> None:
        """Let the engine and people act, look at what moved, and sleep until something is due."""
        while True:
            now = self._world.clock.now()
            self.stirred.clear()
            self._troubles.pass_until(now)
            has_trouble = await self._act(engine, self._people.due(now))
            if has_trouble:
                network.contradictions.clear()
            await self._look(engine, network)
            await self._sleep(engine, has_trouble=has_trouble)

    async def _act(self, engine: Engine, deeds: list[Deed]) -> bool:
        acts = [self._people.do(deed, engine, self._world.clock.now) for deed in deeds]
        done = await asyncio.gather(engine.progress(), *acts, return_exceptions=True)
        problems = [one for one in done if isinstance(one, BaseException)]
        for problem in sorted(problems, key=lambda one: not isinstance(one, InvariantBrokenError)):
            if not isinstance(problem, JournalError):
                raise problem
        return bool(problems)

    async def _look(self, engine: Engine, network: Network) -> None:
        """Check every case that moved, and let its people see it; strangers' cases have staff."""
        moved, self._auditor.changed = self._auditor.changed, set()
        self._seen(moved)
        now = self._world.clock.now()
        foreign = set(self._foreign().values())
        for case_id in sorted(moved & self._view.tables.rows.keys()):
            if self._view.tables.rows[case_id].erasure is not None:
                continue
            case = await engine.case(case_id)
            if self._auditor.followed(case_id) == case or case_id not in self._auditor.changed:
                self._auditor.look_at(case)  # unless it has moved on meanwhile
            if case_id in foreign:
                self._people.look_after(case, now)
            else:
                self._people.look_at(case, now)
        network.since_rest = 0
        for contradiction in network.contradictions:
            if contradiction[0].partition(".")[0] not in self._excused:
                self._view.a_contradiction_stops(*contradiction)
        network.contradictions.clear()
        self._auditor.resumed.clear()

    async def _sleep(self, engine: Engine, *, has_trouble: bool) -> None:
        """Sleep until something is due, or somebody abroad wants something."""
        clock, settings = self._world.clock, self._world.settings
        now = clock.now()
        if has_trouble:
            await clock.wait_until(now + _AFTER_TROUBLE)
            return
        wake = await engine.next_wake()
        times = [
            None if wake is None else wake - self._engine_clock.wrong_by,
            self._people.next_at,
            self._troubles.next_at,
        ]
        known = [one for one in times if one is not None]
        soonest = now + settings.look_every
        next_at = max(min(known, default=now), soonest)
        with suppress(TimeoutError):
            async with asyncio.timeout((next_at - now).total_seconds()):
                await self.stirred.wait()
        if clock.now() < soonest:
            await clock.wait_until(soonest)
