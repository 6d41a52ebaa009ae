"""A department's register in one SQLite file: WAL, ``synchronous=FULL``, one writing thread.

SQLite calls block, so all of them run in one thread of their own; the event loop only waits. A
second process may open the same file (a back office that decides): each commit names the head it
follows, so the two cannot overwrite one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

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
from oneservice.departments.sqlite_writing import keep_document, write_entry
from oneservice.departments.wire import MAX_EVENTS
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
_HEAD: Final = "caller, submission_id, digest, state, head_seq, head_digest, row"
_ONE: Final = "FROM submissions WHERE caller = ? AND submission_id = ?"
_FIND: Final = f"SELECT {_SUBMISSION} {_ONE}"
_FIND_HEAD: Final = f"SELECT {_HEAD} {_ONE}"
_HEADS: Final = f"SELECT {_HEAD} FROM submissions WHERE caller = ? AND row > ? ORDER BY row LIMIT ?"  # noqa: S608 - ours
_EVENTS: Final = (
    "SELECT event FROM events WHERE caller = ? AND submission_id = ? AND seq > ? "
    "ORDER BY seq LIMIT ?"
)
_MESSAGES: Final = (
    "SELECT kind, message_id, digest, body FROM messages "
    "WHERE caller = ? AND submission_id = ? ORDER BY row"
)
_NEWEST: Final = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"
"""Not the largest that is there: what was pruned still counts, or cursors would run ahead."""
_FEED: Final = (
    "SELECT position, submission_id, event, head_seq, head_digest "
    "FROM events JOIN submissions USING (caller, submission_id) "
    "WHERE caller = ? AND position > ? ORDER BY position LIMIT ?"
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
        rows = await self._rows(_FIND, (caller, submission_id))
        return _submission(rows[0]) if rows else None

    async def page(
        self, caller: str, submission_id: str, *, after: int, limit: int
    ) -> tuple[Head, tuple[bytes, ...]] | None:
        """See :meth:`Register.page`."""
        place = (caller, submission_id)

        def read(connection: sqlite3.Connection) -> Any:
            # The head first: what is appended meanwhile lies beyond it, and is told next time.
            row = connection.execute(_FIND_HEAD, place).fetchone()
            return row and (row, connection.execute(_EVENTS, (*place, after, limit)).fetchall())

        found = await self._run(read)
        if found is None:
            return None
        head = _head(found[0])
        return head, _events(found[1])[: max(0, head.head_seq - after)]

    async def whole(
        self, caller: str, submission_id: str
    ) -> tuple[StoredSubmission, tuple[bytes, ...], tuple[StoredMessage, ...]] | None:
        """See :meth:`Register.whole`."""
        place = (caller, submission_id)

        def read(connection: sqlite3.Connection) -> Any:
            row = connection.execute(_FIND, place).fetchone()
            if row is None:
                return None
            events = connection.execute(_EVENTS, (*place, 0, MAX_EVENTS)).fetchall()
            return row, events, connection.execute(_MESSAGES, place).fetchall()

        found = await self._run(read)
        if found is None:
            return None
        stored = _submission(found[0])
        messages = tuple(
            StoredMessage(kind=row[0], message_id=row[1], digest=row[2], body=row[3])
            for row in found[2]
        )
        return stored, _events(found[1])[: stored.head_seq], messages

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
        sql = f"SELECT {_SUBMISSION} FROM submissions {where} ORDER BY row"  # noqa: S608 - ours
        return tuple(_submission(row) for row in await self._rows(sql, values))

    async def feed(self, caller: str, *, after: int, limit: int) -> tuple[int, tuple[FeedRow, ...]]:
        """See :meth:`Register.feed`."""

        def read(connection: sqlite3.Connection) -> tuple[int, list[Any]]:
            rows = connection.execute(_FEED, (caller, after, limit)).fetchall()
            return connection.execute(_NEWEST).fetchone()[0], rows  # newest last: it covers them

        newest, rows = await self._run(read)
        return newest, tuple(map(FeedRow._make, rows))

    async def heads(
        self, caller: str, *, after_row: int, limit: int
    ) -> tuple[int, tuple[Head, ...]]:
        """See :meth:`Register.heads`."""

        def read(connection: sqlite3.Connection) -> tuple[int, list[Any]]:
            # The position first: what comes after it is told by the feed that follows.
            newest = connection.execute(_NEWEST).fetchone()[0]
            return newest, connection.execute(_HEADS, (caller, after_row, limit)).fetchall()

        newest, rows = await self._run(read)
        return newest, tuple(_head(row) for row in rows)

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
        if not digests:
            return ()
        sql = "SELECT 1 FROM documents WHERE caller = ? AND digest = ?"

        def read(connection: sqlite3.Connection) -> tuple[Digest, ...]:
            return tuple(
                one for one in digests if connection.execute(sql, (caller, one)).fetchone() is None
            )

        return await self._run(read)

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


def _submission(row: tuple[Any, ...]) -> StoredSubmission:
    return StoredSubmission(**dict(zip(_NAMES, row, strict=True)))


def _head(row: tuple[Any, ...]) -> Head:
    caller, submission_id, digest, state, head_seq, head_digest, place = row
    return Head(
        caller=caller,
        submission_id=submission_id,
        digest=digest,
        state=state,
        head_seq=head_seq,
        head_digest=head_digest,
        row=place,
    )


def _events(rows: list[tuple[bytes]]) -> tuple[bytes, ...]:
    return tuple(row[0] for row in rows)
