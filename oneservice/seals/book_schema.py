"""The SQLite file of a seal's book: its tables, its settings, its errors in our words."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["connected", "transaction", "translated"]

_APPLICATION_ID: Final = 0x4F53534C  # "OSSL"
_SCHEMA_VERSION: Final = 2
_BUSY_TIMEOUT_S: Final = 10.0
"""Another process of the same office holds the file for a few milliseconds at a time."""

_TABLES: Final = """
CREATE TABLE records (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, line BLOB NOT NULL);
CREATE TABLE mandates (id TEXT PRIMARY KEY, body BLOB NOT NULL, revoked_at TEXT) WITHOUT ROWID;
CREATE TABLE policies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE uses (
  seq INTEGER PRIMARY KEY, document TEXT NOT NULL, asked_by TEXT NOT NULL, day TEXT NOT NULL,
  receipt BLOB NOT NULL, result BLOB, is_void INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX uses_once ON uses (document, asked_by) WHERE NOT is_void;
CREATE INDEX uses_by_day ON uses (day);
CREATE TABLE approvals (
  document TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (document, body)) WITHOUT ROWID;
CREATE TABLE logged (
  seq INTEGER PRIMARY KEY, proof TEXT NOT NULL, salt TEXT NOT NULL);
"""
_SINCE: Final = {
    2: "CREATE TABLE salts (seq INTEGER PRIMARY KEY, salt TEXT NOT NULL);",
}
"""What each later version has beside :data:`_TABLES`; an older book is given it when it opens."""

_LOCKED: Final = (JournalLockedError, "another process holds it; wait, or stop that one")
_CLOSED: Final = (JournalUnavailableError, "it may not be used; mend its path or its rights")
_BROKEN: Final = (JournalCorruptError, "it is damaged, or no SQLite file; restore it")
_BY_CODE: Final[dict[int, tuple[type[JournalError], str]]] = {
    sqlite3.SQLITE_FULL: (JournalFullError, "the disk is full; free space and repeat"),
    sqlite3.SQLITE_IOERR: (JournalUnavailableError, "the disk failed or is full; look at it"),
    sqlite3.SQLITE_CONSTRAINT: (JournalConflictError, "somebody else was first; repeat"),
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), _LOCKED),
    **dict.fromkeys((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB), _BROKEN),
    **dict.fromkeys(
        (
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_PERM,
            sqlite3.SQLITE_AUTH,
            sqlite3.SQLITE_CANTOPEN,
        ),
        _CLOSED,
    ),
}


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn every ``sqlite3`` error into one of the ``JournalError`` branch, with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        kind, remedy = _BY_CODE.get(code, (JournalError, "nothing was written; see the cause"))
        msg = f"the book of the seal {path}: {remedy}"
        raise kind(msg) from error


def connected(path: Path) -> sqlite3.Connection:
    """Return an open connection to a book, made if there was none.

    Raises:
        JournalVersionError: somebody else's database, or one of another version.
        sqlite3.Error: whatever else; see :func:`translated`.
    """
    with contextlib.suppress(OSError):  # SQLite will say it better
        path.touch(mode=0o600)  # what SQLite makes beside the file takes over its rights
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=_BUSY_TIMEOUT_S, check_same_thread=False
    )
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN")  # what is read is of one moment: another may be making the book
    _version(connection, path)  # first: the journal mode is written into the file
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    with transaction(connection):
        version = _version(connection, path)  # asked again: two processes may begin at once
        if version == _SCHEMA_VERSION:
            return
        due = [_TABLES] if not version else []
        due += [text for number, text in sorted(_SINCE.items()) if number > version]
        for statement in ";".join(due).split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the book in a file; 0: the file is empty."""
    owner, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables and not owner:
        return 0
    if owner == _APPLICATION_ID and 1 <= version <= _SCHEMA_VERSION:
        return int(version)
    msg = f"{path} is no book of a seal, or one of a newer release; name another file"
    raise JournalVersionError(msg)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of a block or nothing; nobody else writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
