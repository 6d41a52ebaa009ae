"""``oneservice verify`` for many files: lines instead of pages, a sum, and a clean end."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import Result

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Papers

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
AT = ("--at", "2027-03-01")


@pytest.fixture
def many(papers: Papers) -> Path:
    """A folder with twenty certificates, of which one is forged and one is no JSON at all."""
    folder = papers.folder / "many"
    folder.mkdir()
    for number in range(20):
        data = papers.issued(id=f"urn:oneservice:test:{number}").dump()
        if number == 7:
            data = data.replace("李记面馆".encode(), "王记面馆".encode())
        (folder / f"{number:02}.json").write_bytes(b"{" if number == 11 else data)
    return folder


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2"), ("--jobs", "0", "--unordered")])
def test_a_folder(run: Run, papers: Papers, many: Path, jobs: tuple[str, ...]) -> None:
    result = run("verify", many, "--trust", papers.trust, *AT, *jobs, "--json")
    assert result.exit_code == 1
    found = {Path(one["file"]).name: one for one in answers(result)}
    assert len(found) == 20
    bad = {name: one["reason"] for name, one in found.items() if one["verdict"] != "valid"}
    assert bad == {"07.json": "forged", "11.json": "malformed"}
    alone = run("verify", many / "00.json", "--trust", papers.trust, *AT, "--json")
    assert found["00.json"] == answers(alone)[0], "a batch says of each what is said of it alone"


def test_people_get_a_line_for_whatever_is_not_valid_and_a_sum(
    run: Run, papers: Papers, many: Path
) -> None:
    result = run("verify", many, "--trust", papers.trust, *AT)
    first, second, total = result.stdout.splitlines()
    assert first.startswith("INVALID  ")
    assert "07.json: forged: " in first
    assert "11.json: malformed: " in second
    assert total == "20 files: 18 valid, 2 invalid"
    zh = run("verify", many, "--trust", papers.trust, *AT, "--language", "zh").stdout
    assert zh.splitlines()[-1] == "共 20 个文件：有效 18，无效 2"


def test_a_name_cannot_write_on_the_terminal(run: Run, papers: Papers, many: Path) -> None:
    (many / "\x1b[2J.json").write_bytes(b"{")
    assert "\x1b" not in run("verify", many, "--trust", papers.trust, *AT).stdout


def test_names_from_a_file_and_from_the_standard_input(
    run: Run, papers: Papers, many: Path
) -> None:
    names = "".join(f"{many / name}\n" for name in ("03.json", "02.json", "gone.json"))
    asked = ("--trust", papers.trust, *AT, "--json", "--brief")
    listed = papers.folder / "names.txt"
    listed.write_text(names, encoding="utf-8")
    for result in (
        run("verify", "--files-from", listed, *asked),
        run("verify", "--files-from", "-", *asked, stdin=names.encode()),
    ):
        assert result.exit_code == 2
        found = answers(result)
        assert [Path(one["file"]).name for one in found] == ["03.json", "02.json", "gone.json"]
        assert [one["reason"] for one in found] == [None, None, "file_unusable"]
        assert all("checks" not in one for one in found)
    missing = run("verify", "--files-from", papers.folder / "none.txt", *asked)
    assert missing.exit_code == 2
    assert "none.txt" in json.loads(missing.stdout)["error"]["message"]


def test_lines_of_a_file_and_of_the_standard_input(run: Run, papers: Papers, many: Path) -> None:
    text = b"".join(file.read_bytes() + b"\n" for file in sorted(many.iterdir())[:9])
    file = papers.folder / "permits.jsonl"
    file.write_bytes(text)
    asked = ("--trust", papers.trust, *AT, "--json", "--lines", "--jobs", "2")
    for result, name in (
        (run("verify", file, *asked), str(file)),
        (run("verify", "-", *asked, stdin=text), "-"),
    ):
        found = answers(result)
        assert [one["file"] for one in found] == [f"{name}:{line}" for line in range(1, 10)]
        assert [one["verdict"] for one in found].count("valid") == 8
        assert result.exit_code == 1


def test_a_trust_list_in_a_folder_is_passed_over_and_named_among_the_files_is_no_forgery(
    run: Run, papers: Papers
) -> None:
    asked = ("--trust", papers.trust, *AT, "--json")
    named = run("verify", papers.trust, papers.certificate, *asked, "--jobs", "1")
    assert [one["reason"] for one in answers(named)] == ["file_unusable", None]
    zh = run("verify", papers.trust, *asked[:-1], "--jobs", "1", "--language", "zh").stdout
    assert "这是信任名单" in zh
    assert "this is" not in zh
    result = run("verify", papers.folder, *asked)
    found = {Path(one["file"]).name: one for one in answers(result)}
    assert "trust-list.json" not in found
    assert "(1 trust list among them: others are judged by those, --trust)" in result.stderr
    assert found["bundle.json"]["verdict"] == "valid"
    assert found["journal.jsonl"]["reason"] == "unsealed"
    assert result.exit_code == 2


def test_what_lies_beside_papers_is_skipped_and_counted(
    run: Run, papers: Papers, many: Path
) -> None:
    (many / "cases.db").write_bytes(b"SQLite format 3\0" + bytes(100))
    (many / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    (many / "cases.db.lock").write_text("4711")
    (many / "empty.lock").write_bytes(b"")
    (many / "applicant.json").write_text('{"name": "x"}')
    (many / "proofs.json").write_text('[{"digest": "sha256:00", "proof": "x"}]')
    (many / "shown.jsonl").write_text('{"letter": {}, "holder": {}}\n{"letter": {}}\n')
    (many / "book.log").write_text('{"kind": "seal-use", "proof": "x"}\n{"kind": "seal-use"}\n')
    changed = json.loads((many / "00.json").read_bytes())
    del changed["credentialSubject"]
    (many / "changed.json").write_text(json.dumps(changed))
    (many / "shredded.json").write_bytes(b"\0\1")
    asked = ("--trust", papers.trust, *AT)
    result = run("verify", many, *asked)
    assert result.stdout.splitlines()[-1] == "22 files: 18 valid, 4 invalid"
    assert "8 more files" in result.stderr
    assert {"changed.json", "shredded.json"} <= {
        Path(line.split(": ")[0]).name for line in result.stdout.splitlines()
    }
    assert len(answers(run("verify", many, *asked, "--json", "--jobs", "2"))) == 22
    named = run("verify", many / "key.pem", *asked, "--jobs", "1")
    assert named.exit_code == 1, "what is named is judged"


def test_papers_on_lines_in_a_folder_are_named_with_the_option_that_judges_them(
    run: Run, papers: Papers, many: Path
) -> None:
    lines = many / "permits.jsonl"
    lines.write_bytes((papers.certificate.read_bytes() + b"\n") * 3)
    asked = ("--trust", papers.trust, *AT)
    result = run("verify", many, *asked)
    assert f"CANNOT BE TOLD NOW  {lines}: file_unusable: this is a file with" in result.stdout
    assert "--lines" in result.stdout
    alone = run("verify", lines, *asked)
    assert (alone.exit_code, "give --lines as well" in alone.stderr) == (2, True)
    assert run("verify", lines, "--lines", *asked).exit_code == 0


def test_ctrl_c_ends_it_cleanly(papers: Papers) -> None:
    """The whole group of processes hears it, as from a terminal: one word, no traceback."""
    command = ("verify", "-", "--lines", "--jobs", "2", "--json", "--brief", *AT)
    lines = papers.folder / "permits.jsonl"
    lines.write_bytes((papers.certificate.read_bytes() + b"\n") * 20_000)
    # A shell's background jobs ignore SIGINT, and so would every process that they start.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    with (
        lines.open("rb") as stream,
        subprocess.Popen(
            [sys.executable, "-m", "oneservice", *command, "--trust", str(papers.trust)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as running,
    ):
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["verdict"] == "valid"
        signal.signal(signal.SIGINT, ours)
        os.killpg(running.pid, signal.SIGINT)
        rest = running.stdout.read()
        said = running.stderr.read().decode()
        assert running.wait(120) == 130, said
    assert said.startswith("stopped; ")
    assert said.count("\n") == 1, said
    told = [json.loads(one) for one in rest.splitlines()]
    assert len(told) + 1 < 20_000, "it was stopped, not waited for"
    assert all(one["verdict"] == "valid" for one in told), "no half line"


def test_a_terminal_shows_how_far_it_is(papers: Papers, many: Path) -> None:
    """Progress goes to the standard error, and only where somebody looks."""
    master, terminal = pty.openpty()
    command = ("verify", str(many), "--trust", str(papers.trust), *AT, "--json", "--brief")
    with subprocess.Popen(
        [sys.executable, "-m", "oneservice", *command],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as running:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux tells that nobody writes any more
            while part := os.read(master, 65_536):
                shown += part
        os.close(master)
        assert running.stdout is not None
        lines = running.stdout.read().splitlines()
    assert len(lines) == 20
    assert all(json.loads(line) for line in lines)
    assert b" judged, " in shown
    assert shown.endswith(b"\r\x1b[K"), "and takes it away at the end"
