"""What is on the disk after a crash: all that was synced, and a torn end that is cut off."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import digest_bytes
from oneservice.errors import JournalConflictError, JournalFullError
from oneservice.ports import Write
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.disk import Disk, frame, frames
from oneservice.simulation.faults import FaultKind, FaultPlan
from oneservice.simulation.store import DiskStore
from oneservice.simulation.tables import Tables

NOW = datetime(2026, 9, 28, 1, tzinfo=UTC)


def write(case_id: str, after_seq: int, *records: bytes, **more: Any) -> Write:
    return Write(
        case_id=case_id,
        after_seq=after_seq,
        records=records,
        blobs=more.pop("blobs", {}),
        thing="sample",
        status="submitted",
        next_due=more.pop("due", NOW),
        secret="00",  # noqa: S106 - a salt of nothing
        **more,
    )


def opened(disk: Disk, tables: Tables, *kinds: FaultKind, seed: int = 1) -> DiskStore:
    plan = FaultPlan(seed=seed, kinds=frozenset(kinds), until=NOW + timedelta(days=1), scale=1000)
    return DiskStore(disk, tables, plan=plan, now=lambda: NOW, seen=lambda _: None)


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(0, 400))
def test_of_a_torn_log_the_whole_frames_are_read(payloads: list[bytes], kept: int) -> None:
    data = b"".join(map(frame, payloads))
    read = [payload for payload, _ in frames(data[:kept])]
    assert read == payloads[: len(read)]
    if kept >= len(data):
        assert read == payloads


@pytest.mark.parametrize("seed", range(12))
def test_after_a_torn_write_all_or_nothing_is_there(seed: int) -> None:
    disk, tables = Disk(), Tables()
    asyncio.run(opened(disk, tables).commit([write("c1", 0, b"one", key="k")], {"tax": "4"}))
    store = opened(disk, tables, FaultKind.TORN_WRITE, seed=seed)

    async def two() -> None:
        await store.commit([write("c1", 1, b"two"), write("c2", 0, b"one")], {"tax": "5"})

    with pytest.raises(SimulatedCrash):
        asyncio.run(two())
    assert tables.recover(disk) == []
    after = opened(disk, tables)
    assert asyncio.run(after.records("c1")) == (b"one",)
    assert asyncio.run(after.stored("c2")) is None
    assert asyncio.run(after.cursor("tax")) == "4"
    asyncio.run(after.commit([write("c1", 1, b"two")], {}))
    assert asyncio.run(after.records("c1")) == (b"one", b"two")


def test_what_was_synced_before_a_crash_is_read_though_nobody_was_told() -> None:
    disk, tables = Disk(), Tables()
    found = None
    for seed in range(40):  # some seeds die before the write, some behind the sync
        store = opened(disk, tables, FaultKind.CRASH, seed=seed)
        with pytest.raises(SimulatedCrash):
            asyncio.run(store.commit([write("c1", 0, b"one", key="k")], {}))
        found = tables.recover(disk)
        if found:
            break
    assert found == [("c1", (b"one",))]
    assert asyncio.run(opened(disk, tables).case_of_key("k")) == "c1"


def test_a_full_disk_changes_nothing_and_passes() -> None:
    disk, tables = Disk(), Tables()
    store = opened(disk, tables, FaultKind.FULL_DISK)
    with pytest.raises(JournalFullError):
        asyncio.run(store.commit([write("c1", 0, b"one")], {}))
    assert disk.synced == b""
    assert tables.rows == {}


def test_appends_follow_and_keys_open_one_case() -> None:
    disk, tables = Disk(), Tables()
    store = opened(disk, tables)
    content = b"the plan"
    first = write("c1", 0, b"one", b"two", key="k", blobs={digest_bytes(content): content})
    asyncio.run(store.commit([first], {}))
    with pytest.raises(JournalConflictError):
        asyncio.run(store.commit([write("c1", 1, b"other")], {}))
    with pytest.raises(JournalConflictError):
        asyncio.run(store.commit([write("c2", 0, b"one", key="k")], {}))
    assert asyncio.run(store.blob("c1", digest_bytes(content))) == content
    assert asyncio.run(store.blob("c2", digest_bytes(content))) is None


def test_due_cases_come_earliest_first_and_stay_due() -> None:
    disk, tables = Disk(), Tables()
    store = opened(disk, tables)
    for number, minutes in enumerate((30, 10, 20)):
        due = NOW + timedelta(minutes=minutes)
        asyncio.run(store.commit([write(f"c{number}", 0, b"one", due=due)], {}))
    later = NOW + timedelta(minutes=25)
    assert asyncio.run(store.due(later, 10)) == ("c1", "c2")
    assert asyncio.run(store.due(later, 1)) == ("c1",)
    asyncio.run(store.commit([write("c1", 1, b"two", due=None)], {}))
    assert asyncio.run(store.due(later, 10)) == ("c2",)
    assert asyncio.run(store.next_due()) == NOW + timedelta(minutes=20)
