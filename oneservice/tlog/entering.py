"""A log that enters each thing once, however often it is asked, and keeps the first proof.

Theory of operation. The log itself decides what is in it; beside it lies an index of leaves, which
may be behind and is then brought up from the log: after a crash between the two, what was appended
is found, and not appended again. An index that is lost is made anew; only the first proofs are
gone with it, and later ones take their place. Nothing in it is of a person: a leaf is a hash over a
commitment.

Whoever asks for an entry claims it first: a second one who asks for the same waits for the first.
All others go on side by side, so that those who come together share a flush and a head.
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
    from collections.abc import Callable, Iterable, Iterator, Sequence
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
        self._claimed: dict[bytes, asyncio.Future[int]] = {}
        self._under_way: set[asyncio.Future[tuple[str, ...]]] = set()
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
        await asyncio.gather(*self._under_way, return_exceptions=True)  # what was begun is finished
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
        self._under_way.add(entering)
        entering.add_done_callback(self._under_way.discard)
        entering.add_done_callback(_taken_note_of)
        return await asyncio.shield(entering)

    async def _enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        encoded = {leaf_hash(data): data for data in (one.encode() for one in entries)}
        waiting = {leaf: self._claimed[leaf] for leaf in encoded if leaf in self._claimed}
        mine = {leaf: data for leaf, data in encoded.items() if leaf not in waiting}
        places = await self._placed(mine) if mine else {}
        for leaf, placed in waiting.items():
            places[leaf] = await asyncio.shield(placed)
        proofs = {leaf: await self._proof(leaf, place) for leaf, place in places.items()}
        return tuple(proofs[leaf_hash(one.encode())] for one in entries)

    async def _placed(self, mine: dict[bytes, bytes]) -> dict[bytes, int]:
        """Return where leaves stand, appended where they did not; nobody else enters them now."""
        loop = asyncio.get_running_loop()
        claims = {leaf: loop.create_future() for leaf in mine}
        self._claimed |= claims
        try:
            places = await self._places(mine)
            fresh = [leaf for leaf in mine if leaf not in places]
            if fresh:
                given = await self._keeper.append([mine[leaf] for leaf in fresh])
                places |= dict(zip(fresh, given, strict=True))
                await self._note([(leaf, places[leaf]) for leaf in fresh])
        except BaseException as error:
            for claim in claims.values():
                claim.set_exception(error)
                claim.exception()  # heard, also where nobody waits
            raise
        else:
            for leaf, claim in claims.items():
                claim.set_result(places[leaf])
            return places
        finally:
            for leaf in claims:
                del self._claimed[leaf]

    async def _proof(self, leaf: bytes, place: int) -> str:
        known = await self._kept_proof(leaf)
        if known is not None:
            return known
        try:
            found = await self._keeper.prove(place)
        except (LogProofError, LogStoreError):  # it is not in a published head yet
            await self._keeper.publish_up_to(place + 1)
            found = await self._keeper.prove(place)
        text = found.dump().decode("utf-8")
        sql = "UPDATE entered SET proof = ? WHERE leaf = ? AND proof IS NULL"
        await self._work(lambda db: db.execute(sql, (text, leaf)))
        return await self._kept_proof(leaf) or text  # that of somebody faster is the first one

    async def _kept_proof(self, leaf: bytes) -> str | None:
        rows = await self._rows("SELECT proof FROM entered WHERE leaf = ?", (leaf,))
        return str(rows[0][0]) if rows and rows[0][0] is not None else None

    async def _places(self, leaves: Iterable[bytes]) -> dict[bytes, int]:
        def look(db: sqlite3.Connection) -> dict[bytes, int]:
            found: dict[bytes, int] = {}
            for leaf in leaves:
                row = db.execute("SELECT place FROM entered WHERE leaf = ?", (leaf,)).fetchone()
                if row is not None:
                    found[leaf] = row[0]
            return found

        return await self._work(look)

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
