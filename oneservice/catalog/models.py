"""The models of a catalog: what people write in YAML, and what the plan reads.

Unknown keys are refused everywhere, because people write these files. Every named thing carries
``zh`` and ``en``. Rules are texts here (:data:`RuleText`); :mod:`oneservice.catalog.rules` gives
them meaning. This module composes: steps and the one-thing; what they are made of stands in
``situations``, ``items``, ``form`` and ``duties``, and can be had from here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from oneservice.catalog.duties import Dispatch, Duty, Level
from oneservice.catalog.form import (
    FieldSpec,
    FieldType,
    MaterialClass,
    MaterialSource,
    MaterialSpec,
    Obtain,
)
from oneservice.catalog.items import (
    Channel,
    ChannelKind,
    Commitment,
    CorrectionPolicy,
    Department,
    EscalationRung,
    Fee,
    Item,
    OverduePolicy,
    ResultSpec,
    SensitiveArea,
    SpecialProcedure,
    Tolerance,
)
from oneservice.catalog.situations import AnswerType, Choice, Contradiction, Situation
from oneservice.catalog.sparing import HeldLevel, SparedBy
from oneservice.catalog.terms import (
    CatalogModel,
    DepartmentId,
    Identifier,
    IsoDate,
    LegalBasis,
    Limit,
    RuleText,
    Text,
)

__all__ = [
    "AnswerType",
    "Batch",
    "Before",
    "Channel",
    "ChannelKind",
    "Choice",
    "Commitment",
    "Contradiction",
    "CorrectionPolicy",
    "Department",
    "Dispatch",
    "Duty",
    "EscalationRung",
    "Fee",
    "FieldSpec",
    "FieldType",
    "HeldLevel",
    "Item",
    "Level",
    "LimitCase",
    "MaterialClass",
    "MaterialSource",
    "MaterialSpec",
    "Obtain",
    "OneThing",
    "OverduePolicy",
    "Party",
    "RatingPolicy",
    "Repeat",
    "ResultSpec",
    "Routing",
    "Season",
    "SensitiveArea",
    "Situation",
    "SparedBy",
    "SpecialProcedure",
    "Step",
    "StepKind",
    "Subject",
    "SubjectKind",
    "Tolerance",
]


class StepKind(StrEnum):
    """What a step is for the runtime."""

    DECISION = "decision"
    """A department decides; the usual step."""
    CHECK = "check"
    """A data check on the spot, without a certificate."""
    FOLLOW_UP = "follow_up"
    """A check after a grant, on its own clock; the bundle does not wait for it."""
    BUNDLE = "bundle"
    """The lead department hands out all results together (一并出件)."""
    NOTIFY = "notify"
    """A register is told what others decided; nobody decides here, the promise is to pass it on."""
    EXTERNAL = "external"
    """A third party or physical work (施工); its time counts neither as promise nor as limit."""


class Repeat(CatalogModel):
    """One sub-case for each of ``count`` (a question id); ``group`` is the repeated field group.

    ``within`` names another repeated step: there are ``count`` of these for each of those, as
    drivers for each vehicle. A plan holds a bounded number of sub-cases of one step in all.
    """

    count: Identifier
    group: Identifier
    within: Identifier | None = None


class LimitCase(CatalogModel):
    """Another promise where ``when`` holds (a track, a simplified form). First match wins."""

    when: RuleText
    promised: Limit
    statutory: Limit | None = None
    title: Text | None = None
    is_on_papers: StrictBool = False
    """True where this track is decided on papers alone: the step joins no site visit."""


class Routing(CatalogModel):
    """Which region's office decides: that of the answer or field ``of``, of type ``region``.

    ``level`` cuts the code to a level: registration by county though the address names a town.
    Where the value is not known yet, or ``when`` does not hold, the case's own region decides.
    """

    of: Identifier
    level: Level | None = None
    when: RuleText | None = None
    reason: Text


class Step(CatalogModel):
    """An item placed in a one-thing. ``requires`` gates; ``attaches`` are results added later."""

    id: Identifier
    item: Identifier
    kind: StepKind = StepKind.DECISION
    when: RuleText | None = None
    requires: tuple[Identifier, ...] = ()
    attaches: tuple[Identifier, ...] = ()
    for_each: Repeat | None = None
    limits: tuple[LimitCase, ...] = ()
    is_statutory: StrictBool = False
    """True where no overlay may drop the step."""
    region: Routing | None = None
    spared_by: SparedBy | None = None
    """The certificate whose holder need not take the step."""
    is_by_duty: StrictBool = False
    """True where the unit that the one-thing's duty table names acts, not the item's department."""


class Before(CatalogModel):
    """What the same goal cost before: for the reduction report (domain section 1).

    ``kilometres`` and ``minutes`` are all journeys and all waiting together, for one applicant.
    """

    fields: StrictInt = Field(ge=0)
    materials: StrictInt = Field(ge=0)
    working_days: StrictInt = Field(ge=0)
    visits: StrictInt | None = Field(default=None, ge=0)
    kilometres: StrictInt | None = Field(default=None, ge=0)
    minutes: StrictInt | None = Field(default=None, ge=0)
    source: Text
    is_sample: StrictBool = False
    """True where no source supports the figures: sample data for demonstration."""


class SubjectKind(StrEnum):
    """Whom a one-thing is about."""

    APPLICANT = "applicant"
    OTHER = "other"


class Subject(CatalogModel):
    """Whom it is about: the applicant, or somebody else, called ``title`` (the child)."""

    kind: SubjectKind
    title: Text


class Party(CatalogModel):
    """Somebody besides the applicant who takes part, such as the other parent.

    ``must_consent``: nothing is filed before this party has agreed. ``when`` says for which answers
    the party exists.
    """

    id: Identifier
    title: Text
    must_consent: StrictBool = True
    when: RuleText | None = None


class Batch(CatalogModel):
    """A window of days in which applications are taken and then decided together (批次).

    Days are inclusive. A catalog file names those of the years it speaks for.
    """

    id: Identifier
    title: Text
    opens: IsoDate
    closes: IsoDate
    decided_by: IsoDate | None = None
    when: RuleText | None = None


MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""A day of every year: month and day, as ``06-01``; in quotes where YAML might read a number."""


