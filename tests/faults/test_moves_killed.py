"""A certificate moves between two real processes, one of them killed at every point in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("word", ["takes", "refuses"])
def test_never_two_that_count_whoever_dies_wherever(tmp_path: Path, word: str) -> None:
    """Before and after each write of either side; the move ends as it would have without."""
    line = [sys.executable, str(ROOT / "tests/faults/moving_process.py"), str(tmp_path), word]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        line, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {side: one["wrong"] for side, one in found.items()} == {"giving": [], "receiving": []}
    assert found["giving"]["points"] >= 12
    assert found["receiving"]["points"] >= 4
