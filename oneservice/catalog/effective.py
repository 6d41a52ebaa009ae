"""The definition that counts: one one-thing, for one region, on one day; hashed and traceable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from oneservice.canonical import Digest, digest
from oneservice.catalog.places import Path, SourcedDocument
from oneservice.catalog.rules import Declared, Rule, declare, parse_rule
from oneservice.catalog.terms import SEARCHED
from oneservice.identifiers import parse_region, region_chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from oneservice.catalog.local import LocalDefinition
    from oneservice.catalog.models import Department, Item, OneThing

__all__ = ["EffectiveThing", "Layer", "Origin", "effective_digest", "rule_texts", "rules_of"]

Origin: TypeAlias = tuple[SourcedDocument, Path]
"""The file and the path in it that a part of the definition came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file that took part: its name below the catalog folder, region and first day."""

    name: str
    region: str
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EffectiveThing:
    """A one-thing after all overlays, with the items and departments that its steps use.

    ``digest`` covers the definition (thing, items, departments) and neither region nor day: two
    regions with the same rules have the same digest, and a day that changes nothing changes none.
    ``rules`` holds every rule of the definition, parsed, by its text. ``offices`` names the same
    departments elsewhere, by region: where a step is routed away, another office decides it.
    ``by_region`` holds the steps that may be routed away as each region has them that published
    anything; ``None`` where its files cannot be laid together. Both are empty where nothing is
    routed.
    """

    thing: OneThing
    items: Mapping[str, Item]
    departments: Mapping[str, Department]
    region: str
    on: date
    digest: Digest
    layers: tuple[Layer, ...]
    rules: Mapping[str, Rule]
    offices: Mapping[str, Mapping[str, Department]] = field(default_factory=dict, repr=False)
    by_region: Mapping[str, LocalDefinition | None] = field(default_factory=dict, repr=False)
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)

    @property
    def declared(self) -> Declared:
        """What rules of this definition may name."""
        return declare(self.thing.situations)

    def office(self, department: str, region: str) -> Department:
        """Return the department as the deciding ``region`` names it; the nearest wider one counts.

        Raises:
            KeyError: the definition does not use this department.
        """
        elsewhere = self.offices.get(department, {})
        for code in reversed(region_chain(parse_region(region))):
            if code in elsewhere:
                return elsewhere[code]
        return self.departments[department]

    def definition_in(self, region: str) -> tuple[str, LocalDefinition | None]:
        """Return what counts in ``region``, and of which region the nearest files are.

        ``None`` where no file speaks for it, not even for the country, or where they cannot be
        laid together; the code is empty then, or that of the files.
        """
        for code in reversed(region_chain(parse_region(region))):
            if code in self.by_region:
                return code, self.by_region[code]
        return "", None

    def source_of(
        self, path: str, *, at_key: bool = False, offset: int | None = None
    ) -> str | None:
        """Return ``file:line:column`` of a part, or of the nearest part above it.

        Args:
            path: dotted, ids for named parts and numbers for others, from the thing's id or from
                ``items`` and ``departments``: ``restaurant.steps.fire_check.when``.
            at_key: point at the key instead of the value.
            offset: point at this character of a rule.
        """
        parts = path.split(".")
        if parts[0] == self.thing.id:
            parts = parts[1:]
        for length in range(len(parts), -1, -1):
            origin = self.origins.get(".".join(parts[:length]))
            if origin is not None:
                document, prefix = origin
                rest = tuple(int(part) if part.isdigit() else part for part in parts[length:])
                return document.source(*prefix, *rest, at_key=at_key, offset=offset)
        return None


def rule_texts(
    thing: OneThing, items: Mapping[str, Item] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield every rule of ``thing``, and of the ``items`` placed in it, as (dotted path, text).

    Paths are below the thing; those of items begin with ``items``.
    """
    for path, text in _optional_rules(thing, items or {}):
        if text is not None:
            yield path, text


def _optional_rules(thing: OneThing, items: Mapping[str, Item]) -> Iterator[tuple[str, str | None]]:
    for situation in thing.situations:
        yield f"situations.{situation.id}.visible_when", situation.visible_when
    for index, contradiction in enumerate(thing.contradictions):
        yield f"contradictions.{index}.when", contradiction.when
    for step in thing.steps:
        yield f"steps.{step.id}.when", step.when
        for index, limit in enumerate(step.limits):
            yield f"steps.{step.id}.limits.{index}.when", limit.when
        yield f"steps.{step.id}.region.when", step.region.when if step.region else None
    for section, specs in (("fields", thing.fields), ("materials", thing.materials)):
        for spec in specs:
            yield f"{section}.{spec.id}.when", spec.when
    for index, party in enumerate(thing.parties):
        yield f"parties.{index}.when", party.when
    for index, batch in enumerate(thing.batches):
        yield f"batches.{index}.when", batch.when
    for item in items.values():
        yield from _rules_of_item(item)


def _rules_of_item(item: Item) -> Iterator[tuple[str, str | None]]:
    for index, channel in enumerate(item.channels):
        yield f"items.{item.id}.channels.{index}.when", channel.when
    for index, fee in enumerate(item.fees):
        yield f"items.{item.id}.fees.{index}.when", fee.when
    commitment = item.commitment
    yield f"items.{item.id}.commitment.when", commitment.when if commitment else None


def rules_of(thing: OneThing, items: Mapping[str, Item] | None = None) -> dict[str, Rule]:
    """Return every rule of ``thing`` and of its ``items``, parsed, by its text.

    Raises:
        RuleSyntaxError: a rule is not of our subset; lint names its place.
    """
    return {text: parse_rule(text) for _, text in rule_texts(thing, items)}


def effective_digest(
    thing: OneThing,
    items: Mapping[str, Item],
    departments: Mapping[str, Department],
    offices: Mapping[str, Mapping[str, Department]] | None = None,
    by_region: Mapping[str, LocalDefinition | None] | None = None,
) -> Digest:
    """Return the digest of a definition; the last two count where a step can be routed away.

    Values that equal the model's default are left out, so that a later release may add an optional
    key without changing what earlier definitions hash to. Words that are only searched
    (:data:`SEARCHED`) decide nothing, and a new one makes no new definition.
    """
    parts = {
        "thing": thing.model_dump(mode="json", exclude_defaults=True, exclude=SEARCHED),
        "items": {
            name: item.model_dump(mode="json", exclude_defaults=True, exclude=SEARCHED)
            for name, item in items.items()
        },
        "departments": {
            name: department.model_dump(mode="json", exclude_defaults=True)
            for name, department in departments.items()
        },
    }
    if offices:
        parts["offices"] = {
            name: {
                region: office.model_dump(mode="json", exclude_defaults=True)
                for region, office in found.items()
            }
            for name, found in offices.items()
        }
    if by_region:
        parts["by_region"] = {
            code: None if local is None else local.digest for code, local in by_region.items()
        }
    return digest(parts)
