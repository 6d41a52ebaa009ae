"""The facts of a counter, as the journal of the case keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.counter_terms import (
    AtCounter,
    CaseChannel,
    Holder,
    IdentityCheck,
    ParcelState,
    VisitPurpose,
)

__all__ = [
    "CodeExpired",
    "CodeIssued",
    "CodeMistyped",
    "ContinuedAt",
    "CounterEvent",
    "CourierHanded",
    "CourierReported",
    "LossSettled",
    "OriginalMoved",
    "OriginalReturned",
    "OriginalTaken",
    "ParcelOverdue",
    "VisitRecorded",
    "WindowChecked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeIssued(AtCounter):
    """A one-time code was given to the applicant; an earlier one is void from here on."""

    at: datetime
    number: int
    locator: str
    proof: Digest
    channel: CaseChannel
    expires_at: datetime
    by: Actor
    kind: Literal["code_issued"] = field(default="code_issued", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMistyped(AtCounter):
    """Something else than the code was typed, or at another channel; the fifth time voids it."""

    at: datetime
    number: int
    channel: CaseChannel
    place: str
    by: Actor
    kind: Literal["code_mistyped"] = field(default="code_mistyped", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExpired(AtCounter):
    """Nobody used the code in time."""

    at: datetime
    number: int
    kind: Literal["code_expired"] = field(default="code_expired", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuedAt(AtCounter):
    """The code was used: ``by`` deals with the case at ``place`` until ``until``."""

    at: datetime
    number: int
    channel: CaseChannel
    place: str
    until: datetime
    by: Actor
    kind: Literal["continued_at"] = field(default="continued_at", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecorded(AtCounter):
    """The applicant came in person (到现场一次)."""

    at: datetime
    channel: CaseChannel
    place: str
    purpose: VisitPurpose
    by: Actor
    ticket: str = ""
    kind: Literal["visit_recorded"] = field(default="visit_recorded", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalTaken(AtCounter):
    """An original left the applicant's hands; from here on somebody answers for it."""

    at: datetime
    original: str
    material: str
    description: Digest
    taker: Holder
    channel: CaseChannel
    place: str
    by: Actor
    seal_no: str | None = None
    kind: Literal["original_taken"] = field(default="original_taken", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalMoved(AtCounter):
    """An original went from hand to hand."""

    at: datetime
    original: str
    giver: Holder
    taker: Holder
    place: str
    by: Actor
    seal_no: str | None = None
    kind: Literal["original_moved"] = field(default="original_moved", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalReturned(AtCounter):
    """The applicant has the original back, from ``giver``; ``receipt`` names what was signed."""

    at: datetime
    original: str
    giver: Holder
    place: str
    by: Actor
    receipt: Digest | None = None
    seal_no: str | None = None
    kind: Literal["original_returned"] = field(default="original_returned", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierHanded(AtCounter):
    """A sealed parcel was handed to a carrier, with everything that is in it."""

    at: datetime
    carrier: str
    tracking: str
    content: Digest
    seal_no: str
    giver: Holder
    taker: Holder
    place: str
    by: Actor
    originals: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    kind: Literal["courier_handed"] = field(default="courier_handed", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierReported(AtCounter):
    """What a carrier told of a parcel."""

    at: datetime
    parcel: str
    news: ParcelState
    happened_at: datetime
    by: Actor
    place: str = ""
    content: Digest | None = None
    kind: Literal["courier_reported"] = field(default="courier_reported", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelOverdue(AtCounter):
    """A parcel that was handed out has not arrived within its limit; somebody asks the carrier."""

    at: datetime
    parcel: str
    due_at: datetime
    kind: Literal["parcel_overdue"] = field(default="parcel_overdue", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSettled(AtCounter):
    """The loss of an original was settled with the applicant."""

    at: datetime
    original: str
    how: Literal["replaced", "compensated", "waived"]
    why: Digest
    by: Actor
    kind: Literal["loss_settled"] = field(default="loss_settled", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowChecked(AtCounter):
    """A receiving window looked at form and identity, and received what is for an office elsewhere.

    ``at`` is the instant of receipt (收件); that of acceptance (受理) is the deciding office's.
    """

    at: datetime
    sub_case_ids: tuple[str, ...]
    region: str
    place: str
    identity: IdentityCheck
    by: Actor
    wanting: tuple[str, ...] = ()
    forward_by: date | None = None
    kind: Literal["window_checked"] = field(default="window_checked", init=False)


CounterEvent = (
    CodeIssued
    | CodeMistyped
    | CodeExpired
    | ContinuedAt
    | VisitRecorded
    | OriginalTaken
    | OriginalMoved
    | OriginalReturned
    | CourierHanded
    | CourierReported
    | ParcelOverdue
    | LossSettled
    | WindowChecked
)
