"""What a department's event means for its sub-case: state, clocks, and what it settles.

What a department signed is kept, lawful or not. Where the law gives it less than it says (a stop of
the clock without a notice, a second correction list), it gets no more than the law, and a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, assert_never

from oneservice.case.changing import changed, copied, put
from oneservice.case.course import Course, Extended, Promise
from oneservice.case.department_events import stated_instants
from oneservice.case.silence import after_silence, remarked, was_no_silence
from oneservice.case.state import (
    Correction,
    Delivery,
    SubCase,
    SubCaseStatus,
)
from oneservice.case.stated_days import stated_day
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
        if fold.course.silence_at is not None:
            changes = after_silence(fold, event, changes)
    put(fold, changes)
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
    course = _acceptance_course(sub, event, at)
    was_silent = sub.deemed_due_at is None or stated_instants(event)[1] >= sub.deemed_due_at
    if sub.accepted_at is None or not was_silent:
        # A correction before acceptance is no pause: the clock had not started.
        changes: dict[str, Any] = {
            "accepted_at": at,
            "deemed_due_at": None,
            "correction": None,
            "pauses": (),
        }
    else:
        # The earlier of both wins: silence made it accepted from receipt (protocol section 6).
        changes = {"correction": None, "pauses": _closed(sub, at)}
    return changes if course is sub.course else changes | {"course": course}


def _acceptance_course(sub: SubCase, event: DepartmentEvent, at: datetime) -> Course:
    course, spec, days = sub.course, sub.spec, event.data["promised_working_days"]
    # 0 is what a department says that promises nothing of its own.
    if days and spec.promised_unit == "working_days" and days != spec.promised_days >= 0:
        said = f"{days} / {spec.promised_days}"
        course = remarked(sub, event, "promise-differs", said)
    tolerated = event.data.get("tolerated")
    if event.data["how"] == "tolerance" and isinstance(tolerated, (list, tuple)):
        promises = tuple(
            Promise(
                sub_case_id=sub.id,
                material=name,
                until=until,
                since=at,
                can_follow_now=False,
            )
            for name, until in _materials_of(tolerated)
        )
        names = tuple(one.material for one in promises)
        course = changed(course, tolerated=names, promises=promises)
    return course


def _materials_of(rows: Iterable[Any]) -> Iterator[tuple[str, date | None]]:
    """Yield the materials of ``tolerated`` or ``pending``: ids, or rows with their last day."""
    for row in rows:
        if isinstance(row, Mapping):
            yield str(row.get("material")), stated_day(row.get("until"))
        else:
            yield str(row), None


def _correction_requested(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    correction = Correction(
        correction_id=str(data["correction_id"]),
        sub_case_id=sub.id,
        items=tuple(data["items"]),
        is_complete_list=bool(data["is_complete_list"]),
        due_on=str(data["due_on"]),
        asked_at=at,
    )
    changes: dict[str, Any] = {"correction": correction}
    if sub.accepted_at is not None and sub.spec.correction == "pause":
        changes["pauses"] = (*sub.pauses, _pause(at, "correction", event.data))
    course = sub.course
    if not correction.is_complete_list:
        course = remarked(sub, event, "correction-not-complete", correction.correction_id)
    if sub.accepted_at is None:
        if course.corrections_before:
            course = remarked(
                sub, event, "correction-repeated", correction.correction_id, course=course
            )
        course = changed(course, corrections_before=course.corrections_before + 1)
    return changes if course is sub.course else changes | {"course": course}


def _correction_received(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del event
    return {"correction": None, "notice_from": at, "pauses": _closed(sub, at)}


def _suspended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    lacks = next((one for one in _GROUNDS if not _plain(data[one]).strip()), None)
    course = changed(
        sub.course, suspended_at=at, suspended_until=stated_day(data["expected_until"])
    )
    if lacks is not None:
        # Without a ground and a written notice the days count (Licensing Law art. 45).
        return {"course": remarked(sub, event, "suspension-without-notice", lacks, course=course)}
    return {"pauses": (*sub.pauses, _pause(at, str(data["kind"]), data)), "course": course}


_GROUNDS: Final = ("kind", "by_law", "notice_no")


def _resumed(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del event
    course = changed(sub.course, suspended_at=None, suspended_until=None)
    return {"pauses": _closed(sub, at), "course": course}


def _extended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    extension = Extended(
        days=int(data["working_days"]),
        decided_on=legal_day(at),
        approved_by=str(data["approved_by"]),
        reason=_plain(data["reason"]),
        notice_no=str(data["notice_no"]),
    )
    return {"course": changed(sub.course, extension=extension)}


def _plain(text: Any) -> str:
    """Return a text for people as one string, whichever of its languages is there."""
    if isinstance(text, Mapping):
        return str(text.get("zh") or text.get("en") or "")
    return str(text)


def _granted(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    decided: dict[str, Any] = {"decided_at": at, "correction": None, "pauses": _closed(sub, at)}
    if sub.course.promises:
        decided["course"] = changed(sub.course, promises=())
    return decided | {"outcome": event.data.get("outcome")}


def _granted_pending(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    pending = tuple(
        Promise(sub_case_id=sub.id, material=name, until=until, since=at, can_follow_now=True)
        for name, until in _materials_of(event.data["pending"])
    )
    return _granted(sub, event, at) | {"course": changed(sub.course, promises=pending)}


def _ended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    reasons = _texts(event.data.get("reasons"))
    if event.type == EventType.LAPSED:
        reasons = ({"code": "lapsed", "text": event.data["reason"]},)
    ended: dict[str, Any] = {
        "decided_at": at,
        "correction": None,
        "pauses": _closed(sub, at),
        "reasons": reasons,
        "remedies": _texts(event.data.get("remedies")),
    }
    if sub.course.promises:
        ended["course"] = changed(sub.course, promises=())
    return ended


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
    EventType.GRANTED_PENDING_MATERIAL: _granted_pending,
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
