"""What is wrong with a catalog, all of it, each at its line with a remedy.

Files are checked first by themselves; then every definition that an overlay or a date makes out of
them. A definition is looked at once for each region and day on which it changes, so a mistake that
only the combination of base and overlay makes is found too, and at the line that makes it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from oneservice.catalog.findings import Finding, Severity, in_order
from oneservice.catalog.lint.activity import Activity, check_activity
from oneservice.catalog.lint.codes import CODES, Code
from oneservice.catalog.lint.conditions import check_conditions, has_a_way_through
from oneservice.catalog.lint.crossing import check_crossing
from oneservice.catalog.lint.cycles import check_cycles, first_cycle
from oneservice.catalog.lint.documents import check_documents
from oneservice.catalog.lint.duties import check_duties
from oneservice.catalog.lint.hidden import check_hidden
from oneservice.catalog.lint.inventory import check_inventory, materials_of
from oneservice.catalog.lint.notes import Notes, finding_of
from oneservice.catalog.lint.overlays import check_overlays
from oneservice.catalog.lint.placing import check_placing
from oneservice.catalog.lint.questions import check_questions, check_use
from oneservice.catalog.lint.references import check_references
from oneservice.catalog.lint.routed import check_meanings, check_routed
from oneservice.catalog.lint.sarif import as_sarif
from oneservice.catalog.lint.solving import MAX_SAMPLES, MAX_VISITED, Space
from oneservice.catalog.lint.sources import check_sources
from oneservice.catalog.lint.sparing import check_sparing
from oneservice.catalog.lint.timing import check_timing
from oneservice.catalog.lint.titles import check_titles
from oneservice.errors import CatalogError, UnknownThingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oneservice.catalog.collection import Catalog
    from oneservice.catalog.effective import EffectiveThing

__all__ = ["CODES", "Code", "as_sarif", "first_cycle", "lint"]


def lint(catalog: Catalog) -> tuple[Finding, ...]:
    """Return every finding: errors, warnings, notes, each by file and line; none if all is well."""
    findings = check_documents(catalog.documents)
    if _has_errors(findings):
        return in_order(findings)  # what stands twice or cannot be read would only echo below
    findings += check_inventory(catalog.documents)
    findings += check_overlays(catalog.documents)
    definitions, refused = _definitions(catalog)
    findings += refused
    materials = materials_of(catalog.documents)
    spaces = _Spaces()
    looked_at = [_look(effective, materials, spaces) for effective in definitions]
    for notes in looked_at:
        findings += notes.findings
    findings += _agreed(looked_at)
    return in_order(findings)


def _look(effective: EffectiveThing, materials: frozenset[str], spaces: _Spaces) -> Notes:
    """Look at one definition. What is tried out there must be sound first."""
    notes = Notes(effective)
    check_references(notes)
    check_questions(notes)
    check_placing(notes, materials)
    check_duties(notes)
    check_timing(notes)
    check_crossing(notes)
    check_sparing(notes)
    check_titles(notes)
    if _has_errors(notes.findings, but=_SOUND):
        return notes
    check_use(notes)
    check_routed(notes)
    check_meanings(notes)
    space = spaces.of(effective)
    check_hidden(notes, space)
    if has_a_way_through(notes, space):
        activity = Activity(notes, space)
        check_activity(notes, activity)
        check_conditions(notes, activity)
        check_cycles(notes, activity)
        check_sources(notes, activity)
    if space.unproven:
        _unproven(notes, space)
    return notes


_SOUND = frozenset(
    {
        "promise_over_statutory",
        "tolerance_main",
        "tolerance_too_long",
        "commitment_sensitive",
        "silence_sensitive",
        "escalation_unused",
        "batch_reversed",
        "duty_gap",
        "duty_overlap",
    }
)
"""Errors that leave rules and names sound, so that answers can be tried out all the same."""


class _Spaces:
    """Definitions that ask the same share what was found out about their answers."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], Space] = {}

    def of(self, effective: EffectiveThing) -> Space:
        thing = effective.thing
        asked = (*thing.situations, *thing.contradictions)
        key = (len(thing.situations), *map(id, asked))  # the space keeps them, so ids stay theirs
        if key not in self._kept:
            self._kept[key] = Space(thing.situations, thing.contradictions)
        return self._kept[key]


def _unproven(notes: Notes, space: Space) -> None:
    text = (
        f"{space.unproven} questions about '{notes.thing.id}' are not settled: {MAX_VISITED} "
        f"answers were tried one by one, then {MAX_SAMPLES} combinations by a fixed seed"
    )
    remedy = "let fewer questions hang together by contradictions, or accept the sample"
    notes.add("id", "not_proven", text, remedy)


def _agreed(looked_at: Iterable[Notes]) -> list[Finding]:
    """Return doubts about items that every one-thing placing them shares."""
    verdicts: dict[tuple[object, ...], list[Finding | None]] = {}
    for notes in looked_at:
        for place, verdict in notes.doubts.items():
            verdicts.setdefault(place, []).append(verdict)
    return [each[0] for each in verdicts.values() if each[0] is not None and None not in each]


def _has_errors(findings: list[Finding], *, but: frozenset[str] = frozenset()) -> bool:
    return any(each.severity is Severity.ERROR and each.code not in but for each in findings)


def _definitions(catalog: Catalog) -> tuple[list[EffectiveThing], list[Finding]]:
    """Return each definition once, and what keeps others from being made."""
    found: dict[tuple[object, ...], EffectiveThing] = {}
    refused: list[Finding] = []
    for thing_id, region, on in _points(catalog):
        try:
            effective = catalog.thing(thing_id, region=region, on=on)
        except UnknownThingError:
            continue
        except CatalogError as error:
            refused.append(finding_of(error))
            continue
        found.setdefault((thing_id, effective.layers), effective)
    return list(found.values()), refused


def _points(catalog: Catalog) -> Iterator[tuple[str, str, date]]:
    """Yield each one-thing with every region and day on which its definition may change."""
    days = {each.document.effective_from for each in catalog.documents}
    for each in catalog.documents:
        last = each.document.effective_until
        if last is not None and last < date.max:
            days.add(last + timedelta(days=1))  # what was overlaid shows again
    regions: dict[str, set[str]] = {}
    for each in catalog.documents:
        document = each.document
        parts = [thing.id for thing in document.things]
        for name in parts + [overlay.thing for overlay in document.overlays]:
            regions.setdefault(name, set()).add(document.region)
    for name in sorted(regions):
        for region in sorted(regions[name]):
            for day in sorted(days):
                yield name, region, day
