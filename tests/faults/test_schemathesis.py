"""Schemathesis reads the formal description and finds nothing in a live adapter.

It makes up requests of every operation, right ones and wrong ones, along the links too, and judges
each answer by the description: status, media type, header fields, schema; that what is wrong is
refused, and what is right is not; that nobody comes in without credentials. Real processes on both
sides, and the description as it is published.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

if importlib.util.find_spec("schemathesis") is None:
    pytest.skip("the development extra has schemathesis", allow_module_level=True)

CONFIGURATION = """
# Beside a success: an id that is not known, a history that is not open, a cursor of another feed, a
# range beyond the end. No schema can tell these from what is.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 304, 404, 409, 410, 416]

# Beside the usual: a cursor that is too long is simply not known, and too much is too large.
[checks.negative_data_rejection]
expected-statuses = [400, 401, 404, 405, 409, 410, 413, 415, 422]
"""


@contextmanager
def department(folder: Path, broken: str) -> Iterator[str]:
    script, store = HERE / "described_department.py", folder / "register.db"
    with (folder / "adapter.log").open("wb") as log:
        adapter = subprocess.Popen(
            [sys.executable, str(script), str(store), broken],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    assert adapter.stdin is not None
    assert adapter.stdout is not None
    try:
        yield adapter.stdout.readline().strip()
    finally:
        adapter.stdin.close()
        assert adapter.wait(120) == 0
        adapter.stdout.close()
    assert "Traceback" not in (folder / "adapter.log").read_text()


def asked(folder: Path, broken: str, *options: str) -> tuple[int, str]:
    """Return the exit code and what was told; lines are cut, for some hold a megabyte."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    program = (sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()")
    with department(folder, broken) as address:
        run = subprocess.run(
            [
                *program,
                *("--config-file", "schemathesis.toml", "run", str(ROOT / "docs" / "openapi.json")),
                *("--url", address, "--header", "Authorization: Bearer trial"),
                *("--generation-deterministic", "--no-color", *options),
            ],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "schemathesis_hooks"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    return run.returncode, "\n".join(line[:300] for line in (run.stdout + run.stderr).splitlines())


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    code, told = asked(tmp_path, "sound", "--max-examples", "8")
    assert code == 0, told
    assert "Operations:       16 selected / 16 total" in told


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        ("open", "ST401 API accepts requests without authentication"),
        ("unversioned", "ST107 Missing required response headers"),
        ("untyped", "Undocumented Content-Type"),
        ("wordless", "Response violates schema"),
        ("teapot", "ST103 Undocumented status code"),
    ],
)
def test_and_it_finds_what_is_broken(tmp_path: Path, broken: str, finding: str) -> None:
    one = (
        "--include-operation-id",
        "readCapabilities",
        "--phases",
        "coverage",
        "--continue-on-failure",
    )
    code, told = asked(tmp_path, broken, *one)
    assert code == 1, told
    assert finding in told, told
