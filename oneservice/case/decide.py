"""``decide``: which facts follow from an input, in this state. It may refuse; it changes nothing.

Same case, same input, same calendar: the same facts, on any machine, in any year.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, assert_never

from oneservice.case.commands import results_are_in
from oneservice.case.counter import CounterAsk, decide_counter, pass_counter_time
from oneservice.case.deadlines import time_passed
from oneservice.case.deliveries import delivery_failed, messages_composed, supplement_given
from oneservice.case.draft import Draft
from oneservice.case.events import (
    BundleIssued,
    CaseConcluded,
    CaseOpened,
    Event,
    StepSpec,
    SubCaseCancelled,
    SubCaseDropped,
    SubCaseResumed,
    WithdrawalAsked,
)
from oneservice.case.evolve import evolve
from oneservice.case.inputs import (
    AskWithdrawal,
    BundleSigned,
    DeliveryDidFail,
    Input,
    MessagesComposed,
    NotFoundThere,
    OpenCase,
    ReportDidFail,
    Resume,
    StatusRead,
    SupplementGiven,
    TimePassed,
)
from oneservice.case.reports import not_found, report_failed, status_read
from oneservice.case.state import DECIDED, OPENS_THE_NEXT, Case, SubCase, SubCaseStatus
from oneservice.errors import IllegalInputError
from oneservice.plan import Plan
from oneservice.workdays import WorkCalendar

__all__ = ["decide", "step_specs", "transition"]


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
    return transition(case, given, case_id=case_id, calendar=calendar)[0]


def transition(
    case: Case | None, given: Input, *, case_id: str, calendar: WorkCalendar
) -> tuple[tuple[Event, ...], Case]:
    """Return the facts that :func:`decide` gives, and the case after them, folded once only."""
    if isinstance(given, OpenCase):
        if case is not None:
            msg = f"case {case_id} is open already"
            raise IllegalInputError(msg, status=str(case.status))
        opened = _opening(given)
        draft = Draft(evolve(None, opened, case_id=case_id), [opened])
    elif case is None:
        msg = f"case {case_id} was never opened"
        raise IllegalInputError(msg, status="none")
    else:
        draft = Draft(case)
        _decide(draft, given, calendar)
    if draft.events:
        _settle(draft, given.at)
    return tuple(draft.events), draft.case


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


def _decide(draft: Draft, given: Input, calendar: WorkCalendar) -> None:
    if isinstance(given, CounterAsk):
        decide_counter(draft, given)
        return
    match given:
        case StatusRead():
            status_read(draft, given)
        case MessagesComposed():
            messages_composed(draft, given)
        case DeliveryDidFail():
            delivery_failed(draft, given)
        case NotFoundThere():
            not_found(draft, given)
        case ReportDidFail():
            report_failed(draft, given)
        case SupplementGiven():
            supplement_given(draft, given)
        case AskWithdrawal():
            _withdrawal_asked(draft, given)
        case Resume():
            _resumed(draft, given)
        case BundleSigned():
            _bundle_signed(draft, given)
        case TimePassed():
            time_passed(draft, given.at, calendar)
            pass_counter_time(draft, given.at, calendar)
        case OpenCase():  # decided before, where there is no case yet
            return
        case _:
            assert_never(given)


# --- people, seals and time --------------------------------------------------------------------


def _withdrawal_asked(draft: Draft, given: AskWithdrawal) -> None:
    names = given.sub_case_ids or tuple(draft.case.sub_cases)
    subs = [draft.sub_case(name) for name in names]
    open_ones = [sub for sub in subs if _can_be_withdrawn(sub)]
    if not open_ones:
        msg = f"case {draft.case.id}: nothing is open that could be withdrawn"
        raise IllegalInputError(msg, status=str(draft.case.status))
    draft.add(
        WithdrawalAsked(
            at=given.at,
            sub_case_ids=tuple(sub.id for sub in open_ones),
            by=given.by,
            why=given.why,
        )
    )
    for sub in open_ones:
        if sub.submission is None:
            draft.add(SubCaseCancelled(at=given.at, sub_case_id=sub.id))


def _can_be_withdrawn(sub: SubCase) -> bool:
    """Say whether it is open at all: what is granted, if only but for papers, stands."""
    is_settled = sub.is_decided or sub.status is SubCaseStatus.GRANTED_PENDING_MATERIAL
    return not is_settled and sub.spec.kind != "bundle" and sub.withdrawal in ("no", "refused")


def _resumed(draft: Draft, given: Resume) -> None:
    sub = draft.sub_case(given.sub_case_id)
    if sub.halted is None:
        msg = f"case {draft.case.id}: {sub.id} is not halted; there is nothing to resume"
        raise IllegalInputError(msg, status=str(sub.status))
    draft.add(SubCaseResumed(at=given.at, sub_case_id=sub.id, by=given.by, why=given.why))


def _bundle_signed(draft: Draft, given: BundleSigned) -> None:
    if draft.case.bundle is not None:
        return
    if draft.case.outcome is not None or not results_are_in(draft.case):
        msg = f"case {draft.case.id}: there are no results to be handed out together"
        raise IllegalInputError(msg, status=str(draft.case.status))
    draft.add(
        BundleIssued(
            at=given.at,
            certificate_id=given.certificate_id,
            certificate=given.certificate,
            over_seq=given.over_seq,
            over_head=given.over_head,
        )
    )


# --- what follows by itself --------------------------------------------------------------------


def _settle(draft: Draft, at: datetime) -> None:
    """Add what follows from the facts: steps that cannot come, and the end of the case."""
    while (dropped := _blocked(draft.case)) is not None:
        draft.add(SubCaseDropped(at=at, sub_case_id=dropped[0], because=dropped[1]))
    case = draft.case
    if case.outcome is None and _has_ended(case):
        draft.add(CaseConcluded(at=at, outcome=_outcome(case)))


def _blocked(case: Case) -> tuple[str, str] | None:
    """Return a step that cannot come any more, and the ended step that it required."""
    for sub in case.sub_cases.values():
        if sub.status is SubCaseStatus.WAITING and sub.spec.kind != "bundle":
            for name in sub.spec.requires:
                required = case.sub_cases[name]
                if required.is_decided and required.status not in OPENS_THE_NEXT:
                    return sub.id, name
    return None


def _has_ended(case: Case) -> bool:
    waited_for = [one for one in case.sub_cases.values() if one.spec.kind != "bundle"]
    if any(one.status not in DECIDED for one in waited_for):
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
