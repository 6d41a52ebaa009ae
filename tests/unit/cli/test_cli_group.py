"""The command line as a whole: start-up, help, exit codes, and the one edge for errors."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import oneservice.errors
from oneservice.cli import program
from oneservice.cli.program import COMMANDS
from oneservice.cli.refusals import refusal_of
from oneservice.errors import (
    CatalogSyntaxError,
    FileUnusableError,
    KeyTokenError,
    KeyUnusableError,
    LogProofError,
    OneServiceError,
    RuleEvaluationError,
    SealRefusedError,
    TooFewWitnessesError,
)

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "cli"
HEAVY = ("networkx", "httpx", "pydantic", "cryptography", "rich", "yaml", "sqlite3", "asyncio")
WRITTEN = [name for name, entry in COMMANDS.items() if importlib.util.find_spec(entry.module)]
"""Commands whose module is there."""


def in_process(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    paths = f"{ROOT}{os.pathsep}{ROOT / 'adapters'}"
    environment = os.environ | {"PYTHONPATH": paths, "COLUMNS": "80", "NO_COLOR": "1"} | more
    return subprocess.run(
        [sys.executable, "-m", "oneservice", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-command"]])
def test_the_group_alone_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom oneservice.cli import program\n"
        f"try:\n    program({arguments!r}, prog_name='oneservice')\n"
        "except SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_verify_needs_neither_pydantic_nor_networkx(papers: object) -> None:
    code = (
        "import sys\nfrom oneservice.cli import program\n"
        f"try:\n    program(['verify', {str(papers.certificate)!r}, '--json'])\n"
        "except SystemExit:\n    pass\n"
        "print([n for n in ('networkx', 'pydantic', 'httpx', 'rich') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_both_modules_are_the_same_program() -> None:
    for module in ("oneservice", "oneservice.cli"):
        done = subprocess.run(
            [sys.executable, "-m", module, "--version"],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.startswith("oneservice, version ")


@pytest.mark.parametrize("name", ["oneservice", *sorted(WRITTEN)])
def test_help_is_golden(name: str) -> None:
    """To renew: ``COLUMNS=80 oneservice NAME --help > tests/golden/cli/NAME.txt``, then read it."""
    done = in_process(*([] if name == "oneservice" else [name]), "--help")
    assert done.returncode == 0
    assert done.stdout == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", WRITTEN)
def test_every_command_keeps_the_manners(run: Run, name: str) -> None:
    shown = run(name, "-h")
    assert shown.exit_code == 0
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert "--json" in shown.stdout
    assert "Examples:" in shown.stdout
    command = program.get_command(None, name)
    assert command is not None
    options = [one for parameter in command.params for one in getattr(parameter, "opts", ())]
    assert all(one.startswith("--") for one in options if one.startswith("-"))


def test_wrong_use_is_two(run: Run) -> None:
    for wrong in (["nosuch"], ["lint", "--nosuch"], ["graph"], ["verify"], []):
        result = run(*wrong)
        assert result.exit_code == 2, wrong
        assert "Usage: oneservice" in result.stderr


def test_wrong_use_is_json_for_machines(run: Run) -> None:
    result = run("plan", "--nosuch", "--json")
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "usage"
    assert "--nosuch" in error["message"]


def test_an_error_of_ours_is_never_a_traceback(tmp_path: Path) -> None:
    done = in_process("lint", tmp_path / "nowhere.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error[file_unusable]: ")
    assert "remedy:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_defect_of_ours_is_told_without_a_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its kind and place, and never its text, which may quote a person."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("990101199001010019")

    monkeypatch.setattr("oneservice.cli.situations.load_catalog", broken)
    asked = ("plan", "restaurant", "--region", "990101")
    told = run(*asked)
    assert told.exit_code == 70
    assert told.stderr.startswith("error[internal]: a defect of this program: ZeroDivisionError in")
    assert "990101199001010019" not in told.stderr
    assert json.loads(run(*asked, "--json").stdout)["error"]["code"] == "internal"
    monkeypatch.setenv("ONESERVICE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(*asked)


def test_a_reader_who_has_seen_enough_is_no_finding() -> None:
    """`plan … | head` ended with 1, which means a finding."""
    reading, writing = os.pipe()
    os.close(reading)
    shop = str(ROOT / "examples" / "noodle-shop.yaml")
    asked = ["plan", "restaurant", "--answers", shop, "--on", "2026-09-28"]
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "oneservice", *asked],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 141, done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_names_that_are_no_utf_8_and_terminals_without_chinese(tmp_path: Path) -> None:
    odd = os.fsdecode(bytes(tmp_path) + b"/\xff.json")
    for arguments in (["verify", odd], ["verify", odd, "--json"], ["lint", odd]):
        done = in_process(*arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    plain = in_process(
        "plan", "restaurant", "--region", "990101", "--language", "zh",
        "--set", "has_licence=true", "--set", "area=80",
        PYTHONIOENCODING="ascii",
    )  # fmt: skip
    assert plain.returncode == 0, plain.stderr


def _classes(kind: type[OneServiceError]) -> list[type[OneServiceError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _classes(child))]


@pytest.mark.parametrize("kind", _classes(OneServiceError), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_can_be_told(kind: type[OneServiceError]) -> None:
    if kind.__module__ != oneservice.errors.__name__:
        pytest.skip("not of the published tree")
    error = kind.__new__(kind)
    error.args = ("it does not fit; mend it",)
    for name in ("source", "problems"):
        if "Answers" in kind.__name__ or name == "source":
            setattr(error, name, {} if name == "problems" else None)
    told = refusal_of(error)
    assert told.code == kind.code
    assert told.exit_code in (1, 2)
    assert told.as_text().startswith(f"error[{kind.code}]: ")
    json.dumps(told.as_json())


def test_findings_are_one_and_everything_else_is_two() -> None:
    assert refusal_of(CatalogSyntaxError("bad", source="a.yaml:1:1")).exit_code == 1
    assert refusal_of(CatalogSyntaxError("no file named")).exit_code == 2
    assert refusal_of(RuleEvaluationError("unknown", path="steps.x.when")).exit_code == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileUnusableError("x", remedy="install it"), "install it"),
        (FileUnusableError("x: is a folder; name a file"), "of the kind that is due"),
        (KeyUnusableError("x"), "password"),
        (KeyTokenError("x"), "keys token"),
        (LogProofError("x"), "rely on nothing"),
        (TooFewWitnessesError("x"), "running"),
    ],
)
def test_remedies_fit_what_is_wrong(error: OneServiceError, words: str) -> None:
    told = refusal_of(error)
    assert words in told.remedy
    assert words in told.as_text()
    assert words in told.as_json()["error"]["remedy"]


def test_a_refused_seal_says_its_remedy_once() -> None:
    told = refusal_of(SealRefusedError("no mandate", reason="mandate_unknown", remedy="enter one"))
    assert told.as_text() == "error[seal_refused]: no mandate\n  remedy: enter one"
    assert told.as_json()["error"]["reason"] == "mandate_unknown"


def test_a_file_that_the_system_refuses_is_an_affair_of_its_path(tmp_path: Path, run: Run) -> None:
    told = run("face", tmp_path / "none.json", "--out", tmp_path / "x.html")
    assert "check the path" in told.stderr
