"""One region as a process: ``python -m oneservice.cli.demo_regions_process BASE REGION SKEW``.

It has its own database, keys, clock, log, witness and register; others reach it over sockets only.
Orders come a line at a time on standard input, each with the moment at which it is given; answers
go out a line at a time. When standard input ends, it goes home; killed, it loses nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import oneservice_adapters as offices
from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.certificates import (
    Policy,
    TrustBook,
    TrustStore,
    Witnessed,
)
from oneservice.cli.demo_regions_orders import Region
from oneservice.cli.demo_regions_sites import PublicSite
from oneservice.cli.demo_regions_world import (
    ENOUGH_WITNESSES,
    REGIONS,
    Member,
    member,
    policy_for,
    trust_of,
    witness_of,
)
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    REQUEST_TAG,
    Caller,
    Callers,
    DepartmentEndpoint,
    GuardedWeb,
    HttpDepartments,
    MessageSigner,
    event_keys_of,
    running,
)
from oneservice.engine import Engine, KeySigner
from oneservice.errors import FileUnusableError, OneServiceError
from oneservice.federation import Offer, RegionOffice
from oneservice.runtimes import (
    ArrivalDesk,
    DepartureDesk,
    MovingBook,
    MovingOffice,
    StatusRegister,
)
from oneservice.tlog import (
    FileAnchor,
    LogFolder,
    LogKeeper,
    LogSite,
    NeighbourLog,
    NeighbourWatch,
    SiteView,
    TileLog,
    Watched,
    Witness,
    WitnessSite,
)

__all__ = ["main"]

_ENTRIES: Final = 131_072
_UNHURRIED: Final = 100_000
"""Calls a minute: a virtual minute holds many more than a real one."""


@asynccontextmanager
async def _opened(base: Path, region: str, clock: VirtualClock) -> AsyncIterator[Region]:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(GuardedWeb(is_internal=True))
        opening = _Opening(base=base, own=member(base, region), clock=clock, stack=stack, web=web)
        engine = await opening.engine()
        counter = opening.counter(engine)
        office_url = await stack.enter_async_context(running(counter))
        keeper = await stack.enter_async_context(opening.log())
        leaving, arriving = await opening.desks(keeper)
        watch = opening.watch()
        public = opening.public(leaving, arriving, watch)
        public_url = await stack.enter_async_context(running(public))
        _say({"office": office_url, "public": public_url})
        yield Region(
            own=opening.own,
            ways=opening.ways,
            clock=clock,
            engine=engine,
            office=counter,
            register=leaving.register,
            leaving=leaving,
            arriving=arriving,
            keeper=keeper,
            watch=watch,
            web=web,
        )


class _Opening:
    """A region while it opens: everything that is opened is closed with ``stack``."""

    def __init__(
        self,
        *,
        base: Path,
        own: Member,
        clock: VirtualClock,
        stack: AsyncExitStack,
        web: GuardedWeb,
    ) -> None:
        self.base, self.own, self.clock, self.web = base, own, clock, web
        self._stack = stack
        self.others = {one: member(base, one) for one in REGIONS if one != own.region}
        self.ways: dict[str, Any] = json.loads(
            (own.folder / "ways.json").read_text(encoding="utf-8")
        )
        self._trust = _list_of(trust_of(base), own.region)

    async def engine(self) -> Engine:
        """Open the engine over this region's offices, and over the other regions' counters."""
        endpoints = {name: await self._office(name) for name in self.own.departments}
        for one, other in self.others.items():
            endpoints[other.office] = DepartmentEndpoint(
                base_url=self.ways[one]["office"],
                keys=(other.verifying_key,),
                per_minute=_UNHURRIED,
                signer=MessageSigner(key=self.own.key, tag=REQUEST_TAG),
            )
        departments = await self._stack.enter_async_context(
            HttpDepartments(endpoints, clock=self.clock)
        )
        return await self._stack.enter_async_context(
            Engine.embedded(
                self.own.folder / "cases.db",
                region=self.own.region,
                departments=departments,
                signer=KeySigner(self.own.holder, self.own.seal),
                catalog=load_catalog([bundled_catalog_dir()]),
                trust=self._trust,
                clock=self.clock,
                feed_every=timedelta(minutes=1),
                peers={f"{one[:4]}00": other.office for one, other in self.others.items()},
            )
        )

    def counter(self, engine: Engine) -> RegionOffice:
        """Return the counter at which other regions file what is decided here."""
        callers = (
            Caller(id=f"region-{one}", keys=(other.verifying_key,))
            for one, other in self.others.items()
        )
        return RegionOffice(
            engine,
            department=self.own.office,
            region=self.own.region,
            store=self.own.folder / "counter.db",
            event_key=self.own.key,
            callers=Callers(*callers),
            base_url=self.ways[self.own.region]["office"],
            offers=(Offer.item("newborn", "birth_registration"),),
        )

    @asynccontextmanager
    async def log(self) -> AsyncIterator[LogKeeper]:
        """Open the region's log, cosigned by others, and anchored."""
        path = self.own.folder / "log"
        log = TileLog(path, self.own.log) if path.exists() else TileLog.create(path, self.own.log)
        urls = {one: way["witness"] for one, way in self.ways.items() if one != self.own.region}
        policy = policy_for(self.base, self.own.region, urls)
        anchor = FileAnchor(self.own.folder / "anchor")
        async with LogKeeper(log, policy=policy, web=self.web, anchor=anchor) as keeper:
            yield keeper

    async def desks(self, log: LogKeeper) -> tuple[DepartureDesk, ArrivalDesk]:
        """Open the register, and both desks for certificates that move."""
        own = self.own
        uri = f"https://certificates.{own.region}.example/status/1"
        register = await self._stack.enter_async_context(
            await StatusRegister.open(own.folder / "status.db", uri=uri, entries=_ENTRIES)
        )
        book = self._stack.enter_context(MovingBook(own.folder / "moves.db"))
        office = MovingOffice(
            holder=own.holder,
            key=own.seal,
            key_id=own.key_id,
            trust=lambda: trust_of(self.base),  # lists change while a move is under way
            clock=self.clock,
            policy=Policy.standard().also(Witnessed(at_least=ENOUGH_WITNESSES)),
            log=log,
        )
        leaving = DepartureDesk(office=office, book=book, register=register)
        return leaving, ArrivalDesk(office=office, book=book, register=register)

    def watch(self) -> NeighbourWatch:
        """Return the watch over the other regions' logs."""
        return NeighbourWatch(
            self.own.folder / "watch",
            logs=[self._neighbour(one) for one in self.others],
            signer=self.own.log,
            clock=self.clock,
        )

    def public(
        self, leaving: DepartureDesk, arriving: ArrivalDesk, watch: NeighbourWatch
    ) -> PublicSite:
        """Return what everybody may see, and the witness of other regions' logs."""
        witness = self._stack.enter_context(
            Witness(
                self.own.folder / "witness",
                signers=[self.own.witness],
                logs=[other.log.key for other in self.others.values()],
                clock=self.clock,
            )
        )
        log_site = LogSite(LogFolder(self.own.folder / "log"))
        return PublicSite(
            {"log": log_site, "witness": WitnessSite(witness)},
            letter=lambda move_id: leaving.letter(move_id) or arriving.letter(move_id),
            alarms=watch.alarms,
        )

    async def _office(self, name: str) -> DepartmentEndpoint:
        folder = self.own.folder / "offices" / name
        office = self._stack.enter_context(
            offices.opened_office(folder, name, clock=self.clock, region=self.own.region)
        )
        url = await self._stack.enter_async_context(running(office.app))
        keys = event_keys_of(self._trust, name)
        return DepartmentEndpoint(base_url=url, keys=keys, per_minute=_UNHURRIED)

    def _neighbour(self, region: str) -> NeighbourLog:
        view = SiteView(f"{self.ways[region]['public']}/log", self.web)
        return NeighbourLog(
            log=self.others[region].log.key,
            policy=policy_for(self.base, region, {}),
            watched=(Watched(view=view),),
        )


