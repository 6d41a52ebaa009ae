"""Where people come in: numbers as they type them, halted steps, incidents, swapped trust lists."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.case import Actor, Case, SubCaseStatus
from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog
from oneservice.certificates import (
    SigningKey,
    TrustStore,
    Verdict,
    controller_document,
    examine_bundle,
)
from oneservice.clocks import VirtualClock
from oneservice.engine import carrying
from oneservice.errors import DepartmentContractError, IllegalInputError
from oneservice.ports import StatusPage
from oneservice.sandbox import PROMPT, SandboxSeals, SimulatedDepartments

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


class Refusing(SimulatedDepartments):
    """Refuses the messages named in ``refused``, each with its problem."""

    refused: dict[str, str]

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        step = submission_id.split(".")[1]
        if step in self.refused:
            problem = self.refused[step]
            raise DepartmentContractError("no", department=department, problem=problem)
        return await super().submit(department, submission_id, body)


@pytest.fixture
async def opened(tmp_path: Path, catalog: Catalog) -> AsyncIterator[tuple[Engine, Refusing]]:
    clock = VirtualClock(START)
    things = catalog.things("990101", START.date())
    seals = SandboxSeals({one.thing.id: one for one in things}, region="990101")
    departments = Refusing(clock=clock, seals=seals, behaviours=PROMPT)
    departments.refused = {}
    async with Engine.embedded(
        tmp_path / "cases.db",
        region="990101",
        departments=departments,
        signer=seals.signer(),
        catalog=catalog,
        trust=seals.trust(),
        clock=clock,
        feed_every=timedelta(hours=6),
    ) as engine:
        yield engine, departments
    departments.close()


async def hand_in(engine: Engine, **applicant: Any) -> Case:
    given = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    plan = engine.plan("restaurant", answers=given["answers"])
    known = {field.group or field.id for field in plan.form}
    return await engine.submit(
        plan,
        dataclasses.replace(Applicant(**given["applicant"]), **applicant),
        fields={
            name: str(value) if isinstance(value, float) else value
            for name, value in given["fields"].items()
            if name in known
        },
        materials={name: one["text"].encode() for name, one in given["materials"].items()},
    )


async def test_an_applicant_is_stored_in_normal_form(opened: Any) -> None:
    engine, _ = opened
    case = await hand_in(engine, name="  某某餐饮店 ", code="９２９９０１０１ ma99000523")
    hot = await engine._driver.hot(case.id)
    assert (hot.form.applicant.name, hot.form.applicant.code) == (
        "某某餐饮店",
        "92990101MA99000523",
    )


async def test_a_persons_number_is_masked_on_every_paper_of_the_sandbox(opened: Any) -> None:
    engine, _ = opened
    case = await hand_in(engine, code="990101198501011013", kind="person")
    case = await engine.settled(case.id)
    assert case.status is CaseStatus.CONCLUDED
    papers = [*await engine.certificates(case.id), (await engine.bundle(case.id)).certificate]
    assert len(papers) > 2
    for paper in papers:
        assert b"990101198501011013" not in paper.dump()
        assert paper.claims.holder_code == "9901011985****1013"


async def test_a_halted_step_goes_on_when_an_operator_says_so(opened: Any) -> None:
    engine, departments = opened
    departments.refused["food_permit"] = "not-allowed"
    case = await hand_in(engine)
    case = await engine.settled(case.id)
    assert case.sub_cases["food_permit"].halted == "not-allowed"
    with pytest.raises(IllegalInputError, match="not halted"):
        await engine.resume(case.id, "health_cert-1", by=Actor.operator("op-7"), why="nothing")
    await engine.resume(
        case.id, "food_permit", by=Actor.operator("op-7"), why="perhaps it is mended"
    )
    case = await engine.settled(case.id)
    assert case.sub_cases["food_permit"].halted == "not-allowed", "halted again: it was not"
    departments.refused.clear()
    await engine.resume(
        case.id, "food_permit", by=Actor.operator("op-7"), why="our key was not entered"
    )
    case = await engine.settled(case.id)
    assert case.status is CaseStatus.CONCLUDED
    assert departments.filed_once_each()
    told = [parse_object(line) for line in await engine.journal(case.id)]
    resumed = [one["data"] for one in told if one["kind"] == "sub_case_resumed"]
    assert [one["why"] for one in resumed][1:] == ["our key was not entered"]


async def test_a_broken_contract_without_end_is_left_to_people(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "INCIDENT_PATIENCE", timedelta(hours=9))
    engine, departments = opened
    departments.refused["food_permit"] = "never-heard-of-such-a-problem"
    case = await hand_in(engine)
    case = await engine.settled(case.id)
    permit = case.sub_cases["food_permit"]
    assert permit.status is SubCaseStatus.FILING
    assert permit.incident == "never-heard-of-such-a-problem"
    assert START + timedelta(hours=8) < engine.now() < START + timedelta(hours=10)
    departments.refused.clear()
    case = await engine.settled(case.id)  # trying goes on all the same
    assert case.status is CaseStatus.CONCLUDED


async def test_another_trust_list_in_the_bundle_is_noticed(opened: Any) -> None:
    engine, _ = opened
    case = await engine.settled((await hand_in(engine)).id)
    bundle = await engine.bundle(case.id)
    trust = engine.trust
    at = START + timedelta(days=1)
    assert examine_bundle(bundle.dump(), trust=trust, at=at).verdict is Verdict.VALID

    # Properly signed, and still not the list of the day.
    other = TrustStore(
        territory=trust.territory,
        version=trust.version + 1,
        issued_at=trust.issued_at,
        expires_at=trust.expires_at,
        issuers=trust.issuers,
    ).signed(
        key=SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32))),
        signer_id="https://trust-list.sandbox.invalid/issuer",
        created=START,
    )
    swapped = dataclasses.replace(
        bundle,
        trust_list=parse_object(other.dump(), max_bytes=1 << 24),
        controllers=tuple(controller_document(one) for one in other.issuers),
    )
    report = examine_bundle(swapped.dump(), trust=trust, at=at)
    assert report.verdict is Verdict.INVALID
    assert "the enclosed trust list is not the one" in report.message

    engine.trust = None  # whatever list is next: the bundle encloses that of the day
    assert (await engine.bundle(case.id)).dump() == bundle.dump()
