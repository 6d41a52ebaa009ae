"""A key service that is slow, away, or lost a key; processes that are killed as they erase."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import JournalKeyError, JournalUnavailableError
from oneservice.ports import WrappedKey, Write
from oneservice.runtimes import LocalKeyKeeper, SqliteStore

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "adapters")])}
START = datetime(2026, 9, 28, 1, tzinfo=UTC)


class KeyService:
    """A key keeper as a network has it: each call lets others run, and some calls fail."""

    def __init__(self, inner: LocalKeyKeeper) -> None:
        self._inner = inner
        self.is_away = False
        self.calls = 0

    @property
    def key_id(self) -> str:
        return self._inner.key_id

    async def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        await self._travel()
        return await self._inner.wrap(key, context=context)

    async def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        await self._travel()
        return await self._inner.unwrap(wrapped, context=context)

    async def _travel(self) -> None:
        self.calls += 1
        await asyncio.sleep(0)
        if self.is_away:
            msg = "the key service does not answer; work goes on when it does"
            raise JournalUnavailableError(msg)


def write(case_id: str, *, after: int = 0) -> Write:
    body = case_id.encode() * 40
    return Write(
        case_id=case_id,
        after_seq=after,
        records=(b"record of %s" % case_id.encode(),),
        blobs={digest_bytes(body): body},
        thing="restaurant",
        status="concluded",
        next_due=None,
        secret=digest_bytes(body)[7:],
        key=f"key of {case_id}",
    )


@pytest.fixture
def service(tmp_path: Path) -> KeyService:
    return KeyService(LocalKeyKeeper.open(tmp_path / "service.keys"))


@pytest.fixture
async def store(tmp_path: Path, service: KeyService) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "cases.db", keys=service)
    yield opened
    await opened.close()


async def test_a_hot_case_asks_no_key_service(store: SqliteStore, service: KeyService) -> None:
    await store.commit([write("c1")], {})
    asked = service.calls
    for after in range(1, 5):
        await store.commit([write("c1", after=after)], {})
    await store.records("c1")
    await store.stored("c1")
    assert service.calls == asked


async def test_a_service_that_is_away_changes_nothing_and_is_waited_for(
    store: SqliteStore, service: KeyService, tmp_path: Path
) -> None:
    await store.commit([write("c1")], {})
    service.is_away = True
    with pytest.raises(JournalUnavailableError):
        await store.commit([write("c1", after=1), write("c2")], {"d": "1"})
    assert await store.stored("c2") is None
    assert await store.cursor("d") is None
    assert len(await store.cases()) == 1, "a list takes no key"
    service.is_away = False
    await store.commit([write("c1", after=1), write("c2")], {"d": "1"})
    assert not (tmp_path / "cases.db.keys").exists()


async def test_many_who_ask_at_once_each_get_their_own(store: SqliteStore) -> None:
    names = [f"c{number}" for number in range(40)]
    await asyncio.gather(*(store.commit([write(name)], {}) for name in names))
    store._keys._known.clear()
    found = await asyncio.gather(*map(store.records, names))
    assert list(found) == [write(name).records for name in names]
    assert await asyncio.gather(*(store.case_of_key(f"key of {name}") for name in names)) == names


async def test_rewrapping_goes_on_beside_other_work(
    store: SqliteStore, service: KeyService
) -> None:
    names = [f"c{number}" for number in range(500)]
    await store.commit([write(name) for name in names], {})
    old = service.key_id
    service._inner.rotate()

    async def work() -> None:
        for name in names[::25]:
            await store.commit([write(name, after=1)], {})
            assert len(await store.records(name)) == 2

    moved, _ = await asyncio.gather(store.rewrap(), work())
    assert moved == 500
    assert await store.key_ids() == {service.key_id}
    assert old != service.key_id
    store._keys._known.clear()
    for name in names:
        assert (await store.records(name))[0] == write(name).records[0]


async def test_a_key_that_is_gone_takes_its_own_cases_only(
    store: SqliteStore, service: KeyService
) -> None:
    await store.commit([write("c1")], {})
    old = service.key_id
    service._inner.rotate()
    await store.commit([write("c2")], {})
    service._inner.retire(old)  # too early: c1 was not wrapped anew
    store._keys._known.clear()
    with pytest.raises(JournalKeyError, match=old):
        await store.records("c1")
    assert await store.records("c2") == write("c2").records


ERASE = """
import asyncio, sys
from datetime import UTC, datetime
from oneservice.canonical import digest_bytes
from oneservice.ports import Erasure
from oneservice.runtimes import SqliteStore

async def main():
    store = SqliteStore.open(sys.argv[1])
    for case in await store.cases():
        if case.erased_at is None:
            sys.stdin.read(1)
            at = datetime(2026, 9, 28, tzinfo=UTC)
            await store.erase(Erasure(case_id=case.case_id, at=at, by="op-7", why="asked",
                                      seq=case.seq, head=digest_bytes(b"")))
            print(case.case_id, flush=True)
    print("all", flush=True)
    sys.stdin.read()  # until it is killed

asyncio.run(main())
"""


def test_killed_while_it_erases_what_was_answered_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    names = [f"c{number:04}" for number in range(120)]
    asyncio.run(filled(path, names))
    chance = random.Random(20260928)
    gone: set[str] = set()
    is_done, kills = False, 0
    while not is_done:
        with subprocess.Popen(
            [sys.executable, "-c", ERASE, str(path)],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 30)):
                process.stdin.write(".")  # one at a time, or all are gone before the first kill
                process.stdin.flush()
                line = process.stdout.readline().strip()
                assert line, "it ended by itself"
                if line == "all":
                    is_done = True
                    break
                gone.add(line)
            if not is_done:
                process.stdin.write(".")
                process.stdin.flush()
                time.sleep(chance.uniform(0, 0.01))  # any moment of the next one will do
            process.kill()
            kills += 1
        asyncio.run(check(path, names, gone))
    assert gone == set(names)
    assert kills > 3


async def filled(path: Path, names: list[str]) -> None:
    store = SqliteStore.open(path)
    await store.commit([write(name) for name in names], {})
    await store.close()


async def check(path: Path, names: list[str], gone: set[str]) -> None:
    store = SqliteStore.open(path)
    for name in names:
        stored = await store.stored(name)
        assert stored is not None
        if name in gone:
            assert stored.erased_at is not None, "an answered erasure is durable"
        if stored.erased_at is None:
            assert await store.records(name) == write(name).records, "all or nothing"
        else:
            gone.add(name)  # durable, and killed before it could be answered
            assert await store.records(name) == ()
    await store.close()
