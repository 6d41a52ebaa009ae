"""What an operator orders, with the reason; each is refused where it would guess or undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.operating_events import AdoptedDecision
from oneservice.plan import Plan

__all__ = [
    "AdoptOutcome",
    "CloseCase",
    "JoinBulk",
    "Migrate",
    "OperatorInput",
    "Reassign",
    "RetryNow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinBulk:
    """The inputs after this one in the same transition belong to one order for many cases."""

    at: datetime
    bulk: Digest
    by: Actor
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryNow:
    """Send or read again now what waits for its next try."""

    at: datetime
    sub_case_id: str
    by: Actor
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptOutcome:
    """Take over what a department decided on paper: see ``OutcomeAdopted``."""

    at: datetime
    sub_case_id: str
    decision: AdoptedDecision
    decided_on: date
    evidence: Digest
    by: Actor
    why: str
    number: str = ""
    second: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign:
    """Have another department handle a step that is not in anybody's hands."""

    at: datetime
    sub_case_id: str
    department: str
    by: Actor
    why: str
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate:
    """Go on under ``plan``, built from another definition on the answers of this case.

    ``before`` is the plan that the case is pinned to, ``form`` names the stored form as it fits the
    new plan.
    """

    at: datetime
    before: Plan
    plan: Plan
    form: Digest
    by: Actor
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """End the case administratively: see ``CaseClosed``."""

    at: datetime
    by: Actor
    why: str


OperatorInput = JoinBulk | RetryNow | AdoptOutcome | Reassign | Migrate | CloseCase
