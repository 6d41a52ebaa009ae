"""Where an adapter keeps what it was sent and what it said: a Protocol.

The bundled implementation is :class:`~oneservice.departments.sqlite_register.SqliteRegister`.
Whatever implements it must make each :meth:`Register.commit` durable before it returns, all of
it or nothing, and number events in commit order: the feed relies on both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from oneservice.canonical import Digest

__all__ = [
    "Entry",
    "FeedRow",
    "Head",
    "MessageKind",
    "Pruned",
    "Register",
    "StoredDocument",
    "StoredEvidence",
    "StoredMessage",
    "StoredSubmission",
]

MessageKind = Literal["supplement", "withdrawal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSubmission:
    """One application: the exact bytes that came, and where it stands.

    ``row`` grows with the order of filing and pages the feed's snapshot; 0 before it is stored.
    """

    caller: str
    submission_id: str
    step_id: str
    digest: Digest
    body: bytes = field(repr=False)
    received_at: str
    state: str
    head_seq: int
    head_digest: Digest
    row: int = 0

    @property
    def head(self) -> Head:
        """Where it stands."""
        return Head(
            caller=self.caller,
            submission_id=self.submission_id,
            digest=self.digest,
            state=self.state,
            head_seq=self.head_seq,
            head_digest=self.head_digest,
            row=self.row,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a submission stands, without the bytes of the application.

    ``digest`` is that of the application's exact bytes; ``row`` is as in :class:`StoredSubmission`.
    """

    caller: str
    submission_id: str
    digest: Digest
    state: str
    head_seq: int
    head_digest: Digest
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A supplement or withdrawal, exactly as it came."""

    kind: MessageKind
    message_id: str
    digest: Digest
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """Bytes by digest, in one caller's name space."""

    digest: Digest
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvidence:
    """A request for evidence, exactly as it came, and the answer's bytes as they stand."""

    request_id: str
    digest: Digest
    body: bytes = field(repr=False)
    answer: bytes = field(default=b"", repr=False)
    is_final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was let go."""

    submissions: int
    documents: int
    evidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one step forward of one submission makes durable.

    ``submission`` states the new head; ``after_seq`` is the head that it follows, 0 to file it.
    ``events`` are their JSON bytes, oldest first; ``uses`` are the documents that it names.
    """

    submission: StoredSubmission
    after_seq: int
    events: tuple[bytes, ...] = field(repr=False)
    message: StoredMessage | None = None
    documents: tuple[StoredDocument, ...] = ()
    uses: tuple[Digest, ...] = ()


class FeedRow(NamedTuple):
    """One event of the feed, and where its submission stands; ``position`` grows in commit order.

    The head is of the same moment as the event, or later: never behind it.
    """

    position: int
    submission_id: str
    event: bytes
    head_seq: int
    head_digest: Digest


class Register(Protocol):
    """A department's durable register. All methods raise errors of the ``JournalError`` branch."""

    async def open(self) -> None:
        """Make it ready; harmless to repeat."""
        ...

    async def close(self) -> None:
        """Give the file back; harmless to repeat."""
        ...

    async def commit(self, entry: Entry) -> None:
        """Make ``entry`` durable, or change nothing.

        Raises:
            JournalConflictError: the submission's head is not ``entry.after_seq`` any more.
        """
        ...

    async def find(self, caller: str, submission_id: str) -> StoredSubmission | None:
        """Return one caller's submission."""
        ...

    async def page(
        self, caller: str, submission_id: str, *, after: int, limit: int
    ) -> tuple[Head, tuple[bytes, ...]] | None:
        """Return a submission's head and its events after ``after``, as of one moment."""
        ...

    async def whole(
        self, caller: str, submission_id: str
    ) -> tuple[StoredSubmission, tuple[bytes, ...], tuple[StoredMessage, ...]] | None:
        """Return a submission, all its events and all its messages, as of one moment."""
        ...

    async def callers_of(self, submission_id: str) -> tuple[str, ...]:
        """Return all callers that filed something under this id."""
        ...

    async def submissions(
        self, *, states: tuple[str, ...], step_id: str | None = None
    ) -> tuple[StoredSubmission, ...]:
        """Return submissions of all callers that are in one of ``states``, oldest first."""
        ...

    async def feed(self, caller: str, *, after: int, limit: int) -> tuple[int, tuple[FeedRow, ...]]:
        """Return one caller's events after a position, oldest first, as of one moment.

        Beside them the position of the newest event of all callers, 0 if there never was one: what
        was pruned still counts, or cursors would run ahead.
        """
        ...

    async def heads(
        self, caller: str, *, after_row: int, limit: int
    ) -> tuple[int, tuple[Head, ...]]:
        """Return one caller's submissions after ``after_row``, oldest first.

        Beside them the position of the newest event of all, of the same moment.
        """
        ...

    async def put_document(self, caller: str, document: StoredDocument, *, at: str) -> bool:
        """Keep a document that came at instant ``at``; say whether it is new.

        One that is known already counts as having come again.
        """
        ...

    async def document(self, caller: str, digest: Digest) -> StoredDocument | None:
        """Return one caller's document."""
        ...

    async def missing(self, caller: str, digests: tuple[Digest, ...]) -> tuple[Digest, ...]:
        """Return those of ``digests`` that the caller never uploaded, in their order."""
        ...

    async def document_size(self, caller: str, digest: Digest) -> tuple[str, int] | None:
        """Return media type and size in bytes of one caller's document, without reading it."""
        ...

    async def evidence(self, caller: str, request_id: str) -> StoredEvidence | None:
        """Return one caller's request for evidence."""
        ...

    async def put_evidence(
        self,
        caller: str,
        evidence: StoredEvidence,
        documents: tuple[StoredDocument, ...],
        *,
        at: str,
    ) -> None:
        """Keep a request with its answer as of instant ``at`` and its papers, all or none."""
        ...

    async def prune(self, *, ended_before: str, unused_before: str) -> Pruned:
        """Let go what need not be kept any more.

        Args:
            ended_before: instant as the wire writes it; submissions whose last event was recorded
                earlier, and that have ended, go with their history and messages. So does
                evidence that was answered earlier.
            unused_before: documents that came earlier and that nothing names go.
        """
        ...

    async def keep(self, name: str, value: str) -> None:
        """Keep the text ``value`` under ``name``, in place of what was there."""
        ...

    async def setting(self, name: str, default: str) -> str:
        """Return the text kept under ``name``; ``default`` is kept first if there is none."""
        ...