def _list_of(trust: TrustBook, region: str) -> TrustStore:
    """Return the one list that speaks for ``region``."""
    found = trust.list_for(region)
    if found is None:
        msg = f"no trust list speaks for {region}; make the folder of the story anew"
        raise FileUnusableError(msg)
    return found


async def _serve(base: Path, region: str, skew: timedelta) -> None:
    first = json.loads(await _line())
    clock = VirtualClock(datetime.fromisoformat(first["now"]) + skew)
    async with _opened(base, region, clock) as opened:
        while line := await _line():
            order = json.loads(line)
            clock.set(datetime.fromisoformat(order["now"]) + skew)
            try:
                told = await getattr(opened, f"do_{order['do']}")(order)
            except OneServiceError as error:
                told = {"error": f"{error.code}: {error}"}
            _say(told)


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def _line() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def _witness(base: Path, name: str, skew: timedelta) -> None:
    """Be a witness that is no region's: it cosigns, and does nothing else."""
    first = json.loads(await _line())
    clock = VirtualClock(datetime.fromisoformat(first["now"]) + skew)
    logs = [member(base, one).log.key for one in REGIONS]
    signers = [witness_of(base, name)]
    with Witness(base / name / "witness", signers=signers, logs=logs, clock=clock) as witness:
        async with running(PublicSite({"witness": WitnessSite(witness)})) as url:
            _say({"public": url})
            while line := await _line():
                clock.set(datetime.fromisoformat(json.loads(line)["now"]) + skew)
                _say({})


def main(arguments: list[str]) -> None:
    """Be the region or the auditor that the command line names."""
    base, name, skew = Path(arguments[0]), arguments[1], timedelta(hours=float(arguments[2]))
    asyncio.run(_serve(base, name, skew) if name in REGIONS else _witness(base, name, skew))


if __name__ == "__main__":
    main(sys.argv[1:])
