"""One region of a world: its engine, its counter for other regions, its offices, people and disk.

Theory of operation. A house lives as :mod:`world` does, in lives of its processes: a crash drops
every object of engine and counter, wherever it struck, and the next life begins with what the disk
holds. Its clock is its own. Beside the engine a real :class:`RegionOffice` answers the neighbours,
over the wires of the world; what comes in there stirs the engine as in production.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from oneservice.engine import Engine
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.audit import Auditor, InvariantBrokenError
from oneservice.simulation.chance import Chance
from oneservice.simulation.ids import SeededIds
from oneservice.simulation.network import Network
from oneservice.simulation.regions_days import Days
from oneservice.simulation.regions_offer import Border
from oneservice.simulation.regions_processes import Processes
from oneservice.simulation.regions_register import DiskRegister
from oneservice.simulation.regions_storage import Backup, Storage
from oneservice.simulation.regions_surroundings import Surroundings, gathered, opened_offices
from oneservice.simulation.regions_wire import CALLING, Wires
from oneservice.simulation.remembering import remembering
from oneservice.simulation.store import DiskStore
from oneservice.simulation.tables import Appended
from oneservice.simulation.troubles import EngineClock, Troubles
from oneservice.simulation.world_checks import WorldView

__all__ = ["House"]

_RESTART: Final = timedelta(seconds=40)
_MOST_AT_ONCE: Final = 1_000
_CALLS_PER_CASE: Final = 60


class House:
    """One region that was not lived in yet; :meth:`live` it until the world ends.

    Args:
        region: its code.
        number: its place among the regions, from 1 on.
        borders: what its people want elsewhere.
        world: what it shares with the others.
        arrivals: when its people come, by the number of the visit.
    """

    def __init__(
        self,
        region: str,
        number: int,
        borders: tuple[Border, ...],
        world: Surroundings,
        arrivals: Mapping[int, datetime],
    ) -> None:
        self.region = region
        self._world = world
        chance = Chance(world.settings.seed, f"region {region}")
        self.plan = world.plan.within(f"{region}:")
        self.engine_clock = EngineClock(world.clock)
        self.auditor = Auditor(world.calendar)
        ids = SeededIds(chance)
        self._processes = Processes(
            region,
            number,
            borders,
            world,
            clock=self.engine_clock,
            ids=ids,
            fold=remembering(self.auditor, chance),
            died=self.die,
        )
        self.offices, self._lines = opened_offices(region, borders, world, chance)
        self.people = gathered(
            region, borders, world, arrivals=arrivals, offices=self.offices, ids=ids
        )
        self.storage = Storage(self.plan, world.clock)
        self.troubles = self._made_troubles()
        self.excused: set[str] = set()
        """Cases of which a restored backup has forgotten something."""
        self.lost: dict[str, str] = {}
        """Cases that a restored backup has forgotten altogether, by the name of the visit."""
        self.view = self._made_view()
        self._days = self._made_days()
        self._engine: Engine | None = None
        self._died: asyncio.Future[None] | None = None
        self._dark_until: datetime | None = None
        self._backup: Backup | None = None
        self._found: InvariantBrokenError | None = None
        self.has_left = False
        self.is_alive = False
        self.crashes = 0
        self.engine_went_back_at: datetime | None = None
        self.dispatches = 0
        self.commits = 0
        self.moved: set[str] = set()
        """Cases that moved since the checks between regions looked at them."""

    @property
    def wires(self) -> Wires:
        """The ways to other regions."""
        return self._world.wires

    # --- what the world does to it -------------------------------------------------------------

    def die(self, *, dark_for: timedelta = _RESTART, backup: Backup | None = None) -> None:
        """Kill every process of this region; the next life begins later, perhaps from a backup."""
        self._dark_until = max(
            self._world.clock.now() + dark_for, self._dark_until or self._world.clock.now()
        )
        self._backup = backup or self._backup
        self._world.wires.close(self.region)
        if self._died is not None and not self._died.done():
            self._died.set_result(None)

    def leave(self) -> None:
        """Leave for good."""
        self.has_left = True
        self.die()

    # --- lives ---------------------------------------------------------------------------------

    async def live(self) -> None:
        """Live one life after the other until cancelled, or until the region leaves.

        Raises:
            InvariantBrokenError: something is wrong.
        """
        CALLING.set(self.region)
        while not self.has_left:
            await self._one_life()
            until = self._dark_until or self._world.clock.now()
            await self._world.clock.wait_until(until)
            self._dark_until = None
            if self._backup is not None:
                self._go_back(self._backup)
                self._backup = None

    async def _one_life(self) -> None:
        self.auditor.read(self.storage.recover())
        self.view.no_case_is_lost()
        self.view.what_is_erased_is_gone()
        self._died = asyncio.get_running_loop().create_future()
        store, register = self.storage.opened(seen=self._seen, died=self.die)
        network = self._network(store)
        living = asyncio.create_task(self._life(store, register, network))
        try:
            await asyncio.wait([living, self._died], return_when=asyncio.FIRST_COMPLETED)
        finally:
            store.kill()
            register.kill()
            network.is_dead = True
            self.is_alive = False
            self._engine = None
            self._world.wires.close(self.region)
            self.dispatches += network.dispatches
            self.commits += store.commits
            await _ended(living)
        if self._found is not None:
            raise self._found
        self.crashes += 1
        self.die()

    async def _life(self, store: DiskStore, register: DiskRegister, network: Network) -> None:
        async with self._processes.opened(store, register, network) as engine:
            self._engine, self.is_alive = engine, True
            with engine.watching(lambda _: self._days.stirred.set()):
                await self._days.live(engine, network)

    def _seen(self, appended: Sequence[Appended]) -> None:
        """Have what became durable proven; whatever catches errors, the world hears of it."""
        try:
            self.auditor.read(appended)
        except InvariantBrokenError as error:
            self._found = error
            self.die()
            raise

    def _network(self, store: DiskStore) -> Network:
        settings = self._world.settings

        def died() -> None:
            store.kill()
            self.die()

        return Network(
            self._lines,
            plan=self.plan,
            clock=self.engine_clock,
            later=self._world.later,
            died=died,
            restless=self.view.the_engine_comes_to_rest,
            most_at_once=_MOST_AT_ONCE + _CALLS_PER_CASE * settings.cases,
            pace=settings.manner.pace,
        )

    # --- parts ---------------------------------------------------------------------------------

    def _made_troubles(self) -> Troubles:
        return Troubles(
            offices=self.offices,
            lines=self._lines,
            clock=self._world.clock,
            engine_clock=self.engine_clock,
            plan=self.plan,
            hint=self._hint,
        )

    def _made_view(self) -> WorldView:
        return WorldView(
            auditor=self.auditor,
            people=self.people,
            offices=self.offices,
            tables=self.storage.tables,
            excused=self.excused,
        )

    def _made_days(self) -> Days:
        return Days(
            self._world,
            self.view,
            auditor=self.auditor,
            people=self.people,
            excused=self.excused,
            troubles=self.troubles,
            engine_clock=self.engine_clock,
            foreign=self.storage.foreign,
            seen=self._note_moved,
        )

    def _go_back(self, backup: Backup) -> None:
        """Put an old backup on the disk; those who look on note what it has forgotten."""
        self.engine_went_back_at = self._world.clock.now()
        self.excused |= self.storage.go_back(backup)
        self.view.tables = self.storage.tables
        rows = self.storage.tables.rows
        self.auditor.go_back({name: tuple(row.lines) for name, row in rows.items()})
        self.lost |= self.people.forget(rows.keys())
        self.auditor.changed |= set(rows)

    def _note_moved(self, moved: set[str]) -> None:
        self.moved |= moved

    def _hint(self, department: str) -> None:
        if self._engine is not None:
            self._engine.look_soon(department)


async def _ended(living: asyncio.Task[None]) -> None:
    """Wait for the end of a life; raise what was wrong in it, unless it was a crash."""
    living.cancel()
    await asyncio.wait([living])
    if not living.cancelled():
        error = living.exception()
        if error is not None and not isinstance(error, SimulatedCrash):
            raise error
