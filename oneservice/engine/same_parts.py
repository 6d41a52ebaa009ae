"""What was handed in under one plan, by the ids that another plan has for the same things.

An id is a word of a catalog. Where a case moves to another region's law the same id may mean
something else, and the same thing have another id (:mod:`oneservice.catalog.apart`): what was
handed in goes with its meaning, and where that is asked for no more it goes to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from oneservice.catalog import catalog_part_id
from oneservice.plan import FormField, Plan, PlannedMaterial

__all__ = ["Carried"]

_Part = TypeVar("_Part", FormField, PlannedMaterial)
_Value = TypeVar("_Value")


class Carried:
    """Takes things that were handed in from one plan to another."""

    def __init__(self, before: Plan, after: Plan) -> None:
        self._regions = {one.id: one.region for one in before.steps}
        self._regions_now = {one.id: one.region for one in after.steps}
        self._fields = self._same(before.form, after.form)
        self._materials = self._same(before.materials, after.materials)

    def fields(self, given: Mapping[str, _Value]) -> dict[str, _Value]:
        """Return values by the ids of the later plan; those of repeated groups are none of it."""
        return _renamed(given, self._fields)

    def materials(self, given: Mapping[str, _Value]) -> dict[str, _Value]:
        """Return what is told by material, by the ids of the later plan."""
        return _renamed(given, self._materials)

    def _same(self, before: Iterable[_Part], after: Iterable[_Part]) -> dict[str, str]:
        """Return the earlier id of each part of the later plan that was asked for before."""
        found: dict[str, str] = {}
        known = tuple(before)
        for part in after:
            alike = [one for one in known if catalog_part_id(one.id) == catalog_part_id(part.id)]
            same = [one for one in alike if _meaning(one) == _meaning(part)]
            # The law of a region may call its own part otherwise: it stays that part.
            same += [one for one in alike if one.id == part.id and self._stays(one, part)]
            if same:
                found[part.id] = same[0].id
        return found

    def _stays(self, one: FormField | PlannedMaterial, other: FormField | PlannedMaterial) -> bool:
        """Say whether one of the regions that ask for ``other`` asked for ``one``."""
        asked = {self._regions.get(name) for name in one.steps}
        asks = {self._regions_now.get(name) for name in other.steps}
        return not asked or not asks or not asked.isdisjoint(asks)


def _meaning(part: FormField | PlannedMaterial) -> tuple[object, ...]:
    """Return what a part is, as :func:`oneservice.catalog.is_same_part` has it."""
    if isinstance(part, FormField):
        return (part.title.zh, part.type, part.unit, part.group)
    return (part.title.zh,)


def _renamed(given: Mapping[str, _Value], names: Mapping[str, str]) -> dict[str, _Value]:
    return {new: given[old] for new, old in names.items() if old in given}
