"""One catalog file: what it declares, and how a region's overlay changes what lies above it.

An overlay (domain section 6) says which one-thing it changes and lists its changes by kind, so that
a reader, and :mod:`oneservice.catalog.overlay`, can hold each against what an overlay may do.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, StrictInt

from oneservice.catalog.crossing import CrossRegion
from oneservice.catalog.models import (
    Batch,
    Before,
    Channel,
    Commitment,
    Contradiction,
    Department,
    Duty,
    EscalationRung,
    Fee,
    FieldSpec,
    Item,
    LimitCase,
    MaterialClass,
    MaterialSpec,
    Obtain,
    OneThing,
    OverduePolicy,
    Party,
    RatingPolicy,
    Routing,
    Season,
    Situation,
    SparedBy,
    Step,
    Tolerance,
)
from oneservice.catalog.registers import Law, ResultType
from oneservice.catalog.situations import AnswerValue
from oneservice.catalog.terms import (
    CatalogModel,
    DepartmentId,
    Identifier,
    IsoDate,
    LegalBasis,
    Limit,
    RegionCode,
    RuleText,
    Text,
)

__all__ = [
    "CatalogDocument",
    "Consumption",
    "DispatchChange",
    "ItemChange",
    "MaterialChange",
    "Overlay",
    "SituationChange",
    "StepChange",
]


class SituationChange(CatalogModel):
    """Another default, another bound, or another threshold from which a question is asked."""

    id: Identifier
    default: AnswerValue | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    earliest: IsoDate | None = None
    latest: IsoDate | None = None
    visible_when: RuleText | None = None


class ItemChange(CatalogModel):
    """A region decides faster, in another office, by other ways, for less, on trust.

    A list replaces the item's own. A fee that is new or higher needs its ``legal_basis`` as every
    fee does, and another one than the fee that it raises.
    """

    id: Identifier
    promised: Limit | None = None
    """Never beyond the statutory limit; without one, never beyond the promise it replaces."""
    department: DepartmentId | None = None
    on_overdue: OverduePolicy | None = None
    escalation: tuple[EscalationRung, ...] | None = None
    warning_share: StrictInt | None = Field(default=None, ge=1, le=100)
    channels: tuple[Channel, ...] | None = None
    fees: tuple[Fee, ...] | None = None
    tolerance: Tolerance | None = None
    commitment: Commitment | None = None
    """Never for an item of a sensitive area."""
    cross_region: tuple[CrossRegion, ...] | None = None


class StepChange(CatalogModel):
    """Another threshold or other tracks for a step. A new ``when`` needs ``legal_basis``."""

    id: Identifier
    when: RuleText | None = None
    limits: tuple[LimitCase, ...] | None = None
    """Replaces the step's own list."""
    requires_also: tuple[Identifier, ...] = ()
    region: Routing | None = None
    spared_by: SparedBy | None = None
    """Replaces the step's own; it brings its legal basis."""
    legal_basis: tuple[LegalBasis, ...] = ()


class MaterialChange(CatalogModel):
    """Where to get a material here, what else counts as it, or that it may follow later.

    ``importance`` can only become ``minor``: asking more strictly is for the law.
    """

    id: Identifier
    importance: MaterialClass | None = None
    obtain: tuple[Obtain, ...] | None = None
    """Replaces the material's own list."""
    accepts_also: tuple[Identifier, ...] = ()


class DispatchChange(CatalogModel):
    """Rows of the duty table that a region drops or adds, and how fast its units take reports."""

    drop_duties: tuple[Identifier, ...] = ()
    add_duties: tuple[Duty, ...] = ()
    accept_hours: StrictInt | None = Field(default=None, ge=1, le=720)
    """Never more than what it replaces."""


class Consumption(CatalogModel):
    """A step uses fields and materials that are already there: nothing more is asked for.

    Asking a material for a step of the base needs ``legal_basis``; a step that the same overlay
    adds brings its item's.
    """

    step: Identifier
    fields: tuple[Identifier, ...] = ()
    materials: tuple[Identifier, ...] = ()
    legal_basis: tuple[LegalBasis, ...] = ()


class Overlay(CatalogModel):
    """What the document's region changes in one one-thing.

    Overlays of one region add up, in order of their dates. A dropped step leaves every list that
    names it; a field or material that no step uses any more goes with it.
    """

    thing: Identifier
    lead_department: DepartmentId | None = None
    before: Before | None = None
    add_situations: tuple[Situation, ...] = ()
    change_situations: tuple[SituationChange, ...] = ()
    add_contradictions: tuple[Contradiction, ...] = ()
    change_items: tuple[ItemChange, ...] = ()
    drop_steps: tuple[Identifier, ...] = ()
    add_steps: tuple[Step, ...] = ()
    change_steps: tuple[StepChange, ...] = ()
    drop_fields: tuple[Identifier, ...] = ()
    add_fields: tuple[FieldSpec, ...] = ()
    drop_materials: tuple[Identifier, ...] = ()
    add_materials: tuple[MaterialSpec, ...] = ()
    change_materials: tuple[MaterialChange, ...] = ()
    consumes: tuple[Consumption, ...] = ()
    joint_inspection: tuple[Identifier, ...] | None = None
    """Replaces the list."""
    parties: tuple[Party, ...] | None = None
    """Replaces the list."""
    batches: tuple[Batch, ...] | None = None
    """Replaces the list: each region opens and closes on its own days."""
    season: Season | None = None
    rating: RatingPolicy | None = None
    change_dispatch: DispatchChange | None = None


class CatalogDocument(CatalogModel):
    """One YAML file: departments, items, things and overlays of one region for one period.

    A later ``effective_from`` supersedes an earlier declaration of the same id in the same region;
    ``effective_until`` is the last day (inclusive), also for what nothing supersedes.
    """

    format: Literal["oneservice-catalog/1"]
    region: RegionCode
    region_name: Text | None = None
    """What people call the region; one file of each region is enough."""
    effective_from: IsoDate
    effective_until: IsoDate | None = None
    departments: tuple[Department, ...] = ()
    items: tuple[Item, ...] = ()
    things: tuple[OneThing, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    laws: tuple[Law, ...] = ()
    result_types: tuple[ResultType, ...] = ()
