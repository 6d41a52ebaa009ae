"""What the world tells a case. An input may be refused; what follows from it is recorded.

``at`` is the instant at which the engine took the input; it comes from the clock at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import APPLICANT, Actor
from oneservice.case.counter_inputs import CheckAtWindow, CounterInput
from oneservice.case.events import Message
from oneservice.case.operating_inputs import OperatorInput, Resume
from oneservice.case.people_inputs import (
    ConsentTerms,
    GiveMandate,
    PeopleInput,
    RefuseConsent,
)
from oneservice.case.ratings_inputs import RatingInput
from oneservice.case.sparing import Spared
from oneservice.case.submissions import DepartmentEvent
from oneservice.case.window_receipt import WindowReceipt
from oneservice.plan import Plan

__all__ = [
    "AskFreshBundle",
    "AskWithdrawal",
    "BundleSigned",
    "DeliveryDidFail",
    "ExtendJoint",
    "FileAgain",
    "Input",
    "MessagesComposed",
    "NotFoundThere",
    "OpenCase",
    "ReportDidFail",
    "Resume",
    "StatusRead",
    "SupplementGiven",
    "TimePassed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """The applicant hands in the one form for ``plan``; ``form`` names its stored bytes.

    ``consents`` are those in the form, without who gave them; ``mandate`` is that of an agent who
    hands in; ``refused`` are offices elsewhere that the applicant lets have nothing. ``received``
    is the look of a window that receives for an office elsewhere, or what another region told of
    its own.
    """

    at: datetime
    plan: Plan
    form: Digest
    by: Actor = APPLICANT
    why: str = ""
    consents: tuple[ConsentTerms, ...] = ()
    mandate: GiveMandate | None = None
    refused: tuple[RefuseConsent, ...] = ()
    received: CheckAtWindow | WindowReceipt | None = None
    spared: tuple[Spared, ...] = ()
    """For each step that the plan spares by a certificate, that it was looked at once more now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesComposed:
    """The bytes that :class:`Prepare` commands asked for are ready to be stored."""

    at: datetime
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementGiven:
    """Somebody answers the open correction (补正), or keeps a promise (容缺后补).

    Its bytes are ready to be stored. Without ``correction_id`` it delivers the ``materials`` that
    were promised: all that are still open, because the department grants on their receipt.
    ``names`` are the fields and materials in it, by which consents are asked.
    """

    at: datetime
    sub_case_id: str
    correction_id: str | None
    supplement_id: str
    request_digest: Digest
    materials: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    by: Actor = APPLICANT
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRead:
    """A department answered; every event was proven (digest, signature) before it came here.

    ``is_fresh_read`` tells that the answer shows the present state, asked for by a read: what it
    does not show has not arrived. ``held`` is how many events we held when we asked: only a head
    behind that one was rewound, any other is merely an answer that came late.
    """

    at: datetime
    sub_case_id: str
    submission_id: str
    state: str | None
    head_seq: int
    head_digest: Digest | None
    events: tuple[DepartmentEvent, ...]
    is_fresh_read: bool = False
    held: int = 0
    clock_due_on: str | None = None
    """The last day by the department's own clock, where it shows one: an opinion, for display."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundThere:
    """A read was answered "never heard of it" (404); ``held`` as in :class:`StatusRead`."""

    at: datetime
    sub_case_id: str
    submission_id: str
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDidFail:
    """A send ended without a proper answer.

    ``effect``: ``none`` (certainly nothing happened), ``unknown``, or ``refused`` (the department
    answered that this message can never be taken; a person must look). ``is_contract``: the answer
    was not the protocol's, so people must see it, whatever follows.
    """

    at: datetime
    sub_case_id: str
    message_id: str
    effect: Literal["none", "unknown", "refused"]
    problem: str
    retry_after_s: int = 0
    is_contract: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDidFail:
    """A read failed, or was answered with what is not the protocol (``is_contract``).

    Nothing of such an answer may be used.
    """

    at: datetime
    sub_case_id: str
    problem: str
    is_contract: bool
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWithdrawal:
    """The applicant wants ``sub_case_ids`` withdrawn; empty means the whole case."""

    at: datetime
    sub_case_ids: tuple[str, ...] = ()
    by: Actor = APPLICANT
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAgain:
    """Another attempt at a step that was not accepted, lapsed, or was refused and annulled.

    ``annulled_by`` names the decision that annulled a refusal (a number, no person); ``why`` is for
    the record.
    """

    at: datetime
    sub_case_id: str
    by: Actor
    why: str
    annulled_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendJoint:
    """The government of the same level gave joint handling ``days`` working days more, once."""

    at: datetime
    days: int
    approved_by: str
    reason: str
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFreshBundle:
    """Results changed after they were handed out: a bundle that says so is wanted."""

    at: datetime
    by: Actor = APPLICANT
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSigned:
    """The engine's seal signed the bundle certificate over the journal up to ``over_seq``."""

    at: datetime
    certificate_id: str
    certificate: Digest
    over_seq: int
    over_head: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """Nothing happened but time: limits may have passed."""

    at: datetime


Input = (
    OpenCase
    | MessagesComposed
    | SupplementGiven
    | StatusRead
    | NotFoundThere
    | DeliveryDidFail
    | ReportDidFail
    | AskWithdrawal
    | BundleSigned
    | FileAgain
    | ExtendJoint
    | AskFreshBundle
    | TimePassed
    | CounterInput
    | RatingInput
    | PeopleInput
    | OperatorInput
)
