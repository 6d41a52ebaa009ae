"""The office's own register: one file per application, and the day on which to look at it again.

Theory of operation. Opening a file under the submission's id is what "filed once" means here: the
SDK may call a step's function again after a crash, and the second call finds the first one's file
with its serial. The diary (``due``) only says *when to look*; *what to do* is worked out from the
submission's history, so a diary that is behind, or ahead, costs a look and never an event.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from oneservice.departments import Submission
from oneservice.errors import JournalError

__all__ = ["Files", "OfficeFile"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS files (
  file_no INTEGER PRIMARY KEY AUTOINCREMENT,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, step_id TEXT NOT NULL,
  serial INTEGER NOT NULL, seen_seq INTEGER NOT NULL, due TEXT,
  UNIQUE (caller, submission_id), UNIQUE (step_id, serial));
CREATE INDEX IF NOT EXISTS diary ON files (due) WHERE due IS NOT NULL;
"""
_COLUMNS: Final = "caller, submission_id, step_id, serial, seen_seq, due"
_LONGEST_WAIT_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFile:
    """One application at the office.

    ``serial`` counts the step's files from 1. ``seen_seq`` is the newest event that the diary
    entry ``due`` knew of.
    """

    caller: str
    submission_id: str
    step_id: str
    serial: int
    seen_seq: int
    due: datetime | None


class Files:
    """The register in one SQLite file. Calls block for a write to disk; any thread may call.

    Raises:
        JournalError: the file cannot be opened; and so every method that meets such a fault.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        with self._told(), contextlib.ExitStack() as undo:
            self._db = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=_LONGEST_WAIT_S
            )
            undo.callback(self._db.close)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            undo.pop_all()

    def close(self) -> None:
        """Give the file back; harmless to repeat."""
        self._db.close()

    def open_file(self, submission: Submission, due: datetime | None) -> None:
        """Open the application's file, unless it is open already, and note when to look."""
        seen = submission.history[-1].seq
        with self._told(), self._turn, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT INTO files (caller, submission_id, step_id, serial, seen_seq, due) "
                "SELECT ?, ?, ?, 1 + coalesce(max(serial), 0), ?, ? FROM files WHERE step_id = ? "
                "ON CONFLICT (caller, submission_id) DO UPDATE "
                "SET seen_seq = excluded.seen_seq, due = excluded.due",
                (
                    submission.caller,
                    submission.id,
                    submission.step_id,
                    seen,
                    _write(due),
                    submission.step_id,
                ),
            )

    def file_of(self, submission: Submission) -> OfficeFile:
        """Return the file of an application that was opened before."""
        found = self._select(
            "WHERE caller = ? AND submission_id = ?", (submission.caller, submission.id)
        )
        return found[0]

    def due(self, now: datetime) -> tuple[OfficeFile, ...]:
        """Return what should be looked at by ``now``, the longest due first."""
        return self._select("WHERE due <= ? ORDER BY due, file_no", (_write(now),))

    def move(self, file: OfficeFile, due: datetime | None) -> None:
        """Note when to look next, unless somebody noted something else since ``file`` was read."""
        with self._told(), self._turn:
            self._db.execute(
                "UPDATE files SET due = ? "
                "WHERE caller = ? AND submission_id = ? AND due IS ? AND seen_seq = ?",
                (
                    _write(due),
                    file.caller,
                    file.submission_id,
                    _write(file.due),
                    file.seen_seq,
                ),
            )

    def count(self) -> int:
        """Return how many files were ever opened."""
        with self._told(), self._turn:
            row = self._db.execute("SELECT count(*) FROM files").fetchone()
        return int(row[0])

    def _select(self, where: str, values: tuple[str | None, ...]) -> tuple[OfficeFile, ...]:
        with self._told(), self._turn:
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM files {where}",  # noqa: S608 - both texts are ours
                values,
            ).fetchall()
        return tuple(
            OfficeFile(
                caller=row[0],
                submission_id=row[1],
                step_id=row[2],
                serial=row[3],
                seen_seq=row[4],
                due=None if row[5] is None else datetime.fromisoformat(row[5]),
            )
            for row in rows
        )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            msg = (
                f"the office's register {self._path} cannot be used "
                f"({error.sqlite_errorname}): check disk, rights and the file itself"
                if hasattr(error, "sqlite_errorname")
                else f"the office's register {self._path} cannot be used: it was closed"
            )
            raise JournalError(msg) from error


def _write(instant: datetime | None) -> str | None:
    """Return text of one length and zone, so that text order is time order."""
    return None if instant is None else instant.astimezone(UTC).isoformat(timespec="microseconds")
