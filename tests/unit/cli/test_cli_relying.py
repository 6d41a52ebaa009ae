"""``oneservice relying``: a real server process, its records, and lists that change meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from click.testing import Result

from oneservice.certificates import TrustStore

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Papers

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "cli"
AT = "?at=2027-03-01T00:00:00Z"


@contextmanager
def served(papers: Papers, *more: object) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """Run the server as a process of its own."""
    command = ("relying", "serve", "--trust", papers.trust, "--calls", papers.folder / "calls.db")
    with subprocess.Popen(
        [sys.executable, "-m", "oneservice", *map(str, (*command, *more)), "--json"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        first = running.stdout.readline()
        try:
            with httpx.Client(base_url=json.loads(first)["url"], timeout=60) as client:
                yield client, running
        finally:
            running.terminate()
            running.wait(60)


@pytest.mark.parametrize("name", ["serve", "calls"])
def test_help_is_golden(name: str) -> None:
    """To renew: ``COLUMNS=80 oneservice relying NAME -h > tests/golden/cli/relying-NAME.txt``."""
    shown = subprocess.run(
        [sys.executable, "-m", "oneservice", "relying", name, "--help"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert shown == (GOLDEN / f"relying-{name}.txt").read_text(encoding="utf-8")
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_papers_are_judged_and_each_call_recorded(run: Run, papers: Papers) -> None:
    with served(papers) as (client, running):
        paper = papers.certificate.read_bytes()
        first = client.post(f"/verify{AT}", content=paper).json()
        assert (first["verdict"], first["kind"]) == ("valid", "certificate")
        again = client.post(f"/verify{AT}", content=paper.replace(b"food", b"foot")).json()
        assert again["verdict"] == "invalid"
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
    file = papers.folder / "calls.db"
    page = run("relying", "calls", file)
    assert page.exit_code == 0
    assert page.stdout.startswith("2 records, all as they were written")
    assert page.stdout.splitlines()[-1] == f"2:{again['call']['digest']}"
    zh = run("relying", "calls", file, "--language", "zh").stdout
    assert "2 条记录" in zh
    known = f"1:{first['call']['digest']}"
    (line,) = run("relying", "calls", file, "--after", known, "--json").stdout.splitlines()
    record = json.loads(line)
    assert (record["seq"], record["caller"], record["reason"]) == (2, "local", again["reason"])
    assert "李记面馆" not in line
    forger = sqlite3.connect(file)
    forger.executescript("DROP TRIGGER calls_remain; DELETE FROM calls WHERE seq = 1")
    forger.close()
    found = run("relying", "calls", file)
    assert (found.exit_code, "journal_corrupt" in found.stderr) == (1, True)


def test_only_this_machine_and_whom_a_proxy_names(papers: Papers) -> None:
    paper = papers.certificate.read_bytes()
    more = ("--caller-header", "X-Caller", "--policy-for", "archive=archive")
    with served(papers, *more) as (client, _):
        assert client.post("/verify", content=paper).status_code == 401
        for name in ("Li Wei", "a" * 65, "李"):
            sent = {"x-caller": name.encode()}
            assert client.post("/verify", content=paper, headers=sent).status_code == 401
        twice = [(b"x-caller", b"archive"), (b"x-caller", b"bank")]
        assert client.post("/verify", content=paper, headers=twice).status_code == 401
        for caller, policy in (("bank", "standard"), ("archive", "archive")):
            answer = client.post(f"/verify{AT}", content=paper, headers={"x-caller": caller})
            assert answer.json()["policy"] == policy


def test_a_newer_list_is_taken_over_and_a_broken_one_is_not(papers: Papers) -> None:
    paper = papers.certificate.read_bytes()
    with served(papers, "--look-every", "0.05") as (client, _):
        assert client.get("/health").json()["lists"][0]["version"] == 1
        newer = replace(TrustStore.parse(papers.trust.read_bytes()), version=2, document=None)
        signed = newer.signed(
            key=papers.key,
            signer_id="https://990101.example/trust",
            created=newer.issued_at,
        )
        _put(papers.trust, signed.dump())
        _until(client, lambda health: health["lists"][0]["version"] == 2)
        _put(papers.trust, b"{")
        _until(client, lambda health: health["status"] == "trouble")
        health = client.get("/health").json()
        assert health["lists"][0]["version"] == 2
        assert "cannot be relied on" in health["trouble"][0]
        assert client.post(f"/verify{AT}", content=paper).json()["verdict"] == "valid"
        _put(papers.trust, signed.dump())
        _until(client, lambda health: health["status"] == "ok")


def _put(file: Path, data: bytes) -> None:
    """Replace a file at once, as publishers should."""
    fresh = file.with_suffix(".new")
    fresh.write_bytes(data)
    shutil.move(fresh, file)


def _until(client: httpx.Client, holds: Callable[[dict[str, object]], bool]) -> None:
    """Ask until it holds; the server looks by itself."""
    end = time.monotonic() + 60
    while not holds(client.get("/health").json()):
        assert time.monotonic() < end, "it was not taken over"
        time.sleep(0.02)


def test_wrong_use(run: Run, papers: Papers) -> None:
    base = ("relying", "serve", "--trust", papers.trust, "--calls", papers.folder / "calls.db")
    for more, said in (
        (("--caller-header", "x", "--anybody"), "choose one"),
        (("--policy-for", "bank"), "CALLER=NAME"),
        (("--policy-for", "bank=nosuch"), "nosuch"),
        (("--recognise-in", "x"), "--recognise-in"),
    ):
        result = run(*base, *more)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    missing = run("relying", "calls", papers.folder / "none.db")
    assert missing.exit_code == 2
    assert not (papers.folder / "none.db").exists()
    wrong = run("relying", "calls", papers.folder / "none.db", "--after", "x")
    assert "'--after'" in wrong.stderr
