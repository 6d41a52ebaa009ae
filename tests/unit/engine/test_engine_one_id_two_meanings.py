"""One id means two things in two regions: one visit brings both, and each office gets its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.case import (
    Actor,
    DepartmentReported,
    planned_name,
    planned_step,
    read_record,
    submission_body,
)
from oneservice.catalog import Catalog, read_catalog
from oneservice.engine import MigrateOrder
from oneservice.engine.same_parts import Carried
from oneservice.errors import FormIncompleteError
from oneservice.plan import build_plan
from oneservice.sandbox import ATTENTIVE, Behaviours
from oneservice.workdays import announced_calendar

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
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
    promised: {{days: 5}}
    {LAW}
    result: {{type: permit, title: {{zh: 许可证, en: Permit}}}}
  - id: hand_out
    title: {{zh: 出件, en: Handing out}}
    department: office
    promised: {{days: 1}}
things:
  - id: shop
    title: {{zh: 开店, en: A shop}}
    goal: {{zh: 我要开店, en: Open a shop}}
    lead_department: office
    situations:
      - {{id: home, question: {{zh: 户籍地, en: Home}}, type: region}}
    steps:
      - id: home_permit
        item: permit
        region: {{of: home, level: city, reason: {{zh: 户籍地办理, en: At home}}}}
      - {{id: own_permit, item: permit}}
      - {{id: bundle, item: hand_out, kind: bundle, requires: [home_permit, own_permit]}}
    fields:
      - {{id: name, title: {{zh: 名称, en: Name}}, type: text, steps: [home_permit, own_permit]}}
    materials: []
"""
OVERLAY = """\
format: oneservice-catalog/1
region: "{region}"
effective_from: 2025-01-01
overlays:
  - thing: shop
    add_fields:
      - {{id: size, title: {size}, type: {kind}, steps: [{step}]}}
    add_materials:
      - {{id: m_photo, title: {photo}, source: applicant, steps: [{step}], {law}}}
"""
OURS = OVERLAY.format(
    region="990100",
    size="{zh: 招牌尺寸, en: Size of the sign}",
    kind="int",
    photo="{zh: 门面照, en: Shop front}",
    step="own_permit",
    law=LAW,
)
THEIRS = OVERLAY.format(
    region="980200",
    size="{zh: 鞋码, en: Size of shoes}",
    kind="text",
    photo="{zh: 证件照, en: Passport photo}",
    step="home_permit",
    law=LAW,
)
FIELDS: dict[str, Any] = {"name": "Shop", "size": 3, "size@980200": "M"}
PAPERS = {"m_photo": b"the front", "m_photo@980200": b"the face"}
APPLICANT = Applicant(name="Shop", code="92990101MA99000523")


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    for name, text in {"base": BASE, "ours": OURS, "theirs": THEIRS}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    found, problems = read_catalog([tmp_path / f"{one}.yaml" for one in ("base", "ours", "theirs")])
    assert found is not None
    assert not problems
    return found


def opened(folder: Path, catalog: Catalog, behaviours: Behaviours = ATTENTIVE) -> Any:
    return Engine.sandbox(
        folder / "cases.db", region="990100", start=START, catalog=catalog, behaviours=behaviours
    )


async def filed(engine: Engine, case: Any, plan: Any, step: str) -> dict[str, Any]:
    hot = await engine._driver.hot(case.id)
    return parse_object(submission_body(hot.case, plan, hot.form, step, 1))


