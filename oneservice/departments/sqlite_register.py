"""A department's register in one SQLite file: WAL, ``synchronous=FULL``, one writing thread.

SQLite calls block, so all of them run in one thread of their own; the event loop only waits. A
second process may open the same file (a back office that decides): each commit names the head it
follows, so the two cannot overwrite one another.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from oneservice.departments.register import (
    Entry,
    FeedRow,
    StoredDocument,
    StoredMessage,
    StoredSubmission,
)
from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from oneservice.canonical import Digest

__all__ = ["SqliteRegister", "translated"]

T = TypeVar("T")

APPLICATION_ID: Final = 0x4F534447  # "OSDG": tells our register from somebody else's database
SCHEMA_VERSION: Final = 1
BUSY_TIMEOUT_S: Final = 5.0  # half of the protocol's answer deadline

_SCHEMA: Final = """
CREATE TABLE submissions (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, step_id TEXT NOT NULL,
  digest TEXT NOT NULL, body BLOB NOT NULL, received_at TEXT NOT NULL,
  state TEXT NOT NULL, head_seq INTEGER NOT NULL, head_digest TEXT NOT NULL,
  UNIQUE (caller, submission_id));
CREATE INDEX submissions_by_state ON submissions (state, step_id);
CREATE INDEX submissions_by_id ON submissions (submission_id);
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, seq INTEGER NOT NULL, event BLOB NOT NULL,
  UNIQUE (caller, submission_id, seq));
CREATE INDEX events_by_caller ON events (caller, position);
CREATE TABLE messages (
  row INTEGER PRIMARY KEY,
  caller TEXT NOT NULL, submission_id TEXT NOT NULL, kind TEXT NOT NULL, message_id TEXT NOT NULL,
  digest TEXT NOT NULL, body BLOB NOT NULL,
  UNIQUE (caller, submission_id, kind, message_id));
CREATE TABLE documents (
  caller TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (caller, digest));
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_SUBMISSION: Final = (
    "caller, submission_id, step_id, digest, body, received_at, state, head_seq, head_digest, row"
)

_BY_CODE: Final[dict[int, tuple[type[JournalError], str]]] = {
    sqlite3.SQLITE_FULL: (JournalFullError, "the disk is full; free space and repeat"),
    sqlite3.SQLITE_BUSY: (JournalLockedError, "another process holds it; stop that one or wait"),
    sqlite3.SQLITE_LOCKED: (JournalLockedError, "another process holds it; stop that one or wait"),
    sqlite3.SQLITE_CORRUPT: (JournalCorruptError, "it is damaged; restore it from a backup"),
    sqlite3.SQLITE_NOTADB: (JournalCorruptError, "it is no SQLite file; name another one"),
    sqlite3.SQLITE_CONSTRAINT: (JournalConflictError, "somebody else was first; read and repeat"),
    sqlite3.SQLITE_READONLY: (JournalUnavailableError, "it may not be written; mend its rights"),
    sqlite3.SQLITE_PERM: (JournalUnavailableError, "it may not be used; mend its rights"),
    sqlite3.SQLITE_AUTH: (JournalUnavailableError, "it may not be used; mend its rights"),
    sqlite3.SQLITE_CANTOPEN: (JournalUnavailableError, "it cannot be opened; mend path or rights"),
    sqlite3.SQLITE_IOERR: (JournalUnavailableError, "the disk failed or is full; look at it"),
}


