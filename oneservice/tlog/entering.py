"""A log that enters each thing once, however often it is asked, and keeps the first proof.

Theory of operation. The log itself decides what is in it; beside it lies an index of leaves, which
may be behind and is then brought up from the log: after a crash between the two, what was appended
is found, and not appended again. An index that is lost is made anew; only the first proofs are
gone with it, and later ones take their place. Nothing in it is of a person: a leaf is a hash over a
commitment.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from typing import TYPE_CHECKING, Final, Self

from oneservice.errors import LogProofError, LogStoreError
from oneservice.tlog.views import FolderView, entries_from
from oneservice.transparency import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import TypeVar

    from oneservice.tlog.keeper import LogKeeper
    from oneservice.transparency import Entry

    _T = TypeVar("_T")

__all__ = ["EntryLog"]

_NAME: Final = "entered.db"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entered (
  leaf BLOB PRIMARY KEY, place INTEGER NOT NULL UNIQUE, proof TEXT
) STRICT, WITHOUT ROWID;
"""


class EntryLog:
    """Implements :class:`oneservice.ports.EvidenceLog` over a :class:`LogKeeper`.

    Open it as a context, inside that of the keeper, whose log it shares.

    Args:
        keeper: of the log; others may append to it, too.
    """

    def __init__(self, keeper: LogKeeper) -> None:
        self._keeper = keeper
        self._path: Path = keeper.log.folder.private / _NAME
        self._db: sqlite3.Connection | None = None
        self._entering = asyncio.Lock()
        self._proving = asyncio.Lock()
        self._one_by_one = threading.Lock()

    async def __aenter__(self) -> Self:
        """Bring the index up to the log.

        Raises:
            LogStoreError: index or log cannot be used.
        """
        self._db = await asyncio.to_thread(self._opened)
        try:
            await self._catch_up()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async with self._entering, self._proving:  # what was begun is finished
            self._close()

    async def enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """Have each entry in a published head, once; return the first proof that there was.

        Raises:
            TooFewWitnessesError: not enough witnesses cosigned; the entries are logged, unproven.
            LogRefusedError: the head would contradict what was signed before.
            LogStoreError: the disk failed.
        """
        # Who gives up must not leave an entry in the log that the index does not know.
        entering = asyncio.ensure_future(self._enter(entries))
        entering.add_done_callback(_taken_note_of)
        return await asyncio.shield(entering)

    async def _enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        encoded = {leaf_hash(data): data for data in (one.encode() for one in entries)}
        async with self._entering:
            known = await self._places(encoded)
            fresh = [leaf for leaf in encoded if leaf not in known]
            if fresh:
                places = await self._keeper.append([encoded[leaf] for leaf in fresh])
                known |= dict(zip(fresh, places, strict=True))
                await self._note([(leaf, known[leaf]) for leaf in fresh])
        async with self._proving:
            proofs = {leaf: await self._proof(leaf, place) for leaf, place in known.items()}
        return tuple(proofs[leaf_hash(one.encode())] for one in entries)

    async def _proof(self, leaf: bytes, place: int) -> str:
        rows = await self._rows("SELECT proof FROM entered WHERE leaf = ?", (leaf,))
        if rows and rows[0][0] is not None:
            return str(rows[0][0])
        try:
            found = await self._keeper.prove(place)
        except (LogProofError, LogStoreError):  # it is not in a published head yet
            await self._keeper.publish()
            found = await self._keeper.prove(place)
        text = found.dump().decode("utf-8")
        sql = "UPDATE entered SET proof = ? WHERE leaf = ? AND proof IS NULL"
        await self._work(lambda db: db.execute(sql, (text, leaf)))
        return text

    async def _places(self, leaves: dict[bytes, bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for leaf in leaves:
            rows = await self._rows("SELECT place FROM entered WHERE leaf = ?", (leaf,))
            if rows:
                found[leaf] = rows[0][0]
        return found

    async def _note(self, rows: Sequence[tuple[bytes, int]]) -> None:
        def write(db: sqlite3.Connection) -> None:
            with db:
                db.execute("BEGIN IMMEDIATE")
                # One leaf may stand in a log twice, of other times: the first place counts.
                db.executemany("INSERT OR IGNORE INTO entered (leaf, place) VALUES (?, ?)", rows)

        await self._work(write)

    async def _catch_up(self) -> None:
        """Take in what the log holds and the index does not: a crash came between them."""
        log = self._keeper.log
        (row,) = await self._rows("SELECT coalesce(max(place), -1) FROM entered", ())
        start = row[0] + 1
        if start > log.size:
            msg = f"{self._path}: it knows more than the log; restore both from one backup"
            raise LogStoreError(msg)
        if start == log.size:
            return
        await asyncio.to_thread(log.integrate)
        view = FolderView(log.folder)
        async for first, some in entries_from(view, start, log.size, size=log.size):
            await self._note([(leaf_hash(one), first + n) for n, one in enumerate(some)])

    # --- the file ----------------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection:
        with self._translated():
            db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")  # the log itself is what must not be lost
                db.executescript(_SCHEMA)
            except BaseException:
                db.close()
                raise
            return db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    async def _rows(self, sql: str, values: tuple[object, ...]) -> list[tuple[int, ...]]:
        return await self._work(lambda db: db.execute(sql, values).fetchall())

    async def _work(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        def run() -> _T:
            if self._db is None:
                msg = f"{self._path}: the log was closed"
                raise LogStoreError(msg)
            with self._one_by_one, self._translated():
                return work(self._db)

        return await asyncio.to_thread(run)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            msg = f"{self._path}: the index of the log cannot be used; delete it, it is made anew"
            raise LogStoreError(msg) from error


def _taken_note_of(entering: asyncio.Future[tuple[str, ...]]) -> None:
    """Whoever asked may have given up: an error is then nobody's."""
    if not entering.cancelled():
        entering.exception()
