"""Fields and materials that steps under several laws use: each step's use by its own law.

One part of the form serves all who ask for it, if it is the same thing. Two regions may ask for the
same paper under different rules, so each rule is looked at for its own steps before they come
together. What they call by one id and mean otherwise was told apart before
(:mod:`oneservice.catalog.apart`), so here one id is one thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from oneservice.catalog.models import FieldSpec, MaterialSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from oneservice.catalog.local import LocalDefinition

__all__ = ["RuledParts", "disputed_rules", "is_same_part", "shared_parts"]

_Spec = TypeVar("_Spec", FieldSpec, MaterialSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledParts:
    """By step the law that governs it, and the rules that the answers leave open or refute."""

    laws: Mapping[str, LocalDefinition]
    open_rules: frozenset[str]
    refuted_rules: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use(Generic[_Spec]):
    """A part as one law has it, with the steps that use it under that law."""

    spec: _Spec
    steps: tuple[str, ...]


def is_same_part(one: FieldSpec | MaterialSpec, other: FieldSpec | MaterialSpec) -> bool:
    """Say whether two regions mean the same by a part of one id: its title, a field's shape."""
    if isinstance(one, FieldSpec) and isinstance(other, FieldSpec):
        shape = (one.type, one.unit, one.group) == (other.type, other.unit, other.group)
        return shape and one.title.zh == other.title.zh
    return type(one) is type(other) and one.title.zh == other.title.zh


def disputed_rules(
    *sides: tuple[tuple[FieldSpec, ...], tuple[MaterialSpec, ...]],
) -> frozenset[str]:
    """Return the rules of parts that not every side asks for under the same rule, as texts."""
    found: dict[tuple[type, str], set[str | None]] = {}
    for fields, materials in sides:
        for field in fields:
            found.setdefault((FieldSpec, field.id), set()).add(field.when)
        for material in materials:
            found.setdefault((MaterialSpec, material.id), set()).add(material.when)
    several = (rules for rules in found.values() if len(rules) > 1)
    return frozenset(rule for rules in several for rule in rules if rule is not None)


def shared_parts(
    own: Iterable[_Spec],
    there: Mapping[LocalDefinition, Mapping[str, _Spec]],
    ruled: RuledParts,
) -> Iterator[tuple[_Spec, tuple[_Spec, ...]]]:
    """Yield each part once with the steps that use it, and as each law has it that they go by.

    A part that steps under one foreign law alone use is that law's; otherwise the own one counts.
    Steps for which their law's rule does not hold are left out; so are those for which it is open.
    """
    ours: dict[str, _Spec] = {one.id: one for one in own}
    for name in dict.fromkeys([*ours, *(name for specs in there.values() for name in specs)]):
        mine = ours.get(name)
        uses = _settled(list(_uses(name, mine, there, ruled)), ruled)
        if not uses:
            continue
        first = uses[0].spec
        spec: _Spec = mine if mine is not None and len(uses) > 1 else first
        steps: list[str] = [step for use in uses for step in use.steps]
        order: list[str] = [*spec.steps, *steps]
        changes = {"steps": tuple(sorted(steps, key=order.index)), "when": first.when}
        yield spec.model_copy(update=changes), tuple(use.spec for use in uses)


def _uses(
    name: str,
    mine: _Spec | None,
    there: Mapping[LocalDefinition, Mapping[str, _Spec]],
    ruled: RuledParts,
) -> Iterator[_Use[_Spec]]:
    """Yield who uses the part ``name``, the accepting region's steps first."""
    steps = tuple(step for step in (mine.steps if mine else ()) if step not in ruled.laws)
    if mine is not None and steps:
        yield _Use(spec=mine, steps=steps)
    for law in dict.fromkeys(ruled.laws.values()):
        spec = there[law].get(name)
        if spec is None or spec.when in ruled.open_rules:
            continue
        steps = tuple(one for one, by in ruled.laws.items() if by is law and one in spec.steps)
        if steps:
            yield _Use(spec=spec, steps=steps)


def _settled(uses: list[_Use[_Spec]], ruled: RuledParts) -> list[_Use[_Spec]]:
    """Return those that ask for the part; where all ask under one rule, it is left to the form."""
    if len({use.spec.when for use in uses}) > 1:
        uses = [use for use in uses if use.spec.when not in ruled.refuted_rules]
    return uses
