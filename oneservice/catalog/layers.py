"""Files laid together: what those of one region and day publish, declare and change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from oneservice.catalog.effective import Origin
from oneservice.catalog.overlay import Draft
from oneservice.catalog.rules import did_you_mean
from oneservice.errors import OverlayError, UnknownThingError
from oneservice.identifiers import RegionCode, parse_region, region_chain

if TYPE_CHECKING:
    from datetime import date

    from oneservice.catalog.models import Department, Item, OneThing
    from oneservice.catalog.places import SourcedDocument

__all__ = [
    "Declared",
    "Layers",
    "Published",
    "Shared",
    "base_of",
    "chain_of",
    "departments_of",
    "drafted",
    "is_in_force",
    "items_of",
    "offices_of",
    "published_in",
]

_Part = TypeVar("_Part")
Layers: TypeAlias = "tuple[SourcedDocument, ...]"
Published: TypeAlias = "tuple[SourcedDocument, int, str]"
"""A file, an index in its list of one-things, and the id there."""


class Declared(Mapping[str, _Part]):
    """Items or departments by id, each made when it is asked for."""

    def __init__(self, section: str) -> None:
        self.section = section
        self.at: dict[str, tuple[SourcedDocument, int]] = {}

    def __getitem__(self, name: str) -> _Part:
        document, index = self.at[name]
        part: _Part = document.part(self.section, index)
        return part

    def __contains__(self, name: object) -> bool:
        return name in self.at  # without making the part

    def __iter__(self) -> Iterator[str]:
        return iter(self.at)

    def __len__(self) -> int:
        return len(self.at)

    def origin(self, name: str) -> Origin | None:
        """Return where the part ``name`` comes from, ``None``: it is not declared."""
        found = self.at.get(name)
        return (found[0], (self.section, found[1])) if found else None


Shared: TypeAlias = "tuple[Declared[Item], Declared[Department]]"
"""Items and departments: the same for every one-thing of a region and day."""


@lru_cache(maxsize=65_536)  # a country has about 40,000 towns; each is looked up again and again
def chain_of(region: str) -> tuple[RegionCode, ...]:
    """Return the regions that contain ``region``, the widest first.

    Raises:
        IdentifierError: it is no region code.
    """
    return region_chain(parse_region(region))


def is_in_force(document: SourcedDocument, on: date) -> bool:
    """Say whether ``document`` counts on the day ``on``."""
    last = document.effective_until
    return document.effective_from <= on and (last is None or on <= last)


def published_in(layers: Layers) -> Iterator[Published]:
    """Yield every one-thing that is published, in the order of ``layers``."""
    for each in layers:
        for index, name in enumerate(each.names["things"]):
            yield each, index, name


def _origins_of(document: SourcedDocument, index: int, thing: OneThing) -> dict[str, Origin]:
    origins: dict[str, Origin] = {"": (document, ("things", index))}
    for section in ("situations", "steps", "fields", "materials"):
        for number, part in enumerate(getattr(thing, section)):
            origins[f"{section}.{part.id}"] = (document, ("things", index, section, number))
    return origins


def drafted(
    layers: Layers, published: Published, items: Mapping[str, Item]
) -> tuple[Draft, list[SourcedDocument]]:
    """Return a one-thing with every overlay laid over it, and the documents that took part.

    Raises:
        OverlayError: an overlay does what it may not do.
        UnknownReferenceError: an overlay changes what is not there.
    """
    base: OneThing = published[0].part("things", published[1])
    draft = Draft(base, items, _origins_of(published[0], published[1], base))
    used = [published[0]]
    for each in layers:
        for number, name in enumerate(each.names["overlays"]):
            if name == base.id:
                draft.lay(each.part("overlays", number), each, number)
                used.append(each)
    return draft, used


def base_of(layers: Layers, thing_id: str, region: str, on: date) -> Published:
    """Return where ``thing_id`` is published, its newest version.

    Raises:
        UnknownThingError: nowhere; the message lists what is.
        OverlayError: a region publishes anew what a wider one does already.
    """
    found = [entry for entry in published_in(layers) if entry[2] == thing_id]
    if not found:
        names = sorted({name for _, _, name in published_in(layers)})
        known = did_you_mean(thing_id, names) or f"; {len(names)} others are"
        msg = f"no one-thing '{thing_id[:60]}' is published for region {region} on {on}"
        raise UnknownThingError(msg + (known if names else "; nothing is"))
    top = found[0][0].region
    for each, index, _ in found:
        if each.region != top:
            msg = f"'{thing_id}' is published for {top} already; write an overlay instead"
            raise OverlayError(msg, source=each.source("things", index, "id"))
    return found[-1]  # the newest version of the widest region


def items_of(layers: Layers) -> Declared[Item]:
    """Return items by id, the newest version of each.

    Raises:
        OverlayError: a region declares anew what a wider one does already.
    """
    items: Declared[Item] = Declared("items")
    for each in layers:
        for index, name in enumerate(each.names["items"]):
            known = items.at.get(name)
            if known is not None and known[0].region != each.region:
                msg = (
                    f"the item '{name}' is declared for {known[0].region} already; "
                    "use 'change_items' in an overlay"
                )
                raise OverlayError(msg, source=each.source("items", index, "id"))
            items.at[name] = (each, index)
    return items


def departments_of(layers: Layers) -> Declared[Department]:
    """Return offices by id; the narrowest region's own entry counts (its code, its name)."""
    found: Declared[Department] = Declared("departments")
    for each in layers:
        for index, name in enumerate(each.names["departments"]):
            found.at[name] = (each, index)
    return found


def offices_of(
    documents: Layers, departments: Mapping[str, Department], on: date
) -> dict[str, dict[str, Department]]:
    """Return how each region that has a file names ``departments``, by department and region."""
    found: dict[str, dict[str, Department]] = {}
    for each in sorted(documents, key=lambda one: (one.effective_from, one.name)):
        if is_in_force(each, on):
            for index, name in enumerate(each.names["departments"]):
                if name in departments:
                    office: Department = each.part("departments", index)
                    found.setdefault(name, {})[chain_of(each.region)[-1]] = office
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}
