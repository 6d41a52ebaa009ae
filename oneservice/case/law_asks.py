"""What people ask where the law leaves room: another attempt, more time, a fresh bundle."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from oneservice.case.attempts import file_again
from oneservice.case.bundles import fresh_bundle_asked
from oneservice.case.clocks import case_due_date
from oneservice.case.draft import Draft
from oneservice.case.inputs import AskFreshBundle, ExtendJoint, FileAgain
from oneservice.case.law_events import JointExtended
from oneservice.errors import IllegalInputError
from oneservice.workdays import JOINT_EXTENSION_WORKING_DAYS, WorkCalendar, legal_day

__all__ = ["LawAsk", "decide_law"]

LawAsk: TypeAlias = FileAgain | ExtendJoint | AskFreshBundle


def decide_law(draft: Draft, given: LawAsk, calendar: WorkCalendar) -> None:
    """Decide ``given``; raises :class:`IllegalInputError` where the law leaves no room for it."""
    match given:
        case FileAgain():
            file_again(draft, given)
        case ExtendJoint():
            _joint_extended(draft, given, calendar)
        case AskFreshBundle():
            fresh_bundle_asked(draft, given)
        case _:
            assert_never(given)


def _joint_extended(draft: Draft, given: ExtendJoint, calendar: WorkCalendar) -> None:
    """Take the one extension of joint handling that the law knows (Licensing Law art. 42)."""
    case = draft.case
    due = case_due_date(case, "joint", calendar)
    problem = None
    if due is None:
        problem = "no joint limit runs; it begins with the first acceptance"
    elif case.course.joint_more_days:
        problem = "joint handling was extended already, and the law allows it once"
    elif not 1 <= given.days <= JOINT_EXTENSION_WORKING_DAYS:
        problem = f"the law allows 1 to {JOINT_EXTENSION_WORKING_DAYS} working days more"
    elif legal_day(given.at) > due.on:
        problem = f"the joint limit ended on {due.on}; it is extended before that or not at all"
    elif not (given.approved_by.strip() and given.reason.strip()):
        problem = "name the government that approved, and the reason told to the applicant"
    if problem is not None:
        msg = f"case {case.id}: {problem}"
        raise IllegalInputError(msg, status=str(case.status))
    draft.add(
        JointExtended(
            at=given.at,
            days=given.days,
            approved_by=given.approved_by,
            reason=given.reason,
            by=given.by,
        )
    )
