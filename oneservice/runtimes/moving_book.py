"""The book of moves of one office: where each stands, and every word that was said or heard.

Theory of operation: one row a move, one row a word. A step and the words that belong to it are one
transaction, written before anybody hears of them. What the register must still do is not written
down here: it follows from the state, and the register finds what it did already by its ground.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from oneservice.certificates import Move, MoveSide, MoveState, MoveWord, step_of_move
from oneservice.errors import IllegalInputError, JournalConflictError, JournalVersionError
from oneservice.runtimes.owner_lock import OwnerLock
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.status_rows import micros, moment

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["MoveRecord", "MovingBook"]

_APPLICATION_ID: Final = 0x6F6E6D76  # "onmv"
_SCHEMA: Final = 2
_TABLES: Final = (
    """CREATE TABLE moves (
        id TEXT PRIMARY KEY,
        side TEXT NOT NULL,
        certificate TEXT NOT NULL,
        giving TEXT NOT NULL,
        receiving TEXT NOT NULL,
        state TEXT NOT NULL,
        since INTEGER NOT NULL,
        successor TEXT,
        draft BLOB,
        paper BLOB
    ) STRICT""",
    "CREATE INDEX moves_of ON moves (certificate)",
    "CREATE INDEX moves_to ON moves (successor)",
    "CREATE INDEX moves_open ON moves (state)",
    """CREATE TABLE words (
        move TEXT NOT NULL REFERENCES moves (id),
        word TEXT NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (move, word)
    ) STRICT""",
)
_SINCE: Final = {
    2: """CREATE TABLE drafts (
        move TEXT NOT NULL,
        name TEXT NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (move, name)
    ) STRICT""",
}
"""What each later version has beside :data:`_TABLES`; an older book is given it when it opens."""
_COLUMNS: Final = "id, certificate, giving, receiving, side, state, since, successor, draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRecord:
    """Where a move stands at one office.

    Args:
        move: which one.
        side: on which side of it this office is.
        state: where it stands.
        since: aware instant since when.
        successor: identifier of what it becomes, once that is known.
        draft: on the receiving side, what the new certificate will state, unsigned.
    """

    move: Move
    side: MoveSide
    state: MoveState
    since: datetime
    successor: str | None = None
    draft: bytes | None = None


class MovingBook:
    """The book in one SQLite file; one process at a time.

    Args:
        path: the file; made when it does not exist.

    Raises:
        JournalError: one of its branch; every method may raise it, too.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._turn = threading.RLock()
        self._lock = OwnerLock.take(self.path)
        try:
            with translated(self.path):
                self._connection = sqlite3.connect(
                    path, isolation_level=None, check_same_thread=False
                )
                _prepare(self.path, self._connection)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        with self._turn, translated(self.path):
            self._connection.close()
            self._lock.release()

    def record(self, move_id: str) -> MoveRecord | None:
        """Return where a move stands; ``None``: this office never heard of it."""
        found = self._records("id = ?", move_id)
        return found[0] if found else None

    def under_way(self) -> tuple[MoveRecord, ...]:
        """Return every move that has not ended, oldest step first."""
        final = tuple(one.value for one in MoveState if one.is_final)
        marks = ", ".join("?" * len(final))
        return self._records(f"state NOT IN ({marks}) ORDER BY since, id", *final)

    def moves(self, side: MoveSide) -> tuple[MoveRecord, ...]:
        """Return every move on one side, also those that have ended."""
        return self._records("side = ? ORDER BY since, id", side.value)

    def of_certificate(self, identifier: str) -> tuple[MoveRecord, ...]:
        """Return every move of one certificate, in the order of their last steps."""
        return self._records("certificate = ? ORDER BY since, id", identifier)

    def word(self, move_id: str, word: MoveWord) -> bytes | None:
        """Return a word that was said or heard; ``None``: it was not."""
        with self._turn, translated(self.path):
            row = self._connection.execute(
                "SELECT document FROM words WHERE move = ? AND word = ?", (move_id, word.value)
            ).fetchone()
        return None if row is None else row[0]

    def paper(self, move_id: str) -> bytes | None:
        """Return the new certificate of a move that arrived here."""
        with self._turn, translated(self.path):
            row = self._connection.execute(
                "SELECT paper FROM moves WHERE id = ?", (move_id,)
            ).fetchone()
        return None if row is None else row[0]

    def promises(self, identifier: str) -> bool:
        """Say whether ``identifier`` is what some move became or is to become."""
        return bool(self._records("successor = ?", identifier))

    def begin(self, record: MoveRecord, words: Mapping[MoveWord, bytes]) -> None:
        """Write a move down.

        Raises:
            IllegalInputError: it begins with a state that nothing can begin with.
            JournalConflictError: there is a move of this id.
        """
        step_of_move(record.side, None, record.state)
        move = record.move
        with self._writing():
            if self.record(move.id) is not None:
                msg = f"there is a move {move.id} already; it is another one"
                raise JournalConflictError(msg)
            self._connection.execute(
                f"INSERT INTO moves ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
                (
                    *(move.id, move.certificate, move.giving, move.receiving),
                    *(record.side.value, record.state.value, micros(record.since)),
                    *(record.successor, record.draft),
                ),
            )
            self._keep(move.id, words)
            self._drop_drafts(move.id)

    def step(
        self,
        before: MoveRecord,
        after: MoveState,
        *,
        at: datetime,
        words: Mapping[MoveWord, bytes] | None = None,
        successor: str | None = None,
        paper: bytes | None = None,
    ) -> MoveRecord:
        """Take one step, with the words and the certificate that belong to it.

        Raises:
            IllegalInputError: the table does not know the step, or the move stands elsewhere now.
        """
        step_of_move(before.side, before.state, after)
        with self._writing():
            changed = self._connection.execute(
                "UPDATE moves SET state = ?, since = ?, successor = coalesce(?, successor),"
                " paper = coalesce(?, paper) WHERE id = ? AND state = ?",
                (after.value, micros(at), successor, paper, before.move.id, before.state.value),
            )
            if changed.rowcount != 1:
                msg = "the move stands elsewhere by now; read it again"
                raise IllegalInputError(msg, status=before.state.value)
            self._keep(before.move.id, words or {})
            self._drop_drafts(before.move.id)
        found = self.record(before.move.id)
        assert found is not None  # noqa: S101 - it was written in this very turn
        return found

    def keep(self, move_id: str, word: MoveWord, document: bytes) -> None:
        """Keep a word; the one that was kept first stays."""
        with self._writing():
            self._keep(move_id, {word: document})

    def draft(self, move_id: str, name: str) -> bytes | None:
        """Return what is sealed and perhaps not logged yet; see :mod:`moving_drafts`."""
        with self._turn, translated(self.path):
            row = self._connection.execute(
                "SELECT document FROM drafts WHERE move = ? AND name = ?", (move_id, name)
            ).fetchone()
        return None if row is None else row[0]

    def keep_draft(self, move_id: str, name: str, document: bytes) -> None:
        """Keep a letter before it is logged, in the place of one that says something else."""
        with self._writing():
            self._connection.execute(
                "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)", (move_id, name, document)
            )

    def _drop_drafts(self, move_id: str) -> None:
        self._connection.execute("DELETE FROM drafts WHERE move = ?", (move_id,))

    def _keep(self, move_id: str, words: Mapping[MoveWord, bytes]) -> None:
        self._connection.executemany(
            "INSERT INTO words VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(move_id, word.value, document) for word, document in words.items()],
        )

    def _records(self, where: str, *given: str) -> tuple[MoveRecord, ...]:
        with self._turn, translated(self.path):
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM moves WHERE {where}",  # noqa: S608 - our own words
                given,
            ).fetchall()
        return tuple(map(_read, rows))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._turn, translated(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _read(row: tuple[str, str, str, str, str, str, int, str | None, bytes | None]) -> MoveRecord:
    identifier, certificate, giving, receiving, side, state, since, successor, draft = row
    move = Move(id=identifier, certificate=certificate, giving=giving, receiving=receiving)
    return MoveRecord(
        move=move,
        side=MoveSide(side),
        state=MoveState(state),
        since=moment(since),
        successor=successor,
        draft=draft,
    )


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    owner, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    is_ours = owner == _APPLICATION_ID and 1 <= version <= _SCHEMA
    if not is_ours and (has_tables or (owner, version) != (0, 0)):
        msg = f"{path}: no book of moves, or one of a newer release; give another path"
        raise JournalVersionError(msg)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version == _SCHEMA:
        return
    connection.execute("BEGIN IMMEDIATE")
    newer = [table for number, table in sorted(_SINCE.items()) if number > version]
    for table in (*(() if version else _TABLES), *newer):
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_SCHEMA}")
    connection.execute("COMMIT")
