"""Further attempts at a step: filed again, or returned by one unit and given to the next.

An attempt has an id of its own, so a further one begins only after the one before has ended
(protocol P-19): never while an outcome is unknown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from oneservice.case.draft import Draft
from oneservice.case.events import SubCaseHalted
from oneservice.case.inputs import FileAgain
from oneservice.case.law_events import FiledAgain, Reassigned
from oneservice.case.state import Case, CaseStatus, SubCase, SubCaseStatus
from oneservice.errors import IllegalInputError

__all__ = ["NOT_COMPETENT", "NO_UNIT_LEFT", "file_again", "may_file_again", "reassign_returned"]

NOT_COMPETENT: Final = "not-competent"
"""The reason code with which a unit returns a report that is not its own (派单退回)."""
NO_UNIT_LEFT: Final = "no unit takes it: the lead department decides who acts"

_MAY_FOLLOW: Final = frozenset(
    {SubCaseStatus.NOT_ACCEPTED, SubCaseStatus.LAPSED, SubCaseStatus.REFUSED}
)


def file_again(draft: Draft, given: FileAgain) -> None:
    """Begin another attempt where the law leaves room for one.

    Not accepted or lapsed: nothing was decided, so the applicant mends it and files again. Refused:
    only once the refusal was annulled on review or in court (protocol section 6).
    """
    sub = draft.sub_case(given.sub_case_id)
    problem = _why_not_filed_again(draft.case, sub, given)
    if problem is not None:
        msg = f"case {draft.case.id}: {sub.id} {problem}"
        raise IllegalInputError(msg, status=str(sub.status))
    before = sub.submission.submission_id if sub.submission else ""
    why = f"{given.annulled_by}: {given.why}" if given.annulled_by else given.why
    draft.add(FiledAgain(at=given.at, sub_case_id=sub.id, continues=before, by=given.by, why=why))


def may_file_again(case: Case, sub: SubCase) -> bool:
    """Say whether the applicant may file ``sub`` again without anybody's leave."""
    is_over = sub.submission is not None and sub.submission.has_ended
    is_undecided = sub.status in (SubCaseStatus.NOT_ACCEPTED, SubCaseStatus.LAPSED)
    return (
        is_over and is_undecided and sub.halted is None and case.status is not CaseStatus.WITHDRAWN
    )


def _why_not_filed_again(case: Case, sub: SubCase, given: FileAgain) -> str | None:
    if sub.halted is not None:
        return "is halted; settle that with the department and resume it first"
    if sub.status not in _MAY_FOLLOW:
        return (
            f"is {sub.status}; another attempt follows only one that was not accepted, lapsed, or "
            "was refused and annulled on review"
        )
    if sub.submission is not None and not sub.submission.has_ended:
        return "was ended on paper only; the department must end it on the record first (P-19)"
    if sub.status is SubCaseStatus.REFUSED and not given.annulled_by.strip():
        return (
            "is refused: name the decision that annulled the refusal (annulled_by), or apply for "
            "review first"
        )
    if case.status is CaseStatus.WITHDRAWN:
        return "belongs to a case that was withdrawn; open a new case"
    if not given.why.strip():
        return "needs a reason for another attempt (why): it is told to the department's auditors"
    return None


def reassign_returned(draft: Draft, name: str, at: datetime) -> None:
    """Give a report that its unit returned as not its own to the next one of the duty table.

    After the last unit, or as many returns as the table allows, the lead department decides who
    acts: the sub-case stands with it until a person says so.
    """
    sub = draft.sub_case(name)
    if sub.status is not SubCaseStatus.NOT_ACCEPTED or not sub.spec.accept_hours:
        return
    if all(one.get("code") != NOT_COMPETENT for one in sub.reasons):
        return
    returns, units = sub.course.returns, sub.spec.units
    why = f"returned by {sub.spec.department}: not competent"
    if returns < min(sub.spec.max_returns, len(units)):
        unit = units[returns]
        draft.add(
            Reassigned(
                at=at,
                sub_case_id=name,
                department=unit.department,
                why=why,
                duty=unit.duty,
                region=unit.region,
            )
        )
        return
    lead = draft.case.course.lead or sub.spec.department
    draft.add(Reassigned(at=at, sub_case_id=name, department=lead, why=why))
    draft.add(SubCaseHalted(at=at, sub_case_id=name, problem=NO_UNIT_LEFT))
