"""A world of several regions: each with an engine, disk, clock and offices, real HTTP between them.

Theory of operation. Every region lives in a task of its own, on one virtual time; nothing is shared
but the wires, and what neighbours know of each other's keys. Some hours apart the world looks at
all of them together: what was told across a border must be what happened behind it. After the last
fault everything must come to an end, or wait for a stated reason.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from oneservice.simulation.audit import InvariantBrokenError, Violation
from oneservice.simulation.faults import FaultPlan
from oneservice.simulation.loop import LoopClock
from oneservice.simulation.network import quietly
from oneservice.simulation.regions_checks import Between
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_keys import KeyRing
from oneservice.simulation.regions_moving import Moves
from oneservice.simulation.regions_offer import borders, region_codes
from oneservice.simulation.regions_surroundings import Surroundings
from oneservice.simulation.regions_weather import Weather
from oneservice.simulation.regions_wire import WireLoop, Wires
from oneservice.simulation.settings import Settings
from oneservice.simulation.world_checks import NEWS_TAKE
from oneservice.workdays import LEGAL_ZONE, announced_calendar

__all__ = ["RegionsWorld"]

_FIRST_DAY: Final = date(2026, 10, 12)
_MORNING: Final = time(9, 0)
_LOOK_EVERY: Final = timedelta(hours=8)
_PATIENCE: Final = timedelta(days=60)
"""By then everything must have ended after the last fault, or wait for a stated reason."""


class RegionsWorld:
    """A world that was not lived in yet; :meth:`live` it once."""

    def __init__(self, settings: Settings, loop: WireLoop) -> None:
        start = datetime.combine(_FIRST_DAY, _MORNING, LEGAL_ZONE)
        regions = region_codes(settings.regions)
        self.settings = settings
        self.started_at = start
        self.clock = LoopClock(loop, start)
        self.plan = FaultPlan(
            seed=settings.seed,
            kinds=settings.kinds,
            until=start + timedelta(days=settings.fault_days or settings.days),
            only=settings.only,
            scale=settings.scale,
        )
        self._late: set[asyncio.Task[None]] = set()
        self.wires = loop.wires = Wires(
            regions, plan=self.plan, clock=self.clock, later=self._later
        )
        keys = KeyRing(settings.seed, regions)
        world = Surroundings(
            settings=settings,
            clock=self.clock,
            plan=self.plan,
            wires=self.wires,
            keys=keys,
            calendar=announced_calendar(),
            later=self._later,
        )
        wanted = borders(regions, _FIRST_DAY)
        self.houses = {
            name: House(
                name,
                number,
                tuple(one for one in wanted if one.home == name),
                world,
                self._arrivals(number - 1, start),
            )
            for number, name in enumerate(regions, 1)
        }
        self.weather = Weather(
            self.houses,
            wires=self.wires,
            keys=keys,
            clock=self.clock,
            plan=self.plan,
            after=self._after,
        )
        self.between = Between(self.houses)
        self.moves = Moves(self.houses, plan=self.plan, clock=self.clock)
        self.violation: Violation | None = None

    async def live(self) -> None:
        """Let everything happen until all cases have ended, or something is wrong."""
        living = [
            asyncio.create_task(house.live(), name=name) for name, house in self.houses.items()
        ]
        visits: dict[int, datetime] = {}
        for place in range(self.settings.regions):
            visits |= self._arrivals(place, self.started_at)
        living.append(asyncio.create_task(self.moves.live(visits), name="moves"))
        try:
            while not self._is_over():
                await self._wait(living)
                self.between.look()
            if self.settings.last_day is None:
                self.between.look_at_the_end(self.clock.now())
                for house in self.houses.values():
                    house.view.no_effect_is_doubled()
        except InvariantBrokenError as error:
            self.violation = error.violation
        finally:
            for task in (*living, *self._late):
                task.cancel()
            await asyncio.gather(*living, *self._late, return_exceptions=True)

    def counts(self) -> Counter[str]:
        """Return what happened, by name."""
        houses = self.houses.values()
        found: Counter[str] = Counter(self.weather.struck)
        for house in houses:
            found += house.auditor.counts
            found["records"] += house.auditor.checks["journal-verifies"]
            found["erased"] += sum(
                one.erasure is not None for one in house.storage.tables.rows.values()
            )
        found["crashes"] = sum(one.crashes for one in houses)
        found["commits"] = sum(one.commits for one in houses)
        found["dispatches"] = sum(one.dispatches for one in houses)
        found["exchanges"] = self.wires.exchanges
        found["unreached"] = self.wires.unreached
        found["cases across borders"] = sum(len(one.storage.foreign()) for one in houses)
        found["lost with a backup"] = sum(len(one.lost) for one in houses)
        return found + self.between.counts + self.moves.counts

    def ends(self) -> Counter[str]:
        """Return how many cases came to which end; all who came are in it once."""
        found: Counter[str] = Counter()
        for place, house in enumerate(self.houses.values()):
            came = {f"visit-{number}" for number in self._arrivals(place, self.started_at)}
            found.update(_fate(house, visit) for visit in came)
        return found

    def checks(self) -> Counter[str]:
        """Return how often each invariant was looked at."""
        found = self.between.checks + self.moves.checks
        for house in self.houses.values():
            found += house.auditor.checks
        return found

    # --- inside --------------------------------------------------------------------------------

    async def _wait(self, living: list[asyncio.Task[None]]) -> None:
        """Let some hours pass, or raise what was wrong in one of the regions."""
        left = [one for one in living if not one.done()]
        done, _ = await asyncio.wait(
            left, timeout=_LOOK_EVERY.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()
        if self.wires.broken:
            raise InvariantBrokenError(
                Violation(invariant="nothing-breaks", case_id="-", problem=self.wires.broken[0])
            )

    def _is_over(self) -> bool:
        now, settings = self.clock.now(), self.settings
        if settings.last_day is not None:
            return now > self.started_at + timedelta(days=settings.last_day)
        if now > self.plan.until + _PATIENCE:
            return True
        is_calm = now > self.plan.until + NEWS_TAKE
        return is_calm and self.moves.is_over and self.between.is_settled()

    def _arrivals(self, place: int, start: datetime) -> dict[int, datetime]:
        """Return when people come to the region at ``place``: each takes its turn."""
        settings = self.settings
        days = max(1, settings.days * 3 // 4)
        found: dict[int, datetime] = {}
        for number in range(place, settings.cases, settings.regions):
            if settings.visits is None or number + 1 in settings.visits:
                minutes = number * days * 24 * 60 // settings.cases
                found[number + 1] = start + timedelta(minutes=minutes)
        return found

    def _later(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Let something take effect later, whoever lives then."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await quietly(work)

        task = asyncio.get_running_loop().create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _after(self, while_: timedelta, act: Callable[[], None]) -> None:
        async def work() -> None:
            act()

        self._later(while_.total_seconds(), work)


def _fate(house: House, visit: str) -> str:
    """Return what became of the case for which somebody came to a region."""
    case_id = house.people.acknowledged.get(visit)
    if case_id in house.people.ended:
        return house.people.ended[case_id]
    if case_id is None and visit in house.lost:
        return "gone with an old backup"
    if house.has_left:
        return "left behind in a region that left"
    return "not opened" if case_id is None else "open: waits for a region that left"
