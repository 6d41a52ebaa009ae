"""A step that another region decides goes by that region's law, in that region's days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from oneservice.catalog import (
    ChannelKind,
    CorrectionPolicy,
    CrossRegionMode,
    EffectiveThing,
    MaterialClass,
    OverduePolicy,
    lint,
    read_catalog,
    single_step,
)
from oneservice.plan import (
    HeldCertificate,
    HeldLevel,
    Holdings,
    Plan,
    PlannedLaw,
    PlannedStep,
    ReasonKind,
    build_plan,
    explain_plan,
    explain_step,
    parse_plan,
    plan_bytes,
)
from oneservice.workdays import national_calendar

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.catalog import Catalog

MONDAY = date(2026, 3, 2)
CALENDAR = national_calendar()
HERE, THERE, NOWHERE = "990101", "980201", "950101"
ANSWERS = {"home": THERE, "area": 100}

LAW = "legal_basis: [{law: {zh: 示例办法, en: Sample measures}, is_sample: true}]"
BASE = f"""\
format: oneservice-catalog/1
region: "000000"
effective_from: 2025-01-01
departments:
  - id: office
    name: {{zh: 办公室, en: Office}}
  - id: office-above
    name: {{zh: 上级办公室, en: Office above}}
items:
  - id: permit
    title: {{zh: 许可, en: Permit}}
    department: office
    statutory: {{days: 20}}
    promised: {{days: 10}}
    channels:
      - {{kind: window, where: {{zh: 大厅, en: Hall}}, visits: 1}}
    tolerance: {{max_working_days: 5, materials: [m_plan]}}
    fees:
      - title: {{zh: 工本费, en: Fee}}
        amount: 100
        {LAW}
    legal_basis:
      - law: {{zh: 示例法, en: Sample law}}
        is_sample: true
    result:
      type: permit
      title: {{zh: 许可证, en: Permit}}
  - id: hand_out
    title: {{zh: 出件, en: Handing out}}
    department: office
    promised: {{days: 1}}
things:
  - id: shop
    title: {{zh: 开店, en: A shop}}
    goal: {{zh: 开店, en: Open a shop}}
    lead_department: office
    situations:
      - {{id: home, question: {{zh: 户籍地, en: Home}}, type: region}}
      - {{id: area, question: {{zh: 面积, en: Area}}, type: int, minimum: 1, maximum: 900}}
    steps:
      - id: home_permit
        item: permit
        region: {{of: home, level: county, reason: {{zh: 户籍地办理, en: At home}}}}
      - id: own_permit
        item: permit
      - id: bundle
        item: hand_out
        kind: bundle
        requires: [home_permit, own_permit]
    fields:
      - {{id: name, title: {{zh: 姓名, en: Name}}, type: text, steps: [home_permit, own_permit]}}
      - {{id: height, title: {{zh: 身高, en: Height}}, type: int, steps: [home_permit]}}
    materials:
      - id: m_plan
        title: {{zh: 图纸, en: Drawing}}
        source: applicant
        importance: minor
        steps: [home_permit, own_permit]
      - id: m_photo
        title: {{zh: 照片, en: Photo}}
        source: applicant
        steps: [home_permit]
"""
OWN = """\
format: oneservice-catalog/1
region: "990100"
effective_from: 2025-01-01
overlays:
  - thing: shop
    change_items:
      - {id: permit, promised: {days: 4}, tolerance: {max_working_days: 2, materials: [m_plan]}}
"""
OTHER = f"""\
format: oneservice-catalog/1
region: "980200"
effective_from: 2025-01-01
effective_until: 2026-06-30
departments:
  - id: office
    name: {{zh: 乙办, en: Office of the other}}
