"""``oneservice sandbox`` as a stranger runs it: real processes, stopped by a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from oneservice.cli.sandbox import _named
from oneservice.cli.sandbox_street import opened_street
from oneservice.errors import AdapterError
from oneservice_adapters import DEPARTMENTS, Faults

HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
PATIENCE_S = 60.0


@contextmanager
def sandbox(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """Run the command until the block ends; yields the process and what it told machines."""
    # A shell's background jobs ignore SIGINT, and so would every process that they start.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "oneservice.cli", "sandbox", *arguments, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    signal.signal(signal.SIGINT, ours)
    try:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if line.rstrip() == "}":
                break
        yield process, json.loads(text)
    finally:
        process.kill()
        process.communicate()


def test_two_offices_listen_and_stop_at_a_signal(tmp_path: Path) -> None:
    folder = tmp_path / "street"
    with sandbox("tax", "bank", "--dir", str(folder), "--speed", "20") as (process, facts):
        assert [one["department"] for one in facts["offices"]] == ["tax", "bank"]
        url = facts["offices"][0]["url"]
        body = (folder / "try.json").read_bytes()
        address = f"{url}/submissions/try.tax_clearance.1"
        answer = httpx.put(address, content=body, headers=HEADERS)
        assert answer.status_code == 201
        assert _until_decided(address)["state"] == "granted"
        shown = httpx.get(f"{url}/capabilities", headers=HEADERS).json()["keys"]
        key = facts["offices"][0]["event_key"]
        assert [one["keyid"] for one in shown] == [key["keyid"]]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, said.splitlines()[-1]) == (0, "stopped")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/capabilities", headers=HEADERS)


def test_the_test_step_is_served_only_where_it_is_asked_for(tmp_path: Path) -> None:
    served = {}
    for has_one in (False, True):
        folder = tmp_path / str(has_one)
        with opened_street(folder, ["bank"], region="990101", has_test_step=has_one) as street:
            url = street.addresses["bank"]
            steps = httpx.get(f"{url}/capabilities", headers=HEADERS).json()["steps"]
            served[has_one] = {one["step_id"] for one in steps}
    assert served[True] - served[False] == {"conform"}


def _until_decided(address: str) -> Any:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        status = httpx.get(address, headers=HEADERS).json()
        if status["state"] in {"granted", "refused", "correction_requested"}:
            return status
        time.sleep(0.1)
    pytest.fail("the office never decided")


def test_registers_and_keys_stay_where_they_are(tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        with opened_street(tmp_path, ["bank"], region="000000") as street:
            url = street.addresses["bank"]
            keys = httpx.get(f"{url}/capabilities", headers=HEADERS).json()["keys"]
            told.append((keys, (tmp_path / "offices" / "bank" / "office.json").read_bytes()))
    assert told[0] == told[1]


@pytest.mark.parametrize("kind", ["crash", "rewind"])
def test_an_office_comes_again_where_it_was(tmp_path: Path, kind: str) -> None:
    """After a crash with all that it said; after a restoration with the register of the copy."""
    faults = Faults(**{kind: 100})
    happened: list[tuple[str, str]] = []
    with opened_street(tmp_path, ["health"], region="000000", faults=faults) as street:
        url = street.addresses["health"]
        street.tick(0.0, lambda *one: happened.append(one))  # the copy is made, the turn is planned
        body = {
            "case_id": "c1",
            "step_id": "only_child_check",
            "attempt": 1,
            "applicant": {"kind": "person", "name": "李四"},
        }
        address = f"{url}/submissions/c1.only_child_check.1"
        assert httpx.put(address, json=body, headers=HEADERS).status_code == 201
        street.tick(10.0, lambda *one: happened.append(one))
        assert happened == []
        street.tick(200.0, lambda *one: happened.append(one))
        assert happened == [(kind, "health")]
        assert street.addresses["health"] == url
        known = httpx.get(address, headers=HEADERS).status_code
        assert known == (200 if kind == "crash" else 404)


def test_which_offices_are_wanted() -> None:
    newborn = _named((), "newborn", region="000000", on=None)
    assert {"health", "public-security", "medical-insurance", "social-insurance"} == set(newborn)
    assert _named((), None, region="000000", on=None) == DEPARTMENTS
    assert _named(("bank", "bank"), None, region="000000", on=None) == ("bank",)
    with pytest.raises(AdapterError, match="there is no department 'nowhere'"):
        _named(("nowhere",), None, region="000000", on=None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "there is no department"),
        (["--thing", "nothing"], "nothing"),
        (["tax", "--faults", "lose"], "there is no fault"),
        (["tax", "--faults", "lost=101"], "from 1 to 100"),
        (["tax", "--region", "99"], "region"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], words: str) -> None:
    from oneservice.cli.program import program  # noqa: PLC0415 - only here

    found = CliRunner().invoke(program, ["sandbox", *arguments, "--dir", str(tmp_path / "s")])
    assert found.exit_code == 2
    assert words in found.output
