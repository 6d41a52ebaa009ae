"""README's last line: ``python -m benchmarks`` prints ratios, and JSON for machines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_plans_and_durable_cases_are_measured_in_one_run() -> None:
    done = benchmarks("plans", "cases", "--cases", "8", "--repeat", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["machine"]["cpus"] >= 1
    *plans, cases = found["measurements"]
    assert [one["name"].split()[1] for one in plans] == [
        "noodle-shop",
        "seafood-karaoke",
        "tea-kiosk",
        "wide",
    ]
    assert {name: plans[-1]["facts"][name] for name in ("steps", "fields", "materials")} == {
        "steps": 60,
        "fields": 100,
        "materials": 50,
    }
    for one in plans:  # whether an aim is met hangs on the machine; what is told must be true
        facts = one["facts"]
        assert facts["is_aim_met"] == (one["ours_us"] < facts["aim_ms"] * 1000)
        assert one["name"].endswith("holds" if facts["is_aim_met"] else "MISSED")
    assert cases["clock"] == "wall"
    assert cases["facts"]["cases"] == 8
    for one in found["measurements"]:
        # Machines differ, and so do the ratios; that they are figures of one run holds everywhere.
        assert min(one["ours_us"], one["floor_us"]) > 0
        assert abs(one["ratio"] - one["ours_us"] / one["floor_us"]) < 0.1 * one["ratio"]


def test_the_table_names_the_floor() -> None:
    done = benchmarks("certificates")
    assert done.returncode == 0, done.stderr
    assert "parse and verify ecdsa-jcs-2019" in done.stdout
    assert "bare verification (CPU)" in done.stdout


def test_an_unknown_room_is_wrong_use() -> None:
    done = benchmarks("speed")
    assert done.returncode == 2
    rooms = done.stderr.partition("choose of ")[2].strip().split(", ")
    measuring = {
        one.stem
        for one in (ROOT / "benchmarks").glob("*.py")
        if "\ndef measure(" in one.read_text(encoding="utf-8")
    }
    assert set(rooms) == measuring | {"cases"}, "a measurement that nobody can ask for"