overlays:
  - thing: shop
    change_items:
      - id: permit
        promised: {{days: 8}}
        warning_share: 50
        on_overdue: escalate
        escalation:
          - {{level: city, office: office-above, after: {{days: 2}}}}
        channels:
          - {{kind: online, where: {{zh: 网站, en: Site}}}}
        fees:
          - title: {{zh: 工本费, en: Fee}}
            amount: 60
            {LAW}
        tolerance: {{max_working_days: 3, materials: [m_plan]}}
        commitment: {{text: {{zh: 承诺, en: My word}}}}
        cross_region:
          - {{mode: online}}
    change_steps:
      - id: home_permit
        limits:
          - {{when: area <= 50, promised: {{days: 2}}, title: {{zh: 小店, en: Small}}}}
    drop_materials: [m_photo]
    drop_fields: [height]
    add_fields:
      - {{id: shoe_size, title: {{zh: 鞋码, en: Shoe size}}, type: int, steps: [home_permit]}}
    add_materials:
      - id: m_cast
        title: {{zh: 足模, en: Cast of a foot}}
        source: applicant
        steps: [home_permit]
        {LAW}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return catalog_of(tmp_path)


def catalog_of(folder: Path, *more: str) -> Catalog:
    for number, text in enumerate((BASE, OWN, OTHER, *more)):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    catalog, problems = read_catalog([folder])
    assert not problems
    return catalog


def planned(catalog: Catalog, *, region: str = HERE, on: date = MONDAY, **given: Any) -> Plan:
    answers = {**ANSWERS, **given.pop("answers", {})}
    thing = catalog.thing("shop", region=region, on=on)
    return build_plan(thing, answers, on=on, calendar=CALENDAR, **given)


def step_of(plan: Plan, name: str = "home_permit") -> PlannedStep:
    return next(step for step in plan.steps if step.id == name)


def said(step: PlannedStep, language: str = "en") -> list[str]:
    return [getattr(r.text, language) for r in step.reasons if r.kind is ReasonKind.ELSEWHERE]


# --- the law --------------------------------------------------------------------------------------


def test_everything_of_the_step_is_the_deciding_regions(catalog: Catalog) -> None:
    step = step_of(planned(catalog, origin=HERE))
    assert (step.item, step.region, step.department) == ("permit", THERE, "office")
    assert step.department_name.en == "Office of the other"
    assert (step.promised.days, step.statutory and step.statutory.days) == (8, 20)
    assert [fee.amount for fee in step.fees] == ["60.00"]
    assert step.channel is not None
    assert step.channel.kind is ChannelKind.ONLINE
    assert step.tolerance is not None
    assert step.tolerance.working_days == 3
    assert step.commitment is not None
    assert (step.on_overdue, step.warning_share) == (OverduePolicy.ESCALATE, 50)
    assert [rung.office for rung in step.escalation] == ["office-above"]
    assert step.correction is CorrectionPolicy.PAUSE
    assert step.crossing is not None
    assert step.crossing.mode is CrossRegionMode.ONLINE
    assert step.materials == ("m_plan", "m_cast")
    assert step.fields == ("name", "shoe_size")
    assert step.law == PlannedLaw(region="980200")


def test_the_same_item_beside_it_stays_ours(catalog: Catalog) -> None:
    plan = planned(catalog)
    step = step_of(plan, "own_permit")
    assert (step.item, step.promised.days, step.law) == ("permit", 4, None)
    assert [fee.amount for fee in step.fees] == ["100.00"]
    assert said(step) == []
    assert [total.amount for total in plan.fees] == ["160.00"]


def test_every_difference_has_its_reason(catalog: Catalog) -> None:
    step = step_of(planned(catalog))
    assert said(step) == [
        "by the law of 980200: promised 8 working days instead of 4 working days",
        "by the law of 980200: fees 60.00 CNY instead of 100.00 CNY",
        (
            "by the law of 980200: papers may follow within 3 working days instead of within 2 "
            "working days"
        ),
        "by the law of 980200: when it is late, escalation instead of no consequence by itself",
        "by the law of 980200: other ways to hand it in than here",
        "by the law of 980200: other terms of a commitment than here",
        "by the law of 980200: other rungs of escalation and lights than here",
        "by the law of 980200: other ways across regions than here",
        "by the law of 980200: also needed: Shoe size; Cast of a foot, not needed: Height; Photo",
    ]
    assert said(step, "zh")[0] == "按 980200 的规定：承诺 8 个工作日，而非本地的 4 个工作日"
    text = explain_step(planned(catalog), "home_permit", language="zh")
    assert "按 980200 的规定：还需鞋码、足模；不需身高、照片" in text


