"""Ways across regions that say what their mode needs, and that somebody is shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.identifiers import parse_region, region_contains

if TYPE_CHECKING:
    from oneservice.catalog.crossing import CrossRegion
    from oneservice.catalog.items import Item
    from oneservice.catalog.lint.notes import Notes

__all__ = ["check_crossing"]


def check_crossing(notes: Notes) -> None:
    """Note ways across regions that are ill made, or behind a wider one for everybody."""
    own = notes.effective.region
    for item in notes.effective.items.values():
        for index, way in enumerate(item.cross_region):
            path = f"items.{item.id}.cross_region.{index}"
            _shape(notes, path, way)
            if own.strip("0") and way.origins and all(_covers(own, one) for one in way.origins):
                text = f"whoever is in {own} needs no way across to hand in '{item.id}'"
                remedy = "name regions outside, or drop 'origins' for applicants everywhere"
                notes.add(f"{path}.origins", "cross_region_inside", text, remedy)
            _covered(notes, item, index)


def _shape(notes: Notes, path: str, way: CrossRegion) -> None:
    lacks, exceeds = way.lacks(), way.exceeds()
    if lacks:
        text = f"a way of mode '{way.mode}' needs {_names(lacks)}"
        notes.add(path, "cross_region_shape", text, f"add {_names(lacks)}")
    if exceeds:
        text = f"a way of mode '{way.mode}' has no use for {_names(exceeds)}"
        notes.add(path, "cross_region_shape", text, f"drop {_names(exceeds)}, or change the mode")


def _covered(notes: Notes, item: Item, index: int) -> None:
    way = item.cross_region[index]
    for earlier in item.cross_region[:index]:
        if not earlier.origins or (
            way.origins
            and all(any(_covers(wide, one) for wide in earlier.origins) for one in way.origins)
        ):
            path = f"items.{item.id}.cross_region.{index}"
            text = f"nobody is shown this way first for '{item.id}': an earlier one is open to them"
            remedy = "put the narrower one first if it is preferred, or drop one of them"
            notes.add(path, "cross_region_covered", text, remedy)
            return


def _covers(wide: str, narrow: str) -> bool:
    return region_contains(parse_region(wide), parse_region(narrow))


def _names(members: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in members)
