"""The people of the story. All names, numbers and codes are fictional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from oneservice.certificates import Holder
from oneservice.identifiers import mask_citizen_number

__all__ = ["COOK", "Person", "traveller"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, as they say who they are."""

    name: str
    code: str

    @property
    def masked(self) -> str:
        """Their number as certificates state it."""
        return mask_citizen_number(self.code)

    @property
    def holder(self) -> Holder:
        """Whose a paper must be."""
        return Holder(name=self.name, code=self.code)


COOK: Final = Person(name="高朗", code="990101199006081115")
"""From NORTH; opens a shop in HOME."""


def traveller(number: int) -> Person:
    """Return one of the people on the train; their numbers are no citizens' numbers."""
    return Person(name=f"旅客{number}", code=f"P{number:06}")