class Season(CatalogModel):
    """The part of each year in which a goal usually comes up: for lists and reminders, no gate."""

    begins: MonthDay
    ends: MonthDay


class RatingPolicy(CatalogModel):
    """What a region promises about ratings (好差评): how soon a bad one is answered.

    Without a promise it is 15 working days. The limit runs from the rating to the answer.
    """

    answered_within: Limit


class OneThing(CatalogModel):
    """A composed service (一件事) as published for a region and a period.

    ``subject`` absent: it is about the applicant. ``dispatch`` marks a report that finds its unit
    by a duty table instead of an application whose offices are known beforehand. ``also`` are other
    words that people use for the goal (开饭店, "eatery"): searched, never shown, and no part of the
    digest.
    """

    id: Identifier
    title: Text
    goal: Text
    also: tuple[Text, ...] = Field(default=(), max_length=40)
    lead_department: DepartmentId
    legal_basis: tuple[LegalBasis, ...] = ()
    joint_cap: Limit = Limit(days=45)
    before: Before | None = None
    situations: tuple[Situation, ...]
    contradictions: tuple[Contradiction, ...] = ()
    steps: tuple[Step, ...]
    fields: tuple[FieldSpec, ...]
    materials: tuple[MaterialSpec, ...]
    joint_inspection: tuple[Identifier, ...] = ()
    subject: Subject | None = None
    parties: tuple[Party, ...] = ()
    batches: tuple[Batch, ...] = ()
    season: Season | None = None
    dispatch: Dispatch | None = None
    rating: RatingPolicy | None = None
