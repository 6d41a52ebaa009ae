"""Each seeded mistake of ``tests/golden/lint`` is told at its line and column, and nothing else is.

A case is a file, or a folder of files that belong together. ``# expect: LINE:COLUMN CODE`` in the
first lines says what must be found in that file.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oneservice.catalog import Catalog, Finding, lint, read_catalog
from oneservice.catalog.lint import CODES

CORPUS = Path(__file__).parents[2] / "golden" / "lint"
CASES = sorted(CORPUS.iterdir())
EXPECTED = re.compile(r"^# expect: (\d+:\d+) (\w+)$", re.MULTILINE)
LEAST_KINDS = 45
TOLD_ELSEWHERE = {
    "catalog_limit": "test_catalog_load: a file as large as that is made there",
    "not_proven": "test_lint_solving: so many questions are made there",
    "cycle_never_active": "two warnings at once, in test_lint_definitions",
}


def _files(case: Path) -> list[Path]:
    return sorted(case.rglob("*.yaml")) if case.is_dir() else [case]


def _expected(case: Path) -> set[tuple[str, str]]:
    return {
        (f"{file}:{place}", code)
        for file in _files(case)
        for place, code in EXPECTED.findall(file.read_text(encoding="utf-8"))
    }


def _found(case: Path) -> tuple[Finding, ...]:
    catalog, findings = read_catalog(case)
    return findings if catalog is None else lint(catalog)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_each_mistake_is_told_at_its_place_and_nothing_else_is(case: Path) -> None:
    found = _found(case)
    assert {(each.source, each.code) for each in found} == _expected(case)
    for each in found:
        assert each.text
        assert each.remedy
        assert each.severity is CODES[each.code].severity


def test_every_file_says_what_to_expect() -> None:
    for case in CASES:
        for file in _files(case):
            assert file.read_text(encoding="utf-8").startswith("# expect: "), file


def test_the_corpus_has_every_code() -> None:
    seeded = {code for case in CASES for _, code in _expected(case)}
    assert len(seeded) >= LEAST_KINDS
    assert seeded | set(TOLD_ELSEWHERE) == set(CODES)


@pytest.mark.parametrize("case", [case for case in CASES if case.is_dir()], ids=lambda c: c.stem)
def test_the_order_of_files_does_not_matter(case: Path) -> None:
    catalog, _ = read_catalog(case)
    assert catalog is not None
    turned = Catalog(documents=catalog.documents[::-1])
    here = {(each.source, each.code) for each in lint(catalog) if "twice" not in each.text}
    there = {(each.source, each.code) for each in lint(turned) if "twice" not in each.text}
    symmetric = {"overlay_conflict"}  # told at the later of two
    assert {each for each in here if each[1] not in symmetric} == {
        each for each in there if each[1] not in symmetric
    }
