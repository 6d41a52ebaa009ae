"""Every reference department, as a real process, keeps every statement; so do histories of weeks.

What is not applicable is named here with its reason: nothing else may be. The statements that kill
are tried on three offices whose features differ; the SDK, the register and the test step under
them are the same in all.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oneservice.clocks import FileClock
from oneservice.conformance import (
    Identity,
    Patience,
    Report,
    Target,
    Verdict,
    conform,
    statements_of,
)
from oneservice.departments import Ed25519EventKey
from oneservice.errors import EnvironmentalError
from oneservice_adapters import DEPARTMENTS, start_process

ROOT = Path(__file__).resolve().parents[3]
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
QUICK = Patience(news_s=0.3, slow_s=14.0, wait_s=2, grace_s=10.0, ring_s=10.0, silence_s=0.5)
SEVERAL = 16
NOT_APPLICABLE = {
    "P-11": "give --hook",  # tried on KILLED
    "P-12": "give --hook",  # tried on KILLED
    "P-86": "this major version is not deprecated",
}
KILLED = ("market-regulation", "urban-dispatch", "bank")
"""Many steps with corrections and inspections; by day and night with crews; on the spot."""
HISTORIES = ("P-20", "P-21", "P-22", "P-23", "P-26", "P-27", "P-28", "P-29", "P-30", "P-53")


@dataclass
class Registry:
    """Two callers, the first with a key to change to and two callback addresses; on paper."""

    path: Path
    free_port: Callable[[], int]
    keys: dict[str, Ed25519EventKey] = field(init=False)
    callbacks: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        names = ("one-1", "one-2", "one-0", "two-1")  # one-0 was withdrawn: it is not listed
        self.keys = {name: Ed25519EventKey.generate(name) for name in names}
        self.callbacks = {
            name: f"http://127.0.0.1:{self.free_port()}/hook" for name in ("cb", "end")
        }
        one = {"id": "one", "keys": self.listed("one-1", "one-2"), "callbacks": self.callbacks}
        callers = [one, {"id": "two", "keys": self.listed("two-1")}]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(callers))

    def listed(self, *names: str) -> list[dict[str, str]]:
        return [
            {
                "keyid": name,
                "alg": self.keys[name].alg,
                "public_key": base64.b64encode(self.keys[name].public_key).decode(),
            }
            for name in names
        ]

    def target(self, url: str, log: Path, *, hook: str | None = None) -> Target:
        return Target(
            url=url,
            caller=Identity(key=self.keys["one-1"]),
            other=Identity(key=self.keys["two-1"]),
            next_key=self.keys["one-2"],
            withdrawn_key=self.keys["one-0"],
            callbacks=self.callbacks,
            ending_callback="end",
            log=log,
            hook=hook,
            patience=QUICK,
        )


def broken(report: Report) -> dict[str, str]:
    return {one.statement.number: one.why for one in report.of(Verdict.FAIL)}


def unknown(report: Report) -> dict[str, str]:
    return {one.statement.number: one.why for one in report.of(Verdict.NOT_APPLICABLE)}


async def test_every_reference_office_keeps_every_statement(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    reports: list[Report] = []
    for first in range(0, len(DEPARTMENTS), SEVERAL):
        with ExitStack() as stack:
            offices, registries = [], []
            for name in DEPARTMENTS[first : first + SEVERAL]:
                registries.append(Registry(tmp_path / name / "callers.json", free_port))
                office = start_process(
                    name,
                    tmp_path / name,
                    callers=registries[-1].path,
                    has_test_step=True,
                    logs_requests=True,
                )
                offices.append(stack.enter_context(office))
            targets = [
                registry.target(office.url, office.folder / "office.log")
                for office, registry in zip(offices, registries, strict=True)
            ]
            reports += await asyncio.gather(*(conform(one) for one in targets))
    assert {one.department: broken(one) for one in reports} == {name: {} for name in DEPARTMENTS}
    for report in reports:
        told = unknown(report)
        assert set(told) == set(NOT_APPLICABLE), (report.department, told)
        assert all(told[number].startswith(why) for number, why in NOT_APPLICABLE.items())
        assert len(report.of(Verdict.PASS)) == len(statements_of()) - len(NOT_APPLICABLE)


@pytest.fixture
def hooked(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[dict[str, Target]]:
    """Return targets whose hooks kill and start the offices; what they started is ended."""
    found, pids = {}, []
    path = shlex.quote(f"{ROOT}:{ROOT / 'adapters'}")
    for name in KILLED:
        folder = tmp_path / name
        registry = Registry(folder / "callers.json", free_port)
        port, pid, log = free_port(), folder / "pid", folder / "office.log"
        pids.append(pid)
        command = (sys.executable, "-m", "oneservice_adapters", name, "--test-step")
        options = ("--dir", folder, "--port", port, "--callers", registry.path)
        start = shlex.join(map(str, (*command, *options, "--log-requests")))
        hook = folder / "hook.sh"
        hook.write_text(
            f"test ! -f {pid} || kill -9 $(cat {pid})\n"
            f"PYTHONPATH={path} {start} >>{log} 2>&1 </dev/null &\n"
            f"echo $! >{pid}\n"
        )
        url = f"http://127.0.0.1:{port}/oneservice/v1"
        found[name] = registry.target(url, log, hook=f"sh {hook}")
    yield found
    for pid in pids:
        if pid.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGKILL)


async def killed(target: Target) -> Report:
    child = await asyncio.create_subprocess_shell(target.hook or "false")
    assert await child.wait() == 0
    for _ in range(1200):
        with contextlib.suppress(EnvironmentalError):
            return await conform(target, only=("P-07", "P-11", "P-12"))
        await asyncio.sleep(0.1)
    raise AssertionError("the office never answered")


async def test_offices_that_are_killed_keep_what_they_answered(hooked: dict[str, Target]) -> None:
    reports = await asyncio.gather(*(killed(one) for one in hooked.values()))
    for report in reports:
        assert (broken(report), unknown(report)) == ({}, {})


def test_the_test_step_is_served_only_where_it_was_asked_for(tmp_path: Path) -> None:
    with start_process("bank", tmp_path) as office:
        report = asyncio.run(conform(Target(url=office.url, patience=QUICK), only=("P-02",)))
    assert report.step_id != "conform"
    assert not broken(report)


async def test_histories_of_weeks_are_looked_at_too(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock", start=START)
    office = start_process("market-regulation", tmp_path / "office", clock=tmp_path / "clock")
    with office:
        target = Target(url=office.url, patience=QUICK)
        await conform(target, only=("P-02", "P-07", "P-44"))
        clock.set(START + timedelta(days=60))
        report = await conform(target, only=HISTORIES)
    assert broken(report) == {}
    held = {one.statement.number for one in report.of(Verdict.PASS)}
    assert {"P-20", "P-22", "P-27", "P-29"} <= held
