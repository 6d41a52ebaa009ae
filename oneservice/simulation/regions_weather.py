"""What goes wrong with whole regions and between them, decided day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from itertools import combinations
from typing import Final

from oneservice.ports import Clock
from oneservice.simulation.faults import AT_NEIGHBOURS, AT_REGION, FaultKind, FaultPlan
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_keys import KeyRing
from oneservice.simulation.regions_storage import Backup
from oneservice.simulation.regions_wire import Wires

__all__ = ["Weather"]

_ANNOUNCED: Final = timedelta(hours=36)
"""How long before it speaks under a new key a region tells its neighbours of it."""


class Weather:
    """Looks once a day at every region and at every two of them.

    Args:
        houses: by region.
        wires: between them.
        keys: of all.
        clock: the true time.
        plan: decides.
        after: has something done after a while.
    """

    def __init__(
        self,
        houses: Mapping[str, House],
        *,
        wires: Wires,
        keys: KeyRing,
        clock: Clock,
        plan: FaultPlan,
        after: Callable[[timedelta, Callable[[], None]], None],
    ) -> None:
        self._houses = houses
        self._wires = wires
        self._keys = keys
        self._clock = clock
        self._plan = plan
        self._after = after
        self.struck: Counter[str] = Counter()
        """What really happened of it."""
        after(timedelta(hours=5), self._look)

    def _look(self) -> None:
        now = self._clock.now()
        if now < self._plan.until:
            self._after(timedelta(days=1), self._look)
        for name, house in self._houses.items():
            fault, crossing = self._plan.at(f"{name}/day", AT_REGION, now)
            if fault is not None and not house.has_left:
                self._strike(house, fault, crossing)
        for pair in combinations(self._houses, 2):
            fault, crossing = self._plan.at(f"{'-'.join(pair)}/day", AT_NEIGHBOURS, now)
            if fault is not None:
                self._part(pair, fault, crossing)

    def _strike(self, house: House, fault: FaultKind, crossing: str) -> None:
        chance = self._plan.chance

        def hours(what: str, least: int, most: int) -> timedelta:
            return timedelta(hours=chance.between(f"{crossing}/{what}", least, most))

        match fault:
            case FaultKind.DARK:
                self._count("went dark")
                house.die(dark_for=hours("dark", 1, 30))
            case FaultKind.OLD_BACKUP:
                backup = house.storage.backed_up()
                self._after(hours("older", 2, 80), lambda: self._restore(house, backup))
            case FaultKind.REGION_SKEW:
                minutes = chance.between(f"{crossing}/minutes", -360, 360)
                house.engine_clock.wrong_by = timedelta(minutes=minutes)
                self._count("clocks wrong by hours")
                self._after(hours("lasts", 6, 72), lambda: _mend_clock(house))
            case FaultKind.ROTATE_KEY:
                self._rotate(house, crossing)
            case FaultKind.LEAVE if not any(one.has_left for one in self._houses.values()):
                self._count("regions left")
                house.leave()
            case _:
                return

    def _restore(self, house: House, backup: Backup) -> None:
        if not house.has_left:
            self._count("restored from an old backup")
            house.die(backup=backup)

    def _part(self, pair: tuple[str, str], fault: FaultKind, crossing: str) -> None:
        chance = self._plan.chance
        ways = [pair, pair[::-1]]
        if fault is FaultKind.ONE_WAY:
            ways = [chance.choice(f"{crossing}/way", ways)]
        lasts = timedelta(hours=chance.between(f"{crossing}/lasts", 10, 110))
        self._count("parted" if len(ways) > 1 else "parted one way")
        for way in ways:
            self._wires.cut[way] = self._wires.cut.get(way, 0) + 1
            self._after(lasts, partial(self._join, way))

    def _join(self, way: tuple[str, str]) -> None:
        self._wires.cut[way] -= 1

    def _rotate(self, house: House, crossing: str) -> None:
        """Announce the next key, and speak under it later; somebody may hear of it too late."""
        name, chance = house.region, self._plan.chance
        number = self._keys.speaking[name] + 1
        if any(self._keys.known[other, name] >= number for other in self._houses if other != name):
            return  # it is changing its key already
        for other in self._houses:
            if other != name:
                most = 60 if chance.happens(f"{crossing}/{other}/late", 300) else 30
                hears = timedelta(
                    hours=chance.between(f"{crossing}/{other}/hears", most - 29, most)
                )
                self._after(hears, partial(self._hear, other, name, number))
        self._after(_ANNOUNCED, lambda: self._speak(house, number))

    def _hear(self, other: str, name: str, number: int) -> None:
        """Let a region know another's next key: its process begins anew with the longer list."""
        self._keys.known[other, name] = number
        self._houses[other].die()

    def _speak(self, house: House, number: int) -> None:
        self._count("keys changed")
        self._keys.speaking[house.region] = number
        house.die()

    def _count(self, what: str) -> None:
        self.struck[what] += 1


def _mend_clock(house: House) -> None:
    house.engine_clock.wrong_by = timedelta(0)