def test_a_track_of_the_deciding_region_is_open(catalog: Catalog) -> None:
    step = step_of(planned(catalog, answers={"area": 40}))
    assert step.promised.days == 2
    assert "Small" in {reason.text.en for reason in step.reasons}
    assert step.tolerance is None  # nothing may follow within two days


def test_it_is_the_plan_that_the_deciding_region_makes(catalog: Catalog) -> None:
    ours = step_of(planned(catalog))
    theirs = step_of(planned(catalog, region=THERE))
    for name in ("promised", "statutory", "due", "statutory_due", "fees", "tolerance", "channels"):
        assert getattr(ours, name) == getattr(theirs, name), name
    alone = single_step(catalog.thing("shop", region=THERE, on=MONDAY), "home_permit")
    by_itself = step_of(build_plan(alone, {"area": 100}, on=MONDAY, calendar=CALENDAR))
    assert (by_itself.promised, by_itself.due) == (ours.promised, ours.due)
    assert {*by_itself.materials} == {*ours.materials}
    assert {*by_itself.fields} == {*ours.fields}


def test_the_law_is_that_of_the_day(catalog: Catalog) -> None:
    july = date(2026, 7, 6)  # the other region's file has ended: its counters go by the base
    step = step_of(planned(catalog, on=july))
    assert step.promised.days == 10
    assert step.law == PlannedLaw(region="000000", is_at_hand=False)
    before, after = (catalog.thing("shop", region=HERE, on=day) for day in (MONDAY, july))
    assert before.digest != after.digest
    assert catalog.thing("shop", region=HERE, on=MONDAY).digest == before.digest


def test_within_the_own_region_nothing_is_said(catalog: Catalog) -> None:
    plan = planned(catalog, answers={"home": "990102"})
    step = step_of(plan)
    assert (step.promised.days, step.law, said(step)) == (4, None, [])
    assert plan.as_json()["steps"][0].keys() >= {"region_from"}
    assert "law" not in plan.as_json()["steps"][0]


def test_the_country_as_a_whole_shows_the_base(catalog: Catalog) -> None:
    step = step_of(planned(catalog, region="000000"))
    assert (step.promised.days, step.law, said(step)) == (10, None, [])


def test_a_county_within_the_own_city_may_have_its_own_law(tmp_path: Path) -> None:
    county = OWN.replace('"990100"', '"990102"').replace("days: 4", "days: 3")
    catalog = catalog_of(tmp_path, county)
    step = step_of(planned(catalog, answers={"home": "990102001"}))
    assert step.law == PlannedLaw(region="990102")
    assert step.promised.days == 3
    above = step_of(planned(catalog, region="990102", answers={"home": "990101"}))
    assert (above.promised.days, above.law) == (4, PlannedLaw(region="990100"))


# --- what is not known ----------------------------------------------------------------------------


def test_without_files_of_the_deciding_region_the_base_is_shown_and_it_says_so(
    catalog: Catalog,
) -> None:
    step = step_of(planned(catalog, answers={"home": NOWHERE}))
    assert step.promised.days == 10  # the own city's shorter promise binds no other city
    assert step.law == PlannedLaw(region="000000", is_at_hand=False)
    first, *_ = said(step)
    assert first == (
        "the law of 950101 on this step is not at hand, that of the country is shown; the limits "
        "are those of that region's own case"
    )
    assert said(step, "zh")[0].startswith("此处没有 950101 对此事项的规定，所列为全国的规定；")
    assert "by the law of the country: promised 10 working days instead of 4 working days" in said(
        step
    )


def test_a_step_that_only_we_have_is_shown_as_ours(tmp_path: Path) -> None:
    added = OWN.replace('"990100"', '"990101"').split("overlays:")[0] + (
        "overlays:\n"
        "  - thing: shop\n"
        "    add_steps:\n"
        "      - id: extra\n"
        "        item: permit\n"
        "        region: {of: home, reason: {zh: 户籍地, en: At home}}\n"
    )
    step = step_of(planned(catalog_of(tmp_path, added)), "extra")
    assert step.promised.days == 4
    assert step.law == PlannedLaw(region=None, is_at_hand=False)
    assert said(step) == [
        (
            "the law of 980201 on this step is not at hand, that of this region is shown; the "
            "limits are those of that region's own case"
        )
    ]


