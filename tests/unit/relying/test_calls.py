"""Records of calls: they follow one another, stay as they were written, and outlive what comes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import (
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
)
from oneservice.relying import Call, CallHead, CallRecords

ROOT = Path(__file__).resolve().parents[3]
CALL = Call(
    at=datetime(2027, 3, 1, 9, tzinfo=UTC),
    caller="bank-1",
    asked=digest_bytes(b"a paper"),
    size=7,
    kind="certificate",
    judged_at=datetime(2027, 3, 1, tzinfo=UTC),
    verdict="invalid",
    reason="revoked",
    policy="standard",
    lists=({"territory": "990101", "version": 3},),
)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[CallRecords]:
    made = CallRecords(tmp_path / "calls.db")
    yield made
    made.close()


def test_what_is_written_is_read(records: CallRecords) -> None:
    other = replace(CALL, caller=None, asked=None, kind=None, reason=None)
    heads = records.append([CALL, other])
    assert [one.seq for one in heads] == [1, 2]
    assert records.append([CALL])[0].seq == 3
    assert [call for _, call in records.read()] == [CALL, other, CALL]
    assert [head for head, _ in records.read()][:2] == list(heads)
    assert [head.seq for head, _ in records.read(after=heads[0])] == [2, 3]
    assert records.head().seq == 3


def test_more_records_than_stand_in_memory(records: CallRecords) -> None:
    records.append([CALL] * 2500)
    assert sum(1 for _ in records.read()) == 2500
    known = CallHead(seq=2000, digest=next(h for h, _ in records.read() if h.seq == 2000).digest)
    assert sum(1 for _ in records.read(after=known)) == 500


def test_nothing_is_changed_or_deleted_by_the_way(records: CallRecords, tmp_path: Path) -> None:
    records.append([CALL])
    with sqlite3.connect(tmp_path / "calls.db") as other:
        for sql in ("UPDATE calls SET digest = ''", "DELETE FROM calls"):
            with pytest.raises(sqlite3.IntegrityError, match="it stays"):
                other.execute(sql)
    other.close()


FORGERIES = {
    "changed": "UPDATE calls SET record = replace(record, 'invalid', 'valid') WHERE seq = 2",
    "changed with its digest": "UPDATE calls SET digest = 'sha256:0' WHERE seq = 2",
    "dropped": "DELETE FROM calls WHERE seq = 2",
    "the first dropped": "DELETE FROM calls WHERE seq = 1",
    "moved": "UPDATE calls SET seq = 9 WHERE seq = 2",
    "exchanged": "UPDATE calls SET record = (SELECT record FROM calls WHERE seq = 3) WHERE seq = 2",
    "no record": "UPDATE calls SET record = 'x' WHERE seq = 2",
}


@pytest.mark.parametrize("sql", FORGERIES.values(), ids=FORGERIES)
def test_whoever_takes_the_locks_off_is_found_out(tmp_path: Path, sql: str) -> None:
    made = CallRecords(tmp_path / "calls.db")
    made.append([CALL, CALL, CALL])
    made.close()
    forger = sqlite3.connect(tmp_path / "calls.db")
    forger.executescript(f"DROP TRIGGER calls_stay; DROP TRIGGER calls_remain; {sql}")
    forger.close()
    again = CallRecords(tmp_path / "calls.db")
    with pytest.raises(JournalCorruptError):
        list(again.read())
    again.close()


def test_an_end_that_was_cut_off_is_found_out_by_whoever_holds_a_receipt(tmp_path: Path) -> None:
    made = CallRecords(tmp_path / "calls.db")
    receipt = made.append([CALL, CALL, CALL])[-1]
    made.close()
    forger = sqlite3.connect(tmp_path / "calls.db")
    forger.executescript("DROP TRIGGER calls_remain; DELETE FROM calls WHERE seq = 3")
    forger.close()
    again = CallRecords(tmp_path / "calls.db")
    assert sum(1 for _ in again.read()) == 2, "what is left is a chain"
    with pytest.raises(JournalCorruptError, match="known"):
        list(again.read(after=receipt))
    again.close()


def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from datetime import UTC, datetime\n"
        "from oneservice.relying import Call, CallRecords\n"
        "at = datetime(2027, 3, 1, tzinfo=UTC)\n"
        "call = Call(at=at, caller=sys.argv[2], asked=None, size=0, kind=None, judged_at=at,\n"
        "            verdict='valid', reason=None, policy='standard')\n"
        "records = CallRecords(Path(sys.argv[1]))\n"
        "for _ in range(40):\n"
        "    records.append([call])\n"
    )
    path = tmp_path / "calls.db"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), name], env={"PYTHONPATH": str(ROOT)}
        )
        for name in ("a", "b")
    ]
    assert [one.wait(60) for one in running] == [0, 0]
    made = CallRecords(path)
    callers = [call.caller for _, call in made.read()]
    made.close()
    assert (len(callers), callers.count("a")) == (80, 40)


def test_several_begin_a_file_at_once(tmp_path: Path) -> None:
    """Each finds it empty or whole, never half made; none is sent away by another's beginning."""
    files = [tmp_path / f"{number}.db" for number in range(60)]
    gate = threading.Barrier(3)

    def begin() -> None:
        try:
            for path in files:
                gate.wait()
                CallRecords(path).close()
        except BaseException:
            gate.abort()  # nobody waits for one that is gone, and what is told is why he went
            raise

    with ThreadPoolExecutor(3) as pool:
        ends = [one.exception() for one in [pool.submit(begin) for _ in range(3)]]
    assert [end for end in ends if not isinstance(end, threading.BrokenBarrierError)] == [None] * 3


