"""What a department says of one submission: signed, chained events, and their fold.

Both sides of the wire use this module: the engine to check what it reads, the adapter SDK to
refuse what an integrator must not write. The law is the table :data:`TRANSITIONS`
(adapter protocol, section 6); there is no state *failed*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from oneservice.canonical import Digest, digest
from oneservice.errors import IllegalInputError

__all__ = [
    "ENDED",
    "EVENT_SIGNATURE_PREFIX",
    "OPEN",
    "REQUIRED_DATA",
    "TRANSITIONS",
    "DepartmentEvent",
    "EventSignature",
    "EventType",
    "Submission",
    "SubmissionState",
    "advance",
    "event_digest",
    "fold",
    "signing_input",
]

EVENT_SIGNATURE_PREFIX: Final = b"oneservice-event-v1\n"


class SubmissionState(StrEnum):
    """Where a submission stands at its department (domain section 3)."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    CORRECTION_REQUESTED = "correction_requested"
    SUSPENDED = "suspended"
    GRANTED = "granted"
    GRANTED_PENDING_MATERIAL = "granted_pending_material"
    REFUSED = "refused"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


OPEN: Final = frozenset(
    {
        SubmissionState.RECEIVED,
        SubmissionState.ACCEPTED,
        SubmissionState.CORRECTION_REQUESTED,
        SubmissionState.SUSPENDED,
    }
)
"""States in which the department still decides."""

ENDED: Final = frozenset(
    {
        SubmissionState.GRANTED,
        SubmissionState.REFUSED,
        SubmissionState.NOT_ACCEPTED,
        SubmissionState.WITHDRAWN,
        SubmissionState.LAPSED,
    }
)
"""States that end a submission; a granted result may still be replaced or revoked."""


