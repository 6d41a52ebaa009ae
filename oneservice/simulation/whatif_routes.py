"""The way of a case through the offices: what its plan has to be handled, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oneservice.catalog import StepKind
from oneservice.plan import Plan, PlannedStep
from oneservice.workdays import LimitUnit

__all__ = ["Stage", "route_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One sub-case of a plan: who handles it, what it waits for, what was promised.

    ``is_counted``: the case waits for it; follow-ups run on after the end.
    """

    id: str
    step_id: str
    department: str
    requires: tuple[str, ...]
    promised_days: int
    is_in_working_days: bool
    materials: frozenset[str]
    papers: tuple[str, ...]
    is_counted: bool


def route_of(plan: Plan) -> tuple[Stage, ...]:
    """Return what has to be handled for ``plan``, each after what it waits for.

    Handing out the results takes no days: the engine does it when the last one is in. The time of
    others (external steps) is counted as they usually take it, by an office with enough people.
    """
    papers = [one.id for one in plan.materials if one.must_bring]
    counted = _counted(plan.steps)
    bundles = {one.id for one in plan.steps if one.kind is StepKind.BUNDLE}
    return tuple(
        Stage(
            id=step.id,
            step_id=step.step_id,
            department=step.department,
            requires=tuple(name for name in step.requires if name not in bundles),
            promised_days=step.promised.days,
            is_in_working_days=step.promised.unit is LimitUnit.WORKING_DAYS,
            materials=frozenset(step.materials),
            papers=tuple(name for name in papers if name in step.materials),
            is_counted=step.id in counted,
        )
        for step in plan.steps
        if step.id not in bundles
    )


def _counted(steps: Sequence[PlannedStep]) -> frozenset[str]:
    """Return the sub-cases that the promise covers: no follow-up, nor what waits for one."""
    after: set[str] = set()
    for step in steps:
        if step.kind is StepKind.FOLLOW_UP or not after.isdisjoint(step.requires):
            after.add(step.id)
    return frozenset(step.id for step in steps if step.id not in after)
