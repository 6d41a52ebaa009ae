"""The journal, the blobs and the timers of one engine in one SQLite file.

Theory of operation: WAL and ``synchronous=FULL``; one writer, which is this process (a lock file
says so to others). All transitions of one turn are one transaction: durable before visible, one
fsync for many. SQLite's calls block, so they run on one thread of their own and the event loop
goes on collecting the next turn meanwhile. A journal row holds all records of one transition.
"""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from oneservice.canonical import Digest, digest_bytes
from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalUnavailableError,
)
from oneservice.ports import StoredCase, Write
from oneservice.runtimes.owner_lock import OwnerLock
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.sqlite_schema import connect

__all__ = ["SqliteStore"]

_T = TypeVar("_T")

_SHARED_FROM: Final = 4096
"""Bytes from this size are kept once for all cases, deflated: the plan of a day, above all.

Smaller ones stand in the row of their case, where ``content`` is then not null.
"""
_KNOWN_CONTENTS: Final = 4096
"""Digests remembered as stored, so that the same plan is not deflated again for each case."""
_CASE_COLUMNS: Final = "case_id, secret, seq, thing, status, next_due"


class SqliteStore:
    """A :class:`oneservice.ports.Store` in one file. Open it with :meth:`open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: OwnerLock) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock
        self._known_contents: set[Digest] = set()
        self._is_closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="oneservice-journal")

    @classmethod
    def open(cls, path: Path | str) -> SqliteStore:
        """Open or create the file at ``path``.

        Raises:
            JournalLockedError: another process has it open; the text names that process.
            JournalCorruptError: damaged, cut short, or no database.
            JournalVersionError: written by a newer release, or by another program.
            JournalUnavailableError: the file or its folder cannot be opened or written.
        """
        path = Path(path)
        lock = OwnerLock.take(path)
        try:
            with translated(path):
                connection = connect(path)
        except BaseException:
            lock.release()
            raise
        return cls(path, connection, lock)

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Make ``writes`` and ``cursors`` durable together, or change nothing."""
        await self._run(lambda: self._commit(writes, cursors))

    async def stored(self, case_id: str) -> StoredCase | None:
        """Return what is known of ``case_id`` without folding it."""
        sql = f"SELECT {_CASE_COLUMNS} FROM cases WHERE case_id = ?"  # noqa: S608 - our own constant
        rows = await self._rows(sql, (case_id,))
        return _stored(rows[0]) if rows else None

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Return the whole history of ``case_id``, oldest first."""
        sql = "SELECT lines FROM journal WHERE case_id = ? ORDER BY first_seq"
        rows = await self._rows(sql, (case_id,))
        return tuple(line for (lines,) in rows for line in lines.split(b"\n"))

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        """Return bytes of the case by digest, verified against it.

        Raises:
            JournalCorruptError: the stored bytes are not those that were written.
        """
        sql = (
            "SELECT blobs.content, contents.deflated FROM blobs LEFT JOIN contents"
            " ON blobs.content IS NULL AND contents.digest = blobs.digest"
            " WHERE blobs.case_id = ? AND blobs.digest = ?"
        )
        rows = await self._rows(sql, (case_id, digest))
        if not rows:
            return None
        content, deflated = rows[0]
        data = _inflated(deflated or b"") if content is None else content
        if digest_bytes(data) != digest:
            msg = (
                f"{self.path}: case {case_id}: the bytes of {digest} were altered; restore a backup"
            )
            raise JournalCorruptError(msg)
        return data

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases, oldest first."""
        sql = f"SELECT {_CASE_COLUMNS} FROM cases ORDER BY number"  # noqa: S608 - our own constant
        return tuple(_stored(row) for row in await self._rows(sql, ()))

    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        """Return ids of at most ``limit`` cases that are due at ``until``, earliest first."""
        sql = "SELECT case_id FROM cases WHERE next_due <= ? ORDER BY next_due LIMIT ?"
        return tuple(row[0] for row in await self._rows(sql, (_ms(until), limit)))

    async def next_due(self) -> datetime | None:
        """Return the earliest instant at which some case is due."""
        rows = await self._rows("SELECT min(next_due) FROM cases", ())
        return _instant(rows[0][0])

    async def case_of_key(self, key: str) -> str | None:
        """Return the case that was opened under ``key``."""
        rows = await self._rows("SELECT case_id FROM cases WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    async def cursor(self, department: str) -> str | None:
        """Return where reading of the department's feed goes on."""
        rows = await self._rows("SELECT cursor FROM feeds WHERE department = ?", (department,))
        return rows[0][0] if rows else None

    async def close(self) -> None:
        """Finish what is being written and give the file back."""
        if self._is_closed:
            return
        await self._run(self._connection.close)
        self._is_closed = True
        self._thread.shutdown()
        self._lock.release()

    async def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        return await self._run(lambda: self._connection.execute(sql, values).fetchall())

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._is_closed:
            msg = f"{self.path}: the engine is closed; open it and ask again"
            raise JournalUnavailableError(msg)
        with translated(self.path):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for write in writes:
                self._write_case(write)
            connection.executemany(
                "INSERT INTO journal VALUES (?, ?, ?)",
                [
                    (write.case_id, write.after_seq + 1, b"\n".join(write.records))
                    for write in writes
                    if write.records
                ],
            )
            self._write_blobs(writes)
            connection.executemany(
                "INSERT OR REPLACE INTO feeds VALUES (?, ?)",
                list(cursors.items()),
            )
            connection.execute("COMMIT")
        except BaseException:
            self._known_contents.clear()  # some of them may not be stored after all
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _write_blobs(self, writes: Sequence[Write]) -> None:
        rows: list[tuple[str, str, bytes | None]] = []
        for write in writes:
            for digest, content in write.blobs.items():
                is_shared = len(content) >= _SHARED_FROM
                rows.append((write.case_id, digest, None if is_shared else content))
                if is_shared:
                    self._share(digest, content)
        self._connection.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", rows)

    def _share(self, digest: Digest, content: bytes) -> None:
        if digest in self._known_contents:
            return
        found = self._connection.execute("SELECT 1 FROM contents WHERE digest = ?", (digest,))
        if found.fetchone() is None:
            self._connection.execute(
                "INSERT INTO contents (digest, deflated) VALUES (?, ?)",
                (digest, zlib.compress(content, 1)),
            )
        if len(self._known_contents) >= _KNOWN_CONTENTS:
            self._known_contents.clear()
        self._known_contents.add(digest)

    def _write_case(self, write: Write) -> None:
        seq = write.after_seq + len(write.records)
        due = _ms(write.next_due) if write.next_due else None
        if write.after_seq == 0:
            self._connection.execute(
                "INSERT INTO cases (case_id, thing, status, seq, secret, next_due, key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (write.case_id, write.thing, write.status, seq, write.secret, due, write.key),
            )
            return
        changed = self._connection.execute(
            "UPDATE cases SET status = ?, seq = ?, next_due = ? WHERE case_id = ? AND seq = ?",
            (write.status, seq, due, write.case_id, write.after_seq),
        ).rowcount
        if changed != 1:
            msg = f"case {write.case_id} moved on meanwhile; read it again and retry"
            raise JournalConflictError(msg)


def _stored(row: tuple[Any, ...]) -> StoredCase:
    case_id, secret, seq, thing, status, next_due = row
    return StoredCase(
        case_id=case_id,
        secret=secret,
        seq=seq,
        thing=thing,
        status=status,
        next_due=_instant(next_due),
    )


def _inflated(deflated: bytes) -> bytes:
    try:
        return zlib.decompress(deflated)
    except zlib.error:
        return b""  # no digest fits it


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _instant(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
