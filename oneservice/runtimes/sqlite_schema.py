"""The journal's file: its tables, its version, and what is checked when it is opened."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final

from oneservice.errors import JournalCorruptError, JournalVersionError
from oneservice.runtimes.sqlite_migration import migrate_from_1

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "check_version", "connect"]

_log = logging.getLogger(__name__)

APPLICATION_ID: Final = 0x6F6E6573  # "ones": tells `file(1)`, and us, whose database this is
SCHEMA_VERSION: Final = 2
_CHECK_BELOW: Final = 256 * 1024 * 1024
"""Files below this size are checked whole when they are opened (about a second at most)."""
_CACHE_KIB: Final = 65_536
"""Pages kept in memory: case ids are random, so rows land all over the file."""
_WAL_PAGES: Final = 8_000
"""Pages (32 MiB) after which the log is folded into the file: each folding syncs twice more."""

# `case_keys` stands apart from `cases` because its rows never change their length and never move:
# a wrapped secret that is overwritten has no other copy in the file. An empty `key_id` says that
# the case was written before cases were encrypted: `wrapped`, `private` and blobs are in the clear.
# `position` counts the records of all cases; `envelopes` are the records of one transition without
# salt and data, one a line; `private` is the rest of them, sealed.
_TABLES: Final = (
    """CREATE TABLE cases (
        number INTEGER PRIMARY KEY,
        case_id TEXT NOT NULL UNIQUE,
        thing TEXT NOT NULL,
        status TEXT NOT NULL,
        seq INTEGER NOT NULL,
        next_due INTEGER,
        erased_at INTEGER,
        key ANY UNIQUE
    ) STRICT""",
    "CREATE INDEX cases_due ON cases (next_due) WHERE next_due IS NOT NULL",
    """CREATE TABLE case_keys (
        number INTEGER PRIMARY KEY,
        key_id TEXT NOT NULL,
        wrapped BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE journal (
        position INTEGER PRIMARY KEY,
        case_id TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        envelopes BLOB NOT NULL,
        private BLOB
    ) STRICT""",
    "CREATE UNIQUE INDEX journal_of_case ON journal (case_id, first_seq)",
    """CREATE TABLE blobs (
        case_id TEXT NOT NULL,
        name BLOB NOT NULL,
        content BLOB,
        shared TEXT,
        PRIMARY KEY (case_id, name)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE contents (
        number INTEGER PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        deflated BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE feeds (department TEXT PRIMARY KEY, cursor TEXT) STRICT, WITHOUT ROWID",
    """CREATE TABLE erasures (
        case_id TEXT PRIMARY KEY,
        at INTEGER NOT NULL,
        operator TEXT NOT NULL,
        why TEXT NOT NULL,
        seq INTEGER NOT NULL,
        head TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE secrets (
        name TEXT PRIMARY KEY,
        key_id TEXT NOT NULL,
        wrapped BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE subscriptions (
        id TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        keyid TEXT NOT NULL,
        position INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        not_before INTEGER,
        state TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the journal at ``path``, made new where there is none.

    A file of an older schema is brought to this one in one transaction.

    Raises:
        JournalCorruptError: the file is damaged.
        JournalVersionError: a newer release wrote it, or another program.
        sqlite3.Error: whatever else SQLite says; the caller translates it.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        check_version(path, connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 2000")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased leaves no bytes behind
        _bring_up_to_date(path, connection)
        # What a crash left between an erasure and the folding of the log is folded now.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    # A file that may only be read is refused here, not when somebody hands in a form.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 1:
            _log.warning(
                "%s: brought from schema 1 to %d; older releases cannot open it any more. Its cases"
                " stay unencrypted until rewrap() was run; delete or encrypt its old backups",
                path,
                SCHEMA_VERSION,
            )
            migrate_from_1(connection, _TABLES)
        elif version == 0:
            for table in _TABLES:
                connection.execute(table)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_version(path: Path, connection: sqlite3.Connection) -> None:
    """Refuse what is no file of ours, of a newer release, or damaged; an empty one passes.

    Raises:
        JournalVersionError, JournalCorruptError: what it is, and what to do.
    """
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
