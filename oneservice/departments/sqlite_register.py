"""A department's register in one SQLite file: WAL, ``synchronous=FULL``, one writing thread.

SQLite calls block, so all of them run in one thread of their own; the event loop only waits. A
second process may open the same file (a back office that decides): each commit names the head it
follows, so the two cannot overwrite one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from oneservice.departments.register import (
    Entry,
    FeedRow,
    Head,
    Pruned,
    StoredDocument,
    StoredEvidence,
    StoredMessage,
    StoredSubmission,
)
from oneservice.departments.register_thread import RegisterThread
from oneservice.departments.sqlite_archive import (
    find_evidence,
    keep_evidence,
    prune,
)
from oneservice.departments.sqlite_file import connected, translated
from oneservice.departments.sqlite_reading import (
    read_feed,
    read_heads,
    read_missing,
    read_page,
    read_submission,
    read_submissions,
    read_whole,
)
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


class SqliteRegister:
    """The bundled :class:`~oneservice.departments.register.Register`.

    Args:
        path: the file; made when it does not exist. ``:memory:`` forgets all at the end.
        max_pages: refuse to grow beyond so many pages of 4 KiB (tests fill the "disk" with it).
    """

    def __init__(self, path: str | Path, *, max_pages: int | None = None) -> None:
        self.path = str(path)
        self._max_pages = max_pages
        self._thread: RegisterThread | None = None
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open or make the file.

        Raises:
            JournalError: one of its branch: no database, damaged, locked, another version.
        """
        if self._thread is None:
            self._thread = RegisterThread()
        await self._run(lambda _: None)

    async def close(self) -> None:
        """Close the file and end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.run(self._disconnect)
            thread.stop()

    async def commit(self, entry: Entry) -> None:
        """See :meth:`Register.commit`."""
        await self._run(lambda connection: write_entry(connection, entry))

    async def find(self, caller: str, submission_id: str) -> StoredSubmission | None:
        """See :meth:`Register.find`."""
        return await self._run(
            lambda connection: read_submission(connection, caller, submission_id)
        )

    async def page(
        self, caller: str, submission_id: str, *, after: int, limit: int
    ) -> tuple[Head, tuple[bytes, ...]] | None:
        """See :meth:`Register.page`."""
        place = (caller, submission_id)
        return await self._run(lambda connection: read_page(connection, place, after, limit))

    async def whole(
        self, caller: str, submission_id: str
    ) -> tuple[StoredSubmission, tuple[bytes, ...], tuple[StoredMessage, ...]] | None:
        """See :meth:`Register.whole`."""
        return await self._run(lambda connection: read_whole(connection, (caller, submission_id)))

    async def callers_of(self, submission_id: str) -> tuple[str, ...]:
        """See :meth:`Register.callers_of`."""
        sql = "SELECT caller FROM submissions WHERE submission_id = ? ORDER BY row"
        return tuple(row[0] for row in await self._rows(sql, (submission_id,)))

    async def submissions(
        self, *, states: tuple[str, ...], step_id: str | None = None
    ) -> tuple[StoredSubmission, ...]:
        """See :meth:`Register.submissions`."""
        return await self._run(lambda connection: read_submissions(connection, states, step_id))

    async def feed(self, caller: str, *, after: int, limit: int) -> tuple[int, tuple[FeedRow, ...]]:
        """See :meth:`Register.feed`."""
        return await self._run(lambda connection: read_feed(connection, caller, after, limit))

    async def heads(
        self, caller: str, *, after_row: int, limit: int
    ) -> tuple[int, tuple[Head, ...]]:
        """See :meth:`Register.heads`."""
        return await self._run(lambda connection: read_heads(connection, caller, after_row, limit))

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

    async def missing(self, caller: str, digests: tuple[Digest, ...]) -> tuple[Digest, ...]:
        """See :meth:`Register.missing`."""
        return await self._run(lambda connection: read_missing(connection, caller, digests))

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

        return await thread.run(in_thread)

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connected(self.path, self._max_pages)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
