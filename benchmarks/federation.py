"""What a border costs: a step by another region's engine, against its office asked directly.

Both ways end at the same office, which decides on the spot behind a socket, keeps a durable
register and has every request signed. Directly that is one exchange. Across the border the region
opens a case of its own (a durable journal), asks its office, seals a bundle and tells the result:
that is what is bought, and this is its price. By the wall clock, for most of it is disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

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

_OFFICE, _POLICE, _STEP, _HOME = "region-980200", "public-security", "birth_registration", "980201"
_ROUNDS: Final = 30
_LOOK_S: Final = 0.002


def measure() -> Iterator[Pair]:
    """Yield filing, and the whole step until its result is known."""
    filed, granted, direct = asyncio.run(_measured())
    floor = "the office itself, signed, decided in its first answer"
    for name, ours in (("filed", filed), ("granted", granted)):
        yield Pair(
            name=f"federation: a step {name} across the border",
            ours_us=statistics.median(ours),
            floor_us=statistics.median(direct),
            floor=floor,
            clock="wall",
        )


async def _measured() -> tuple[list[float], list[float], list[float]]:
    filed: list[float] = []
    granted: list[float] = []
    direct: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with _world(Path(folder)) as departments:
            for number in range(_ROUNDS):
                name, body = f"c{number}.{_STEP}.1", _body(number)
                start = time.perf_counter_ns()
                await departments.submit(_POLICE, name, body)
                direct.append((time.perf_counter_ns() - start) / 1000)
                start = time.perf_counter_ns()
                read: Any = await departments.submit(_OFFICE, name, body)
                filed.append((time.perf_counter_ns() - start) / 1000)
                while read.state != "granted":
                    await asyncio.sleep(_LOOK_S)
                    read = await departments.read(_OFFICE, name, after=0)
                granted.append((time.perf_counter_ns() - start) / 1000)
    return filed[1:], granted[1:], direct[1:]  # the first of each pays for what is kept


@contextlib.asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[HttpDepartments]:
    """Yield the ways of the other region: to the office itself, and to its region's engine."""
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
        region = RegionOffice(
            engine,
            department=_OFFICE,
            store=folder / "counter.db",
            event_key=counter,
            callers=callers,
            offers=(Offer.item("newborn", _STEP),),
        )
        carrying = asyncio.create_task(engine.run())
        stack.callback(carrying.cancel)
        abroad = await stack.enter_async_context(running(region))
        ways = {_POLICE: way, _OFFICE: _way(abroad, counter, caller)}
        yield await stack.enter_async_context(HttpDepartments(ways, clock=SystemClock()))


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
