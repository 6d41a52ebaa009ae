"""A store on a simulated disk: what the engine made durable is there after every crash.

Theory of operation. A commit is one frame of a write-ahead log: written, synced, then applied to
the tables and acknowledged. A crash may come before, amid and after each of these. Opening the
store again reads the frames that are whole behind the last checkpoint; a torn last one is cut off.
There is no encryption and no index on the disk: what is tried out here is the engine, and the
order of its writes, not SQLite.
"""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from oneservice.canonical import Digest
from oneservice.case import CaseStatus, split_record
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    JournalConflictError,
    JournalFullError,
)
from oneservice.ports import Erasure, StoredCase, Write
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.disk import Disk, frame, frames
from oneservice.simulation.faults import AT_DISK, FaultKind, FaultPlan

__all__ = ["Appended", "DiskStore", "Tables"]

_FORMAT: Final = 2  # of marshal: the last one whose bytes do not hang on reference counts
_CHECKPOINT: Final = 4_194_304
"""Bytes of log that are folded into the tables at once."""


Appended = tuple[str, Sequence[bytes]]
"""A case, and the records that one commit put behind its journal."""


@dataclass(slots=True)
class _Row:
    secret: str
    thing: str
    seq: int = 0
    status: str = ""
    next_due: int | None = None
    lines: list[bytes] = field(default_factory=list)
    erasure: Erasure | None = None


@dataclass(slots=True)
class Tables:
    """What the log says, by case; a cache of it, made anew from the log where it is lost."""

    rows: dict[str, _Row] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    blobs: dict[tuple[str, str], str] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    cursors: dict[str, str | None] = field(default_factory=dict)
    due: list[tuple[int, str]] = field(default_factory=list)
    """A heap; entries that are not those of the rows any more are dropped when they are met."""
    applied: int = 0
    """How many bytes of the log stand in these tables."""

    def recover(self, disk: Disk) -> list[Appended]:
        """Read what the log holds behind :attr:`applied`, cut a torn end off, and say what it was.

        What is found there was durable before a crash, though nobody was told.
        """
        start = self.applied
        found: list[Appended] = []
        for payload, end in frames(disk.synced[start:]):
            found += self.apply(payload)
            self.applied = start + end
        del disk.synced[self.applied :]
        return found

    def refuse_what_does_not_follow(self, writes: Sequence[Write]) -> None:
        """Raise :class:`JournalConflictError` where an append does not follow what is there."""
        for write in writes:
            row = self.rows.get(write.case_id)
            if (row.seq if row else 0) != write.after_seq:
                msg = f"case {write.case_id} moved on meanwhile; read it again and retry"
                raise JournalConflictError(msg)
            if row is None and write.key is not None and write.key in self.keys:
                msg = "a case was opened under this key already; ask for that one"
                raise JournalConflictError(msg)

    def apply(self, payload: bytes) -> list[Appended]:
        """Take one frame of the log; return what it appended to which journals."""
        found: list[Appended] = []
        writes, cursors, erased = marshal.loads(payload)  # noqa: S302 - our own bytes
        for case_id, lines, blobs, thing, status, next_due, secret, key in writes:
            row = self.rows.get(case_id)
            if row is None:
                row = self.rows[case_id] = _Row(secret=secret, thing=thing)
                if key is not None:
                    self.keys[key] = case_id
            row.lines.extend(lines)
            row.seq, row.status = len(row.lines), status
            if next_due != row.next_due:
                row.next_due = next_due
                if next_due is not None:
                    heapq.heappush(self.due, (next_due, case_id))
            for digest, content in blobs:
                self.contents.setdefault(digest, content)
                self.blobs[case_id, digest] = digest
            found.append((case_id, lines))
        self.cursors.update(cursors)
        if erased is not None:
            self._erase(erased)
        return found

    def earliest(self) -> int | None:
        """Return the earliest time at which a case is due."""
        while self.due and not self._stands(self.due[0]):
            heapq.heappop(self.due)
        return self.due[0][0] if self.due else None

    def due_until(self, until: int, limit: int) -> tuple[str, ...]:
        """Return at most ``limit`` cases that are due, the earliest first, and leave them due."""
        found: list[tuple[int, str]] = []
        while len(found) < limit and (first := self.earliest()) is not None and first <= until:
            entry = heapq.heappop(self.due)
            if entry not in found[-1:]:
                found.append(entry)
        for entry in found:
            heapq.heappush(self.due, entry)
        return tuple(case_id for _, case_id in found)

    def _erase(self, erased: tuple[Any, ...]) -> None:
        """Leave of a case its row, its redacted records and who erased it."""
        case_id, at, by, why, seq, head = erased
        row = self.rows[case_id]
        row.erasure = Erasure(
            case_id=case_id, at=_instant(at), by=by, why=why, seq=seq, head=Digest(head)
        )
        row.secret, row.next_due = "", None
        row.lines = [parts.envelope for line in row.lines if (parts := split_record(line))]
        for place in [one for one in self.blobs if one[0] == case_id]:
            del self.blobs[place]

    def _stands(self, entry: tuple[int, str]) -> bool:
        return self.rows[entry[1]].next_due == entry[0]