class EventType(StrEnum):
    """What can happen to a submission. Types that begin with ``x_`` stay plain text."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    CORRECTION_REQUESTED = "correction_requested"
    CORRECTION_RECEIVED = "correction_received"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    EXTENDED = "extended"
    PROGRESS = "progress"
    GRANTED = "granted"
    GRANTED_PENDING_MATERIAL = "granted_pending_material"
    MATERIAL_RECEIVED = "material_received"
    REFUSED = "refused"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    WITHDRAWAL_REFUSED = "withdrawal_refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    RESULT_REPLACED = "result_replaced"
    RESULT_REVOKED = "result_revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSignature:
    """One signature over ``oneservice-event-v1`` LF ``digest``; ``value`` is base64."""

    keyid: str
    alg: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentEvent:
    """One fact that a department states about a submission, exactly as it was sent.

    ``at`` (legal effect) and ``recorded_at`` (writing) are RFC 3339 in UTC, kept as text because
    the digest covers the text. ``type`` is a member of :class:`EventType` or begins with ``x_``.
    ``extra`` keeps members that a later minor version added: the digest covers them too.
    """

    submission_id: str
    seq: int
    type: str
    at: str
    recorded_at: str
    department: str
    data: Mapping[str, Any]
    prev: Digest | None
    digest: Digest
    signatures: tuple[EventSignature, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return what the digest covers: the event without ``digest`` and ``signatures``."""
        return {
            **self.extra,
            "submission_id": self.submission_id,
            "seq": self.seq,
            "type": self.type,
            "at": self.at,
            "recorded_at": self.recorded_at,
            "department": self.department,
            "data": dict(self.data),
            "prev": self.prev,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the event as it stands on the wire."""
        return self.body() | {
            "digest": self.digest,
            "signatures": [
                {"keyid": one.keyid, "alg": one.alg, "value": one.value} for one in self.signatures
            ],
        }


def event_digest(event: DepartmentEvent) -> Digest:
    """Return the digest that ``event`` should carry (protocol section 6)."""
    return digest(event.body())


def signing_input(digest_of_event: Digest) -> bytes:
    """Return the bytes that a department's event key signs."""
    return EVENT_SIGNATURE_PREFIX + digest_of_event.encode("ascii")


REQUIRED_DATA: Final[Mapping[EventType, tuple[str, ...]]] = {
    EventType.RECEIVED: ("receipt_no", "request_digest"),
    EventType.ACCEPTED: ("acceptance_no", "promised_working_days", "how"),
    EventType.NOT_ACCEPTED: ("reasons", "remedies"),
    EventType.CORRECTION_REQUESTED: ("correction_id", "items", "is_complete_list", "due_on"),
    EventType.CORRECTION_RECEIVED: ("correction_id", "supplement_id", "request_digest"),
    EventType.SUSPENDED: ("kind", "by_law", "notice_no", "expected_until"),
    EventType.RESUMED: ("result",),
    EventType.EXTENDED: ("working_days", "reason", "approved_by", "notice_no"),
    EventType.PROGRESS: ("label", "is_public"),
    EventType.GRANTED: ("outcome",),
    EventType.GRANTED_PENDING_MATERIAL: ("pending",),
    EventType.MATERIAL_RECEIVED: ("supplement_id", "outcome"),
    EventType.REFUSED: ("reasons", "remedies"),
    EventType.WITHDRAWAL_REQUESTED: ("withdrawal_id", "request_digest"),
    EventType.WITHDRAWAL_REFUSED: ("withdrawal_id", "reasons"),
    EventType.WITHDRAWN: (),
    EventType.LAPSED: ("reason",),
    EventType.RESULT_REPLACED: ("outcome",),
    EventType.RESULT_REVOKED: ("reason", "by_law", "effective_at"),
}
"""Members that ``data`` must have, by type (protocol section 6)."""

_S = SubmissionState
TRANSITIONS: Final[Mapping[EventType, Mapping[SubmissionState | None, SubmissionState | None]]] = {
    EventType.RECEIVED: {None: _S.RECEIVED},
    EventType.ACCEPTED: {_S.RECEIVED: _S.ACCEPTED, _S.CORRECTION_REQUESTED: _S.ACCEPTED},
    EventType.NOT_ACCEPTED: {
        _S.RECEIVED: _S.NOT_ACCEPTED,
        _S.CORRECTION_REQUESTED: _S.NOT_ACCEPTED,
    },
    EventType.CORRECTION_REQUESTED: {
        _S.RECEIVED: _S.CORRECTION_REQUESTED,
        _S.ACCEPTED: _S.CORRECTION_REQUESTED,
    },
    EventType.CORRECTION_RECEIVED: {_S.CORRECTION_REQUESTED: None},  # back to where it was
    EventType.SUSPENDED: {_S.ACCEPTED: _S.SUSPENDED},
    EventType.RESUMED: {_S.SUSPENDED: _S.ACCEPTED},
    EventType.EXTENDED: {_S.ACCEPTED: _S.ACCEPTED},
    EventType.PROGRESS: dict.fromkeys(OPEN, None),
    EventType.GRANTED: {_S.ACCEPTED: _S.GRANTED},
    EventType.GRANTED_PENDING_MATERIAL: {_S.ACCEPTED: _S.GRANTED_PENDING_MATERIAL},
    EventType.MATERIAL_RECEIVED: {_S.GRANTED_PENDING_MATERIAL: _S.GRANTED},
    EventType.REFUSED: {_S.ACCEPTED: _S.REFUSED, _S.CORRECTION_REQUESTED: _S.REFUSED},
    EventType.WITHDRAWAL_REQUESTED: dict.fromkeys(OPEN, None),
    EventType.WITHDRAWAL_REFUSED: dict.fromkeys(OPEN, None),
    EventType.WITHDRAWN: dict.fromkeys(OPEN, _S.WITHDRAWN),
    EventType.LAPSED: {
        _S.CORRECTION_REQUESTED: _S.LAPSED,
        _S.GRANTED_PENDING_MATERIAL: _S.LAPSED,
    },
    EventType.RESULT_REPLACED: {_S.GRANTED: _S.GRANTED},
    EventType.RESULT_REVOKED: {_S.GRANTED: _S.GRANTED},
}
"""type -> state in which it is allowed -> next state (``None``: unchanged, or see ``advance``)."""

# A correction request stands "before" or "after" acceptance, and the table's rows differ there.
_ONLY_BEFORE_ACCEPTANCE: Final = frozenset({EventType.ACCEPTED, EventType.NOT_ACCEPTED})
_ONLY_AFTER_ACCEPTANCE: Final = frozenset({EventType.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The fold of a submission's events: where it stands, and what is open in it."""

    submission_id: str
    state: SubmissionState | None = None
    seq: int = 0
    head: Digest | None = None
    was_accepted: bool = False
    correction_id: str | None = None
    withdrawal_id: str | None = None
    pending_materials: tuple[str, ...] = ()
    request_digest: Digest | None = None
    was_extended: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the department still has to decide."""
        return self.state in OPEN

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is due on this submission."""
        return self.state in ENDED


def advance(submission: Submission, event: DepartmentEvent) -> Submission:
    """Return the fold with one more event.

    Raises:
        IllegalInputError: a gap, another chain, an unknown type, a transition that the table does
            not have, or required data missing. The text says which; nothing personal in it.
    """
    _refuse_wrong_place(submission, event)
    seen = replace(submission, seq=event.seq, head=event.digest)
    if event.type.startswith("x_"):
        return seen
    try:
        kind = EventType(event.type)
    except ValueError:
        raise _illegal(submission, f"unknown event type {event.type[:40]!r}") from None
    missing = [name for name in REQUIRED_DATA[kind] if event.data.get(name) is None]
    if missing:
        raise _illegal(submission, f"{kind} lacks its required data {', '.join(missing)}")
    return _follow(submission, seen, kind, event.data)


def fold(submission_id: str, events: tuple[DepartmentEvent, ...]) -> Submission:
    """Return the fold of a whole history; raises as :func:`advance` does."""
    submission = Submission(submission_id=submission_id)
    for event in events:
        submission = advance(submission, event)
    return submission


def _refuse_wrong_place(submission: Submission, event: DepartmentEvent) -> None:
    if event.submission_id != submission.submission_id:
        raise _illegal(submission, f"the event belongs to {event.submission_id[:96]}")
    if event.seq != submission.seq + 1:
        raise _illegal(submission, f"event {event.seq} does not follow {submission.seq}")
    if event.prev != submission.head:
        raise _illegal(submission, f"event {event.seq} chains to another history")


def _follow(
    before: Submission, seen: Submission, kind: EventType, data: Mapping[str, Any]
) -> Submission:
    row = TRANSITIONS[kind]
    is_correction = before.state is SubmissionState.CORRECTION_REQUESTED
    wrong_phase = is_correction and (
        (kind in _ONLY_BEFORE_ACCEPTANCE and before.was_accepted)
        or (kind in _ONLY_AFTER_ACCEPTANCE and not before.was_accepted)
    )
    if before.state not in row or wrong_phase:
        raise _illegal(before, f"{kind} is not allowed in {before.state or 'an empty history'}")
    after = replace(seen, state=row[before.state] or before.state)
    match kind:
        case EventType.RECEIVED:
            return replace(after, request_digest=Digest(str(data["request_digest"])))
        case EventType.ACCEPTED:
            return replace(after, was_accepted=True, correction_id=None)
        case EventType.CORRECTION_REQUESTED:
            return replace(after, correction_id=str(data["correction_id"]))
        case EventType.CORRECTION_RECEIVED:
            return _close_correction(before, after, data)
        case EventType.EXTENDED:
            if before.was_extended:
                raise _illegal(before, "a limit is extended once only")
            return replace(after, was_extended=True)
        case EventType.GRANTED_PENDING_MATERIAL:
            pending = tuple(str(one.get("material", "")) for one in data["pending"])
            return replace(after, pending_materials=pending)
        case EventType.MATERIAL_RECEIVED:
            return replace(after, pending_materials=())
        case EventType.WITHDRAWAL_REQUESTED:
            return replace(after, withdrawal_id=str(data["withdrawal_id"]))
        case EventType.WITHDRAWAL_REFUSED:
            if before.withdrawal_id is None or before.withdrawal_id != data["withdrawal_id"]:
                raise _illegal(before, "no such withdrawal is pending")
            return replace(after, withdrawal_id=None)
        case _:
            return after


def _close_correction(before: Submission, after: Submission, data: Mapping[str, Any]) -> Submission:
    if data["correction_id"] != before.correction_id:
        raise _illegal(before, "the answer is to another correction than the open one")
    state = SubmissionState.ACCEPTED if before.was_accepted else SubmissionState.RECEIVED
    return replace(after, state=state, correction_id=None)


def _illegal(submission: Submission, problem: str) -> IllegalInputError:
    return IllegalInputError(
        f"submission {submission.submission_id}: {problem}",
        status=str(submission.state or "none"),
    )
