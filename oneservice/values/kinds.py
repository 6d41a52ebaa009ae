"""What a value can be, and the two languages in which we speak about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

__all__ = ["Language", "Option", "ValueKind", "Words"]

Language: TypeAlias = Literal["zh", "en"]


class ValueKind(StrEnum):
    """Kinds of value; those that a catalog names as field types bear the same names there."""

    TEXT = "text"
    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    AREA = "area"
    """Floor area in m² (平方米)."""
    MONEY = "money"
    """Yuan (元), two places."""
    DATE = "date"
    CHOICE = "choice"
    LIST = "list"
    PHONE = "phone"
    CREDIT_CODE = "credit_code"
    ORGANISATION_CODE = "organisation_code"
    CITIZEN_NUMBER = "citizen_number"
    REGION = "region"
    ADDRESS = "address"
    PERSON_NAME = "person_name"
    FIRM_NAME = "firm_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text for people in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the values to choose from, and what people call it."""

    value: str
    title: Words
