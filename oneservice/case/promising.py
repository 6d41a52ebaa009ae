"""Promises to bring a minor material later (容缺受理), as they are handed in with the form.

A promise is signed, names a day, and is made only where the plan of the case allows it for a step:
the catalog's list of minor materials, the margin before the promised limit and a clean credit
record are judged there. Only the steps that allow it are told of it; what another step wants, that
step asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oneservice.canonical import digest_bytes
from oneservice.plan import Plan, PlannedStep

__all__ = ["SignedPromise", "dump_promises", "promises_body", "refuse_promises"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPromise:
    """The applicant's word that a material follows until ``until``, inclusive.

    ``document`` are the bytes of what was signed: they stay with the case, and the departments that
    accept on it get them.

    References:
        Adapter protocol, section 4 (``promises``); domain page, section 7 (容缺受理).
    """

    until: date
    document: bytes = field(repr=False)


def dump_promises(promises: Mapping[str, SignedPromise]) -> dict[str, Mapping[str, Any]]:
    """Return the promises by material as a form keeps them: the day, and the digest of the word."""
    return {
        name: {"until": one.until.isoformat(), "document": digest_bytes(one.document)}
        for name, one in promises.items()
    }


def refuse_promises(
    plan: Plan,
    promises: Mapping[str, SignedPromise],
    handed_in: Collection[str],
    problems: dict[str, str],
) -> None:
    """Add to ``problems`` every promise that is none, or that the plan does not allow."""
    for name, promise in promises.items():
        problem = _problem_of(plan, name, promise, handed_in)
        if problem is not None:
            problems.setdefault(f"promises.{str(name)[:60]}", problem)


def _problem_of(
    plan: Plan, name: str, promise: SignedPromise, handed_in: Collection[str]
) -> str | None:
    if name not in {one.id for one in plan.materials}:
        return "is not a material of this plan; nobody needs it"
    if name in handed_in:
        return "is handed in; nothing need be promised"
    if not promise.document:
        return "the signed promise is empty; hand in the bytes that were signed"
    days = [step.tolerance.until.on for step in plan.steps if step.tolerance and _takes(step, name)]
    if not days:
        return f"may not follow later here: no step accepts without it{_why_not(plan, name)}"
    if promise.until > min(days):
        return f"must be promised for {min(days).isoformat()} at the latest"
    if promise.until < plan.on:
        return "is promised for a day that has passed"
    return None


def _why_not(plan: Plan, name: str) -> str:
    """Return the plan's own words why, where it has some: bad credit, or too short a limit."""
    steps = (step for step in plan.steps if name in step.materials)
    told = [one.text for step in steps for one in step.reasons if str(one.kind) == "track"]
    return f" ({told[0].en} / {told[0].zh})" if told else ""


def _takes(step: PlannedStep, name: str) -> bool:
    return step.tolerance is not None and name in step.tolerance.materials


def promises_body(
    promises: Mapping[str, Mapping[str, Any]], step: PlannedStep
) -> list[dict[str, Any]]:
    """Return what the department of ``step`` is told of ``promises``, a form's own."""
    return [
        {"material": name, **promise}
        for name, promise in sorted(promises.items())
        if _takes(step, name)
    ]
