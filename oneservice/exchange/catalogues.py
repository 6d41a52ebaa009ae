"""A whole one-thing as rows: its items, and the materials of each."""

from __future__ import annotations

import json
from dataclasses import dataclass

from oneservice.catalog import EffectiveThing
from oneservice.exchange.items import export_item
from oneservice.exchange.materials import export_material
from oneservice.exchange.records import ItemRecord, MaterialRecord
from oneservice.exchange.tables import rows_as_json

__all__ = ["ThingRows", "export_thing", "write_thing_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRows:
    """Two tables: items, and materials by item (``task_code``, ``task_name``)."""

    items: tuple[ItemRecord, ...]
    materials: tuple[MaterialRecord, ...]


def export_thing(thing: EffectiveThing, *, with_luggage: bool = False) -> ThingRows:
    """Return the rows of ``thing``, items in the order of its steps.

    A material that serves several items stands in each item's list, as the exchange has it.
    """
    first_day = max((layer.effective_from for layer in thing.layers), default=None)
    items: dict[str, ItemRecord] = {}
    materials: list[MaterialRecord] = []
    for step in thing.thing.steps:
        item = thing.items[step.item]
        if item.id not in items:
            items[item.id] = export_item(
                item,
                thing.departments[item.department],
                region=thing.region,
                effective_from=first_day,
                with_luggage=with_luggage,
            )
        materials += [
            export_material(one, item=items[item.id], with_luggage=with_luggage)
            for one in thing.thing.materials
            if step.id in one.steps
        ]
    return ThingRows(items=tuple(items.values()), materials=tuple(materials))


def write_thing_json(rows: ThingRows) -> str:
    """Return both tables as one JSON object with the members ``items`` and ``materials``."""
    tables = {"items": rows_as_json(rows.items), "materials": rows_as_json(rows.materials)}
    return json.dumps(tables, ensure_ascii=False, indent=1) + "\n"
