"""``evolve``: what a recorded event means. It is total: what was recorded is never refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, assert_never

from oneservice.case.changing import changed
from oneservice.case.department_events import stated_instants
from oneservice.case.events import (
    BundleIssued,
    CaseConcluded,
    CaseOpened,
    DeadlinePassed,
    DeemedAccepted,
    DeliveryFailed,
    DeliveryReset,
    DepartmentReported,
    Event,
    HeadSeen,
    IncidentRaised,
    MessagePrepared,
    ReportRefused,
    SubCaseCancelled,
    SubCaseDropped,
    SubCaseHalted,
    WithdrawalAsked,
)
from oneservice.case.limits import legal_day
from oneservice.case.state import (
    Bundle,
    Case,
    CaseStatus,
    Correction,
    Delivery,
    SubCase,
    SubCaseStatus,
)
from oneservice.case.submissions import DepartmentEvent, EventType, Submission, advance
from oneservice.errors import JournalCorruptError
from oneservice.workdays import Suspension

__all__ = ["evolve", "replay"]


def replay(case_id: str, events: Iterable[Event]) -> Case:
    """Return the case that ``events`` tell of, from the first to the last.

    Raises:
        JournalCorruptError: there is no event, or the first one does not open a case.
    """
    case: Case | None = None
    for event in events:
        case = evolve(case, event, case_id=case_id)
    if case is None:
        msg = f"case {case_id} has no history"
        raise JournalCorruptError(msg)
    return case


def evolve(case: Case | None, event: Event, *, case_id: str) -> Case:
    """Return ``case`` with one more recorded event.

    Raises:
        JournalCorruptError: the history does not begin with its opening.
    """
    if case is None or isinstance(event, CaseOpened):
        if case is not None or not isinstance(event, CaseOpened):
            msg = f"the history of case {case_id} does not begin with its opening"
            raise JournalCorruptError(msg)
        return _opened(case_id, event)
    match event:
        case WithdrawalAsked():
            return _withdrawal_asked(case, event)
        case BundleIssued():
            return _bundle_issued(case, event)
        case CaseConcluded():
            return _concluded(case, event)
        case _:
            sub_case = _evolve_sub_case(case.sub_cases[event.sub_case_id], event)
            return changed(case, sub_cases={**case.sub_cases, sub_case.id: sub_case})


def _opened(case_id: str, event: CaseOpened) -> Case:
    return Case(
        id=case_id,
        thing=event.thing,
        region=event.region,
        plan=event.plan,
        definition=event.definition,
        calendar=event.calendar,
        form=event.form,
        opened_at=event.at,
        sub_cases={spec.id: SubCase(spec=spec) for spec in event.steps},
    )


def _withdrawal_asked(case: Case, event: WithdrawalAsked) -> Case:
    asked = {name: changed(case.sub_cases[name], withdrawal="asked") for name in event.sub_case_ids}
    return changed(case, sub_cases={**case.sub_cases, **asked}, withdrawal_by=event.by)


def _bundle_issued(case: Case, event: BundleIssued) -> Case:
    bundle = Bundle(
        certificate_id=event.certificate_id,
        certificate=event.certificate,
        over_seq=event.over_seq,
        over_head=event.over_head,
        issued_at=event.at,
    )
    handed_out = {
        one.id: changed(one, status=SubCaseStatus.GRANTED, decided_at=event.at)
        for one in case.sub_cases.values()
        if one.spec.kind == "bundle"
    }
    return changed(case, bundle=bundle, sub_cases={**case.sub_cases, **handed_out})


def _concluded(case: Case, event: CaseConcluded) -> Case:
    """Close the case; where nothing could be handed out together, the bundle step is moot."""
    moot = {
        one.id: changed(one, status=SubCaseStatus.NOT_APPLICABLE, decided_at=event.at)
        for one in case.sub_cases.values()
        if one.spec.kind == "bundle" and not one.is_decided
    }
    return changed(
        case,
        outcome=CaseStatus(event.outcome),
        concluded_at=event.at,
        sub_cases={**case.sub_cases, **moot} if moot else case.sub_cases,
    )


_SubCaseEvent = (
    MessagePrepared
    | DeliveryFailed
    | DeliveryReset
    | DepartmentReported
    | HeadSeen
    | ReportRefused
    | SubCaseHalted
    | IncidentRaised
    | DeemedAccepted
    | DeadlinePassed
    | SubCaseDropped
    | SubCaseCancelled
)


def _evolve_sub_case(sub: SubCase, event: _SubCaseEvent) -> SubCase:
    match event:
        case DepartmentReported():
            return _reported(sub, event.event)
        case MessagePrepared():
            return _prepared(sub, event)
        case DeliveryFailed():
            return _with_delivery(
                sub,
                event.message_id,
                effect=event.effect,
                tries=event.tries,
                not_before=event.not_before,
            )
        case DeliveryReset():
            return _with_delivery(sub, event.message_id, effect="none", not_before=None)
        case HeadSeen():
            return changed(sub, head_seen=event.head_seq)
        case ReportRefused():
            return changed(sub, read_tries=event.tries, read_not_before=event.not_before)
        case SubCaseHalted():
            return changed(sub, halted=event.problem)
        case IncidentRaised():
            return changed(sub, incident=event.problem)
        case DeemedAccepted():
            return changed(
                sub,
                status=SubCaseStatus.ACCEPTED,
                deemed_due_at=event.due_at,
                accepted_at=event.accepted_at,
            )
        case DeadlinePassed():
            return changed(sub, passed=(*sub.passed, event.limit))
        case SubCaseDropped():
            return changed(sub, status=SubCaseStatus.NOT_APPLICABLE, decided_at=event.at)
        case SubCaseCancelled():
            return changed(
                sub,
                status=SubCaseStatus.WITHDRAWN,
                decided_at=event.at,
                withdrawal="sent",
                deliveries=(),
            )
    assert_never(event)


def _prepared(sub: SubCase, event: MessagePrepared) -> SubCase:
    delivery = Delivery(
        message=event.message,
        message_id=event.message_id,
        submission_id=event.submission_id,
        request_digest=event.request_digest,
        answers=event.answers,
    )
    waiting = changed(sub, deliveries=(*sub.deliveries, delivery), attempt=event.attempt)
    if event.message == "submission":
        fresh = Submission(submission_id=event.submission_id)
        return changed(
            waiting, status=SubCaseStatus.FILING, submission=fresh, digests=(), head_seen=0
        )
    if event.message == "withdrawal":
        return changed(waiting, withdrawal="sent", withdrawals=sub.withdrawals + 1)
    return waiting


def _with_delivery(sub: SubCase, message_id: str, **changes: Any) -> SubCase:
    return changed(
        sub,
        deliveries=tuple(
            changed(one, **changes) if one.message_id == message_id else one
            for one in sub.deliveries
        ),
    )


# --- what a department's event means for the sub-case ------------------------------------------

_Fact = Callable[[SubCase, DepartmentEvent, datetime], dict[str, Any]]


def _reported(sub: SubCase, event: DepartmentEvent) -> SubCase:
    before = sub.submission or Submission(submission_id=event.submission_id)
    submission = advance(before, event)
    changes: dict[str, Any] = {
        "submission": submission,
        "digests": (*sub.digests, event.digest),
        "head_seen": max(sub.head_seen, event.seq),
        "status": _status(sub, submission),
        "deliveries": tuple(
            one
            for one in sub.deliveries
            if not _confirms(event, one) and not _is_moot(one, submission)
        ),
        "read_tries": 0,
        "read_not_before": None,
        "incident": None,
    }
    fact = _FACTS.get(event.type)
    if fact is not None:
        changes |= fact(sub, event, legal_instant(event))
    return changed(sub, **changes)


def legal_instant(event: DepartmentEvent) -> datetime:
    """Return when ``event`` took effect; what claims the future counts from its writing."""
    return min(stated_instants(event))


def _status(sub: SubCase, submission: Submission) -> SubCaseStatus:
    if submission.state is None:
        return sub.status  # an x_ event came before the receipt
    status = SubCaseStatus(submission.state.value)
    # Deemed acceptance is the engine's own finding: the department may still say "received".
    if status is SubCaseStatus.RECEIVED and sub.is_deemed:
        return SubCaseStatus.ACCEPTED
    return status


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
    day: date = legal_day(at)
    return tuple(
        changed(pause, end=max(day, pause.start)) if pause.end is None else pause
        for pause in sub.pauses
    )


def _texts(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()
