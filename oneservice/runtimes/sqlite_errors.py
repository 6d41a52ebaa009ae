"""The one place where ``sqlite3``'s errors become ours, each with what the operator can do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
)

__all__ = ["translated"]

_Kind = type[JournalError]

# Primary result codes (https://sqlite.org/rescode.html); extended codes carry them in the low byte.
_BY_CODE: Final[Mapping[int, tuple[_Kind, str]]] = {
    sqlite3.SQLITE_FULL: (
        JournalFullError,
        "the disk is full; nothing was half-written. Free some space; work goes on by itself",
    ),
    sqlite3.SQLITE_BUSY: (JournalLockedError, "another process uses it; stop that one first"),
    sqlite3.SQLITE_LOCKED: (JournalLockedError, "another connection uses it"),
    sqlite3.SQLITE_CORRUPT: (
        JournalCorruptError,
        "the file is damaged or was cut short; restore it from a backup, do not repair it",
    ),
    sqlite3.SQLITE_NOTADB: (
        JournalCorruptError,
        "the file is no SQLite database; give another path, or restore it from a backup",
    ),
    sqlite3.SQLITE_READONLY: (
        JournalUnavailableError,
        "the file may not be written; check its owner, its mode and the mount",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        JournalUnavailableError,
        "the file cannot be opened; check that the folder exists and may be written",
    ),
    sqlite3.SQLITE_PERM: (JournalUnavailableError, "access is denied; check the file's mode"),
    sqlite3.SQLITE_IOERR: (
        JournalUnavailableError,
        "the disk does not answer properly; nothing was half-written. Check the device",
    ),
    sqlite3.SQLITE_CONSTRAINT: (
        JournalConflictError,
        "somebody else wrote first; read the case again and retry",
    ),
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn any ``sqlite3`` error into one of the tree that names ``path`` and the remedy.

    Raises:
        JournalError: of the kind that tells what to do.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        kind, remedy = _BY_CODE.get(
            (code or 0) & 0xFF,
            (JournalError, f"SQLite says {type(error).__name__} {code}; this is a fault of ours"),
        )
        msg = f"{path}: {remedy}"
        raise kind(msg) from error
