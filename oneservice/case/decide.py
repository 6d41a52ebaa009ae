"""``decide``: which facts follow from an input, in this state. It may refuse; it changes nothing.

Same case, same input, same calendar: the same facts, on any machine, in any year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

from oneservice.case.backoff import pause_ms
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
    StepSpec,
    SubCaseCancelled,
    SubCaseDropped,
    SubCaseHalted,
    WithdrawalAsked,
)
from oneservice.case.evolve import evolve
from oneservice.case.inputs import (
    AskWithdrawal,
    BundleSigned,
    DeliveryDidFail,
    Input,
    MessageComposed,
    NotFoundThere,
    OpenCase,
    ReportDidFail,
    StatusRead,
    SupplementGiven,
    TimePassed,
)
from oneservice.case.limits import next_deadline
from oneservice.case.state import OPENS_THE_NEXT, Case, Delivery, SubCase, SubCaseStatus
from oneservice.case.submissions import advance
from oneservice.errors import IllegalInputError
from oneservice.plan import Plan
from oneservice.workdays import WorkCalendar

__all__ = ["TRIES_BEFORE_AN_INCIDENT", "decide"]

TRIES_BEFORE_AN_INCIDENT: Final = 8
"""Failures in a row after which one incident is shown to people; trying goes on, slower."""


@dataclass(slots=True)
class _Draft:
    """The facts so far, and the case as it would be with them."""

    case: Case
    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        self.events.append(event)
        self.case = evolve(self.case, event, case_id=self.case.id)


def decide(
    case: Case | None, given: Input, *, case_id: str, calendar: WorkCalendar
) -> tuple[Event, ...]:
    """Return the facts that follow from ``given``; an empty tuple where nothing new was told.

    Args:
        case: the state, or ``None`` before the opening.
        given: what happened, with its instant.
        case_id: the id of the case.
        calendar: the working days of the deciding offices.

    Raises:
        IllegalInputError: the input does not fit the state; nothing is changed.
    """
    if isinstance(given, OpenCase):
        if case is not None:
            msg = f"case {case_id} is open already"
            raise IllegalInputError(msg, status=str(case.status))
        opened = _opening(given)
        draft = _Draft(evolve(None, opened, case_id=case_id), [opened])
    elif case is None:
        msg = f"case {case_id} was never opened"
        raise IllegalInputError(msg, status="none")
    else:
        draft = _Draft(case)
        _decide(draft, given, calendar)
    if draft.events:
        _settle(draft, given.at)
    return tuple(draft.events)


def step_specs(plan: Plan) -> tuple[StepSpec, ...]:
    """Return what the state machine needs of the steps of ``plan``."""
    return tuple(
        StepSpec(
            id=step.id,
            step_id=step.step_id,
            department=step.department,
            kind=str(step.kind),
            requires=step.requires,
            promised_days=step.promised.days,
            promised_unit=str(step.promised.unit),
            statutory_days=step.statutory.days if step.statutory else -1,
            statutory_unit=str(step.statutory.unit) if step.statutory else "working_days",
            correction=str(step.correction),
        )
        for step in plan.steps
    )


def _opening(given: OpenCase) -> CaseOpened:
    return CaseOpened(
        at=given.at,
        thing=given.plan.thing,
        region=given.plan.region,
        plan=given.plan.digest,
        definition=given.plan.definition,
        calendar=given.plan.calendar,
        form=given.form,
        steps=step_specs(given.plan),
    )


def _decide(draft: _Draft, given: Input, calendar: WorkCalendar) -> None:
    match given:
        case StatusRead():
            _status_read(draft, given)
        case MessageComposed():
            _message_composed(draft, given)
        case DeliveryDidFail():
            _delivery_failed(draft, given)
        case NotFoundThere():
            _not_found(draft, given)
        case ReportDidFail():
            _report_failed(draft, given)
        case SupplementGiven():
            _supplement_given(draft, given)
        case AskWithdrawal():
            _withdrawal_asked(draft, given)
        case BundleSigned():
            _bundle_signed(draft, given)
        case TimePassed():
            _time_passed(draft, given.at, calendar)
        case OpenCase():  # decided before, where there is no case yet
            return
        case _:
            assert_never(given)


def _sub_case(draft: _Draft, name: str) -> SubCase:
    try:
        return draft.case.sub_cases[name]
    except KeyError:
        msg = f"case {draft.case.id} has no step {name[:60]!r}"
        raise IllegalInputError(msg, status=str(draft.case.status)) from None


# --- messages to departments -------------------------------------------------------------------


def _message_composed(draft: _Draft, given: MessageComposed) -> None:
    sub = _sub_case(draft, given.sub_case_id)
    is_known = any(one.message_id == given.message_id for one in sub.deliveries)
    if given.message == "submission":
        is_due = sub.status is SubCaseStatus.WAITING and given.attempt == sub.attempt + 1
    else:
        is_due = sub.withdrawal == "asked"
    if is_known or not is_due:
        return  # composed twice: the first bytes are the ones that count
    draft.add(
        MessagePrepared(
            at=given.at,
            sub_case_id=sub.id,
            message=given.message,
            message_id=given.message_id,
            submission_id=given.submission_id,
            request_digest=given.request_digest,
            attempt=given.attempt,
        )
    )


def _supplement_given(draft: _Draft, given: SupplementGiven) -> None:
    sub = _sub_case(draft, given.sub_case_id)
    if sub.correction is None or sub.correction.correction_id != given.correction_id:
        msg = (
            f"{sub.id}: no correction {given.correction_id[:60]!r} is open; "
            "read case.corrections again, it may have been answered or decided"
        )
        raise IllegalInputError(msg, status=str(sub.status))
    if any(one.answers == given.correction_id for one in sub.deliveries):
        msg = f"{sub.id}: an answer to correction {given.correction_id[:60]!r} is on its way"
        raise IllegalInputError(msg, status=str(sub.status))
    if sub.submission is None:
        return
    draft.add(
        MessagePrepared(
            at=given.at,
            sub_case_id=sub.id,
            message="supplement",
            message_id=given.supplement_id,
            submission_id=sub.submission.submission_id,
            request_digest=given.request_digest,
            attempt=sub.attempt,
            answers=given.correction_id,
            by=given.by,
        )
    )


def _delivery_failed(draft: _Draft, given: DeliveryDidFail) -> None:
    sub = _sub_case(draft, given.sub_case_id)
    delivery = _delivery(sub, given.message_id)
    if delivery is None:
        return  # confirmed meanwhile by another way
    if given.effect == "refused" and given.problem == "not-open":
        # The race was lost honestly: read what happened instead (protocol section 12).
        _fail(draft, sub, delivery, given.at, "unknown", given.problem, 0)
    elif given.effect == "refused":
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=given.problem))
    else:
        _fail(draft, sub, delivery, given.at, given.effect, given.problem, given.retry_after_s)


def _fail(
    draft: _Draft,
    sub: SubCase,
    delivery: Delivery,
    at: datetime,
    effect: Literal["none", "unknown"],
    problem: str,
    retry_after_s: int,
) -> None:
    # Once unknown, a later "no effect" of a repeat says nothing about the first send.
    tries = delivery.tries + 1
    pause = pause_ms(delivery.message_id, tries, at_least_s=retry_after_s)
    draft.add(
        DeliveryFailed(
            at=at,
            sub_case_id=sub.id,
            message_id=delivery.message_id,
            effect="unknown" if delivery.effect == "unknown" else effect,
            problem=problem,
            tries=tries,
            not_before=at + timedelta(milliseconds=pause),
        )
    )
    if tries >= TRIES_BEFORE_AN_INCIDENT and sub.incident is None:
        draft.add(IncidentRaised(at=at, sub_case_id=sub.id, problem=problem))


def _not_found(draft: _Draft, given: NotFoundThere) -> None:
    sub = _sub_case(draft, given.sub_case_id)
    if sub.halted is not None:
        return
    if sub.submission is not None and sub.submission.seq > 0:
        problem = "lost: the department does not know a submission whose events it signed"
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=problem))
        return
    _reset_unknown(draft, sub, given.at)


def _reset_unknown(draft: _Draft, sub: SubCase, at: datetime) -> None:
    for delivery in sub.deliveries:
        if delivery.effect == "unknown":
            draft.add(
                DeliveryReset(at=at, sub_case_id=sub.id, message_id=delivery.message_id)
            )


def _report_failed(draft: _Draft, given: ReportDidFail) -> None:
    sub = _sub_case(draft, given.sub_case_id)
    if sub.halted is None:
        _refuse_report(
            draft,
            sub,
            given.at,
            given.problem,
            is_contract=given.is_contract,
            retry_after_s=given.retry_after_s,
        )


def _refuse_report(
    draft: _Draft,
    sub: SubCase,
    at: datetime,
    problem: str,
    *,
    is_contract: bool,
    retry_after_s: int = 0,
) -> None:
    tries = sub.read_tries + 1
    message_id = sub.submission.submission_id if sub.submission else sub.id
    pause = pause_ms(message_id, tries, at_least_s=retry_after_s)
    draft.add(
        ReportRefused(
            at=at,
            sub_case_id=sub.id,
            problem=problem,
            tries=tries,
            not_before=at + timedelta(milliseconds=pause),
        )
    )
    if sub.incident is None and (is_contract or tries >= TRIES_BEFORE_AN_INCIDENT):
        draft.add(IncidentRaised(at=at, sub_case_id=sub.id, problem=problem))


def _delivery(sub: SubCase, message_id: str) -> Delivery | None:
    return next((one for one in sub.deliveries if one.message_id == message_id), None)


# --- news from departments ---------------------------------------------------------------------


def _status_read(draft: _Draft, given: StatusRead) -> None:
    sub = _sub_case(draft, given.sub_case_id)
    submission = sub.submission
    if sub.halted is not None or submission is None:
        return
    if submission.submission_id != given.submission_id:
        return  # news of an attempt that is over
    rewritten = _rewritten(sub, given)
    if rewritten is not None:
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=rewritten))
        return
    for event in given.events:
        known = draft.case.sub_cases[sub.id].submission or submission
        if event.seq <= known.seq:
            continue
        if event.seq > known.seq + 1:
            break  # a gap: HeadSeen below makes us ask again
        problem = _problem_of(draft, sub.id, DepartmentReported(
            at=given.at, sub_case_id=sub.id, event=event
        ))
        if problem is not None:
            current = draft.case.sub_cases[sub.id]
            _refuse_report(draft, current, given.at, problem, is_contract=True)
            return
    _after_events(draft, sub.id, given)


def _problem_of(draft: _Draft, name: str, report: DepartmentReported) -> str | None:
    """Add ``report`` to the draft, or say why the protocol does not allow it."""
    sub = draft.case.sub_cases[name]
    delivery = sub.deliveries[0] if sub.deliveries else None
    digest = report.event.data.get("request_digest")
    if report.event.type == "received" and delivery and digest != delivery.request_digest:
        return "received: request_digest is not that of the bytes that were sent"
    try:
        if sub.submission is not None:
            advance(sub.submission, report.event)
    except IllegalInputError as error:
        return str(error)
    draft.add(report)
    return None


def _after_events(draft: _Draft, name: str, given: StatusRead) -> None:
    sub = draft.case.sub_cases[name]
    submission = sub.submission
    if submission is None:
        return
    if given.head_seq > max(submission.seq, sub.head_seen):
        draft.add(HeadSeen(at=given.at, sub_case_id=name, head_seq=given.head_seq))
    if given.head_seq != submission.seq:
        return
    if given.state is not None and submission.seq and given.state != submission.state:
        problem = f"state {given.state[:40]!r} is not the fold of the events ({submission.state})"
        _refuse_report(draft, sub, given.at, problem, is_contract=True)
    elif given.is_fresh_read:
        _reset_unknown(draft, sub, given.at)


def _rewritten(sub: SubCase, given: StatusRead) -> str | None:
    """Say how the answer contradicts what the department signed before (protocol section 12)."""
    held = len(sub.digests)
    if given.head_seq < held:
        return f"rewound: the department's head is {given.head_seq}, we hold {held} signed events"
    if given.head_seq == held and held and given.head_digest != sub.digests[-1]:
        return f"rewritten: another event {held} than the one that we hold"
    for event in given.events:
        if 1 <= event.seq <= held and event.digest != sub.digests[event.seq - 1]:
            return f"rewritten: another event {event.seq} than the one that we hold"
    return None


# --- people, seals and time --------------------------------------------------------------------


def _withdrawal_asked(draft: _Draft, given: AskWithdrawal) -> None:
    names = given.sub_case_ids or tuple(draft.case.sub_cases)
    subs = [_sub_case(draft, name) for name in names]
    open_ones = [sub for sub in subs if not sub.is_decided and sub.withdrawal in ("no", "refused")]
    if not open_ones:
        msg = f"case {draft.case.id}: nothing is open that could be withdrawn"
        raise IllegalInputError(msg, status=str(draft.case.status))
    draft.add(
        WithdrawalAsked(
            at=given.at, sub_case_ids=tuple(sub.id for sub in open_ones), by=given.by
        )
    )
    for sub in open_ones:
        if sub.submission is None:
            draft.add(SubCaseCancelled(at=given.at, sub_case_id=sub.id))


def _bundle_signed(draft: _Draft, given: BundleSigned) -> None:
    if draft.case.bundle is not None:
        return
    draft.add(
        BundleIssued(
            at=given.at,
            certificate_id=given.certificate_id,
            certificate=given.certificate,
            over_seq=given.over_seq,
            over_head=given.over_head,
        )
    )


def _time_passed(draft: _Draft, at: datetime, calendar: WorkCalendar) -> None:
    for name in draft.case.sub_cases:
        while True:
            sub = draft.case.sub_cases[name]
            deadline = next_deadline(sub, calendar)
            if deadline is None or deadline[2] > at:
                break
            limit, _, instant = deadline
            if limit == "notice":
                accepted_at = sub.notice_from or at
                draft.add(DeemedAccepted(at=at, sub_case_id=name, accepted_at=accepted_at))
            else:
                draft.add(
                    DeadlinePassed(at=at, sub_case_id=name, limit=limit, due_at=instant)
                )


# --- what follows by itself --------------------------------------------------------------------


def _settle(draft: _Draft, at: datetime) -> None:
    """Add what follows from the facts: steps that cannot come, and the end of the case."""
    while (dropped := next(_blocked(draft.case), None)) is not None:
        draft.add(SubCaseDropped(at=at, sub_case_id=dropped[0], because=dropped[1]))
    case = draft.case
    if case.outcome is None and _has_ended(case):
        draft.add(CaseConcluded(at=at, outcome=_outcome(case)))


def _blocked(case: Case) -> Iterator[tuple[str, str]]:
    for sub in case.sub_cases.values():
        if sub.status is SubCaseStatus.WAITING and sub.spec.kind != "bundle":
            for name in sub.spec.requires:
                required = case.sub_cases[name]
                if required.is_decided and required.status not in OPENS_THE_NEXT:
                    yield sub.id, name
                    break


def _has_ended(case: Case) -> bool:
    waited_for = [one for one in case.sub_cases.values() if one.spec.kind != "bundle"]
    if not all(one.is_decided for one in waited_for):
        return False
    return case.bundle is not None or not any(one.is_granted for one in waited_for)


def _outcome(case: Case) -> Literal["concluded", "rejected", "withdrawn"]:
    if case.bundle is not None:
        return "concluded"
    ends = {one.status for one in case.sub_cases.values() if one.spec.kind != "bundle"}
    is_withdrawn = SubCaseStatus.WITHDRAWN in ends and not ends & {
        SubCaseStatus.REFUSED,
        SubCaseStatus.NOT_ACCEPTED,
        SubCaseStatus.LAPSED,
    }
    return "withdrawn" if is_withdrawn else "rejected"
