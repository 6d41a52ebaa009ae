"""The file of a status register: its tables, and opening it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from oneservice.errors import JournalCorruptError, JournalVersionError

__all__ = ["connect_register"]

_APPLICATION_ID: Final = 0x6F6E7374  # "onst"
_SCHEMA: Final = 1

# `operations` is the history: the state of a certificate at any moment is what its last operation
# until then left. `certificates` is its fold, kept for speed. `decoys` are entries that belong to
# nobody. `editions` are never deleted: a list of this year proves a state of this year.
_TABLES: Final = (
    "CREATE TABLE register (uri TEXT NOT NULL, entries INTEGER NOT NULL) STRICT",
    """CREATE TABLE certificates (
        place INTEGER PRIMARY KEY,
        state TEXT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        valid_until INTEGER,
        predecessor TEXT,
        successor TEXT
    ) STRICT""",
    """CREATE TABLE operations (
        number INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        certificate TEXT NOT NULL,
        operation TEXT NOT NULL,
        state TEXT NOT NULL,
        ground TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX operations_of ON operations (certificate, number)",
    "CREATE TABLE decoys (place INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT",
    """CREATE TABLE editions (
        number INTEGER PRIMARY KEY,
        issued_at INTEGER NOT NULL UNIQUE,
        expires_at INTEGER NOT NULL,
        token BLOB NOT NULL,
        revocation BLOB NOT NULL,
        suspension BLOB NOT NULL
    ) STRICT""",
)


def connect_register(path: Path, *, uri: str, entries: int) -> sqlite3.Connection:
    """Return a connection to the register at ``path``, made new where there is none.

    Raises:
        JournalCorruptError: the file is that of another register.
        JournalVersionError: a newer release wrote it, or another program.
        sqlite3.Error: whatever else SQLite says; the caller translates it.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        _prepare(path, connection, uri, entries)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(path: Path, connection: sqlite3.Connection, uri: str, entries: int) -> None:
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    ]
    has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if found != [_APPLICATION_ID, _SCHEMA] and (has_tables or found != [0, 0]):
        msg = f"{path}: no status register, or one of a newer release; give another path"
        raise JournalVersionError(msg)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 2000")
    if not has_tables:
        _create(connection, uri, entries)
    held = connection.execute("SELECT uri, entries FROM register").fetchone()
    if held != (uri, entries):
        msg = f"{path}: the register of {held[0]} with {held[1]} entries; open it as that"
        raise JournalCorruptError(msg)


def _create(connection: sqlite3.Connection, uri: str, entries: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table in _TABLES:
            connection.execute(table)
        connection.execute("INSERT INTO register VALUES (?, ?)", (uri, entries))
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_SCHEMA}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
