"""What waiting costs: ``tick`` over half a million open steps, and a case that nobody asks for.

The store is filled by the real transitions: each case is opened, files its steps, and hears that
they were received, so it waits for the departments with eight open steps (seven that are filed, and
the bundle that hands out their results). A few are due. Measured is a cold start (opening the
file, taking over its calendar, the first tick, which wakes what is due) and warm ticks that find
nothing due. Memory is what the process holds after the cold tick; disk is the file, per case.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.cases import NoOpDepartments, eight_steps
from benchmarks.measuring import Pair
from oneservice import Applicant
from oneservice.canonical import Digest, digest_bytes
from oneservice.case import OpenCase, StatusRead, fill_form
from oneservice.certificates import SigningKey
from oneservice.clocks import SystemClock, VirtualClock
from oneservice.engine import KeySigner
from oneservice.plan import plan_body
from oneservice.ports import SealHolder, StatusPage, Write
from oneservice.runtimes import Driver, HotCase, SqliteStore
from oneservice.runtimes.hot import Transition
from oneservice.workdays import announced_calendar

CASES = 62_500
STEPS = 8
DUE = 500
"""Cases that are due at the first tick."""
WARM_TICKS = 200
_AT_ONCE = 500


class Waiting:
    """Cases that wait for their departments, made one after the other."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.plan = eight_steps()
        self.body = plan_body(self.plan)
        applicant = Applicant(name="Nobody", code="92990101MA99000523")
        self.form = fill_form(
            self.plan, applicant, fields={f"field_{n}": "v" for n in range(3)}, materials={}
        )
        self.stored_form = self.form.dump()
        self.departments = NoOpDepartments()
        self.calendar = announced_calendar()

    async def writes(self, number: int) -> tuple[Write, Write]:
        """Return both transitions of one case: opened and filed, then received everywhere."""
        digest = digest_bytes(self.stored_form)
        opening = Transition(
            case_id=f"c{number:016x}",
            secret=f"{number:064x}",
            calendar=self.calendar,
            before=None,
            plan=self.plan,
            form=self.form,
            blobs={self.plan.digest: self.body, digest: self.stored_form},
        )
        opening.take(OpenCase(at=self.at, plan=self.plan, form=digest))
        opened, hot = self._written(opening)
        heard = Transition(
            case_id=hot.case.id,
            secret=hot.secret,
            calendar=self.calendar,
            before=hot,
            plan=self.plan,
            form=self.form,
            case=hot.case,
        )
        for sub in hot.case.sub_cases.values():
            for delivery in sub.deliveries:
                body = hot.messages[Digest(delivery.request_digest)]
                page = await self.departments.submit("office", delivery.submission_id, body)
                heard.take(_received(sub.id, page, self.at))
        return opened, self._written(heard)[0]

    def _written(self, transition: Transition) -> tuple[Write, HotCase]:
        transition.compose(self.at)
        write, hot = transition.write(self.at)
        assert write is not None
        return write, hot


def _received(sub_case_id: str, page: StatusPage, at: datetime) -> StatusRead:
    """Return the news that the department has the submission, and nothing more yet."""
    first = page.events[0]
    return StatusRead(
        at=at,
        sub_case_id=sub_case_id,
        submission_id=page.submission_id,
        state="received",
        head_seq=1,
        head_digest=first.digest,
        events=(first,),
        is_fresh_read=False,
        held=0,
    )


async def fill(path: Path, cases: int, at: datetime) -> None:
    """Fill a store with ``cases`` that wait, of which the first ones are due at ``at``."""
    store = SqliteStore.open(path)
    waiting = Waiting(at)
    for first in range(0, cases, _AT_ONCE):
        pairs = [await waiting.writes(n) for n in range(first, min(first + _AT_ONCE, cases))]
        await store.commit([opened for opened, _ in pairs], {})
        heard = [second for _, second in pairs]
        if first < DUE:
            heard = [replace(one, next_due=at) for one in heard]
        await store.commit(heard, {"oneservice:calendar": waiting.calendar.version})
    await store.close()


