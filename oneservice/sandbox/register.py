"""Where simulated departments keep applications, and the feed of what they told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from oneservice.canonical import canonical, parse_object, read_instant
from oneservice.case import DepartmentEvent
from oneservice.errors import JournalUnavailableError
from oneservice.sandbox.testimony import Record

__all__ = ["Register"]

# Durable against `kill -9`, which is what a sandbox is tried with, not against a power failure.
_SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS submissions (
    id TEXT PRIMARY KEY, department TEXT NOT NULL, next_due TEXT, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS due ON submissions (next_due) WHERE next_due IS NOT NULL;
CREATE TABLE IF NOT EXISTS feed (
    number INTEGER PRIMARY KEY, department TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
    told_at TEXT NOT NULL);
"""
_PAGE: Final = 200
_LARGEST: Final = 16_777_216
"""A record holds a whole application and its history."""


class Register:
    """Applications by id, whose turn it is when, and the feed."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            why = "the departments' file cannot be opened; check that the folder exists"
            msg = f"{path}: {why} and may be written ({error})"
            raise JournalUnavailableError(msg) from error

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make everything that is told and saved inside durable together, or nothing of it."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def find(self, submission_id: str) -> Record | None:
        """Return the application of that id."""
        sql = "SELECT record FROM submissions WHERE id = ?"
        row = self._db.execute(sql, (submission_id,)).fetchone()
        return _read(row[0]) if row else None

    def count(self) -> int:
        """Return how many applications there are."""
        found: int = self._db.execute("SELECT count(*) FROM submissions").fetchone()[0]
        return found

    def save(self, record: Record) -> None:
        """Keep the application as it stands."""
        due = _sortable(read_instant(record["due"][0]["at"])) if record["due"] else None
        self._db.execute(
            "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?)",
            (record["id"], record["department"], due, canonical(record).decode()),
        )

    def tell(self, event: DepartmentEvent) -> None:
        """Put ``event`` into its department's feed."""
        self._db.execute(
            "INSERT INTO feed (department, id, seq, told_at) VALUES (?, ?, ?, ?)",
            (event.department, event.submission_id, event.seq, event.recorded_at),
        )

    def due(self, now: datetime) -> list[Record]:
        """Return the applications that something is to be told of by ``now``."""
        sql = "SELECT record FROM submissions WHERE next_due <= ?"
        return [_read(row[0]) for row in self._db.execute(sql, (_sortable(now),)).fetchall()]

    def all(self, department: str | None = None) -> list[Record]:
        """Return all applications, or those of one department, by id."""
        sql = "SELECT record FROM submissions WHERE ? IN (department, '') ORDER BY id"
        return [_read(row[0]) for row in self._db.execute(sql, (department or "",)).fetchall()]

    def news(self, department: str, cursor: int) -> tuple[list[tuple[str, int]], int, bool]:
        """Return ids and sequence numbers after ``cursor``, the next cursor, and if it goes on."""
        rows = self._db.execute(
            "SELECT number, id, seq FROM feed WHERE department = ? AND number > ?"
            " ORDER BY number LIMIT ?",
            (department, cursor, _PAGE),
        ).fetchall()
        last = rows[-1][0] if rows else cursor
        return [(identifier, seq) for _, identifier, seq in rows], last, len(rows) == _PAGE

    def last(self) -> int:
        """Return the number of the newest entry of the feed."""
        found: int = self._db.execute("SELECT coalesce(max(number), 0) FROM feed").fetchone()[0]
        return found

    def latest(self) -> datetime:
        """Return the latest instant of which anything is recorded."""
        row = self._db.execute("SELECT max(told_at) FROM feed").fetchone()
        return read_instant(row[0]) if row[0] else datetime(1970, 1, 1, tzinfo=UTC)


def _read(text: str) -> Record:
    return parse_object(text.encode(), max_bytes=_LARGEST)


def _sortable(at: datetime) -> str:
    """Return an instant as text that sorts as time does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")
