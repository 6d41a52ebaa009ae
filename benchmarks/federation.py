"""What a border costs: a step by another region's engine, against the same messages without it.

All ways end at the same office, which decides on the spot behind a socket, keeps a durable register
and has every request signed. Across the border the region opens a case of its own (a durable
journal), asks its office, seals the result and tells it: that is what is bought. The floor of a
whole step is a relay: an office that asks the other one while it answers; it has a register, too.
So both ways exchange three messages, and nobody polls. By the wall clock, for much of it is disk;
and by processor time, client and servers together, which other work on the machine hardly moves.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.measuring import Pair
from oneservice import Engine
from oneservice.canonical import canonical
from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.clocks import SystemClock
from oneservice.departments import (
    REQUEST_TAG,
    Accepted,
    AdapterApp,
    Caller,
    Callers,
    DepartmentEndpoint,
    Ed25519EventKey,
    Granted,
    HttpDepartments,
    MessageSigner,
    Submission,
    VerifyingKey,
    running,
)
from oneservice.engine import KeySigner
from oneservice.federation import Offer, RegionOffice
from oneservice.ports import SealHolder

__all__ = ["measure"]

_OFFICE, _POLICE, _RELAY = "region-980200", "public-security", "relay"
_STEP, _HOME = "birth_registration", "980201"
_ROUNDS: Final = 30


def measure() -> Iterator[Pair]:
    """Yield filing, and the whole step until its result was read; by both clocks."""
    filed, granted, direct, relayed = (
        _Spent.median(found) for found in zip(*asyncio.run(_measured()), strict=True)
    )
    kinds = (
        ("filed", filed, direct, "the office itself: one exchange"),
        ("granted and read", granted, relayed, "a relay without an engine: three exchanges"),
    )
    for name, ours, floor, words in kinds:
        for clock, mine, theirs in (
            ("wall", ours.wall_us, floor.wall_us),
            ("CPU", ours.cpu_us, floor.cpu_us),
        ):
            yield Pair(
                name=f"federation: a step {name} across the border",
                ours_us=mine,
                floor_us=theirs,
                floor=words,
                clock=clock,
            )


class _Spent(NamedTuple):
    """Microseconds since a moment."""

    wall_us: float
    cpu_us: float

    @classmethod
    def now(cls) -> _Spent:
        return cls(time.perf_counter_ns() / 1000, time.process_time_ns() / 1000)

    def since(self) -> _Spent:
        wall, cpu = self.now()
        return _Spent(wall - self.wall_us, cpu - self.cpu_us)

    @classmethod
    def median(cls, found: Iterable[_Spent]) -> _Spent:
        walls, cpus = zip(*found, strict=True)
        return cls(statistics.median(walls), statistics.median(cpus))


async def _measured() -> list[tuple[_Spent, _Spent, _Spent, _Spent]]:
    """Return of each round: filed, granted and read, the office directly, by the relay."""
    rounds: list[tuple[_Spent, _Spent, _Spent, _Spent]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with _world(Path(folder)) as world:
            for number in range(_ROUNDS):
                name, body = f"c{number}.{_STEP}.1", _body(number)
                begun = _Spent.now()
                await world.departments.submit(_POLICE, name, body)
                direct = begun.since()
                begun = _Spent.now()
                await world.departments.submit(_RELAY, name, body)
                await world.departments.read(_RELAY, name, after=0)
                relayed = begun.since()
                world.region.told.clear()
                begun = _Spent.now()
                await world.departments.submit(_OFFICE, name, body)
                filed = begun.since()
                await world.region.told.wait()
                read: Any = await world.departments.read(_OFFICE, name, after=0)
                granted = begun.since()
                if read.state != "granted":
                    msg = f"the region told {read.state}, and not that it granted"
                    raise RuntimeError(msg)
                rounds.append((filed, granted, direct, relayed))
    return rounds[1:]  # the first pays for what is kept


class _Region(RegionOffice):
    """Says when a result was written down; until then the caller would be told to come again."""

    told: asyncio.Event

    async def record(self, submission_id: str, *outcomes: Any, **given: Any) -> Any:
        done = await super().record(submission_id, *outcomes, **given)
        if any(isinstance(one, Granted) for one in outcomes):
            self.told.set()
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """The ways of the other region, and the region that it files to."""

    departments: HttpDepartments
    region: _Region


@contextlib.asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[_World]:
    """Yield the other region's ways: to the office itself, to a relay, to its region's engine."""
    caller = Ed25519EventKey.generate("neighbour")
    key, counter = Ed25519EventKey.generate("police"), Ed25519EventKey.generate("counter")
    async with contextlib.AsyncExitStack() as stack:
        callers = Callers(Caller(id="neighbour", keys=(_public(caller),)))
        office = AdapterApp(_POLICE, store=folder / "p.db", event_key=key, callers=callers)
        office.step(_STEP)(_decided)
        url = await stack.enter_async_context(running(office))
        way = _way(url, key, caller)
        ports = await stack.enter_async_context(
            HttpDepartments({_POLICE: way}, clock=SystemClock())
        )
        engine = await stack.enter_async_context(
            Engine.embedded(
                folder / "cases.db",
                region=_HOME,
                departments=ports,
                signer=KeySigner(
                    SealHolder(id="https://c.invalid/h", name={"en": "Centre"}, region=_HOME),
                    SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
                ),
            )
        )
        region = _Region(
            engine,
            department=_OFFICE,
            store=folder / "counter.db",
            event_key=counter,
            callers=callers,
            offers=(Offer.item("newborn", _STEP),),
        )
        region.told = asyncio.Event()
        carrying = asyncio.create_task(engine.run())
        stack.callback(carrying.cancel)
        abroad = await stack.enter_async_context(running(region))
        relay = AdapterApp(_RELAY, store=folder / "r.db", event_key=counter, callers=callers)
        relay.step(_STEP)(_relayed(ports))
        relayed = await stack.enter_async_context(running(relay))
        ways = {
            _POLICE: way,
            _RELAY: _way(relayed, counter, caller),
            _OFFICE: _way(abroad, counter, caller),
        }
        departments = HttpDepartments(ways, clock=SystemClock())
        await stack.enter_async_context(departments)
        yield _World(departments=departments, region=region)


def _relayed(
    ports: HttpDepartments,
) -> Callable[[Submission], Awaitable[tuple[Accepted, Granted]]]:
    async def decide(submission: Submission) -> tuple[Accepted, Granted]:
        await ports.submit(_POLICE, f"r-{submission.id}", _body(int(submission.case_id[1:])))
        return Accepted(), Granted(number=submission.id)

    return decide


def _decided(submission: Submission) -> tuple[Accepted, Granted]:
    return Accepted(), Granted(number=submission.id)


def _way(url: str, key: Ed25519EventKey, caller: Ed25519EventKey) -> DepartmentEndpoint:
    return DepartmentEndpoint(
        base_url=url,
        keys=(_public(key),),
        per_minute=1_000_000,
        signer=MessageSigner(key=caller, tag=REQUEST_TAG),
    )


def _public(key: Ed25519EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


def _body(number: int) -> bytes:
    return canonical(
        {
            "case_id": f"c{number}",
            "step_id": _STEP,
            "attempt": 1,
            "region": _HOME,
            "applicant": {"kind": "person", "name": "何静", "code": "97030119940312004X"},
            "fields": {
                "child_name": "陆小禾",
                "child_sex": "female",
                "born_on": "2026-09-21",
                "ethnic_group": "汉族",
                "born_in": "970301",
                "mother_name": "何静",
                "mother_id_no": "97030119940312004X",
                "phone": "13800000031",
                "follows": "father",
                "home_region": _HOME,
                "home_address": "样城市一区海港路18号",
                "householder_name": "陆舟",
                "relation_to_householder": "child",
            },
            "materials": [],
            "consents": [{"id": "k1", "scope": "newborn"}],
        }
    )
