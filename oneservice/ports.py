"""What the edges must supply: small Protocols, and the plain data that passes through them.

Whoever implements one of these is judged by the kits in ``oneservice.testing``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent
from oneservice.values import RememberedValue

__all__ = [
    "Change",
    "ChangesPage",
    "Clock",
    "Departments",
    "Ids",
    "SealHolder",
    "Signer",
    "StatusPage",
    "Store",
    "StoredCase",
    "ValueStore",
    "Write",
]


class Clock(Protocol):
    """The only source of the present."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    async def wait_until(self, instant: datetime) -> None:
        """Return when ``instant`` has come; at once if it has passed."""
        ...


class Ids(Protocol):
    """The only source of chance."""

    def case_id(self) -> str:
        """Return a new case id: ``[A-Za-z0-9_-]{1,32}``, nothing personal in it."""
        ...

    def secret(self) -> str:
        """Return 32 fresh random bytes in hexadecimal: the root of a case's salts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SealHolder:
    """Who stands behind a seal: the issuer as certificates and trust lists name it."""

    id: str
    name: Mapping[str, str]
    region: str
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """A department's answer about one submission; every event in it was proven first.

    ``events`` are those after the sequence number that was asked for; ``head_seq`` is larger than
    the last of them where there are more.
    """

    submission_id: str
    state: str
    head_seq: int
    head_digest: Digest | None
    events: tuple[DepartmentEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """News about one submission in a feed; in a snapshot ``events`` is empty."""

    submission_id: str
    head_seq: int
    head_digest: Digest | None
    events: tuple[DepartmentEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """One page of a department's feed; read on from ``cursor`` at once while ``has_more``."""

    changes: tuple[Change, ...]
    cursor: str
    has_more: bool


class Departments(Protocol):
    """The way to the departments. ``department`` is the catalog's department id.

    Every method raises :class:`DepartmentUnavailableError` (certainly no effect, retry later),
    :class:`DepartmentUnknownOutcomeError` (effect unknown: read, then repeat the same bytes) or
    :class:`DepartmentContractError` (do not retry; ``problem`` is the protocol's code).
    """

    @property
    def names(self) -> Collection[str]:
        """Return the ids of the departments that can be reached."""
        ...

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body`` under ``submission_id``; repeating it with the same bytes is harmless."""
        ...

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the events after ``after``; ``None``: never heard of it (404)."""
        ...

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Hand in what was asked for (补正)."""
        ...

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Ask to withdraw (撤回); the department may refuse."""
        ...

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed; ``None`` starts from a snapshot of all heads.

        A cursor that the department no longer knows is a :class:`DepartmentContractError` with
        ``problem == "cursor-expired"``: start over.
        """
        ...

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Make sure that the department has these bytes (by digest); harmless to repeat."""
        ...


class Signer(Protocol):
    """The engine's own seal: signs the bundle certificate of a case. Keys never leave it."""

    @property
    def issuer(self) -> SealHolder:
        """Who seals."""
        ...

    async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
        """Return ``document`` with a Data Integrity proof.

        The same input should give the same bytes: after a crash the same certificate comes out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """What a store knows of one case without folding it."""

    case_id: str
    secret: str
    seq: int
    thing: str
    status: str
    next_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What one transition makes durable: all of it or nothing.

    ``after_seq`` is the last sequence number before ``records`` (0 for a new case): an append
    that does not follow it is a :class:`JournalConflictError`. ``records`` are canonical journal
    records, ``blobs`` bytes by digest that belong to the case, ``key`` the caller's own key for
    the opening of a case (submitting twice under one key makes one case).
    """

    case_id: str
    after_seq: int
    records: tuple[bytes, ...]
    blobs: Mapping[Digest, bytes]
    thing: str
    status: str
    next_due: datetime | None
    secret: str | None = None
    key: str | None = None


class Store(Protocol):
    """The journal, the blobs and the timers of one engine, in one durable place."""

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        """Make ``writes`` and the feed ``cursors`` durable together, or change nothing."""
        ...

    async def stored(self, case_id: str) -> StoredCase | None:
        """Return what is known of ``case_id``."""
        ...

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        """Return the whole history of ``case_id``, oldest first."""
        ...

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        """Return bytes of the case by digest; verified against it."""
        ...

    async def cases(self) -> tuple[StoredCase, ...]:
        """Return all cases, oldest first."""
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


class ValueStore(Protocol):
    """What is known about subjects already (collect once). ``subject`` is an opaque id, no number.

    Values are stored in normal form with their provenance. The store filters by subject and field
    only; whether a value may be used is decided by ``values.usable``, so every store agrees.
    """

    async def remembered(self, subject: str, fields: Collection[str]) -> Sequence[RememberedValue]:
        """Return all that is known of ``fields``, in any order; never another field's value."""
        ...

    async def remember(self, subject: str, values: Sequence[RememberedValue]) -> None:
        """Keep ``values``, all or none.

        The same (field, source, applicant_changed) is replaced unless what is stored was fetched
        later; repeating the call is harmless.
        """
        ...

    async def forget(self, subject: str, *, consent_id: str | None = None) -> int:
        """Erase the subject's values, or those under one consent; return how many.

        References:
            Personal Information Protection Law art. 15, 47.
        """
        ...
