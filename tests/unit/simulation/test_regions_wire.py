"""The wires between simulated regions: the real client on one side, an ASGI app on the other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.departments import DepartmentEndpoint, HttpDepartments
from oneservice.departments.register import StoredDocument
from oneservice.errors import (
    DepartmentContractError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
    JournalFullError,
)
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.faults import FaultKind, FaultPlan
from oneservice.simulation.loop import LoopClock, SimulatedLoop, run
from oneservice.simulation.regions_register import DiskRegister, RegisterDisk
from oneservice.simulation.regions_wire import CALLING, Counter, WireLoop, Wires, address_of

START = datetime(2026, 10, 12, 1, tzinfo=UTC)
HERE, THERE = "990101", "980201"
Case = Callable[["Land"], Awaitable[Any]]


class Land:
    """Two regions and the wires between them; the second one's counter answers as it is told."""

    def __init__(self, loop: WireLoop, kinds: set[FaultKind]) -> None:
        self.clock = LoopClock(loop, START)
        self.died = 0
        self.asked: list[str] = []
        self.traces: list[bytes] = []
        self.later: list[tuple[float, Any]] = []
        plan = FaultPlan(
            seed=1, kinds=frozenset(kinds), until=START + timedelta(days=1), scale=1000
        )
        self.wires = loop.wires = Wires(
            (HERE, THERE),
            plan=plan,
            clock=self.clock,
            later=lambda seconds, work: self.later.append((seconds, work)),
        )
        self.wires.open(THERE, Counter(app=self.app, died=self.dies))
        CALLING.set(HERE)

    def dies(self) -> None:
        self.died += 1
        self.wires.close(THERE)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        self.asked.append(f"{scope['method']} {scope['path']} {len(body)}")
        self.traces.append(dict(scope["headers"])[b"traceparent"])
        headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    async def file(self) -> Any:
        way = DepartmentEndpoint(base_url=address_of(2), keys=())
        async with HttpDepartments({"r": way}, clock=self.clock) as client:
            return await client.submit("r", "c1.step.1", b'{"a":1}')


def lived(main: Case, *kinds: FaultKind) -> Land:
    loop = WireLoop()
    lands = []

    async def whole(_: SimulatedLoop) -> None:
        lands.append(Land(loop, set(kinds)))
        await main(lands[0])

    run(whole, loop)
    return lands[0]


