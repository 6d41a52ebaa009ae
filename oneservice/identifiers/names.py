"""Ids that this library makes itself: cases, steps, and what derives from them.

A submission is filed under an id that follows from (case, sub-case, attempt), so filing it again is
harmless by construction (protocol sections 1 and 4). Dots separate the parts; the parts have none.
"""

from __future__ import annotations

import re
from typing import Final, NewType

from oneservice.errors import IdentifierError

__all__ = [
    "CaseId",
    "DepartmentId",
    "StepId",
    "SubCaseId",
    "SubmissionId",
    "parse_submission_id",
    "submission_id",
]

CaseId = NewType("CaseId", str)
"""``[A-Za-z0-9_-]{1,32}``; nothing personal in it, and no dot."""
StepId = NewType("StepId", str)
"""An item placed in a one-thing, as its catalog names it: ``food_permit``."""
SubCaseId = NewType("SubCaseId", str)
"""One step's handling in one case: the step id, or ``health_cert-2`` where the step repeats."""
DepartmentId = NewType("DepartmentId", str)
"""A department as catalog and wire name it: ``market-regulation``."""
SubmissionId = NewType("SubmissionId", str)
"""``{case_id}.{sub_case_id}.{attempt}``, at most 96 characters (protocol section 1)."""

MAX_SUBMISSION_ID: Final = 96
_CASE: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_SUB_CASE: Final = re.compile(r"[A-Za-z0-9_-]{1,48}", re.ASCII)
_ATTEMPT: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


def submission_id(
    case_id: CaseId | str, sub_case_id: SubCaseId | str, attempt: int
) -> SubmissionId:
    """Return the id under which the ``attempt``-th try of a sub-case is filed.

    Args:
        case_id: ``[A-Za-z0-9_-]{1,32}``.
        sub_case_id: ``[A-Za-z0-9_-]{1,48}``.
        attempt: 1 for the first filing; a new attempt is a new submission.

    Raises:
        IdentifierError: a part has other characters, is too long, or ``attempt`` is below 1.
    """
    text = f"{case_id}.{sub_case_id}.{attempt}"
    parse_submission_id(text)
    return SubmissionId(text)


def parse_submission_id(text: str) -> tuple[CaseId, SubCaseId, int]:
    """Return the case, the sub-case and the attempt that ``text`` was made from.

    Raises:
        IdentifierError: ``text`` was not made by :func:`submission_id`.
    """
    parts = text.split(".")
    if (
        len(text) <= MAX_SUBMISSION_ID
        and len(parts) == 3  # noqa: PLR2004 - case, sub-case, attempt
        and _CASE.fullmatch(parts[0])
        and _SUB_CASE.fullmatch(parts[1])
        and _ATTEMPT.fullmatch(parts[2])
    ):
        return CaseId(parts[0]), SubCaseId(parts[1]), int(parts[2])
    msg = (
        "a submission id is CASE.SUB_CASE.ATTEMPT, at most 96 characters: letters, digits, '_' and "
        "'-' in the first two parts, a number from 1 as the last; take the id that the engine gave"
    )
    raise IdentifierError(msg, kind="submission_id")
