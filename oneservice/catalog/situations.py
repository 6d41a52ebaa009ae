"""What a person is asked: questions in their own words, and answers that cannot stand together."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from oneservice.catalog.terms import CatalogModel, Identifier, IsoDate, RuleText, Text

__all__ = ["AnswerType", "AnswerValue", "Choice", "Contradiction", "Situation"]

AnswerValue = bool | int | Decimal | str | tuple[Identifier, ...]
"""An answer as a file writes it; dates, regions and choices are text."""


class AnswerType(StrEnum):
    """Types of an answer. ``decimal`` is exact: areas and amounts are never floats."""

    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    ENUM = "enum"
    LIST = "list"
    """Any number of the ``choices``; rules look into it: ``"gas" in services``."""
    REGION = "region"
    """A region code as text; rules compare it with other regions: ``born_in != registered_in``."""
    DATE = "date"
    """A day as text (``2026-09-01``); rules compare it with other days, in order."""


class Choice(CatalogModel):
    """One value that an ``enum`` or ``list`` question offers."""

    value: Identifier
    title: Text


class Situation(CatalogModel):
    """A question in the applicant's words (情形); its answer switches steps on.

    ``visible_when`` may use earlier questions only; a hidden question has no value, unless
    ``default`` gives one for rules to read. ``unit`` is display text such as ``m²``. ``minimum``
    and ``maximum`` bound numbers, ``earliest`` and ``latest`` bound days; all inclusive.
    """

    id: Identifier
    question: Text
    type: AnswerType
    choices: tuple[Choice, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    earliest: IsoDate | None = None
    latest: IsoDate | None = None
    default: AnswerValue | None = None
    visible_when: RuleText | None = None
    unit: str = ""
    help: Text | None = None


class Contradiction(CatalogModel):
    """Answers that cannot stand together; told at answer time, not at submission."""

    when: RuleText
    text: Text