async def test_each_office_gets_its_own_under_its_own_name(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with opened(tmp_path, catalog) as engine:
        plan = engine.plan("shop", answers={"home": "980201"})
        assert {one.id for one in plan.missing} == {*PAPERS}
        case = await engine.submit(plan, APPLICANT, fields=FIELDS, materials=PAPERS)
        home = await filed(engine, case, plan, "home_permit")
        own = await filed(engine, case, plan, "own_permit")
        assert (home["fields"], own["fields"]) == (
            {"name": "Shop", "size": "M"},
            {"name": "Shop", "size": 3},
        )
        digests = {one.id: one for one in plan.materials}
        assert {*digests} == {*PAPERS}
        for body, name in ((home, "m_photo@980200"), (own, "m_photo")):
            (told,) = body["materials"]
            assert told["material"] == "m_photo"
            assert told["documents"][0]["bytes"] == len(PAPERS[name])
        assert (await engine.settled(case.id)).status is CaseStatus.CONCLUDED


async def said(engine: Engine, case_id: str) -> list[Any]:
    """Return what departments said, as the journal has it."""
    found: list[Any] = []
    prev = None
    for seq, line in enumerate(await engine.journal(case_id), 1):
        record = read_record(line, case_id=case_id, seq=seq, prev=prev)
        prev = record.digest
        if isinstance(record.event, DepartmentReported):
            found += record.event.events
    return found


@pytest.mark.parametrize("name", ["m_photo", "m_photo@980200"])
async def test_what_an_office_asks_for_is_its_own_and_is_answered_by_either_name(
    tmp_path: Path, catalog: Catalog, name: str
) -> None:
    async with opened(tmp_path, catalog) as engine:
        plan = engine.plan("shop", answers={"home": "980201"})
        case = await engine.submit(
            plan, APPLICANT, fields=FIELDS, materials={"m_photo": PAPERS["m_photo"]}
        )
        case = await engine.settled(case.id)
        (asked,) = case.corrections
        assert (asked.sub_case_id, asked.materials) == ("home_permit", ("m_photo@980200",))
        (event,) = [
            one.data for one in await said(engine, case.id) if one.type == "correction_requested"
        ]
        assert [one["material"] for one in event["items"]] == ["m_photo"], "the office's own word"
        step = planned_step(plan, asked.sub_case_id)
        assert planned_name(step, "m_photo") == "m_photo@980200"
        assert planned_name(step, "name") == "name"
        with pytest.raises(FormIncompleteError, match="m_photo@980200: is asked for and missing"):
            await engine.supplement(case.id, asked, materials={})
        await engine.supplement(case.id, asked, materials={name: b"the face"})
        assert (await engine.settled(case.id)).status is CaseStatus.CONCLUDED


async def test_what_is_missing_is_asked_for_under_its_own_id_and_only_where_it_is_needed(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with opened(tmp_path, catalog) as engine:
        plan = engine.plan("shop", answers={"home": "980201"})
        with pytest.raises(FormIncompleteError, match="size@980200: is missing"):
            await engine.submit(plan, APPLICANT, fields={"name": "Shop", "size": 3})
        elsewhere = engine.plan("shop", answers={"home": "990101"})
        assert {one.id for one in elsewhere.materials} == {"m_photo"}


ANOTHERS = OVERLAY.format(
    region="970300",
    size="{zh: 车位, en: Bays}",
    kind="text",
    photo="{zh: 车辆照片, en: Photo of the car}",
    step="home_permit",
    law=LAW,
)


async def test_what_means_another_thing_goes_to_nobody_after_a_move(tmp_path: Path) -> None:
    """The face of somebody who moves on is no photo of a car, though both regions say m_photo."""
    for name, text in {"base": BASE, "theirs": THEIRS, "anothers": ANOTHERS}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    files = [tmp_path / f"{one}.yaml" for one in ("base", "theirs", "anothers")]
    found, _ = read_catalog(files)
    assert found is not None
    async with opened(tmp_path, found) as engine:
        plan = engine.plan("shop", answers={"home": "980201"})
        fields = {"name": "Shop", "size": "M"}
        case = await engine.submit(plan, APPLICANT, fields=fields, materials={"m_photo": b"face"})

        async def move(**more: Any) -> None:
            order = MigrateOrder(case_id=case.id, answers={"home": "970301"}, **more)
            await engine.operators.act(order, by=Actor.operator("op-1"), why="they moved")

        with pytest.raises(FormIncompleteError) as caught:
            await move()
        assert set(caught.value.problems) == {"size"}
        await move(fields={"size": "2"})
        body = await filed(engine, case, await engine.plan_of(case.id), "home_permit")
        assert body["fields"] == {"name": "Shop", "size": "2"}
        assert body["materials"] == []


def test_what_has_another_id_after_a_move_is_still_there(catalog: Catalog) -> None:
    """What one law alone asked for under the plain id, as the only one, or under its own."""
    before, after = (
        build_plan(
            catalog.thing("shop", region="990100", on=START.date()),
            {"home": home},
            on=START.date(),
            calendar=announced_calendar(),
        )
        for home in ("980201", "990101")
    )
    assert {one.id for one in before.materials} == {"m_photo", "m_photo@980200"}
    there = Carried(after, before).materials({"m_photo": "front"})
    assert there == {"m_photo": "front"}
    back = Carried(before, after).materials({"m_photo": "front", "m_photo@980200": "face"})
    assert back == {"m_photo": "front"}
    alone = replace(
        before,
        materials=tuple(
            replace(one, id="m_photo") for one in before.materials if one.id != "m_photo"
        ),
    )
    assert Carried(alone, before).materials({"m_photo": "face"}) == {"m_photo@980200": "face"}
