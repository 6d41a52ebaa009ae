"""What of a plan is the same for all answers, worked out once for each definition.

A definition never changes (:class:`EffectiveThing` is frozen), so what is kept here can never be
stale; a bounded number of definitions is kept, which is what one portal serves on one day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from oneservice.catalog import EffectiveThing, FieldSpec, Item, Limit
from oneservice.plan.facts import law_reasons
from oneservice.plan.models import PlannedResult
from oneservice.plan.parts import PlannedChannel
from oneservice.plan.terms import Reason, TimeLimit

__all__ = ["FieldFrame", "Frame", "ItemFrame", "frame_of", "time_limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFrame:
    """The parts of an item as plans hold them."""

    laws: tuple[Reason, ...]
    promised: TimeLimit
    statutory: TimeLimit | None
    result: PlannedResult | None
    channels: tuple[PlannedChannel, ...]
    """The ways of the item as if all were open."""
    has_channel_rules: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFrame:
    """A field with the values that it offers."""

    spec: FieldSpec
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Items and fields by id, and for each material its legal basis.

    ``rank`` gives each step its place in the author's order.
    """

    items: Mapping[str, ItemFrame]
    fields: Mapping[str, FieldFrame]
    laws_of_material: Mapping[str, tuple[Reason, ...]]
    rank: Mapping[str, int]


@lru_cache(maxsize=64)
def frame_of(thing: EffectiveThing) -> Frame:
    """Return the frame of ``thing``."""
    definition = thing.thing
    return Frame(
        items={name: _item(item) for name, item in thing.items.items()},
        fields={
            spec.id: FieldFrame(spec=spec, choices=tuple(one.value for one in spec.choices))
            for spec in definition.fields
        },
        laws_of_material={spec.id: law_reasons(spec.legal_basis) for spec in definition.materials},
        rank={step.id: index for index, step in enumerate(definition.steps)},
    )


def time_limit(limit: Limit) -> TimeLimit:
    """Return ``limit`` as plans hold it."""
    return TimeLimit(days=limit.days, unit=limit.unit)


def _item(item: Item) -> ItemFrame:
    result = item.result
    return ItemFrame(
        laws=law_reasons(item.legal_basis),
        promised=time_limit(item.promised),
        statutory=None if item.statutory is None else time_limit(item.statutory),
        result=None
        if result is None
        else PlannedResult(
            type=result.type,
            title=result.title,
            is_certificate=result.is_certificate,
            valid_years=result.valid_years,
        ),
        channels=tuple(
            PlannedChannel(
                kind=channel.kind,
                where=channel.where,
                url=channel.url,
                visits=channel.visits,
                is_open=True,
                reasons=(),
            )
            for channel in item.channels
        ),
        has_channel_rules=any(channel.when is not None for channel in item.channels),
    )
