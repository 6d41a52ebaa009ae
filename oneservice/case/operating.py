"""What follows from an operator's order. Nothing is guessed, nothing granted is undone.

An order is refused, with what to do instead, where the world may hold something that the order
would make us forget: a message of unknown effect is never followed by another id.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NoReturn, TypeAlias, assert_never, get_args

from oneservice.case.actors import Role
from oneservice.case.draft import Draft
from oneservice.case.events import (
    DepartmentReported,
    Reassigned,
    SubCaseCancelled,
    SubCaseHalted,
    SubCaseResumed,
    WithdrawalAsked,
)
from oneservice.case.operating_events import (
    AdoptedDecision,
    CaseClosed,
    OutcomeAdopted,
    RetryOrdered,
)
from oneservice.case.operating_inputs import AdoptOutcome, CloseCase, Reassign, Resume, RetryNow
from oneservice.case.people_decide import await_consents
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.errors import IdentifierError, IllegalInputError
from oneservice.identifiers import parse_region
from oneservice.workdays import WorkCalendar, WorkCalendars, legal_day

__all__ = ["halt_if_contradicted", "operated"]

_STANDS: Final = frozenset({SubCaseStatus.GRANTED, SubCaseStatus.GRANTED_PENDING_MATERIAL})
_MAX_NUMBER: Final = 64
_DECISIONS: Final = get_args(AdoptedDecision)
_DEPARTMENT: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
"""An id of a department as catalogs and endpoints write it."""


_Order: TypeAlias = Resume | RetryNow | AdoptOutcome | Reassign | CloseCase


def operated(draft: Draft, given: _Order, calendar: WorkCalendar) -> None:
    """Decide an operator's order."""
    match given:
        case Resume():
            _resumed(draft, given)
        case RetryNow():
            _retried(draft, given)
        case AdoptOutcome():
            _adopted(draft, given)
        case Reassign():
            _reassigned(draft, given, calendar)
        case CloseCase():
            _closed(draft, given)
        case _:
            assert_never(given)


def _resumed(draft: Draft, given: Resume) -> None:
    sub = draft.sub_case(given.sub_case_id)
    if sub.halted is None:
        _refuse(sub, "it is not halted; there is nothing to resume")
    draft.add(SubCaseResumed(at=given.at, sub_case_id=sub.id, by=given.by, why=given.why))


def _retried(draft: Draft, given: RetryNow) -> None:
    """Have the next try at once."""
    sub = draft.sub_case(given.sub_case_id)
    if sub.halted is not None:
        _refuse(sub, "it is halted, nothing is tried; settle why, then resume it")
    waits = [one.not_before for one in sub.deliveries] + [sub.read_not_before]
    if not any(one is not None and one > given.at for one in waits):
        _refuse(sub, "nothing waits for a next try; what is on its way needs no order")
    draft.add(RetryOrdered(at=given.at, sub_case_id=sub.id, by=given.by, why=given.why))


def _adopted(draft: Draft, given: AdoptOutcome) -> None:
    """Take a decision over from paper, only where the protocol does not tell it any more."""
    sub = draft.sub_case(given.sub_case_id)
    problem = _why_not_adopted(draft.case, sub, given)
    if problem is not None:
        _refuse(sub, problem)
    draft.add(
        OutcomeAdopted(
            at=given.at,
            sub_case_id=sub.id,
            decision=given.decision,
            decided_on=given.decided_on,
            evidence=given.evidence,
            by=given.by,
            why=given.why,
            number=given.number,
            second=given.second,
        )
    )


def _why_not_adopted(case: Case, sub: SubCase, given: AdoptOutcome) -> str | None:
    is_in_person = _was_not_shared(case, sub)
    if (sub.submission is None and not is_in_person) or sub.spec.kind == "bundle":
        return "it was never filed; there is no decision that could be taken over"
    owes_only = sub.status is SubCaseStatus.GRANTED_PENDING_MATERIAL and (
        case.people.closed is not None or _is_in_doubt(sub)
    )
    if (sub.is_decided or sub.status in _STANDS) and not owes_only:
        return "it is decided by the department's own signed word; that counts"
    if owes_only and given.decision != "granted":
        return "it is granted but for a material, and what is granted stands: adopt 'granted' only"
    if not (owes_only or is_in_person or _is_in_doubt(sub)):
        return (
            "the department answers by the protocol; only where it is halted, shows an incident or "
            "its outcome is unknown, a decision may be taken over from paper"
        )
    if given.decided_on > legal_day(given.at):
        return "the decision bears a date to come"
    if given.decided_on < legal_day(case.opened_at):
        return "the decision is older than the case, so it is another application's"
    if len(given.number) > _MAX_NUMBER:
        return f"the number of a decision has at most {_MAX_NUMBER} characters"
    if given.second is not None and _are_not_two(given):
        return "four eyes: the second must be another operator or officer"
    if given.decision not in _DECISIONS:
        return f"that is no decision that could be adopted; choose of {', '.join(_DECISIONS)}"
    return None


def _was_not_shared(case: Case, sub: SubCase) -> bool:
    """Say whether the applicant let nothing of it go there, and so does it there in person.

    Who went there may come back with the decision after the step was given to another office.
    """
    is_waiting = sub.submission is None and sub.status is SubCaseStatus.WAITING
    return is_waiting and case.people.was_unshared(sub.id)


