# ruff: noqa: ARG002 - the port names its arguments
"""Durable cases per second of the embedded runtime, against raw group commits of the same bytes.

Departments are in this process and grant at once ("no-op"), so what is measured is ours: deciding,
folding, hashing, journalling, sealing. Each case has eight steps: seven that are filed, and the
bundle that hands out their results under one seal. A run opens many cases at once, because group
commit is a promise about many; it ends when each case is concluded and durable.

The comparison writes the same journal rows and blobs, in as many transactions as the engine used,
with `executemany` and nothing else. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import cProfile
import json
import pstats
import sqlite3
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import Digest, digest_bytes, write_instant
from oneservice.case import DepartmentEvent, EventSignature
from oneservice.case.changing import changed
from oneservice.catalog import (
    Department,
    EffectiveThing,
    Item,
    OneThing,
    Text,
    bundled_catalog_dir,
    load_catalog,
)
from oneservice.catalog.effective import effective_digest, rules_of
from oneservice.certificates import SigningKey
from oneservice.clocks import SystemClock
from oneservice.engine import KeySigner
from oneservice.engine.opening import RandomIds
from oneservice.plan import Plan, build_plan
from oneservice.ports import ChangesPage, SealHolder, StatusPage, Write
from oneservice.runtimes import SqliteStore
from oneservice.workdays import announced_calendar

STEPS = 7
AT_ONCE = 250
"""Cases that are opened at the same time."""
START = date(2026, 9, 28)
PROMISED = 5
ACCEPTANCE = {"acceptance_no": "A", "promised_working_days": PROMISED, "how": "explicit"}
GRANT = {"outcome": {"decision": "granted", "number": "1"}}


def eight_steps() -> Plan:
    """Return a plan of seven independent steps and a bundle, with a small form."""

    def text(words: str) -> dict[str, str]:
        return {"zh": words, "en": words}

    names = [f"step_{number}" for number in range(1, STEPS + 1)]
    limit = {"days": PROMISED, "unit": "working_days"}
    items = {
        name: Item.model_validate(
            {"id": name, "title": text(name), "department": "office", "promised": limit}
        )
        for name in [*names, "bundle"]
    }
    thing = OneThing.model_validate(
        {
            "id": "noop",
            "title": text("no-op"),
            "goal": text("to be counted"),
            "lead_department": "office",
            "situations": (),
            "fields": [
                {"id": f"field_{n}", "title": text("field"), "type": "text", "steps": names}
                for n in range(3)
            ],
            "materials": (),
            "steps": [{"id": name, "item": name} for name in names]
            + [{"id": "bundle", "item": "bundle", "kind": "bundle", "requires": names}],
        }
    )
    offices = {"office": Department(id="office", name=Text(zh="办", en="Office"))}
    effective = EffectiveThing(
        thing=thing,
        items=items,
        departments=offices,
        region="990101",
        on=START,
        digest=effective_digest(thing, items, offices),
        layers=(),
        rules=rules_of(thing),
    )
    return build_plan(effective, {}, on=START, calendar=announced_calendar())


class NoOpDepartments:
    """Departments that grant at once: received, accepted, granted, chained as the protocol says.

    They are the far side, so they cost as little as can be: their digests are made up, because the
    client that proves them is not measured here.
    """

    def __init__(self) -> None:
        at = write_instant(SystemClock().now())
        told: dict[str, Any] = {"received": {}, "accepted": ACCEPTANCE, "granted": GRANT}
        digests = [Digest(f"sha256:{number:064}") for number in range(len(told) + 1)]
        self._events = tuple(
            DepartmentEvent(
                submission_id="",
                seq=seq,
                type=kind,
                at=at,
                recorded_at=at,
                department="office",
                data=data,
                prev=digests[seq - 1] if seq > 1 else None,
                digest=digests[seq],
                signatures=(EventSignature(keyid="noop", alg="ed25519", value="AA=="),),
            )
            for seq, (kind, data) in enumerate(told.items(), 1)
        )

    @property
    def names(self) -> Collection[str]:
        return ("office",)

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        receipt = {"receipt_no": "S", "request_digest": digest_bytes(body)}
        received, accepted, granted = self._events
        return StatusPage(
            submission_id=submission_id,
            state="granted",
            head_seq=granted.seq,
            head_digest=granted.digest,
            events=(
                changed(received, submission_id=submission_id, data=receipt),
                changed(accepted, submission_id=submission_id),
                changed(granted, submission_id=submission_id),
            ),
        )

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        return None

    async def supplement(self, *_: Any) -> StatusPage:
        raise NotImplementedError

    async def withdraw(self, *_: Any) -> StatusPage:
        raise NotImplementedError

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        return ChangesPage(changes=(), cursor="0", has_more=False)

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        return


Taped = tuple[str, int, Sequence[bytes], Mapping[Digest, bytes]]
"""Case, sequence number, records and blobs of a write."""


class Tape:
    """A store that also remembers what it wrote, for the comparison.

    Bytes alone: whole writes would be a heap that no engine has, and the collector's work.
    """

    def __init__(self, inner: SqliteStore) -> None:
        self._inner = inner
        self.commits: list[list[Taped]] = []

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        await self._inner.commit(writes, cursors)
        self.commits.append(
            [(one.case_id, one.after_seq, one.records, one.blobs) for one in writes]
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def run_engine(path: Path, cases: int) -> tuple[float, float, list[list[Taped]]]:
    store = SqliteStore.open(path)
    tape = Tape(store)
    plan = eight_steps()
    holder = SealHolder(id="https://office.invalid/issuer", name={"en": "Office"}, region="990101")
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    applicant = Applicant(name="Nobody", code="92990101MA99000523")
    fields = {f"field_{n}": "value" for n in range(3)}
    async with Engine.over(
        tape,
        region="990101",
        departments=NoOpDepartments(),
        signer=KeySigner(holder, key),
        catalog=load_catalog([bundled_catalog_dir()]),
        trust=None,
        clock=SystemClock(),
        calendar=announced_calendar(),
        ids=RandomIds(),
        feed_every=timedelta(minutes=1),
    ) as engine:
        await engine.submit(plan, applicant, fields=fields)  # imports and caches are warm then
        await engine.progress()
        tape.commits.clear()
        started, cpu = time.perf_counter(), time.process_time()
        opened: list[str] = []
        for first in range(0, cases, AT_ONCE):
            found = await asyncio.gather(
                *(
                    engine.submit(plan, applicant, fields=fields)
                    for _ in range(min(AT_ONCE, cases - first))
                )
            )
            opened += [case.id for case in found]
            await engine.progress()
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        for case_id in opened:
            case = await engine.case(case_id)
            assert case.status is CaseStatus.CONCLUDED, case.status
    await store.close()
    return took, cpu, tape.commits


def run_raw(path: Path, commits: list[list[Taped]]) -> float:
    """Write the same rows in the same number of transactions, with nothing around it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE journal (case_id TEXT, first_seq INTEGER, lines BLOB,"
        " PRIMARY KEY (case_id, first_seq)) WITHOUT ROWID;"
        "CREATE TABLE blobs (case_id TEXT, digest TEXT, content BLOB,"
        " PRIMARY KEY (case_id, digest)) WITHOUT ROWID;"
    )
    started = time.perf_counter()
    for writes in commits:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO journal VALUES (?, ?, ?)",
            [(case_id, seq + 1, b"\n".join(records)) for case_id, seq, records, _ in writes],
        )
        connection.executemany(
            "INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)",
            [
                (case_id, digest, content)
                for case_id, _, _, blobs in writes
                for digest, content in blobs.items()
                if len(content) < 4096
            ],
        )
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    connection.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    runs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.repeat):
            profile = cProfile.Profile() if options.profile else None
            with profile or contextlib.nullcontext():
                took, cpu, commits = asyncio.run(
                    run_engine(Path(folder) / f"engine-{number}.db", options.cases)
                )
            if profile is not None:
                pstats.Stats(profile).sort_stats("tottime").print_stats(35)
            raw = run_raw(Path(folder) / f"raw-{number}.db", commits)
            records = sum(len(records) for writes in commits for _, _, records, _ in writes)
            runs.append(
                {
                    "per_second": options.cases / took,
                    "raw_per_second": options.cases / raw,
                    "cpu_ms": 1000 * cpu / options.cases,
                    "commits": len(commits),
                    "records_per_case": records / options.cases,
                }
            )
    best = max(runs, key=lambda one: one["per_second"])
    print(
        json.dumps(
            {
                "name": "durable no-op 8-step cases",
                "per_second": round(best["per_second"]),
                "raw_sqlite_per_second": round(best["raw_per_second"]),
                "ratio": round(best["raw_per_second"] / best["per_second"], 2),
                "cpu_ms_per_case": round(min(one["cpu_ms"] for one in runs), 2),
                "commits": best["commits"],
                "records_per_case": best["records_per_case"],
                "cases": options.cases,
                "runs": [round(one["per_second"]) for one in runs],
            }
        )
    )


if __name__ == "__main__":
    main()
