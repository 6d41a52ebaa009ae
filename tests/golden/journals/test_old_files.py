"""Histories and database files of older formats, kept as they were written: all of them go on.

``schema-1`` is the format before cases were encrypted: ``cases.db.gz`` holds a concluded case
(``corrected.jsonl``) and one that waits for a correction (``waiting.jsonl``). None of these files
is ever written again.
"""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oneservice import Engine
from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import CaseStatus, fold_records
from oneservice.certificates import verify_chain
from oneservice.errors import JournalError
from oneservice.ports import Erasure, Write
from oneservice.runtimes import SqliteStore

OLD = Path(__file__).resolve().parent / "schema-1"
DRAWING = b"A floor plan, drawn large. " * 400
AT = datetime(2026, 10, 1, tzinfo=UTC)


def history(name: str) -> tuple[bytes, ...]:
    return tuple((OLD / f"{name}.jsonl").read_bytes().splitlines())


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress((OLD / "cases.db.gz").read_bytes()))
    return path


@pytest.mark.parametrize("name", sorted(one.stem for one in OLD.glob("*.jsonl")))
def test_every_old_history_replays(name: str) -> None:
    lines = history(name)
    records = [parse_object(line) for line in lines]
    case, seq, head = fold_records(records[0]["case_id"], lines)
    assert seq == len(lines)
    assert verify_chain(records).head == head
    expected = CaseStatus.IN_PROGRESS if name == "waiting" else CaseStatus.CONCLUDED
    assert case.status is expected


async def assert_whole(store: SqliteStore) -> None:
    assert await store.records("c1") == history("corrected")
    assert await store.records("c2") == history("waiting")
    assert await store.case_of_key("visit-1") == "c1"
    assert await store.case_of_key("visit-2") == "c2"
    assert await store.blob("c1", digest_bytes(DRAWING)) == DRAWING
    form = parse_object(history("waiting")[0])["data"]["form"]
    assert b"applicant" in (await store.blob("c2", form) or b"")
    stored = await store.stored("c2")
    assert stored is not None
    assert (stored.seq, stored.secret) == (10, f"{2:064x}")


async def test_a_file_of_schema_1_opens_and_says_so(
    old_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore.open(old_file)
    await assert_whole(store)
    assert "schema 1" in caplog.text
    assert await store.key_ids() >= {""}, "its cases lie in the clear until they are wrapped"
    facts = await store.recorded_after(0, 100)
    assert [one.position for one in facts] == list(range(1, 28))
    assert [one.seq for one in facts if one.case_id == "c2"] == list(range(1, 11))
    await store.close()
    store = SqliteStore.open(old_file)
    await assert_whole(store)
    await store.close()


async def test_old_cases_are_encrypted_when_they_are_told_to_be(old_file: Path) -> None:
    store = SqliteStore.open(old_file)
    assert await store.rewrap() == 2
    assert await store.rewrap() == 0
    assert "" not in await store.key_ids()
    await assert_whole(store)
    await store.close()
    assert_nothing_in_the_clear(old_file)
    store = SqliteStore.open(old_file)
    await assert_whole(store)
    await store.close()


def bytes_of(path: Path) -> bytes:
    """Return all bytes of the database, its log and its keys."""
    files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    return b"".join(one.read_bytes() for one in files if ".departments" not in one.name)


def assert_nothing_in_the_clear(path: Path) -> None:
    content = bytes_of(path)
    for line in (*history("corrected"), *history("waiting")):
        record = parse_object(line)
        assert record["salt"].encode() not in content
        for digest in (record["data"].get("form"), record["data"].get("plan")):
            assert digest is None or digest.encode() not in content
    for text in (b"visit-1", b"floor plan, drawn", b"92990101", f"{2:064x}".encode()):
        assert text not in content, text


async def test_what_is_written_to_an_old_case_encrypts_it(old_file: Path) -> None:
    store = SqliteStore.open(old_file)
    more = b"brought later " * 10
    write = Write(
        case_id="c2",
        after_seq=10,
        records=(b"the next record",),
        blobs={digest_bytes(more): more},
        thing="restaurant",
        status="in_progress",
        next_due=None,
    )
    await store.commit([write], {})
    assert await store.records("c2") == (*history("waiting"), b"the next record")
    assert await store.blob("c2", digest_bytes(more)) == more
    assert await store.case_of_key("visit-2") == "c2"
    private = store._connection.execute("SELECT private FROM journal WHERE case_id = 'c2'")
    assert not any(b'{"' in row[0] for row in private)
    await store.close()


async def test_an_old_case_is_erased_from_the_bytes_of_the_file(old_file: Path) -> None:
    store = SqliteStore.open(old_file)
    _, seq, head = fold_records("c1", history("corrected"))
    await store.erase(Erasure(case_id="c1", at=AT, by="op-7", why="asked", seq=seq, head=head))
    content = bytes_of(old_file)
    assert b"floor plan, drawn" not in content
    assert b"visit-1" not in content
    for line in history("corrected"):
        assert parse_object(line)["salt"].encode() not in content
    assert await store.records("c2") == history("waiting")
    assert verify_chain([parse_object(one) for one in await store.records("c1")]).head == head
    await store.close()


async def test_an_engine_goes_on_with_an_old_file(old_file: Path) -> None:
    async with Engine.sandbox(old_file, start=AT) as engine:
        done, waiting = await engine.case("c1"), await engine.case("c2")
        assert done.status is CaseStatus.CONCLUDED
        (asked,) = waiting.corrections
        answered = await engine.supplement(
            "c2", asked, materials=dict.fromkeys(asked.materials, DRAWING)
        )
        assert answered.sub_cases["food_permit"].deliveries
        assert fold_records("c2", await engine.journal("c2"))[0] == answered


def test_a_migration_that_dies_anywhere_leaves_the_old_file_or_the_new_one(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupt SQLite itself at ever later steps of the transaction, until it comes through."""
    real, after = sqlite3.connect, [0]

    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = real(*arguments, **options)  # type: ignore[call-overload]
        steps = iter(range(10**9))
        if after[0] >= 0:
            connection.set_progress_handler(lambda: next(steps) >= after[0], 40)
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", connect)
    deaths = 0
    while True:
        path = tmp_path / "dies.db"
        shutil.copy(old_file, path)
        try:
            store = SqliteStore.open(path)
        except JournalError:
            deaths += 1
        else:
            store._connection.close()
            store._lock.release()
            break
        look = real(path)
        assert look.execute("PRAGMA user_version").fetchone()[0] == 1
        assert look.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert look.execute("SELECT count(*) FROM journal").fetchone()[0] > 4
        look.close()
        Path(f"{path}-wal").unlink(missing_ok=True)
        after[0] += 4
    assert deaths > 20
