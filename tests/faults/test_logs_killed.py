"""Logs and witnesses as processes that are killed: what was promised is there, once, for ever."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from oneservice.clocks import SystemClock
from oneservice.departments import GuardedWeb
from oneservice.tlog import LogKeeper, SiteView, TileLog, inclusion_from
from oneservice.transparency import (
    KnownLog,
    KnownWitness,
    NoteSigner,
    SignatureType,
    WitnessGroup,
    WitnessPolicy,
    open_checkpoint,
)

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'adapters'}"}


def test_logs_and_witnesses_killed_before_each_system_call(tmp_path: Path) -> None:
    line = [sys.executable, str(ROOT / "tests/faults/log_process.py"), str(tmp_path)]
    done = subprocess.run(
        line, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {name: one["wrong"] for name, one in found.items()} == {"log": [], "witness": []}
    assert found["log"]["points"] > 60
    assert found["witness"]["points"] > 20


def command(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """``oneservice log …``, run to its end in ``folder``."""
    return subprocess.run(
        [sys.executable, "-m", "oneservice", "log", *map(str, arguments)],
        env=ENVIRONMENT,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


class Served:
    """``oneservice log …`` as a process; killed as hard as there is."""

    def __init__(self, *arguments: object) -> None:
        line = [sys.executable, "-m", "oneservice", "log", *map(str, arguments)]
        self.process = subprocess.Popen(
            [*line, "--until-stdin-closes", "--json"],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.facts: dict[str, Any] = json.loads(self.process.stdout.readline())
        self.url: str = self.facts["url"]
        self.port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(120)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[tuple[NoteSigner, dict[str, Any], list[Served]]]:
    """A log key, and two witnesses of it as processes."""
    pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
    signer = NoteSigner.generate("990101.example/log")
    (tmp_path / "logs.txt").write_text(f"log {signer.key.vkey}\nquorum none\n")
    served: list[Served] = []
    keys: dict[str, Any] = {}

    def start(name: str, port: int = 0) -> Served:
        folder, key = tmp_path / name, tmp_path / f"{name}.pem"
        arguments = (folder, "--name", f"{name}.example/w", "--key", key)
        one = Served("witness", *arguments, "--policy", tmp_path / "logs.txt", "--port", port)
        served.append(one)
        return one

    for name in ("audit", "neighbour"):
        cosigner = NoteSigner.generate(f"{name}.example/w", type=SignatureType.COSIGNATURE_V1)
        (tmp_path / f"{name}.pem").write_bytes(cosigner.to_pem(None))
        one = start(name)
        assert one.facts["vkey"] == cosigner.key.vkey
        keys[name] = KnownWitness(name=name, key=cosigner.key, url=one.url)
    keys["start"] = start
    try:
        yield signer, keys, served
    finally:
        for one in served:
            if one.process.poll() is None:
                one.kill()


async def test_real_witnesses_cosign_and_remember(
    tmp_path: Path, witnesses: tuple[NoteSigner, dict[str, Any], list[Served]]
) -> None:
    signer, keys, served = witnesses
    known = (keys["audit"], keys["neighbour"])
    policy = WitnessPolicy(
        logs=(KnownLog(key=signer.key),),
        witnesses=known,
        groups=(WitnessGroup(name="both", threshold=2, members=("audit", "neighbour")),),
        quorum="both",
    )
    log = TileLog.create(tmp_path / "log", signer)
    async with (
        GuardedWeb(is_internal=True) as web,
        LogKeeper(log, policy=policy, web=web) as keeper,
    ):
        await keeper.append([b"entry %d" % index for index in range(300)])
        assert len((await keeper.publish()).witnesses) == 2
        # Both are killed in the middle of everything, and know where they were.
        for one in tuple(served):
            one.kill()
            keys["start"]("audit" if one is served[0] else "neighbour", one.port)
        await keeper.append([b"entry 300"])
        done = await keeper.publish()
        assert (len(done.witnesses), done.refusals) == (2, ())
        proof = await keeper.prove(300)
        found = proof.check(b"entry 300", log=signer.key, witnesses=policy.keys)
        now = SystemClock().now()
        assert all(abs((now - at).total_seconds()) < 300 for _, at in found.cosigned)
        site = Served("serve", tmp_path / "log")
        served.append(site)
        view = SiteView(site.url, web)
        note = await view.checkpoint()
        assert note == done.note
        size = open_checkpoint(note, log=signer.key).checkpoint.size
        again = await inclusion_from(view, index=7, size=size, checkpoint=note)
        again.check(b"entry 7", log=signer.key, witnesses=policy.keys)
        for hidden in ("private/signed", "private/waiting", "../logs.txt", "%2e%2e/logs.txt"):
            answer = await view._get(hidden, 10_000)
            assert answer is None, hidden
    lines = [f"log {signer.key.vkey} {site.url}"]
    lines += [f"witness {one.name} {one.key.vkey} {one.url}" for one in known]
    lines += ["group both all audit neighbour", "quorum both", ""]
    (tmp_path / "policy.txt").write_text("\n".join(lines))
    (tmp_path / "log.pem").write_bytes(signer.to_pem(None))
    (tmp_path / "permit.json").write_text("{}")
    policed = ("--policy", "policy.txt")
    made = ("--log", signer.key.vkey, "--out", "p.tlog-proof")
    for arguments in (
        ("monitor", site.url, *policed, "--state", "seen", "--entries", "--max-age", 1),
        ("append", "log", "permit.json", "--key", "log.pem"),
        ("checkpoint", "log", "--key", "log.pem", *policed),
        ("prove", site.url, *made, "--receipt", "permit.json.receipt"),
        ("check", "p.tlog-proof", "--receipt", "permit.json.receipt", *policed),
        ("monitor", site.url, *policed, "--state", "seen", "--entries", "--max-age", 1),
    ):
        done_by = await asyncio.to_thread(command, tmp_path, *arguments)
        assert done_by.returncode == 0, (arguments, done_by.stdout, done_by.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_that_was_asked_for_is_no_failure(tmp_path: Path, number: signal.Signals) -> None:
    pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
    TileLog.create(tmp_path / "log", NoteSigner.generate("990101.example/log")).close()
    served = Served("serve", tmp_path / "log")
    served.process.send_signal(number)
    assert served.process.wait(120) == 0
    served.kill()


def test_the_monitor_command_convicts_a_log(tmp_path: Path) -> None:
    signer = NoteSigner.generate("990101.example/log")
    for name in ("log", "other"):
        with TileLog.create(tmp_path / name, signer) as log:
            log.append([name.encode()] * 5)
            log.publish(log.sign().note.dump())

    run = partial(command, tmp_path)
    vkey = ("--log", signer.key.vkey)
    fine = run("monitor", "log", *vkey, "--state", "seen", "--json")
    assert fine.returncode == 0, fine.stderr
    assert json.loads(fine.stdout)["observations"] == []
    split = run("monitor", "log", *vkey, "--state", "seen", "--mirror", "other", "--json")
    assert split.returncode == 1, split.stderr
    (one,) = json.loads(split.stdout)["observations"]
    assert one["concern"] == "split-view"
    checked = run("check", one["evidence"], *vkey, "--language", "zh")
    assert checked.returncode == 0
    assert "互相矛盾" in checked.stdout
    missing = run("monitor", "nowhere", *vkey, "--state", "seen")
    assert missing.returncode == 2
