"""Without the extra the room says which one is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("missing", ["hypothesis", "pytest"])
def test_what_is_missing_is_named_with_its_extra(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None\nimport oneservice.testing"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ModuleNotFoundError")
    assert missing in last
    assert "oneservice-gov[testing]" in last
