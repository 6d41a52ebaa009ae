"""Killed between the log and the bundle: each certificate stands in the log, and once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from oneservice.certificates import (
    Bundle,
    ListedLog,
    TrustStore,
    examine_bundle,
    read_policy,
)
from oneservice.tlog import FolderView, LogFolder, entries_from
from oneservice.transparency import LogProof, NoteKey, open_checkpoint

ROOT = Path(__file__).resolve().parents[2]
LOGGED = {"format": "oneservice-policy/1", "name": "logged", "require": ["standard", "logged"]}


def run(folder: Path, *point: str) -> int:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/faults/vouching_process.py"), str(folder), *point],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'adapters'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


async def entries_of(folder: Path, key: NoteKey) -> list[bytes]:
    view = FolderView(LogFolder(folder))
    head = open_checkpoint(await view.checkpoint(), log=key).checkpoint
    pages = entries_from(view, 0, head.size, size=head.size)
    return [one async for _, some in pages for one in some]


@pytest.mark.parametrize("point", ["appended", "entered", "published", "proven"])
async def test_killed_on_the_way_it_is_logged_once(tmp_path: Path, point: str) -> None:
    assert run(tmp_path, point) == -signal.SIGKILL
    assert not (tmp_path / "bundle.json").exists(), "killed too late to prove anything"
    assert run(tmp_path) == 0

    origin, vkey = (tmp_path / "log.txt").read_text(encoding="utf-8").split()
    bundle = Bundle.parse((tmp_path / "bundle.json").read_bytes())
    entries = await entries_of(tmp_path / "log", NoteKey.parse(vkey))
    assert set(Counter(entries).values()) == {1}
    assert len(entries) == 1 + len(bundle.certificates)

    listed = TrustStore.parse((tmp_path / "trust.json").read_bytes())
    log = ListedLog(origin=origin, vkey=vkey, valid_from=listed.issued_at)
    trust = replace(listed, logs=(log,), document=None)
    now = listed.expires_at.replace(year=2027)
    report = examine_bundle(bundle, trust=trust, at=now, policy=read_policy(LOGGED))
    assert report.verdict == "valid", report.message
    for one in (bundle.certificate, *bundle.certificates):
        (proof,) = bundle.enclosed(one).log_proofs
        assert LogProof.parse(proof.text.encode()).index < len(entries)
