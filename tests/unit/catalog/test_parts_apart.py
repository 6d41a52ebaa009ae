"""Laws that call different things by one id: whose keeps the plain one, and what moves with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oneservice.catalog import catalog_part_id, governed, read_catalog

DAY = date(2026, 3, 2)
LAW = "legal_basis: [{law: {zh: 示例法, en: Sample law}, is_sample: true}]"
BASE = f"""\
format: oneservice-catalog/1
region: "000000"
effective_from: 2025-01-01
departments:
  - id: office
    name: {{zh: 办公室, en: Office}}
items:
  - id: permit
    title: {{zh: 许可, en: Permit}}
    department: office
    statutory: {{days: 20}}
    promised: {{days: 10}}
    {LAW}
    result: {{type: permit, title: {{zh: 许可证, en: Permit}}, yields: [m_card]}}
things:
  - id: shop
    title: {{zh: 开店, en: A shop}}
    goal: {{zh: 我要开店, en: Open a shop}}
    lead_department: office
    situations:
      - {{id: home, question: {{zh: 户籍地, en: Home}}, type: region}}
    steps:
      - {{id: first, item: permit, region: {{of: home, reason: {{zh: 户籍地, en: At home}}}}}}
      - {{id: second, item: permit, region: {{of: home, reason: {{zh: 户籍地, en: At home}}}}}}
      - {{id: own, item: permit}}
    fields: []
    materials: []
"""
OVERLAY = """\
format: oneservice-catalog/1
region: "{region}"
effective_from: 2025-01-01
overlays:
  - thing: shop
    change_items:
      - {{id: permit, tolerance: {{max_working_days: 3, materials: [m_card, m_plan]}}}}
    add_materials:
      - {{id: m_card, title: {card}, source: applicant, importance: minor, steps: [{steps}], {law}}}
      - {{id: m_plan, title: {plan}, source: applicant, importance: minor, steps: [{steps}], {law}}}
"""
PLAN = "{zh: 图纸, en: Drawing}"
CARD, PASS, CHIP = (
    f"{{zh: {zh}, en: {en}}}" for zh, en in (("卡", "Card"), ("证", "Pass"), ("芯", "Chip"))
)


@pytest.fixture
def load(tmp_path: Path):
    def loaded(**cards: str):
        (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
        for name, card in cards.items():
            region = name.removeprefix("r")
            steps = "own" if region == "990100" else "first, second"
            text = OVERLAY.format(region=region, card=card, plan=PLAN, steps=steps, law=LAW)
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        found, problems = read_catalog([tmp_path])
        assert found is not None
        assert not problems
        return found.thing("shop", region="990100", on=DAY)

    return loaded


def told_apart(thing, first: str, second: str):
    laws = tuple(
        (step, thing.definition_in(of)[1]) for step, of in (("first", first), ("second", second))
    )
    made = governed(thing, laws)
    return made, {one.id: (one.title.en, one.steps) for one in made.thing.materials}


def test_the_accepting_region_keeps_the_plain_id(load) -> None:
    thing = load(r990100=CARD, r980200=PASS)
    made, papers = told_apart(thing, "980200", "980200")
    assert set(papers) == {"m_card", "m_plan", "m_card@980200"}
    assert papers["m_card@980200"] == ("Pass", ("first", "second"))
    assert papers["m_card"] == ("Card", ("own",))
    assert set(papers["m_plan"][1]) == {"first", "second", "own"}, "one thing is asked for once"
    theirs, ours = (made.items[name] for name in ("permit@980200", "permit"))
    assert (theirs.result.yields, ours.result.yields) == (("m_card@980200",), ("m_card",))
    assert theirs.tolerance.materials == ("m_card@980200", "m_plan")
    assert ours.tolerance.materials == ("m_card", "m_plan")
    assert thing.definition_in("980200")[1].materials[0].id == "m_card", "nothing else moved"


def test_two_other_regions_that_differ_have_one_each(load) -> None:
    thing = load(r990100=CARD, r980200=PASS, r970300=CHIP)
    _, papers = told_apart(thing, "980200", "970300")
    assert papers["m_card@980200"] == ("Pass", ("first",))
    assert papers["m_card@970300"] == ("Chip", ("second",))


def test_two_other_regions_that_agree_share_one(load) -> None:
    thing = load(r990100=CARD, r980200=PASS, r970300=PASS)
    _, papers = told_apart(thing, "980200", "970300")
    assert papers["m_card@980200"] == ("Pass", ("first", "second"))
    assert "m_card@970300" not in papers


def test_what_the_accepting_region_does_not_have_is_the_first_one_s(load) -> None:
    thing = load(r980200=PASS, r970300=CHIP)
    _, papers = told_apart(thing, "980200", "970300")
    assert papers["m_card"] == ("Pass", ("first",))
    assert papers["m_card@970300"] == ("Chip", ("second",))


def test_laws_that_agree_are_left_as_they_are(load) -> None:
    thing = load(r990100=CARD, r980200=CARD)
    _, papers = told_apart(thing, "980200", "980200")
    assert set(papers) == {"m_card", "m_plan"}
    assert set(papers["m_card"][1]) == {"first", "second", "own"}


def test_the_office_s_own_id_stands_before_the_mark() -> None:
    assert [catalog_part_id(one) for one in ("m_card", "m_card@980200")] == ["m_card", "m_card"]