@contextlib.contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn every ``sqlite3`` error into one of the ``JournalError`` branch, with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        kind, remedy = _BY_CODE.get(code, (JournalError, "nothing was written; see the cause"))
        msg = f"the department's register {path}: {remedy}"
        raise kind(msg) from error


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
        await self._run(lambda connection: _commit(connection, entry))

    async def find(self, caller: str, submission_id: str) -> StoredSubmission | None:
        """See :meth:`Register.find`."""
        found = await self._submissions(
            "WHERE caller = ? AND submission_id = ?", (caller, submission_id)
        )
        return found[0] if found else None

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
        sql = (
            "SELECT event FROM events WHERE caller = ? AND submission_id = ? AND seq > ? "
            "ORDER BY seq LIMIT ?"
        )
        rows = await self._rows(sql, (caller, submission_id, after, limit))
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
        rows = await self._rows("SELECT coalesce(max(position), 0) FROM events", ())
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

    async def put_document(self, caller: str, document: StoredDocument) -> bool:
        """See :meth:`Register.put_document`."""
        return await self._run(lambda connection: _keep_document(connection, caller, document))

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

    async def setting(self, name: str, default: str) -> str:
        """See :meth:`Register.setting`."""

        def read(connection: sqlite3.Connection) -> str:
            connection.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, default))
            row = connection.execute("SELECT value FROM settings WHERE name = ?", (name,))
            return str(row.fetchone()[0])

        return await self._run(read)

    async def _submissions(
        self, where: str, values: tuple[Any, ...]
    ) -> tuple[StoredSubmission, ...]:
        sql = f"SELECT {_SUBMISSION} FROM submissions {where}"  # noqa: S608 - our own words only
        names = _SUBMISSION.split(", ")
        return tuple(
            StoredSubmission(**dict(zip(names, row, strict=True)))
            for row in await self._rows(sql, values)
        )

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
            connection = sqlite3.connect(
                self.path,
                isolation_level=None,
                timeout=BUSY_TIMEOUT_S,
                check_same_thread=False,
            )
            try:
                _prepare(connection, self.path, self._max_pages)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _prepare(connection: sqlite3.Connection, path: str, max_pages: int | None) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if max_pages is not None:
        connection.execute(f"PRAGMA max_page_count = {max_pages:d}")
    with _transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if not tables and not owner:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif (owner, version) != (APPLICATION_ID, SCHEMA_VERSION):
            msg = (
                f"{path} is no register of this version (found {owner:x}/{version}); "
                "name another file, or use the version that wrote it"
            )
            raise JournalVersionError(msg)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # some errors, such as a full disk, have ended it already
            connection.execute("ROLLBACK")
        raise


def _commit(connection: sqlite3.Connection, entry: Entry) -> None:
    with _transaction(connection):
        _move_head(connection, entry)
        _append(connection, entry)
        for document in entry.documents:
            _insert_document(connection, entry.submission.caller, document)


def _move_head(connection: sqlite3.Connection, entry: Entry) -> None:
    """File the submission, or move its head from ``after_seq``: nobody else may have moved it."""
    one = entry.submission
    if entry.after_seq == 0:
        connection.execute(
            "INSERT INTO submissions (caller, submission_id, step_id, digest, body, received_at, "
            "state, head_seq, head_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.caller,
                one.submission_id,
                one.step_id,
                one.digest,
                one.body,
                one.received_at,
                one.state,
                one.head_seq,
                one.head_digest,
            ),
        )
        return
    moved = connection.execute(
        "UPDATE submissions SET state = ?, head_seq = ?, head_digest = ? "
        "WHERE caller = ? AND submission_id = ? AND head_seq = ?",
        (
            one.state,
            one.head_seq,
            one.head_digest,
            one.caller,
            one.submission_id,
            entry.after_seq,
        ),
    )
    if moved.rowcount != 1:
        msg = (
            f"submission {one.submission_id} has moved on from event {entry.after_seq}; read again"
        )
        raise JournalConflictError(msg)


def _append(connection: sqlite3.Connection, entry: Entry) -> None:
    place = (entry.submission.caller, entry.submission.submission_id)
    connection.executemany(
        "INSERT INTO events (caller, submission_id, seq, event) VALUES (?, ?, ?, ?)",
        [(*place, seq, event) for seq, event in enumerate(entry.events, start=entry.after_seq + 1)],
    )
    if entry.message is not None:
        one = entry.message
        connection.execute(
            "INSERT INTO messages (caller, submission_id, kind, message_id, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (*place, one.kind, one.message_id, one.digest, one.body),
        )


def _keep_document(connection: sqlite3.Connection, caller: str, document: StoredDocument) -> bool:
    with _transaction(connection):
        return _insert_document(connection, caller, document)


def _insert_document(connection: sqlite3.Connection, caller: str, document: StoredDocument) -> bool:
    done = connection.execute(
        "INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?)",
        (caller, document.digest, document.media_type, document.data),
    )
    return done.rowcount == 1
