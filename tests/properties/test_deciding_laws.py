"""What holds for every step that another region decides, whatever the two regions publish."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    Catalog,
    EffectiveThing,
    LimitUnit,
    bundled_catalog_dir,
    load_catalog,
    read_catalog,
    single_step,
)
from oneservice.errors import AnswersConflictError, AnswersInvalidError
from oneservice.plan import Plan, PlannedStep, ReasonKind, build_plan, parse_plan, plan_bytes
from oneservice.testing import strategies
from oneservice.workdays import WorkCalendar, national_calendar

ON = date(2026, 3, 2)
CALENDAR = national_calendar()
REGIONS = ("990101", "970301", "980201")
LAW = "legal_basis: [{law: {zh: 示例办法, en: Sample measures}, is_sample: true}]"
BASE = f"""\
format: oneservice-catalog/1
region: "000000"
effective_from: 2025-01-01
departments: [{{id: office, name: {{zh: 办公室, en: Office}}}}]
items:
  - id: permit
    title: {{zh: 许可, en: Permit}}
    department: office
    statutory: {{days: 20}}
    promised: {{days: 10}}
    fees: [{{title: {{zh: 工本费, en: Fee}}, amount: 100, {LAW}}}]
    tolerance: {{max_working_days: 5, materials: [m_plan]}}
    {LAW}
    result: {{type: permit, title: {{zh: 许可证, en: Permit}}}}
  - {{id: hand_out, title: {{zh: 出件, en: Issue}}, department: office, promised: {{days: 1}}}}
things:
  - id: shop
    title: {{zh: 开店, en: A shop}}
    goal: {{zh: 开店, en: Open a shop}}
    lead_department: office
    situations:
      - {{id: home, question: {{zh: 户籍地, en: Home}}, type: region}}
      - {{id: area, question: {{zh: 面积, en: Area}}, type: int, minimum: 1, maximum: 90}}
    steps:
      - {{id: at_home, item: permit, region: {{of: home, reason: {{zh: 户籍地, en: Home}}}}}}
      - {{id: here, item: permit, requires: [at_home]}}
      - {{id: bundle, item: hand_out, kind: bundle, requires: [at_home, here]}}
    fields:
      - {{id: name, title: {{zh: 姓名, en: Name}}, type: text, steps: [at_home, here]}}
      - {{id: height, title: {{zh: 身高, en: Height}}, type: int, steps: [at_home]}}
    materials:
      - id: m_plan
        title: {{zh: 图纸, en: Drawing}}
        source: applicant
        importance: minor
        steps: [at_home, here]
      - {{id: m_photo, title: {{zh: 照片, en: Photo}}, source: applicant, steps: [at_home]}}