def test_a_definition_made_by_hand_knows_no_other_region(kit: Any) -> None:
    routing = {"of": "home", "reason": kit.question("r")["question"]}
    thing: EffectiveThing = kit.thing(
        steps=({"id": "a", "region": routing},), situations=(kit.question("home", "region"),)
    )
    plan = build_plan(thing, {"home": THERE}, on=MONDAY, calendar=CALENDAR)
    assert plan.steps[0].law == PlannedLaw(region=None, is_at_hand=False)


MORE_QUESTIONS = """\
format: oneservice-catalog/1
region: "980201"
effective_from: 2025-01-01
overlays:
  - thing: shop
    add_situations:
      - {{id: by_sea, question: {{zh: 临海吗？, en: By the sea?}}, type: bool{default}}}
    change_steps:
      - id: home_permit
        limits:
          - {{when: by_sea, promised: {{days: 1}}}}
          - {{when: area <= 50, promised: {{days: 2}}}}
    add_fields:
      - {{id: tide, title: {{zh: 潮位, en: Tide}}, type: int, steps: [home_permit], when: by_sea}}
"""


def test_what_hangs_on_a_question_that_only_they_ask_is_left_to_them(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, MORE_QUESTIONS.format(default=""))
    plan = planned(catalog)
    step = step_of(plan)
    assert (step.promised.days, "tide" in step.fields) == (8, False)
    assert said(step)[-1] == (
        '980201 asks besides: "By the sea?"; what hangs on it is left out here, and is settled in '
        "that region's own case"
    )
    assert "by_sea" not in plan.answers
    assert step_of(planned(catalog, answers={"area": 40})).promised.days == 2


def test_their_default_counts_where_nobody_is_asked(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, MORE_QUESTIONS.format(default=", default: true"))
    plan = planned(catalog)
    step = step_of(plan)
    assert (step.promised.days, "tide" in step.fields) == (1, True)
    assert not any("asks besides" in one for one in said(step))
    assert "by_sea" not in plan.answers


def test_a_question_of_another_type_answers_nothing(tmp_path: Path) -> None:
    ours = OWN.replace('"990100"', '"990101"').split("overlays:")[0] + (
        "overlays:\n"
        "  - thing: shop\n"
        "    add_situations:\n"
        "      - {id: by_sea, question: {zh: 几海里, en: Miles}, type: int, default: 3}\n"
    )
    catalog = catalog_of(tmp_path, MORE_QUESTIONS.format(default=""), ours)
    step = step_of(planned(catalog))
    assert step.promised.days == 8
    assert any("By the sea?" in one for one in said(step))


def test_a_neighbours_broken_file_stops_nobody_else(tmp_path: Path) -> None:
    broken = OWN.replace('"990100"', '"980201"').replace("days: 4", "days: 40")
    catalog = catalog_of(tmp_path, broken)
    step = step_of(planned(catalog))
    assert step.law == PlannedLaw(region=None, is_at_hand=False)
    assert any(one.code == "overlay_illegal" for one in lint(catalog))


def test_one_paper_for_two_offices_is_as_the_stricter_one_wants_it(tmp_path: Path) -> None:
    base = BASE.replace("importance: minor\n        steps: [home", "steps: [home")
    (tmp_path / "0.yaml").write_text(
        base.replace("    tolerance: {max_working_days: 5, materials: [m_plan]}\n", ""),
        encoding="utf-8",
    )
    other = OTHER.replace(
        "    drop_materials",
        "    change_materials:\n      - {id: m_plan, importance: minor, accepts_also: [deed]}\n"
        "    drop_materials",
    )
    (tmp_path / "1.yaml").write_text(other, encoding="utf-8")
    catalog, _ = read_catalog([tmp_path])
    plan = planned(catalog)
    paper = next(one for one in plan.materials if one.id == "m_plan")
    assert paper.importance is MaterialClass.MAIN  # our office may not do without it
    assert step_of(plan).tolerance is None


