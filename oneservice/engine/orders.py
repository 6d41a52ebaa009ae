"""What an operator can order, as a page or a script states it; the core decides what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from oneservice.canonical import JsonObject
from oneservice.case import Actor, AdoptedDecision, ConsentGiven

__all__ = [
    "AdoptOrder",
    "CloseOrder",
    "MigrateOrder",
    "Order",
    "ReassignOrder",
    "ResumeOrder",
    "RetryOrder",
    "order_document",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOrder:
    """Try again now, instead of after the pause; the same id, the same bytes."""

    case_id: str = ""
    sub_case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeOrder:
    """Let a halted step go on: the department is read first."""

    case_id: str = ""
    sub_case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptOrder:
    """Take over what a department decided on paper.

    ``paper`` is kept with the case, ``number`` is the decision's own, ``second`` looked at it too.
    """

    case_id: str = ""
    sub_case_id: str = ""
    decision: AdoptedDecision
    decided_on: date
    paper: bytes = field(repr=False)
    number: str = ""
    second: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignOrder:
    """Have another department handle the step; ``region`` where it is of another region."""

    case_id: str = ""
    sub_case_id: str = ""
    department: str
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateOrder:
    """Go on under the definition of the day ``on`` (today by default).

    ``answers``, ``fields`` and ``consents`` are those that the new definition asks for beyond what
    the case has; people gave them, the operator enters them.
    """

    case_id: str = ""
    on: date | None = None
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    consents: Mapping[str, ConsentGiven] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrder:
    """End the case administratively (终止办理); what was granted stands."""

    case_id: str = ""


Order: TypeAlias = RetryOrder | ResumeOrder | AdoptOrder | ReassignOrder | MigrateOrder | CloseOrder

_NAMES = {
    RetryOrder: "retry",
    ResumeOrder: "resume",
    AdoptOrder: "adopt",
    ReassignOrder: "reassign",
    MigrateOrder: "migrate",
    CloseOrder: "close",
}


def order_document(order: Order) -> JsonObject:
    """Return what the bulk record says of ``order``: its name, and nothing that anybody typed."""
    document: JsonObject = {"order": _NAMES[type(order)]}
    if isinstance(order, ReassignOrder):
        document |= {"department": order.department, "region": order.region}
    if isinstance(order, MigrateOrder) and order.on is not None:
        document["on"] = order.on.isoformat()
    return document
