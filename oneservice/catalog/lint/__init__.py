"""What is wrong with a catalog, all of it, each at its line with a remedy.

Files are checked first by themselves; then every definition that an overlay or a date makes out of
them. A definition is looked at once for each region and day on which it changes, so a mistake that
only the combination of base and overlay makes is found too, and at the line that makes it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from oneservice.catalog.findings import Finding, Severity, in_order
from oneservice.catalog.lint.documents import check_documents
from oneservice.catalog.lint.hidden import check_hidden
from oneservice.catalog.lint.notes import Notes, finding_of
from oneservice.catalog.lint.questions import check_questions
from oneservice.catalog.lint.references import check_references
from oneservice.catalog.lint.timing import check_timing, first_cycle
from oneservice.errors import CatalogError, UnknownThingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.catalog.collection import Catalog

__all__ = ["first_cycle", "lint"]


def lint(catalog: Catalog) -> tuple[Finding, ...]:
    """Return every finding, errors first, then by file and line; empty for a clean catalog."""
    findings = check_documents(catalog.documents)
    if _has_errors(findings):
        return in_order(findings)  # what stands twice or cannot be read would only echo below
    findings += _strangers(catalog)
    seen: set[tuple[object, ...]] = set()
    for thing_id, region, on in _points(catalog):
        try:
            effective = catalog.thing(thing_id, region=region, on=on)
        except UnknownThingError:
            continue
        except CatalogError as error:
            findings.append(finding_of(error))
            continue
        if (thing_id, effective.layers) in seen:
            continue
        seen.add((thing_id, effective.layers))
        notes = Notes(effective)
        check_references(notes)
        check_questions(notes)
        if not _has_errors(notes.findings):  # rules are tried out there, so they must be sound
            check_hidden(notes)
        check_timing(notes)
        findings += notes.findings
    return in_order(findings)


def _has_errors(findings: list[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


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


def _strangers(catalog: Catalog) -> list[Finding]:
    """Return the overlays that change a one-thing which no file declares."""
    known = {thing.id for each in catalog.documents for thing in each.document.things}
    return [
        Finding(
            source=each.source("overlays", index, "thing"),
            code="unknown_reference",
            text=f"the overlay changes '{overlay.thing}', which no file declares",
            remedy="correct the name, or load the file that declares it",
        )
        for each in catalog.documents
        for index, overlay in enumerate(each.document.overlays)
        if overlay.thing not in known
    ]
