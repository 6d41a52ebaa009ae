"""What a plan is: plain frozen data, with a reason for everything in it.

A plan goes through JSON unchanged; its digest covers the canonical form of everything but itself.
Members that came after the first release have a default and stay out of the JSON where they hold
it. So plans of every release are read and written back byte for byte, under one format name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from oneservice.canonical import Digest
from oneservice.catalog import (
    Before,
    CorrectionPolicy,
    FieldType,
    MaterialClass,
    MaterialSource,
    Obtain,
    OverduePolicy,
    StepKind,
    Subject,
    Text,
)
from oneservice.plan.later import without_idle
from oneservice.plan.parts import (
    Appointment,
    FeeTotal,
    HeldCertificate,
    HeldValue,
    HolderFields,
    PlannedBatch,
    PlannedChannel,
    PlannedCommitment,
    PlannedCrossing,
    PlannedDispatch,
    PlannedFee,
    PlannedLaw,
    PlannedParty,
    PlannedRung,
    PlannedTolerance,
    Trip,
)
from oneservice.plan.terms import Answer, DueDate, Reason, TimeLimit

__all__ = [
    "PLAN_FORMAT",
    "FormField",
    "Plan",
    "PlannedMaterial",
    "PlannedResult",
    "PlannedStep",
    "SkippedStep",
    "plan_adapter",
]

PLAN_FORMAT = "oneservice-plan/1"
"""Names the shape of the JSON; a change that old readers cannot follow gets a new number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedResult:
    """What a granted step yields."""

    type: str
    title: Text
    is_certificate: bool
    valid_years: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One sub-case to be: a step, or one instance of a step that repeats.

    ``id`` is the sub-case id (``food_permit``, ``health_cert-2``); ``step_id`` names the step.
    ``requires`` and ``attaches`` name ids of this plan; inactive steps were dropped from them.
    ``starts_on`` and ``due`` assume that nothing is late and nothing is corrected. ``is_critical``:
    when this one is late, the whole case is.
    """

    id: str
    step_id: str
    instance: int | None
    item: str
    title: Text
    department: str
    department_name: Text
    region: str
    kind: StepKind
    requires: tuple[str, ...]
    attaches: tuple[str, ...]
    fields: tuple[str, ...]
    materials: tuple[str, ...]
    result: PlannedResult | None
    is_on_the_spot: bool
    promised: TimeLimit
    statutory: TimeLimit | None
    correction: CorrectionPolicy
    on_overdue: OverduePolicy
    starts_on: date
    due: DueDate
    statutory_due: DueDate | None
    is_critical: bool
    reasons: tuple[Reason, ...]
    within: str | None = None
    """Of nested repetition: the sub-case that this one belongs to (the driver's vehicle)."""
    region_from: str | None = None
    """The answer or field that says which region's office decides; ``None``: the case's own."""
    duty: str | None = None
    """The row of the duty table by which this department acts."""
    channels: tuple[PlannedChannel, ...] = ()
    """In order of preference; empty: how the step is handed in is not published."""
    fees: tuple[PlannedFee, ...] = ()
    tolerance: PlannedTolerance | None = None
    commitment: PlannedCommitment | None = None
    warning_share: int = 80
    """Percent of the promise at which the light turns."""
    escalation: tuple[PlannedRung, ...] = ()
    """The rungs before the lead department, where the item escalates when it is late."""
    dispatch: PlannedDispatch | None = None
    """Of a report that found its unit by the duty table."""
    crossing: PlannedCrossing | None = None
    """How it is handed in from where the applicant is, if that is another region."""
    law: PlannedLaw | None = None
    """Where another region decides it by its own law, or in its own working days."""

    @property
    def channel(self) -> PlannedChannel | None:
        """The way that is taken: the first one that is open for these answers."""
        return next((one for one in self.channels if one.is_open), None)

    @property
    def equivalent_channel(self) -> PlannedChannel | None:
        """The nearest equivalent, for who cannot use :attr:`channel`."""
        ways = [one for one in self.channels if one.is_open]
        return ways[1] if len(ways) > 1 else None

    @property
    def needs_no_visit(self) -> bool:
        """Whether the plan proves that nobody has to come for this step."""
        if self.kind in (StepKind.NOTIFY, StepKind.CHECK) and not self.channels:
            return True  # offices tell and ask one another
        way = self.channel
        return way is not None and way.visits == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedStep:
    """A step, or one instance of it, that need not be taken (无需办理), and why.

    The answers switched it off; or a certificate that is ``held`` spares it. ``instance`` is the
    number of the entry in the form, of which nothing is filed then. ``whose`` names the fields by
    which the holder of the certificate is compared when the case is opened; ``None``: the form has
    none that tell a person, or the plan is older than this member.
    """

    step_id: str
    title: Text
    reasons: tuple[Reason, ...]
    instance: int | None = None
    held: HeldCertificate | None = None
    whose: HolderFields | None = None

    @property
    def id(self) -> str:
        """The sub-case that it would have been: ``health_cert-1``, as planned ones are called."""
        return self.step_id if self.instance is None else f"{self.step_id}-{self.instance}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One element of the merged form; ``instances`` > 0 for a repeated group.

    ``steps`` are the sub-case ids that consume it. In a repeated group, instance *n* of a step
    consumes entry *n*. Entries that nobody consumes (their sub-cases are spared) are not asked, or
    only to compare whose certificate it is.
    """

    id: str
    title: Text
    type: FieldType
    is_required: bool
    steps: tuple[str, ...]
    group: str | None
    instances: int
    value: Answer | None
    """The value already known from an answer: shown, not asked."""
    choices: tuple[str, ...]
    unit: str
    is_personal: bool
    prefill: tuple[str, ...]
    reasons: tuple[Reason, ...]
    held: HeldValue | None = None
    """Where a stored value comes from that may be used: shown for confirmation, not asked."""
    entries: tuple[int, ...] = ()
    """The numbers of the entries that somebody consumes; empty: all but those :attr:`compared`."""
    compared: tuple[int, ...] = ()
    """The numbers of entries that only say whose certificate spares a step: compared with it when
    the case is opened, and not kept."""

    @property
    def kept_entries(self) -> tuple[int, ...]:
        """The numbers of the entries of a repeated group that the case keeps."""
        every = range(1, self.instances + 1)
        return self.entries or tuple(one for one in every if one not in self.compared)

    @property
    def asked_entries(self) -> tuple[int, ...]:
        """The numbers of the entries of a repeated group that have to be filled in."""
        return tuple(sorted({*self.kept_entries, *self.compared}))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMaterial:
    """One material of the one set, for all sub-cases (``steps``) that need it."""

    id: str
    title: Text
    importance: MaterialClass
    source: MaterialSource
    yielded_by: tuple[str, ...]
    """Sub-cases of this plan that yield it; not empty means: never ask the applicant."""
    steps: tuple[str, ...]
    reasons: tuple[Reason, ...]
    held: HeldCertificate | None = None
    """What the applicant already has that stands for it."""
    obtain: tuple[Obtain, ...] = ()
    """Where to get it, the easiest first; empty once nobody has to."""
    spared_by: tuple[HeldCertificate, ...] = ()
    """Certificates in the place of results that spared sub-cases would have yielded."""

    @property
    def must_bring(self) -> bool:
        """Whether the applicant has to bring it: nobody else has it, and neither do they."""
        is_there = self.yielded_by or self.spared_by or self.held is not None
        return not is_there and self.source is MaterialSource.APPLICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that follows from a definition, answers, a region and a date.

    ``definition`` is the digest of the effective definition (base and overlays), ``calendar`` the
    version of the working-day calendar. ``steps`` are in an order in which each comes after its
    requirements. ``critical_path`` names sub-cases (of a repeated step the first one) and
    ``promised_working_days`` is the sum along it; follow-ups run on their own clock and are not
    part of it, nor of ``due``. Neither is the time of others (external steps): all days here are
    as if it were none, and ``expected`` is the end if they take what they usually do.
    """

    format: str
    thing: str
    title: Text
    region: str
    on: date
    definition: Digest
    calendar: str
    lead_department: str
    answers: dict[str, Answer]
    steps: tuple[PlannedStep, ...]
    skipped: tuple[SkippedStep, ...]
    form: tuple[FormField, ...]
    materials: tuple[PlannedMaterial, ...]
    joint_inspection: tuple[str, ...]
    critical_path: tuple[str, ...]
    promised_working_days: int
    due: DueDate
    joint_cap_due: DueDate
    before: Before | None
    digest: Digest
    joint_cap: TimeLimit | None = None
    """The limit of joint handling; ``None`` in plans of the first release."""
    joint_cap_extended_due: DueDate | None = None
    """Its end if it is extended once, with approval and reasons (Licensing Law art. 42)."""
    expected: DueDate | None = None
    subject: Subject | None = None
    """Whom it is about, where that is not the applicant."""
    parties: tuple[PlannedParty, ...] = ()
    batch: PlannedBatch | None = None
    appointments: tuple[Appointment, ...] = ()
    trips: tuple[Trip, ...] = ()
    trip_count: int | None = None
    """How often the applicant must go somewhere; 0 is proved, ``None``: some step does not say."""
    fees: tuple[FeeTotal, ...] = ()
    rating_answer: TimeLimit | None = None
    """Within which a bad rating is answered here; ``None``: nothing of its own is promised."""
    origin: str | None = None
    """The region where the applicant is, if it was told."""

    @property
    def has_open_fees(self) -> bool:
        """Whether more may have to be paid than :attr:`fees`: another region asks what for."""
        return any(step.law is not None and step.law.has_open_fees for step in self.steps)

    @property
    def missing(self) -> tuple[PlannedMaterial, ...]:
        """What the applicant has to get and bring; each says where to get it now."""
        return tuple(one for one in self.materials if one.must_bring)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON; ``Plan`` comes back from it by ``parse_plan``.

        Dates are ISO 8601 text. Members of the first release are always present, later ones where
        they say something.
        """
        return without_idle(plan_adapter().dump_python(self, mode="json"))


@cache
def plan_adapter() -> TypeAdapter[Plan]:
    """Return the one translator between plans and JSON, built at first use."""
    return TypeAdapter(Plan)
