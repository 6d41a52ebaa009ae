"""Overlays held against one another and against what they change; periods that leave doubt."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Any

from oneservice.catalog.lint.notes import finding_at
from oneservice.catalog.rules import did_you_mean
from oneservice.identifiers import parse_region, region_contains

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oneservice.catalog.documents import Overlay
    from oneservice.catalog.findings import Finding
    from oneservice.catalog.places import Path, SourcedDocument

__all__ = ["check_overlays"]

_WHOLE = ("lead_department", "before", "joint_inspection", "parties", "batches", "season", "rating")
_CHANGES = ("change_situations", "change_items", "change_steps", "change_materials")
_SECTIONS = ("steps", "fields", "materials")


def check_overlays(documents: tuple[SourcedDocument, ...]) -> Iterator[Finding]:
    """Yield overlays without a base or an effect, and those that contradict one another."""
    placed: dict[tuple[str, str], list[tuple[SourcedDocument, int]]] = {}
    known: dict[str, list[SourcedDocument]] = {}
    for each in documents:
        for name in each.names["things"]:
            known.setdefault(name, []).append(each)
    for each in documents:
        for index, overlay in enumerate(each.document.overlays):
            yield from _base(known, each, index)
            if not overlay.model_fields_set - {"thing"}:
                text = f"the overlay of '{overlay.thing}' changes nothing"
                place = each.source("overlays", index, "thing")
                yield finding_at(place, "overlay_empty", text, "say what changes, or drop it")
            key = (overlay.thing, each.document.region)
            for earlier in placed.setdefault(key, []):
                yield from _conflict(earlier, (each, index))
            placed[key].append((each, index))
    yield from _periods(documents)


def _base(
    known: Mapping[str, list[SourcedDocument]], each: SourcedDocument, index: int
) -> Iterator[Finding]:
    name = each.document.overlays[index].thing
    place = each.source("overlays", index, "thing")
    if name not in known:
        text = f"the overlay changes '{name}', which no file declares"
        hint = did_you_mean(name, known).removeprefix("; ") or "correct the name"
        remedy = f"{hint}, or load the file that declares it"
        yield finding_at(place, "unknown_reference", text, remedy)
        return
    own = parse_region(each.document.region)
    above = [base for base in known[name] if region_contains(parse_region(base.region), own)]
    if not any(_do_overlap(base, each) for base in above):
        where = "on these days" if above else f"for {each.document.region}"
        text = f"'{name}' is not published {where}, so this overlay changes nothing"
        remedy = "correct the days" if above else "correct the region, or publish it wider"
        yield finding_at(place, "overlay_without_base", text, remedy)


def _conflict(
    earlier: tuple[SourcedDocument, int], later: tuple[SourcedDocument, int]
) -> Iterator[Finding]:
    """A later first day supersedes; from the same day on, which one counts would be chance."""
    documents = (earlier[0].document, later[0].document)
    if documents[0].effective_from != documents[1].effective_from:
        return
    first = dict(_settings(earlier[0].document.overlays[earlier[1]]))
    for path, value in _settings(later[0].document.overlays[later[1]]):
        known = next(((p, v) for p, v in first.items() if _same_part(p, path)), None)
        if known is not None and known[1] != value:
            place = later[0].source("overlays", later[1], *_own_path(later, path))
            other = earlier[0].source("overlays", earlier[1], *_own_path(earlier, known[0]))
            what = ".".join(map(str, path))
            text = f"'{what}' is set differently at {other}, for the same region from the same day"
            yield finding_at(place, "overlay_conflict", text, "keep one of them")


def _settings(overlay: Overlay) -> Iterator[tuple[Path, Any]]:
    """Yield what an overlay sets as (section, id, key) or (key,), and its value."""
    for name in _WHOLE:
        value = getattr(overlay, name)
        if value is not None:
            yield (name,), value
    for section in _CHANGES:
        for change in getattr(overlay, section):
            for key in sorted(change.model_fields_set - {"id", "legal_basis"}):
                value = getattr(change, key)
                if not key.endswith("_also"):  # those add up
                    yield (section, change.id, key), value
    for section in _SECTIONS:
        for name in getattr(overlay, f"drop_{section}"):
            yield (f"drop_{section}", name), "dropped"
        for added in getattr(overlay, f"add_{section}"):
            yield (f"add_{section}", added.id), added


def _same_part(one: Path, other: Path) -> bool:
    """Say whether two settings are of one thing; adding and dropping it are."""
    if one == other:
        return True
    sections = {str(one[0]), str(other[0])}
    pairs = [{f"drop_{each}", f"add_{each}"} for each in _SECTIONS]
    pairs += [{f"drop_{each}", f"change_{each}"} for each in _SECTIONS]
    return sections in pairs and one[1] == other[1]


def _own_path(at: tuple[SourcedDocument, int], path: Path) -> Path:
    """Return where a setting stands in its overlay: ids become numbers."""
    if len(path) == 1:
        return path
    section, name, *rest = path
    for number, entry in enumerate(getattr(at[0].document.overlays[at[1]], str(section))):
        if getattr(entry, "id", entry) == name:
            return (section, number, *rest)
    return (section,)


def _do_overlap(one: SourcedDocument, other: SourcedDocument) -> bool:
    first = max(one.effective_from, other.effective_from)
    return first <= min(one.effective_until or date.max, other.effective_until or date.max)


def _periods(documents: tuple[SourcedDocument, ...]) -> Iterator[Finding]:
    """An explicit last day that lies after the successor's first says two things at once."""
    versions: dict[tuple[str, str, str], list[SourcedDocument]] = {}
    for each in documents:
        for section in ("items", "things"):
            for part in getattr(each.document, section):
                versions.setdefault((section, part.id, each.document.region), []).append(each)
    told: set[tuple[str, str]] = set()
    for (_, name, _), files in versions.items():
        ordered = sorted(files, key=lambda each: each.document.effective_from)
        for older, newer in itertools.pairwise(ordered):
            last, first = older.document.effective_until, newer.document.effective_from
            is_same_day = older.document.effective_from == first
            if last is None or last < first or is_same_day or (older.file, newer.file) in told:
                continue
            told.add((older.file, newer.file))
            text = (
                f"'{name}' counts until {last} here, and is superseded from {first} by {newer.file}"
            )
            remedy = "end the day before, or leave 'effective_until' out"
            yield finding_at(older.source("effective_until"), "period_overlap", text, remedy)
