"""The models of a catalog: what people write in YAML, and what the plan reads.

Unknown keys are refused everywhere, because people write these files. Every named thing carries
``zh`` and ``en``. Rules are texts here (:data:`RuleText`); :mod:`oneservice.catalog.rules` gives
them meaning.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from pydantic import Field, StrictBool, StrictInt

from oneservice.catalog.terms import (
    CatalogModel,
    DepartmentId,
    Identifier,
    LegalBasis,
    Limit,
    RegionCode,
    RuleText,
    Text,
)

__all__ = [
    "AnswerType",
    "Before",
    "Choice",
    "Contradiction",
    "CorrectionPolicy",
    "Department",
    "FieldSpec",
    "FieldType",
    "Item",
    "LimitCase",
    "MaterialClass",
    "MaterialSource",
    "MaterialSpec",
    "OneThing",
    "OverduePolicy",
    "Repeat",
    "ResultSpec",
    "Situation",
    "SpecialProcedure",
    "Step",
    "StepKind",
]


class Department(CatalogModel):
    """An office that decides items (实施主体). ``code`` is its 18-character credit code."""

    id: DepartmentId
    name: Text
    code: str | None = None
    region: RegionCode | None = None


class ResultSpec(CatalogModel):
    """What a granted step yields (审批结果). ``yields`` names materials it stands for."""

    type: Identifier
    title: Text
    valid_years: StrictInt | None = Field(default=None, ge=1, le=100)
    is_certificate: StrictBool = True
    yields: tuple[Identifier, ...] = ()


class SpecialProcedure(CatalogModel):
    """A procedure that stops the clock (特别程序); ``kind`` for example ``on_site_check``."""

    kind: Identifier
    title: Text
    legal_basis: tuple[LegalBasis, ...] = ()


class OverduePolicy(StrEnum):
    """What follows when a limit passes (domain section 3). Default: nothing by itself."""

    NONE = "none"
    ESCALATE = "escalate"
    DEEMED_GRANTED = "deemed_granted"


class CorrectionPolicy(StrEnum):
    """Whether a correction after acceptance stops the clock (domain section 7, rule 5)."""

    PAUSE = "pause"
    RUN = "run"


class Item(CatalogModel):
    """An item (事项): one kind of decision by one department."""

    id: Identifier
    title: Text
    department: DepartmentId
    catalog_code: str | None = None
    is_on_the_spot: StrictBool = False
    statutory: Limit | None = None
    promised: Limit
    legal_basis: tuple[LegalBasis, ...] = ()
    special_procedures: tuple[SpecialProcedure, ...] = ()
    result: ResultSpec | None = None
    on_overdue: OverduePolicy = OverduePolicy.NONE
    correction: CorrectionPolicy = CorrectionPolicy.PAUSE


class AnswerType(StrEnum):
    """Types of an answer. ``decimal`` is exact: areas and amounts are never floats."""

    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    ENUM = "enum"


class Choice(CatalogModel):
    """One value that an ``enum`` question offers."""

    value: Identifier
    title: Text


class Situation(CatalogModel):
    """A question in the applicant's words (情形); its answer switches steps on.

    ``visible_when`` may use earlier questions only; a hidden question has no value, unless
    ``default`` gives one for rules to read. ``unit`` is display text such as ``m²``.
    """

    id: Identifier
    question: Text
    type: AnswerType
    choices: tuple[Choice, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: bool | int | Decimal | str | None = None
    visible_when: RuleText | None = None
    unit: str = ""
    help: Text | None = None


class Contradiction(CatalogModel):
    """Answers that cannot stand together; told at answer time, not at submission."""

    when: RuleText
    text: Text


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


class Repeat(CatalogModel):
    """One sub-case for each of ``count`` (a question id); ``group`` is the repeated field group."""

    count: Identifier
    group: Identifier


class LimitCase(CatalogModel):
    """Another promise where ``when`` holds (a track, a simplified form). First match wins."""

    when: RuleText
    promised: Limit
    statutory: Limit | None = None
    title: Text | None = None
    is_on_papers: StrictBool = False
    """True where this track is decided on papers alone: the step joins no site visit."""


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
    registers that may know the value.
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


class MaterialSpec(CatalogModel):
    """One material of the one set. With source ``step``, ``yielded_by`` names the step."""

    id: Identifier
    title: Text
    steps: tuple[Identifier, ...] = Field(min_length=1)
    importance: MaterialClass = MaterialClass.MAIN
    source: MaterialSource
    yielded_by: Identifier | None = None
    when: RuleText | None = None
    legal_basis: tuple[LegalBasis, ...] = ()


class Before(CatalogModel):
    """What the same goal cost before: for the reduction report (domain section 1)."""

    fields: StrictInt = Field(ge=0)
    materials: StrictInt = Field(ge=0)
    working_days: StrictInt = Field(ge=0)
    visits: StrictInt | None = Field(default=None, ge=0)
    source: Text


class OneThing(CatalogModel):
    """A composed service (一件事) as published for a region and a period."""

    id: Identifier
    title: Text
    goal: Text
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
