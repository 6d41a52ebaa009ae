"""``python -m benchmarks log`` measures a log to its end, and says whether its aims were met."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_log_is_measured() -> None:
    command = [sys.executable, "-m", "benchmarks", "log", "--leaves", "20000", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    appended, checked, parsed, proven = json.loads(done.stdout)["measurements"]
    assert appended["facts"]["leaves"] == proven["facts"]["leaves"] == 20_000
    assert (appended["clock"], checked["clock"]) == ("wall", "CPU")
    for one in (appended, checked, parsed, proven):
        assert min(one["ours_us"], one["floor_us"]) > 0
        assert one["name"].endswith("holds" if one["facts"]["is_aim_met"] else "MISSED")
