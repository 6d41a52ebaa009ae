"""Who asked what, and what was answered: a record of each call that only ever grows.

Each record names the one before it by its digest, so that nothing can be changed or left out
without a trace; the digest goes back to the caller, so that the end cannot be cut off without one.
A record says of a paper its digest and nothing of what it states. Of what could not be read it does
not even say that: whoever guesses a short text can find it again by its digest.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import (
    Digest,
    canonical,
    digest_bytes,
    parse_object,
    read_instant,
    write_instant,
)
from oneservice.errors import (
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
    MalformedJsonError,
)

__all__ = ["Call", "CallHead", "CallRecords"]

_APPLICATION_ID: Final = 0x4F535643  # "OSVC": tells our records from somebody else's database
_VERSION: Final = 1
_BUSY_S: Final = 5.0
_AGAIN_S: Final = 0.005
_SLICE: Final = 1000
_SCHEMA: Final = (
    "CREATE TABLE calls (seq INTEGER PRIMARY KEY, record BLOB NOT NULL, digest TEXT NOT NULL)",
    "CREATE TRIGGER calls_stay BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, 'it stays'); END",
    "CREATE TRIGGER calls_remain BEFORE DELETE ON calls BEGIN SELECT RAISE(ABORT, 'it stays'); END",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)
_REMEDIES: Final[Mapping[int, tuple[type[JournalError], str]]] = {
    sqlite3.SQLITE_FULL: (JournalFullError, "the disk is full; free space"),
    sqlite3.SQLITE_BUSY: (JournalLockedError, "another process holds it; stop that one or wait"),
    sqlite3.SQLITE_LOCKED: (JournalLockedError, "another process holds it; stop that one or wait"),
    sqlite3.SQLITE_CORRUPT: (JournalCorruptError, "it is damaged; restore it from a backup"),
    sqlite3.SQLITE_NOTADB: (JournalCorruptError, "it is no SQLite file; name another one"),
}
_ELSE: Final = (JournalUnavailableError, "it cannot be opened or written; mend its path or rights")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    Args:
        at: aware instant of the answer.
        caller: who asked, where that is known: an identifier, never a person's name.
        asked: digest of the bytes that were judged; ``None``: they could not be read.
        size: how many bytes these were.
        kind: as what they were judged; ``None``: as nothing.
        judged_at: the moment for which was asked.
        verdict: what was answered.
        reason: why, where it was not "valid".
        policy: name of what had to pass.
        lists: the trust lists by which was judged: territory, version, digest where signed.
    """

    at: datetime
    caller: str | None
    asked: Digest | None
    size: int
    kind: str | None
    judged_at: datetime
    verdict: str
    reason: str | None
    policy: str
    lists: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the call as it stands in its record."""
        return {
            "at": write_instant(self.at),
            "caller": self.caller,
            "asked": self.asked,
            "size": self.size,
            "kind": self.kind,
            "judged_at": write_instant(self.judged_at),
            "verdict": self.verdict,
            "reason": self.reason,
            "policy": self.policy,
            "lists": [dict(one) for one in self.lists],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHead:
    """A record by its number and digest; 0 and ``None`` before the first one."""

    seq: int = 0
    digest: Digest | None = None


class CallRecords:
    """The records in a SQLite file; several processes may append to one.

    Args:
        path: made if there is none, with rights for its owner only.

    Raises:
        JournalError: it is somebody else's database, damaged, or cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._translated():
            self._connection = self._connected()

    def append(self, calls: Sequence[Call]) -> tuple[CallHead, ...]:
        """Record ``calls``, all of them or none; when this returns, they outlive a power cut.

        Raises:
            JournalError: nothing was recorded.
        """
        with self._lock, self._translated(), self._transaction():
            head, made = self._head(), []
            for call in calls:
                document = {
                    "v": _VERSION,
                    "seq": head.seq + 1,
                    "prev": head.digest,
                    **call.as_json(),
                }
                data = canonical(document)
                head = CallHead(seq=head.seq + 1, digest=digest_bytes(data))
                self._connection.execute(
                    "INSERT INTO calls VALUES (?, ?, ?)", (head.seq, data, head.digest)
                )
                made.append(head)
            return tuple(made)

    def head(self) -> CallHead:
        """Return the last record.

        Raises:
            JournalError: the file cannot be read.
        """
        with self._lock, self._translated():
            return self._head()

    def read(self, *, after: CallHead | None = None) -> Iterator[tuple[CallHead, Call]]:
        """Yield the records in their order, each proven to follow the one before it.

        Args:
            after: a record that the reader knows, such as the last one of the time before: it
                must still be there, and only what follows is yielded.

        Raises:
            JournalCorruptError: a record was changed, dropped or moved; or ``after`` is gone.
            JournalError: the file cannot be read.
        """
        head = CallHead()
        is_known = after is None or after == head
        while rows := self._slice(head.seq):
            for seq, data, written in rows:
                head, call = self._proven(head, seq, data, written)
                if is_known:
                    yield head, call
                is_known = is_known or head == after
        if not is_known:
            msg = f"{self._path}: the record that is known is not among these; keep both"
            raise JournalCorruptError(msg)

    def close(self) -> None:
        """Close the file; harmless to repeat."""
        with self._lock:
            self._connection.close()

    def _proven(self, head: CallHead, seq: int, data: bytes, written: str) -> tuple[CallHead, Call]:
        own = digest_bytes(data)
        try:
            found = parse_object(data)
            place = (found["seq"], found["prev"], found["v"])
            is_whole = own == written and canonical(found) == data
            is_next = seq == head.seq + 1 and place == (seq, head.digest, _VERSION)
            call = _read(found)
        except (KeyError, TypeError, MalformedJsonError):
            is_whole = is_next = False
        if not is_whole or not is_next:
            msg = f"{self._path}: record {seq} is not what was written, or not in its place"
            raise JournalCorruptError(msg)
        return CallHead(seq=seq, digest=own), call

    def _slice(self, seq: int) -> list[tuple[int, bytes, str]]:
        """Return the next records: not all of them stand in memory, nor is the file held."""
        # A forger may have put text there, which SQLite would hand out as such.
        columns = "seq, CAST(record AS BLOB), digest"
        sql = f"SELECT {columns} FROM calls WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - ours
        with self._lock, self._translated():
            return self._connection.execute(sql, (seq, _SLICE)).fetchall()

    def _head(self) -> CallHead:
        row = self._connection.execute(
            "SELECT seq, digest FROM calls ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return CallHead() if row is None else CallHead(seq=row[0], digest=Digest(row[1]))

    def _connected(self) -> sqlite3.Connection:
        with contextlib.suppress(OSError):  # SQLite will say it better
            self._path.touch(mode=0o600)
        made = sqlite3.connect(
            self._path, isolation_level=None, timeout=_BUSY_S, check_same_thread=False
        )
        try:
            self._prepare(made)
        except BaseException:
            made.close()
            raise
        return made

    def _prepare(self, made: sqlite3.Connection) -> None:
        made.execute("BEGIN")  # what is read of the file is of one moment: another may be making it
        self._refuse_strangers(made)
        made.execute("COMMIT")
        _log_ahead(made)
        made.execute("PRAGMA synchronous = FULL")
        made.execute("BEGIN IMMEDIATE")
        if self._refuse_strangers(made):  # asked again: two processes may begin at once
            for statement in _SCHEMA:
                made.execute(statement)
        made.execute("COMMIT")

    def _refuse_strangers(self, made: sqlite3.Connection) -> bool:
        """Say whether the file is empty; it holds records of ours otherwise, or is refused."""
        owner = made.execute("PRAGMA application_id").fetchone()[0]
        version = made.execute("PRAGMA user_version").fetchone()[0]
        tables = made.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if not tables and not owner:
            return True
        if (owner, version) == (_APPLICATION_ID, _VERSION):
            return False
        msg = f"{self._path}: holds no records of calls of this version; name another file"
        raise JournalVersionError(msg)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # some errors, such as a full disk, end it
                self._connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
            kind, remedy = _REMEDIES.get(code, _ELSE)
            msg = f"the records of calls in {self._path}: {remedy}"
            raise kind(msg) from error


def _log_ahead(made: sqlite3.Connection) -> None:
    # SQLite waits by itself for all but this: who meets another that begins the file is refused at
    # once, as waiting with what he has read could hold up the other for ever.
    give_up = time.monotonic() + _BUSY_S
    while True:
        try:
            made.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_held = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_held or time.monotonic() > give_up:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def _read(found: Mapping[str, Any]) -> Call:
    return Call(
        at=read_instant(found["at"]),
        caller=found["caller"],
        asked=found["asked"],
        size=found["size"],
        kind=found["kind"],
        judged_at=read_instant(found["judged_at"]),
        verdict=found["verdict"],
        reason=found["reason"],
        policy=found["policy"],
        lists=tuple(found["lists"]),
    )
