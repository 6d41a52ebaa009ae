"""The stories of examples/ run as strangers run them: real processes, warnings as errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
STORIES = sorted(EXAMPLES.glob("*.py"))
MOMENT = "2027-03-01T09:00:00+08:00"


def _run(
    *command: str | Path, folder: Path, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    paths = [str(ROOT), str(ROOT / "adapters"), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-W", "error", *map(str, command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )


def _story(name: str, *arguments: str | Path, folder: Path) -> str:
    done = _run(EXAMPLES / name, *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the portal's story left behind."""
    folder = tmp_path_factory.mktemp("visit")
    told = _story("portal.py", folder / "out", folder=folder)
    assert "food_permit asks for m_layout until" in told
    assert "concluded on" in told
    return folder / "out"


def test_the_portal_goes_on_where_it_was(visit: Path) -> None:
    bundle = (visit / "bundle.json").read_bytes()
    told = _story("portal.py", visit, folder=visit)
    assert "asks for" not in told  # the same key, the same case: it has ended already
    assert (visit / "bundle.json").read_bytes() == bundle


def test_the_adapter_files_once(tmp_path: Path) -> None:
    first = _story("adapter.py", tmp_path / "out", folder=tmp_path)
    again = _story("adapter.py", tmp_path / "out", folder=tmp_path)
    assert first.startswith("demo1.food_permit.1 is granted\n")
    assert again == first  # digests included: the register answered, the function did not


def test_the_bridge_makes_one_case_of_two_clicks(tmp_path: Path) -> None:
    told = _story("synchronous_bridge.py", tmp_path / "out", folder=tmp_path)
    assert "sent twice, one case: True" in told
    assert "concluded with 6 certificates" in told


def test_the_auditor_finds_it_valid(visit: Path) -> None:
    told = _story("auditor.py", "bundle.json", "trust-list.json", MOMENT, folder=visit)
    assert "pass         journal_head" in told
    assert told.endswith("valid: valid\n")


def test_the_auditor_finds_the_flipped_word(visit: Path, tmp_path: Path) -> None:
    forged = (visit / "bundle.json").read_text("utf-8").replace("Li's Noodles", "Lo's Noodles", 1)
    (tmp_path / "bundle.json").write_text(forged, "utf-8")
    done = _run(
        EXAMPLES / "auditor.py", "bundle.json", visit / "trust-list.json", MOMENT, folder=tmp_path
    )
    assert done.returncode == 1
    assert "fail         proof" in done.stdout
    assert "\ninvalid: " in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bundle.json",),
        ("bundle.json", "no-such-file.json"),
        ("bundle.json", "bundle.json"),
        ("bundle.json", "trust-list.json", "2027-03-01"),
        ("bundle.json", "trust-list.json", "some day"),
    ],
)
def test_the_auditor_says_what_it_cannot_use(arguments: tuple[str, ...], visit: Path) -> None:
    done = _run(EXAMPLES / "auditor.py", *arguments, folder=visit)
    assert done.returncode == 2
    assert "usage: auditor.py" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_who_stops_early_is_told_of_no_fault(visit: Path) -> None:
    early, late = os.pipe()
    os.close(early)  # as `head` does, once it has its lines
    command = (EXAMPLES / "auditor.py", "bundle.json", "trust-list.json", MOMENT)
    try:
        done = _run(*command, folder=visit, stdout=late)
    finally:
        os.close(late)
    assert (done.returncode, done.stderr) == (0, "")


def _commands(page: str) -> list[list[str]]:
    """Return what a reader types about the case's own files; others need a server or a pipe."""
    lines = (line[2:] for line in page.splitlines() if line.startswith("$ "))
    return [line.split() for line in lines if line.startswith("oneservice verify bundle.json ")]


AUDITORS_PAGE = (ROOT / "docs" / "verify.md").read_text("utf-8")


@pytest.mark.parametrize("command", _commands(AUDITORS_PAGE), ids=" ".join)
def test_the_commands_of_the_auditors_page_run(visit: Path, command: list[str]) -> None:
    assert command[:2] == ["oneservice", "verify"]
    moment = [] if "--at" in command else ["--at", "2027-03-01"]
    done = _run("-m", *command, *moment, "--json", folder=visit)
    assert done.returncode == 0, done.stdout
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["verdict"] for one in reports} == {"valid"}
    rows = (line for line in AUDITORS_PAGE.splitlines() if line.startswith("| `"))
    documented = {line.split("`")[1] for line in rows}
    undocumented = {one["name"] for report in reports for one in report["checks"]} - documented
    assert all(name.startswith("component:") for name in undocumented - _JOINT)


_JOINT = {"witnessed", "controllers"}
"""Checks that share a row of the page with the one before them."""


def test_the_command_of_the_examples_page_runs() -> None:
    page = (EXAMPLES / "README.md").read_text("utf-8")
    (command,) = [line[2:].split() for line in page.splitlines() if line.startswith("$ ")]
    assert _run("-m", *command, folder=ROOT).returncode == 0


BRIDGES = {"adapter_file_drop.py", "adapter_sql_polling.py"}
"""They keep what an old system forgets, which takes more lines than a story."""


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_a_story_is_short_and_listed(story: Path) -> None:
    lines = story.read_text("utf-8").splitlines()
    assert len(lines) < (80 if story.name not in BRIDGES else 130)
    assert f"]({story.name})" in (EXAMPLES / "README.md").read_text("utf-8")
