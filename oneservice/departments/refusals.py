"""What a counter turns away, each with the protocol's own code (section 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.canonical import digest_bytes
from oneservice.case import SubmissionState
from oneservice.errors import CaseNotFoundError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.application import Supplement
    from oneservice.departments.history import History
    from oneservice.departments.register import MessageKind, StoredMessage

__all__ = ["conflict", "is_repeat", "not_found", "not_open", "refuse_closed"]


def is_repeat(
    messages: tuple[StoredMessage, ...], kind: MessageKind, message_id: str, data: bytes
) -> bool:
    """Say whether the same bytes came under this id before; other bytes are a conflict."""
    for one in messages:
        if one.kind == kind and one.message_id == message_id:
            if one.digest != digest_bytes(data):
                raise conflict(kind)
            return True
    return False


def refuse_closed(history: History, supplement: Supplement) -> None:
    """Refuse what answers nothing that is open (protocol section 7)."""
    fold = history.fold
    if supplement.correction_id is not None:
        is_open = (
            fold.state is SubmissionState.CORRECTION_REQUESTED
            and fold.correction_id == supplement.correction_id
        )
    else:
        is_open = fold.state is SubmissionState.GRANTED_PENDING_MATERIAL and bool(
            set(fold.pending_materials) & set(supplement.materials)
        )
    if not is_open:
        raise not_open(history)


def not_open(history: History) -> ProtocolProblemError:
    """Return the refusal of what comes too late, with where the submission stands."""
    fold = history.fold
    return ProtocolProblemError(
        "nothing is open in this submission that this would answer",
        problem="not-open",
        members={"state": str(fold.state), "head": {"seq": fold.seq, "digest": fold.head}},
    )


def conflict(kind: str) -> ProtocolProblemError:
    """Return the refusal of other bytes under a known id."""
    msg = f"another {kind} was sent under this id before; nothing was changed"
    return ProtocolProblemError(msg, problem=f"{kind}-conflict")


def not_found(submission_id: str) -> CaseNotFoundError:
    """Return what a back office is told that names nothing."""
    return CaseNotFoundError(f"no submission {submission_id[:96]} was filed here")
