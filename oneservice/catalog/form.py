"""What is asked for: fields of the one form, materials of the one set, and where to get them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from oneservice.catalog.items import ChannelKind
from oneservice.catalog.situations import Choice
from oneservice.catalog.terms import CatalogModel, Identifier, LegalBasis, RuleText, Text
from oneservice.values import ValueKind

__all__ = ["FieldSpec", "FieldType", "MaterialClass", "MaterialSource", "MaterialSpec", "Obtain"]


class FieldType(StrEnum):
    """Types of a form field; validators are named after the domain's identifiers."""

    TEXT = "text"
    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    DATE = "date"
    CHOICE = "choice"
    PHONE = "phone"
    CREDIT_CODE = "credit_code"
    CITIZEN_NUMBER = "citizen_number"
    REGION = "region"
    ADDRESS = "address"
    LIST = "list"


class FieldSpec(CatalogModel):
    """One element of the merged form. ``steps`` consume it; ``when`` narrows it further.

    ``answer`` names the question whose answer already is this field's value: it is filled, never
    asked again. ``group`` marks a repeated group (one entry per employee). ``prefill`` names the
    registers that may know the value. ``value_kind`` names a narrower reader than ``type`` does:
    ``money`` or ``area`` of a decimal, ``person_name`` of a text.
    """

    id: Identifier
    title: Text
    type: FieldType
    steps: tuple[Identifier, ...] = Field(min_length=1)
    is_required: StrictBool = True
    when: RuleText | None = None
    answer: Identifier | None = None
    group: Identifier | None = None
    choices: tuple[Choice, ...] = ()
    prefill: tuple[Identifier, ...] = ()
    unit: str = ""
    is_personal: StrictBool = False
    value_kind: ValueKind | None = None


class MaterialClass(StrEnum):
    """主审要件 or 次要: only a minor one may be supplemented later (容缺)."""

    MAIN = "main"
    MINOR = "minor"


class MaterialSource(StrEnum):
    """Who must act to get a material."""

    APPLICANT = "applicant"
    GENERATED = "generated"
    """Made from the form's answers and signed by the applicant."""
    LOOKUP = "lookup"
    """An electronic certificate or register entry, fetched by consent, else uploaded."""
    STEP = "step"
    """The result of another step of the same case: never asked for."""


class Obtain(CatalogModel):
    """Where one gets a material that one does not have yet; several stand in order of ease."""

    where: Text
    channel: ChannelKind
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)] | None = None
    working_days: StrictInt | None = Field(default=None, ge=0, le=3650)
    """Working days that getting it usually takes; 0: at once."""


class MaterialSpec(CatalogModel):
    """One material of the one set. With source ``step``, ``yielded_by`` names the step.

    ``accepts`` names certificate types: who holds a valid one of them need not bring this.
    """

    id: Identifier
    title: Text
    steps: tuple[Identifier, ...] = Field(min_length=1)
    importance: MaterialClass = MaterialClass.MAIN
    source: MaterialSource
    yielded_by: Identifier | None = None
    when: RuleText | None = None
    legal_basis: tuple[LegalBasis, ...] = ()
    obtain: tuple[Obtain, ...] = ()
    accepts: tuple[Identifier, ...] = ()
