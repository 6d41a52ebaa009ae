"""The fact that a case moved on to another definition."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.step_spec import StepSpec

__all__ = ["Migrated", "PlanChange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """One difference between two plans of a case, in plain words.

    ``part`` is ``step | limit | department | order | field | material | fee``; ``id`` is the
    sub-case, field or material.
    """

    part: str
    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """The case is pinned to another plan from here on; plan and form of both are kept.

    ``kept`` are the steps that were filed or had ended: they stay under the plan ``before``.
    ``steps`` are those of the new plan, ``changes`` say what is different for the applicant;
    ``lead`` and the limits of the whole case as in ``CaseOpened``.

    References: domain page, invariant 11.
    """

    at: datetime
    before: Digest
    plan: Digest
    definition: Digest
    calendar: str
    form: Digest
    kept: tuple[str, ...]
    steps: tuple[StepSpec, ...]
    changes: tuple[PlanChange, ...]
    by: Actor
    why: str
    lead: str = ""
    promised_days: int = -1
    joint_days: int = -1
    kind: Literal["migrated"] = field(default="migrated", init=False)
