"""The file behind a register, worked on by one thread at a time.

An operation is one transaction; the array in memory follows once it is committed, and is read back
from the file when that is opened.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from oneservice.certificates import (
    Act,
    CertificateRecord,
    CertificateState,
    ListIssuer,
    Publication,
    StatusArray,
    operate,
    published_state,
    write_status_lists,
)
from oneservice.errors import IllegalInputError, JournalConflictError, JournalFullError
from oneservice.runtimes.owner_lock import OwnerLock
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.status_rows import (
    fill,
    last_operation,
    micros,
    moment,
    place_of,
    read_record,
    write_operation,
    write_record,
)
from oneservice.runtimes.status_schema import connect_register

__all__ = ["Edition", "RegisterFile"]

_T = TypeVar("_T")
_DOCUMENTS: Final = tuple(Publication)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One publication of a register: its number, its times, and its three documents."""

    number: int
    issued_at: datetime
    expires_at: datetime
    documents: dict[Publication, bytes]


class RegisterFile:
    """An open register: the lock that makes it ours, two connections, and the entries.

    ``reader`` sees what is committed and nothing else, also while something is being written.
    """

    def __init__(self, path: Path, uri: str, entries: int) -> None:
        self.path = path
        self.uri = uri
        self.array = StatusArray(entries)
        self._mutex = threading.Lock()
        self._lock = OwnerLock.take(path)
        try:
            with translated(path):
                self._writer = connect_register(path, uri=uri, entries=entries)
                try:
                    fill(self._writer, self.array)
                    self.reader = sqlite3.connect(path, check_same_thread=False)
                except BaseException:
                    self._writer.close()
                    raise
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Fold the log into the file and give it back."""
        with self._mutex, translated(self.path):
            self.reader.close()
            self._writer.close()
            self._lock.release()

    def alone(self, work: Callable[[], _T]) -> _T:
        """Return what ``work`` gives, which runs while no other does."""
        with self._mutex:
            return work()

    def edition(self, at: datetime | None) -> Edition | None:
        """Return the newest edition, or the one that was the newest at ``at``."""
        bound = 2**62 if at is None else micros(at)
        with translated(self.path):
            row = self.reader.execute(
                "SELECT * FROM editions WHERE issued_at <= ? ORDER BY issued_at DESC LIMIT 1",
                (bound,),
            ).fetchone()
        if row is None:
            return None
        return Edition(
            number=row[0],
            issued_at=moment(row[1]),
            expires_at=moment(row[2]),
            documents=dict(zip(_DOCUMENTS, row[3:], strict=True)),
        )

    def run_out(self, at: datetime) -> datetime | None:
        """Return when the last edition ends that was issued until ``at``."""
        with translated(self.path):
            (found,) = self.reader.execute(
                "SELECT max(expires_at) FROM editions WHERE issued_at <= ?", (micros(at),)
            ).fetchone()
        return None if found is None else moment(found)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with translated(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def perform(
        self, identifier: str | None, acts: Sequence[Act], ground: str
    ) -> CertificateRecord:
        """Do ``acts`` in one transaction; see :meth:`StatusRegister.perform`."""
        placed: list[tuple[int, CertificateState]] = []
        with self._transaction() as connection:
            for act in acts:
                found = self._act(connection, identifier, act, ground, placed)
        self.array.put_all(placed)
        return found

    def _act(
        self,
        connection: sqlite3.Connection,
        identifier: str | None,
        act: Act,
        ground: str,
        placed: list[tuple[int, CertificateState]],
    ) -> CertificateRecord:
        record = None if identifier is None else _known(connection, identifier)
        _check_other_side(connection, act)
        changed = operate(record, act)
        for one in changed:
            known = read_record(connection, one.id)
            if known is None and one is not changed[-1]:
                continue  # the other side of a transfer is in another register
            if known is not None:
                _check_order(connection, one, act)
            place = place_of(connection, one.id)
            place = self._draw() if place is None else place
            write_record(connection, one, place)
            write_operation(connection, one, act.operation, at=act.at, ground=ground)
            placed.append((place, published_state(one.state)))
        return changed[-1]

    def _draw(self) -> int:
        entries = self.array.entries
        place = self.array.draw(iter(lambda: secrets.randbelow(entries), -1))
        if place is None:
            msg = f"{self.path}: all {entries} entries are taken; open another register"
            raise JournalFullError(msg)
        return place

    def _draw_many(self, count: int) -> set[int]:
        """Return ``count`` free places; where few are left, of a list instead of by trial."""
        if 4 * count > self.array.free:
            left = [n for n in range(self.array.entries) if not self.array.is_taken(n)]
            return set(secrets.SystemRandom().sample(left, count))
        places: set[int] = set()
        while len(places) < count:
            places.add(self._draw())
        return places

    def plant(self, count: int, state: CertificateState) -> None:
        """Set entries that belong to nobody; see :meth:`StatusRegister.plant_decoys`."""
        if count > self.array.free:
            msg = f"{self.path}: only {self.array.free} entries are free"
            raise JournalFullError(msg)
        places = self._draw_many(count)
        with self._transaction() as connection:
            rows = [(place, state.value) for place in sorted(places)]
            connection.executemany("INSERT INTO decoys VALUES (?, ?)", rows)
        self.array.put_all((place, state) for place in places)

    def publish(self, issuer: ListIssuer, at: datetime, lifetime: timedelta, ttl_s: int) -> Edition:
        """Sign and keep an edition; see :meth:`StatusRegister.publish`."""
        issued = at.replace(microsecond=0)
        last = self.edition(None)
        if last is not None and issued <= last.issued_at:
            msg = "the edition before is of the same second or later; wait, and mind the clock"
            raise IllegalInputError(msg, status=str(last.number))
        expires = issued + lifetime
        documents = write_status_lists(
            self.array.values(),
            uri=self.uri,
            issuer=issuer,
            issued_at=issued,
            expires_at=expires,
            ttl_s=ttl_s,
        )
        number = 1 if last is None else last.number + 1
        with self._transaction() as connection:
            row = (number, micros(issued), micros(expires), *(documents[p] for p in _DOCUMENTS))
            connection.execute("INSERT INTO editions VALUES (?, ?, ?, ?, ?, ?)", row)
        return Edition(number=number, issued_at=issued, expires_at=expires, documents=documents)


def _known(connection: sqlite3.Connection, identifier: str) -> CertificateRecord:
    record = read_record(connection, identifier)
    if record is None:
        msg = "the register holds no such certificate"
        raise IllegalInputError(msg, status="none")
    return record


def _check_other_side(connection: sqlite3.Connection, act: Act) -> None:
    """Refuse a record from elsewhere that this register itself knows better."""
    told = act.counterpart
    own = None if told is None else read_record(connection, told.id)
    if own is not None and own != told:
        msg = "the record of the other side is not the one that this register holds; read it again"
        raise IllegalInputError(msg, status=own.state.value)


def _check_order(connection: sqlite3.Connection, one: CertificateRecord, act: Act) -> None:
    """Refuse what was begun before, and what was done before something else."""
    if one.id == act.id:
        msg = "the identifier that begins is in the register already"
        raise JournalConflictError(msg)
    last = last_operation(connection, one.id)
    if last is not None and act.at < last:
        msg = "something was done to it later; a register is not written backwards"
        raise IllegalInputError(msg, status=one.state.value)