def test_steps_of_two_other_regions_go_each_by_its_own_law(tmp_path: Path) -> None:
    two = BASE.replace(
        "      - id: own_permit\n        item: permit\n",
        "      - id: own_permit\n        item: permit\n"
        "        region: {of: seat, reason: {zh: 所在地, en: Seat}}\n",
    ).replace(
        "    steps:\n",
        "      - {id: seat, question: {zh: 所在地, en: Seat}, type: region}\n    steps:\n",
        1,
    )
    third = (
        'format: oneservice-catalog/1\nregion: "970300"\neffective_from: 2025-01-01\n'
        "overlays:\n  - thing: shop\n    change_items: [{id: permit, promised: {days: 6}, "
        "tolerance: {max_working_days: 4, materials: [m_plan]}}]\n"
        "    add_materials:\n      - {id: m_cast, title: {zh: 足模, en: Model of it}, "
        f"source: applicant, steps: [own_permit], {LAW}}}\n"
    )
    for number, text in enumerate((two, OWN, OTHER, third)):
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    catalog, problems = read_catalog([tmp_path])
    assert not problems
    plan = planned(catalog, answers={"seat": "970301"})
    home, seat = step_of(plan), step_of(plan, "own_permit")
    assert (home.promised.days, seat.promised.days) == (8, 6)
    assert (home.law, seat.law) == (PlannedLaw(region="980200"), PlannedLaw(region="970300"))
    assert (home.item, seat.item) == ("permit", "permit")
    (paper,) = (one for one in plan.materials if one.id == "m_cast")
    assert paper.steps == ("home_permit", "own_permit")  # one paper, asked for once


# --- the days -------------------------------------------------------------------------------------

RESTING = CALENDAR.regional(extra_days_off=[date(2026, 3, 4), date(2026, 3, 5)])


def test_limits_are_counted_in_the_deciding_regions_days(catalog: Catalog) -> None:
    plain = planned(catalog)
    plan = planned(catalog, calendars={"980000": RESTING, "970000": CALENDAR})
    step = step_of(plan)
    assert step_of(plain).due.on == date(2026, 3, 12)
    assert step.due.on == date(2026, 3, 16)  # two days more, and a weekend
    assert step.statutory_due is not None
    assert step.statutory_due.on == date(2026, 4, 1)
    assert step.tolerance is not None
    assert step.tolerance.until.on == date(2026, 3, 9)
    assert step.law == PlannedLaw(
        region="980200", calendar_region="980000", calendar=RESTING.version
    )
    assert said(step)[-1] == f"working days are those of 980000 ({RESTING.version})"
    assert plan.calendar == CALENDAR.version
    bundle = step_of(plan, "bundle")
    assert (bundle.starts_on, bundle.due.on) == (date(2026, 3, 16), date(2026, 3, 17))
    assert plan.promised_working_days == 11  # in our days, as the clock of the whole case counts
    assert plan.due.on == date(2026, 3, 17)
    assert parse_plan(plan.as_json()) == plan


def test_the_same_days_under_another_name_are_not_worth_a_word(catalog: Catalog) -> None:
    assert plan_bytes(planned(catalog, calendars={"980000": CALENDAR})) == plan_bytes(
        planned(catalog)
    )


@pytest.mark.parametrize("others", [{}, {"990000": RESTING}, {"000000": RESTING}])
def test_at_home_the_own_calendar_is_the_nearest(catalog: Catalog, others: dict[str, Any]) -> None:
    step = step_of(planned(catalog, answers={"home": "990101"}, calendars=others))
    assert step.law is None


def test_a_definition_that_routes_nothing_needs_no_other_calendar(catalog: Catalog) -> None:
    alone = single_step(catalog.thing("shop", region=HERE, on=MONDAY), "own_permit")
    plain, with_others = (
        build_plan(alone, {}, on=MONDAY, calendar=CALENDAR, calendars=others)
        for others in ({}, {"980200": RESTING})
    )
    assert plan_bytes(plain) == plan_bytes(with_others)


