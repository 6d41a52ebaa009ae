"""A region, open: engine, counter, register, desks, log, witness, watch and the village's seal.

Everything about other regions comes from what this region knows of them (:mod:`acquaintance`); when
that changes, the region closes and opens anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import oneservice_adapters as offices
from oneservice.certificates import Policy, RegionKeyUse, Witnessed
from oneservice.cli.demo_regions.acquaintance import Acquaintance
from oneservice.cli.demo_regions.archive import Archive
from oneservice.cli.demo_regions.editions import ENOUGH_WITNESSES, LoggedEditions, SeenEditions
from oneservice.cli.demo_regions.keys import Member, counter_url, site_url, territory_of
from oneservice.cli.demo_regions.kinds import definitions
from oneservice.cli.demo_regions.lists import KEYS_SINCE
from oneservice.cli.demo_regions.log_papers import watchers_of
from oneservice.cli.demo_regions.lookups import give_papers
from oneservice.cli.demo_regions.region import Region
from oneservice.cli.demo_regions.village import Village
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    REQUEST_TAG,
    Caller,
    Callers,
    DepartmentEndpoint,
    FetchedLists,
    HttpDepartments,
    MessageSigner,
    event_keys_of,
    keys_of_region,
    running,
)
from oneservice.engine import Engine, KeySigner, Vouchers
from oneservice.errors import WebUnavailableError
from oneservice.federation import Offer, RegionOffice
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    MovingBook,
    MovingOffice,
    StatusRegister,
)
from oneservice.tlog import (
    EntryLog,
    FileAnchor,
    LogKeeper,
    NeighbourLog,
    NeighbourWatch,
    SiteView,
    TileLog,
    Watched,
    Witness,
)
from oneservice.transparency import NoteKey, WitnessPolicy

__all__ = ["opened"]

_ENTRIES: Final = 131_072
_UNHURRIED: Final = 100_000
"""Calls a minute: a virtual minute holds many more than a real one."""


@asynccontextmanager
async def opened(own: Member, known: Acquaintance, clock: VirtualClock) -> AsyncIterator[Region]:
    """Open a region over what it knows of the others now."""
    async with AsyncExitStack() as stack:
        house = _Opening(own, known, clock, stack)
        keeper = await house.log()
        entries = await stack.enter_async_context(EntryLog(keeper))
        lists = FetchedLists(known.web)
        engine = await house.engine(entries, lists)
        archive = Archive(own.folder)
        office = house.counter(engine, archive)
        await stack.enter_async_context(office)
        leaving, arriving = await house.desks(entries)
        yield Region(
            own=own,
            known=known,
            clock=clock,
            engine=engine,
            office=office,
            register=leaving.register,
            leaving=leaving,
            arriving=arriving,
            keeper=keeper,
            entries=entries,
            watch=house.watch(),
            witness=house.witness(),
            village=stack.enter_context(Village(own, since=KEYS_SINCE, clock=clock, log=entries)),
            archive=archive,
            lists=lists,
            offices=house.offices,
            editions=LoggedEditions(own.folder / "editions", entries),
            seen=SeenEditions(own.folder / "lists-seen"),
        )


class _Opening:
    """A region while it opens: everything that is opened is closed with ``stack``."""

    def __init__(
        self, own: Member, known: Acquaintance, clock: VirtualClock, stack: AsyncExitStack
    ) -> None:
        self.own, self.known, self.clock = own, known, clock
        self._stack = stack
        self._others = known.others(clock.now())
        self.offices: dict[str, Any] = {}

    async def log(self) -> LogKeeper:
        """Open the region's log, cosigned by those whom its own list names, and anchored."""
        path = self.own.folder / "log"
        log = TileLog(path, self.own.log) if path.exists() else TileLog.create(path, self.own.log)
        keeper = LogKeeper(
            log,
            policy=self._policy(territory_of(self.own.region)),
            web=self.known.web,
            anchor=FileAnchor(self.own.folder / "anchor"),
        )
        return await self._stack.enter_async_context(keeper)

    async def engine(self, entries: EntryLog, lists: FetchedLists) -> Engine:
        """Open the engine over this region's offices, and over the other regions' counters.

        What it hands out goes into the region's log, and into bundles with proof and status list.
        """
        endpoints = {name: await self._office(name) for name in self.own.departments}
        peers: dict[str, str] = {}
        for one in self._others:
            address = self._address(self.known.counter(one))
            if address is not None:
                peers[one.region] = f"region-{one.region}"
                endpoints[peers[one.region]] = DepartmentEndpoint(
                    base_url=address,
                    keys=keys_of_region(one, use=RegionKeyUse.EVENT, at=self.clock.now()),
                    per_minute=_UNHURRIED,
                    signer=MessageSigner(key=self.own.asking, tag=REQUEST_TAG),
                )
        departments = HttpDepartments(endpoints, clock=self.clock)
        await self._stack.enter_async_context(departments)
        return await self._stack.enter_async_context(
            Engine.embedded(
                self.own.folder / "cases.db",
                region=self.own.region,
                departments=departments,
                signer=KeySigner(self.own.holder, self.own.seal),
                catalog=definitions(),
                trust=self.known.own,
                clock=self.clock,
                feed_every=timedelta(minutes=1),
                peers=peers,
                vouchers=Vouchers(log=entries, lists=lists),
            )
        )

    def counter(self, engine: Engine, archive: Archive) -> RegionOffice:
        """Return the counter at which other regions file what is decided here, and look up."""
        now = self.clock.now()
        callers = (
            Caller(
                id=f"region-{one.region}",
                keys=keys_of_region(one, use=RegionKeyUse.REQUEST, at=now),
            )
            for one in self._others
        )
        office = RegionOffice(
            engine,
            department=self.own.office,
            region=self.own.region,
            store=self.own.folder / "counter.db",
            event_key=self.own.key,
            callers=Callers(*callers),
            base_url=self.known.web.address(counter_url(self.own.region)),
            offers=(Offer.item("newborn", "birth_registration"),),
        )
        give_papers(office, archive, site=site_url(self.own.region))
        return office

    async def desks(self, log: EntryLog) -> tuple[DepartureDesk, ArrivalDesk]:
        """Open the register, and both desks for certificates that move."""
        own = self.own
        uri = f"{site_url(own.region)}/status/1"
        register = await self._stack.enter_async_context(
            await StatusRegister.open(own.folder / "status.db", uri=uri, entries=_ENTRIES)
        )
        book = self._stack.enter_context(MovingBook(own.folder / "moves.db"))
        office = MovingOffice(
            holder=own.holder,
            key=own.seal,
            key_id=own.key_id,
            trust=lambda: self.known.trust,  # lists change while a move is under way
            clock=self.clock,
            policy=Policy.standard().also(Witnessed(at_least=ENOUGH_WITNESSES)),
            log=log,
        )
        leaving = DepartureDesk(office=office, book=book, register=register)
        return leaving, ArrivalDesk(office=office, book=book, register=register)

    def watch(self) -> NeighbourWatch:
        """Return the watch over the logs that other regions' lists name."""
        own = territory_of(self.own.region)
        return NeighbourWatch(
            self.own.folder / "watch",
            logs=[
                self._neighbour(territory, key)
                for territory, key in self.known.log_keys().items()
                if territory != own
            ],
            signer=self.own.log,
            clock=self.clock,
        )

    def witness(self) -> Witness:
        """Return the witness of other regions' logs."""
        own = territory_of(self.own.region)
        logs = self.known.log_keys()
        return self._stack.enter_context(
            Witness(
                self.own.folder / "witness",
                signers=[self.own.witness],
                logs=[key for territory, key in logs.items() if territory != own],
                clock=self.clock,
            )
        )

    async def _office(self, name: str) -> DepartmentEndpoint:
        folder = self.own.folder / "offices" / name
        office = self._stack.enter_context(
            offices.opened_office(folder, name, clock=self.clock, region=self.own.region)
        )
        self.offices[name] = office.app
        url = await self._stack.enter_async_context(running(office.app))
        keys = event_keys_of(self.known.own, name)
        return DepartmentEndpoint(base_url=url, keys=keys, per_minute=_UNHURRIED)

    def _policy(self, territory: str) -> WitnessPolicy:
        return watchers_of(self.known.lists[territory])

    def _neighbour(self, territory: str, key: NoteKey) -> NeighbourLog:
        view = SiteView(f"https://{key.name}", self.known.web)
        policy = self._policy(territory)
        return NeighbourLog(log=key, policy=policy, watched=(Watched(view=view),))

    def _address(self, url: str | None) -> str | None:
        """Return where a counter is reached from here; a name that leads nowhere is no peer."""
        try:
            return None if url is None else self.known.web.address(url)
        except WebUnavailableError:
            return None
