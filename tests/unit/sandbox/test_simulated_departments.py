"""Simulated departments keep the protocol: what is sent twice takes effect and is told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import canonical, digest_bytes
from oneservice.case import event_digest, fold
from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.clocks import VirtualClock
from oneservice.errors import DepartmentContractError
from oneservice.sandbox import (
    Behaviour,
    Behaviours,
    FaultPlan,
    SandboxSeals,
    SimulatedCrash,
    SimulatedDepartments,
)

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
OFFICE = "market-regulation"
ID = "c1.food_permit.1"
ASKS = Behaviours(otherwise=Behaviour(corrects={"m_layout": "missing"}))


@pytest.fixture(scope="module")
def seals() -> SandboxSeals:
    things = load_catalog([bundled_catalog_dir()]).things("990101", START.date())
    return SandboxSeals({one.thing.id: one for one in things}, region="990101")


def body(**more: Any) -> bytes:
    applicant = {"kind": "organisation", "name": "n", "code": "92990101MA99000523"}
    plain = {"case_id": "c1", "step_id": "food_permit", "applicant": applicant, "materials": []}
    return canonical(plain | more)


def opened(
    seals: SandboxSeals, clock: VirtualClock, path: Any = ":memory:", **more: Any
) -> SimulatedDepartments:
    return SimulatedDepartments(clock=clock, seals=seals, path=path, **more)


async def test_a_history_is_legal_chained_and_proves_what_was_sent(seals: SandboxSeals) -> None:
    clock = VirtualClock(START)
    office = opened(seals, clock)
    first = await office.submit(OFFICE, ID, body())
    assert first.events[0].data["request_digest"] == digest_bytes(body())
    assert (await office.submit(OFFICE, ID, body())) == first
    assert office.filed_once_each()
    clock.advance(timedelta(days=10))
    page = await office.read(OFFICE, ID, after=0)
    assert page is not None
    assert fold(ID, page.events).state == page.state == "granted"
    assert all(event.digest == event_digest(event) for event in page.events)
    rest = await office.read(OFFICE, ID, after=2)
    assert rest is not None
    assert rest.events == page.events[2:]
    assert await office.read("fire-rescue", ID, after=0) is None
    office.close()


async def test_other_bytes_under_an_id_are_a_conflict(seals: SandboxSeals) -> None:
    office = opened(seals, VirtualClock(START))
    await office.submit(OFFICE, ID, body())
    with pytest.raises(DepartmentContractError) as caught:
        await office.submit(OFFICE, ID, body(attempt=2))
    assert caught.value.problem == "submission-conflict"
    office.close()


async def test_supplements_and_withdrawals_only_while_open(seals: SandboxSeals) -> None:
    clock = VirtualClock(START)
    office = opened(seals, clock, behaviours=ASKS)
    await office.submit(OFFICE, ID, body())
    clock.advance(timedelta(days=1))
    answer = canonical({"correction_id": "r1", "fields": {}, "materials": []})
    first = await office.supplement(OFFICE, ID, f"{ID}.s2", answer)
    assert first.events[-1].type == "correction_received"
    assert await office.supplement(OFFICE, ID, f"{ID}.s2", answer) == first
    for other in (answer, canonical({"correction_id": None})):
        with pytest.raises(DepartmentContractError) as caught:
            await office.supplement(OFFICE, ID, f"{ID}.s3", other)
        assert caught.value.problem == "not-open"
    gone = await office.withdraw(OFFICE, ID, f"{ID}.w1", b"{}")
    assert gone.state == "withdrawn"
    assert await office.withdraw(OFFICE, ID, f"{ID}.w1", b"{}") == gone
    with pytest.raises(DepartmentContractError):
        await office.withdraw(OFFICE, ID, f"{ID}.w2", b"{}")
    office.close()


async def test_the_feed_tells_each_event_in_order_and_a_restart_loses_nothing(
    seals: SandboxSeals, tmp_path: Path
) -> None:
    clock = VirtualClock(START)
    path = tmp_path / "departments.db"
    office = opened(seals, clock, path)
    start = await office.changes(OFFICE, cursor=None)
    assert start.changes == ()
    await office.submit(OFFICE, ID, body())
    office.close()
    office = opened(seals, clock, path)
    clock.advance(timedelta(days=10))
    page = await office.changes(OFFICE, cursor=start.cursor)
    told = [event for change in page.changes for event in change.events]
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert fold(ID, tuple(told)).state == "granted"
    assert office.latest() <= clock.now()
    snapshot = await office.changes(OFFICE, cursor=None)
    assert [(one.submission_id, one.head_seq) for one in snapshot.changes] == [(ID, len(told))]
    assert (await office.changes("fire-rescue", cursor="0")).changes == ()
    with pytest.raises(DepartmentContractError, match="cursor-expired"):
        await office.changes(OFFICE, cursor="what?")
    office.close()


def test_what_died_passes_no_later_boundary() -> None:
    plan = FaultPlan(crash_at=2)
    plan.cross()
    for _ in range(3):
        with pytest.raises(SimulatedCrash):
            plan.cross()
