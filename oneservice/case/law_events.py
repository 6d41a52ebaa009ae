"""Facts of limits and of further attempts: what time alone brings, and what begins anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from oneservice.case.actors import ENGINE, Actor
from oneservice.case.later import LATER

__all__ = [
    "CaseDeadlineNear",
    "CaseDeadlinePassed",
    "CaseEscalated",
    "CaseLimit",
    "ClockDiffered",
    "DeadlineNear",
    "DeemedGranted",
    "Escalated",
    "FiledAgain",
    "FilingRecalled",
    "FreshBundleAsked",
    "JointExtended",
    "Reassigned",
    "WaitOverdue",
]

CaseLimit = Literal["promised", "joint"]
"""Limits of a whole case: the promise along the critical path, the cap of joint handling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineNear:
    """The light of the promise turned: the configured share of it is used, and nothing is decided.

    ``due_at`` is the first instant that is too late. Domain page, section 7, rule 9.
    """

    at: datetime
    sub_case_id: str
    due_at: datetime
    kind: Literal["deadline_near"] = field(default="deadline_near", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOverdue:
    """Something was awaited until ``due_at`` and did not come; people see it, the wait goes on.

    ``wait``: an answer to a correction, a promised material, the end of a suspension, or an
    operator's look at a halted sub-case. ``name`` says which one.
    """

    at: datetime
    sub_case_id: str
    wait: Literal["correction", "promise", "suspension", "operator"]
    name: str
    due_at: datetime
    kind: Literal["wait_overdue"] = field(default="wait_overdue", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """The rung below was silent: ``to`` is told, and answers for it until ``due_at`` (督办).

    ``rung`` counts from 1. Escalation moves no competence: the same department decides.
    """

    at: datetime
    sub_case_id: str
    rung: int
    level: str
    to: str
    due_at: datetime
    kind: Literal["escalated"] = field(default="escalated", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated:
    """The last rung was silent too: an incident of the whole case, for the lead department."""

    at: datetime
    sub_case_id: str
    to: str
    problem: str
    kind: Literal["case_escalated"] = field(default="case_escalated", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeemedGranted:
    """The limit ended at ``due_at`` in silence, and the item says that silence grants (超期默许).

    No certificate comes of it. What the department says later completes it or is told to people;
    it stands until it is revoked with a reason of its own (Licensing Law art. 69).
    """

    at: datetime
    sub_case_id: str
    due_at: datetime
    kind: Literal["deemed_granted"] = field(default="deemed_granted", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """Another department handles the step from now on, with a new attempt of its own.

    ``duty`` names the row of the duty table, where one decided; ``region`` the new office's region,
    empty where it stays. ``calendar`` says in whose working days its limits are counted from then
    on, as :class:`StepSpec` does; ``None``: as before.
    """

    at: datetime
    sub_case_id: str
    department: str
    by: Actor = ENGINE
    why: str = ""
    duty: str = ""
    region: str = ""
    calendar: str | None = field(default=None, metadata=LATER)
    kind: Literal["reassigned"] = field(default="reassigned", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledAgain:
    """An attempt that ended without a grant is followed by another one at the same department.

    ``continues`` names the submission that it goes on from (protocol section 6).
    """

    at: datetime
    sub_case_id: str
    continues: str
    by: Actor
    why: str
    kind: Literal["filed_again"] = field(default="filed_again", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingRecalled:
    """A filing that never arrived is not sent any more: a consent that it rested on changed.

    A read proved that the department knows nothing of it. What goes there after it, if anything, is
    composed anew on the consents of that moment, as the next attempt.

    References: Personal Information Protection Law art. 15: what is taken back is not used further.
    """

    at: datetime
    sub_case_id: str
    message_id: str
    kind: Literal["filing_recalled"] = field(default="filing_recalled", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointExtended:
    """The government of the same level extended joint handling, once (Licensing Law art. 42).

    ``days`` are working days; ``approved_by`` is an office, not a person.
    """

    at: datetime
    days: int
    approved_by: str
    reason: str
    by: Actor
    kind: Literal["joint_extended"] = field(default="joint_extended", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeadlineNear:
    """The light of the whole case turned; as :class:`DeadlineNear`."""

    at: datetime
    limit: CaseLimit
    due_at: datetime
    kind: Literal["case_deadline_near"] = field(default="case_deadline_near", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeadlinePassed:
    """A limit of the whole case passed before all results were in."""

    at: datetime
    limit: CaseLimit
    due_at: datetime
    kind: Literal["case_deadline_passed"] = field(default="case_deadline_passed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDiffered:
    """A department shows another last day than the law gives; ours counts (protocol P-37).

    ``said`` is its text, ``ours`` the last day of the promise as it stood then (ISO 8601, empty
    while a suspension keeps it open).
    """

    at: datetime
    sub_case_id: str
    said: str
    ours: str
    kind: Literal["clock_differed"] = field(default="clock_differed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshBundleAsked:
    """Results changed after they were handed out; a bundle that says so was asked for."""

    at: datetime
    by: Actor
    why: str
    kind: Literal["fresh_bundle_asked"] = field(default="fresh_bundle_asked", init=False)
