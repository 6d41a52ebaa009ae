"""What a department's event means for its sub-case: state, clocks, and what it settles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, assert_never

from oneservice.case.changing import changed, copied, put
from oneservice.case.department_events import stated_instants
from oneservice.case.state import (
    Correction,
    Delivery,
    SubCase,
    SubCaseStatus,
)
from oneservice.case.submissions import (
    DepartmentEvent,
    EventType,
    Submission,
    SubmissionState,
    append,
)
from oneservice.workdays import Suspension, legal_day

__all__ = ["folding", "reported", "tell"]

_Fact = Callable[[SubCase, DepartmentEvent, datetime], dict[str, Any]]


def reported(sub: SubCase, events: Iterable[DepartmentEvent]) -> SubCase:
    """Return ``sub`` with further events of its department.

    Raises:
        IllegalInputError: one of them does not fit the history before it.
    """
    fold = folding(sub)
    for event in events:
        tell(fold, event)
    return fold


def folding(sub: SubCase) -> SubCase:
    """Return a copy of ``sub`` that :func:`tell` may change in place."""
    copy = copied(sub)
    if sub.submission is not None:
        put(copy, {"submission": copied(sub.submission)})
    return copy


def tell(fold: SubCase, event: DepartmentEvent) -> None:
    """Apply ``event`` to ``fold``, a copy of :func:`folding` that nobody else has seen.

    Raises:
        IllegalInputError: the event does not fit the history before it; ``fold`` is as it was.
    """
    submission = fold.submission or Submission(submission_id=event.submission_id)
    append(submission, event)
    changes: dict[str, Any] = {
        "submission": submission,
        "digests": (*fold.digests, event.digest),
        "head_seen": max(fold.head_seen, event.seq),
        "status": _status(fold, submission),
        "read_tries": 0,
        "read_not_before": None,
        "incident": None,
    }
    if fold.deliveries:
        changes["deliveries"] = tuple(
            one
            for one in fold.deliveries
            if not _confirms(event, one) and not _is_moot(one, submission)
        )
    fact = _FACTS.get(event.type)
    if fact is not None:
        changes |= fact(fold, event, _legal_instant(event))
    put(fold, changes)


def _legal_instant(event: DepartmentEvent) -> datetime:
    """Return when ``event`` took effect; what claims the future counts from its writing."""
    return min(stated_instants(event))


def _status(sub: SubCase, submission: Submission) -> SubCaseStatus:
    if submission.state is None:
        return sub.status  # an x_ event came before the receipt
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
    return delivery.answers is not None and delivery.answers != submission.correction_id


def _confirms(event: DepartmentEvent, delivery: Delivery) -> bool:
    """Say whether ``event`` proves that ``delivery`` arrived."""
    match delivery.message:
        case "submission":
            return event.type == EventType.RECEIVED
        case "supplement":
            is_answer = event.type in (EventType.CORRECTION_RECEIVED, EventType.MATERIAL_RECEIVED)
            return is_answer and event.data["supplement_id"] == delivery.message_id
        case "withdrawal":
            is_answer = event.type in _ANSWERS_WITHDRAWAL
            return is_answer and event.data.get("withdrawal_id") == delivery.message_id
    assert_never(delivery.message)


_ANSWERS_WITHDRAWAL: Final = frozenset(
    {EventType.WITHDRAWAL_REQUESTED, EventType.WITHDRAWAL_REFUSED, EventType.WITHDRAWN}
)


def _received(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, event
    return {"received_at": at, "notice_from": at}


def _accepted(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    was_silent = sub.deemed_due_at is None or stated_instants(event)[1] >= sub.deemed_due_at
    if sub.accepted_at is None or not was_silent:
        # A correction before acceptance is no pause: the clock had not started.
        return {"accepted_at": at, "deemed_due_at": None, "correction": None, "pauses": ()}
    # The earlier of both wins: silence made it accepted from receipt (protocol section 6).
    return {"correction": None, "pauses": _closed(sub, at)}


def _correction_requested(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    correction = Correction(
        correction_id=str(data["correction_id"]),
        sub_case_id=sub.id,
        items=tuple(data["items"]),
        is_complete_list=bool(data["is_complete_list"]),
        due_on=str(data["due_on"]),
    )
    changes: dict[str, Any] = {"correction": correction}
    if sub.accepted_at is not None and sub.spec.correction == "pause":
        changes["pauses"] = (*sub.pauses, _pause(at, "correction", event.data))
    return changes


def _correction_received(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del event
    return {"correction": None, "notice_from": at, "pauses": _closed(sub, at)}


def _suspended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    return {"pauses": (*sub.pauses, _pause(at, str(event.data["kind"]), event.data))}


def _resumed(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del event
    return {"pauses": _closed(sub, at)}


def _extended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del at
    return {"extended_days": sub.extended_days + int(event.data["working_days"])}


def _granted(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    decided = {"decided_at": at, "correction": None, "pauses": _closed(sub, at)}
    return decided | {"outcome": event.data.get("outcome")}


def _ended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    return {
        "decided_at": at,
        "correction": None,
        "pauses": _closed(sub, at),
        "reasons": _texts(event.data.get("reasons")),
        "remedies": _texts(event.data.get("remedies")),
    }


def _withdrawal_refused(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, at
    return {"withdrawal": "refused", "reasons": _texts(event.data.get("reasons"))}


def _replaced(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, at
    return {"outcome": event.data["outcome"]}


def _revoked(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, event, at
    return {"is_revoked": True}


_FACTS: Final[Mapping[str, _Fact]] = {
    EventType.RECEIVED: _received,
    EventType.ACCEPTED: _accepted,
    EventType.CORRECTION_REQUESTED: _correction_requested,
    EventType.CORRECTION_RECEIVED: _correction_received,
    EventType.SUSPENDED: _suspended,
    EventType.RESUMED: _resumed,
    EventType.EXTENDED: _extended,
    EventType.GRANTED: _granted,
    EventType.GRANTED_PENDING_MATERIAL: _granted,
    EventType.MATERIAL_RECEIVED: _granted,
    EventType.NOT_ACCEPTED: _ended,
    EventType.REFUSED: _ended,
    EventType.WITHDRAWN: _ended,
    EventType.LAPSED: _ended,
    EventType.WITHDRAWAL_REFUSED: _withdrawal_refused,
    EventType.RESULT_REPLACED: _replaced,
    EventType.RESULT_REVOKED: _revoked,
}


def _pause(at: datetime, kind: str, data: Mapping[str, Any]) -> Suspension:
    return Suspension(
        start=legal_day(at),
        end=None,
        kind=kind,
        by_law=str(data.get("by_law", "")),
        notice_no=str(data.get("notice_no", "")),
    )


def _closed(sub: SubCase, at: datetime) -> tuple[Suspension, ...]:
    """Close what is open; both ends of an interval count as paused (domain section 7, rule 4)."""
    if not sub.pauses:
        return ()
    day: date = legal_day(at)
    return tuple(
        changed(pause, end=max(day, pause.start)) if pause.end is None else pause
        for pause in sub.pauses
    )


def _texts(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()
