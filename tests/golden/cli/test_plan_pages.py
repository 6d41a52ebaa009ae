"""What ``plan --why`` and ``cross-region`` say to a stranger: every word, in both languages.

The definition stands beside the pages, so that only the words can move them. Run this file as a
script to write the golden files anew, read them, and say in the changelog why they moved.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from oneservice.cli import program

HERE = Path(__file__).resolve().parent / "pages"
CATALOG = ("--catalog", str(HERE / "stall.yaml"), "--on", "2026-09-28")
PAGES = {
    "plan": (
        *("plan", "stall", "--region", "990100", "--set", "staff=2", "--set", "cake=false"),
        *("--origin", "980201", "--why"),
    ),
    "cross-region": ("cross-region",),
}


def page(name: str, language: str) -> str:
    environment = {"COLUMNS": "80", "NO_COLOR": "1"}
    arguments = [*PAGES[name], *CATALOG, "--language", language]
    done = CliRunner().invoke(program, arguments, env=environment)
    assert done.exit_code == 0, done.output
    return re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", done.stdout)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_stays_as_it_was_read(name: str, language: str) -> None:
    golden = (HERE / f"{name}-{language}.txt").read_bytes().decode("utf-8")
    assert page(name, language) == golden, f"{name}-{language}.txt moved; see the top of this file"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_for_people_names_no_mode_and_no_id_of_a_step(name: str) -> None:
    """Ids stand where a step is told of; whoever is named elsewhere bears a title."""
    said = page(name, "zh")
    assert "collect" not in said
    for line in said.splitlines():
        is_told = line.lstrip().startswith(("+ ", "- ", "# ", "* "))
        assert is_told or not re.search(r"\b(?:permit|bundle|m_place|m_health)\b", line), line


if __name__ == "__main__":
    for each in PAGES:
        for one in ("zh", "en"):
            (HERE / f"{each}-{one}.txt").write_bytes(page(each, one).encode("utf-8"))
