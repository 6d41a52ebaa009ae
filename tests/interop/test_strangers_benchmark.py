"""``python -m benchmarks strangers`` runs, and says whom it compares us with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def test_both_are_measured_in_one_run(strangers: Any) -> None:
    """Which machine is how fast is no question for a test; that both did their work is."""
    assert strangers is not None  # or it is skipped, as the benchmark would be
    command = [sys.executable, "-m", "benchmarks", "strangers", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["measurements"]
    assert [one["name"].split()[0] for one in found] == [
        "issue",
        "parse",
        "issue",
        "parse",
        "parse",
    ]
    for one in found:
        assert one["floor"].startswith(("@digitalbazaar/vc", "@sd-jwt/sd-jwt-vc"))
        assert min(one["ours_us"], one["floor_us"], one["facts"]["theirs_wall_us"]) > 0
