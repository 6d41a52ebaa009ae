"""Parts that several laws call by one id and mean different things by: each gets an id of its own.

The accepting region's meaning keeps the plain id, whether or not one of its own steps uses the
part; a meaning that only other regions have keeps it for the first of them. Every other one is
called after the region, ``m_photo@980200``, so that one form and one set of materials hold both.
The office to which the part goes knows it by its own id, which is what stands before the mark.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from oneservice.catalog.models import FieldSpec, MaterialSpec
from oneservice.catalog.shared_parts import is_same_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oneservice.catalog.local import LocalDefinition
    from oneservice.catalog.models import Item, OneThing

__all__ = ["MARK", "catalog_part_id", "is_told_apart", "told_apart"]

MARK = "@"
"""Stands between the id that a region gives to a part and the region; no catalog may use it."""

_Spec = TypeVar("_Spec", FieldSpec, MaterialSpec)
_Meanings: TypeAlias = "dict[str, list[tuple[str, FieldSpec | MaterialSpec]]]"
"""By the id in catalogs, what it means and the id that each meaning has in the plan."""


def is_told_apart(name: str) -> bool:
    """Say whether a field or material has another id in a plan than at its office."""
    return MARK in name


def catalog_part_id(name: str) -> str:
    """Return the id that the deciding region's own catalog gives to a field or material."""
    return name.partition(MARK)[0]


@dataclass(slots=True, kw_only=True)
class _Known:
    """What ids mean so far; it grows law by law, in the order of the steps."""

    fields: _Meanings = field(default_factory=dict)
    materials: _Meanings = field(default_factory=dict)


def told_apart(thing: OneThing, laws: Mapping[str, LocalDefinition]) -> dict[str, LocalDefinition]:
    """Return ``laws`` with own ids for what they mean otherwise; those that agree as they are.

    Args:
        thing: of the region that accepts.
        laws: by step the definition that governs it.
    """
    known = _Known()
    for spec in thing.fields:
        known.fields[spec.id] = [(spec.id, spec)]
    for paper in thing.materials:
        known.materials[paper.id] = [(paper.id, paper)]
    made = {
        law: _apart(law, [step for step, by in laws.items() if by is law], known)
        for law in dict.fromkeys(laws.values())
    }
    return {step: made[law] for step, law in laws.items()}


def _apart(law: LocalDefinition, steps: Iterable[str], known: _Known) -> LocalDefinition:
    used = frozenset(steps)
    fields = _renamed(law.fields, used, known.fields, law.region)
    materials = _renamed(law.materials, used, known.materials, law.region)
    if not fields and not materials:
        return law
    return replace(
        law,
        fields=tuple(_under(spec, fields) for spec in law.fields),
        materials=tuple(_under(spec, materials) for spec in law.materials),
        items={name: _item(item, materials) for name, item in law.items.items()},
    )


def _renamed(
    specs: tuple[_Spec, ...], used: frozenset[str], known: _Meanings, region: str
) -> dict[str, str]:
    """Return the new ids of those ``specs`` that mean something else than what is known."""
    found = {}
    for spec in specs:
        if used.isdisjoint(spec.steps):
            continue
        meanings = known.setdefault(spec.id, [])
        name = next((name for name, one in meanings if is_same_part(one, spec)), None)
        if name is None:
            name = f"{spec.id}{MARK}{region}" if meanings else spec.id
            meanings.append((name, spec))
        if name != spec.id:
            found[spec.id] = name
    return found


def _under(spec: _Spec, names: Mapping[str, str]) -> _Spec:
    return spec.model_copy(update={"id": names[spec.id]}) if spec.id in names else spec


def _item(item: Item, names: Mapping[str, str]) -> Item:
    """Return ``item`` with the new ids in what its result yields and what may follow."""
    changes: dict[str, object] = {}
    if item.result is not None and not names.keys().isdisjoint(item.result.yields):
        yields = tuple(names.get(one, one) for one in item.result.yields)
        changes["result"] = item.result.model_copy(update={"yields": yields})
    if item.tolerance is not None and not names.keys().isdisjoint(item.tolerance.materials):
        materials = tuple(names.get(one, one) for one in item.tolerance.materials)
        changes["tolerance"] = item.tolerance.model_copy(update={"materials": materials})
    return item.model_copy(update=changes) if changes else item
