"""The processes of one region: its engine, and beside it the counter that answers neighbours.

They are the real ones, over a simulated disk and wires; every life of a house starts them anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from oneservice.departments import HttpDepartments, ServiceLimits
from oneservice.engine import Engine
from oneservice.federation import RegionOffice
from oneservice.runtimes import Fold
from oneservice.sandbox import SandboxSeals
from oneservice.simulation.ids import SeededIds
from oneservice.simulation.network import Network
from oneservice.simulation.regions_offer import CROSSING, Border, counter_of, federated
from oneservice.simulation.regions_register import DiskRegister
from oneservice.simulation.regions_surroundings import Surroundings
from oneservice.simulation.regions_ways import Ways
from oneservice.simulation.regions_wire import Counter, address_of
from oneservice.simulation.store import DiskStore
from oneservice.simulation.troubles import EngineClock

__all__ = ["Processes"]

_LIMITS: Final = ServiceLimits(in_flight=10_000, per_minute=1_000_000)
"""A minute of this world takes no time at all, and a counter measures its pace in real time."""


class Processes:
    """Starts what a region runs.

    Args:
        region: its code.
        number: its place among the regions, from 1 on.
        borders: what its people want elsewhere.
        world: what it shares with the others.
        clock: its own, which may be wrong.
        ids: where its ids come from.
        fold: how its engine folds a history.
        died: is called when the counter dies amid a request.
    """

    def __init__(
        self,
        region: str,
        number: int,
        borders: tuple[Border, ...],
        world: Surroundings,
        *,
        clock: EngineClock,
        ids: SeededIds,
        fold: Fold,
        died: Callable[[], None],
    ) -> None:
        self._region = region
        self._number = number
        self._borders = borders
        self._world = world
        self._clock = clock
        self._ids = ids
        self._fold = fold
        self._died = died

    @asynccontextmanager
    async def opened(
        self, store: DiskStore, register: DiskRegister, network: Network
    ) -> AsyncIterator[Engine]:
        """Run engine and counter: over this disk, with ``network`` for the region's own offices."""
        world, region = self._world, self._region
        seals = SandboxSeals({CROSSING: self._borders[0].offer.thing}, region=region)
        async with (
            HttpDepartments(world.keys.ways(region), clock=self._clock) as neighbours,
            Engine.over(
                store,
                region=region,
                departments=Ways(network, neighbours),
                signer=seals.signer(),
                catalog=self._borders[0].offer.catalog,
                trust=None,
                clock=self._clock,
                calendar=world.calendar,
                ids=self._ids,
                feed_every=world.settings.feed_every,
                fold=self._fold,
                peers={one.abroad: counter_of(one.abroad) for one in self._borders},
            ) as engine,
            self._counter(engine, register) as office,
        ):
            self._ids.visit = "abroad"
            world.wires.open(region, Counter(app=office, died=self._died))
            yield engine

    def _counter(self, engine: Engine, register: DiskRegister) -> RegionOffice:
        keys, region = self._world.keys, self._region
        return RegionOffice(
            engine,
            department=counter_of(region),
            region=region,
            offers=federated(),
            callers=keys.callers(region),
            store=register,
            event_key=keys.key(region),
            base_url=address_of(self._number),
            limits=_LIMITS,
        )
