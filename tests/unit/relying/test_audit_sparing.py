"""An auditor sees which steps a held certificate spared, by which paper, and by which rule."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.recognising import make_train, resident_code
from oneservice import Applicant, Engine
from oneservice.canonical import Digest, canonical
from oneservice.case import CaseOpened, Event, Recorded, Spared, read_record, write_record
from oneservice.catalog import load_answers
from oneservice.certificates import (
    Bundle,
    Cryptosuite,
    HeldPaper,
    TrustStore,
    Verdict,
    recognise_many,
)
from oneservice.engine import holdings_of, materials_of
from oneservice.plan import parse_plan
from oneservice.relying import Replayed, Severity, audit, replay_records
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 2, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "noodle-shop.yaml"


async def _run(path: Path) -> tuple[bytes, TrustStore]:
    train = make_train(
        Cryptosuite.ECDSA_JCS_2019, people=4, kind="health_certificate", code=resident_code
    )
    cook = train.shown[train.truths.index("recognised")]
    shop = load_answers(EXAMPLE)
    assert cook.holder is not None
    who = {"staff_name": cook.holder.name, "staff_id_no": cook.holder.code}
    _, *others = shop.fields["staff"]

    def look(at: datetime) -> tuple[HeldPaper, ...]:
        return recognise_many([cook], wanted=replace(train.wanted, at=at))

    async with Engine.sandbox(path, start=START) as engine:
        held = look(START)
        plan = engine.plan(
            "restaurant", answers=shop.answers, holdings=holdings_of(people={"staff": {1: held}})
        )
        case = await engine.submit(
            plan,
            Applicant(name="Noodles", code=shop.applicant.code),
            fields={**shop.fields, "staff": [who, *others]},
            materials={
                **{one.id: shop.material_bytes(one.id) for one in plan.missing},
                **materials_of(plan, held),
            },
            papers=look,
        )
        await engine.settled(case.id)
        assert engine.trust is not None
        return (await engine.bundle(case.id)).dump(), engine.trust


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, TrustStore]:
    data, trust = asyncio.run(_run(tmp_path_factory.mktemp("spared") / "cases.db"))
    return Bundle.parse(data), trust


def records_of(bundle: Bundle) -> list[Recorded]:
    found: list[Recorded] = []
    prev: Digest | None = None
    for seq, record in enumerate(bundle.journal, 1):
        one = read_record(canonical(record), case_id=record["case_id"], seq=seq, prev=prev)
        found.append(one)
        prev = one.digest
    return found


def test_the_report_names_step_paper_and_rule(made: tuple[Bundle, TrustStore]) -> None:
    bundle, trust = made
    found = audit(bundle, trust=trust, at=LATER, calendar=announced_calendar())
    assert found.verdict is Verdict.VALID
    (told,) = [one for one in found.findings if one.code == "spared"]
    assert (told.severity, told.seq) == (Severity.NOTE, 1)
    opened = records_of(bundle)[0].event
    assert isinstance(opened, CaseOpened)
    (spared,) = opened.spared
    for fact in ("health_cert-1", "980000", "sealed", spared.paper, str(spared.rule)):
        assert fact in told.zh
        assert fact in told.en
    # Whoever knows whom the form named can compare, without the engine and without the form.
    assert spared.is_of(name="旅客0", code=resident_code(0))
    assert not spared.is_of(name="旅客1", code=resident_code(1))
    plan = parse_plan(bundle.plan)
    assert [one.held.digest for one in plan.skipped if one.held is not None] == [spared.paper]


def _nothing(_: Spared) -> tuple[Spared, ...]:
    return ()


def _another(one: Spared) -> tuple[Spared, ...]:
    return (replace(one, reference="urn:example:another"),)


def _one_more(one: Spared) -> tuple[Spared, ...]:
    return (one, replace(one, sub_case_id="health_cert-2"))


def _whose_nobody_looked(one: Spared) -> tuple[Spared, ...]:
    return (replace(one, holder=None, salt=""),)


@pytest.mark.parametrize("change", [_nothing, _another, _one_more, _whose_nobody_looked])
def test_an_opening_that_spares_otherwise_than_its_plan_is_not_by_the_rules(
    made: tuple[Bundle, TrustStore], change: object
) -> None:
    bundle, _ = made
    first = records_of(bundle)[0]
    opened = first.event
    assert isinstance(opened, CaseOpened)
    forged: Event = replace(opened, spared=change(opened.spared[0]))  # type: ignore[operator]
    record = write_record(forged, case_id=first.case_id, seq=1, prev=None, secret="5" * 64)
    plan = parse_plan(bundle.plan)
    for records, expected in (([first], Replayed.DECIDED), ([record], Replayed.NOT_BY_THE_RULES)):
        replay = replay_records(
            first.case_id, records, plans={plan.digest: plan}, calendar=announced_calendar()
        )
        assert [one.result for one in replay.records] == [expected]
