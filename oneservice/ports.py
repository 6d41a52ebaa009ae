"""What the edges must supply: small Protocols, and the plain data that passes through them.

Whoever implements one of these is judged by the kits in ``oneservice.testing``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent, RecordParts
from oneservice.values import RememberedValue

__all__ = [
    "Change",
    "ChangesPage",
    "Clock",
    "Departments",
    "Erasure",
    "Fact",
    "Ids",
    "KeyKeeper",
    "SealHolder",
    "Signer",
    "StatusPage",
    "Store",
    "StoredCase",
    "Subscription",
    "Subscriptions",
    "ValueStore",
    "WrappedKey",
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
        """Return 32 fresh random bytes in hexadecimal: the root of a case's salts and keys."""
        ...

    def code(self) -> str:
        """Return eight characters of ``oneservice.case.CODE_ALPHABET``: a one-time code."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A key that only its keeper can open; ``key_id`` names the keeper's key that is needed."""

    key_id: str
    wrapped: bytes


class KeyKeeper(Protocol):
    """Wraps what the cases' data keys are derived from: a key file, or a key service (KMS, HSM).

    ``context`` says what the key is for (a case id); it is bound to the wrapping, so that the
    wrapped key of one case does not open in the place of another's. Both methods raise
    :class:`JournalKeyError` where the key is not at hand (all work waits then, and goes on when it
    is); what was not wrapped so, under this context, is a :class:`JournalCorruptError`.
    """

    @property
    def key_id(self) -> str:
        """Return the id of the key under which new keys are wrapped: at most 64 characters."""
        ...

    async def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        """Return ``key`` (at most 64 bytes) wrapped under :attr:`key_id`."""
        ...

    async def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        """Return what was wrapped, by any key that the keeper still has."""
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
    records: tuple[bytes, ...]
    blobs: Mapping[Digest, bytes]
    thing: str
    status: str
    next_due: datetime | None
    secret: str | None = None
    key: str | None = None
    public: frozenset[Digest] = frozenset()
    parts: tuple[RecordParts, ...] = ()


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

        What stays is the case's row, without a due time, its redacted records and ``erasure``.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One durable fact, told without its contents: what a subscriber may be told of.

    ``position`` counts the facts of all cases in the order in which they became durable, from 1.
    """

    position: int
    case_id: str
    seq: int
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who is told of new facts, and how far the telling has come.

    ``secret`` signs what is sent and is stored wrapped. ``position`` is the last fact that arrived,
    ``tries`` counts failures since, ``not_before`` is when to try again, ``state`` is
    ``active``, or ``ended`` where the far side asked for no more (410), or ``paused`` by people.
    """

    id: str
    url: str
    keyid: str
    secret: bytes = field(repr=False)
    position: int = 0
    tries: int = 0
    not_before: datetime | None = None
    state: Literal["active", "paused", "ended"] = "active"


class Subscriptions(Protocol):
    """What telling others of facts stands on: the facts in one order, and durable cursors."""

    async def recorded_after(self, position: int, limit: int) -> tuple[Fact, ...]:
        """Return at most ``limit`` facts after ``position``, in the order they became durable."""
        ...

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, by id."""
        ...

    async def subscribe(self, subscription: Subscription) -> None:
        """Keep ``subscription``; one with its id is replaced as a whole."""
        ...

    async def unsubscribe(self, subscription_id: str) -> None:
        """Forget a subscription and its secret; harmless to repeat."""
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
