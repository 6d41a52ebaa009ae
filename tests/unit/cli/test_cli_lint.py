"""``oneservice lint``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

BROKEN = """\
format: oneservice-catalog/1
region: "990100"
effective_from: 2026-01-01
thngs: []
departments:
  - {id: x, name: {zh: 甲, en: X}, region: abc}
"""
DANGLING = """\
format: oneservice-catalog/1
region: "990100"
effective_from: 2026-01-01
overlays:
  - thing: restarant
    drop_steps: [tobacco]
"""


def test_the_bundled_catalogs_are_clean(run: Run) -> None:
    result = run("lint")
    assert result.exit_code == 0, result.stdout
    assert " files: 0 errors, " in result.stdout


def test_findings_name_place_code_and_remedy(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    result = run("lint", file)
    assert result.exit_code == 1
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{file}:4:1: error unknown_key ")
    assert lines[1].startswith("    remedy: ")
    assert lines[2].startswith(f"{file}:6:43: error wrong_value ")
    assert lines[-1] == "2 errors, 0 warnings"


def test_json_has_the_same_findings(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    result = run("lint", file, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["errors"], report["warnings"]) == (2, 0)
    assert report["findings"][0] | {"text": "", "remedy": ""} == {
        "file": str(file),
        "line": 4,
        "column": 1,
        "severity": "error",
        "code": "unknown_key",
        "text": "",
        "remedy": "",
    }


def test_meaning_is_checked_where_the_words_are_fine(run: Run, tmp_path: Path) -> None:
    (tmp_path / "dangling.yaml").write_text(DANGLING, encoding="utf-8")
    result = run("lint", tmp_path)
    assert result.exit_code == 1
    assert "dangling.yaml:5:12: error unknown_reference " in result.stdout
    assert result.stdout.endswith("1 file: 1 error, 0 warnings\n")


@pytest.mark.parametrize("what", ["nothing", "an empty folder"])
def test_no_file_is_wrong_use(run: Run, tmp_path: Path, what: str) -> None:
    result = run("lint", tmp_path / "x.yaml" if what == "nothing" else tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith("error[")


def test_sarif_goes_to_a_file_beside_the_words(run: Run, tmp_path: Path) -> None:
    (tmp_path / "dangling.yaml").write_text(DANGLING, encoding="utf-8")
    out = tmp_path / "out.sarif"
    result = run("lint", tmp_path / "dangling.yaml", "--sarif", out)
    assert result.exit_code == 1
    assert "error unknown_reference" in result.stdout
    log = json.loads(out.read_text(encoding="utf-8"))
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == ["unknown_reference"]


def test_sarif_on_the_standard_output_stands_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BROKEN, encoding="utf-8")
    result = run("lint", tmp_path, "--sarif", "-")
    assert result.exit_code == 1
    levels = [each["level"] for each in json.loads(result.stdout)["runs"][0]["results"]]
    assert levels == ["error", "error"]


def test_sarif_that_cannot_be_written_is_wrong_use(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BROKEN, encoding="utf-8")
    result = run("lint", tmp_path / "bad.yaml", "--sarif", tmp_path / "none" / "out.sarif")
    assert result.exit_code == 2
    assert result.stderr.startswith("error[")


def test_codes_are_listed_by_severity(run: Run) -> None:
    result = run("lint", "--codes")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads == ["errors:", "warnings:", "notes:"]
    assert all(len(line) <= 100 for line in lines)
    listed = {line.split()[0] for line in lines if line.startswith(" ")}
    rows = json.loads(run("lint", "--codes", "--json").stdout)["codes"]
    assert {row["code"] for row in rows} == listed
    assert {row["severity"] for row in rows} == {"error", "warning", "note"}
