"""Words that every model uses: names, texts, days, limits, references to the law."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from oneservice.catalog.articles import cited_in_english
from oneservice.identifiers import parse_region
from oneservice.workdays import LimitUnit

__all__ = [
    "SEARCHED",
    "CatalogModel",
    "DepartmentId",
    "Identifier",
    "IsoDate",
    "LegalBasis",
    "Limit",
    "LimitUnit",
    "RegionCode",
    "RuleText",
    "Text",
]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
DepartmentId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
RegionCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$"),
    AfterValidator(parse_region),
]
"""Administrative region (GB/T 2260), in quotes in YAML: an unquoted one reads as a number."""
SEARCHED = {"also"}
"""Members of items and one-things that are only searched, and no part of a digest."""
RuleText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""A condition in our subset of CEL, for example ``area >= 300 || entertainment``."""


def _day(value: Any) -> Any:
    """Let only ``2026-01-31`` pass: pydantic would read a bare number as seconds since 1970."""
    if isinstance(value, (int, float)):
        msg = "a date is due, written as 2026-01-31"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a finding
    return value


IsoDate = Annotated[date, BeforeValidator(_day)]
"""A calendar day, written as in ISO 8601."""


class CatalogModel(BaseModel):
    """What every model here shares: unknown keys are refused, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Text(CatalogModel):
    """A text for people, in Chinese and English; both are required in a catalog."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class LegalBasis(CatalogModel):
    """A reference to the law: ``law`` by name, ``article`` as printed, dated by ``since``."""

    law: Text
    article: str = ""
    since: IsoDate | None = None
    is_sample: StrictBool = False
    """True where no source supports the entry: sample data for demonstration."""

    @property
    def english_article(self) -> str:
        """The article as English cites it: ``art. 26 and 42``."""
        return cited_in_english(self.article)


class Limit(CatalogModel):
    """A time limit; ``days`` counts whole days after the day of acceptance."""

    days: StrictInt = Field(ge=0, le=3650)
    unit: LimitUnit = LimitUnit.WORKING_DAYS
