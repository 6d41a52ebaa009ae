"""Who comes: the situations of a year's applicants, with their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from oneservice.catalog import Text
from oneservice.errors import ChangeUnknownError

__all__ = ["POPULATIONS", "Population", "Profile", "population_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of applicant: ``weight`` of them come, and answer the questions like this."""

    title: Text
    weight: int
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """All applicants of a one-thing. ``source`` says where the weights come from.

    Raises:
        ValueError: there is nobody in it, or a weight is below 0.
    """

    profiles: tuple[Profile, ...]
    source: Text

    def __post_init__(self) -> None:
        if any(one.weight < 0 for one in self.profiles) or not self.total:
            msg = "a population has profiles with weights of 0 or more, and not all of them 0"
            raise ValueError(msg)

    @property
    def total(self) -> int:
        """The sum of all weights."""
        return sum(one.weight for one in self.profiles)

    def answering(self, question: str, value: Any) -> Population:
        """Return the same people, all of whom answer ``question`` with ``value``."""
        return replace(
            self,
            profiles=tuple(
                replace(one, answers={**one.answers, question: value}) for one in self.profiles
            ),
        )


def population_of(thing_id: str) -> Population:
    """Return the population that comes with this library.

    Raises:
        ChangeUnknownError: there is none for this one-thing; give one of your own.
    """
    known = POPULATIONS.get(thing_id)
    if known is None:
        msg = f"nobody has counted who comes for {thing_id}; give a population of your own"
        raise ChangeUnknownError(msg, choices=tuple(sorted(POPULATIONS)))
    return known


def _restaurant(zh: str, en: str, weight: int, **answers: Any) -> Profile:
    return Profile(title=Text(zh=zh, en=en), weight=weight, answers={"has_licence": True} | answers)


_RESTAURANT: Final = Population(
    source=Text(
        zh="示例数据：按开办餐饮店常见情形假设的比例，不是统计。",
        en="Sample data: shares assumed for the usual kinds of places, no statistics.",
    ),
    profiles=(
        _restaurant(
            "小面馆", "noodle shop", 34,
            area="80", seats=30, hot_food=True, new_sign=True, drains_to_sewer=True, staff_count=3,
        ),
        _restaurant(
            "商场茶饮", "tea kiosk in a mall", 18,
            area="18", in_mall=True, fresh_drinks=True, staff_count=2,
        ),
        _restaurant(
            "新设小吃店", "new snack bar, no licence yet", 14,
            has_licence=False, area="60", seats=16, hot_food=True, new_sign=True,
            drains_to_sewer=True, staff_count=2,
        ),
        _restaurant(
            "预包装食品店", "shop for sealed food", 10,
            area="40", prepackaged_only=True, staff_count=1, new_sign=True,
        ),
        _restaurant(
            "蛋糕店", "cake shop", 8,
            area="70", seats=8, cakes=True, fresh_drinks=True, new_sign=True, staff_count=4,
        ),
        _restaurant(
            "中型酒楼", "restaurant of 350 m²", 11,
            area="350", seats=120, hot_food=True, cold_meat=True, new_sign=True,
            drains_to_sewer=True, staff_count=6, open_flame="gas",
        ),
        _restaurant(
            "海鲜加卡拉OK", "seafood and karaoke", 5,
            area="420", seats=160, hot_food=True, raw_food=True, cold_meat=True,
            entertainment=True, new_sign=True, drains_to_sewer=True, sells_tobacco=True,
            staff_count=8, open_flame="gas",
        ),
    ),
)  # fmt: skip
POPULATIONS: Final[Mapping[str, Population]] = {"restaurant": _RESTAURANT}
"""Populations by one-thing. All of them are samples: count your own."""
