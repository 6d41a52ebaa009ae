"""What happens at a counter: codes, visits, originals from hand to hand, parcels.

Every input says who (``by``, in which role) and at which ``place``: a label of the portal's own
list of halls, windows and kiosks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.counter_terms import (
    CaseChannel,
    Holder,
    IdentityCheck,
    ParcelState,
    VisitPurpose,
)

__all__ = [
    "AskCode",
    "CheckAtWindow",
    "CounterInput",
    "CourierTold",
    "HandToCourier",
    "MoveOriginal",
    "RecordVisit",
    "RedeemCode",
    "ReturnOriginal",
    "SettleLoss",
    "TakeOriginal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCode:
    """The applicant wants to go on at ``channel``; the code was made where chance is allowed.

    ``proof`` is its keyed digest, ``locator`` finds the case, ``number`` counts the case's codes.
    """

    at: datetime
    number: int
    locator: str
    proof: Digest
    channel: CaseChannel
    expires_at: datetime
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemCode:
    """Somebody typed a code at a counter; ``proof`` is the keyed digest of what was typed.

    ``session_until``: how long that counter may then deal with the case.
    """

    at: datetime
    number: int
    proof: Digest
    channel: CaseChannel
    place: str
    session_until: datetime
    by: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVisit:
    """The applicant came in person. ``ticket`` is the number drawn at the hall (取号), if any.

    The same ticket of one place and day is one visit, however often it is told.
    """

    at: datetime
    channel: CaseChannel
    place: str
    purpose: VisitPurpose
    by: Actor
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAtWindow:
    """A window in ``region`` received an application for an office elsewhere (异地代收).

    It looks at form and identity and at nothing else: the deciding office accepts and decides.
    ``wanting`` are the materials and fields that it found missing or unreadable; empty: the form is
    whole. ``forward_by`` is the last day on which it passes the papers on, ``None``: the network
    does so at once.
    """

    at: datetime
    sub_case_ids: tuple[str, ...]
    region: str
    place: str
    identity: IdentityCheck
    by: Actor
    wanting: tuple[str, ...] = ()
    forward_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOriginal:
    """An original leaves the applicant's hands.

    ``original`` is the label put on it, unique in the case; ``description`` the digest of what the
    receipt says of it; ``channel`` is ``post`` where it came by mail, ``window`` in person.
    """

    at: datetime
    original: str
    material: str
    description: Digest
    taker: Holder
    channel: CaseChannel
    place: str
    by: Actor
    seal_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOriginal:
    """An original goes from ``giver``, who must be who held it last, to ``taker``.

    ``seal_no`` is the seal that is on it when it is handed over.
    """

    at: datetime
    original: str
    giver: Holder
    taker: Holder
    place: str
    by: Actor
    seal_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOriginal:
    """``giver`` hands an original back to the applicant, who stands there and signs ``receipt``."""

    at: datetime
    original: str
    giver: Holder
    place: str
    by: Actor
    receipt: Digest | None = None
    seal_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandToCourier:
    """``giver`` hands a sealed parcel to ``carrier``, for ``taker``: the applicant or a window.

    ``content`` is the digest of the list of what is inside; ``originals`` and ``results`` (ids of
    sub-cases whose paper results are inside) tell it.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierTold:
    """The carrier told something of ``parcel`` (``CARRIER:TRACKING``).

    ``happened_at`` is the carrier's own instant; ``content`` the digest of what was found inside,
    where somebody opened it and looked.
    """

    at: datetime
    parcel: str
    news: ParcelState
    happened_at: datetime
    by: Actor
    place: str = ""
    content: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleLoss:
    """What became of an original that a carrier lost: ``replaced``, ``compensated``, ``waived``.

    ``why`` is the digest of the agreement, which the applicant has too.
    """

    at: datetime
    original: str
    how: Literal["replaced", "compensated", "waived"]
    why: Digest
    by: Actor


CounterInput = (
    AskCode
    | CheckAtWindow
    | RedeemCode
    | RecordVisit
    | TakeOriginal
    | MoveOriginal
    | ReturnOriginal
    | HandToCourier
    | CourierTold
    | SettleLoss
)
