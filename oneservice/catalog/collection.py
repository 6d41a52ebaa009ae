"""All files together: which one-thing counts for a region on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from oneservice.catalog.effective import (
    EffectiveThing,
    Layer,
    Origin,
    effective_digest,
    rules_of,
)
from oneservice.catalog.layers import (
    Layers,
    Published,
    Shared,
    base_of,
    chain_of,
    departments_of,
    drafted,
    is_in_force,
    items_of,
    offices_of,
    published_in,
)
from oneservice.catalog.routed import ByRegion, routed_steps

if TYPE_CHECKING:
    from oneservice.catalog.models import Department, Item
    from oneservice.catalog.places import SourcedDocument
    from oneservice.catalog.terms import Text

__all__ = ["MAX_KEPT", "Catalog"]

MAX_KEPT = 256
"""Definitions (and sets of layers) that a catalog keeps: what one portal serves on one day."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalog:
    """The documents that were read. Effective definitions are computed once and kept."""

    documents: tuple[SourcedDocument, ...]
    _kept: dict[tuple[object, ...], EffectiveThing] = field(
        default_factory=dict, init=False, repr=False
    )
    _laid: dict[tuple[str, date], Layers] = field(default_factory=dict, init=False, repr=False)
    _shared: dict[Layers, Shared] = field(default_factory=dict, init=False, repr=False)
    _routed: dict[tuple[str, Layers], ByRegion] = field(
        default_factory=dict, init=False, repr=False
    )
    _routed_on: dict[tuple[str, date], ByRegion] = field(
        default_factory=dict, init=False, repr=False
    )

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
        if kept is not None and kept.by_region:
            is_current = kept.by_region is self._by_region(thing_id, on)
            kept = kept if is_current else None  # files of another region begin or end in between
        if kept is None:
            base = base_of(layers, thing_id, region, on)
            kept = _effective(layers, base, self._parts(layers), region=region, on=on)
            if any(step.region is not None for step in kept.thing.steps):
                offices = offices_of(self.documents, kept.departments, on)
                kept = _with_regions(kept, offices, self._by_region(thing_id, on))
            _keep(self._kept, key, kept)
        elif kept.on != on:  # kept again: what plans work out of a definition goes by identity
            kept = replace(kept, on=on)
            _keep(self._kept, key, kept)
        return kept

    def things(self, region: str, on: date) -> tuple[EffectiveThing, ...]:
        """Return every one-thing that is published for ``region`` on the day ``on``, by id."""
        names = sorted({name for _, _, name in published_in(self._layers(region, on))})
        return tuple(self.thing(name, region=region, on=on) for name in names)

    def region_names(self, on: date) -> dict[str, Text]:
        """Return what the regions are called whose files are in force on the day ``on``, by code.

        A region without a name of its own is called by the nearest wider one that has one.
        """
        return {
            chain_of(each.region)[-1]: name
            for each in self.documents
            if is_in_force(each, on) and (name := each.document.region_name) is not None
        }

    def type_titles(self) -> dict[str, Text]:
        """Return what people call types of results and certificates, by type, whatever the day.

        As the files list them (``result_types``); else as items issue them. Where these give one
        type several titles, the shortest: ``营业执照``, not ``营业执照（变更）``. What a material
        that accepts a type is called is no title of it: ``父母居民身份证`` is any identity card.
        """
        documents = [each.document for each in self.documents]
        issued = [item.result for one in documents for item in one.items if item.result is not None]
        issued.sort(key=lambda one: (-len(one.title.zh), one.title.zh))
        listed = {type_.id: type_.title for one in documents for type_ in one.result_types}
        return {one.type: one.title for one in issued} | listed

    def _parts(self, layers: Layers) -> Shared:
        shared = self._shared.get(layers) or (items_of(layers), departments_of(layers))
        _keep(self._shared, layers, shared)
        return shared

    def _by_region(self, thing_id: str, on: date) -> ByRegion:
        """Return the steps that may be routed away, as each region that has a file has them.

        The same for whoever accepts, so it is made once for each set of files in force.
        """
        known = self._routed_on.get((thing_id, on))
        if known is None:
            in_force = tuple(each for each in self.documents if is_in_force(each, on))
            known = self._routed.get((thing_id, in_force))
            if known is None:
                known = routed_steps(
                    thing_id,
                    in_force,
                    on=on,
                    layers_of=lambda region: self._layers(region, on),
                    parts_of=self._parts,
                )
                _keep(self._routed, (thing_id, in_force), known)
            _keep(self._routed_on, (thing_id, on), known)
        return known

    def _layers(self, region: str, on: date) -> Layers:
        """Return the documents in force, the widest region first, older before newer."""
        known = self._laid.get((region, on))
        if known is not None:
            return known
        chain = {code: level for level, code in enumerate(chain_of(region))}
        found = [
            (chain[code], each.effective_from, each.name, each)
            for each in self.documents
            if (code := chain_of(each.region)[-1]) in chain and is_in_force(each, on)
        ]
        layers = tuple(each for *_, each in sorted(found, key=lambda entry: entry[:3]))
        _keep(self._laid, (region, on), layers)
        return layers


def _keep(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep ``value``; the oldest goes when there are :data:`MAX_KEPT`."""
    if len(kept) >= MAX_KEPT and key not in kept:
        kept.pop(next(iter(kept)), None)
    kept[key] = value


def _effective(
    layers: Layers,
    published: Published,
    shared: Shared,
    *,
    region: str,
    on: date,
) -> EffectiveThing:
    items, departments = shared
    draft, used = drafted(layers, published, items)
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
    return EffectiveThing(
        thing=thing,
        items=own_items,
        departments=own_departments,
        region=region,
        on=on,
        digest=effective_digest(thing, own_items, own_departments),
        layers=tuple(_layer(each) for each in layers if each in used),
        rules=rules_of(thing, own_items),
        origins=origins,
    )


def _with_regions(
    own: EffectiveThing, offices: Mapping[str, Mapping[str, Department]], by_region: ByRegion
) -> EffectiveThing:
    made = effective_digest(own.thing, own.items, own.departments, offices, by_region)
    return replace(own, offices=offices, by_region=by_region, digest=made)


def _own_origins(origins: Mapping[str, Origin], items: Mapping[str, Item]) -> dict[str, Origin]:
    """Return the origins without those of items that no step and no duty row names."""
    return {
        path: origin
        for path, origin in origins.items()
        if not path.startswith("items.") or path.split(".", 2)[1] in items
    }


def _layer(each: SourcedDocument) -> Layer:
    return Layer(name=each.name, region=each.region, effective_from=each.effective_from)
