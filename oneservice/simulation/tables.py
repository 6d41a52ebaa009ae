"""What a log says, by case: tables that are made anew from it whenever they are lost."""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from oneservice.canonical import Digest
from oneservice.case import split_record
from oneservice.errors import JournalConflictError
from oneservice.ports import Erasure, Write
from oneservice.simulation.disk import Disk, frames

__all__ = ["Appended", "Row", "Tables", "instant_of", "ms_of", "payload_of", "plain"]

_FORMAT: Final = 2  # of marshal: the last one whose bytes do not hang on reference counts

Appended = tuple[str, Sequence[bytes]]
"""A case, and the records that one commit put behind its journal."""


@dataclass(slots=True)
class Row:
    """One case: what is asked of it without folding it."""

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

    rows: dict[str, Row] = field(default_factory=dict)
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
                row = self.rows[case_id] = Row(secret=secret, thing=thing)
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

    def copy(self) -> Tables:
        """Return these tables as they stand, for a backup."""
        return Tables(
            rows={name: replace(row, lines=list(row.lines)) for name, row in self.rows.items()},
            keys=dict(self.keys),
            blobs=dict(self.blobs),
            contents=dict(self.contents),
            cursors=dict(self.cursors),
            due=list(self.due),
        )

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
            case_id=case_id, at=instant_of(at), by=by, why=why, seq=seq, head=Digest(head)
        )
        row.secret, row.next_due = "", None
        row.lines = [parts.envelope for line in row.lines if (parts := split_record(line))]
        for place in [one for one in self.blobs if one[0] == case_id]:
            del self.blobs[place]

    def _stands(self, entry: tuple[int, str]) -> bool:
        return self.rows[entry[1]].next_due == entry[0]


def payload_of(content: tuple[Any, ...]) -> bytes:
    """Return ``content`` as the bytes of one frame; :meth:`Tables.apply` reads them."""
    return marshal.dumps(content, _FORMAT)


def plain(writes: Sequence[Write], cursors: Mapping[str, str | None]) -> tuple[Any, ...]:
    """Return what a frame holds: text, bytes and numbers only, sorted where there is no order."""
    return (
        [
            (
                str(one.case_id),
                one.records,
                [(str(digest), one.blobs[digest]) for digest in sorted(one.blobs)],
                one.thing,
                one.status,
                None if one.next_due is None else ms_of(one.next_due),
                one.secret,
                one.key,
            )
            for one in writes
        ],
        sorted(cursors.items()),
        None,
    )


def ms_of(instant: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return int(instant.timestamp() * 1000)


def instant_of(ms: int) -> datetime:
    """Return the instant of :func:`ms_of`, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)
