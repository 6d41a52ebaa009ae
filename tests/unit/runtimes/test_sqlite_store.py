"""The journal's file against other processes, kill -9, full disks, strangers' and damaged files."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
)
from oneservice.ports import Write
from oneservice.runtimes import SqliteStore
from oneservice.runtimes.sqlite_errors import translated

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "adapters")])}


def write(
    case_id: str = "c1",
    *,
    after: int = 0,
    records: tuple[bytes, ...] = (b"{}",),
    blobs: tuple[bytes, ...] = (),
    due: datetime | None = None,
    key: str | None = None,
) -> Write:
    return Write(
        case_id=case_id,
        after_seq=after,
        records=records,
        blobs={digest_bytes(one): one for one in blobs},
        thing="restaurant",
        status="in_progress",
        next_due=due,
        secret="5" * 64,
        key=key,
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "cases.db")
    yield opened
    await opened.close()


async def test_what_was_committed_is_read_again(store: SqliteStore) -> None:
    small, large = b"small", b"large " * 2000
    await store.commit([write(records=(b"1", b"2"), blobs=(small, large), due=START)], {"d": "7"})
    await store.commit([write(after=2, records=(b"3",))], {"d": None})
    assert await store.records("c1") == (b"1", b"2", b"3")
    assert await store.blob("c1", digest_bytes(small)) == small
    assert await store.blob("c1", digest_bytes(large)) == large
    assert await store.blob("c1", digest_bytes(b"never")) is None
    assert await store.cursor("d") is None
    stored = await store.stored("c1")
    assert stored is not None
    assert (stored.seq, stored.next_due) == (3, None)
    assert await store.stored("c2") is None


async def test_bytes_of_one_case_are_not_another_cases(store: SqliteStore) -> None:
    large = b"large " * 2000
    await store.commit([write("c1", blobs=(large,)), write("c2")], {})
    assert await store.blob("c2", digest_bytes(large)) is None


async def test_the_due_index_gives_the_earliest_first(store: SqliteStore) -> None:
    hours = {"c1": 3, "c2": 1, "c3": 2}
    await store.commit(
        [write(name, due=START + timedelta(hours=after)) for name, after in hours.items()], {}
    )
    assert await store.next_due() == START + timedelta(hours=1)
    assert await store.due(START + timedelta(hours=2), 10) == ("c2", "c3")
    assert await store.due(START + timedelta(days=1), 1) == ("c2",)
    assert [one.case_id for one in await store.cases()] == ["c1", "c2", "c3"]


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_an_append_that_does_not_follow_changes_nothing(
    store: SqliteStore, after: int
) -> None:
    await store.commit([write(records=(b"1", b"2"))], {})
    good = write("c2")
    with pytest.raises(JournalConflictError):
        await store.commit([good, write(after=after, records=(b"x",))], {"d": "1"})
    assert await store.records("c1") == (b"1", b"2")
    assert await store.stored("c2") is None
    assert await store.cursor("d") is None


async def test_a_key_opens_one_case(store: SqliteStore) -> None:
    await store.commit([write("c1", key="k")], {})
    assert await store.case_of_key("k") == "c1"
    assert await store.case_of_key("other") is None
    with pytest.raises(JournalConflictError):
        await store.commit([write("c2", key="k")], {})


async def test_altered_bytes_are_noticed(store: SqliteStore) -> None:
    small, large = b"small", b"large " * 2000
    await store.commit([write(blobs=(small, large))], {})
    store._connection.execute("UPDATE blobs SET content = x'00' WHERE content IS NOT NULL")
    store._connection.execute("UPDATE contents SET deflated = x'00'")
    for content in (small, large):
        with pytest.raises(JournalCorruptError, match="altered"):
            await store.blob("c1", digest_bytes(content))


async def test_the_settings_are_those_of_the_design(store: SqliteStore) -> None:
    pragma = store._connection.execute
    assert pragma("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert pragma("PRAGMA synchronous").fetchone()[0] == 2  # FULL


async def test_a_full_disk_leaves_nothing_half_written_and_is_survived(store: SqliteStore) -> None:
    await store.commit([write()], {})
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = random.Random(1).randbytes(200_000)
    with pytest.raises(JournalFullError, match="disk is full"):
        await store.commit([write(after=1, records=(b"2",), blobs=(big,))], {"d": "1"})
    assert await store.records("c1") == (b"{}",)
    assert await store.cursor("d") is None
    store._connection.execute("PRAGMA max_page_count = 100000")  # somebody freed some space
    await store.commit([write(after=1, records=(b"2",), blobs=(big,))], {"d": "1"})
    assert await store.records("c1") == (b"{}", b"2")
    assert await store.blob("c1", digest_bytes(big)) == big


# --- files ------------------------------------------------------------------------------------


async def filled(path: Path) -> None:
    store = SqliteStore.open(path)
    content = random.Random(2).randbytes(100_000)
    await store.commit([write(records=(b"1" * 3000,), blobs=(content,))], {})
    await store.close()


def refusal(path: Path) -> JournalError:
    with pytest.raises(JournalError) as caught:
        SqliteStore.open(path)
    assert str(path) in str(caught.value)
    return caught.value


async def test_a_truncated_file_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    await filled(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert isinstance(refusal(path), JournalCorruptError)
    assert path.read_bytes() == content[: len(content) // 2]


def test_garbage_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(b"this is a letter, not a database\n" * 200)
    assert isinstance(refusal(path), JournalCorruptError)
    assert path.read_bytes().startswith(b"this is a letter")


def test_another_programs_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = path.read_bytes()
    assert isinstance(refusal(path), JournalVersionError)
    assert path.read_bytes() == before


async def test_a_newer_schema_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    await filled(path)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "newer" in str(refusal(path))


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "no" / "cases.db"), JournalUnavailableError)


def run(program: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,  # type: ignore[call-overload]
    )


READ_ONLY = """
import encodings.ascii, os, sys
from oneservice.errors import JournalError
from oneservice.runtimes import SqliteStore
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    SqliteStore.open(sys.argv[1])
except JournalError as error:
    print(error.code)
