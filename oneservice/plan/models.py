"""What a plan is: plain frozen data, with a reason for everything in it.

A plan goes through JSON unchanged; its digest covers the canonical form of everything but itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from oneservice.canonical import Digest
from oneservice.catalog import (
    Before,
    CorrectionPolicy,
    FieldType,
    LimitUnit,
    MaterialClass,
    MaterialSource,
    OverduePolicy,
    StepKind,
    Text,
)

__all__ = [
    "PLAN_FORMAT",
    "Answer",
    "DueDate",
    "FormField",
    "Plan",
    "PlannedMaterial",
    "PlannedResult",
    "PlannedStep",
    "Reason",
    "ReasonKind",
    "SkippedStep",
    "TimeLimit",
    "plan_adapter",
]

PLAN_FORMAT = "oneservice-plan/1"
"""Names the shape of the JSON; a change that old readers cannot follow gets a new number."""

Answer: TypeAlias = bool | int | str
"""An answer in a plan; decimals are text ("82.5"), because no float is ever hashed."""


class ReasonKind(StrEnum):
    """Why something is in a plan, or is not."""

    ALWAYS = "always"
    RULE = "rule"
    NEEDED_BY = "needed_by"
    ANSWER = "answer"
    """The value is already known from an answer."""
    YIELDED = "yielded"
    """A step of the same case supplies it."""
    LAW = "law"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason: the rule as written, what its parts were for these answers, and the clause."""

    kind: ReasonKind
    text: Text
    rule: str | None = None
    because: str | None = None
    """The rule's parts with their values, for example ``area 420 >= 300``."""
    clause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """A limit in whole days after acceptance."""

    days: int
    unit: LimitUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """The last day on which something is on time; provisional while a year is not announced."""

    on: date
    is_provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedResult:
    """What a granted step yields."""

    type: str
    title: Text
    is_certificate: bool
    valid_years: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One sub-case to be: a step, or one instance of a step that repeats.

    ``id`` is the sub-case id (``food_permit``, ``health_cert-2``); ``step_id`` names the step.
    ``requires`` and ``attaches`` name ids of this plan; inactive steps were dropped from them.
    ``starts_on`` and ``due`` assume that nothing is late and nothing is corrected. ``is_critical``:
    when this one is late, the whole case is.
    """

    id: str
    step_id: str
    instance: int | None
    item: str
    title: Text
    department: str
    department_name: Text
    region: str
    kind: StepKind
    requires: tuple[str, ...]
    attaches: tuple[str, ...]
    fields: tuple[str, ...]
    materials: tuple[str, ...]
    result: PlannedResult | None
    is_on_the_spot: bool
    promised: TimeLimit
    statutory: TimeLimit | None
    correction: CorrectionPolicy
    on_overdue: OverduePolicy
    starts_on: date
    due: DueDate
    statutory_due: DueDate | None
    is_critical: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedStep:
    """A step that these answers switched off (无需办理), and why."""

    step_id: str
    title: Text
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One element of the merged form; ``instances`` > 0 for a repeated group.

    ``steps`` are the sub-case ids that consume it. In a repeated group, instance *n* of a step
    consumes entry *n*.
    """

    id: str
    title: Text
    type: FieldType
    is_required: bool
    steps: tuple[str, ...]
    group: str | None
    instances: int
    value: Answer | None
    """The value already known from an answer: shown, not asked."""
    choices: tuple[str, ...]
    unit: str
    is_personal: bool
    prefill: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMaterial:
    """One material of the one set, for all sub-cases (``steps``) that need it."""

    id: str
    title: Text
    importance: MaterialClass
    source: MaterialSource
    yielded_by: tuple[str, ...]
    """Sub-cases of this plan that yield it; not empty means: never ask the applicant."""
    steps: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def must_bring(self) -> bool:
        """Whether the applicant has to bring it: no step yields it, no office can look it up."""
        return not self.yielded_by and self.source is MaterialSource.APPLICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that follows from a definition, answers, a region and a date.

    ``definition`` is the digest of the effective definition (base and overlays), ``calendar`` the
    version of the working-day calendar. ``steps`` are in an order in which each comes after its
    requirements. ``critical_path`` names sub-cases (of a repeated step the first one) and
    ``promised_working_days`` is the sum along it; follow-ups run on their own clock and are not
    part of it, nor of ``due``.
    """

    format: str
    thing: str
    title: Text
    region: str
    on: date
    definition: Digest
    calendar: str
    lead_department: str
    answers: dict[str, Answer]
    steps: tuple[PlannedStep, ...]
    skipped: tuple[SkippedStep, ...]
    form: tuple[FormField, ...]
    materials: tuple[PlannedMaterial, ...]
    joint_inspection: tuple[str, ...]
    critical_path: tuple[str, ...]
    promised_working_days: int
    due: DueDate
    joint_cap_due: DueDate
    before: Before | None
    digest: Digest

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON; ``Plan`` comes back from it by ``parse_plan``.

        Every member is present, ``null`` where there is nothing; dates are ISO 8601 text.
        """
        document: dict[str, Any] = plan_adapter().dump_python(self, mode="json")
        return document


@cache
def plan_adapter() -> TypeAdapter[Plan]:
    """Return the one translator between plans and JSON, built at first use."""
    return TypeAdapter(Plan)
