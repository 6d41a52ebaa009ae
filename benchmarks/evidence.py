"""Looking evidence up at another region's office, against the bare HTTP exchange of the same bytes.

One loop holds both ends, and both ways take the same client library, server and loopback: ours is
the protocol (capabilities known, consent checked, the request durable in the office's register, the
answer read strictly), the floor is ``httpx`` and an ASGI function that answers the same bytes to
the same body and keeps nothing. Signed, both ends work more, and the floor is the same: so the
price of a signature can be read off. *Judged* adds what the asking region owes itself: is the
paper true, and does it count here.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.certificates import NOW
from benchmarks.measuring import Pair
from benchmarks.recognising import make_train
from oneservice.canonical import write_instant
from oneservice.certificates import Certificate, Cryptosuite, Shown, recognise_many
from oneservice.clocks import SystemClock
from oneservice.departments import (
    REQUEST_TAG,
    AdapterApp,
    Caller,
    Callers,
    Consent,
    DepartmentEndpoint,
    Ed25519EventKey,
    EvidenceAnswer,
    EvidenceRequest,
    EvidenceRequestBody,
    EvidenceState,
    HttpDepartments,
    MessageSigner,
    Received,
    ServiceLimits,
    Submission,
    VerifyingKey,
    compose_evidence_request,
    evidence_json,
    running,
)

__all__ = ["measure"]

_KIND: Final = "health-certificate"
_PLAIN, _SIGNED = "health", "health-signed"
_CALLS: Final = 40
_ROUNDS: Final = 9
_FLOOR: Final = "bare httpx and ASGI, the same bytes"


def measure() -> Iterator[Pair]:
    """Yield a look-up unsigned, signed, and signed with the paper judged; by both clocks."""
    for name, spent in asyncio.run(_measured()).items():
        for place, clock in enumerate(("CPU", "wall")):
            ours, floor = (statistics.median(one[place] for one in way) for way in spent)
            yield Pair(
                name=f"evidence: look up {name}",
                ours_us=ours,
                floor_us=floor,
                floor=_FLOOR,
                clock=clock,
            )


_Spent = tuple[float, float]
_Way = Callable[[], Awaitable[object]]


async def _measured() -> dict[str, tuple[list[_Spent], list[_Spent]]]:
    found: dict[str, tuple[list[_Spent], list[_Spent]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with _world(Path(folder)) as world:
            ways = {
                "unsigned": lambda: world.looked_up(_PLAIN),
                "signed": lambda: world.looked_up(_SIGNED),
                "signed and judged": world.judged,
            }
            for name, way in ways.items():
                await _per_call(way)
                await _per_call(world.bare)
                spent: tuple[list[_Spent], list[_Spent]] = ([], [])
                for _ in range(_ROUNDS):
                    spent[0].append(await _per_call(way))
                    spent[1].append(await _per_call(world.bare))
                found[name] = spent
    return found


async def _per_call(way: _Way) -> _Spent:
    """Return microseconds of a call: of the processor, for both ends together, and of the wall."""
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(_CALLS):
        await way()
    spent = (time.process_time_ns() - cpu, time.perf_counter_ns() - wall)
    return spent[0] / _CALLS / 1000, spent[1] / _CALLS / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """An office that gives evidence, twice, a bare server, and who asks them."""

    train: Any
    departments: HttpDepartments
    http: httpx.AsyncClient
    bare_url: str
    numbers: count[int]

    async def looked_up(self, office: str) -> EvidenceAnswer:
        name = f"e{next(self.numbers)}"
        answer = await self.departments.request_evidence(office, name, _request())
        if answer.state is not EvidenceState.DELIVERED:
            msg = f"the office answered {answer.state}"
            raise RuntimeError(msg)
        return answer

    async def judged(self) -> None:
        answer = await self.looked_up(_SIGNED)
        paper = Certificate.of(answer.certificate or {})
        holder = self.train.shown[1].holder
        shown = Shown(paper=paper, holder=holder)
        (found,) = recognise_many((shown,), wanted=self.train.wanted)
        if not found.counts:
            msg = f"the paper does not count: {found.code}"
            raise RuntimeError(msg)

    async def bare(self) -> None:
        url = f"{self.bare_url}/evidence-requests/e{next(self.numbers)}"
        answer = await self.http.put(url, content=_request())
        answer.raise_for_status()
        answer.json()


@contextlib.asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[_World]:
    train = make_train(Cryptosuite.ECDSA_JCS_2019, people=2)
    paper = train.shown[1].paper
    moment = write_instant(NOW)
    given = EvidenceAnswer(
        state=EvidenceState.DELIVERED,
        certificate=Certificate.parse(paper if isinstance(paper, bytes) else b"").document,
        issued_at=moment,
        as_of=moment,
    )
    caller = Ed25519EventKey.generate("neighbour")
    callers = Callers(Caller(id="neighbour", keys=(_public(caller),)))
    async with contextlib.AsyncExitStack() as stack:
        ways = {}
        for name, known, signer in (
            (_PLAIN, None, None),
            (_SIGNED, callers, MessageSigner(key=caller, tag=REQUEST_TAG)),
        ):
            key = Ed25519EventKey.generate(name)
            app = _office(name, folder, key, known, given)
            ways[name] = DepartmentEndpoint(
                base_url=await stack.enter_async_context(running(app)),
                keys=(_public(key),),
                per_minute=10**9,
                signer=signer,
            )
        departments = HttpDepartments(ways, clock=SystemClock())
        yield _World(
            train=train,
            departments=await stack.enter_async_context(departments),
            http=await stack.enter_async_context(httpx.AsyncClient(trust_env=False)),
            bare_url=await stack.enter_async_context(running(_bare(evidence_json(given)))),
            numbers=count(),
        )


def _office(
    name: str, folder: Path, key: Ed25519EventKey, callers: Callers | None, given: EvidenceAnswer
) -> AdapterApp:
    app = AdapterApp(
        name,
        store=folder / f"{name}.db",
        event_key=key,
        limits=ServiceLimits(per_minute=10**9),
        callers=callers,
    )

    @app.step("plain")
    async def plain(_submission: Submission) -> Received:
        return Received()

    @app.evidence(_KIND)
    async def give(_asked: EvidenceRequest) -> EvidenceAnswer:
        return given

    return app


def _bare(answer: bytes) -> Callable[..., Awaitable[None]]:
    """Return an ASGI function that answers the same to whatever it is asked."""
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": answer})

    return app


def _request() -> bytes:
    return compose_evidence_request(
        EvidenceRequestBody(
            evidence_type=_KIND,
            subject={"kind": "person", "name": "旅客1", "code": "P000001"},
            purpose="c42",
            consent=Consent(id="k7", scope=_KIND, until="2099-12-31"),
        )
    )


def _public(key: Ed25519EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