def _is_in_doubt(sub: SubCase) -> bool:
    is_unknown = any(one.effect == "unknown" for one in sub.deliveries)
    return sub.halted is not None or sub.incident is not None or is_unknown


def _are_not_two(given: AdoptOutcome) -> bool:
    second = given.second
    return (
        second is None
        or second.id == given.by.id
        or second.role not in (Role.OPERATOR, Role.OFFICER)
    )


def halt_if_contradicted(draft: Draft, before: Case, name: str, at: datetime) -> bool:
    """Stop a sub-case whose department signed another decision than was adopted; say whether.

    Both stay in the journal: the paper that was taken over, and the signed event, which counts.
    """
    was = before.sub_cases.get(name)
    if was is None or was.adopted is None or was.status is not was.adopted:
        return False
    sub = draft.sub_case(name)
    told = [one for one in draft.events if isinstance(one, DepartmentReported)]
    if not told or sub.status is was.adopted or {sub.status, was.adopted} <= _STANDS:
        return False
    problem = f"contradicted: {sub.status} is signed, {was.adopted} was adopted from paper"
    draft.add(
        SubCaseHalted(at=at, sub_case_id=name, problem=problem, evidence=told[-1].events[-1:])
    )
    return True


def _reassigned(draft: Draft, given: Reassign, calendar: WorkCalendar) -> None:
    """Give a step to another department, where no department has it in hand."""
    sub = draft.sub_case(given.sub_case_id)
    problem = _why_not_reassigned(draft.case, sub, given) or _why_no_place(given)
    if problem is not None:
        _refuse(sub, problem)
    draft.add(
        Reassigned(
            at=given.at,
            sub_case_id=sub.id,
            department=given.department,
            by=given.by,
            why=given.why,
            region=given.region,
            calendar=_whose_days(draft.case, sub, given.region, calendar),
        )
    )
    await_consents(draft, given.wanted, given.at)


def _whose_days(case: Case, sub: SubCase, region: str, calendar: WorkCalendar) -> str | None:
    """Return under which key the days of an office in ``region`` stand; ``None``: as before.

    As a plan pins it: the nearest region whose days are known here, else those of the case.
    """
    if not region:
        return None
    key = calendar.key_for(region, own=case.region) if isinstance(calendar, WorkCalendars) else ""
    before = {sub.spec.calendar, case.people.newest_spec(sub.spec).calendar}
    return None if before == {key} else key


def _why_not_reassigned(case: Case, sub: SubCase, given: Reassign) -> str | None:
    if case.outcome is not None:
        return "the case has ended"
    if sub.spec.kind == "bundle":
        return "results are handed out by this engine, not by a department"
    if given.department == sub.spec.department and given.region in ("", sub.spec.region):
        return f"{given.department} has it already"
    if sub.status in (SubCaseStatus.WAITING, SubCaseStatus.NOT_ACCEPTED):
        return None
    if sub.is_decided or sub.status in _STANDS:
        return f"it is decided ({sub.status}); what a department decided stands"
    if sub.halted is None:
        return f"{sub.spec.department} has it in hand; withdraw it there first, or wait"
    if sub.digests or any(one.effect == "unknown" for one in sub.deliveries):
        return f"{sub.spec.department} may hold it; settle that first: resume, or adopt its outcome"
    return None


def _why_no_place(given: Reassign) -> str | None:
    """Say why nobody can be meant; what was typed is not repeated, it may be anything."""
    if _DEPARTMENT.fullmatch(given.department) is None:
        return "no department can be meant: take its id from the catalog, as 'market-regulation'"
    if given.region:
        try:
            parse_region(given.region)
        except IdentifierError as error:
            return f"the region cannot be meant: {error}"
    return None


def _closed(draft: Draft, given: CloseCase) -> None:
    """End all that is open, each part in the way that is still its own."""
    case = draft.case
    if case.outcome is not None or case.people.closed is not None:
        why = "has ended" if case.outcome is not None else "was closed before"
        msg = f"case {case.id} {why}; there is nothing to close"
        raise IllegalInputError(msg, status=str(case.status))
    open_ones = [sub for sub in case.sub_cases.values() if _ends_with_the_case(case, sub)]
    left = tuple(one.id for one in open_ones if one.submission is not None and _is_in_doubt(one))
    asked = tuple(
        one.id
        for one in open_ones
        if one.id not in left and (one.submission is None or one.withdrawal in ("no", "refused"))
    )
    draft.add(CaseClosed(at=given.at, by=given.by, why=given.why, left=left))
    if asked:
        draft.add(WithdrawalAsked(at=given.at, sub_case_ids=asked, by=given.by, why=given.why))
    for name in asked:
        if draft.sub_case(name).submission is None:
            draft.add(SubCaseCancelled(at=given.at, sub_case_id=name))


def _ends_with_the_case(case: Case, sub: SubCase) -> bool:
    """Say whether closing ends ``sub``: a check after a grant goes on, as the grant does."""
    if sub.is_decided or sub.spec.kind == "bundle" or sub.status in _STANDS:
        return False
    checked = [case.sub_cases[name].status in _STANDS for name in sub.spec.requires]
    return not (sub.spec.kind == "follow_up" and checked and all(checked))


def _refuse(sub: SubCase, problem: str) -> NoReturn:
    msg = f"{sub.id}: {problem}"
    raise IllegalInputError(msg, status=str(sub.status))
