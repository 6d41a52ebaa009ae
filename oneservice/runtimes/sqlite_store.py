"""The journal, the blobs and the timers of one engine in one SQLite file.

Theory of operation: WAL and ``synchronous=FULL``; one writer, which is this process (a lock file
says so to others). All transitions of one turn are one transaction: durable before visible, one
fsync for many. SQLite's calls block, so they run on one thread of their own and the event loop
goes on collecting the next turn meanwhile. A journal row holds all records of one transition.

At rest, what a person said lies encrypted under a key of its case: salts and data of the records,
and every blob. In the clear stands what the chain is proven with and what the indexes need: ids,
the thing, the status, due times, kinds and instants of records. To destroy the secret of a case
erases it, and the chain of its envelopes still holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import CaseStatus
from oneservice.errors import (
    CaseErasedError,
    JournalCorruptError,
    JournalUnavailableError,
)
from oneservice.ports import (
    Erasure,
    Fact,
    KeyKeeper,
    StoredCase,
    Subscription,
    Write,
)
from oneservice.runtimes import sqlite_sealing as sealing
from oneservice.runtimes.case_keys import CaseKeys
from oneservice.runtimes.packing import inflated, unpacked
from oneservice.runtimes.record_rows import join_row
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.sqlite_facts import facts_after
from oneservice.runtimes.sqlite_opening import Opened, open_file
from oneservice.runtimes.sqlite_preparing import Preparing
from oneservice.runtimes.sqlite_secrets import FileSecrets
from oneservice.runtimes.sqlite_times import instant, ms
from oneservice.runtimes.sqlite_writing import Writer

__all__ = ["SqliteStore"]

_T = TypeVar("_T")

_AT_ONCE: Final = 200
"""Cases that one transaction wraps anew."""
_ENDED: Final = tuple(str(status) for status in CaseStatus if status.has_ended)
_CASE: Final = "case_id, seq, thing, status, next_due, erased_at"


class SqliteStore:
    """A :class:`oneservice.ports.Store` in one file. Open it with :meth:`open`."""

    def __init__(self, path: Path, opened: Opened, keys: KeyKeeper) -> None:
        self.path = path
        self._connection = opened.connection
        self._lock = opened.lock
        self._keys = CaseKeys(keys)
        self._writer = Writer(opened.connection, opened.position)
        self._secrets = FileSecrets(opened.connection, keys, self._run)
        self._preparing = Preparing(
            opened.connection,
            keys=self._keys,
            secrets=self._secrets,
            writer=self._writer,
            rows=self._rows,
        )
        self._writing = asyncio.Lock()
        self._is_closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="oneservice-journal")

    @classmethod
    def open(cls, path: Path | str, *, keys: KeyKeeper | None = None) -> SqliteStore:
        """Open or create the file at ``path``.

        Args:
            path: the database.
            keys: wraps the keys of the cases; by default a :class:`LocalKeyKeeper` over
                ``path.keys``, which is made where the database holds nothing encrypted yet.

        Raises:
            JournalKeyError: the key file is missing, damaged, or another one.
            JournalLockedError: another process has it open; the text names that process.
            JournalCorruptError: damaged, cut short, or no database.
            JournalVersionError: written by a newer release, or by another program.
            JournalUnavailableError: the file or its folder cannot be opened or written.
        """
        path = Path(path)
        opened, keeper = open_file(path, keys)
        return cls(path, opened, keeper)

    # --- writing ---------------------------------------------------------------------------

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Make ``writes`` and ``cursors`` durable together, or change nothing."""
        async with self._writing:
            prepared = [await self._preparing.prepared(write) for write in writes]
            await self._run(lambda: self._writer.commit(prepared, cursors))
            for one in prepared:
                if one.cipher is not None:
                    self._keys.keep(one.cipher)

    async def erase(self, erasure: Erasure) -> None:
        """Destroy what a case holds, in the file and in its log; keep ``erasure``.

        A case that was never encrypted takes the writing of the whole file anew with it.

        Raises:
            CaseNotFoundError: there is no such case.
            JournalConflictError: it does not stand at ``erasure.seq``; nothing was erased.
            JournalLockedError: it is erased, but the log cannot be folded while somebody else
                reads the file; call it again, or open the file anew.
        """
        async with self._writing:
            key = await self._key_in_the_clear(erasure.case_id)

            def erase() -> None:
                sealing.erase_case(self._connection, erasure, key=key)
                self._writer.packer.forget()

            self._keys.forget(erasure.case_id)
            await self._run(erase)
            await self._run(lambda: sealing.compact_if_due(self.path, self._connection))

    async def rewrap(self) -> int:
        """Bring every case under the keeper's current key; return how many were not.

        Cases of older files that lie in the clear are encrypted. Other work goes on meanwhile, and
        what was done stays done: after a crash or an error, call it again.
        """
        count = number = 0
        while True:
            async with self._writing:
                rows = await self._rows(
                    "SELECT number, case_id, key_id, wrapped FROM cases JOIN case_keys"
                    " USING (number) WHERE number > ? AND key_id != ? AND erased_at IS NULL"
                    " ORDER BY number LIMIT ?",
                    (number, self._preparing.keeper.key_id, _AT_ONCE),
                )
                if not rows:
                    break
                await self._run(await self._preparing.rewrapping(rows))
                number, count = rows[-1][0], count + len(rows)
        async with self._writing:
            await self._secrets.rewrap()
            await self._run(lambda: sealing.compact_if_due(self.path, self._connection))
        return count

    async def key_ids(self) -> frozenset[str]:
        """Return the ids of the keys under which something is wrapped; empty: in the clear.

        A key that is not among them may be retired.
        """
        rows = await self._rows(
            "SELECT key_id FROM case_keys JOIN cases USING (number) WHERE erased_at IS NULL"
            " UNION SELECT key_id FROM secrets",
            (),
        )
        return frozenset(row[0] for row in rows)

    async def close(self) -> None:
        """Finish what is being written and give the file back."""
        if self._is_closed:
            return
        await self._run(self._connection.close)
        self._is_closed = True
        self._thread.shutdown()
        self._lock.release()

    # --- reading ---------------------------------------------------------------------------

    async def stored(self, case_id: str) -> StoredCase | None:
        """Return what is known of ``case_id`` without folding it."""
        row = await self._preparing.row(case_id)
        if row is None:
            return None
        secret = ""
        if row.erased_at is None:
            cipher = await self._preparing.cipher(case_id, row.key_id, row.wrapped)
            secret = cipher.secret
        return _stored(row[:6], secret)

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Return the whole history of ``case_id``, oldest first; redacted once it is erased."""
        rows = await self._rows(
            "SELECT erased_at, key_id, wrapped, first_seq, envelopes, private FROM cases"
            " JOIN case_keys USING (number) JOIN journal USING (case_id)"
            " WHERE case_id = ? ORDER BY first_seq",
            (case_id,),
        )
        lines: list[bytes] = []
        for erased_at, key_id, wrapped, first_seq, envelopes, private in rows:
            if erased_at is not None:
                lines += [one for one in envelopes.split(b"\n") if one]
                continue
            if key_id:
                cipher = await self._preparing.cipher(case_id, key_id, wrapped)
                private = cipher.open(sealing.row_place(first_seq, envelopes), private or b"")  # noqa: PLW2901 - opened
            lines += join_row(case_id, envelopes, private)
        return tuple(lines)

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        """Return bytes of the case by digest, verified against it.

        Raises:
            CaseErasedError: the case was erased.
            JournalCorruptError: the stored bytes are not those that were written.
        """
        row = await self._preparing.row(case_id)
        if row is None:
            return None
        if row.erased_at is not None:
            msg = f"case {case_id} was erased; its redacted journal is what is left"
            raise CaseErasedError(msg)
        cipher = await self._preparing.cipher(case_id, row.key_id, row.wrapped)
        in_the_clear = digest.encode()
        rows = await self._rows(
            "SELECT name, content, deflated FROM blobs LEFT JOIN contents ON digest = shared"
            " WHERE case_id = ? AND name IN (?, ?)",
            (case_id, cipher.name(digest), in_the_clear),
        )
        if not rows:
            return None
        name, content, deflated = rows[0]
        if content is None:
            data = inflated(deflated or b"")
        elif name == in_the_clear:
            data = content
        else:
            data = unpacked(cipher.open(sealing.blob_place(digest), content))
        if digest_bytes(data) != digest:
            msg = (
                f"{self.path}: case {case_id}: the bytes of {digest} were altered; restore a backup"
            )
            raise JournalCorruptError(msg)
        return data

    async def erasure(self, case_id: str) -> Erasure | None:
        """Return what was noted when ``case_id`` was erased; ``None``: it was not."""
        rows = await self._rows(
            "SELECT at, operator, why, seq, head FROM erasures WHERE case_id = ?", (case_id,)
        )
        if not rows:
            return None
        at, by, why, seq, head = rows[0]
        return Erasure(case_id=case_id, at=instant(at), by=by, why=why, seq=seq, head=Digest(head))

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases, oldest first, the erased ones too."""
        sql = f"SELECT {_CASE} FROM cases ORDER BY number"  # noqa: S608 - our own constant
        return tuple(_stored(row) for row in await self._rows(sql, ()))

    async def open_cases(self, limit: int) -> tuple[str, ...]:
        """Return ids of at most ``limit`` cases that have not ended and are not erased."""
        marks = ", ".join("?" * len(_ENDED))
        sql = (
            f"SELECT case_id FROM cases WHERE status NOT IN ({marks})"  # noqa: S608 - question marks
            " AND erased_at IS NULL LIMIT ?"
        )
        return tuple(row[0] for row in await self._rows(sql, (*_ENDED, limit)))

    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        """Return ids of at most ``limit`` cases that are due at ``until``, earliest first."""
        sql = "SELECT case_id FROM cases WHERE next_due <= ? ORDER BY next_due LIMIT ?"
        return tuple(row[0] for row in await self._rows(sql, (ms(until), limit)))

    async def next_due(self) -> datetime | None:
        """Return the earliest instant at which some case is due."""
        rows = await self._rows("SELECT min(next_due) FROM cases", ())
        return None if rows[0][0] is None else instant(rows[0][0])

    async def case_of_key(self, key: str) -> str | None:
        """Return the case that was opened under ``key``, of which only a keyed digest is kept."""
        digest = await self._secrets.key_digest(key)
        # A case of an older file holds the key itself until it is encrypted.
        rows = await self._rows("SELECT case_id FROM cases WHERE key IN (?, ?)", (digest, key))
        return str(rows[0][0]) if rows else None

    async def cursor(self, department: str) -> str | None:
        """Return where reading of the department's feed goes on."""
        rows = await self._rows("SELECT cursor FROM feeds WHERE department = ?", (department,))
        return rows[0][0] if rows else None

    async def pseudonym(self, text: str) -> str:
        """Return a name for ``text`` that only this file can make."""
        return (await self._secrets.key_digest(f"pseudonym/{text}")).hex()

    # --- telling others --------------------------------------------------------------------

    async def recorded_after(self, position: int, limit: int) -> tuple[Fact, ...]:
        """Return at most ``limit`` facts after ``position``, in the order they became durable."""
        return await self._run(lambda: facts_after(self._connection, position, limit))

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, by id."""
        return await self._secrets.subscriptions()

    async def subscribe(self, subscription: Subscription) -> None:
        """Keep ``subscription``; one with its id is replaced as a whole."""
        async with self._writing:
            await self._secrets.subscribe(subscription)

    async def unsubscribe(self, subscription_id: str) -> None:
        """Forget a subscription and its secret; harmless to repeat."""
        async with self._writing:
            await self._secrets.unsubscribe(subscription_id)

    # --- inside ----------------------------------------------------------------------------

    async def _key_in_the_clear(self, case_id: str) -> bytes | None:
        """Return the digest of the caller's key where a case of schema 1 holds the key itself."""
        sql = "SELECT key FROM cases WHERE case_id = ? AND typeof(key) = 'text'"
        rows = await self._rows(sql, (case_id,))
        return await self._secrets.key_digest(rows[0][0]) if rows else None

    async def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            return await self._run(lambda: self._connection.execute(sql, values).fetchall())
        except UnicodeEncodeError:  # half a character is no text, so nothing here has that name
            return []

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._is_closed:
            msg = f"{self.path}: the engine is closed; open it and ask again"
            raise JournalUnavailableError(msg)
        with translated(self.path):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _stored(row: Sequence[Any], secret: str = "") -> StoredCase:
    case_id, seq, thing, status, next_due, erased_at = row
    return StoredCase(
        case_id=case_id,
        secret=secret,
        seq=seq,
        thing=thing,
        status=status,
        next_due=None if next_due is None else instant(next_due),
        erased_at=None if erased_at is None else instant(erased_at),
    )