# --- parts that both laws have ----------------------------------------------------------------


def shared(when: str = "", *, title: str = "{zh: 合同, en: Contract}", step: str = "home") -> str:
    """Return the addition of a paper under one id, asked for by the region that says it."""
    rule = f"when: {when}, " if when else ""
    steps = "home_permit" if step == "home" else "home_permit, own_permit"
    return (
        f"    add_materials:\n      - {{id: m_deal, title: {title}, source: applicant, "
        f"{rule}steps: [{steps}], {LAW}}}\n"
    )


def two_laws(folder: Path, own: str, other: str) -> Catalog:
    head = 'format: oneservice-catalog/1\nregion: "{}"\neffective_from: 2025-01-01\noverlays:\n'
    files = (f"{head.format(code)}  - thing: shop\n" for code in ("990100", "980200"))
    for number, text in enumerate(
        (BASE, *(a + b for a, b in zip(files, (own, other), strict=True)))
    ):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    catalog, problems = read_catalog([folder])
    assert not problems
    return catalog


@pytest.mark.parametrize(
    ("own", "other", "area", "steps"),
    [
        ("area > 500", "", 10, ("home_permit",)),
        ("area > 500", "", 600, ("home_permit", "own_permit")),
        ("", "area > 500", 10, ("own_permit",)),
        ("", "area > 500", 600, ("home_permit", "own_permit")),
        ("area > 500", "area < 50", 10, ("home_permit",)),
        ("area > 500", "area < 50", 600, ("own_permit",)),
        ("area > 500", "area < 50", 100, ()),
        ("area > 500", "area > 500", 100, ()),
    ],
)
def test_each_law_decides_for_its_own_step_whether_a_shared_paper_is_needed(
    tmp_path: Path, own: str, other: str, area: int, steps: tuple[str, ...]
) -> None:
    catalog = two_laws(tmp_path, shared(own, step="both"), shared(other))
    plan = planned(catalog, answers={"area": area})
    found = [one.steps for one in plan.materials if one.id == "m_deal"]
    assert [tuple(sorted(one)) for one in found] == ([steps] if steps else [])


def test_one_id_for_two_things_does_not_make_them_one(tmp_path: Path) -> None:
    size = "    add_fields: [{{id: size, title: {}, type: {}, steps: [{}]}}]\n"
    own = shared(title="{zh: 门面照, en: Shop front}", step="both") + size.format(
        "{zh: 招牌, en: Sign}", "int", "own_permit"
    )
    other = shared(title="{zh: 证件照, en: Passport photo}") + size.format(
        "{zh: 鞋码, en: Shoe}", "text", "home_permit"
    )
    plan = planned(two_laws(tmp_path, own, other))
    papers = {one.id: one for one in plan.materials if one.id.startswith("m_deal")}
    assert {name: (one.title.en, one.steps) for name, one in papers.items()} == {
        "m_deal": ("Shop front", ("own_permit",)),
        "m_deal@980200": ("Passport photo", ("home_permit",)),
    }
    fields = {one.id: one for one in plan.form if one.id.startswith("size")}
    assert {name: (one.title.en, one.type, one.steps) for name, one in fields.items()} == {
        "size": ("Sign", "int", ("own_permit",)),
        "size@980200": ("Shoe", "text", ("home_permit",)),
    }
    assert "m_deal@980200" in step_of(plan).materials
    assert "size@980200" in step_of(plan).fields
    told = [one for one in said(step_of(plan)) if "although both have one id" in one]
    assert ["Shoe" in told[0], "Passport photo" in told[1]] == [True, True]
    (why,) = (one for one in papers["m_deal@980200"].reasons if one.kind is ReasonKind.ELSEWHERE)
    for title in ("Passport photo", "Shop front"):
        assert title in why.text.en
    assert "“证件照”" in why.text.zh
    assert parse_plan(plan.as_json()) == plan


