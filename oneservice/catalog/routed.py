"""The steps of a one-thing that may be routed away, as each region has them, out of all files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from oneservice.catalog.layers import Layers, Shared, base_of, chain_of, drafted
from oneservice.catalog.local import LocalDefinition, local_definition
from oneservice.errors import CatalogError

if TYPE_CHECKING:
    from datetime import date

    from oneservice.catalog.models import Department
    from oneservice.catalog.overlay import Draft

__all__ = ["ByRegion", "routed_steps"]

ByRegion: TypeAlias = Mapping[str, "LocalDefinition | None"]
"""By every region that published any file; ``None`` where its files cannot be laid together."""


def routed_steps(
    thing_id: str,
    in_force: Layers,
    *,
    on: date,
    layers_of: Callable[[str], Layers],
    parts_of: Callable[[Layers], Shared],
) -> ByRegion:
    """Return what each region that has a file says of the steps that some region routes away.

    Regions that change nothing share the definition of the nearest wider one that does. Files that
    cannot be laid together are refused at their own region's counters, and by lint; for others its
    law is then not at hand.

    Args:
        thing_id: of the one-thing.
        in_force: every file that counts on the day ``on``.
        on: that day.
        layers_of: the files that count in a region, the widest region first.
        parts_of: items and departments of such files.
    """
    drafts = {
        region: _draft(thing_id, layers_of(region), parts_of, region=region, on=on)
        for region in _changing(thing_id, in_force)
    }
    things = [draft.thing() for draft in drafts.values() if draft is not None]
    steps = {step.id for thing in things for step in thing.steps if step.region is not None}
    made = {
        region: _made(draft, parts_of(layers_of(region))[1], region=region, steps=steps)
        for region, draft in drafts.items()
    }
    speaking = sorted({chain_of(each.region)[-1] for each in in_force})
    nearest = {
        region: next((code for code in reversed(chain_of(region)) if code in made), None)
        for region in speaking
    }
    return {region: made[code] for region, code in nearest.items() if code is not None}


def _changing(thing_id: str, in_force: Layers) -> list[str]:
    """Return the regions with files that publish the one-thing, or lay something over it."""
    return sorted(
        {
            chain_of(each.region)[-1]
            for each in in_force
            if thing_id in each.names["overlays"] or thing_id in each.names["things"]
        }
    )


def _draft(
    thing_id: str,
    layers: Layers,
    parts_of: Callable[[Layers], Shared],
    *,
    region: str,
    on: date,
) -> Draft | None:
    try:
        published = base_of(layers, thing_id, region, on)
        return drafted(layers, published, parts_of(layers)[0])[0]
    except CatalogError:
        return None


def _made(
    draft: Draft | None, departments: Mapping[str, Department], *, region: str, steps: set[str]
) -> LocalDefinition | None:
    if draft is None:
        return None
    try:
        return local_definition(draft.thing(), draft.items, departments, region=region, steps=steps)
    except CatalogError:
        return None