def _meet(monkeypatch: pytest.MonkeyPatch, path: Path, *, leaves: bool) -> sqlite3.Connection:
    """Return who holds a file that has no journal mode yet; he goes when another was refused."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    class Coming(sqlite3.Connection):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            try:
                return super().execute(*args)
            except sqlite3.OperationalError:
                if leaves and holder.in_transaction:
                    holder.execute("COMMIT")
                raise

    monkeypatch.setattr(
        "oneservice.relying.calls.sqlite3.connect", partial(sqlite3.connect, factory=Coming)
    )
    return holder


def test_who_meets_another_beginning_waits_for_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself waits for everything but the journal mode."""
    holder = _meet(monkeypatch, tmp_path / "calls.db", leaves=True)
    made = CallRecords(tmp_path / "calls.db")
    assert not holder.in_transaction
    holder.close()
    assert made.append([CALL])[0].seq == 1
    assert made._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    made.close()


def test_who_waits_for_one_that_stays_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.relying.calls._BUSY_S", 0.05)
    holder = _meet(monkeypatch, tmp_path / "calls.db", leaves=False)
    with pytest.raises(JournalLockedError, match="another process holds it"):
        CallRecords(tmp_path / "calls.db")
    holder.close()


def test_files_that_are_none_of_ours(tmp_path: Path) -> None:
    strange = tmp_path / "strange.db"
    with sqlite3.connect(strange) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(JournalVersionError, match="another file"):
        CallRecords(strange)
    (tmp_path / "text.db").write_text("no database at all, but long enough to be taken for one")
    with pytest.raises(JournalCorruptError):
        CallRecords(tmp_path / "text.db")
    with pytest.raises(JournalUnavailableError):
        CallRecords(tmp_path / "missing" / "calls.db")


def test_a_file_that_is_held_or_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oneservice.relying.calls._BUSY_S", 0.05)
    made = CallRecords(tmp_path / "calls.db")
    holder = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalLockedError):
        made.append([CALL])
    holder.execute("ROLLBACK")
    holder.close()
    made._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(JournalFullError):
        made.append([replace(CALL, caller="x" * 20_000)])
    assert made.head() == CallHead()
    made.close()
    with pytest.raises(JournalError):
        made.append([CALL])
