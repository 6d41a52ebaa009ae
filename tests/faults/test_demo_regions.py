"""The story of three regions: told to its end, killed in the middle, told again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from oneservice.certificates import Bundle
from oneservice.cli.demo_pages import drawn_pages
from oneservice.cli.demo_regions import words
from oneservice.cli.demo_regions.chapters_cases import tell_promise
from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.desk import Desk
from oneservice.cli.demo_regions.kinds import definitions
from oneservice.cli.demo_regions.teller import Teller
from oneservice.cli.demo_regions.train import dealt
from oneservice.cli.demo_regions.words import tell
from oneservice.errors import LogProofError
from oneservice.transparency import LogProof, WitnessPolicy

pytest.importorskip("segno", reason="pages are drawn with the extra 'faces'")
pytest.importorskip("uvicorn", reason="regions serve each other with the extra 'server'")

DEADLINE_S = 150.0


def started(folder: Path, *more: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "oneservice", "demo", "--story", "cross-region"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(one for one in sys.path if one),
        "NO_COLOR": "1",
    }
    return subprocess.Popen(
        [*line, "--dir", str(folder), *more],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}/cmdline").exists() for pid in pids)


def test_the_story_goes_on_after_a_kill_and_leaves_nobody_behind(tmp_path: Path) -> None:
    first = started(tmp_path, "--language", "zh")
    assert first.stdout is not None
    pids: list[int] = []
    for line in first.stdout:
        if "进程" in line and "自有" in line:
            pids.append(int("".join(c for c in line.rpartition("进程")[2] if c.isdigit())))
        if "暂停其效力" in line:  # the certificate is held, the move is under way
            break
    assert len(pids) == 3
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.communicate()
    until = time.monotonic() + DEADLINE_S
    while not gone(pids) and time.monotonic() < until:
        time.sleep(0.1)
    assert gone(pids), "no process outlives its demonstration"

    second = started(tmp_path, "--json")
    out, error = second.communicate(timeout=DEADLINE_S)
    assert second.returncode == 0, error
    told = json.loads(out)
    assert told["verified"]
    assert told["wrong"] == []
    names = [one["chapter"] for one in told["chapters"]]
    chapters = "peers cook village train shop child moving lie audit"
    assert names == chapters.split()
    pages = {one.name for one in (tmp_path / "regions" / "pages").glob("*.html")}
    assert {"case.html", "food_permit.html"} <= pages
    nothing_is_drawn_without_the_extra(tmp_path / "regions" / "travelled" / "shop.bundle.json")
    both_logs_hold(told["chapters"][-1]["command"], tmp_path / "regions" / "travelled")
    whole_cases_hold(told["chapters"][-1]["bundle_command"], tmp_path / "regions" / "travelled")
    logs_files_hold(told["chapters"][-1]["log_command"], tmp_path / "regions" / "travelled")
    train_counts(
        told["chapters"][names.index("train")]["command"], tmp_path / "regions" / "travelled"
    )
    offices = list((tmp_path / "regions").glob("*/offices/*/status/[0-9]*/token.jwt.tlog-proof"))
    assert offices, "what the regions' offices publish is logged, too"


def logs_files_hold(command: list[str], folder: Path) -> None:
    """Run the last command; and each proof in ``log/`` holds by the policy of just one log."""
    (told,) = checked(command, folder)
    assert (told["verdict"], len(told["cosigned"]) >= 3) == ("valid", True)
    policies = [
        WitnessPolicy.parse(one.read_bytes()) for one in sorted(folder.glob("log/policy-*.txt"))
    ]
    proofs = sorted(folder.glob("log/*.tlog-proof"))
    assert (len(policies), len(proofs) >= 4) == (3, True)
    for path in proofs:
        proof = LogProof.parse(path.read_bytes())
        entry = path.with_suffix(".entry").read_bytes()
        origin = proof.checkpoint.partition(b"\n")[0].decode()
        (policy,) = [one for one in policies if one.logs[0].key.name == origin]
        found = proof.check(entry, log=policy.logs[0].key, witnesses=policy.keys)
        assert policy.is_met([name for name, _ in found.cosigned]), path.name
        with pytest.raises(LogProofError):
            proof.check(entry + b" ", log=policy.logs[0].key, witnesses=policy.keys)


def train_counts(command: list[str], folder: Path) -> None:
    """Run the command on the train's papers: what was dealt is found, but whose they are."""
    told = ran([*command, "--offline", "--json", "--brief"], folder, code=1)
    reasons = Counter(json.loads(one)["reason"] for one in told.splitlines())
    due = dealt()
    due["not_recognised"] += due.pop("other_type")
    due[None] = due.pop("recognised") + due.pop("other_holder")
    assert reasons == due


