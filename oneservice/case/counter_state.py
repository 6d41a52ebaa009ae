"""Where everything at the counters stands: codes, visits, originals, parcels, ratings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.counter_terms import (
    CaseChannel,
    Holder,
    HolderKind,
    IdentityCheck,
    ParcelState,
    VisitPurpose,
)
from oneservice.case.ratings_state import Rating
from oneservice.case.window_receipt import WindowReceipt

__all__ = [
    "CODE_TRIES",
    "NO_COUNTER",
    "CaseSession",
    "Counter",
    "Hand",
    "LiveCode",
    "Original",
    "Parcel",
    "Visit",
    "WindowCheck",
]

CODE_TRIES: Final = 5
"""Wrong tries after which a code is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCode:
    """A code that can still be used; the code itself is nowhere."""

    number: int
    locator: str
    proof: Digest
    channel: CaseChannel
    expires_at: datetime
    wrong_tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSession:
    """A counter at which the applicant goes on: ``by`` deals with the case until ``until``."""

    number: int
    channel: CaseChannel
    place: str
    by: Actor
    since: datetime
    until: datetime

    def is_open(self, at: datetime) -> bool:
        """Whether the counter may deal with the case at ``at``."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One journey of the applicant."""

    at: datetime
    channel: CaseChannel
    place: str
    purpose: VisitPurpose
    by: Actor
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One hand-over of an original: from ``giver`` to ``taker``, under the seal ``seal_no``."""

    at: datetime
    giver: Holder
    taker: Holder
    place: str
    by: Actor
    seal_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An original paper that left the applicant's hands, with every hand that it went through.

    ``parcel`` is the one it is in, or was lost in; ``settled`` says how a loss was settled.
    """

    id: str
    material: str
    description: Digest
    chain: tuple[Hand, ...]
    parcel: str | None = None
    is_lost: bool = False
    settled: str | None = None

    @property
    def holder(self) -> Holder:
        """Who has it, or had it last."""
        return self.chain[-1].taker

    @property
    def is_at_rest(self) -> bool:
        """Whether nobody owes anything: returned, archived, or its loss is settled.

        One that is found after its loss was settled is somebody's to return again.
        """
        is_home = self.holder.kind in (HolderKind.APPLICANT, HolderKind.ARCHIVE)
        return is_home or (self.is_lost and self.settled is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A sealed parcel on its way; ``found`` is the digest of what was inside when it came."""

    id: str
    carrier: str
    tracking: str
    content: Digest
    seal_no: str
    giver: Holder
    taker: Holder
    handed_at: datetime
    originals: tuple[str, ...]
    results: tuple[str, ...]
    state: ParcelState = ParcelState.HANDED
    news_at: datetime | None = None
    found: Digest | None = None
    is_overdue: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether it has neither arrived nor been given up."""
        return self.state in (ParcelState.HANDED, ParcelState.IN_TRANSIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCheck:
    """What a receiving window in another region found when it received an application."""

    at: datetime
    sub_case_ids: tuple[str, ...]
    region: str
    place: str
    identity: IdentityCheck
    by: Actor
    wanting: tuple[str, ...] = ()
    forward_by: date | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the form was complete."""
        return not self.wanting


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Everything at the counters of one case; ``codes`` counts those that were given out."""

    codes: int = 0
    code: LiveCode | None = None
    sessions: tuple[CaseSession, ...] = ()
    visits: tuple[Visit, ...] = ()
    originals: tuple[Original, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    ratings: tuple[Rating, ...] = ()
    window_checks: tuple[WindowCheck, ...] = ()
    receipt: WindowReceipt | None = None
    """What another region told of its window, with the application that opened the case."""

    def original(self, label: str) -> Original | None:
        """Return the original under ``label``."""
        return next((one for one in self.originals if one.id == label), None)

    def parcel(self, name: str) -> Parcel | None:
        """Return the parcel ``CARRIER:TRACKING``."""
        return next((one for one in self.parcels if one.id == name), None)

    def rating(self, sub_case_id: str, attempt: int | None = None) -> Rating | None:
        """Return the rating of one handling of a step; of the latest rated one by default."""
        found = [
            one
            for one in self.ratings
            if one.sub_case_id == sub_case_id and attempt in (None, one.attempt)
        ]
        return max(found, key=lambda one: one.attempt, default=None)

    def session(self, by: Actor, place: str, at: datetime) -> CaseSession | None:
        """Return the session in which ``by`` may deal with the case at ``place`` now."""
        mine = (one for one in self.sessions if one.by == by and one.place == place)
        return next((one for one in mine if one.is_open(at)), None)


NO_COUNTER: Final = Counter()
"""Nothing has happened at any counter: where every case begins."""
