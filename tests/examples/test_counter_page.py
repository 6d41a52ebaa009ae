"""The page about the counter tells the findings and moves that the code knows, no others."""

from __future__ import annotations

import re
from pathlib import Path

from oneservice.case import COUNTER_FINDINGS, LONGEST_CODE, MOVES, HolderKind

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "at-the-counter.md").read_text("utf-8")
WORDS = {
    HolderKind.APPLICANT: "the applicant",
    HolderKind.WINDOW: "a window",
    HolderKind.CABINET: "cabinet",
    HolderKind.OFFICER: "an officer",
    HolderKind.ARCHIVE: "the archive",
    HolderKind.COURIER: "a courier",
}


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]


def test_every_finding_is_on_the_page() -> None:
    named = {row[0].strip("`") for row in rows("Originals") if row[0].startswith("`")}
    assert named == set(COUNTER_FINDINGS)


def test_the_table_of_moves_on_the_page_is_the_one_of_the_code() -> None:
    told = {row[0]: row[1] for row in rows("Originals") if row[0] in _lines()}
    assert set(told) == set(_lines())
    for line, kinds in _lines().items():
        takers = {kind for kind, word in WORDS.items() if re.search(rf"\b{word}\b", told[line])}
        for kind in kinds:
            assert takers == MOVES[kind], line


def _lines() -> dict[str, tuple[HolderKind, ...]]:
    return {
        "the applicant": (HolderKind.APPLICANT,),
        "a window, an officer": (HolderKind.WINDOW, HolderKind.OFFICER),
        "a cabinet": (HolderKind.CABINET,),
        "a courier": (HolderKind.COURIER,),
        "the archive": (HolderKind.ARCHIVE,),
    }


def test_the_longest_life_of_a_code_is_the_one_told() -> None:
    assert LONGEST_CODE.total_seconds() == 2 * 3600
    assert "at most two hours" in PAGE
