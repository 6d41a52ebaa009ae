"""What a catalog declares for all its one-things: items, offices, types of results, batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.lint.notes import finding_at
from oneservice.catalog.rules import did_you_mean
from oneservice.identifiers import parse_region, region_contains

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from oneservice.catalog.documents import StepChange
    from oneservice.catalog.findings import Finding
    from oneservice.catalog.models import Batch, Duty, MaterialSpec, SparedBy, Step
    from oneservice.catalog.places import Path, SourcedDocument

__all__ = ["check_inventory", "materials_of"]


def check_inventory(documents: tuple[SourcedDocument, ...]) -> Iterator[Finding]:
    """Yield what no file uses, and what lies outside the region, days or lists of its file."""
    placed = _placed(documents)
    types = {listed.id for each in documents for listed in each.document.result_types}
    offices = {name for each in documents for name in each.names["departments"]}
    items = {name for each in documents for name in each.names["items"]}
    for each in documents:
        yield from _duties(each, offices, items)
        yield from _items(each, placed)
        yield from _offices(each)
        yield from _batches(each)
        if types:
            yield from _types(each, types)


def materials_of(documents: tuple[SourcedDocument, ...]) -> frozenset[str]:
    """Return the ids of all materials that any one-thing or overlay declares."""
    return frozenset(spec.id for each in documents for _, spec in _materials(each))


def _placed(documents: tuple[SourcedDocument, ...]) -> set[str]:
    found: set[str] = set()
    for each in documents:
        for thing in each.document.things:
            found |= {step.item for step in thing.steps}
            found |= {duty.item for duty in (thing.dispatch.duties if thing.dispatch else ())}
        for overlay in each.document.overlays:
            found |= {step.item for step in overlay.add_steps}
            change = overlay.change_dispatch
            found |= {duty.item for duty in (change.add_duties if change else ())}
    return found


def _items(each: SourcedDocument, placed: set[str]) -> Iterator[Finding]:
    for index, item in enumerate(each.document.items):
        if item.id not in placed:
            text = f"no one-thing places the item '{item.id}'"
            remedy = "add a step for it, or drop it"
            yield finding_at(each.source("items", index, "id"), "unused_item", text, remedy)


def _duties(each: SourcedDocument, offices: set[str], items: set[str]) -> Iterator[Finding]:
    """A duty table names offices and items of its own, besides those of the steps."""
    for path, duty in _all_duties(each):
        for kind, known in (("department", offices), ("item", items)):
            name = getattr(duty, kind)
            if name not in known:
                text = f"there is no {kind} '{name}'"
                hint = did_you_mean(name, known).removeprefix("; ") or "correct the name"
                remedy = f"{hint}, or declare the {kind}"
                yield finding_at(each.source(*path, kind), "unknown_reference", text, remedy)


def _all_duties(each: SourcedDocument) -> Iterator[tuple[Path, Duty]]:
    for index, thing in enumerate(each.document.things):
        for number, duty in enumerate(thing.dispatch.duties if thing.dispatch else ()):
            yield ("things", index, "dispatch", "duties", number), duty
    for index, overlay in enumerate(each.document.overlays):
        change = overlay.change_dispatch
        for number, duty in enumerate(change.add_duties if change else ()):
            yield ("overlays", index, "change_dispatch", "add_duties", number), duty


def _offices(each: SourcedDocument) -> Iterator[Finding]:
    own = parse_region(each.document.region)
    for index, department in enumerate(each.document.departments):
        if department.region is None:
            continue
        if not region_contains(own, parse_region(department.region)):
            text = f"'{department.id}' sits in {department.region}, outside {each.document.region}"
            place = each.source("departments", index, "region")
            remedy = "correct the code, or declare the office in the file of its own region"
            yield finding_at(place, "office_outside_region", text, remedy)


def _batches(each: SourcedDocument) -> Iterator[Finding]:
    document = each.document
    for path, batch in _all_batches(each):
        is_late = document.effective_until is not None and batch.opens > document.effective_until
        if batch.closes < document.effective_from or is_late:
            text = f"'{batch.id}' is open from {batch.opens} to {batch.closes}, outside the days "
            text += "for which this file counts"
            remedy = "correct the year, or drop the batch"
            yield finding_at(each.source(*path, "opens"), "batch_outside_period", text, remedy)


def _all_batches(each: SourcedDocument) -> Iterator[tuple[Path, Batch]]:
    owners: list[tuple[Path, tuple[Batch, ...] | None]] = []
    for index, thing in enumerate(each.document.things):
        owners.append((("things", index, "batches"), thing.batches))
    for index, overlay in enumerate(each.document.overlays):
        owners.append((("overlays", index, "batches"), overlay.batches))
    for path, batches in owners:
        for number, batch in enumerate(batches or ()):
            yield (*path, number), batch


def _types(each: SourcedDocument, types: set[str]) -> Iterator[Finding]:
    for index, item in enumerate(each.document.items):
        if item.result is not None and item.result.type not in types:
            yield _unlisted(each, ("items", index, "result", "type"), item.result.type, types)
    for path, material in _materials(each):
        for number, name in enumerate(material.accepts):
            if name not in types:
                yield _unlisted(each, (*path, "accepts", number), name, types)
    for path, rule in _sparing(each):
        for number, name in enumerate(rule.certificates):
            if name not in types:
                yield _unlisted(each, (*path, "certificates", number), name, types)


def _unlisted(each: SourcedDocument, path: Path, name: str, types: set[str]) -> Finding:
    text = f"no list of result types has '{name}'"
    hint = did_you_mean(name, types).removeprefix("; ") or "correct it"
    remedy = f"{hint}, or add it to 'result_types'"
    return finding_at(each.source(*path), "unlisted_result_type", text, remedy)


def _sparing(each: SourcedDocument) -> Iterator[tuple[Path, SparedBy]]:
    """Yield what is said about certificates that spare steps."""
    placed: list[tuple[Path, Sequence[Step | StepChange]]] = []
    for index, thing in enumerate(each.document.things):
        placed.append((("things", index, "steps"), thing.steps))
    for index, overlay in enumerate(each.document.overlays):
        placed.append((("overlays", index, "add_steps"), overlay.add_steps))
        placed.append((("overlays", index, "change_steps"), overlay.change_steps))
    for path, steps in placed:
        for number, step in enumerate(steps):
            if step.spared_by is not None:
                yield (*path, number, "spared_by"), step.spared_by


def _materials(each: SourcedDocument) -> Iterator[tuple[Path, MaterialSpec]]:
    for index, thing in enumerate(each.document.things):
        for number, material in enumerate(thing.materials):
            yield ("things", index, "materials", number), material
    for index, overlay in enumerate(each.document.overlays):
        for number, material in enumerate(overlay.add_materials):
            yield ("overlays", index, "add_materials", number), material