async def refused(land: Land, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await land.file()


def test_a_request_arrives_whole_and_is_answered() -> None:
    land = lived(lambda land: refused(land, DepartmentContractError))
    assert land.asked == ["PUT /oneservice/v1/submissions/c1.step.1 7"]


def test_what_is_cut_off_was_certainly_not_sent() -> None:
    async def main(land: Land) -> None:
        land.wires.cut[HERE, THERE] = 1
        await refused(land, DepartmentUnavailableError)
        land.wires.cut[HERE, THERE] = 0
        land.wires.cut[THERE, HERE] = 1  # the other way is another one
        await refused(land, DepartmentContractError)

    land = lived(main)
    assert land.wires.unreached == 1
    assert len(land.asked) == 1


def test_where_nobody_listens_nothing_is_sent() -> None:
    async def main(land: Land) -> None:
        land.wires.close(THERE)
        await refused(land, DepartmentUnavailableError)

    assert lived(main).asked == []


@pytest.mark.parametrize(
    ("kind", "error", "asked"),
    [
        (FaultKind.DROP_REQUEST, DepartmentUnknownOutcomeError, 0),
        (FaultKind.DROP_ANSWER, DepartmentUnknownOutcomeError, 1),
        (FaultKind.REFUSE, DepartmentUnknownOutcomeError, 0),
        (FaultKind.SERVER_ERROR, DepartmentUnknownOutcomeError, 1),
        (FaultKind.PUSH_BACK, DepartmentUnavailableError, 0),
        (FaultKind.DELAY, DepartmentUnknownOutcomeError, 0),
        (FaultKind.DUPLICATE, DepartmentContractError, 1),
        (FaultKind.REORDER, DepartmentContractError, 1),
    ],
)
def test_each_fault_means_what_it_says(kind: FaultKind, error: type[Exception], asked: int) -> None:
    land = lived(lambda land: refused(land, error), kind)
    assert len(land.asked) == asked
    assert bool(land.later) == (kind in {FaultKind.DELAY, FaultKind.DUPLICATE})


def test_a_trace_is_the_same_in_every_run() -> None:
    """An answer repeats it: by chance, a bit turned in it broke one run and not the next."""
    lands = [lived(lambda land: refused(land, DepartmentContractError)) for _ in range(2)]
    (first,), (second,) = (land.traces for land in lands)
    assert first == second
    assert re.fullmatch(rb"00-[0-9a-f]{32}-[0-9a-f]{16}-00", first)


def test_what_comes_late_takes_effect_though_nobody_waits() -> None:
    async def main(land: Land) -> None:
        await refused(land, DepartmentUnknownOutcomeError)
        ((seconds, work),) = land.later
        assert seconds >= 15
        await work()

    assert len(lived(main, FaultKind.DELAY).asked) == 1


def test_a_counter_that_dies_over_a_request_answers_nothing() -> None:
    async def main(land: Land) -> None:
        async def app(*_: Any) -> None:
            raise SimulatedCrash

        land.wires.open(THERE, Counter(app=app, died=land.dies))
        await refused(land, DepartmentUnknownOutcomeError)

    assert lived(main).died == 1


def disk_register(disk: RegisterDisk, *kinds: FaultKind, died: Any = lambda: None) -> DiskRegister:
    plan = FaultPlan(seed=1, kinds=frozenset(kinds), until=START + timedelta(days=1), scale=1000)
    return DiskRegister(disk, plan=plan, now=lambda: START, died=died)


DOCUMENT = StoredDocument(digest=digest_bytes(b"x"), media_type="text/plain", data=b"x")


async def put(register: DiskRegister) -> bool:
    return await register.put_document("r", DOCUMENT, at="2026-10-12T01:00:00Z")


async def test_a_register_outlives_its_process_and_goes_back_to_a_backup() -> None:
    disk = RegisterDisk()
    empty = disk.copy()
    assert await put(disk_register(disk))
    assert await disk_register(disk).document("r", DOCUMENT.digest) == DOCUMENT
    disk.restore(empty)
    assert await disk_register(disk).document("r", DOCUMENT.digest) is None


async def test_a_full_disk_and_a_lost_write_leave_nothing() -> None:
    disk, died = RegisterDisk(), []
    with pytest.raises(JournalFullError):
        await put(disk_register(disk, FaultKind.FULL_DISK))
    dying = disk_register(disk, FaultKind.LOST_WRITE, died=lambda: died.append(1))
    with pytest.raises(SimulatedCrash):
        await put(dying)
    with pytest.raises(SimulatedCrash):
        await dying.document("r", DOCUMENT.digest)  # the dead read nothing
    assert died == [1]
    assert await disk_register(disk).document("r", DOCUMENT.digest) is None


@pytest.mark.parametrize("seed", range(1, 9))
async def test_a_crash_comes_before_the_write_or_after_it(seed: int) -> None:
    disk = RegisterDisk()
    until = START + timedelta(days=1)
    plan = FaultPlan(seed=seed, kinds=frozenset({FaultKind.CRASH}), until=until, scale=1000)
    with pytest.raises(SimulatedCrash):
        await put(DiskRegister(disk, plan=plan, now=lambda: START, died=lambda: None))
    is_there = await disk_register(disk).document("r", DOCUMENT.digest) is not None
    assert is_there is not plan.chance.happens("register#1/before", 500)


def test_what_wants_a_thread_is_done_at_once() -> None:
    async def main(land: Land) -> None:
        before = land.clock.now()
        assert await asyncio.to_thread(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        assert land.clock.now() == before

    lived(main)