"""


@st.composite
def overlays(draw: st.DrawFn, region: str) -> str:
    """Draw a file of ``region`` that keeps to what an overlay may do."""
    promised = draw(st.integers(0, 20))
    tolerated = draw(st.integers(1, 20))
    fee, small = draw(st.integers(0, 100)), draw(st.integers(0, 20))
    limit, last = draw(st.integers(1, 90)), draw(st.sampled_from(["2026-02-28", "2026-12-31"]))
    drops = "".join(
        f"    drop_{kind}s: [{name}]\n"
        for kind, name in (("field", "height"), ("material", "m_photo"))
        if draw(st.booleans())
    )
    adds = ""
    if draw(st.booleans()):
        adds = (
            f"    add_materials:\n      - {{id: m_{region}, title: {{zh: 本地, en: Local}}, "
            f"source: applicant, steps: [at_home], when: area > {limit}, {LAW}}}\n"
        )
    return (
        f'format: oneservice-catalog/1\nregion: "{region}"\neffective_from: 2025-01-01\n'
        f"effective_until: {last}\noverlays:\n  - thing: shop\n    change_items:\n"
        f"      - id: permit\n        promised: {{days: {promised}}}\n"
        f"        tolerance: {{max_working_days: {tolerated}, materials: [m_plan]}}\n"
        f"        fees: [{{title: {{zh: 工本费, en: Fee}}, amount: {fee}, {LAW}}}]\n"
        "    change_steps:\n      - id: at_home\n        limits:\n"
        f"          - {{when: area <= {limit}, promised: {{days: {small}}}}}\n{adds}{drops}"
    )


@st.composite
def rests(draw: st.DrawFn) -> WorkCalendar:
    """Draw the working days of a region that may rest on days of its own."""
    days = draw(st.lists(st.integers(1, 40), max_size=4, unique=True))
    if not days:
        return CALENDAR
    return CALENDAR.regional(extra_days_off=[ON + timedelta(days=one) for one in days])


def catalog_of(*files: str) -> Catalog:
    with TemporaryDirectory() as folder:
        for number, text in enumerate((BASE, *files)):
            Path(folder, f"{number}.yaml").write_text(text, encoding="utf-8")
        catalog, problems = read_catalog([folder])
        assert not problems
        things = {region: catalog.thing("shop", region=region, on=ON) for region in REGIONS}
        assert len({one.by_region is things[REGIONS[0]].by_region for one in things.values()}) == 1
    return catalog


def step_of(plan: Plan, name: str) -> PlannedStep:
    return next(step for step in plan.steps if step.step_id == name)


def is_within(promised: Any, statutory: Any) -> bool:
    return promised.days <= statutory.days and (
        promised.unit is statutory.unit or statutory.unit is LimitUnit.WORKING_DAYS
    )


@settings(max_examples=40)
@given(
    overlays("990100"),
    overlays("980200"),
    rests(),
    st.sampled_from(["990101", "980201", "980202001", "950101"]),
    st.integers(1, 90),
)
def test_a_step_is_what_the_deciding_region_would_make_of_it(
    ours: str, theirs: str, days: WorkCalendar, home: str, area: int
) -> None:
    catalog = catalog_of(ours, theirs)
    thing = catalog.thing("shop", region="990101", on=ON)
    answers = {"home": home, "area": area}
    plan = build_plan(thing, answers, on=ON, calendar=CALENDAR, calendars={"980000": days})
    step = step_of(plan, "at_home")
    alone = single_step(catalog.thing("shop", region=home, on=ON), "at_home")
    there = days if home.startswith("98") else CALENDAR
    known = {name: answers[name] for name in answers if name in alone.declared}
    theirs_step = step_of(build_plan(alone, known, on=ON, calendar=there), "at_home")
    for name in ("promised", "statutory", "due", "statutory_due", "fees", "tolerance", "channels"):
        assert getattr(step, name) == getattr(theirs_step, name), name
    whole = build_plan(catalog.thing("shop", region=home, on=ON), answers, on=ON, calendar=CALENDAR)
    assert {*step.fields} == {*step_of(whole, "at_home").fields}
    assert {*step.materials} == {*step_of(whole, "at_home").materials}
    assert step.statutory is not None
    assert is_within(step.promised, step.statutory)
    event(f"law of {step.law.region if step.law else 'ours'}")
    beside = step_of(plan, "here")
    without = build_plan(thing, answers | {"home": "990101"}, on=ON, calendar=CALENDAR)
    assert (beside.promised, beside.fees) == (
        step_of(without, "here").promised,
        step_of(without, "here").fees,
    )
    assert beside.starts_on == step.due.on
    assert plan.due.on >= step.due.on


@settings(max_examples=20)
@given(overlays("990100"), overlays("980200"), rests(), st.integers(1, 90))
def test_the_same_input_gives_the_same_bytes(
    ours: str, theirs: str, days: WorkCalendar, area: int
) -> None:
    plans = [
        build_plan(
            catalog_of(*files).thing("shop", region="990101", on=ON),
            {"home": "980201", "area": area},
            on=ON,
            calendar=CALENDAR,
            calendars={"980200": days},
        )
        for files in ((ours, theirs), (ours, theirs), (theirs, ours))
    ]
    assert len({plan_bytes(plan) for plan in plans[:2]}) == 1
    assert plans[0].steps == plans[2].steps  # the order of files is the order of nothing else
    assert parse_plan(plans[0].as_json()) == plans[0]
    step = step_of(plans[0], "at_home")
    differs = step.law is not None and step.law.region is not None
    reasons = [one for one in step.reasons if one.kind is ReasonKind.ELSEWHERE]
    assert not differs or reasons


@cache
def bundled() -> tuple[Catalog, tuple[EffectiveThing, ...]]:
    catalog = load_catalog([bundled_catalog_dir()])
    whole = (one for region in REGIONS for one in catalog.things(region, ON))
    return catalog, tuple(one for one in whole if one.by_region)


@st.composite
def situated(draw: st.DrawFn) -> tuple[EffectiveThing, dict[str, Any]]:
    thing = draw(st.sampled_from(bundled()[1]))
    return thing, draw(strategies.answers(thing, regions=[*REGIONS, "950101"]))


@settings(max_examples=60)
@given(situated())
def test_bundled_steps_are_what_their_region_would_make_of_them(
    asked: tuple[EffectiveThing, dict[str, Any]],
) -> None:
    thing, answers = asked
    plan = build_plan(thing, answers, on=ON, calendar=CALENDAR)
    for step in plan.steps:
        local = bundled()[0].thing(thing.thing.id, region=step.region, on=ON)
        if step.region_from is None or step.step_id not in {one.id for one in local.thing.steps}:
            continue
        assert step.statutory is None or is_within(step.promised, step.statutory)
        try:
            theirs = by_itself(local, step, answers)
        except (AnswersInvalidError, AnswersConflictError):
            event("asks more than we do")
            continue
        event(f"{thing.thing.id}: law of {step.law and step.law.region}")
        for name in ("promised", "statutory", "due", "statutory_due", "fees"):
            assert getattr(step, name) == getattr(theirs, name), (step.id, name)


def by_itself(local: EffectiveThing, step: PlannedStep, answers: dict[str, Any]) -> PlannedStep:
    """Return the step as the deciding region plans it, accepted when it starts in ours."""
    alone = single_step(local, step.step_id)
    known = {name: value for name, value in answers.items() if name in alone.declared}
    return step_of(build_plan(alone, known, on=step.starts_on, calendar=CALENDAR), step.step_id)
