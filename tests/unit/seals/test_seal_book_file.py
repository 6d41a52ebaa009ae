"""The book as a file: its rights, a full disk, a damaged file, somebody else's file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import examine_book, read_book
from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
)
from oneservice.seals import SealBook
from oneservice.seals.book_schema import connected, translated
from oneservice.workdays import announced_calendar

SEAL = "https://county.example/seals/permits"
OPENING = datetime(2026, 9, 28, 1, tzinfo=UTC)


def seal(at: Any, number: int) -> Any:
    asked = at.document(number)
    return asyncio.run(at.lock.seal(asked, at.lock.request(asked, requester="county:registrar")))


def test_nobody_else_reads_it(office: Callable[..., Any]) -> None:
    at = office()
    seal(at, 1)
    for one in at.book.path.parent.glob("seal.db*"):
        assert one.stat().st_mode & 0o077 == 0, one.name


def test_a_book_that_another_makes_meanwhile_is_no_stranger_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Owner, version and tables are read of one moment: before the other's beginning, or after."""
    path = tmp_path / "seal.db"

    class Slow(sqlite3.Connection):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            if "sqlite_schema" in args[0] and not path.stat().st_size:
                with (
                    sqlite3.Connection(path, timeout=0) as other,
                    suppress(sqlite3.OperationalError),
                ):
                    other.execute("CREATE TABLE records (seq INTEGER PRIMARY KEY)")
                other.close()
            return super().execute(*args)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Slow))
    made = connected(path)
    assert made.execute("SELECT count(*) FROM records").fetchone() == (0,)
    made.close()


def test_a_full_disk_signs_nothing_and_goes_on(office: Callable[..., Any]) -> None:
    at = office()
    pages = at.book._connection.execute("PRAGMA page_count").fetchone()[0]
    at.book._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    sealed: dict[int, Any] = {}

    def fill() -> None:
        for number in range(500):
            sealed[number] = seal(at, number)

    with pytest.raises(JournalFullError, match="disk is full"):
        fill()
    at.book._connection.execute("PRAGMA max_page_count = 1000000")
    for number in range(len(sealed) + 1):
        assert seal(at, number) == sealed.get(number, seal(at, number))
    report = examine_book(read_book(at.book.dump()), calendar=announced_calendar())
    assert (report.sealed, report.unused, report.findings) == (len(sealed) + 1, (), ())


def test_files_that_are_no_book(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no database at all, but long enough to be looked at" * 99)
    with pytest.raises(JournalCorruptError):
        SealBook(tmp_path / "text", seal_id=SEAL)
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE things (a)")
    other.close()
    with pytest.raises(JournalVersionError):
        SealBook(tmp_path / "other", seal_id=SEAL)
    with pytest.raises(JournalUnavailableError):
        SealBook(tmp_path / "no" / "such", seal_id=SEAL)
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(JournalUnavailableError):
            SealBook.existing(missing)
    SealBook(tmp_path / "empty", seal_id=SEAL).close()
    with pytest.raises(JournalUnavailableError, match="enact"):
        SealBook.existing(tmp_path / "empty")


def test_a_book_that_is_there_is_opened_whichever_seals_it_is(office: Callable[..., Any]) -> None:
    at = office()
    with SealBook.existing(at.book.path) as book:
        assert book.seal_id == SEAL
        assert book.head == at.book.head


def test_a_book_of_the_version_before_goes_on(office: Callable[..., Any]) -> None:
    """It had no place for salts: they are drawn when its records are logged."""
    at = office()
    one = seal(at, 1)
    at.book.close()
    older = sqlite3.connect(at.book.path, isolation_level=None)
    older.executescript("DROP TABLE salts; PRAGMA user_version = 1;")
    older.close()
    with SealBook(at.book.path, seal_id=SEAL) as book:
        assert examine_book(read_book(book.dump()), calendar=announced_calendar()).sealed == 1
        (record,) = book.unlogged()
        assert record == one.receipt.record
        salt = book.log_salt(record.seq)
        assert (len(salt), book.log_salt(record.seq)) == (32, salt)
    newer = sqlite3.connect(at.book.path, isolation_level=None)
    newer.execute("PRAGMA user_version = 3")
    newer.close()
    with pytest.raises(JournalVersionError, match="newer"):
        SealBook(at.book.path, seal_id=SEAL)


def test_without_rules_nothing_is_sealed(tmp_path: Path, office: Callable[..., Any]) -> None:
    at = office()
    request = at.lock.request(at.document(), requester="county:registrar")
    with SealBook(tmp_path / "fresh.db", seal_id=SEAL) as book:
        assert book.head is None
        with pytest.raises(JournalConflictError, match="no policy"):
            book.ask(request, at=OPENING, calendar=None)
        assert book.head is None


def test_every_error_of_sqlite_is_one_of_ours() -> None:
    codes = [getattr(sqlite3, name) for name in dir(sqlite3) if name.startswith("SQLITE_")]
    for code in {one for one in codes if type(one) is int and 0 < one < 100}:
        error = sqlite3.OperationalError("x")
        error.sqlite_errorcode = code
        with pytest.raises(JournalError), translated(Path("seal.db")):
            raise error
    busy = sqlite3.OperationalError("busy")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    with pytest.raises(JournalLockedError), translated(Path("seal.db")):
        raise busy
