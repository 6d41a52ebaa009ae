"""``evolve``: what a recorded event means. It is total: what was recorded is never refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, assert_never

from oneservice.case.changing import changed, put
from oneservice.case.counter_fold import fold_counter
from oneservice.case.counter_state import NO_COUNTER, Counter
from oneservice.case.counter_terms import AtCounter
from oneservice.case.course import CaseCourse
from oneservice.case.events import (
    BundleIssued,
    CaseConcluded,
    CaseDeadlineNear,
    CaseDeadlinePassed,
    CaseEscalated,
    CaseOpened,
    ClockDiffered,
    DeadlineNear,
    DeadlinePassed,
    DeemedAccepted,
    DeemedGranted,
    DeliveryFailed,
    DeliveryReset,
    DepartmentReported,
    Escalated,
    Event,
    FiledAgain,
    FilingRecalled,
    FreshBundleAsked,
    HeadSeen,
    IncidentRaised,
    JointExtended,
    Message,
    MessagesPrepared,
    Reassigned,
    ReportRefused,
    SubCaseCancelled,
    SubCaseDropped,
    SubCaseHalted,
    SubCaseResumed,
    WaitOverdue,
    WithdrawalAsked,
)
from oneservice.case.people_fold import PeopleFact, people_told_of
from oneservice.case.reported import reported
from oneservice.case.state import (
    Bundle,
    Case,
    CaseStatus,
    Delivery,
    SubCase,
    SubCaseStatus,
)
from oneservice.case.submissions import Submission
from oneservice.case.turns import SubCaseTurn, case_turned, sub_case_turned
from oneservice.errors import JournalCorruptError

__all__ = ["evolve", "numbered", "replay", "with_sub_case"]


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
    return numbered(case, _after(case, event))


def numbered(before: Case, after: Case) -> Case:
    """Return ``after``, made from ``before`` by one record, with that record's number."""
    if after is before:
        return changed(after, seq=before.seq + 1)
    put(after, {"seq": before.seq + 1})  # a fresh copy, which nobody has seen
    return after


def _after(case: Case, event: Event) -> Case:
    if isinstance(event, AtCounter):
        return changed(case, counter=fold_counter(case.counter, event))
    if isinstance(event, PeopleFact):
        return people_told_of(case, event)
    match event:
        case CaseOpened():  # looked at before: it is the first of a history, or refused
            return case
        case DepartmentReported():
            sub_case = reported(case.sub_cases[event.sub_case_id], event.events, seq=case.seq + 1)
            return with_sub_case(case, sub_case)
        case MessagesPrepared():
            return _messages_prepared(case, event)
        case WithdrawalAsked():
            return _withdrawal_asked(case, event)
        case BundleIssued():
            return _bundle_issued(case, event)
        case CaseConcluded():
            return _concluded(case, event)
        case (
            Reassigned()
            | FiledAgain()
            | FilingRecalled()
            | JointExtended()
            | CaseDeadlineNear()
            | CaseDeadlinePassed()
            | CaseEscalated()
            | FreshBundleAsked()
        ):
            return case_turned(case, event)
        case _:
            sub_case = _evolve_sub_case(case.sub_cases[event.sub_case_id], event)
            return with_sub_case(case, sub_case)


def with_sub_case(case: Case, sub_case: SubCase) -> Case:
    """Return ``case`` with the newer state of one of its sub-cases."""
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
        seq=1,
        counter=Counter(receipt=event.receipt) if event.receipt is not None else NO_COUNTER,
        course=CaseCourse(
            lead=event.lead, promised_days=event.promised_days, joint_days=event.joint_days
        ),
    )


def _messages_prepared(case: Case, event: MessagesPrepared) -> Case:
    sub_cases = dict(case.sub_cases)
    for message in event.messages:
        sub = _prepared(sub_cases[message.sub_case_id], message)
        if sub.spec.kind == "follow_up" and message.message == "submission":
            sub = _checks_from(sub, sub_cases)
        sub_cases[sub.id] = sub
    return changed(case, sub_cases=sub_cases)