def nothing_is_drawn_without_the_extra(file: Path) -> None:
    """The story goes on, and says what is missing."""
    written: list[str] = []

    def write(name: str, _: bytes) -> Path:
        written.append(name)
        return file

    bundle = Bundle.parse(file.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "segno", None)
        assert drawn_pages(bundle, catalog=definitions(), write=write) == ()
    assert written == []
    for language in ("zh", "en"):
        assert ".[faces]" in tell("no_pages", language)


def both_logs_hold(command: list[str], folder: Path) -> None:
    """Run what the story ends with: offline, a paper in the log of each region, cosigned by all."""
    logs = []
    for report in judged(command, folder):
        checks = {one["name"]: one for one in report["checks"]}
        assert report["verdict"] == "valid"
        assert len(checks["witnessed"]["evidence"]["witnesses"]) >= 3
        logs += [one["log"] for one in checks["logged"]["evidence"]["logs"]]
    assert logs == ["980201.example/log", "990101.example/log"]


def whole_cases_hold(command: list[str], folder: Path) -> None:
    """Run the other command: each part of each case is in the log of who decided it."""
    shop, child = judged(command, folder)
    logs = set()
    for report in (shop, child):
        assert (report["verdict"], report["policy"]) == ("valid", "travelled")
        for part in report["components"]:
            checks = {one["name"]: one for one in part["checks"]}
            assert checks["witnessed"]["result"] == "pass"
            logs |= {one["log"] for one in checks["logged"]["evidence"]["logs"]}
    assert logs == {"970301.example/log", "980201.example/log"}


def judged(command: list[str], folder: Path) -> list[dict[str, Any]]:
    """Return what a command says of each file, run in a folder, offline."""
    return [json.loads(one) for one in ran([*command, "--offline", "--json"], folder).splitlines()]


def checked(command: list[str], folder: Path) -> list[dict[str, Any]]:
    """Return what a check of a log's files says."""
    return [json.loads(ran([*command, "--json"], folder))]


def ran(words: list[str], folder: Path, *, code: int = 0) -> str:
    """Return what a command writes, run in a folder; it must find all good, or end as told."""
    ours = os.pathsep.join(str(Path(one).resolve()) for one in sys.path if one)
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ours},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.mark.parametrize(("missed", "lines"), [(None, 0), (6, 1)])
def test_a_promise_that_was_missed_is_told(tmp_path: Path, missed: int | None, lines: int) -> None:
    land = Country(tmp_path)
    teller = Teller(land=land, desk=Desk(land), language="en", page=None)
    teller.head("shop")
    tell_promise(teller, {"missed_days": missed})
    told = teller.told[-1]["lines"]
    assert len(told) == lines
    assert all("the promise was 6 working day(s)" in one for one in told)


@pytest.mark.parametrize("name", sorted(words._PHRASES))
def test_a_phrase_has_as_many_places_in_both_languages(name: str) -> None:
    english, chinese = (
        [field for _, field, _, _ in Formatter().parse(text) if field is not None]
        for text in words._PHRASES[name]
    )
    assert english == chinese


def test_it_brings_its_own_applicants(tmp_path: Path) -> None:
    refused = started(tmp_path, "--answers", "x.yaml")
    _, error = refused.communicate(timeout=DEADLINE_S)
    assert refused.returncode == 2
    assert "leave --answers out" in error
