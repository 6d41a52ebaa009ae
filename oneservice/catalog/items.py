"""What one office decides: the item, its limits, how one reaches it, what it costs and yields."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from oneservice.catalog.crossing import CrossRegion
from oneservice.catalog.levels import Level
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
    "Channel",
    "ChannelKind",
    "Commitment",
    "CorrectionPolicy",
    "Department",
    "EscalationRung",
    "Fee",
    "Item",
    "OverduePolicy",
    "ResultSpec",
    "SensitiveArea",
    "SpecialProcedure",
    "Tolerance",
]

_CENT = Decimal("0.01")
Amount = Annotated[
    Decimal,
    Field(ge=0, lt=10**12, decimal_places=2),
    AfterValidator(lambda amount: amount.quantize(_CENT)),  # 120 and 120.00 are one price
]
"""An exact amount of money with two places; text in everything hashed."""


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


class EscalationRung(CatalogModel):
    """One rung of an escalation ladder (督办): who is told when a promise passes in silence.

    ``office`` answers ``after`` at most; then the next rung is told, and after the last one the
    lead department of the whole case. Escalation moves no competence.
    """

    level: Level
    office: DepartmentId
    after: Limit


class CorrectionPolicy(StrEnum):
    """Whether a correction after acceptance stops the clock (domain section 7, rule 5)."""

    PAUSE = "pause"
    RUN = "run"


class ChannelKind(StrEnum):
    """How one reaches an office (办理渠道)."""

    ONLINE = "online"
    KIOSK = "kiosk"
    WINDOW = "window"
    POST = "post"


class Channel(CatalogModel):
    """One way to hand an item in. Of an item's channels the first whose ``when`` holds is used.

    ``otherwise`` tells the applicant why a channel with a condition is not open to them; it stands
    beside the next one that is. ``visits`` counts the journeys that this way needs
    (``limit_scene_num``).
    """

    kind: ChannelKind
    where: Text
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)] | None = None
    when: RuleText | None = None
    otherwise: Text | None = None
    visits: StrictInt = Field(default=0, ge=0, le=20)


class Fee(CatalogModel):
    """What an item costs (收费), where ``when`` holds. Fees of one item add up."""

    title: Text
    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)
    is_reducible: StrictBool = False
    """True where the office may lower or waive it on application (``is_desc``)."""
    when: RuleText | None = None


class SensitiveArea(StrEnum):
    """Areas in which no commitment replaces a check (domain section 7)."""

    NATIONAL_SECURITY = "national_security"
    PUBLIC_SAFETY = "public_safety"
    FINANCE_SUPERVISION = "finance_supervision"
    ECOLOGY = "ecology"
    LIFE_AND_HEALTH = "life_and_health"


class Tolerance(CatalogModel):
    """Acceptance before minor materials are there (容缺受理), on a signed promise.

    ``materials`` may follow within ``max_working_days`` of acceptance, never later than two working
    days before the item's promised limit (domain section 7).
    """

    max_working_days: StrictInt = Field(ge=1, le=20)
    materials: tuple[Identifier, ...] = Field(min_length=1)
    legal_basis: tuple[LegalBasis, ...] = ()


class Commitment(CatalogModel):
    """A grant on the applicant's written commitment (告知承诺), verified afterwards.

    ``when`` says for which answers (the person has chosen this track); ``follow_up`` names the step
    that verifies. Not for items of a :class:`SensitiveArea`.
    """

    text: Text
    when: RuleText | None = None
    follow_up: Identifier | None = None
    legal_basis: tuple[LegalBasis, ...] = ()


class Item(CatalogModel):
    """An item (事项): one kind of decision by one department.

    ``channels`` stand in order of preference; without any, how an item is handed in is not
    published. Rules inside an item read the questions of the one-thing in which it is placed.
    ``also`` are other words that people use for it: searched, never shown, no part of the digest.
    """

    id: Identifier
    title: Text
    also: tuple[Text, ...] = Field(default=(), max_length=40)
    department: DepartmentId
    catalog_code: str | None = None
    is_on_the_spot: StrictBool = False
    statutory: Limit | None = None
    promised: Limit
    legal_basis: tuple[LegalBasis, ...] = ()
    special_procedures: tuple[SpecialProcedure, ...] = ()
    result: ResultSpec | None = None
    on_overdue: OverduePolicy = OverduePolicy.NONE
    escalation: tuple[EscalationRung, ...] = Field(default=(), max_length=6)
    """Where ``on_overdue`` escalates. Empty: of a duty table the wider rows, or else nobody before
    the lead department."""
    warning_share: StrictInt = Field(default=80, ge=1, le=100)
    """Percent of the promise at which the light turns."""
    correction: CorrectionPolicy = CorrectionPolicy.PAUSE
    channels: tuple[Channel, ...] = ()
    fees: tuple[Fee, ...] = ()
    tolerance: Tolerance | None = None
    commitment: Commitment | None = None
    sensitive_area: SensitiveArea | None = None
    cross_region: tuple[CrossRegion, ...] = Field(default=(), max_length=40)
    """How somebody in another region hands it in; the first way that fits counts."""
