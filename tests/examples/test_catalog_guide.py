"""The catalog guide keeps its word: files lint, commands run, its table of codes is true."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from oneservice.catalog import OneThing, lint, read_catalog

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "write-a-catalog.md").read_text(encoding="utf-8")
STALL = ROOT / "docs" / "book-stall"
BASE = (STALL / "national.yaml").read_text(encoding="utf-8")
OVERLAY = (STALL / "990100.yaml").read_text(encoding="utf-8")
SHAPES = (ROOT / "docs" / "shapes" / "national.yaml").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def _table(heading: str) -> str:
    return GUIDE.partition(f"\n## {heading}")[2].partition("\n## ")[0]


def test_the_example_has_no_finding() -> None:
    catalog, findings = read_catalog(STALL)
    assert findings == ()
    assert catalog is not None
    assert lint(catalog) == ()


@pytest.mark.parametrize("block", _blocks("yaml"))
def test_every_yaml_block_is_a_part_of_the_example(block: str) -> None:
    assert block in BASE or block in OVERLAY or block in SHAPES


COMMANDS = [
    line.removeprefix("$ ")
    for block in _blocks("console")
    for line in block.splitlines()
    if line.startswith("$ ")
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "oneservice"
    done = subprocess.run(
        [sys.executable, "-m", "oneservice", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


TOO_DEEP = "\ndepth: " + "[" * 30 + "]" * 30 + "\n"
CIRCLE = ("    is_statutory: true\n", "    is_statutory: true\n        requires: [book_record]\n")
BREAKAGES = {
    "catalog_syntax": ("things:", "things: ]"),
    "duplicate_key": ("    department: culture\n", "    department: culture\n" * 2),
    "alias": ("title: {zh: 开办旧书摊", "title: &anchor {zh: 开办旧书摊"),
    "tag": ("title: {zh: 开办旧书摊", "title: !new {zh: 开办旧书摊"),
    "null_value": ("lead_department: culture", "lead_department:"),
    "key_not_text": ("    lead_department: culture", "    1: culture"),
    "catalog_limit": ("\nthings:", f"{TOO_DEEP}things:"),
    "unknown_key": ("    lead_department:", "    led_department:"),
    "missing_key": ("    lead_department: culture\n", ""),
    "wrong_value": ("minimum: 0\n", "minimum: 1\n"),
    "missing_translation": (", en: Opening a book stall}", "}"),
    "duplicate_id": ("      - id: m_sketch", "      - id: m_pitch"),
    "unknown_reference": ("requires: [pitch]", "requires: [pich]"),
    "identifier_invalid": ("  - id: culture\n", "  - id: culture\n    code: 11990101MB99000480\n"),
    "wrong_kind": ("        type: decimal\n        answer", "        type: int\n        answer"),
    "rule_syntax": ("new_books || area >= 6", "new_books | area >= 6"),
    "rule_type": ("new_books || area >= 6", "new_books || area"),
    "later_question": (
        "        minimum: 1\n",
        "        visible_when: evening\n        minimum: 1\n",
    ),
    "hidden_required": ("        default: 0\n", ""),
    "material_source": ("        yielded_by: pitch\n", ""),
    "promise_over_statutory": ("promised: {days: 5}", "promised: {days: 11}"),
    "dependency_cycle": CIRCLE,
    "unused_question": ("new_books || area >= 6", "area >= 6"),
    "no_legal_basis": (
        (
            "    legal_basis:\n"
            "      - law: {zh: 示例图书管理办法, en: Sample Measures on Books}\n"
            "        article: 第三条\n"
            "        is_sample: true\n"
        ),
        "",
    ),
    "bundle_incomplete": ("requires: [pitch, book_record]", "requires: [book_record]"),
}


@pytest.mark.parametrize("code", BREAKAGES)
def test_every_code_is_what_lint_says(code: str, tmp_path: Path) -> None:
    before, after = BREAKAGES[code]
    assert before in BASE
    (tmp_path / "broken.yaml").write_text(BASE.replace(before, after, 1), encoding="utf-8")
    assert code in _codes(tmp_path)


ILLEGAL = {
    "beyond the statutory limit": "change_items: [{id: pitch, promised: {days: 12}}]",
    "beyond the promise": "change_items: [{id: book_record, promised: {days: 3}}]",
    "drops a statutory step": "drop_steps: [pitch]",
    "switches it off": 'change_steps: [{id: pitch, when: "false"}]',
    "no basis for a condition": "change_steps: [{id: book_record, when: new_books}]",
    "no basis for a material": (
        "add_materials: [{id: m_more, title: {zh: 甲, en: A}, source: applicant, steps: [pitch]}]"
    ),
    "no basis for one more use": "consumes: [{step: book_record, materials: [m_sketch]}]",
    "sets a statutory limit": (
        'change_steps: [{id: pitch, limits: [{when: "!evening", promised: {days: 3},'
        " statutory: {days: 4}}]}]"
    ),
    "adds what exists": (
        "add_fields: [{id: name, title: {zh: 甲, en: A}, type: text, steps: [pitch]}]"
    ),
}


@pytest.mark.parametrize("change", ILLEGAL.values(), ids=ILLEGAL)
def test_an_overlay_may_not(change: str, tmp_path: Path) -> None:
    head = 'format: oneservice-catalog/1\nregion: "990101"\neffective_from: 2026-06-01\n'
    text = f"{head}overlays:\n  - thing: book_stall\n    {change}\n"
    (tmp_path / "national.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "overlay.yaml").write_text(text, encoding="utf-8")
    assert "overlay_illegal" in _codes(tmp_path)


def test_the_table_names_every_code_that_is_tried_here() -> None:
    rows = [line for line in _table("What lint says").splitlines() if line.startswith("| `")]
    documented = {code for row in rows for code in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert documented == {*BREAKAGES, "overlay_illegal"}


def _codes(folder: Path) -> set[str]:
    catalog, findings = read_catalog(folder)
    return {one.code for one in (findings if catalog is None else lint(catalog))}


def test_every_key_of_a_one_thing_is_in_the_guide() -> None:
    keys = [row.split("|")[1] for row in _table("A one-thing").splitlines() if row[:1] == "|"]
    named = {name for cell in keys for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(OneThing.model_fields)
