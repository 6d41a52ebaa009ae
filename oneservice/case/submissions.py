"""Where a submission stands at its department: the fold of the department's events.

Both sides of the wire use this module: the engine to check what it reads, the adapter SDK to
refuse what an integrator must not write. The law is the table :data:`TRANSITIONS`
(adapter protocol, section 6); there is no state *failed*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from oneservice.canonical import Digest
from oneservice.case.changing import copied, put
from oneservice.case.department_events import (
    EVENT_SIGNATURE_PREFIX,
    REQUIRED_DATA,
    DepartmentEvent,
    EventSignature,
    EventType,
    data_problem,
    event_digest,
    signing_input,
)
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
    "append",
    "event_digest",
    "fold",
    "signing_input",
]


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

_BY_NAME: Final[Mapping[str, EventType]] = {str(kind): kind for kind in EventType}

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
            not have, or required data missing or of another shape. The text says which; nothing
            personal in it.
    """
    after = copied(submission)
    append(after, event)
    return after


def append(copy: Submission, event: DepartmentEvent) -> None:
    """Apply ``event`` to ``copy``, which is the caller's own and which nobody else has seen.

    Raises:
        IllegalInputError: as :func:`advance`; ``copy`` is as it was.
    """
    _refuse_wrong_place(copy, event)
    changes: dict[str, Any] = {}
    if not event.type.startswith("x_"):
        changes = _changes(copy, _known_type(copy, event), event.data)
    changes["seq"], changes["head"] = event.seq, event.digest
    put(copy, changes)


def fold(submission_id: str, events: tuple[DepartmentEvent, ...]) -> Submission:
    """Return the fold of a whole history; raises as :func:`advance` does."""
    submission = Submission(submission_id=submission_id)
    for event in events:
        append(submission, event)
    return submission


def _refuse_wrong_place(submission: Submission, event: DepartmentEvent) -> None:
    if event.submission_id != submission.submission_id:
        raise _illegal(submission, f"the event belongs to {event.submission_id[:96]}")
    if event.seq != submission.seq + 1:
        raise _illegal(submission, f"event {event.seq} does not follow {submission.seq}")
    if event.prev != submission.head:
        raise _illegal(submission, f"event {event.seq} chains to another history")


def _known_type(submission: Submission, event: DepartmentEvent) -> EventType:
    kind = _BY_NAME.get(event.type)
    if kind is None:
        raise _illegal(submission, f"unknown event type {event.type[:40]!r}")
    problem = data_problem(kind, event.data)
    if problem is not None:
        raise _illegal(submission, problem)
    return kind


def _changes(before: Submission, kind: EventType, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``kind`` changes, after its row of the table allowed it."""
    row = TRANSITIONS[kind]
    is_correction = before.state is SubmissionState.CORRECTION_REQUESTED
    wrong_phase = is_correction and (
        (kind in _ONLY_BEFORE_ACCEPTANCE and before.was_accepted)
        or (kind in _ONLY_AFTER_ACCEPTANCE and not before.was_accepted)
    )
    if before.state not in row or wrong_phase:
        raise _illegal(before, f"{kind} is not allowed in {before.state or 'an empty history'}")
    changes: dict[str, Any] = {"state": row[before.state] or before.state}
    meaning = _MEANINGS.get(kind)
    if meaning is not None:
        changes |= meaning(before, data)
    if changes["state"] in ENDED:
        changes.update(_CLOSED)
    return changes


_CLOSED: Final[Mapping[str, Any]] = {
    "correction_id": None,
    "withdrawal_id": None,
    "pending_materials": (),
}
"""What is open in a submission closes when it ends."""


# --- what a type means beyond its row: (before, data) -> further changes -------------------------


def _received(_: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"request_digest": Digest(data["request_digest"])}


def _accepted(_: Submission, __: Mapping[str, Any]) -> dict[str, Any]:
    return {"was_accepted": True, "correction_id": None}


def _correction_requested(_: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"correction_id": data["correction_id"]}


def _correction_received(before: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    if data["correction_id"] != before.correction_id:
        raise _illegal(before, "the answer is to another correction than the open one")
    state = SubmissionState.ACCEPTED if before.was_accepted else SubmissionState.RECEIVED
    return {"state": state, "correction_id": None}


def _extended(before: Submission, _: Mapping[str, Any]) -> dict[str, Any]:
    if before.was_extended:
        raise _illegal(before, "a limit is extended once only")
    return {"was_extended": True}


def _granted_pending_material(before: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    pending = tuple(one.get("material") for one in data["pending"])
    if not all(isinstance(one, str) for one in pending):
        raise _illegal(before, "granted_pending_material: pending names no material")
    return {"pending_materials": pending}


def _withdrawal_requested(_: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"withdrawal_id": data["withdrawal_id"]}


def _withdrawal_refused(before: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    if before.withdrawal_id != data["withdrawal_id"]:
        raise _illegal(before, "no such withdrawal is pending")
    return {"withdrawal_id": None}


def _withdrawn(before: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    if before.withdrawal_id not in (None, data.get("withdrawal_id")):
        raise _illegal(before, "withdrawn does not name the withdrawal that was asked for")
    return {}


def _reasoned(before: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse a refusal without reasons and remedies (Licensing Law art. 38; protocol P-28)."""
    lacks = next((name for name in ("reasons", "remedies") if not data[name]), None)
    if lacks is not None:
        raise _illegal(before, f"a refusal has its {lacks}; here they are empty")
    return {}


def _lapsed(before: Submission, data: Mapping[str, Any]) -> dict[str, Any]:
    correction_id = data.get("correction_id")
    if correction_id is None and not data.get("materials"):
        raise _illegal(before, "lapsed lacks its required data correction_id or materials")
    is_correction = before.state is SubmissionState.CORRECTION_REQUESTED
    if is_correction and correction_id not in (None, before.correction_id):
        raise _illegal(before, "lapsed names another correction than the open one")
    return {}


_Meaning: TypeAlias = Callable[[Submission, Mapping[str, Any]], dict[str, Any]]
_MEANINGS: Final[Mapping[EventType, _Meaning]] = {
    EventType.RECEIVED: _received,
    EventType.ACCEPTED: _accepted,
    EventType.CORRECTION_REQUESTED: _correction_requested,
    EventType.CORRECTION_RECEIVED: _correction_received,
    EventType.EXTENDED: _extended,
    EventType.GRANTED_PENDING_MATERIAL: _granted_pending_material,
    EventType.WITHDRAWAL_REQUESTED: _withdrawal_requested,
    EventType.WITHDRAWAL_REFUSED: _withdrawal_refused,
    EventType.WITHDRAWN: _withdrawn,
    EventType.LAPSED: _lapsed,
    EventType.REFUSED: _reasoned,
    EventType.NOT_ACCEPTED: _reasoned,
}
"""Types that are not here mean their row of :data:`TRANSITIONS` and nothing else."""


def _illegal(submission: Submission, problem: str) -> IllegalInputError:
    return IllegalInputError(
        f"submission {submission.submission_id}: {problem}",
        status=str(submission.state or "none"),
    )
