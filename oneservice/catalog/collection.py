"""All files together: which one-thing counts for a region on a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from oneservice.catalog.effective import (
    EffectiveThing,
    Layer,
    Origin,
    effective_digest,
    rules_of,
)
from oneservice.catalog.overlay import Draft
from oneservice.catalog.rules import did_you_mean
from oneservice.errors import OverlayError, UnknownThingError
from oneservice.identifiers import RegionCode, parse_region, region_chain

if TYPE_CHECKING:
    from oneservice.catalog.models import Department, Item, OneThing
    from oneservice.catalog.places import SourcedDocument

__all__ = ["MAX_KEPT", "Catalog"]

MAX_KEPT = 256
"""Definitions (and sets of layers) that a catalog keeps: what one portal serves on one day."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Part = TypeVar("_Part")
_Layers: TypeAlias = "tuple[SourcedDocument, ...]"
_Published: TypeAlias = "tuple[SourcedDocument, int, str]"
"""A file, an index in its list of one-things, and the id there."""


class _Declared(Mapping[str, _Part]):
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
        found = self.at.get(name)
        return (found[0], (self.section, found[1])) if found else None


_Shared: TypeAlias = "tuple[_Declared[Item], _Declared[Department]]"
"""Items and departments: the same for every one-thing of a region and day."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalog:
    """The documents that were read. Effective definitions are computed once and kept."""

    documents: tuple[SourcedDocument, ...]
    _kept: dict[tuple[object, ...], EffectiveThing] = field(
        default_factory=dict, init=False, repr=False
    )
    _laid: dict[tuple[str, date], _Layers] = field(default_factory=dict, init=False, repr=False)
    _shared: dict[_Layers, _Shared] = field(default_factory=dict, init=False, repr=False)

    def thing(self, thing_id: str, *, region: str, on: date) -> EffectiveThing:
        """Return the definition of ``thing_id`` that counts in ``region`` on the day ``on``.

        Raises:
            IdentifierError: ``region`` is no region code.
            UnknownThingError: nothing of that id is published there and then; the message lists
                what is.
            OverlayError: a region's overlay does what it may not do.
            RuleSyntaxError: a rule cannot be read.
            TypeError: ``on`` is no day.
        """
        day: object = on  # callers without a type checker pass what a form gave them
        if not isinstance(day, date) or isinstance(day, datetime):
            msg = "on is a day, such as date(2026, 9, 28); no text, and no instant"
            raise TypeError(msg)
        layers = self._layers(region, on)
        key = (thing_id, region, layers)
        kept = self._kept.get(key)
        if kept is None:
            base = _base(layers, thing_id, region, on)
            shared = self._shared.get(layers) or (_items(layers), _departments(layers))
            _keep(self._shared, layers, shared)
            kept = _effective(layers, base, shared, everywhere=self.documents, region=region, on=on)
            _keep(self._kept, key, kept)
        elif kept.on != on:  # kept again: what plans work out of a definition goes by identity
            kept = replace(kept, on=on)
            _keep(self._kept, key, kept)
        return kept

    def things(self, region: str, on: date) -> tuple[EffectiveThing, ...]:
        """Return every one-thing that is published for ``region`` on the day ``on``, by id."""
        names = sorted({name for _, _, name in _published(self._layers(region, on))})
        return tuple(self.thing(name, region=region, on=on) for name in names)

    def _layers(self, region: str, on: date) -> _Layers:
        """Return the documents in force, the widest region first, older before newer."""
        known = self._laid.get((region, on))
        if known is not None:
            return known
        chain = {code: level for level, code in enumerate(_chain(region))}
        found = [
            (chain[code], each.effective_from, each.name, each)
            for each in self.documents
            if (code := _chain(each.region)[-1]) in chain and _in_force(each, on)
        ]
        layers = tuple(each for *_, each in sorted(found, key=lambda entry: entry[:3]))
        _keep(self._laid, (region, on), layers)
        return layers


@lru_cache(maxsize=65_536)  # a country has about 40,000 towns; each is looked up again and again
def _chain(region: str) -> tuple[RegionCode, ...]:
    return region_chain(parse_region(region))


def _in_force(document: SourcedDocument, on: date) -> bool:
    last = document.effective_until
    return document.effective_from <= on and (last is None or on <= last)


def _published(layers: _Layers) -> Iterator[_Published]:
    for each in layers:
        for index, name in enumerate(each.names["things"]):
            yield each, index, name


def _keep(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep ``value``; the oldest goes when there are :data:`MAX_KEPT`."""
    if len(kept) >= MAX_KEPT and key not in kept:
        kept.pop(next(iter(kept)), None)
    kept[key] = value


