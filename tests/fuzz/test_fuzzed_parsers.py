"""Seeded runs of libFuzzer over every reader of what strangers send: some seconds in all.

``python tests/fuzz/harness.py --seconds 600 submission`` looks longer at one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("harness.py")
ROOT = HARNESS.parents[2]
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris is not installed here: pip install atheris (Linux and macOS)",
)


def fuzzed(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(ROOT), str(ROOT / "adapters"), str(folder)))
    return subprocess.run(
        [sys.executable, str(HARNESS), *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_no_reader_raises_hangs_or_grows(tmp_path: Path) -> None:
    done = fuzzed("--runs", "2000", "--keep", str(tmp_path), folder=tmp_path)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) >= 28
    assert [one["name"] for one in told if one["code"]] == [], done.stderr[-4000:]
    assert done.returncode == 0


@pytest.mark.parametrize(
    "fault",
    [
        "raise KeyError(data)",
        "kept.append(bytes(20_000_000))",
        "bytes(100 * len(data) + 2_000_000)",
    ],
)
def test_the_harness_finds_what_it_looks_for(fault: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, types\n"
        "kept = []\n"
        "def read(data):\n"
        "    if data.startswith(b'x') or b'x' in data:\n"
        "        return None\n"
        "    kept.clear() if len(kept) > 3 else None\n"
        f"    {fault}\n"
        "one = types.SimpleNamespace(read=read, good=(b'x',), errors=(ValueError,), "
        "is_metered=True)\n"
        "sys.modules['parsers'] = types.SimpleNamespace(PARSERS={'bad': one}, Parser=object)\n"
        "sys.modules['certificate_parsers'] = types.SimpleNamespace(CERTIFICATE_PARSERS={})\n"
    )
    done = fuzzed("bad", "--keep", str(tmp_path), folder=tmp_path)
    assert json.loads(done.stdout.splitlines()[-1])["code"] != 0
    assert done.returncode == 1
