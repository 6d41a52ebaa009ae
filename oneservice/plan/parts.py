"""What a plan knows beside steps, form and materials: ways to an office, money, tracks, visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from oneservice.canonical import Digest
from oneservice.catalog import (
    AcceptedBy,
    ChannelKind,
    CrossRegionMode,
    HeldLevel,
    Level,
    PaperRoute,
    Text,
)
from oneservice.plan.terms import DueDate, Reason, TimeLimit

__all__ = [
    "Appointment",
    "FeeTotal",
    "GroupEntry",
    "HeldCertificate",
    "HeldLevel",
    "HeldValue",
    "HolderFields",
    "OtherCrossing",
    "PlannedBatch",
    "PlannedChannel",
    "PlannedCommitment",
    "PlannedCrossing",
    "PlannedDispatch",
    "PlannedFee",
    "PlannedLaw",
    "PlannedParty",
    "PlannedRung",
    "PlannedTolerance",
    "PlannedUnit",
    "Trip",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChannel:
    """One way to hand a step in. The first open one is taken, the next open one is its equivalent.

    ``visits`` counts journeys of the applicant; ``reasons`` say why a closed one is closed.
    """

    kind: ChannelKind
    where: Text
    url: str | None
    visits: int
    is_open: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCrossing:
    """Another way that is open to the applicant, beside the one that is preferred for them.

    Its members are those of :class:`PlannedCrossing`.
    """

    mode: CrossRegionMode
    window: Text | None = None
    reasons: tuple[Reason, ...] = ()
    papers: PaperRoute | None = None
    forwarded_within: TimeLimit | None = None
    accepted_by: AcceptedBy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCrossing:
    """How a step is handed in from another region (domain section 6).

    ``mode`` is ``None`` where no way is published; ``reasons`` say then what to do instead.
    ``forwarded_within`` is the receiving window's own limit; the deciding office's starts only when
    it accepts. The way is the first that the deciding region names for that origin; ``others`` are
    open, too, in its order: the applicant chooses.
    """

    origin: str
    mode: CrossRegionMode | None
    window: Text | None = None
    papers: PaperRoute | None = None
    forwarded_within: TimeLimit | None = None
    accepted_by: AcceptedBy | None = None
    reasons: tuple[Reason, ...] = ()
    others: tuple[OtherCrossing, ...] | None = None

    def way(self, mode: CrossRegionMode) -> OtherCrossing | PlannedCrossing | None:
        """Return the way of this mode, preferred or not; ``None``: none is open to the applicant.

        Of several the one that comes first in the deciding region's order.
        """
        if self.mode is mode:
            return self
        return next((one for one in self.others or () if one.mode is mode), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLaw:
    """By whose law and in whose days a step goes, where they are not those of the case.

    ``region`` is the one whose definition governs the step (the deciding region, or the nearest
    wider one that says anything of it), ``None``: that of the case. ``is_at_hand``: the deciding
    region's own files are known here; where they are not, its own case has the limits.
    ``calendar`` is the version of the working days by which limits are counted, those of
    ``calendar_region``; ``None``: the plan's. ``has_open_fees``: more may have to be paid than the
    plan says, because it hangs on what only that region asks.
    """

    region: str | None
    is_at_hand: bool = True
    calendar_region: str | None = None
    calendar: str | None = None
    has_open_fees: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFee:
    """What one sub-case costs. ``amount`` is decimal text in whole ``currency`` (ISO 4217)."""

    title: Text
    amount: str
    currency: str
    is_reducible: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTotal:
    """All fees of a plan in one currency; ``reducible`` is the part that may be lowered."""

    currency: str
    amount: str
    reducible: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTolerance:
    """Materials that may follow later (容缺) on a signed promise; ``until`` is the last day.

    ``working_days`` are those from acceptance to ``until``.
    """

    materials: tuple[str, ...]
    working_days: int
    until: DueDate
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommitment:
    """A grant on the applicant's word (告知承诺); the sub-cases ``follow_up`` verify it."""

    text: Text
    follow_up: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRung:
    """Who is told when the promise passes in silence (督办), and how long they have to answer."""

    level: Level
    office: str
    after: TimeLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedUnit:
    """A unit that the duty table names next: its row, department and region."""

    duty: str
    department: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDispatch:
    """How a report goes on that its unit returns (派单).

    A unit takes or returns it within ``accept_hours``; ``next_units`` are asked in their order, at
    most ``max_returns`` of them, then the lead department decides.
    """

    accept_hours: int
    max_returns: int
    next_units: tuple[PlannedUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One visit to the premises for several steps (一同勘验), on a day common to all of them.

    ``earliest`` and ``latest`` are working days within the limits of each of ``steps``.
    """

    steps: tuple[str, ...]
    earliest: date
    latest: date
    is_provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One place the applicant has to go to, and what is settled there in ``visits`` journeys.

    ``region`` is where it lies, if that is not the region that accepts; ``None``: it is that one.
    """

    where: Text
    kind: ChannelKind
    visits: int
    steps: tuple[str, ...]
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEntry:
    """One entry of a repeated group of the form: the third of the staff; ``number`` counts from 1.

    It says who is meant without saying who that is.
    """

    group: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderFields:
    """What says whose the certificate must be that spares a step: fields of the person's entry.

    Of the applicant they are ``applicant.code`` and ``applicant.name``. ``name`` is ``None`` where
    the form has no name that is known to be one.
    """

    code: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCertificate:
    """A certificate that the applicant already has, or the person in one ``entry`` of the form.

    ``type`` is the type as catalogs name it, ``reference`` how its keeper finds it again (never a
    person's number; in a plan only its ends are written out), ``valid_until`` its last day,
    ``None``: no end is known. ``basis`` says by what it counts here, ``refusal`` why it does not,
    and what to do instead. ``digest`` is that of the paper's bytes as they are handed in: by it an
    auditor finds the paper in the case, and whoever hands it in knows which one is meant.
    """

    type: str
    reference: str
    valid_until: date | None = None
    issuer_region: str | None = None
    level: HeldLevel | None = None
    basis: Text | None = None
    refusal: Text | None = None
    entry: GroupEntry | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldValue:
    """Where a field's value is known from. The value itself is in no plan: plans are shown around.

    ``source`` is the register as the catalog names it; ``fetched_on`` a day in UTC.
    """

    source: str
    fetched_on: date
    valid_until: date | None
    is_corrected: bool
    """The applicant changed it after it was fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParty:
    """Somebody besides the applicant; ``must_consent``: nothing is filed before they agreed."""

    id: str
    title: Text
    must_consent: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBatch:
    """The window of days (inclusive) in which applications of this kind are taken together."""

    id: str
    title: Text
    opens: date
    closes: date
    decided_by: date | None
    reasons: tuple[Reason, ...]
