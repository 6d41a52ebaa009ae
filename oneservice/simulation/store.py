"""A store on a simulated disk: what the engine made durable is there after every crash.

Theory of operation. A commit is one frame of a write-ahead log: written, synced, then applied to
the tables and acknowledged. A crash may come before, amid and after each of these. Opening the
store again reads the frames that are whole behind the last checkpoint; a torn last one is cut off.
There is no encryption and no index on the disk: what is tried out here is the engine, and the
order of its writes, not SQLite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

from oneservice.canonical import Digest
from oneservice.case import CaseStatus
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    JournalConflictError,
    JournalFullError,
)
from oneservice.ports import Erasure, StoredCase, Write
from oneservice.sandbox import SimulatedCrash
from oneservice.simulation.disk import Disk, frame
from oneservice.simulation.faults import AT_DISK, FaultKind, FaultPlan
from oneservice.simulation.tables import (
    Appended,
    Row,
    Tables,
    instant_of,
    ms_of,
    payload_of,
    plain,
)

__all__ = ["DiskStore"]

_CHECKPOINT: Final = 4_194_304
"""Bytes of log that are folded into the tables at once."""


class DiskStore:
    """A :class:`oneservice.ports.Store` for one life of an engine; the disk outlives it.

    Args:
        disk: where bytes are kept.
        tables: of an earlier life, after :meth:`Tables.recover`.
        plan: decides at each commit what goes wrong.
        now: the present, for the plan.
        seen: is told of every commit that became durable, before anybody else.
        died: is told that the process died amid a write.
    """

    def __init__(
        self,
        disk: Disk,
        tables: Tables,
        *,
        plan: FaultPlan,
        now: Callable[[], datetime],
        seen: Callable[[Sequence[Appended]], None],
        died: Callable[[], None] = lambda: None,
    ) -> None:
        self._disk = disk
        self._tables = tables
        self._plan = plan
        self._now = now
        self._seen = seen
        self._died = died
        self._is_dead = False
        self._full_for = 0
        self.commits = 0

    def kill(self) -> None:
        """Let nothing more be written: the process is dead, whatever its tasks still try."""
        self._is_dead = True

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Write one frame, or meet what the plan has in store."""
        self._tables.refuse_what_does_not_follow(writes)
        self._write(plain(writes, cursors))

    async def stored(self, case_id: str) -> StoredCase | None:
        """Return what is known of ``case_id``."""
        row = self._tables.rows.get(case_id)
        return None if row is None else _stored(case_id, row)

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Return the history of ``case_id``, oldest first; redacted once it is erased."""
        row = self._tables.rows.get(case_id)
        return () if row is None else tuple(row.lines)

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
        kept = (str(erasure.case_id), ms_of(erasure.at), by, why, erasure.seq, head)
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
        return self._tables.due_until(ms_of(until), limit)

    async def next_due(self) -> datetime | None:
        """Return the earliest instant at which a case is due."""
        earliest = self._tables.earliest()
        return None if earliest is None else instant_of(earliest)

    async def case_of_key(self, key: str) -> str | None:
        """Return the case that was opened under ``key``."""
        return self._tables.keys.get(key)

    async def cursor(self, department: str) -> str | None:
        """Return where reading of the feed goes on."""
        return self._tables.cursors.get(department)

    async def pseudonym(self, text: str) -> str:
        """Return a name for ``text``: always the same in this world."""
        return hashlib.sha256(f"simulated, no secret: {text}".encode()).hexdigest()

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
        payload = payload_of(content)
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
        self._died()
        raise SimulatedCrash


def _stored(case_id: str, row: Row) -> StoredCase:
    due = row.next_due
    return StoredCase(
        case_id=case_id,
        secret=row.secret,
        seq=row.seq,
        thing=row.thing,
        status=row.status,
        next_due=None if due is None else instant_of(due),
        erased_at=None if row.erasure is None else row.erasure.at,
    )
