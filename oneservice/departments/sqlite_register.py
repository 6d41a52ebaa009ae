"""A department's register in one SQLite file: WAL, ``synchronous=FULL``, one writing thread.

SQLite calls block, so all of them run in one thread of their own; the event loop only waits. A
second process may open the same file (a back office that decides): each commit names the head it
follows, so the two cannot overwrite one another.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from oneservice.departments.register import (
    Entry,
    FeedRow,
    Pruned,
    StoredDocument,
    StoredEvidence,
    StoredMessage,
    StoredSubmission,
)
from oneservice.departments.sqlite_archive import (
    find_evidence,
    keep_evidence,
    prune,
)
from oneservice.departments.sqlite_file import connected, translated
from oneservice.departments.sqlite_writing import keep_document, write_entry
from oneservice.errors import (
    JournalUnavailableError,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from oneservice.canonical import Digest

__all__ = ["SqliteRegister"]

T = TypeVar("T")

_SUBMISSION: Final = (
    "caller, submission_id, step_id, digest, body, received_at, state, head_seq, head_digest, row"
)


_FIND: Final = f"SELECT {_SUBMISSION} FROM submissions WHERE caller = ? AND submission_id = ?"  # noqa: S608 - ours
_EVENTS: Final = (
    "SELECT event FROM events WHERE caller = ? AND submission_id = ? AND seq > ? "
    "ORDER BY seq LIMIT ?"
)
_NAMES: Final = tuple(_SUBMISSION.split(", "))


class SqliteRegister:
    """The bundled :class:`~oneservice.departments.register.Register`.

    Args:
        path: the file; made when it does not exist. ``:memory:`` forgets all at the end.
        max_pages: refuse to grow beyond so many pages of 4 KiB (tests fill the "disk" with it).
    """

    def __init__(self, path: str | Path, *, max_pages: int | None = None) -> None:
        self.path = str(path)
        self._max_pages = max_pages
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open or make the file.

        Raises:
            JournalError: one of its branch: no database, damaged, locked, another version.
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="register")
        await self._run(lambda _: None)

    async def close(self) -> None:
        """Close the file and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
            thread.shutdown(wait=True)

    async def commit(self, entry: Entry) -> None:
        """See :meth:`Register.commit`."""
        await self._run(lambda connection: write_entry(connection, entry))

    async def find(self, caller: str, submission_id: str) -> StoredSubmission | None:
        """See :meth:`Register.find`."""
        rows = await self._rows(_FIND, (caller, submission_id))
        return _submission(rows[0]) if rows else None

    async def page(
        self, caller: str, submission_id: str, *, after: int, limit: int
    ) -> tuple[StoredSubmission, tuple[bytes, ...]] | None:
        """See :meth:`Register.page`."""
        place = (caller, submission_id)

        def read(connection: sqlite3.Connection) -> Any:
            row = connection.execute(_FIND, place).fetchone()
            return row and (row, connection.execute(_EVENTS, (*place, after, limit)).fetchall())

        found = await self._run(read)
        if found is None:
            return None
        return _submission(found[0]), tuple(row[0] for row in found[1])

    async def callers_of(self, submission_id: str) -> tuple[str, ...]:
        """See :meth:`Register.callers_of`."""
        sql = "SELECT caller FROM submissions WHERE submission_id = ? ORDER BY row"
        return tuple(row[0] for row in await self._rows(sql, (submission_id,)))

    async def submissions(
        self, *, states: tuple[str, ...], step_id: str | None = None
    ) -> tuple[StoredSubmission, ...]:
        """See :meth:`Register.submissions`."""
        marks = ", ".join("?" * len(states))
        where, values = f"WHERE state IN ({marks})", (*states,)
        if step_id is not None:
            where, values = f"{where} AND step_id = ?", (*states, step_id)
        return await self._submissions(f"{where} ORDER BY row", values)

    async def events(
        self, caller: str, submission_id: str, *, after: int, limit: int
    ) -> tuple[bytes, ...]:
        """See :meth:`Register.events`."""
        rows = await self._rows(_EVENTS, (caller, submission_id, after, limit))
        return tuple(row[0] for row in rows)

    async def messages(self, caller: str, submission_id: str) -> tuple[StoredMessage, ...]:
        """See :meth:`Register.messages`."""
        sql = (
            "SELECT kind, message_id, digest, body FROM messages "
            "WHERE caller = ? AND submission_id = ? ORDER BY row"
        )
        return tuple(
            StoredMessage(kind=row[0], message_id=row[1], digest=row[2], body=row[3])
            for row in await self._rows(sql, (caller, submission_id))
        )

    async def last_position(self) -> int:
        """See :meth:`Register.last_position`."""
        # Not the largest that is there: what was pruned still counts, or cursors would run ahead.
        sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"
        rows = await self._rows(sql, ())
        return int(rows[0][0])

    async def feed(self, caller: str, *, after: int, limit: int) -> tuple[FeedRow, ...]:
        """See :meth:`Register.feed`."""
        sql = (
            "SELECT position, submission_id, event FROM events "
            "WHERE caller = ? AND position > ? ORDER BY position LIMIT ?"
        )
        return tuple(
            FeedRow(position=row[0], submission_id=row[1], event=row[2])
            for row in await self._rows(sql, (caller, after, limit))
        )

    async def heads(
        self, caller: str, *, after_row: int, limit: int
    ) -> tuple[StoredSubmission, ...]:
        """See :meth:`Register.heads`."""
        where = "WHERE caller = ? AND row > ? ORDER BY row LIMIT ?"
        return await self._submissions(where, (caller, after_row, limit))

    async def put_document(self, caller: str, document: StoredDocument, *, at: str) -> bool:
        """See :meth:`Register.put_document`."""
        return await self._run(lambda connection: keep_document(connection, caller, document, at))

    async def document(self, caller: str, digest: Digest) -> StoredDocument | None:
        """See :meth:`Register.document`."""
        sql = "SELECT media_type, data FROM documents WHERE caller = ? AND digest = ?"
        rows = await self._rows(sql, (caller, digest))
        return (
            StoredDocument(digest=digest, media_type=rows[0][0], data=rows[0][1]) if rows else None
        )

    async def document_size(self, caller: str, digest: Digest) -> tuple[str, int] | None:
        """See :meth:`Register.document_size`."""
        sql = "SELECT media_type, length(data) FROM documents WHERE caller = ? AND digest = ?"
        rows = await self._rows(sql, (caller, digest))
        return (rows[0][0], rows[0][1]) if rows else None

    async def keep(self, name: str, value: str) -> None:
        """See :meth:`Register.keep`."""
        sql = "INSERT INTO settings VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2"
        await self._rows(sql, (name, value))

    async def evidence(self, caller: str, request_id: str) -> StoredEvidence | None:
        """See :meth:`Register.evidence`."""
        return await self._run(lambda connection: find_evidence(connection, caller, request_id))

    async def put_evidence(
        self,
        caller: str,
        evidence: StoredEvidence,
        documents: tuple[StoredDocument, ...],
        *,
        at: str,
    ) -> None:
        """See :meth:`Register.put_evidence`."""
        await self._run(
            lambda connection: keep_evidence(connection, caller, evidence, documents, at)
        )

    async def prune(self, *, ended_before: str, unused_before: str) -> Pruned:
        """See :meth:`Register.prune`."""
        return await self._run(lambda connection: prune(connection, ended_before, unused_before))

    async def setting(self, name: str, default: str) -> str:
        """See :meth:`Register.setting`."""

        def read(connection: sqlite3.Connection) -> str:
            select = "SELECT value FROM settings WHERE name = ?"
            row = connection.execute(select, (name,)).fetchone()
            if row is None:  # two processes may come to this at once: the first one's stays
                connection.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, default))
                row = connection.execute(select, (name,)).fetchone()
            return str(row[0])

        return await self._run(read)

    async def _submissions(
        self, where: str, values: tuple[Any, ...]
    ) -> tuple[StoredSubmission, ...]:
        sql = f"SELECT {_SUBMISSION} FROM submissions {where}"  # noqa: S608 - our own words only
        return tuple(_submission(row) for row in await self._rows(sql, values))

    async def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return await self._run(lambda connection: connection.execute(sql, values).fetchall())

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        thread = self._thread
        if thread is None:
            msg = f"the department's register {self.path} is not open"
            raise JournalUnavailableError(msg)

        def in_thread() -> T:
            with translated(self.path):
                return work(self._connect())

        return await asyncio.get_running_loop().run_in_executor(thread, in_thread)

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connected(self.path, self._max_pages)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _submission(row: tuple[Any, ...]) -> StoredSubmission:
    return StoredSubmission(**dict(zip(_NAMES, row, strict=True)))