def test_their_law_does_not_turn_the_routing_off(tmp_path: Path) -> None:
    base = BASE.replace("region: {of: home,", "region: {of: home_code,").replace(
        "    materials:\n",
        "      - {id: home_code, title: {zh: 户籍, en: Home}, type: region, answer: home, "
        "steps: [home_permit]}\n    materials:\n",
        1,
    )
    other = OTHER.replace("drop_fields: [height]", "drop_fields: [height, home_code]")
    for number, text in enumerate((base, OWN, other)):
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    catalog, problems = read_catalog([tmp_path])
    assert not problems
    step = step_of(planned(catalog, peers={"980200": "region-980200"}))
    assert (step.region, step.region_from, step.department) == (THERE, "home_code", "region-980200")
    assert step.law == PlannedLaw(region="980200")


@pytest.mark.parametrize(("theirs", "spares"), [("other", False), ("permit", True)])
def test_the_deciding_region_says_which_certificate_spares_its_step(
    tmp_path: Path, *, theirs: str, spares: bool
) -> None:
    spared = "    change_steps: [{{id: home_permit, spared_by: {{certificates: [{}], {}}}}}]\n"
    catalog = two_laws(tmp_path, spared.format("permit", LAW), spared.format(theirs, LAW))
    held = HeldCertificate(
        type="permit", reference="ABCDEFGH", valid_until=None, level=HeldLevel.SEALED
    )
    plan = planned(catalog, holdings=Holdings(certificates=(held,)))
    assert ("home_permit" in {one.step_id for one in plan.skipped}) is spares
    if not spares:
        assert "by the law of 980200: other certificates that spare the step than here" in said(
            step_of(plan)
        )


# --- places and sums --------------------------------------------------------------------------


def test_halls_and_visits_of_two_regions_are_two(tmp_path: Path) -> None:
    base = BASE.replace(
        "    lead_department: office\n",
        "    lead_department: office\n    joint_inspection: [home_permit, own_permit]\n",
    )
    other = (
        'format: oneservice-catalog/1\nregion: "980200"\neffective_from: 2025-01-01\noverlays:\n'
        "  - thing: shop\n    change_items: [{id: permit, promised: {days: 9}}]\n"
    )
    for number, text in enumerate((base, other)):
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    catalog, problems = read_catalog([tmp_path])
    assert not problems
    plan = planned(catalog)
    found = {one.region: (one.where.en, one.visits, one.steps) for one in plan.trips}
    assert found == {THERE: ("Hall", 1, ("home_permit",)), None: ("Hall", 1, ("own_permit",))}
    assert {one.steps for one in plan.appointments} == {("home_permit",), ("own_permit",)}
    assert parse_plan(plan.as_json()) == plan
    told = explain_plan(plan, language="en")
    assert f"! 1 trip to Hall ({THERE}): Permit (home_permit)" in told
    at_home = planned(catalog, answers={"home": HERE})
    (trip,) = at_home.trips
    assert (trip.region, trip.steps) == (None, ("home_permit", "own_permit"))
    (visit,) = at_home.appointments
    assert visit.steps == ("home_permit", "own_permit")
    assert "region" not in at_home.as_json()["trips"][0]


def test_fees_that_hang_on_their_question_are_said_to_be_open(tmp_path: Path) -> None:
    other = (
        "    add_situations:\n      - {id: rich, question: {zh: 富, en: Rich?}, type: bool}\n"
        "    change_items:\n      - id: permit\n        fees: [{title: {zh: 费, en: Fee}, "
        f"amount: 70, when: rich, {LAW}}}]\n"
    )
    catalog = two_laws(tmp_path, "    change_items: [{id: permit, promised: {days: 4}}]\n", other)
    plan = planned(catalog)
    assert plan.has_open_fees
    assert step_of(plan).law == PlannedLaw(region="980200", has_open_fees=True)
    assert [total.amount for total in plan.fees] == ["100.00"]  # of the own permit
    assert parse_plan(plan.as_json()) == plan
    line = "! not all fees are known here, the deciding region settles the rest: "
    assert f"{line}Permit (home_permit)" in explain_plan(plan, language="en")
    at_home = planned(catalog, answers={"home": HERE})
    assert not at_home.has_open_fees
