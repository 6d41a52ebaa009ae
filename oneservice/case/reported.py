"""What a department's event means for its sub-case: its state, and the messages that it settles.

What a type means beyond that stands in :mod:`oneservice.case.reported_facts`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, assert_never

from oneservice.case.changing import changed, copied, put
from oneservice.case.department_events import stated_instants
from oneservice.case.overdue import without_ended_waits
from oneservice.case.reported_facts import FACTS
from oneservice.case.silence import after_adoption, after_silence, was_no_silence
from oneservice.case.state import Delivery, SubCase, SubCaseStatus
from oneservice.case.submissions import (
    DepartmentEvent,
    EventType,
    Submission,
    SubmissionState,
    append,
)

__all__ = ["confirms", "folding", "reported", "tell"]


def reported(sub: SubCase, events: Iterable[DepartmentEvent], *, seq: int) -> SubCase:
    """Return ``sub`` with further events of its department, which stand in record ``seq``.

    Raises:
        IllegalInputError: one of them does not fit the history before it.
    """
    fold = folding(sub)
    for event in events:
        tell(fold, event, seq=seq)
    return fold


def folding(sub: SubCase) -> SubCase:
    """Return a copy of ``sub`` that :func:`tell` may change in place."""
    copy = copied(sub)
    if sub.submission is not None:
        put(copy, {"submission": copied(sub.submission)})
    return copy


def tell(fold: SubCase, event: DepartmentEvent, *, seq: int) -> None:
    """Apply ``event`` to ``fold``, a copy of :func:`folding` that nobody else has seen.

    ``seq`` is the record of the case that will hold the event.

    Raises:
        IllegalInputError: the event does not fit the history before it; ``fold`` is as it was.
    """
    submission = fold.submission or Submission(submission_id=event.submission_id)
    append(submission, event)
    if fold.course.silence_at is not None and was_no_silence(fold.course.silence_at, event):
        put(fold, {"course": changed(fold.course, silence_at=None), "decided_at": None})
    changes: dict[str, Any] = {
        "submission": submission,
        "digests": (*fold.digests, event.digest),
        "head_seen": max(fold.head_seen, event.seq),
        "status": _status(fold, submission),
    }
    if fold.read_tries or fold.read_not_before is not None or fold.incident is not None:
        changes |= {"read_tries": 0, "read_not_before": None, "incident": None}
    if fold.deliveries:
        changes["deliveries"] = tuple(
            one
            for one in fold.deliveries
            if not confirms(event, one) and not _is_moot(one, submission)
        )
    fact = FACTS.get(event.type)
    if fact is not None:
        changes |= fact(fold, event, _legal_instant(event))
        if fold.course.silence_at is not None:
            changes = after_silence(fold, event, changes)
        elif fold.adopted is not None and not submission.has_ended:
            changes = after_adoption(changes)
    before = fold.course
    put(fold, changes)
    if before.overdue:
        put(fold, {"course": without_ended_waits(fold, before, is_asked="correction" in changes)})
    if event.type in _CHANGE_A_RESULT or (
        event.type == EventType.GRANTED and fold.course.silence_at
    ):
        put(fold, {"course": changed(fold.course, changed_seq=seq)})


_CHANGE_A_RESULT: Final = frozenset({EventType.RESULT_REPLACED, EventType.RESULT_REVOKED})


def _legal_instant(event: DepartmentEvent) -> datetime:
    """Return when ``event`` took effect; what claims the future counts from its writing."""
    return min(stated_instants(event))


def _status(sub: SubCase, submission: Submission) -> SubCaseStatus:
    if submission.state is None or sub.course.silence_at is not None:
        return sub.status  # an x_ event came before the receipt; or silence has granted it
    if sub.adopted is not None and not submission.has_ended:
        return sub.status  # taken over from paper: it stands until a decision is signed
    status = _STATUS[submission.state]
    # Deemed acceptance is the engine's own finding: the department may still say "received".
    if status is SubCaseStatus.RECEIVED and sub.is_deemed:
        return SubCaseStatus.ACCEPTED
    return status


_STATUS: Final = {state: SubCaseStatus(state.value) for state in SubmissionState}
"""A department's states under the names by which the engine knows them."""


def _is_moot(delivery: Delivery, submission: Submission) -> bool:
    """Say whether nobody waits for ``delivery`` any more.

    What crossed a decision is moot, the decision stands (protocol P-47); so is the answer to a
    correction that was closed in another way, and a withdrawal of what is granted but for papers.
    """
    if submission.state is None or delivery.message == "submission":
        return submission.has_ended
    if delivery.message == "withdrawal":
        return not submission.is_open
    if delivery.answers is None:  # a promised material
        return submission.state is not SubmissionState.GRANTED_PENDING_MATERIAL
    return delivery.answers != submission.correction_id


def confirms(event: DepartmentEvent, delivery: Delivery) -> bool:
    """Say whether ``event`` proves that ``delivery`` arrived."""
    match delivery.message:
        case "submission":
            return event.type == EventType.RECEIVED
        case "supplement":
            is_answer = event.type in (EventType.CORRECTION_RECEIVED, EventType.MATERIAL_RECEIVED)
            return is_answer and event.data.get("supplement_id") == delivery.message_id
        case "withdrawal":
            is_answer = event.type in _ANSWERS_WITHDRAWAL
            return is_answer and event.data.get("withdrawal_id") == delivery.message_id
    assert_never(delivery.message)


_ANSWERS_WITHDRAWAL: Final = frozenset(
    {EventType.WITHDRAWAL_REQUESTED, EventType.WITHDRAWAL_REFUSED, EventType.WITHDRAWN}
)