class DiskStore:
    """A :class:`oneservice.ports.Store` for one life of an engine; the disk outlives it.

    Args:
        disk: where bytes are kept.
        tables: of an earlier life, after :meth:`Tables.recover`.
        plan: decides at each commit what goes wrong.
        now: the present, for the plan.
        seen: is told of every commit that became durable, before anybody else.
    """

    def __init__(
        self,
        disk: Disk,
        tables: Tables,
        *,
        plan: FaultPlan,
        now: Callable[[], datetime],
        seen: Callable[[Sequence[Appended]], None],
    ) -> None:
        self._disk = disk
        self._tables = tables
        self._plan = plan
        self._now = now
        self._seen = seen
        self._is_dead = False
        self._full_for = 0
        self.commits = 0

    def kill(self) -> None:
        """Let nothing more be written: the process is dead, whatever its tasks still try."""
        self._is_dead = True

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Write one frame, or meet what the plan has in store."""
        self._tables.refuse_what_does_not_follow(writes)
        self._write(_plain(writes, cursors))

    async def stored(self, case_id: str) -> StoredCase | None:
        """Return what is known of ``case_id``."""
        row = self._tables.rows.get(case_id)
        return None if row is None else _stored(case_id, row)

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Return the history of ``case_id``, oldest first."""
        return tuple(self._tables.rows[case_id].lines)

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        """Return bytes of the case by digest.

        Raises:
            CaseErasedError: the case was erased.
        """
        row = self._tables.rows.get(case_id)
        if row is not None and row.erasure is not None:
            msg = f"case {case_id} was erased; its redacted journal is what is left"
            raise CaseErasedError(msg)
        known = self._tables.blobs.get((case_id, digest))
        return None if known is None else self._tables.contents[known]

    async def erase(self, erasure: Erasure) -> None:
        """Destroy what the case holds, and keep its redacted records; the first erasure stays.

        Raises:
            CaseNotFoundError: there is no such case.
            JournalConflictError: it does not stand at ``erasure.seq``; nothing was erased.
            JournalFullError: nothing can be written for a while.
        """
        row = self._tables.rows.get(erasure.case_id)
        if row is None:
            msg = f"there is no case {erasure.case_id[:60]!r} here"
            raise CaseNotFoundError(msg)
        if row.erasure is not None:
            return
        if row.seq != erasure.seq:
            msg = f"case {erasure.case_id} moved on meanwhile; read it again and retry"
            raise JournalConflictError(msg)
        by, why, head = str(erasure.by), str(erasure.why), str(erasure.head)
        kept = (str(erasure.case_id), _ms(erasure.at), by, why, erasure.seq, head)
        self._write(([], [], kept))

    async def erasure(self, case_id: str) -> Erasure | None:
        """Return what was noted when ``case_id`` was erased; ``None``: it was not."""
        row = self._tables.rows.get(case_id)
        return None if row is None else row.erasure

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases, oldest first."""
        return tuple(_stored(name, row) for name, row in self._tables.rows.items())

    async def open_cases(self, limit: int) -> tuple[str, ...]:
        """Return at most ``limit`` cases that have not ended and are not erased."""
        rows = self._tables.rows.items()
        found = (
            name
            for name, row in rows
            if row.erasure is None and not CaseStatus(row.status).has_ended
        )
        return tuple(islice(found, limit))

    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        """Return at most ``limit`` cases that are due, the earliest first."""
        return self._tables.due_until(_ms(until), limit)

    async def next_due(self) -> datetime | None:
        """Return the earliest instant at which a case is due."""
        earliest = self._tables.earliest()
        return None if earliest is None else _instant(earliest)

    async def case_of_key(self, key: str) -> str | None:
        """Return the case that was opened under ``key``."""
        return self._tables.keys.get(key)

    async def cursor(self, department: str) -> str | None:
        """Return where reading of the feed goes on."""
        return self._tables.cursors.get(department)

    async def close(self) -> None:
        """Do nothing: the disk stays with the world."""

    def _write(self, content: tuple[Any, ...]) -> None:
        """Make one frame durable, unless the plan has something else in store."""
        if self._is_dead:
            raise SimulatedCrash
        fault, crossing = self._plan.at("disk", AT_DISK, self._now())
        self._refuse_full(fault, crossing)
        if fault is FaultKind.CRASH and self._plan.chance.happens(f"{crossing}/before", 500):
            self._die(kept=0)
        payload = marshal.dumps(content, _FORMAT)
        self._disk.write(frame(payload))
        if fault is FaultKind.LOST_WRITE:
            self._die(kept=0)
        if fault is FaultKind.TORN_WRITE:
            self._die(kept=self._plan.chance.below(f"{crossing}/kept", len(self._disk.pending)))
        self._disk.sync()
        if fault is FaultKind.CRASH:
            self._die(kept=0)  # durable, and nobody was told
        appended = self._tables.apply(payload)
        self.commits += 1
        if len(self._disk.synced) > _CHECKPOINT:
            self._disk.forget_before(len(self._disk.synced))
        self._tables.applied = len(self._disk.synced)
        self._seen(appended)

    def _refuse_full(self, fault: FaultKind | None, crossing: str) -> None:
        if fault is FaultKind.FULL_DISK:
            self._full_for = self._plan.chance.between(f"{crossing}/for", 1, 20)
        if self._full_for > 0:
            self._full_for -= 1
            msg = "the disk is full; make room, nothing was half-written"
            raise JournalFullError(msg)

    def _die(self, *, kept: int) -> None:
        self._is_dead = True
        self._disk.crash(kept=kept)
        raise SimulatedCrash


def _plain(writes: Sequence[Write], cursors: Mapping[str, str | None]) -> tuple[Any, ...]:
    """Return what a frame holds: text, bytes and numbers only, sorted where there is no order."""
    return (
        [
            (
                str(one.case_id),
                one.records,
                [(str(digest), one.blobs[digest]) for digest in sorted(one.blobs)],
                one.thing,
                one.status,
                None if one.next_due is None else _ms(one.next_due),
                one.secret,
                one.key,
            )
            for one in writes
        ],
        sorted(cursors.items()),
        None,
    )


def _stored(case_id: str, row: _Row) -> StoredCase:
    due = row.next_due
    return StoredCase(
        case_id=case_id,
        secret=row.secret,
        seq=row.seq,
        thing=row.thing,
        status=row.status,
        next_due=None if due is None else _instant(due),
        erased_at=None if row.erasure is None else row.erasure.at,
    )


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
