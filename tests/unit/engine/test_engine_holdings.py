"""Papers that people hold take the place of uploads: recognised, explained, handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recognising import Train, make_train
from oneservice import Applicant, Document, Engine
from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import ConsentGiven, Provenance
from oneservice.catalog import load_answers
from oneservice.certificates import (
    CollectedRecord,
    Cryptosuite,
    HeldPaper,
    Verdict,
    recognise_many,
)
from oneservice.engine import holdings_of, materials_of, paper_levels
from oneservice.engine.holding import content_of
from oneservice.plan import HeldLevel, Holdings, Plan, explain_material, parse_plan

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "data_change.yaml"
START = datetime(2026, 9, 28, 1, tzinfo=UTC)
DEED = "property_certificate"


@pytest.fixture(scope="module")
def train() -> Train:
    return make_train(Cryptosuite.ECDSA_JCS_2019, people=20, kind=DEED)


def answered(train: Train, truth: str) -> tuple[HeldPaper, ...]:
    shown = train.shown[train.truths.index(truth)]
    return recognise_many([shown], wanted=train.wanted)


def planned(engine: Engine, holdings: Holdings | None = None) -> Plan:
    return engine.plan("data_change", answers=load_answers(EXAMPLE).answers, holdings=holdings)


def material(plan: Plan, name: str = "m_premises") -> Any:
    return next(one for one in plan.materials if one.id == name)


async def submitted(engine: Engine, plan: Plan, materials: Mapping[str, Any]) -> Any:
    form = load_answers(EXAMPLE)
    known = {one.group or one.id for one in plan.form}
    case = await engine.submit(
        plan,
        Applicant(kind="organisation", name="Example", code=form.applicant.code),
        fields={name: value for name, value in form.fields.items() if name in known},
        materials=materials,
        consents={
            name: ConsentGiven(by="F", at=START, proof=digest_bytes(b"F")) for name in form.consents
        },
    )
    return (await engine._driver.hot(case.id)).form, case


async def test_a_recognised_paper_takes_the_place_of_an_upload(
    tmp_path: Path, train: Train
) -> None:
    papers = answered(train, "recognised")
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        assert material(planned(engine)).must_bring
        plan = planned(engine, holdings_of(papers))
        held = material(plan).held
        assert (held.level, held.issuer_region) == (HeldLevel.SEALED, "980000")
        assert "不动产权证书跨省互认协议" in explain_material(plan, "m_premises", language="zh")
        assert parse_plan(plan.as_json()) == plan
        given = materials_of(plan, papers)
        assert set(given) == {"m_premises"}
        form, case = await submitted(engine, plan, given)
        (row,) = parse_object(form.dump())["materials"]["m_premises"]
        assert row["media_type"] == "application/vc+json"
        assert row["digest"] == digest_bytes(given["m_premises"][0].content)
        assert (
            await engine.plan_of(case.id)
        ).digest == plan.digest  # the reason goes with the case


@pytest.mark.parametrize(
    "truth", ["revoked", "expired", "forged", "not_recognised", "other_holder"]
)
async def test_a_no_is_explained_and_says_what_to_do_instead(
    tmp_path: Path, train: Train, truth: str
) -> None:
    papers = answered(train, truth)
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = planned(engine, holdings_of(papers))
    assert material(plan).must_bring
    assert materials_of(plan, papers) == {}
    for language in ("zh", "en"):
        text = explain_material(plan, "m_premises", language=language)
        assert papers[0].words[language] in text
        assert papers[0].instead is not None
        assert papers[0].instead[language] in text
    assert "旅客" not in str(plan.as_json())


async def test_of_several_papers_one_that_counts_is_enough(tmp_path: Path, train: Train) -> None:
    papers = recognise_many(train.shown, wanted=train.wanted)
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = planned(engine, holdings_of(papers))
        turned = planned(engine, holdings_of(reversed(papers)))
    assert plan == turned
    assert not material(plan).must_bring
    counting = {digest_bytes(content_of(one) or b"") for one in papers if one.counts}
    assert material(plan).held.digest in counting


async def test_what_was_fetched_is_handed_in_with_its_consent(tmp_path: Path, train: Train) -> None:
    papers = answered(train, "recognised")
    assert papers[0].paper is not None
    content = papers[0].paper.dump()  # type: ignore[union-attr] - a certificate
    provenance = Provenance(
        department="land",
        request_id="e1",
        evidence_type=DEED,
        answer=digest_bytes(b"answer"),
        obtained_at=START,
        accepted_at=START,
        consent_id="e1-k",
    )
    fetched = Document(content=content, media_type="application/vc+json", provenance=provenance)
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = planned(engine, holdings_of(papers))
        given = materials_of(plan, papers, fetched=[fetched])
        form, _ = await submitted(engine, plan, given)
    (row,) = parse_object(form.dump())["materials"]["m_premises"]
    assert row["provenance"]["consent_id"] == "e1-k"


async def test_collected_data_are_told_from_a_sealed_paper(tmp_path: Path, train: Train) -> None:
    record = CollectedRecord(
        type=DEED,
        reference="P-1",
        region="990000",
        holder_name="Example",
        holder_code="91",
        valid_until=date(2040, 1, 1),
    )
    papers = recognise_many([record], wanted=train.wanted)
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = planned(engine, holdings_of(papers))
    assert material(plan).held.level is HeldLevel.COLLECTED
    assert "归集数据" in explain_material(plan, "m_premises", language="zh")
    (given,) = materials_of(plan, papers)["m_premises"]
    assert parse_object(given.content)["reference"] == "P-1"
    far = recognise_many([replace(record, region="980000")], wanted=train.wanted)
    async with Engine.sandbox(tmp_path / "other.db", start=START) as engine:
        plan = planned(engine, holdings_of(far))
    assert material(plan).must_bring
    assert "带签章的电子证照" in explain_material(plan, "m_premises", language="zh")


def test_what_no_plan_can_use_is_left_out(train: Train) -> None:
    unread = recognise_many([b"?"], wanted=train.wanted)
    other = answered(train, "other_type")
    assert holdings_of([*unread, *other]) == Holdings()
    bad = holdings_of([], known=Holdings(has_bad_credit=True))
    assert bad.has_bad_credit


async def test_what_cannot_be_told_now_is_said_as_that(tmp_path: Path, train: Train) -> None:
    wanted = replace(train.wanted, status=None)
    papers = recognise_many(train.shown[:1], wanted=wanted)
    assert papers[0].verdict is Verdict.INDETERMINATE
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = planned(engine, holdings_of(papers))
    assert "请稍后再试" in explain_material(plan, "m_premises", language="zh")


async def test_origin_and_holdings_go_through_the_face(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = engine.plan("data_change", answers=load_answers(EXAMPLE).answers, origin="110101")
    assert plan.origin == "110101"


@pytest.mark.parametrize("level", ["sealed", "collected"])
async def test_the_level_goes_all_the_way_to_the_office_and_the_auditor(
    tmp_path: Path, train: Train, level: str
) -> None:
    record = CollectedRecord(
        type=DEED,
        reference="P-1",
        region="990000",
        holder_name="Example",
        holder_code="91",
        valid_until=date(2040, 1, 1),
    )
    papers = (
        answered(train, "recognised")
        if level == "sealed"
        else recognise_many([record], wanted=train.wanted)
    )
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        plan = planned(engine, holdings_of(papers))
        assert {one.material: one.level for one in paper_levels(plan)}["m_premises"] == level
        form, case = await submitted(engine, plan, materials_of(plan, papers))
        (row,) = parse_object(form.dump())["materials"]["m_premises"]
        assert row["level"] == level
        await engine.settled(case.id)
        told = [one async for one in filings(engine, case.id)]
        items = [one for body in told for one in body["materials"]]
        (item, *_) = [one for one in items if one["material"] == "m_premises"]
        assert (item["source"], item["level"]) == ("lookup", level)
        assert "level" not in str(item["documents"])  # a reference is as the protocol has it
        brought = [one for one in items if one.get("source") == "applicant"]
        assert not any("level" in one for one in brought)
        bundled = await engine.plan_of(case.id)
        assert material(bundled).held.level == level


async def filings(engine: Engine, case_id: str) -> Any:
    """Yield what each department was told, from the bytes that were sent."""
    for line in await engine.journal(case_id):
        record = parse_object(line)
        for message in record["data"].get("messages", ()):
            if message["message"] == "submission":
                body = await engine._driver.store.blob(case_id, message["request_digest"])
                assert body is not None
                yield parse_object(body)


async def test_what_nobody_holds_is_said_with_where_to_get_it(tmp_path: Path, train: Train) -> None:
    papers = answered(train, "expired")
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        levels = {one.material: one for one in paper_levels(planned(engine, holdings_of(papers)))}
    found = levels["m_premises"]
    assert found.level == "none"
    assert papers[0].words["zh"] in found.why[0].zh
    assert papers[0].instead is not None
    assert papers[0].instead["en"] in found.why[0].en
