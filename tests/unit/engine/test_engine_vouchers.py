"""What others vouch for: results never wait for them, bundles enclose what there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import digest_bytes
from oneservice.case import Actor
from oneservice.catalog import load_answers
from oneservice.certificates import (
    EnclosedProof,
    Policy,
    PublishedStatus,
    StatusKnown,
    StatusList,
    Verdict,
    examine,
    examine_bundle,
    proven_lists,
    read_policy,
)
from oneservice.engine import Vouchers
from oneservice.engine.opening import simulated
from oneservice.errors import CaseErasedError, LogStoreError
from oneservice.sandbox import Behaviour, Behaviours
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import Entry, EntryKind, LogProof, NoteSigner, entry_of_list

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
FORM = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
SIGNER = NoteSigner.generate("990101.example/log")


class Away:
    """A log that is away until it is told otherwise."""

    def __init__(self, log: EntryLog) -> None:
        self.log = log
        self.is_away = True
        self.hangs = False
        self.asked: list[Entry] = []

    async def enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        self.asked += entries
        if self.hangs:
            await asyncio.Event().wait()
        if self.is_away:
            msg = "the disk of the log is full"
            raise LogStoreError(msg)
        return await self.log.enter(entries)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Engine, Away, LogKeeper]]:
    with simulated(
        folder / "cases.db", region="990101", start=START, catalog=None, behaviours=None
    ) as government:
        path = folder / "log"
        tiles = TileLog(path, SIGNER) if path.exists() else TileLog.create(path, SIGNER)
        async with LogKeeper(tiles) as keeper, EntryLog(keeper) as entered:
            log = Away(entered)
            async with Engine.embedded(
                folder / "cases.db",
                region="990101",
                departments=government.departments,
                signer=government.signer,
                catalog=government.catalog,
                trust=government.trust,
                clock=government.clock,
                feed_every=timedelta(hours=2),
                vouchers=Vouchers(log=log),
            ) as engine:
                yield engine, log, keeper


async def carried_out(engine: Engine, key: str = "one") -> str:
    form = load_answers(FORM)
    case = await engine.submit(
        engine.plan(form.thing, answers=form.answers),
        Applicant(name=form.applicant.name, code=form.applicant.code),
        fields=form.fields,
        materials={name: form.material_bytes(name) for name in form.materials},
        key=key,
    )
    case = await engine.settled(case.id)
    assert case.status is CaseStatus.CONCLUDED
    return case.id


async def test_results_count_at_once_and_are_logged_when_the_log_is_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, log, keeper):
        case_id = await carried_out(engine)
        bundle = await engine.bundle(case_id)
        assert (bundle.enclosures, keeper.log.size) == ({}, 0)
        again_at = await engine.next_wake()
        assert again_at is not None

        log.is_away = False
        await engine.wait_until(again_at)
        await engine.progress()
        count = 1 + len(bundle.certificates)
        assert keeper.log.size == count

        whole = await engine.bundle(case_id)
        for one in (whole.certificate, *whole.certificates):
            (proof,) = whole.enclosed(one).log_proofs
            entry = Entry(kind=EntryKind.CERTIFICATE, digest=one.digest, salt=proof.salt)
            LogProof.parse(proof.text.encode()).check(entry.encode(), log=SIGNER.key, witnesses=())
        assert (await engine.bundle(case_id)).dump() == whole.dump()
        assert keeper.log.size == count


async def test_a_log_that_hangs_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.engine.vouching.PATIENCE_S", 0.05)
    monkeypatch.setattr("oneservice.engine.enclosing.PATIENCE_S", 0.05)
    async with opened(tmp_path) as (engine, log, keeper):
        log.hangs = True
        case_id = await carried_out(engine)
        assert (await engine.bundle(case_id)).enclosures == {}
        await carried_out(engine, key="two")
        assert keeper.log.size == 0


async def test_what_was_handed_out_before_is_logged_by_the_next_engine(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, _, _):
        case_id = await carried_out(engine)
        count = 1 + len(await engine.certificates(case_id))
    async with opened(tmp_path) as (engine, log, keeper):
        log.is_away = False
        await engine.progress()
        assert keeper.log.size == count
        asked = len(log.asked)
        await engine.progress()
        assert len(log.asked) == asked, "what is noted is not asked for again"


async def test_salts_are_the_cases_own_and_go_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as (engine, log, _):
        log.is_away = False
        first, second = await carried_out(engine), await carried_out(engine, key="two")
        salts = [one.salt for one in log.asked]
        assert len(set(salts)) == len(salts)
        await engine.operators.erase(first, by=Actor.operator("op-1"), why="asked for")
        with pytest.raises(CaseErasedError):
            await engine.bundle(first)
        assert (await engine.bundle(second)).enclosures
    files = [one for one in (tmp_path / "log").rglob("*") if one.is_file()]
    data = b"".join(one.read_bytes() for one in files)
    assert not any(one.salt.encode() in data or one.digest.encode() in data for one in log.asked)


async def test_a_sandbox_shows_what_a_real_bundle_looks_like(tmp_path: Path) -> None:
    asked = read_policy(
        {
            "format": "oneservice-policy/1",
            "name": "auditor",
            "require": ["standard", "logged", {"witnessed": {"at_least": 2}}],
        }
    )
    for key in ("one", "two"):  # the second engine finds log and witnesses of the first
        async with Engine.sandbox(tmp_path / "cases.db", start=START, vouched=True) as engine:
            bundle = await engine.bundle(await carried_out(engine, key=key))
            assert engine.trust is not None
            report = examine_bundle(
                bundle.dump(), trust=engine.trust, at=engine.now(), policy=asked
            )
            assert report.verdict is Verdict.VALID, report.message


async def test_a_sandbox_keeps_registers_and_publishes_what_was_taken_back(tmp_path: Path) -> None:
    """The bundle encloses the lists of its day; the folder has those of the day it was closed."""
    path = tmp_path / "cases.db"
    strict = Behaviours(
        by_step={"food_permit": Behaviour(revokes_after=timedelta(days=20))},
        otherwise=Behaviour(asks_for_missing=True),
    )
    due = Policy.standard().also(StatusKnown())
    async with Engine.sandbox(path, start=START, vouched=True, behaviours=strict) as engine:
        case_id = await carried_out(engine)
        bundle, trust, then = await engine.bundle(case_id), engine.trust, engine.now()
        await engine.wait_until(then + timedelta(days=30))
        await engine.progress()
        revoked = (await engine.case(case_id)).sub_cases["food_permit"]
        assert revoked.is_revoked
        assert (await engine.bundle(case_id)).enclosures.keys() == bundle.enclosures.keys()
    assert trust is not None
    assert examine_bundle(bundle.dump(), trust=trust, at=then).verdict is Verdict.VALID
    published = sorted((tmp_path / "cases.db.vouchers" / "status").glob("*.jwt"))
    for one in published:  # the log has each list that was handed out, also this last one
        proof = EnclosedProof(
            text=one.with_name(f"{one.name}.tlog-proof").read_text(encoding="utf-8"),
            salt=entry_of_list(digest_bytes(one.read_bytes())).salt,
        )
        read, later = StatusList.parse(one.read_bytes()), then + timedelta(days=31)
        assert proven_lists([(read, proof)], trust=trust, at=later)[read.digest] <= later
    lists = PublishedStatus.of([one.read_bytes() for one in published], trust=trust)
    reasons = {}
    for one in bundle.certificates:
        assert one.claims.status is not None
        report = examine(one, trust=trust, at=then + timedelta(days=30), status=lists, policy=due)
        reasons[one.claims.type] = report.reason
    assert reasons.pop("food_permit") == "revoked"
    assert set(reasons.values()) <= {None}
    indices = [one.claims.status.index for one in bundle.certificates]
    assert len(set(indices)) == len(indices)


async def test_a_sandbox_that_nobody_vouches_for_stays_as_it_was(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        bundle = await engine.bundle(await carried_out(engine))
        assert all(one.claims.status is None for one in bundle.certificates)
        assert engine.trust is not None
        assert all(len(one.keys) == 2 for one in engine.trust.issuers)
    assert not (tmp_path / "cases.db.vouchers").exists()
