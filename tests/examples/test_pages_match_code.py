"""What the guides list, the code has, and the other way round: outcomes, checks, errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from oneservice import errors
from oneservice.certificates import CheckName
from oneservice.departments import Outcome
from oneservice.errors import OneServiceError, VerificationError

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _rows(page: str, heading: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section, f"{page} has no section {heading!r}"
    return [line for line in section.splitlines() if line.startswith("| `")]


def _first_cells(page: str, heading: str) -> set[str]:
    cells = [row.split("|")[1] for row in _rows(page, heading)]
    return {name for cell in cells for name in re.findall(r"`([\w:…]+)", cell)}


def _all_errors() -> dict[str, type[OneServiceError]]:
    classes = [getattr(errors, name) for name in errors.__all__]
    return {one.__name__: one for one in classes}


def test_every_outcome_is_in_the_guide() -> None:
    due = {one.__name__ for one in get_args(Outcome)}
    assert _first_cells("write-an-adapter.md", "What you return") == due


def test_every_check_is_on_the_auditors_page() -> None:
    parts = {"plan_digest", "components", "component:…", "trust_list", "controllers"}
    parts |= {"enclosures", "national_signature"}
    journal = {"journal_chain", "journal_head", "journal_tail", "department_signatures"}
    due = {str(one) for one in CheckName} | parts | journal
    assert _first_cells("verify.md", "The checks") == due


def test_every_reason_is_on_the_auditors_page() -> None:
    kinds = [one for one in _all_errors().values() if issubclass(one, VerificationError)]
    due = {one.code for one in kinds if one is not VerificationError}
    assert _first_cells("verify.md", "Reasons") == due


def test_every_branch_of_the_tree_names_who_acts() -> None:
    named = _first_cells("operate.md", "Errors, and who must act")
    branches = {
        name
        for name, one in _all_errors().items()
        if one.__base__ is OneServiceError and name.endswith("Error")
    }
    assert branches <= named


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_errors_that_a_page_names_exist(page: Path) -> None:
    known = {*_all_errors(), "ValueError"}
    assert set(re.findall(r"\b([A-Z]\w+Error)\b", page.read_text(encoding="utf-8"))) <= known


def test_every_code_that_an_operator_meets_exists() -> None:
    codes = {one.code for one in _all_errors().values()}
    named = {one for one in _first_cells("operate.md", "Errors, and who must act") if one.islower()}
    assert named <= codes
    assert {one for one in codes if one.startswith("journal_")} - {"journal_conflict"} <= named
