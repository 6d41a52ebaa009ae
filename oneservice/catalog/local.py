"""What of a one-thing counts in each region, as far as one of its steps may be decided there.

A step is decided by the law of the region whose office decides (domain page, section 6,
consequence c): another promise, another fee, a paper more or less. A definition that routes steps
to other regions therefore knows those steps as each region has them, and its digest covers that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from oneservice.canonical import Digest, digest
from oneservice.catalog.rules import parse_rule
from oneservice.catalog.terms import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pydantic import BaseModel

    from oneservice.catalog.models import (
        Department,
        FieldSpec,
        Item,
        MaterialSpec,
        OneThing,
        Situation,
        Step,
    )
    from oneservice.catalog.rules import Rule

__all__ = ["LocalDefinition", "is_same_step", "local_definition"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalDefinition:
    """Steps of one one-thing that may be routed here, as they count in ``region``.

    ``region`` is the narrowest one whose files shape it; regions within it that change nothing
    share it. ``fields`` and ``materials`` are those that the steps use, ``situations`` the
    questions that their rules read.
    """

    region: str
    steps: Mapping[str, Step]
    items: Mapping[str, Item]
    departments: Mapping[str, Department]
    fields: tuple[FieldSpec, ...]
    materials: tuple[MaterialSpec, ...]
    situations: Mapping[str, Situation]
    rules: Mapping[str, Rule] = field(repr=False)
    digest: Digest

    def rules_of(self, step_id: str) -> tuple[str, ...]:
        """Return the rules that decide about one of :attr:`steps`, as texts."""
        step = self.steps[step_id]
        texts = _rule_texts(
            {step_id: step},
            {step.item: self.items[step.item]},
            tuple(one for one in self.fields if step_id in one.steps),
            tuple(one for one in self.materials if step_id in one.steps),
        )
        return tuple(text for text in texts if text is not None)


def local_definition(
    thing: OneThing,
    items: Mapping[str, Item],
    departments: Mapping[str, Department],
    *,
    region: str,
    steps: Collection[str],
) -> LocalDefinition:
    """Return what counts in ``region`` of those ``steps`` of ``thing`` that it has.

    Args:
        thing: after all overlays of the region.
        items: after all overlays of the region, those of the steps at least.
        departments: as the region names them.
        region: the narrowest region whose files took part.
        steps: ids of the steps that some region routes away.

    Raises:
        RuleSyntaxError: a rule cannot be read.
    """
    placed = {one.id: one for one in thing.steps if one.id in steps and one.item in items}
    own_items = {name: items[name] for name in sorted({one.item for one in placed.values()})}
    offices = sorted({one.department for one in own_items.values()})
    own_departments = {name: departments[name] for name in offices if name in departments}
    fields = tuple(one for one in thing.fields if not placed.keys().isdisjoint(one.steps))
    materials = tuple(one for one in thing.materials if not placed.keys().isdisjoint(one.steps))
    texts = _rule_texts(placed, own_items, fields, materials)
    rules = {text: parse_rule(text) for text in texts if text is not None}
    read = {name for rule in rules.values() for name in rule.names}
    situations = {one.id: one for one in thing.situations if one.id in read}
    content = {
        "steps": _dumped(placed),
        "items": _dumped(own_items),
        "departments": _dumped(own_departments),
        "fields": _dumped({one.id: one for one in fields}),
        "materials": _dumped({one.id: one for one in materials}),
        "situations": _dumped(situations),
    }
    return LocalDefinition(
        region=region,
        steps=placed,
        items=own_items,
        departments=own_departments,
        fields=fields,
        materials=materials,
        situations=situations,
        rules=rules,
        digest=digest(content),
    )


@lru_cache(maxsize=4096)
def is_same_step(one: LocalDefinition, other: LocalDefinition, step_id: str) -> bool:
    """Say whether two regions say the same of a step that both have, once it is on."""
    first, second = one.steps[step_id], other.steps[step_id]
    return (
        first.limits == second.limits
        and first.spared_by == second.spared_by
        and one.items[first.item] == other.items[second.item]
        and _parts(one.fields, step_id) == _parts(other.fields, step_id)
        and _parts(one.materials, step_id) == _parts(other.materials, step_id)
    )


def _parts(
    specs: tuple[FieldSpec, ...] | tuple[MaterialSpec, ...], step_id: str
) -> list[FieldSpec | MaterialSpec]:
    """Return what a step uses, whoever else does."""
    used = (one for one in specs if step_id in one.steps)
    return [one.model_copy(update={"steps": (step_id,)}) for one in used]


def _rule_texts(
    steps: Mapping[str, Step],
    items: Mapping[str, Item],
    fields: tuple[FieldSpec, ...],
    materials: tuple[MaterialSpec, ...],
) -> Iterator[str | None]:
    """Yield what decides about a step that is on: neither whether it is, nor where it goes."""
    for step in steps.values():
        yield from (case.when for case in step.limits)
    for item in items.values():
        yield from (channel.when for channel in item.channels)
        yield from (fee.when for fee in item.fees)
        yield item.commitment.when if item.commitment else None
    yield from (spec.when for spec in fields)
    yield from (spec.when for spec in materials)


def _dumped(parts: Mapping[str, BaseModel]) -> dict[str, Any]:
    return {
        name: one.model_dump(mode="json", exclude_defaults=True, exclude=SEARCHED)
        for name, one in parts.items()
    }