async def ticks(path: Path, at: datetime) -> dict[str, float]:
    """Return seconds of a cold start with its first tick, and of a tick that finds nothing."""
    holder = SealHolder(id="https://office.invalid/issuer", name={"en": "Office"}, region="990101")
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    before = _resident()
    started = time.perf_counter()
    store = SqliteStore.open(path)
    async with Driver(
        store=store,
        departments=NoOpDepartments(),
        signer=KeySigner(holder, key),
        clock=VirtualClock(at),
        calendar=announced_calendar(),
    ) as driver:
        woken = await driver.tick()
        cold = time.perf_counter() - started
        resident = _resident() - before
        warm = []
        for _ in range(WARM_TICKS):
            started = time.perf_counter()
            assert await driver.tick() == 0
            warm.append(time.perf_counter() - started)
    await store.close()
    return {
        "raw_s": _raw(path, at),
        "cold_s": cold,
        "warm_s": statistics.median(warm),
        "warm_worst_s": max(warm),
        "woken": woken,
        "resident_bytes": resident,
    }


def _raw(path: Path, at: datetime) -> float:
    """Return seconds of the same look at the due-time index with nothing around it."""
    connection = sqlite3.connect(path)
    sql = "SELECT case_id FROM cases WHERE next_due <= ? ORDER BY next_due LIMIT 500"
    taken = []
    for _ in range(WARM_TICKS):
        started = time.perf_counter()
        assert not connection.execute(sql, (int(at.timestamp() * 1000),)).fetchall()
        taken.append(time.perf_counter() - started)
    connection.close()
    return statistics.median(taken)


def _resident() -> int:
    """Return the resident size of this process: now where the system tells, else its peak."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text("ascii").split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure(cases: int = CASES) -> Iterator[Pair]:
    """Yield a tick that finds nothing due against the same query in raw SQLite."""
    found = measured(cases)
    yield Pair(
        name=found["name"],
        ours_us=1000 * found["warm_ms"],
        floor_us=1000 * found["raw_ms"],
        floor="the same query in raw SQLite",
        clock="wall",
        facts=found,
    )


def measured(cases: int) -> dict[str, Any]:
    """Fill a store in one process and tick it in another, whose memory is its own."""
    at = SystemClock().now().replace(microsecond=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.db"
        started = time.perf_counter()
        asyncio.run(fill(path, cases, at))
        filled = time.perf_counter() - started
        size = path.stat().st_size
        found = asyncio.run(_in_a_fresh_process(path, at))
    return {
        "name": f"tick over {cases * STEPS:,} open steps",
        "cases": cases,
        "open_steps": cases * STEPS,
        "cold_s": round(found["cold_s"], 3),
        "cold_woken": found["woken"],
        "warm_ms": round(1000 * found["warm_s"], 3),
        "warm_worst_ms": round(1000 * found["warm_worst_s"], 3),
        "raw_ms": round(1000 * found["raw_s"], 3),
        "memory_bytes_per_cold_case": round(found["resident_bytes"] / cases),
        "disk_bytes_per_case": round(size / cases),
        "filled_s": round(filled, 1),
    }


async def _in_a_fresh_process(path: Path, at: datetime) -> dict[str, Any]:
    command = (sys.executable, "-m", "benchmarks.ticks", "--tick", str(path), at.isoformat())
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    if process.returncode:
        msg = f"the ticking process ended with {process.returncode}"
        raise RuntimeError(msg)
    found: dict[str, Any] = json.loads(told)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--tick", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.tick:
        path, at = options.tick
        print(json.dumps(asyncio.run(ticks(Path(path), datetime.fromisoformat(at)))))
        return
    print(json.dumps(measured(options.cases)))


if __name__ == "__main__":
    main()
