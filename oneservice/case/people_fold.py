"""What recorded facts about people mean for a case: mandates, consents, operators' orders."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias, assert_never

from oneservice.canonical import Digest
from oneservice.case.changing import changed
from oneservice.case.course import Course
from oneservice.case.migration_events import Migrated
from oneservice.case.operating_events import BulkJoined, CaseClosed, OutcomeAdopted, RetryOrdered
from oneservice.case.people import Consent, Mandate, Migration, People, end_of_day
from oneservice.case.people_answers import with_answer
from oneservice.case.people_events import (
    ConsentAwaited,
    ConsentEnded,
    ConsentRecorded,
    ConsentRefused,
    MandateEnded,
    MandateGiven,
)
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.case.step_spec import StepSpec
from oneservice.workdays import legal_day

__all__ = ["PeopleFact", "people_told_of"]

PeopleFact: TypeAlias = (
    MandateGiven
    | MandateEnded
    | ConsentRecorded
    | ConsentEnded
    | ConsentRefused
    | ConsentAwaited
    | BulkJoined
    | RetryOrdered
    | OutcomeAdopted
    | CaseClosed
    | Migrated
)


def people_told_of(case: Case, event: PeopleFact) -> Case:
    """Return ``case`` after a fact of this family; total, as every fold."""
    match event:
        case MandateGiven() | MandateEnded():
            return changed(case, people=_mandated(case.people, event))
        case ConsentRecorded() | ConsentEnded() | ConsentRefused():
            return _doubted(case, _agreed(case, event), event.consent_id)
        case ConsentAwaited():
            # One of the same id that covers other steps stays beside it.
            consents = (*case.people.consents, _not_given(event, "awaited"))
            return changed(case, people=changed(case.people, consents=consents))
        case BulkJoined():
            return case  # it says only to which order the facts after it belong
        case RetryOrdered():
            return _with(case, _due_at_once(case.sub_cases[event.sub_case_id]))
        case OutcomeAdopted():
            people = changed(case.people, adopted=(*case.people.adopted, event))
            sub = _adopted(case.sub_cases[event.sub_case_id], event)
            return changed(_with(case, sub), people=people)
        case CaseClosed():
            left = {name: _left(case.sub_cases[name], event.at) for name in event.left}
            people = changed(case.people, closed=event)
            return changed(case, people=people, sub_cases={**case.sub_cases, **left})
        case Migrated():
            return _migrated(case, event)
    assert_never(event)


def _doubted(before: Case, after: Case, consent_id: str) -> Case:
    """Have each filing that is not confirmed looked for, where a consent that it rests on changed.

    Its bytes say what was agreed to when they were composed, so they are not sent again.
    """
    then, now = (
        [one for one in c.people.consents if one.id == consent_id] for c in (before, after)
    )
    told = [one for one in then if one not in now] + [one for one in now if one not in then]
    rests_on = [one for one in told if one.is_required]
    doubted = {
        sub.id: _looked_for(sub)
        for sub in after.sub_cases.values()
        if any(one.message == "submission" for one in sub.deliveries)
        and any(one.binds(sub.id, sub.spec.department) for one in rests_on)
    }
    return changed(after, sub_cases={**after.sub_cases, **doubted}) if doubted else after


def _looked_for(sub: SubCase) -> SubCase:
    deliveries = tuple(
        changed(one, effect="unknown", not_before=None, is_recalled=True)
        if one.message == "submission"
        else one
        for one in sub.deliveries
    )
    return changed(sub, deliveries=deliveries, read_not_before=None)


def _agreed(case: Case, event: ConsentRecorded | ConsentEnded | ConsentRefused) -> Case:
    people = case.people
    match event:
        case ConsentRecorded():
            consents = with_answer(people.consents, _consent(event), case.sub_cases)
        case ConsentRefused():
            no = _not_given(event, "refused")
            consents = with_answer(people.consents, no, case.sub_cases)
        case ConsentEnded():
            consents = tuple(
                changed(one, end=event.end, ended_at=event.at) if _ends(one, event) else one
                for one in people.consents
            )
    return changed(case, people=changed(people, consents=consents))


def _ends(one: Consent, event: ConsentEnded) -> bool:
    """Say whether ``one`` has ended: what ran out, or all of somebody who took it back."""
    is_over = one.is_alive and one.until is not None and end_of_day(one.until) <= event.at
    return one.id == event.consent_id and (event.end != "expired" or is_over)


def _mandated(people: People, event: MandateGiven | MandateEnded) -> People:
    match event:
        case MandateGiven():
            return changed(people, mandates=(*people.mandates, _mandate(event)))
        case MandateEnded():
            mandates = tuple(
                changed(one, end=event.end, ended_at=event.at)
                if one.id == event.mandate_id
                else one
                for one in people.mandates
            )
            return changed(people, mandates=mandates)
    assert_never(event)


def _mandate(event: MandateGiven) -> Mandate:
    return Mandate(
        id=event.mandate_id,
        agent=event.agent,
        proof=event.proof,
        given_at=event.at,
        sub_case_ids=event.sub_case_ids,
        actions=event.actions,
        until=event.until,
    )


def _consent(event: ConsentRecorded) -> Consent:
    return Consent(
        id=event.consent_id,
        purpose=event.purpose,
        level=event.level,
        proof=event.proof,
        agreed_at=event.agreed_at,
        sub_case_ids=event.sub_case_ids,
        is_required=event.is_required,
        until=event.until,
        fields=event.fields,
        materials=event.materials,
        evidence=event.evidence,
        document=event.document,
        offices=event.offices,
    )


def _not_given(
    event: ConsentRefused | ConsentAwaited, end: Literal["refused", "awaited"]
) -> Consent:
    return Consent(
        id=event.consent_id,
        purpose=event.purpose,
        level="",
        proof=Digest(""),
        agreed_at=event.at,
        sub_case_ids=event.sub_case_ids,
        is_required=True,
        offices=event.offices if isinstance(event, ConsentAwaited) else (),
        end=end,
        ended_at=event.at,
    )


def _with(case: Case, sub: SubCase) -> Case:
    return changed(case, sub_cases={**case.sub_cases, sub.id: sub})


def _due_at_once(sub: SubCase) -> SubCase:
    return changed(
        sub,
        read_not_before=None,
        deliveries=tuple(changed(one, not_before=None) for one in sub.deliveries),
    )


_ADOPTED: Final = {
    "granted": SubCaseStatus.GRANTED,
    "refused": SubCaseStatus.REFUSED,
    "not_accepted": SubCaseStatus.NOT_ACCEPTED,
    "withdrawn": SubCaseStatus.WITHDRAWN,
}


def _adopted(sub: SubCase, event: OutcomeAdopted) -> SubCase:
    status = _ADOPTED[event.decision]
    outcome = {
        "decision": event.decision,
        "number": event.number,
        "decided_on": event.decided_on.isoformat(),
        "adopted": True,
        "evidence": event.evidence,
    }
    ended = _ended(sub, event.at)
    if sub.status is SubCaseStatus.GRANTED_PENDING_MATERIAL:  # the grant is the department's own
        course = changed(ended.course, promises=())
        outcome, ended = (
            outcome | dict(sub.outcome or {}),
            changed(ended, decided_at=sub.decided_at, course=course),
        )
    return changed(
        ended,
        status=status,
        adopted=status,
        outcome=outcome if status is SubCaseStatus.GRANTED else None,
    )


def _left(sub: SubCase, at: datetime) -> SubCase:
    return changed(_ended(sub, at), status=SubCaseStatus.WITHDRAWN, adopted=SubCaseStatus.WITHDRAWN)


def _ended(sub: SubCase, at: datetime) -> SubCase:
    """Stop every clock and every message of ``sub``; only its department may still be heard."""
    day = legal_day(at)
    return changed(
        sub,
        decided_at=at,
        halted=None,
        incident=None,
        correction=None,
        deliveries=(),
        head_seen=len(sub.digests),
        read_tries=0,
        read_not_before=None,
        withdrawal="no" if sub.withdrawal == "asked" else sub.withdrawal,
        pauses=tuple(
            changed(one, end=max(day, one.start)) if one.end is None else one for one in sub.pauses
        ),
        course=changed(sub.course, halted_at=None, suspended_at=None, suspended_until=None),
    )


def _migrated(case: Case, event: Migrated) -> Case:
    kept = frozenset(event.kept)
    people = case.people
    done = Migration(
        at=event.at,
        before=event.before,
        after=event.plan,
        kept=event.kept,
        by=event.by,
        why=event.why,
        specs=tuple(spec for spec in event.steps if spec.id in kept),
    )
    return changed(
        case,
        plan=event.plan,
        definition=event.definition,
        calendar=event.calendar,
        form=event.form,
        people=changed(people, migrations=(*people.migrations, done)),
        sub_cases={
            spec.id: _under(spec, case.sub_cases.get(spec.id), is_kept=spec.id in kept)
            for spec in event.steps
        },
        course=changed(
            case.course,
            lead=event.lead,
            promised_days=event.promised_days,
            joint_days=event.joint_days,
        ),
    )


def _under(spec: StepSpec, before: SubCase | None, *, is_kept: bool) -> SubCase:
    """Return a step of the new definition, with what it went through under the old one.

    What a department has in hand, or decided, stays as it was filed. What was dropped or cancelled
    unfiled stays so, but waits for whom the new definition names, should it come back. One that was
    filed before and begins anew goes on counting its attempts: an id that a department has seen is
    never used for another filing (protocol P-19).
    """
    if before is not None and is_kept:
        return before if before.submission is not None else changed(before, spec=spec)
    if before is None or before.attempt == 0:
        return SubCase(spec=spec)
    was = before.course
    course = Course(
        earlier=was.earlier,
        clock_from=was.clock_from,
        changed_seq=was.changed_seq,
        returns=was.returns,
    )
    return SubCase(spec=spec, attempt=before.attempt, course=course)
