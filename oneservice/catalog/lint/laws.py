"""Legal references held against the catalog's own lists of laws, and against the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.articles import article_numbers
from oneservice.catalog.lint.notes import finding_at
from oneservice.catalog.rules import did_you_mean
from oneservice.catalog.terms import LegalBasis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oneservice.catalog.documents import CatalogDocument
    from oneservice.catalog.findings import Finding
    from oneservice.catalog.places import Path, SourcedDocument
    from oneservice.catalog.registers import Law

__all__ = ["check_citation", "laws_of"]


def laws_of(documents: tuple[SourcedDocument, ...]) -> dict[str, Law]:
    """Return the laws that the catalog lists, by their Chinese names; later entries count."""
    return {law.name.zh: law for each in documents for law in each.document.laws}


def check_citation(
    each: SourcedDocument, path: Path, basis: LegalBasis, laws: Mapping[str, Law]
) -> Iterator[Finding]:
    """Yield what is wrong with one citation of one file."""
    document = each.document
    if basis.since is not None and basis.since > document.effective_from:
        text = (
            f"{basis.law.en} ({basis.law.zh}) counts from {basis.since}, this file from "
            f"{document.effective_from}"
        )
        remedy = f"correct 'since', cite the law of that day, or begin on {basis.since}"
        yield finding_at(each.source(*path, "since"), "law_not_in_force", text, remedy)
    if laws and not basis.is_sample:
        yield from _held_against(each, path, basis, laws)


def _held_against(
    each: SourcedDocument, path: Path, basis: LegalBasis, laws: Mapping[str, Law]
) -> Iterator[Finding]:
    name = basis.law.zh
    law = laws.get(name)
    if law is None:
        text = f"no list of laws has {name}"
        hint = did_you_mean(name, laws).removeprefix("; ") if len(laws) else ""
        remedy = f"{hint or 'correct the name'}, or add it to 'laws'"
        yield finding_at(each.source(*path, "law", "zh"), "unlisted_law", text, remedy)
        return
    yield from _in_force(each, path, law, basis)
    for number in article_numbers(basis.article):
        if law.articles is not None and number > law.articles:
            text = f"{name} has {law.articles} articles, article {number} is cited"
            place = each.source(*path, "article")
            yield finding_at(place, "no_such_article", text, "look the article up")


def _in_force(each: SourcedDocument, path: Path, law: Law, basis: LegalBasis) -> Iterator[Finding]:
    document: CatalogDocument = each.document
    place = each.source(*path, "law", "zh")
    name = basis.law.zh
    if law.until is not None and law.until < document.effective_from:
        text = f"{name} was in force until {law.until}, this file counts from "
        text += f"{document.effective_from}"
        yield finding_at(place, "law_repealed", text, "cite the law that replaced it")
    elif law.since is not None and law.since > document.effective_from and basis.since is None:
        text = f"{name} counts from {law.since}, this file from {document.effective_from}"
        remedy = f"cite the law of that day, or begin on {law.since}"
        yield finding_at(place, "law_not_in_force", text, remedy)
