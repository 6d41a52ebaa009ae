"""What follows by itself once facts were added: steps that cannot come, and the end of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from oneservice.case.draft import Draft
from oneservice.case.events import CaseConcluded, SubCaseDropped
from oneservice.case.state import DECIDED, Case, SubCaseStatus

__all__ = ["settle"]


def settle(draft: Draft, at: datetime) -> None:
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
                if required.is_decided and not required.opens_the_next:
                    return sub.id, name
    return None


def _has_ended(case: Case) -> bool:
    is_granted = False
    for one in case.sub_cases.values():  # a plain loop: it runs after every fact of a case
        if one.spec.kind == "bundle":
            continue
        if one.status not in DECIDED:
            return False
        is_granted = is_granted or one.is_granted
    is_handed_out = case.bundle is not None and not case.course.wants_bundle
    return is_handed_out or not is_granted


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
