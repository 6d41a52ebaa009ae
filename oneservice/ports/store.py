"""The journal, the blobs and the timers of one engine: what a runtime stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from oneservice.canonical import Digest
from oneservice.case import RecordParts

__all__ = ["Erasure", "Store", "StoredCase", "Write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """What a store knows of one case without folding it.

    ``secret`` is told of one case that is asked for by its id, never in a list of all. An erased
    case has none any more, and ``erased_at`` says since when.
    """

    case_id: str
    secret: str = field(default="", repr=False)
    seq: int
    thing: str
    status: str
    next_due: datetime | None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What stays of an erased case beside its redacted journal: who erased it, when and why.

    ``seq`` and ``head`` are where the journal stood, so that the redacted one proves itself. ``by``
    is an operator's id and ``why`` a reason for the record: no person's data in either.

    References:
        Personal Information Protection Law art. 47.
    """

    case_id: str
    at: datetime
    by: str
    why: str
    seq: int
    head: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What one transition makes durable: all of it or nothing.

    ``after_seq`` is the last sequence number before ``records`` (0 for a new case): an append
    that does not follow it is a :class:`JournalConflictError`. ``records`` are canonical journal
    records, ``blobs`` bytes by digest that belong to the case, ``key`` the caller's own key for
    the opening of a case (submitting twice under one key makes one case). ``public`` names those
    of ``blobs`` that are published and of no person (a trust list): one copy serves all cases.
    ``parts`` is ``records`` as :func:`oneservice.case.split_record` parts them, or empty where the
    caller does not have them at hand.
    """

    case_id: str
    after_seq: int
    records: tuple[bytes, ...] = field(repr=False)
    blobs: Mapping[Digest, bytes] = field(repr=False)
    thing: str
    status: str
    next_due: datetime | None
    secret: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    public: frozenset[Digest] = frozenset()
    parts: tuple[RecordParts, ...] = field(default=(), repr=False)


class Store(Protocol):
    """The journal, the blobs and the timers of one engine, in one durable place.

    ``cursors`` are small notes by name: where reading of a department's feed goes on, and, under
    names with a colon, which no department has, what an engine remembers of its last opening.
    """

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Make ``writes`` and the feed ``cursors`` durable together, or change nothing."""
        ...

    async def stored(self, case_id: str) -> StoredCase | None:
        """Return what is known of ``case_id``."""
        ...

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Return the whole history of ``case_id``, oldest first; redacted once it is erased."""
        ...

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        """Return bytes of the case by digest, verified against it; ``None``: not of this case.

        Raises:
            CaseErasedError: the case was erased.
        """
        ...

    async def erase(self, erasure: Erasure) -> None:
        """Destroy the case's secret, blobs and the contents of its records, beyond recovery.

        What stays is the case's row, without a due time, its redacted records and ``erasure``; and
        its ``key`` stays taken, so that a request that is repeated late does not open it anew.
        Repeating it is harmless, and the first one stays.

        Raises:
            CaseNotFoundError: there is no such case.
            JournalConflictError: the case does not stand at ``erasure.seq``; nothing was erased.
        """
        ...

    async def erasure(self, case_id: str) -> Erasure | None:
        """Return what was noted when ``case_id`` was erased; ``None``: it was not."""
        ...

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases, oldest first."""
        ...

    async def open_cases(self, limit: int) -> tuple[str, ...]:
        """Return ids of at most ``limit`` cases that have not ended and are not erased."""
        ...

    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        """Return ids of cases whose ``next_due`` is at or before ``until``, earliest first."""
        ...

    async def next_due(self) -> datetime | None:
        """Return the earliest ``next_due`` of all cases."""
        ...

    async def case_of_key(self, key: str) -> str | None:
        """Return the case that was opened under ``key``."""
        ...

    async def cursor(self, department: str) -> str | None:
        """Return where reading of the department's feed goes on."""
        ...

    async def close(self) -> None:
        """Give the file back."""
        ...
