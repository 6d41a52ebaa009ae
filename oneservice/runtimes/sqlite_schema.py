"""The journal's file: its tables, its version, and what is checked when it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from oneservice.errors import JournalCorruptError, JournalVersionError

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "connect"]

APPLICATION_ID: Final = 0x6F6E6573  # "ones": tells `file(1)`, and us, whose database this is
SCHEMA_VERSION: Final = 1
_CHECK_BELOW: Final = 256 * 1024 * 1024
"""Files below this size are checked whole when they are opened (about a second at most)."""
_CACHE_KIB: Final = 65_536
"""Pages kept in memory: case ids are random, so rows land all over the file."""
_WAL_PAGES: Final = 8_000
"""Pages (32 MiB) after which the log is folded into the file: each folding syncs twice more."""

_SCHEMA: Final = """
CREATE TABLE cases (
    number INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    thing TEXT NOT NULL,
    status TEXT NOT NULL,
    seq INTEGER NOT NULL,
    secret TEXT NOT NULL,
    next_due INTEGER,
    key TEXT UNIQUE
) STRICT;
CREATE INDEX cases_due ON cases (next_due) WHERE next_due IS NOT NULL;
CREATE TABLE journal (
    case_id TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    lines BLOB NOT NULL,
    PRIMARY KEY (case_id, first_seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE blobs (
    case_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    content BLOB,
    PRIMARY KEY (case_id, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE contents (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    deflated BLOB NOT NULL
) STRICT;
CREATE TABLE feeds (department TEXT PRIMARY KEY, cursor TEXT) STRICT, WITHOUT ROWID;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the journal at ``path``, made new where there is none.

    Raises:
        JournalCorruptError: the file is damaged.
        JournalVersionError: a newer release wrote it, or another program.
        sqlite3.Error: whatever else SQLite says; the caller translates it.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        _check_version(path, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 2000")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
                f" PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
        # A file that may only be read is refused now, not when somebody hands in a form.
        connection.executescript(
            f"BEGIN IMMEDIATE; PRAGMA user_version = {SCHEMA_VERSION}; ROLLBACK;"
        )
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version(path: Path, connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables == 0:
        return
    if application != APPLICATION_ID:
        msg = f"{path}: this database belongs to another program; give another path"
        raise JournalVersionError(msg)
    if version > SCHEMA_VERSION:
        msg = (
            f"{path}: written in schema {version}, this release reads up to {SCHEMA_VERSION}; "
            "install a newer oneservice-gov, the file was not touched"
        )
        raise JournalVersionError(msg)
    if path.stat().st_size < _CHECK_BELOW:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            msg = f"{path}: the file is damaged ({found.splitlines()[-1][:80]}); restore a backup"
            raise JournalCorruptError(msg)
