"""What an operator orders, with the reason; each is refused where it would guess or undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.form import Form
from oneservice.case.operating_events import AdoptedDecision
from oneservice.case.people_inputs import ConsentWanted
from oneservice.plan import Plan

__all__ = [
    "AdoptOutcome",
    "CloseCase",
    "JoinBulk",
    "Migrate",
    "OperatorInput",
    "Order",
    "Reassign",
    "Resume",
    "RetryNow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """An operator settled with the department why ``sub_case_id`` is halted: it may go on.

    Nothing is taken for granted: the department is read first, and what halted the sub-case halts
    it again where it is still so. ``why`` is for the record, and names no person.
    """

    at: datetime
    sub_case_id: str
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
    """Have another department handle a step that is not in anybody's hands.

    ``wanted``: the consent on which alone it is filed there, where data leave the region by it.
    """

    at: datetime
    sub_case_id: str
    department: str
    by: Actor
    why: str
    region: str = ""
    wanted: tuple[ConsentWanted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate:
    """Go on under ``plan``, built from another definition on the answers of this case.

    ``before`` is the plan that the case is pinned to, ``form`` is what was handed in as it fits
    the new plan: what that does not ask for is left out. ``wanted``: the consents on which alone
    steps of it are filed elsewhere.
    """

    at: datetime
    before: Plan
    plan: Plan
    form: Form
    by: Actor
    why: str
    wanted: tuple[ConsentWanted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCase:
    """End the case administratively: see ``CaseClosed``."""

    at: datetime
    by: Actor
    why: str


Order: TypeAlias = Resume | RetryNow | AdoptOutcome | Reassign | Migrate | CloseCase
"""What an operator may order of one case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinBulk:
    """``order`` is one of many under the one bulk record ``bulk``: both facts, or neither."""

    at: datetime
    bulk: Digest
    order: Order


OperatorInput: TypeAlias = JoinBulk | Order
