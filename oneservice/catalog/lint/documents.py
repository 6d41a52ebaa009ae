"""What can be said of files before any overlay is laid: ids, rule texts, codes, translations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oneservice.catalog.lint.laws import check_citation, laws_of
from oneservice.catalog.lint.notes import finding_at, finding_of
from oneservice.catalog.models import Department
from oneservice.catalog.rules import parse_rule
from oneservice.catalog.terms import CatalogModel, LegalBasis, Text
from oneservice.errors import IdentifierError, RuleSyntaxError
from oneservice.identifiers import parse_credit_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.catalog.findings import Finding
    from oneservice.catalog.places import Path, SourcedDocument

__all__ = ["check_documents"]

_RULES = frozenset({"when", "visible_when"})


def check_documents(documents: tuple[SourcedDocument, ...]) -> list[Finding]:
    """Return what is wrong within single files, and between files of one region and date."""
    found: list[Finding] = []
    laws = laws_of(documents)
    for each in documents:
        found += _period(each)
        for path, name, value in _values(each.document, ()):
            found += _duplicates(each, path, value)
            if name in _RULES and isinstance(value, str):
                found += _rule(each, path, value)
            elif isinstance(value, Department):
                found += _code(each, path, value)
            elif isinstance(value, Text) and value.zh == value.en:
                found.append(_untranslated(each, path))
            elif isinstance(value, LegalBasis):
                found += check_citation(each, path, value, laws)
    return found + _declared_twice(documents)


def _values(model: CatalogModel, path: Path) -> Iterator[tuple[Path, str, Any]]:
    """Yield every value below ``model`` as (path, key, value), containers before their inside."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        yield (*path, name), name, value
        if isinstance(value, CatalogModel):
            yield from _values(value, (*path, name))
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, CatalogModel):
                    yield (*path, name, index), "", item
                    yield from _values(item, (*path, name, index))


def _duplicates(each: SourcedDocument, path: Path, value: Any) -> list[Finding]:
    if not isinstance(value, tuple):
        return []
    found = []
    seen: dict[str, int] = {}
    for index, item in enumerate(value):
        key = next((key for key in ("id", "value") if hasattr(item, key)), None)
        if key is None:
            continue
        name = str(getattr(item, key))
        if name in seen:
            first = each.source(*path, seen[name], key)
            source = each.source(*path, index, key)
            found.append(_twice(source, f"'{name}' is declared twice, first at {first}"))
        seen.setdefault(name, index)
    return found


def _rule(each: SourcedDocument, path: Path, text: str) -> list[Finding]:
    try:
        parse_rule(text)
    except RuleSyntaxError as error:
        return [finding_of(error, each.source(*path, offset=error.offset))]
    return []


def _code(each: SourcedDocument, path: Path, department: Department) -> list[Finding]:
    if department.code is None:
        return []
    try:
        parse_credit_code(department.code)
    except IdentifierError as error:
        text = f"the code of '{department.id}' is no unified social credit code: {error}"
        source = each.source(*path, "code")
        return [finding_at(source, error.code, text, "copy it from the register")]
    return []


def _untranslated(each: SourcedDocument, path: Path) -> Finding:
    text = "'zh' and 'en' are the same text"
    return finding_at(each.source(*path), "same_translation", text, "translate one of them")


def _period(each: SourcedDocument) -> list[Finding]:
    first, last = each.document.effective_from, each.document.effective_until
    if last is None or first <= last:
        return []
    text = f"the file counts until {last}, before its first day {first}"
    source = each.source("effective_until")
    return [finding_at(source, "period_reversed", text, "correct one of the two days")]


def _declared_twice(documents: tuple[SourcedDocument, ...]) -> list[Finding]:
    """One id, one region, one first day, two files: which of them counts would be chance."""
    found = []
    seen: dict[tuple[object, ...], tuple[SourcedDocument, int]] = {}
    for each in documents:
        for section in ("departments", "items", "things"):
            for index, name in enumerate(each.names[section]):
                key = (section, name, each.region, each.effective_from)
                first, number = seen.setdefault(key, (each, index))
                if first is not each:
                    other = first.source(section, number, "id")
                    text = f"'{name}' is declared for {each.region} twice, also at {other}"
                    found.append(_twice(each.source(section, index, "id"), text))
    return found


def _twice(source: str, text: str) -> Finding:
    return finding_at(source, "duplicate_id", text, "keep one of them")
