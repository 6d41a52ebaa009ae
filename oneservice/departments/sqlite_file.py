"""The SQLite file of a register: its schema, its settings, its errors in our words."""

from __future__ import annotations

import contextlib
import sqlite3
import time
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

__all__ = ["BUSY_TIMEOUT_S", "connected", "transaction", "translated"]

APPLICATION_ID: Final = 0x4F534447  # "OSDG": tells our register from somebody else's database
SCHEMA_VERSION: Final = 2
BUSY_TIMEOUT_S: Final = 5.0  # half of the protocol's answer deadline
_AGAIN_S: Final = 0.005

_SCHEMA: Final = """
CREATE TABLE submissions (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, step_id TEXT NOT NULL,
  digest TEXT NOT NULL, body BLOB NOT NULL, received_at TEXT NOT NULL,
  state TEXT NOT NULL, head_seq INTEGER NOT NULL, head_digest TEXT NOT NULL,
  UNIQUE (caller, submission_id));
CREATE INDEX submissions_by_state ON submissions (state, step_id);
CREATE INDEX submissions_by_id ON submissions (submission_id);
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, seq INTEGER NOT NULL, event BLOB NOT NULL,
  UNIQUE (caller, submission_id, seq));
CREATE INDEX events_by_caller ON events (caller, position);
CREATE TABLE messages (
  row INTEGER PRIMARY KEY,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, kind TEXT NOT NULL, message_id TEXT NOT NULL,
  digest TEXT NOT NULL, body BLOB NOT NULL,
  UNIQUE (caller, submission_id, kind, message_id));
CREATE TABLE documents (
  caller TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (caller, digest));
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_SINCE_VERSION_2: Final = """
ALTER TABLE documents ADD COLUMN came_at TEXT;
CREATE TABLE uses (
  caller TEXT NOT NULL, digest TEXT NOT NULL, submission_id TEXT NOT NULL,
  PRIMARY KEY (caller, digest, submission_id)) WITHOUT ROWID;
CREATE TABLE evidence (
  caller TEXT NOT NULL, request_id TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL,
  answer BLOB NOT NULL, is_final INTEGER NOT NULL, answered_at TEXT NOT NULL,
  PRIMARY KEY (caller, request_id)) WITHOUT ROWID;
"""
"""A document without ``came_at`` is of version 1, which did not note uses: it is never pruned."""

_BY_CODE: Final[dict[int, tuple[type[JournalError], str]]] = {
    sqlite3.SQLITE_FULL: (JournalFullError, "the disk is full; free space and repeat"),
    sqlite3.SQLITE_BUSY: (JournalLockedError, "another process holds it; stop that one or wait"),
    sqlite3.SQLITE_LOCKED: (JournalLockedError, "another process holds it; stop that one or wait"),
    sqlite3.SQLITE_CORRUPT: (JournalCorruptError, "it is damaged; restore it from a backup"),
    sqlite3.SQLITE_NOTADB: (JournalCorruptError, "it is no SQLite file; name another one"),
    sqlite3.SQLITE_CONSTRAINT: (JournalConflictError, "somebody else was first; read and repeat"),
    sqlite3.SQLITE_READONLY: (JournalUnavailableError, "it may not be written; mend its rights"),
    sqlite3.SQLITE_PERM: (JournalUnavailableError, "it may not be used; mend its rights"),
    sqlite3.SQLITE_AUTH: (JournalUnavailableError, "it may not be used; mend its rights"),
    sqlite3.SQLITE_CANTOPEN: (JournalUnavailableError, "it cannot be opened; mend path or rights"),
    sqlite3.SQLITE_IOERR: (JournalUnavailableError, "the disk failed or is full; look at it"),
}


@contextlib.contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn every ``sqlite3`` error into one of the ``JournalError`` branch, with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        kind, remedy = _BY_CODE.get(code, (JournalError, "nothing was written; see the cause"))
        msg = f"the department's register {path}: {remedy}"
        raise kind(msg) from error


def connected(path: str, max_pages: int | None) -> sqlite3.Connection:
    """Return an open connection to a register, made if there was none.

    Raises:
        JournalVersionError: somebody else's database, or another version's.
        sqlite3.Error: whatever else; see :func:`translated`.
    """
    if path != ":memory:":
        # Applications are personal: what SQLite makes beside the file takes over its rights.
        with contextlib.suppress(OSError):  # SQLite will say it better
            Path(path).touch(mode=0o600)
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False
    )
    try:
        _prepare(connection, path, max_pages)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: str, max_pages: int | None) -> None:
    # Read at one moment, as another process may be making the file; and first of all, because the
    # journal mode is written into it.
    connection.execute("BEGIN")
    _is_fresh(connection, path)
    connection.execute("COMMIT")
    _log_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    if max_pages is not None:
        connection.execute(f"PRAGMA max_page_count = {max_pages:d}")
    with transaction(connection):
        script = ""
        if _is_fresh(connection, path):  # asked again: two processes may begin at once
            script = _SCHEMA + _SINCE_VERSION_2
        elif _version(connection) == 1:
            script = _SINCE_VERSION_2
        for statement in script.split(";"):
            connection.execute(statement)
        if script:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _log_ahead(connection: sqlite3.Connection) -> None:
    # The one statement for which SQLite does not wait by itself: who meets another that begins the
    # file is refused at once, as waiting with what he has read could hold up the other for ever.
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_held = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_held or time.monotonic() > give_up:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def _is_fresh(connection: sqlite3.Connection, path: str) -> bool:
    """Say whether the file is empty; it is a register of ours otherwise, or refused."""
    version = _version(connection)
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables and not owner:
        return True
    if owner == APPLICATION_ID and 1 <= version <= SCHEMA_VERSION:
        return False
    msg = (
        f"{path} is no register of this version (found {owner:x}/{version}); "
        "name another file, or use the version that wrote it"
    )
    raise JournalVersionError(msg)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all of a block or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some errors, such as a full disk, have ended it already
            connection.execute("ROLLBACK")
        raise