def _checks_from(sub: SubCase, subs: Mapping[str, SubCase]) -> SubCase:
    """Start the clock of a check after a grant (事后核查) with the last grant that it checks."""
    grants = [subs[name].decided_at for name in sub.spec.requires]
    since = max((one for one in grants if one is not None), default=None)
    return changed(sub, course=changed(sub.course, clock_from=since))


def _withdrawal_asked(case: Case, event: WithdrawalAsked) -> Case:
    asked = {
        name: changed(case.sub_cases[name], withdrawal="asked", withdrawal_asked_at=event.at)
        for name in event.sub_case_ids
    }
    return changed(case, sub_cases={**case.sub_cases, **asked}, withdrawal_by=event.by)


def _bundle_issued(case: Case, event: BundleIssued) -> Case:
    bundle = Bundle(
        certificate_id=event.certificate_id,
        certificate=event.certificate,
        over_seq=event.over_seq,
        over_head=event.over_head,
        issued_at=event.at,
        version=event.version,
    )
    handed_out = {
        one.id: changed(one, status=SubCaseStatus.GRANTED, decided_at=event.at)
        for one in case.sub_cases.values()
        if one.spec.kind == "bundle"
    }
    course = changed(case.course, wants_bundle=False) if case.course.wants_bundle else case.course
    return changed(case, bundle=bundle, sub_cases={**case.sub_cases, **handed_out}, course=course)


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
    DeliveryFailed
    | DeliveryReset
    | HeadSeen
    | ReportRefused
    | SubCaseHalted
    | SubCaseResumed
    | IncidentRaised
    | DeemedAccepted
    | DeadlinePassed
    | SubCaseDropped
    | SubCaseCancelled
    | SubCaseTurn
)


def _evolve_sub_case(sub: SubCase, event: _SubCaseEvent) -> SubCase:
    match event:
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
            return changed(
                sub, halted=event.problem, course=changed(sub.course, halted_at=event.at)
            )
        case SubCaseResumed():
            return _resumed(sub)
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
            return changed(
                sub,
                status=SubCaseStatus.NOT_APPLICABLE,
                decided_at=event.at,
                course=changed(sub.course, because=event.because),
            )
        case SubCaseCancelled():
            return changed(
                sub,
                status=SubCaseStatus.WITHDRAWN,
                decided_at=event.at,
                withdrawal="sent",
                deliveries=(),
            )
        case DeadlineNear() | WaitOverdue() | Escalated() | DeemedGranted() | ClockDiffered():
            return sub_case_turned(sub, event)
    assert_never(event)


def _prepared(sub: SubCase, message: Message) -> SubCase:
    delivery = Delivery(
        message=message.message,
        message_id=message.message_id,
        submission_id=message.submission_id,
        request_digest=message.request_digest,
        answers=message.answers,
        names=message.names,
    )
    changes: dict[str, Any] = {
        "deliveries": (*sub.deliveries, delivery),
        "attempt": message.attempt,
    }
    if message.message == "submission":
        fresh = Submission(submission_id=message.submission_id)
        changes |= {
            "status": SubCaseStatus.FILING,
            "submission": fresh,
            "digests": (),
            "head_seen": 0,
        }
    elif message.message == "withdrawal":
        changes |= {"withdrawal": "sent", "withdrawals": sub.withdrawals + 1}
    return changed(sub, **changes)


_NOT_READ: Final = -1
"""No head is this one: the department is read, whatever it told last."""


def _resumed(sub: SubCase) -> SubCase:
    """Doubt everything that was sent: a read shows what became of it."""
    return changed(
        sub,
        halted=None,
        course=changed(
            sub.course,
            halted_at=None,
            overdue=tuple(one for one in sub.course.overdue if not one.startswith("operator:")),
        ),
        incident=None,
        head_seen=_NOT_READ,
        read_tries=0,
        read_not_before=None,
        deliveries=tuple(
            changed(one, effect="unknown", tries=0, not_before=None) for one in sub.deliveries
        ),
    )


def _with_delivery(sub: SubCase, message_id: str, **changes: Any) -> SubCase:
    return changed(
        sub,
        deliveries=tuple(
            changed(one, **changes) if one.message_id == message_id else one
            for one in sub.deliveries
        ),
    )
