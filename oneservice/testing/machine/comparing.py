"""Where a case and the paper disagree, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oneservice.case import Case, IssueBundle, SubCase, outstanding
from oneservice.testing.machine.paper_case import PaperCase
from oneservice.testing.machine.paper_step import PaperStep

__all__ = ["disagreements"]


def disagreements(case: Case, paper: PaperCase) -> list[str]:
    """Return what ``case`` and ``paper`` see otherwise; empty: they agree."""
    found = list(_different("case", _of_case(case, paper), _of_paper_case(paper)))
    for name, sub in case.sub_cases.items():
        found += _different(name, _of_sub_case(sub), _of_step(paper.steps[name]))
    return found


def _different(place: str, core: Mapping[str, Any], paper: Mapping[str, Any]) -> Iterator[str]:
    for key, value in core.items():
        if value != paper[key]:
            yield f"{place}.{key}: the core has {value}, the paper {paper[key]}"


def _of_case(case: Case, paper: PaperCase) -> dict[str, Any]:
    owed = outstanding(case, paper.calendar)
    return {
        "outcome": case.outcome and str(case.outcome),
        "is_sealed": case.bundle is not None,
        "is_ready_to_seal": any(isinstance(one, IssueBundle) for one in owed),
        "passed": set(case.course.passed),
        "near": set(case.course.near),
    }


def _of_paper_case(paper: PaperCase) -> dict[str, Any]:
    return {
        "outcome": paper.outcome,
        "is_sealed": paper.is_sealed,
        "is_ready_to_seal": paper.is_ready_to_seal,
        "passed": paper.passed,
        "near": paper.near,
    }


def _of_sub_case(sub: SubCase) -> dict[str, Any]:
    course = sub.course
    return {
        "status": str(sub.status),
        "attempt": sub.attempt,
        "accepted_at": sub.accepted_at,
        "is_deemed": sub.is_deemed,
        "passed": set(sub.passed),
        "is_near": "promised" in course.near,
        "overdue": set(course.overdue) & _awaited(sub),
        "rung": course.rung,
        "is_ladder_spent": course.is_ladder_spent,
        "silence_at": course.silence_at,
        "correction": sub.correction and sub.correction.correction_id,
        "promises": [one.material for one in course.promises],
        "withdrawal": sub.withdrawal,
        "is_halted": sub.halted is not None,
        "is_revoked": sub.is_revoked,
    }


def _awaited(sub: SubCase) -> set[str]:
    course = sub.course
    found = {f"promise:{one.material}" for one in course.promises}
    if sub.correction is not None:
        found.add(f"correction:{sub.correction.correction_id}")
    if course.suspended_at is not None:
        found.add(f"suspension:{course.suspended_at.isoformat()}")
    return found | ({"operator:halted"} if sub.halted is not None else set())


def _of_step(step: PaperStep) -> dict[str, Any]:
    return {
        "status": step.state,
        "attempt": step.attempt,
        "accepted_at": step.accepted_at,
        "is_deemed": step.silent_until is not None,
        "passed": step.passed,
        "is_near": step.is_near,
        "overdue": step.overdue,
        "rung": step.rung,
        "is_ladder_spent": step.is_ladder_spent,
        "silence_at": step.silence_at,
        "correction": step.correction and step.correction[0],
        "promises": [material for material, _, _ in step.promises],
        "withdrawal": step.withdrawal,
        "is_halted": step.halted_at is not None,
        "is_revoked": step.is_revoked,
    }
