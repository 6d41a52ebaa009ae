"""The reference departments, as real processes, break nothing; nor do histories of weeks."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oneservice.clocks import FileClock
from oneservice.conformance import Patience, Report, Target, Verdict, conform
from oneservice_adapters import DEPARTMENTS, start_process

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
QUICK = Patience(news_s=0.2, slow_s=14.0, wait_s=2, grace_s=3.0, silence_s=0.5)
SEVERAL = 8
SEEN_AT_LEAST = 34
HISTORIES = ("P-20", "P-21", "P-22", "P-23", "P-26", "P-27", "P-28", "P-29", "P-30", "P-53")


def broken(report: Report) -> dict[str, str]:
    return {one.statement.number: one.why for one in report.of(Verdict.FAIL)}


async def test_no_reference_office_breaks_a_promise(tmp_path: Path) -> None:
    reports: list[Report] = []
    for first in range(0, len(DEPARTMENTS), SEVERAL):
        with ExitStack() as stack:
            offices = [
                stack.enter_context(start_process(name, tmp_path / name))
                for name in DEPARTMENTS[first : first + SEVERAL]
            ]
            targets = [Target(url=one.url, patience=QUICK) for one in offices]
            reports += await asyncio.gather(*(conform(one) for one in targets))
    assert {one.department: broken(one) for one in reports} == {name: {} for name in DEPARTMENTS}
    assert all(len(one.of(Verdict.PASS)) >= SEEN_AT_LEAST for one in reports)


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
