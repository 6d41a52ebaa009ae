"""The facts of a case, as its journal keeps them. What was recorded is never refused again.

Every event has ``at``, the instant at which this engine recorded it. Members hold ids, digests
and what departments signed; what a person wrote lies in blobs that an event names by digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import APPLICANT, ENGINE, Actor
from oneservice.case.counter_events import CounterEvent
from oneservice.case.later import LATER
from oneservice.case.law_events import (
    CaseDeadlineNear,
    CaseDeadlinePassed,
    CaseEscalated,
    ClockDiffered,
    DeadlineNear,
    DeemedGranted,
    Escalated,
    FiledAgain,
    FilingRecalled,
    FreshBundleAsked,
    JointExtended,
    Reassigned,
    WaitOverdue,
)
from oneservice.case.migration_events import Migrated
from oneservice.case.operating_events import OperatorEvent
from oneservice.case.people_events import PeopleEvent
from oneservice.case.ratings_events import RatingEvent
from oneservice.case.sparing import Spared
from oneservice.case.step_spec import StepSpec
from oneservice.case.submissions import DepartmentEvent
from oneservice.case.window_receipt import WindowReceipt

__all__ = [
    "BundleIssued",
    "CaseConcluded",
    "CaseDeadlineNear",
    "CaseDeadlinePassed",
    "CaseEscalated",
    "CaseOpened",
    "ClockDiffered",
    "DeadlineNear",
    "DeadlinePassed",
    "DeemedAccepted",
    "DeemedGranted",
    "DeliveryFailed",
    "DeliveryReset",
    "DepartmentReported",
    "Escalated",
    "Event",
    "FiledAgain",
    "FilingRecalled",
    "FreshBundleAsked",
    "HeadSeen",
    "IncidentRaised",
    "JointExtended",
    "Message",
    "MessagesPrepared",
    "Reassigned",
    "ReportRefused",
    "StepSpec",
    "SubCaseCancelled",
    "SubCaseDropped",
    "SubCaseHalted",
    "SubCaseResumed",
    "WaitOverdue",
    "WithdrawalAsked",
]

MessageKind = Literal["submission", "supplement", "withdrawal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """The applicant handed in the one form; the plan and the definition are pinned for good.

    ``promised_days`` and ``joint_days`` are limits of the whole case in working days, ``-1``: none;
    ``lead`` is the department that leads it. ``receipt`` is what another region told of its window,
    which received the application before it came here. ``spared`` are steps that are not taken,
    each with the certificate that was looked at once more ``at`` that instant.
    """

    at: datetime
    thing: str
    region: str
    plan: Digest
    definition: Digest
    calendar: str
    form: Digest
    steps: tuple[StepSpec, ...]
    lead: str = field(default="", metadata=LATER)
    promised_days: int = field(default=-1, metadata=LATER)
    joint_days: int = field(default=-1, metadata=LATER)
    by: Actor = field(default=APPLICANT, metadata=LATER)
    why: str = field(default="", metadata=LATER)
    receipt: WindowReceipt | None = field(default=None, metadata=LATER)
    spared: tuple[Spared, ...] = field(default=(), metadata=LATER)
    kind: Literal["case_opened"] = field(default="case_opened", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent to a department: its exact bytes are stored under ``request_digest``.

    ``message_id`` is the submission, supplement or withdrawal id. ``answers`` is the correction
    that a supplement answers. ``names`` are the fields and materials of a supplement that goes
    elsewhere on somebody's consent: it is not sent while that does not name them all.
    """

    sub_case_id: str
    message: MessageKind
    message_id: str
    submission_id: str
    request_digest: Digest
    attempt: int
    answers: str | None = None
    names: tuple[str, ...] = field(default=(), metadata=LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesPrepared:
    """The bytes of these messages were stored before any of them is sent."""

    at: datetime
    messages: tuple[Message, ...]
    by: Actor = ENGINE
    why: str = field(default="", metadata=LATER)
    kind: Literal["messages_prepared"] = field(default="messages_prepared", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed:
    """A send did not end well. ``effect`` is ``none`` or ``unknown``: never guessed."""

    at: datetime
    sub_case_id: str
    message_id: str
    effect: Literal["none", "unknown"]
    problem: str
    tries: int
    not_before: datetime
    kind: Literal["delivery_failed"] = field(default="delivery_failed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReset:
    """A read proved that the message did not arrive: the same bytes may be sent again."""

    at: datetime
    sub_case_id: str
    message_id: str
    kind: Literal["delivery_reset"] = field(default="delivery_reset", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentReported:
    """A department's own signed events, word for word, in their order: those of one answer."""

    at: datetime
    sub_case_id: str
    events: tuple[DepartmentEvent, ...]
    kind: Literal["department_reported"] = field(default="department_reported", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadSeen:
    """The head that the department last told of; while it is not ours, the department is read."""

    at: datetime
    sub_case_id: str
    head_seq: int
    kind: Literal["head_seen"] = field(default="head_seen", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRefused:
    """An answer broke the protocol; nothing of it was applied, reading goes on, slower."""

    at: datetime
    sub_case_id: str
    problem: str
    tries: int
    not_before: datetime
    kind: Literal["report_refused"] = field(default="report_refused", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCaseHalted:
    """Nothing moves this sub-case by itself any more; a person decides (rewound, lost, refused).

    ``evidence`` is what the department signed against its own earlier word, which the journal
    holds too.
    """

    at: datetime
    sub_case_id: str
    problem: str
    evidence: tuple[DepartmentEvent, ...] = ()
    kind: Literal["sub_case_halted"] = field(default="sub_case_halted", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCaseResumed:
    """An operator let a halted sub-case go on; the department is read before anything is sent."""

    at: datetime
    sub_case_id: str
    by: Actor
    why: str
    kind: Literal["sub_case_resumed"] = field(default="sub_case_resumed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRaised:
    """One visible incident for people, once per trouble."""

    at: datetime
    sub_case_id: str
    problem: str
    kind: Literal["incident_raised"] = field(default="incident_raised", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeemedAccepted:
    """Silence for five working days, until ``due_at``: accepted from the day of receipt.

    A department that had spoken in time, and was only heard later, was not silent: its own word
    then counts.

    References: Administrative Licensing Law art. 32; protocol section 6, "Clock".
    """

    at: datetime
    sub_case_id: str
    accepted_at: datetime
    due_at: datetime
    kind: Literal["deemed_accepted"] = field(default="deemed_accepted", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed:
    """A limit passed without a decision: a fact in the log, whatever follows from it."""

    at: datetime
    sub_case_id: str
    limit: Literal["promised", "statutory"]
    due_at: datetime
    kind: Literal["deadline_passed"] = field(default="deadline_passed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCaseDropped:
    """The step cannot come any more, because a step that it requires ended without a grant."""

    at: datetime
    sub_case_id: str
    because: str
    kind: Literal["sub_case_dropped"] = field(default="sub_case_dropped", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalAsked:
    """The applicant wants the whole case, or one sub-case of it, withdrawn (撤回)."""

    at: datetime
    sub_case_ids: tuple[str, ...]
    by: Actor
    why: str = field(default="", metadata=LATER)
    kind: Literal["withdrawal_asked"] = field(default="withdrawal_asked", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubCaseCancelled:
    """Withdrawn before it was filed: the department never heard of it."""

    at: datetime
    sub_case_id: str
    kind: Literal["sub_case_cancelled"] = field(default="sub_case_cancelled", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleIssued:
    """All results were handed out together (一并出件) under one sealed certificate.

    ``over_seq`` and ``over_head`` name the journal that the certificate vouches for.
    """

    at: datetime
    certificate_id: str
    certificate: Digest
    over_seq: int
    over_head: Digest
    version: int = field(default=1, metadata=LATER)
    kind: Literal["bundle_issued"] = field(default="bundle_issued", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConcluded:
    """Every sub-case has ended. ``outcome`` is ``concluded | rejected | withdrawn``."""

    at: datetime
    outcome: Literal["concluded", "rejected", "withdrawn"]
    kind: Literal["case_concluded"] = field(default="case_concluded", init=False)


Event = (
    CaseOpened
    | MessagesPrepared
    | DeliveryFailed
    | DeliveryReset
    | DepartmentReported
    | HeadSeen
    | ReportRefused
    | SubCaseHalted
    | SubCaseResumed
    | IncidentRaised
    | DeemedAccepted
    | DeadlinePassed
    | SubCaseDropped
    | WithdrawalAsked
    | SubCaseCancelled
    | BundleIssued
    | CaseConcluded
    | DeadlineNear
    | WaitOverdue
    | Escalated
    | CaseEscalated
    | DeemedGranted
    | Reassigned
    | FiledAgain
    | FilingRecalled
    | JointExtended
    | CaseDeadlineNear
    | CaseDeadlinePassed
    | ClockDiffered
    | FreshBundleAsked
    | CounterEvent
    | RatingEvent
    | PeopleEvent
    | OperatorEvent
    | Migrated
)
