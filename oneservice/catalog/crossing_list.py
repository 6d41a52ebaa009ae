"""Lists of what crosses regions (跨省通办事项清单): searched by mode, origin and destination."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from oneservice.catalog.crossing import CrossRegion, CrossRegionMode
from oneservice.catalog.terms import RegionCode, Text
from oneservice.identifiers import parse_region, region_contains

if TYPE_CHECKING:
    from oneservice.catalog.collection import Catalog
    from oneservice.catalog.items import Item

__all__ = ["CrossRegionEntry", "cross_region_list", "ways_across"]


def ways_across(item: Item, origin: str) -> tuple[CrossRegion, ...]:
    """Return how somebody in ``origin`` can hand ``item`` in; empty: no way is published.

    The first is the one that the deciding region prefers for them: the order is the catalog's.

    Raises:
        IdentifierError: ``origin`` is no region code.
    """
    return tuple(one for one in item.cross_region if one.is_open_from(origin))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossRegionEntry:
    """One line of a cross-region list (跨省通办事项清单)."""

    item: str
    title: Text
    department: str
    destination: str
    mode: CrossRegionMode
    origins: tuple[str, ...]
    """Empty: from everywhere."""
    things: tuple[str, ...]
    """The one-things in which the item is placed there."""
    way: CrossRegion

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON."""
        return {
            "item": self.item,
            "title": {"zh": self.title.zh, "en": self.title.en},
            "department": self.department,
            "destination": self.destination,
            "mode": self.mode.value,
            "origins": list(self.origins),
            "things": list(self.things),
            "way": self.way.model_dump(mode="json", exclude_defaults=True),
        }


def cross_region_list(
    catalog: Catalog,
    on: date,
    *,
    destinations: Iterable[str] = (),
    origin: str | None = None,
    mode: CrossRegionMode | None = None,
    item: str | None = None,
) -> tuple[CrossRegionEntry, ...]:
    """Return what can be handed in from another region, by destination and item.

    Args:
        catalog: all definitions.
        on: the day whose rules count.
        destinations: deciding regions; by default every one for which a file speaks.
        origin: only what somebody there can hand in, by every way that is open to them, the
            preferred one first.
        mode: only this one.
        item: only items whose id or title contains this text.

    Raises:
        IdentifierError: ``origin`` or a destination is no region code.
    """
    places = sorted({parse_region(one) for one in destinations} or _spoken_for(catalog, on))
    rows = (row for place in places for row in _of_place(catalog, place, on))
    return tuple(
        row
        for row in rows
        if (mode is None or row.mode is mode)
        and (item is None or _is_named(row, item))
        and (origin is None or _is_way(row, origin, catalog, on))
    )


def _spoken_for(catalog: Catalog, on: date) -> set[RegionCode]:
    return {
        one.region
        for one in catalog.documents
        if one.effective_from <= on <= (one.effective_until or date.max)
        and one.region.strip("0")  # the national base is no place to apply at
    }


def _of_place(catalog: Catalog, place: str, on: date) -> Iterator[CrossRegionEntry]:
    """Yield the ways of all items; an overlay may give an item other ways in one one-thing."""
    rows: dict[tuple[str, str], CrossRegionEntry] = {}
    for effective in catalog.things(place, on):
        placed = {step.item for step in effective.thing.steps}
        for item in effective.items.values():
            if item.id not in placed:
                continue
            for way in item.cross_region:
                key = item.id, way.model_dump_json(exclude_defaults=True)
                row = rows.get(key) or _row(item, way, place)
                rows[key] = replace(row, things=(*row.things, effective.thing.id))
    yield from sorted(rows.values(), key=lambda row: row.item)


def _row(item: Item, way: CrossRegion, place: str) -> CrossRegionEntry:
    return CrossRegionEntry(
        item=item.id,
        title=item.title,
        department=item.department,
        destination=place,
        mode=way.mode,
        origins=way.origins,
        things=(),
        way=way,
    )


def _is_named(row: CrossRegionEntry, text: str) -> bool:
    sought = text.casefold()
    return any(sought in one.casefold() for one in (row.item, row.title.zh, row.title.en))


def _is_way(row: CrossRegionEntry, origin: str, catalog: Catalog, on: date) -> bool:
    """Say whether the way is open to somebody from ``origin``, and they come from outside."""
    if region_contains(parse_region(row.destination), parse_region(origin)):
        return False
    things = (catalog.thing(one, region=row.destination, on=on) for one in row.things)
    return any(row.way in ways_across(one.items[row.item], origin) for one in things)
