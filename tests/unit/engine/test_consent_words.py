"""What people agree to is one thing: the words that they read, and the terms that are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import refuse_consents
from oneservice.catalog import Text, bundled_catalog_dir, load_answers, load_catalog
from oneservice.engine import Crossing, Engine, LookUp, crossings_of
from oneservice.engine.look_ups import titled
from oneservice.plan import Plan, build_plan
from oneservice.workdays import announced_calendar

AT = datetime(2026, 9, 28, 1, tzinfo=UTC)
DAY = date(2026, 12, 31)
PEERS = {"980200": "region-980200"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    catalog = load_catalog([bundled_catalog_dir()])
    given = load_answers(bundled_catalog_dir().parent / "examples" / "newborn.yaml")
    told = {"born_in": "970301", "home_region": "980201", "mother_insured": "none"}
    unasked = ("wants_card", "care_costs", "mother_insured_in", "settled_at_discharge")
    answers = {**given.answers, **told, "wants_insurance": False}
    return build_plan(
        catalog.thing("newborn", region="970301", on=AT.date()),
        {name: one for name, one in answers.items() if name not in unasked},
        on=AT.date(),
        calendar=announced_calendar(),
        peers=PEERS,
    )


@pytest.fixture(scope="module")
def crossing(plan: Plan) -> Crossing:
    (found,) = crossings_of(plan, PEERS)
    return found


def test_everything_that_goes_is_named_in_both_languages(crossing: Crossing, plan: Plan) -> None:
    text = crossing.text()
    titles = {one.id: one.title for one in (*plan.form, *plan.materials)}
    named = [titles[name] for name in (*crossing.fields, *crossing.materials) if name in titles]
    assert len(named) > 10
    for one in named:
        assert one.zh in text.zh
        assert one.en in text.en
    kept = set(titles) - {*crossing.fields, *crossing.materials}
    assert "birth_weight" in kept
    assert titles["birth_weight"].zh not in text.zh


def test_the_words_and_the_terms_are_signed_together(crossing: Crossing) -> None:
    told = parse_object(crossing.statement(until=DAY))
    assert told["format"] == "oneservice-crossing/2"
    text = crossing.text(until=DAY)
    assert told["text"] == {"zh": text.zh, "en": text.en}
    assert (told["until"], told["to"]) == ("2026-12-31", "region-980200")
    assert "第二十三条" in told["by_law"]["zh"]
    assert "2026-12-31" in text.zh
    agreed = crossing.agreed(by="何静", at=AT, until=DAY)
    assert agreed.proof == digest_bytes(crossing.statement(until=DAY))
    assert agreed.proof != crossing.agreed(by="何静", at=AT).proof, "another day, another text"


def test_who_lets_less_go_reads_less(crossing: Crossing) -> None:
    less = crossing.without("phone", "m_parents_id", "unknown")
    assert {*crossing.fields} - {*less.fields} == {"phone"}
    assert {*crossing.materials} - {*less.materials} == {"m_parents_id"}
    assert "联系电话" in crossing.text().zh
    assert "联系电话" not in less.text().zh
    assert less.agreed(by="何静", at=AT).fields == less.fields


def test_nothing_is_said_to_be_nothing(crossing: Crossing) -> None:
    text = replace(crossing, fields=(), materials=()).text()
    assert "表单信息：无。\n材料：无。" in text.zh
    assert "From the form: none.\nPapers: none." in text.en


def test_who_applies_is_named_too_for_that_goes_with_every_filing(crossing: Crossing) -> None:
    text = replace(crossing, fields=(), materials=()).text()
    assert "姓名或名称，证件号码" in text.zh
    assert "Who applies: name and number" in text.en


def test_a_look_up_is_agreed_to_in_words_too() -> None:
    asked = LookUp(
        department="region-980200",
        evidence_type="property_certificate",
        purpose="data_change",
        office=Text(zh="样市不动产登记中心", en="Land registry of Sample City"),
        title=Text(zh="不动产权证书", en="Property certificate"),
    )
    told = parse_object(asked.statement(until=DAY))
    assert (told["of"], told["until"]) == ("region-980200", "2026-12-31")
    text = asked.text(until=DAY)
    assert told["text"] == {"zh": text.zh, "en": text.en}
    for part in ("样市不动产登记中心", "不动产权证书", "data_change", "先由我查看", "2026-12-31"):
        assert part in text.zh
    for part in ("Land registry", "Property certificate", "I look at what is found first"):
        assert part in text.en
    agreed = asked.agreed(by="李雷", at=AT, until=DAY)
    assert agreed.proof == digest_bytes(asked.statement(until=DAY))
    assert (agreed.evidence, agreed.fields) == (("property_certificate",), ())


def test_what_nobody_gave_a_title_is_told_by_its_id_once() -> None:
    asked = LookUp(department="region-1", evidence_type="some_paper", purpose="some_thing")
    text = asked.text()
    assert "我同意向region-1调取我的「some_paper」，" in text.zh
    assert "that region-1 is asked for my “some_paper”, only" in text.en


async def test_a_look_up_of_the_engine_has_the_titles_of_the_catalog(tmp_path: Path) -> None:
    catalog = load_catalog([bundled_catalog_dir()])
    async with Engine.sandbox(tmp_path / "cases.db", start=AT, catalog=catalog) as engine:
        text = engine.evidence.look_up(
            "market-regulation", "health_certificate", purpose="restaurant"
        ).text()
    for part in ("市场监督管理", "（market-regulation）", "「健康证明」（health_certificate）"):
        assert part in text.zh, text.zh
    assert "「restaurant」" not in text.zh
    wish = LookUp(department="region-980200", evidence_type="lease_record", purpose="c1")
    told = titled(wish, catalog, region="990101", peers=PEERS, on=AT.date())
    assert told.office == Text(zh="样城市的部门", en="an office of Model City")
    assert (told.title, told.purpose_title) == (None, None), "no catalog knows them"
    mine = Text(zh="样城市不动产登记中心", en="Land registry of Model City")
    kept = titled(replace(wish, office=mine), catalog, region="990101", peers=PEERS, on=AT.date())
    assert kept.office == mine


def test_a_party_agrees_to_the_crossing_as_it_is_named(plan: Plan, crossing: Crossing) -> None:
    """A repeated group goes by its own name, and so it stands in what they agree to."""
    groups = {one.group for one in plan.form if one.group is not None}
    named = replace(crossing, fields=tuple(sorted({*crossing.fields, *groups})))
    assert groups
    problems: dict[str, str] = {}
    agreed = named.agreed(by="陆舟", at=AT)
    refuse_consents(plan, {"other_parent": agreed}, problems)
    assert problems == {}
    refuse_consents(plan, {"other_parent": replace(agreed, fields=("salary",))}, problems)
    assert "does not have" in problems["consents.other_parent"]
