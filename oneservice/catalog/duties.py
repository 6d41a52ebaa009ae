"""Who must act on a report (派单): a duty table of department × item × level × region."""

from __future__ import annotations

from pydantic import Field, StrictInt

from oneservice.catalog.levels import Level
from oneservice.catalog.terms import (
    CatalogModel,
    DepartmentId,
    Identifier,
    LegalBasis,
    Limit,
    RegionCode,
    Text,
)

__all__ = ["Dispatch", "Duty", "Level"]


class Duty(CatalogModel):
    """One row of a duty table: this department does this item, for these types and regions.

    Empty ``kinds``, ``places`` or ``regions`` mean any. ``level`` says on which level the unit
    sits: a report from a town that a city's unit handles goes to the city.
    """

    id: Identifier
    department: DepartmentId
    item: Identifier
    level: Level = Level.COUNTY
    kinds: tuple[Identifier, ...] = ()
    places: tuple[Identifier, ...] = ()
    regions: tuple[RegionCode, ...] = ()
    handle: Limit | None = None
    """How long handling takes at most, where it is not the item's promise."""
    legal_basis: tuple[LegalBasis, ...] = ()
    note: Text | None = None


class Dispatch(CatalogModel):
    """How a report finds the unit that must act, and what happens until it is closed.

    ``kind`` and ``place`` name questions of type ``enum``, ``where`` one of type ``region``. The
    unit has ``accept_hours`` to take the report or return it with a reason; after ``max_returns``
    the lead department decides who acts.
    """

    kind: Identifier
    place: Identifier | None = None
    where: Identifier
    accept_hours: StrictInt = Field(ge=1, le=720)
    max_returns: StrictInt = Field(default=2, ge=0, le=9)
    duties: tuple[Duty, ...] = Field(min_length=1)
