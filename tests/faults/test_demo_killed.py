"""``oneservice demo`` as a stranger runs it: to its end, killed in the middle, and again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from oneservice.certificates import (
    Policy,
    PublishedStatus,
    SealedUnder,
    TrustStore,
    examine,
    examine_bundle,
    read_policy,
)
from oneservice.clocks import FileClock

ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "oneservice", "demo", "--dir", str(folder), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def finished(process: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # one that hangs shall not slow down all others
        raise
    assert process.returncode == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def reached(folder: Path, text: str, process: subprocess.Popen[str]) -> None:
    """Wait until the virtual clock of the demonstration has come to ``text``."""
    give_up = time.monotonic() + 300
    while time.monotonic() < give_up:
        if (folder / "clock").exists() and FileClock(folder / "clock").now().isoformat() >= text:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError(text)


def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path: Path) -> None:
    folder, shop = tmp_path / "noodles", ROOT / "examples" / "noodle-shop.yaml"
    first = demo(folder, "--speed", "2", "--answers", str(shop))
    reached(folder, "2026-10-01", first)
    os.killpg(first.pid, signal.SIGSTOP)
    a_second_one_in_the_same_folder_is_told_so(folder, first.pid)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert not (folder / "bundle.json").exists(), "killed too late to prove anything"
    stopped_at = FileClock(folder / "clock").now()
    the_folder_keeps_its_applicant(folder)

    outcome = finished(demo(folder, "--speed", "0", "--json"))

    assert outcome["status"] == "concluded"
    assert outcome["verified"] is True
    assert FileClock(folder / "clock").now() > stopped_at
    again = finished(demo(folder, "--speed", "0", "--json"))
    assert again["case"] == outcome["case"]
    assert again["steps"] == outcome["steps"]


def a_second_one_in_the_same_folder_is_told_so(folder: Path, first: int) -> None:
    second = demo(folder, "--json")
    out, err = second.communicate(timeout=300)
    assert second.returncode == 2, err
    error = json.loads(out)["error"]
    assert error["code"] == "journal_locked"
    assert f"another demo is running in {folder} (process {first})" in error["message"]


def the_folder_keeps_its_applicant(folder: Path) -> None:
    """Other answers for a case that is under way would silently count for nothing."""
    other = ROOT / "examples" / "seafood-karaoke.yaml"
    process = demo(folder, "--answers", str(other), "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 2, err
    assert "holds the case of another applicant" in json.loads(out)["error"]["message"]


def test_killed_while_its_houses_are_set_up_it_sets_them_up(tmp_path: Path) -> None:
    """Keys of list and log, witnesses, the log itself: each is found, or made anew, by the next."""
    for made in ("list-signers", "witnesses/neighbour-region/key.pem", "log/private"):
        process = demo(tmp_path, "--speed", "6")
        give_up = time.monotonic() + 300
        while not (tmp_path / made).exists() and time.monotonic() < give_up:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert (tmp_path / made).exists()
    outcome = finished(demo(tmp_path, "--speed", "0", "--json"))
    assert (outcome["status"], outcome["verified"]) == ("concluded", True)


def test_everything_it_leaves_behind_can_be_verified(tmp_path: Path) -> None:
    answers = ROOT / "examples" / "seafood-karaoke.yaml"
    outcome = finished(demo(tmp_path, "--speed", "0", "--answers", str(answers), "--json"))
    steps = set(outcome["steps"])
    assert {"fire_check", "fire_followup", "food_permit", "health_cert-20"} <= steps
    command = [sys.executable, "-m", "oneservice", "audit", str(tmp_path / "bundle.json")]
    command += ["--trust", str(tmp_path / "trust-list.json"), "--at", "2026-12-31", "--json"]
    audited = subprocess.run(command, capture_output=True, text=True, check=False)
    assert audited.returncode == 0, audited.stdout
    assert json.loads(audited.stdout)["verdict"] == "valid"
    now = FileClock(tmp_path / "clock").now()
    trust = TrustStore.parse((tmp_path / "trust-list.json").read_bytes())
    asked = read_policy(
        {
            "format": "oneservice-policy/1",
            "name": "auditor",
            "require": ["standard", "logged", {"witnessed": {"at_least": 2}}],
        }
    )
    data = (tmp_path / "bundle.json").read_bytes()
    bundle = examine_bundle(data, trust=trust, at=now, policy=asked)  # it encloses all it needs
    assert bundle.verdict == "valid", bundle.message
    sealed = (tmp_path / "evidence" / "bundle.json").read_bytes()
    under = Policy.standard().also(SealedUnder(), name="seal")
    assert examine(sealed, trust=trust, at=now, policy=under).verdict == "valid"
    lists = [path.read_bytes() for path in (tmp_path / "status").glob("*.jwt")]
    status = PublishedStatus.of(lists, trust=trust)
    for name in outcome["certificates"]:
        report = examine((tmp_path / name).read_bytes(), trust=trust, at=now, status=status)
        assert report.verdict == "valid", name
    forms = {path.stem for path in (tmp_path / "certificates").glob("*.sd-jwt")}
    assert forms == {Path(name).stem for name in outcome["certificates"]} - {"bundle"}
    for name in ("cases.db", "plan.json", "plan.svg", "journal.jsonl"):
        assert (tmp_path / name).stat().st_size > 0
    issuers = {
        json.loads(path.read_bytes())["id"] for path in (tmp_path / "controllers").glob("*.json")
    }
    assert {issuer.id for issuer in trust.issuers} == issuers
    for key in tmp_path.glob("offices/*/*.pem"):
        assert key.stat().st_mode & 0o077 == 0, f"{key.name} can be read by others"


def test_a_form_that_is_not_complete_leaves_no_folder(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "noodle-shop.yaml").read_text(encoding="utf-8")
    file = tmp_path / "shop.yaml"
    lines = [line for line in text.splitlines() if not line.startswith("  credit_code:")]
    (tmp_path / "papers").symlink_to(ROOT / "examples" / "papers")
    file.write_text("\n".join(lines), encoding="utf-8")
    process = demo(tmp_path / "demo", "--answers", str(file), "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1, out + err
    assert json.loads(out)["error"]["code"] == "form_incomplete"
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    process = demo(in_the_way / "demo", "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 2, err
    assert json.loads(out)["error"]["code"] == "file_unusable"


def test_a_story_that_is_killed_goes_on_and_is_told_whole(tmp_path: Path) -> None:
    """Killed while an office waits for a correction, and the answer is still to come."""
    first = demo(tmp_path, "--story", "correction", "--speed", "2")
    reached(tmp_path, "2026-09-29", first)
    os.killpg(first.pid, signal.SIGKILL)
    told_before, _ = first.communicate()
    assert "asks for all that is missing" in told_before
    assert FileClock(tmp_path / "clock").now().isoformat() < "2026-10-09", "killed too late"

    other = demo(tmp_path, "--story", "overdue", "--json")
    out, err = other.communicate(timeout=300)
    assert other.returncode == 2, err
    assert "holds the story correction" in json.loads(out)["error"]["message"]

    outcome = finished(demo(tmp_path, "--speed", "0", "--json"))  # the folder knows its story
    assert (outcome["story"], outcome["status"]) == ("correction", "concluded")
    assert outcome["verified"] is True
    told = [(one["step"], one["what"]) for one in outcome["told"]]
    corrected = [step for step, what in told if what == "correction_requested"]
    assert corrected == ["signboard", "food_permit"], "asked once each, told once each"
    assert set(outcome["steps"].values()) == {"granted"}
