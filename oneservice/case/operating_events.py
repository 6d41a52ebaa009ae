"""Facts that an operator makes: recorded as the engine's own, never as a department's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor

__all__ = [
    "AdoptedDecision",
    "BulkJoined",
    "CaseClosed",
    "OperatorEvent",
    "OutcomeAdopted",
    "RetryOrdered",
]

AdoptedDecision = Literal["granted", "refused", "not_accepted", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOrdered:
    """An operator had it tried again at once; how often it failed stays counted."""

    at: datetime
    sub_case_id: str
    by: Actor
    why: str
    kind: Literal["retry_ordered"] = field(default="retry_ordered", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeAdopted:
    """A department told its decision outside the protocol, on paper; an operator took it over.

    This is the engine's own record and visible as such: no event of the department is made up.
    ``evidence`` is the digest of the stored paper, ``decided_on`` the date that it bears,
    ``number`` that of the decision, ``second`` who looked at it too (four eyes). Should the
    department ever sign another decision, the sub-case halts.

    References: complaints, "unclear what exists after an ambiguous failure".
    """

    at: datetime
    sub_case_id: str
    decision: AdoptedDecision
    decided_on: date
    evidence: Digest
    by: Actor
    why: str
    number: str = ""
    second: Actor | None = None
    kind: Literal["outcome_adopted"] = field(default="outcome_adopted", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """The case was closed administratively (终止办理); what was granted stands.

    ``left`` are sub-cases that stood still or had no certain outcome: nothing more is asked about
    them. What else was filed, the department is asked to let go; what was not, ends.
    """

    at: datetime
    by: Actor
    why: str
    left: tuple[str, ...] = ()
    kind: Literal["case_closed"] = field(default="case_closed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJoined:
    """What follows was done to many cases at once; ``bulk`` is the digest of the one order for all.

    The order's bytes are stored with each case that it touched: which filter, which action, by
    whom, why, and how many cases it was meant for.
    """

    at: datetime
    bulk: Digest
    by: Actor
    kind: Literal["bulk_joined"] = field(default="bulk_joined", init=False)


OperatorEvent = BulkJoined | RetryOrdered | OutcomeAdopted | CaseClosed
