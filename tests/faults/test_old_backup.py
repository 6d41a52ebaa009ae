"""An engine goes on from an old backup: what departments have from it is found, and told.

A real engine on its file, whose older copy is put back; departments of the SDK behind sockets.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from oneservice import Applicant, Engine
from oneservice.case import Actor, Case, SubCaseStatus, signing_input
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.cli import program
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    DepartmentEndpoint,
    Ed25519EventKey,
    Granted,
    HttpDepartments,
    NotAccepted,
    Submission,
    VerifyingKey,
    running,
)
from oneservice.engine import KeySigner
from oneservice.errors import (
    CaseNotFoundError,
    DepartmentUnavailableError,
    IllegalInputError,
    NotAllowedError,
)
from oneservice.ports import SealHolder
from oneservice.runtimes import ForgottenFiling, SignedDigest

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
REGION = "990101"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tea-kiosk.yaml"
OPERATOR = Actor.operator("op-7")


class Offices(HttpDepartments):
    """The real way to departments, of which reading can be cut off."""

    is_cut = False

    async def read(self, department: str, submission_id: str, *, after: int) -> Any:
        if self.is_cut:
            msg = "the line is cut"
            raise DepartmentUnavailableError(msg, department=department, retry_after_s=0)
        return await super().read(department, submission_id, after=after)


@dataclass
class Town:
    """Departments that outlive the engines; all engines are one caller to them."""

    folder: Path
    catalog: Catalog
    offices: Offices
    keys: dict[str, Ed25519EventKey]
    clock: VirtualClock
    seal: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    )

    first: NotAccepted | None = None
    """What becomes of first attempts; by default all are granted."""

    def decide(self, one: Submission) -> Any:
        if self.first is not None and one.id.endswith(".1"):
            return self.first
        return (Accepted(), Granted(number=f"N-{one.id}"))

    @contextlib.asynccontextmanager
    async def engine(self, name: str = "cases.db") -> AsyncIterator[Engine]:
        holder = SealHolder(id="https://c.invalid/issuer", name={"en": "Centre"}, region=REGION)
        async with Engine.embedded(
            self.folder / name,
            region=REGION,
            departments=self.offices,
            signer=KeySigner(holder, self.seal),
            catalog=self.catalog,
            clock=self.clock,
        ) as engine:
            yield engine

    def back_up(self) -> None:
        source = sqlite3.connect(self.folder / "cases.db")
        target = sqlite3.connect(self.folder / "backup.db")
        with contextlib.closing(source), contextlib.closing(target):
            source.backup(target)

    def restore(self) -> None:
        file = self.folder / "cases.db"
        for more in ("-wal", "-shm"):
            file.with_name(file.name + more).unlink(missing_ok=True)
        file.write_bytes((self.folder / "backup.db").read_bytes())

    def days_pass(self, days: int = 1) -> None:
        self.clock.set(self.clock.now() + timedelta(days=days, minutes=1))

    def proves(self, department: str, event: SignedDigest) -> None:
        key = Ed25519PublicKey.from_public_bytes(self.keys[department].public_key)
        (signature,) = event.signatures
        key.verify(b64decode(signature.value), signing_input(event.digest))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@pytest.fixture
async def town(tmp_path: Path, catalog: Catalog) -> AsyncIterator[Town]:
    def decided(one: Submission) -> Any:
        return town.decide(one)

    clock, keys, ways = VirtualClock(START), dict[str, Ed25519EventKey](), {}
    definition = catalog.thing("restaurant", region=REGION, on=START.date())
    async with contextlib.AsyncExitStack() as stack:
        for name in sorted({item.department for item in definition.items.values()}):
            key = keys[name] = Ed25519EventKey.generate(f"{name}-key")
            app = AdapterApp(name, store=tmp_path / f"{name}.db", event_key=key, clock=clock)
            for step in definition.thing.steps:
                if definition.items[step.item].department == name and str(step.kind) != "bundle":
                    app.step(step.id)(decided)
            url = await stack.enter_async_context(running(app))
            public = VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
            ways[name] = DepartmentEndpoint(base_url=url, keys=(public,), per_minute=100_000)
        offices = await stack.enter_async_context(Offices(ways, clock=clock))
        town = Town(tmp_path, catalog, offices, keys, clock)
        yield town


async def visit(engine: Engine) -> Case:
    given = load_answers(EXAMPLE)
    plan = engine.plan("restaurant", answers=given.answers)
    known = {one.group or one.id for one in plan.form}
    fields = {name: value for name, value in given.fields.items() if name in known}
    applicant = Applicant(name="Old Tea", code="92990101MA99000523")
    return await engine.submit(plan, applicant, fields=fields)


def filed(case: Case) -> set[str]:
    """Return the ids under which something of ``case`` was filed."""
    subs = case.sub_cases.values()
    return {one.submission.submission_id for one in subs if one.submission is not None}


async def goes_back(town: Town) -> tuple[Case, Case]:
    """Let an engine open a case before and one after its backup, and put the backup back."""
    async with town.engine() as engine:
        before = await engine.settled((await visit(engine)).id)
    town.back_up()
    async with town.engine() as engine:
        after = await engine.settled((await visit(engine)).id)
        assert await engine.forgotten.all() == ()
    assert filed(after)
    town.restore()
    town.days_pass()
    return before, after


def ids(found: tuple[ForgottenFiling, ...]) -> set[str]:
    return {one.submission_id for one in found}


async def test_what_departments_have_and_a_backup_has_not_is_told_with_evidence(
    town: Town,
) -> None:
    before, after = await goes_back(town)
    async with town.engine() as engine:
        await engine.progress()
        found = await engine.forgotten.all()
        assert ids(found) == filed(after)
        for one in found:
            assert (one.case_id, one.state) == (after.id, "granted")
            held = after.sub_cases[one.sub_case_id]
            assert one.department == held.spec.department
            assert tuple(event.digest for event in one.evidence) == held.digests
            assert one.head_seq == len(held.digests)
            for event in one.evidence:
                town.proves(one.department, event)
        told = await engine.findings(after.id)
        assert {one.problem for one in told} == {"filing-forgotten"}
        assert {one.sub_case_id for one in told} == {one.sub_case_id for one in found}
        assert all(one.zh and one.remedy and one.remedy_zh and one.clause for one in told)
        assert any(f"{found[0].submission_id}, granted" in one.text for one in told)
        assert "filing-forgotten" not in {one.problem for one in await engine.findings(before.id)}
        with pytest.raises(CaseNotFoundError):
            await engine.case(after.id)


async def test_it_stays_after_the_feed_has_gone_on_until_somebody_settles_it(town: Town) -> None:
    _, after = await goes_back(town)
    async with town.engine() as engine:
        await engine.progress()
        found = await engine.forgotten.all()
    town.days_pass(8)  # all heads are compared meanwhile: told again, it is no other one
    async with town.engine() as engine:
        await engine.progress()
        assert await engine.forgotten.all() == found
        name = found[0].submission_id
        with pytest.raises(NotAllowedError):
            await engine.forgotten.settle(name, by=OPERATOR, why="")
        await engine.forgotten.settle(name, by=OPERATOR, why="ended there, notice no. 3")
        assert ids(await engine.forgotten.all()) == filed(after) - {name}
        told_beside_the_engine(town.folder / "cases.db", found, settled=name)
        with pytest.raises(IllegalInputError):
            await engine.forgotten.settle(name, by=OPERATOR, why="twice")
    town.days_pass(8)
    async with town.engine() as engine:
        await engine.progress()
        assert ids(await engine.forgotten.all()) == filed(after) - {name}
        every = await engine.forgotten.all(with_settled=True)
        settled = {one.submission_id: one.settled for one in every}
        assert settled[name].endswith("ended there, notice no. 3")
        assert ids(found) == settled.keys()


def told_beside_the_engine(path: Path, found: tuple[ForgottenFiling, ...], *, settled: str) -> None:
    """``oneservice forgotten`` tells the same while the engine is at work."""

    def listed(*more: str) -> Any:
        return CliRunner().invoke(program, ["forgotten", str(path), *more])

    still = listed("--json")
    assert still.exit_code == 1
    told = [json.loads(line) for line in still.stdout.splitlines()]
    assert {one["submission_id"] for one in told} == ids(found) - {settled}
    assert {(one["state"], one["has_case"], one["settled"]) for one in told} == {
        ("granted", False, None)
    }
    by_id = {one.submission_id: one for one in found}
    for one in told:
        evidence = by_id[one["submission_id"]].evidence
        assert one["digests"] == [event.digest for event in evidence]
    every = listed("--settled")
    assert every.exit_code == 1
    assert settled in every.stdout
    assert "notice no. 3" in every.stdout
    assert settled not in listed("--language", "zh").stdout


def test_only_a_file_of_an_engine_is_read(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"no database at all, but long enough to be looked at" * 99)
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE things (a)")
    for name in ("none.db", "text", "other.db"):
        done = CliRunner().invoke(program, ["forgotten", str(tmp_path / name)])
        assert done.exit_code == 2, name


async def test_what_cannot_be_read_is_told_at_once_and_read_later(town: Town) -> None:
    _, after = await goes_back(town)
    town.offices.is_cut = True
    async with town.engine() as engine:
        await engine.progress()
        found = await engine.forgotten.all()
        assert ids(found) == filed(after)
        assert {one.state for one in found} == {""}
        for one in found:  # the feed itself told the events
            town.proves(one.department, one.evidence[-1])
    town.offices.is_cut = False
    town.days_pass()
    async with town.engine() as engine:
        await engine.progress()
        assert {one.state for one in await engine.forgotten.all()} == {"granted"}


async def test_another_engine_of_the_same_caller_raises_no_alarm(town: Town) -> None:
    async with town.engine() as ours, town.engine("others.db") as theirs:
        mine, other = await visit(ours), await visit(theirs)
        mine, other = await ours.settled(mine.id), await theirs.settled(other.id)
        assert filed(mine)
        assert filed(other)
        town.days_pass(8)
        await ours.progress()
        await theirs.progress()
        assert await ours.forgotten.all() == await theirs.forgotten.all() == ()
        with pytest.raises(CaseNotFoundError):
            await ours.findings(other.id)


async def test_a_newer_backup_ends_it(town: Town) -> None:
    async with town.engine() as engine:
        await visit(engine)
    town.back_up()
    oldest = (town.folder / "backup.db").read_bytes()
    async with town.engine() as engine:
        after = await engine.settled((await visit(engine)).id)
    town.back_up()
    newest = (town.folder / "backup.db").read_bytes()
    for file, lost in ((oldest, filed(after)), (newest, set())):
        (town.folder / "backup.db").write_bytes(file)
        town.restore()
        town.days_pass()
        async with town.engine() as engine:
            await engine.progress()
            assert ids(await engine.forgotten.all()) == lost


async def test_a_case_that_a_backup_has_catches_up_by_itself(town: Town) -> None:
    async with town.engine() as engine:
        opened = await visit(engine)
        town.back_up()
        before = await engine.settled(opened.id)
    town.restore()
    town.days_pass()
    async with town.engine() as engine:
        assert (await engine.case(opened.id)).granted == ()
        again = await engine.settled(opened.id)
        held = [
            {one.id: one.digests for one in case.sub_cases.values()} for case in (again, before)
        ]
        assert held[0] == held[1]
        assert await engine.forgotten.all() == ()


async def test_a_further_attempt_that_a_backup_has_not_is_told_in_the_case(town: Town) -> None:
    town.first = NotAccepted(reasons=({"zh": "请补正后再报", "en": "not this way"},))
    async with town.engine() as engine:
        case = await engine.settled((await visit(engine)).id)
        again = next(one for one in case.sub_cases.values() if one.submission is not None)
        assert again.status is SubCaseStatus.NOT_ACCEPTED
        town.back_up()
        await engine.file_again(case.id, again.id, why="mended")
        await engine.settled(case.id)
    town.restore()
    town.days_pass()
    async with town.engine() as engine:
        await engine.progress()
        (found,) = await engine.forgotten.all()
        assert found.submission_id == f"{case.id}.{again.id}.2"
        assert found.state == "granted"
        told = [one.problem for one in await engine.findings(case.id)]
        assert told.count("filing-forgotten") == 1


async def test_a_case_that_was_erased_is_not_forgotten(town: Town) -> None:
    async with town.engine() as engine:
        case = await engine.settled((await visit(engine)).id)
        await engine.operators.erase(case.id, by=OPERATOR, why="art. 47", is_forced=True)
        town.days_pass(8)
        await engine.progress()
        assert await engine.forgotten.all() == ()
