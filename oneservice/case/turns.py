"""What facts of limits and of further attempts mean: the fold of :mod:`oneservice.case.law_events`.

Nothing here is refused: what was recorded counts.
"""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from oneservice.case.changing import changed
from oneservice.case.course import CaseIncident, Course, EndedAttempt
from oneservice.case.law_events import (
    CaseDeadlineNear,
    CaseDeadlinePassed,
    CaseEscalated,
    ClockDiffered,
    DeadlineNear,
    DeemedGranted,
    Escalated,
    FiledAgain,
    FilingRecalled,
    FreshBundleAsked,
    JointExtended,
    Reassigned,
    WaitOverdue,
)
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.case.step_spec import StepSpec

__all__ = ["CaseTurn", "SubCaseTurn", "case_turned", "sub_case_turned"]

SubCaseTurn: TypeAlias = DeadlineNear | WaitOverdue | Escalated | DeemedGranted | ClockDiffered
CaseTurn: TypeAlias = (
    CaseDeadlineNear
    | CaseDeadlinePassed
    | CaseEscalated
    | FiledAgain
    | FilingRecalled
    | FreshBundleAsked
    | JointExtended
    | Reassigned
)


def sub_case_turned(sub: SubCase, event: SubCaseTurn) -> SubCase:
    """Return ``sub`` with a fact that concerns it alone."""
    course = sub.course
    match event:
        case DeadlineNear():
            return changed(sub, course=changed(course, near=(*course.near, "promised")))
        case WaitOverdue():
            key = f"{event.wait}:{event.name}"
            return changed(sub, course=changed(course, overdue=(*course.overdue, key)))
        case Escalated():
            return changed(sub, course=changed(course, rung=event.rung, rung_at=event.at))
        case DeemedGranted():
            return changed(
                sub,
                status=SubCaseStatus.GRANTED,
                decided_at=event.due_at,
                course=changed(course, silence_at=event.due_at),
            )
        case ClockDiffered():
            return changed(sub, course=changed(course, said_due_on=event.said))
    assert_never(event)


def case_turned(case: Case, event: CaseTurn) -> Case:
    """Return ``case`` with a fact that concerns more than one sub-case of it."""
    course = case.course
    match event:
        case CaseDeadlineNear():
            return changed(case, course=changed(course, near=(*course.near, event.limit)))
        case CaseDeadlinePassed():
            return changed(case, course=changed(course, passed=(*course.passed, event.limit)))
        case JointExtended():
            return changed(case, course=changed(course, joint_more_days=event.days))
        case FreshBundleAsked():
            wanting = changed(course, wants_bundle=True)
            return changed(case, outcome=None, concluded_at=None, course=wanting)
        case CaseEscalated():
            return _case_escalated(case, event)
        case Reassigned():
            return _reassigned(case, event)
        case FiledAgain():
            return _filed_again(case, event)
        case FilingRecalled():
            return _recalled(case, case.sub_cases[event.sub_case_id])
    assert_never(event)


def _case_escalated(case: Case, event: CaseEscalated) -> Case:
    incident = CaseIncident(at=event.at, sub_case_id=event.sub_case_id, problem=event.problem)
    sub = case.sub_cases[event.sub_case_id]
    spent = changed(sub, course=changed(sub.course, is_ladder_spent=True))
    return changed(
        case,
        sub_cases={**case.sub_cases, spent.id: spent},
        course=changed(case.course, incidents=(*case.course.incidents, incident)),
    )


def _reassigned(case: Case, event: Reassigned) -> Case:
    sub = case.sub_cases[event.sub_case_id]
    returns = sub.course.returns + (1 if event.duty else 0)
    anew = _anew(case, sub, event.why, returns=returns, is_reassigned=True)
    region = event.region or sub.spec.region
    calendar = anew.spec.calendar if event.calendar is None else event.calendar
    spec = changed(anew.spec, department=event.department, region=region, calendar=calendar)
    return _reopened(case, changed(anew, spec=spec))


def _filed_again(case: Case, event: FiledAgain) -> Case:
    sub = case.sub_cases[event.sub_case_id]
    is_reassigned = sub.course.is_reassigned
    return _reopened(case, _anew(case, sub, event.why, is_reassigned=is_reassigned))


def _anew(case: Case, sub: SubCase, why: str, **course: Any) -> SubCase:
    """Return ``sub`` before its next attempt; what it went through is kept as ended.

    It begins under the definition to which the case is pinned: the one that is shown, filed and
    counted by. Whom it was given to keeps it.
    """
    submission = sub.submission
    ended = EndedAttempt(
        attempt=sub.attempt,
        department=sub.spec.department,
        submission_id=submission.submission_id if submission else "",
        status=str(sub.status),
        ended_at=sub.decided_at,
        accepted_at=sub.accepted_at,
        why=why,
        reasons=sub.reasons,
    )
    earlier = (*sub.course.earlier, ended) if submission else sub.course.earlier
    return SubCase(
        spec=_newest_spec(case, sub),
        attempt=sub.attempt,
        course=Course(
            earlier=earlier,
            clock_from=sub.course.clock_from,
            changed_seq=sub.course.changed_seq,
            **course,
        ),
    )


def _newest_spec(case: Case, sub: SubCase) -> StepSpec:
    spec = case.people.newest_spec(sub.spec)
    if not sub.course.is_reassigned:
        return spec
    old = sub.spec
    days = old.calendar if old.region != spec.region else spec.calendar  # they go with the region
    return changed(spec, department=old.department, region=old.region, calendar=days)


def _recalled(case: Case, sub: SubCase) -> Case:
    """Return ``case`` with ``sub`` waiting again: nobody has seen anything of the attempt.

    Its number stays used, should bytes come through late after all (protocol P-19).
    """
    waiting = changed(
        sub,
        spec=_newest_spec(case, sub),
        status=SubCaseStatus.WAITING,
        submission=None,
        digests=(),
        deliveries=(),
        head_seen=0,
        read_tries=0,
        read_not_before=None,
        incident=None,
    )
    people = case.people.begun_anew(frozenset({sub.id}))
    return changed(case, sub_cases={**case.sub_cases, sub.id: waiting}, people=people)


def _reopened(case: Case, sub: SubCase) -> Case:
    """Return ``case`` going on with ``sub``, and with what was dropped only because it had ended.

    A step that was dropped was never filed: nobody decided on it, so nothing stands in its way.
    """
    subs = {**case.sub_cases, sub.id: sub}
    begun = {sub.id}
    while (back := _comes_back(subs)) is not None:
        subs[back.id] = SubCase(spec=back.spec)
        begun.add(back.id)
    incidents = tuple(one for one in case.course.incidents if one.sub_case_id != sub.id)
    wants_bundle = case.course.wants_bundle or case.bundle is not None
    return changed(
        case,
        sub_cases=subs,
        outcome=None,
        concluded_at=None,
        people=case.people.begun_anew(frozenset(begun)),
        course=changed(case.course, incidents=incidents, wants_bundle=wants_bundle),
    )


def _comes_back(subs: dict[str, SubCase]) -> SubCase | None:
    for sub in subs.values():
        was_dropped = sub.course.because is not None and sub.submission is None
        is_moot_bundle = sub.spec.kind == "bundle"
        if sub.status is SubCaseStatus.NOT_APPLICABLE and (
            is_moot_bundle or (was_dropped and not _is_barred(sub, subs))
        ):
            return sub
    return None


def _is_barred(sub: SubCase, subs: dict[str, SubCase]) -> bool:
    required = (subs[name] for name in sub.spec.requires)
    return any(one.is_decided and not one.opens_the_next for one in required)
