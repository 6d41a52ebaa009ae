"""One simulated world: an engine over a disk and a network that fail, offices, people, and time.

Theory of operation. The world lives in lives of the engine: a crash drops every object of it, and
the next life begins with what the disk still holds. Within a life the world does what a portal
does: let the engine do what is due, let people act at the same time, look at every case that moved,
and sleep until something is due again. Time is the loop's, so a year costs only what happens in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from oneservice.engine import Engine
from oneservice.errors import JournalError
from oneservice.sandbox import SandboxSeals, SimulatedCrash
from oneservice.simulation.audit import Auditor, InvariantBrokenError, Violation
from oneservice.simulation.chance import Chance
from oneservice.simulation.disk import Disk
from oneservice.simulation.faults import FaultPlan
from oneservice.simulation.ids import SeededIds
from oneservice.simulation.loop import LoopClock, SimulatedLoop
from oneservice.simulation.network import Line, Network, OfficeClock, quietly
from oneservice.simulation.offer import REGION, Offer, eight_steps
from oneservice.simulation.offices import Offices
from oneservice.simulation.people import Deed, People
from oneservice.simulation.remembering import remembering
from oneservice.simulation.settings import Settings
from oneservice.simulation.store import DiskStore
from oneservice.simulation.tables import Tables
from oneservice.simulation.troubles import EngineClock, Troubles
from oneservice.simulation.world_checks import NEWS_TAKE, WorldView
from oneservice.workdays import LEGAL_ZONE, announced_calendar, legal_day

__all__ = ["World"]

_FIRST_DAY: Final = date(2026, 9, 28)
_MORNING: Final = time(9, 0)
_OFFICE_MINUTES: Final = 8 * 60
_TIMES_A_DAY: Final = 2
_AFTER_TROUBLE: Final = timedelta(seconds=5)
_RESTART: Final = timedelta(seconds=40)
"""How long a dead engine stays down."""
_SOME_CALLS: Final = 1_000
_CALLS_PER_CASE: Final = 60
"""More calls than this, and the engine does not come to rest."""
_PATIENCE: Final = timedelta(days=120)
"""By then everything must have ended after the last fault."""


class World:
    """A world that was not lived in yet; :meth:`live` it once."""

    def __init__(self, settings: Settings, loop: SimulatedLoop) -> None:
        start = datetime.combine(_FIRST_DAY, _MORNING, LEGAL_ZONE)
        chance = Chance(settings.seed, "world")
        self.settings = settings
        self.offer: Offer = eight_steps(_FIRST_DAY)
        self.started_at = start
        self.clock = LoopClock(loop, start)
        self.engine_clock = EngineClock(self.clock)
        self.plan = FaultPlan(
            seed=settings.seed,
            kinds=settings.kinds,
            until=start + timedelta(days=settings.fault_days or settings.days),
            only=settings.only,
            scale=settings.scale,
        )
        self.calendar = announced_calendar()
        self.auditor = Auditor(self.calendar)
        self._fold = remembering(self.auditor, Chance(settings.seed, "folds"))
        self._ids = SeededIds(chance)
        self.people = People(
            self.offer,
            Chance(settings.seed, "people"),
            self._arrivals(start),
            greet=self._greet,
            has_granted=lambda name: any(name in one.granted for one in self.offices.values()),
        )
        self.offices, self.lines = self._open_offices()
        self._seals = SandboxSeals({self.offer.thing.thing.id: self.offer.thing}, region=REGION)
        self._disk, self.tables = Disk(), Tables()
        self._engine: Engine | None = None
        self._late: set[asyncio.Task[None]] = set()
        self.troubles = Troubles(
            offices=self.offices,
            lines=self.lines,
            clock=self.clock,
            engine_clock=self.engine_clock,
            plan=self.plan,
            hint=self._hint,
        )
        self.view = WorldView(
            auditor=self.auditor, people=self.people, offices=self.offices, tables=self.tables
        )
        self._today = _FIRST_DAY
        self._moved_today: set[str] = set()
        self.crashes = 0
        self.dispatches = 0
        self.exchanges = 0
        self.commits = 0
        self.violation: Violation | None = None

    async def live(self) -> None:
        """Let everything happen until all cases have ended, or something is wrong."""
        try:
            is_over = False
            while not is_over:
                is_over = await self._one_life()
            self.view.no_effect_is_doubled()
            self.view.what_is_erased_is_gone()
            if self.settings.last_day is None:
                self.view.everything_ends()
                await self.view.offices_and_journals_agree(self.clock.now())
        except InvariantBrokenError as error:
            self.violation = error.violation
        finally:
            for task in self._late:
                task.cancel()
            await asyncio.gather(*self._late, return_exceptions=True)

    # --- lives ---------------------------------------------------------------------------------

    async def _one_life(self) -> bool:
        """Run one life of the engine; say whether everything is over."""
        self.auditor.read(self.tables.recover(self._disk))
        self.view.no_case_is_lost()
        self.view.what_is_erased_is_gone()
        store = DiskStore(
            self._disk,
            self.tables,
            plan=self.plan,
            now=self.clock.now,
            seen=self.auditor.read,
        )
        network = Network(
            self.lines,
            plan=self.plan,
            clock=self.engine_clock,
            later=self._later,
            died=store.kill,
            restless=self.view.the_engine_comes_to_rest,
            most_at_once=_SOME_CALLS + _CALLS_PER_CASE * self.settings.cases,
            pace=self.settings.manner.pace,
        )
        try:
            async with self._opened(store, network) as engine:
                self._engine = engine
                await self._days(engine, network)
        except SimulatedCrash:
            self.crashes += 1
            await self.clock.wait_until(self.clock.now() + _RESTART)
            return False
        finally:
            store.kill()
            network.is_dead = True
            self._engine = None
            self.dispatches += network.dispatches
            self.exchanges += network.exchanges
            self.commits += store.commits
        return True

    def _opened(self, store: DiskStore, network: Network) -> AbstractAsyncContextManager[Engine]:
        return Engine.over(
            store,
            region=REGION,
            departments=network,
            signer=self._seals.signer(),
            catalog=self.offer.catalog,
            trust=None,
            clock=self.engine_clock,
            calendar=self.calendar,
            ids=self._ids,
            feed_every=self.settings.feed_every,
            fold=self._fold,
        )

    async def _days(self, engine: Engine, network: Network) -> None:
        """Go on until everybody is served, or patience has ended."""
        end = self.started_at + (
            timedelta(days=self.settings.days) + _PATIENCE
            if self.settings.last_day is None
            else timedelta(days=self.settings.last_day)
        )
        while True:
            now = self.clock.now()
            self.troubles.pass_until(now)
            has_trouble = await self._act(engine, self.people.due(now))
            if has_trouble:
                network.contradictions.clear()  # what could not be kept is read again
            await self._look(engine, network)
            now = self.clock.now()
            if now > end or (self.people.are_done and now > self.plan.until + NEWS_TAKE):
                return
            await self._sleep(engine, has_trouble=has_trouble)

    async def _act(self, engine: Engine, deeds: list[Deed]) -> bool:
        """Let the engine and people act at the same time; say whether writing failed."""
        acts = [self.people.do(deed, engine, self.clock.now) for deed in deeds]
        done = await asyncio.gather(engine.progress(), *acts, return_exceptions=True)
        problems = [one for one in done if isinstance(one, BaseException)]
        for problem in problems:
            if isinstance(problem, InvariantBrokenError):
                raise problem
        for problem in problems:
            if not isinstance(problem, JournalError):
                raise problem
        return bool(problems)

    async def _look(self, engine: Engine, network: Network) -> None:
        """Check every case that moved, and let its people see it."""
        moved, self.auditor.changed = self.auditor.changed, set()
        now = self.clock.now()
        self._look_at_waits(legal_day(now))
        self._moved_today |= moved
        for case_id in sorted(moved):
            if self.tables.rows[case_id].erasure is not None:
                continue
            case = await engine.case(case_id)
            self.auditor.look_at(case)
            self.people.look_at(case, now)
        network.since_rest = 0
        for contradiction in network.contradictions:
            self.view.a_contradiction_stops(*contradiction)
        network.contradictions.clear()
        self.auditor.resumed.clear()

    def _look_at_waits(self, today: date) -> None:
        """Check, when a day is over, what those cases wait for that moved on it."""
        if today != self._today:
            for case_id in sorted(self._moved_today):
                self.auditor.look_at_waits(case_id)
            self._today, self._moved_today = today, set()

    async def _sleep(self, engine: Engine, *, has_trouble: bool) -> None:
        now = self.clock.now()
        wake = await engine.next_wake()
        times = [
            None if wake is None else wake - self.engine_clock.wrong_by,
            self.people.next_at,
            self.troubles.next_at,
        ]
        known = [one for one in times if one is not None]
        next_at = max(min(known, default=now), now + self.settings.look_every)
        await self.clock.wait_until(now + _AFTER_TROUBLE if has_trouble else next_at)

    # --- parts of the world --------------------------------------------------------------------

    def _arrivals(self, start: datetime) -> dict[int, datetime]:
        """Return when people come: spread over the first days, some at a time, in office hours.

        Those of one quarter of a day are served at one time, as in a hall with numbers: commits
        and turns of the engine then hold many cases, and a crash hits many at once.
        """
        found: dict[int, datetime] = {}
        days = max(1, self.settings.days * 3 // 4)
        for number in range(self.settings.cases):
            if self.settings.visits is not None and number + 1 not in self.settings.visits:
                continue
            day = number * days // self.settings.cases
            minute = number % _TIMES_A_DAY * _OFFICE_MINUTES // _TIMES_A_DAY
            found[number + 1] = start + timedelta(days=day, minutes=minute)
        return found

    def _greet(self, visit: str) -> None:
        self._ids.visit = visit

    def _open_offices(self) -> tuple[dict[str, Offices], dict[str, Line]]:
        parameters = self.settings.manner.parameters(self.offer, self.calendar)
        offices: dict[str, Offices] = {}
        lines: dict[str, Line] = {}
        for name in sorted(parameters.departments):
            clock = OfficeClock(self.clock)
            chance = Chance(self.settings.seed, "offices").stream(name)
            own = replace(parameters, departments=frozenset({name}), joint_inspections=())
            offices[name] = Offices(own, clock, chance)
            lines[name] = Line(offices[name], clock)
        return offices, lines

    def _later(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Let something take effect later, whether or not the engine lives then."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await quietly(work)

        task = asyncio.get_running_loop().create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _hint(self, department: str) -> None:
        if self._engine is not None:
            self._engine.look_soon(department)