"""


@pytest.mark.parametrize("what", ["folder", "file"])
async def test_what_may_not_be_written_is_refused(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "cases.db"
    await filled(path)
    for parent in (tmp_path, *tmp_path.parents[:3]):
        if parent.stat().st_uid == os.getuid() and parent != Path("/tmp"):  # noqa: S108
            parent.chmod(parent.stat().st_mode | 0o055)
    path.chmod(0o444)
    (folder / "cases.db.lock").chmod(0o666)
    folder.chmod(0o555 if what == "folder" else 0o777)
    found = run(READ_ONLY, path)
    folder.chmod(0o755)
    assert found.stdout.strip() == JournalUnavailableError.code, found


# --- processes ----------------------------------------------------------------------------------

HOLD = """
import sys
from oneservice.runtimes import SqliteStore
store = SqliteStore.open(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_told_who_has_it_and_kill_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        error = refusal(path)
        assert isinstance(error, JournalLockedError)
        assert str(other.pid) in str(error)
        other.send_signal(signal.SIGKILL)
        other.wait(120)
    store = SqliteStore.open(path)
    asyncio.run(store.close())


async def test_one_process_cannot_open_it_twice_either(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "cases.db")
    assert isinstance(refusal(tmp_path / "cases.db"), JournalLockedError)
    await store.close()
    await SqliteStore.open(tmp_path / "cases.db").close()


COMMITS = """
import asyncio, sys
from oneservice.canonical import digest_bytes
from oneservice.ports import Write
from oneservice.runtimes import SqliteStore

async def main():
    store = SqliteStore.open(sys.argv[1])
    stored = await store.stored("c1")
    seq = stored.seq if stored else 0
    print("ready", seq, flush=True)
    while True:
        body = b"body %d " % seq * 900
        await store.commit([Write(
            case_id="c1", after_seq=seq, records=(b"record %d" % (seq + 1),),
            blobs={digest_bytes(body): body}, thing="t", status="s", next_due=None, secret="s",
        )], {"d": str(seq + 1)})
        seq += 1
        print(seq, flush=True)

asyncio.run(main())
"""


def test_kill_in_the_middle_of_commits_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    chance = random.Random(20260928)
    answered = 0
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", COMMITS, str(path)],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            ready = process.stdout.readline().split()
            assert int(ready[1]) >= answered, "an answered commit is durable"
            for _ in range(chance.randrange(1, 30)):
                answered = int(process.stdout.readline())
            process.kill()
            rest = process.stdout.read().splitlines()
            complete = [int(line) for line in rest if line.isdecimal()]
            answered = max([answered, *complete[:-1]])
    asyncio.run(check_whole(path, answered))


async def check_whole(path: Path, answered: int) -> None:
    store = SqliteStore.open(path)
    records = await store.records("c1")
    stored = await store.stored("c1")
    assert stored is not None
    assert stored.seq == len(records) >= answered
    assert records == tuple(b"record %d" % number for number in range(1, len(records) + 1))
    assert await store.cursor("d") == str(len(records)), "all of a commit or nothing"
    last = b"body %d " % (len(records) - 1) * 900
    assert await store.blob("c1", digest_bytes(last)) == last
    await store.close()


FULL_DISK = """
import asyncio, resource, sys
from oneservice.canonical import digest_bytes
from oneservice.errors import JournalError
from oneservice.ports import Write
from oneservice.runtimes import SqliteStore

async def main():
    store = SqliteStore.open(sys.argv[1])
    def write(seq, body):
        return Write(case_id="c1", after_seq=seq, records=(b"%d" % (seq + 1),), thing="t",
            blobs={digest_bytes(body): body}, status="s", next_due=None, secret="s")
    await store.commit([write(0, b"one")], {})
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    body = bytes(range(256)) * 16 * 15
    try:
        for seq in range(1, 100):
            await store.commit([write(seq, (b"%d" % seq) * 2000)], {})
    except JournalError as error:
        print(error.code, seq)
    assert len(await store.records("c1")) == seq
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.commit([write(seq, b"again")], {})
    print(len(await store.records("c1")))
    await store.close()

asyncio.run(main())
"""


def test_a_write_that_the_system_refuses_is_survived(tmp_path: Path) -> None:
    found = run(FULL_DISK, tmp_path / "cases.db")
    assert found.returncode == 0, found.stderr
    code, seq, after = found.stdout.split()
    assert code in {JournalFullError.code, JournalUnavailableError.code}
    assert int(after) == int(seq) + 1


# --- errors -------------------------------------------------------------------------------------

CODES = sorted(
    name
    for name in dir(sqlite3)
    if name.startswith("SQLITE_")
    and isinstance(getattr(sqlite3, name), int)
    and not name.startswith(("SQLITE_LIMIT", "SQLITE_DBCONFIG"))
)
EXPECTED = {
    "SQLITE_FULL": JournalFullError,
    "SQLITE_BUSY": JournalLockedError,
    "SQLITE_BUSY_SNAPSHOT": JournalLockedError,
    "SQLITE_CORRUPT": JournalCorruptError,
    "SQLITE_CORRUPT_INDEX": JournalCorruptError,
    "SQLITE_NOTADB": JournalCorruptError,
    "SQLITE_READONLY_DIRECTORY": JournalUnavailableError,
    "SQLITE_CANTOPEN_ISDIR": JournalUnavailableError,
    "SQLITE_IOERR_WRITE": JournalUnavailableError,
    "SQLITE_IOERR_FSYNC": JournalUnavailableError,
    "SQLITE_CONSTRAINT_UNIQUE": JournalConflictError,
}


@pytest.mark.parametrize("name", CODES)
def test_every_sqlite_error_becomes_ours(name: str) -> None:
    error = sqlite3.OperationalError("secret words of a row")
    error.sqlite_errorcode = getattr(sqlite3, name)
    error.sqlite_errorname = name
    with pytest.raises(JournalError) as caught, translated(Path("cases.db")):
        raise error
    assert "cases.db" in str(caught.value)
    assert "secret words" not in str(caught.value)
    if name in EXPECTED:
        assert type(caught.value) is EXPECTED[name]


@pytest.mark.parametrize(
    "kind",
    [
        one
        for one in vars(sqlite3).values()
        if isinstance(one, type) and issubclass(one, sqlite3.Error)
    ],
)
def test_every_sqlite_exception_becomes_ours(kind: type[sqlite3.Error]) -> None:
    with pytest.raises(JournalError), translated(Path("cases.db")):
        raise kind("x")