def _effective(
    layers: _Layers,
    published: _Published,
    shared: _Shared,
    *,
    everywhere: _Layers,
    region: str,
    on: date,
) -> EffectiveThing:
    items, departments = shared
    base: OneThing = published[0].part("things", published[1])
    draft = Draft(base, items, _origins_of(published[0], published[1], base))
    used = [published[0], *_lay(layers, draft, base.id)]
    thing = draft.thing()
    duties = thing.dispatch.duties if thing.dispatch else ()
    placed = dict.fromkeys((*(step.item for step in thing.steps), *(one.item for one in duties)))
    own_items = {name: draft.items[name] for name in placed if name in draft.items}
    offices = {item.department for item in own_items.values()} | {thing.lead_department}
    offices |= {one.department for one in duties}
    offices |= {rung.office for item in own_items.values() for rung in item.escalation}
    own_departments = {name: departments[name] for name in sorted(offices) if name in departments}
    origins = _own_origins(draft.origins, own_items)
    for section, names in ((items, own_items), (departments, own_departments)):
        for name in names:
            origin = section.origin(name)
            if origin is not None:
                origins[f"{section.section}.{name}"] = origin
                used.append(origin[0])
    is_routed = any(step.region is not None for step in thing.steps)
    known = _offices(everywhere, own_departments, on) if is_routed else {}
    return EffectiveThing(
        thing=thing,
        items=own_items,
        departments=own_departments,
        region=region,
        on=on,
        digest=effective_digest(thing, own_items, own_departments, known),
        layers=tuple(_layer(each) for each in layers if each in used),
        rules=rules_of(thing, own_items),
        offices=known,
        origins=origins,
    )


def _own_origins(origins: Mapping[str, Origin], items: Mapping[str, Item]) -> dict[str, Origin]:
    """Return the origins without those of items that no step and no duty row names."""
    return {
        path: origin
        for path, origin in origins.items()
        if not path.startswith("items.") or path.split(".", 2)[1] in items
    }


def _origins_of(document: SourcedDocument, index: int, thing: OneThing) -> dict[str, Origin]:
    origins: dict[str, Origin] = {"": (document, ("things", index))}
    for section in ("situations", "steps", "fields", "materials"):
        for number, part in enumerate(getattr(thing, section)):
            origins[f"{section}.{part.id}"] = (document, ("things", index, section, number))
    return origins


def _lay(layers: _Layers, draft: Draft, thing_id: str) -> list[SourcedDocument]:
    """Lay every overlay for ``thing_id`` in the order of ``layers``; return their documents."""
    used = []
    for each in layers:
        for number, name in enumerate(each.names["overlays"]):
            if name == thing_id:
                draft.lay(each.part("overlays", number), each, number)
                used.append(each)
    return used


def _base(layers: _Layers, thing_id: str, region: str, on: date) -> _Published:
    found = [entry for entry in _published(layers) if entry[2] == thing_id]
    if not found:
        names = sorted({name for _, _, name in _published(layers)})
        known = did_you_mean(thing_id, names) or f"; {len(names)} others are"
        msg = f"no one-thing '{thing_id[:60]}' is published for region {region} on {on}"
        raise UnknownThingError(msg + (known if names else "; nothing is"))
    top = found[0][0].region
    for each, index, _ in found:
        if each.region != top:
            msg = f"'{thing_id}' is published for {top} already; write an overlay instead"
            raise OverlayError(msg, source=each.source("things", index, "id"))
    return found[-1]  # the newest version of the widest region


def _items(layers: _Layers) -> _Declared[Item]:
    items: _Declared[Item] = _Declared("items")
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


def _departments(layers: _Layers) -> _Declared[Department]:
    """Return offices by id; the narrowest region's own entry counts (its code, its name)."""
    found: _Declared[Department] = _Declared("departments")
    for each in layers:
        for index, name in enumerate(each.names["departments"]):
            found.at[name] = (each, index)
    return found


def _offices(
    documents: _Layers, departments: Mapping[str, Department], on: date
) -> dict[str, dict[str, Department]]:
    """Return how each region that has a file names ``departments``, by department and region."""
    found: dict[str, dict[str, Department]] = {}
    for each in sorted(documents, key=lambda one: (one.effective_from, one.name)):
        if _in_force(each, on):
            for index, name in enumerate(each.names["departments"]):
                if name in departments:
                    office: Department = each.part("departments", index)
                    found.setdefault(name, {})[_chain(each.region)[-1]] = office
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def _layer(each: SourcedDocument) -> Layer:
    return Layer(name=each.name, region=each.region, effective_from=each.effective_from)
