"""What held certificates may do to a plan, whatever papers people show, and for which entries."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oneservice.catalog import (
    EffectiveThing,
    HeldLevel,
    Text,
    bundled_catalog_dir,
    load_catalog,
)
from oneservice.plan import (
    GroupEntry,
    HeldCertificate,
    HolderFields,
    Holdings,
    Plan,
    ReasonKind,
    build_plan,
    explain_plan,
    holdings_in,
    masked,
    parse_plan,
    plan_bytes,
    reduction,
    to_mermaid,
    to_svg,
)
from oneservice.workdays import national_calendar

ACCEPTED = date(2026, 9, 28)
CALENDAR = national_calendar()
REST = timedelta(days=30)
"""What the bundled restaurant asks to be left of a health certificate when the case ends."""
HEALTH = "health_certificate"
REFUSED = Text(zh="没有互认规则", en="no rule counts it")


@cache
def restaurant() -> EffectiveThing:
    return load_catalog([bundled_catalog_dir()]).thing("restaurant", region="990101", on=ACCEPTED)


def papers(most: int) -> st.SearchStrategy[HeldCertificate]:
    """Draw a paper of somebody, often of the same few, now and then of nobody."""
    entries = st.none() | st.builds(
        GroupEntry, group=st.sampled_from(["staff", "guests"]), number=st.integers(1, most)
    )
    return st.builds(
        HeldCertificate,
        type=st.sampled_from([HEALTH, HEALTH, "driving_licence"]),
        reference=st.integers(1, 6).map(lambda number: f"JK-2026-{number:06}"),
        valid_until=st.none() | st.dates(date(2026, 9, 1), date(2027, 2, 28)),
        level=st.sampled_from([*HeldLevel, HeldLevel.SEALED, None]),
        refusal=st.sampled_from([None, None, REFUSED]),
        entry=entries,
    )


@st.composite
def situated(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[HeldCertificate, ...]]:
    answers = {
        "has_licence": draw(st.booleans()),
        "area": draw(st.integers(10, 600)),
        "hot_food": True,
        "staff_count": draw(st.integers(0, 5)),
    }
    return answers, tuple(draw(st.lists(papers(6), max_size=8)))


def plan_of(answers: dict[str, Any], *held: HeldCertificate) -> Plan:
    return build_plan(
        restaurant(),
        answers,
        on=ACCEPTED,
        calendar=CALENDAR,
        holdings=Holdings(certificates=held),
    )


def spares(plan: Plan) -> dict[str, HeldCertificate]:
    return {one.id: one.held for one in plan.skipped if one.held is not None}


@given(situated())
def test_nothing_is_both_taken_and_spared_and_nobody_is_lost(given: Any) -> None:
    answers, held = given
    plan = plan_of(answers, *held)
    counted = Counter([*(one.id for one in plan.steps), *(one.id for one in plan.skipped)])
    assert set(counted.values()) == {1}
    if answers["staff_count"]:
        everybody = {f"health_cert-{n}" for n in range(1, answers["staff_count"] + 1)}
        assert {name for name in counted if name.startswith("health_cert")} == everybody
    numbers = [one.instance for one in plan.steps if one.step_id == "health_cert"]
    assert [f"health_cert-{n}" for n in numbers] == [
        one.id for one in plan.steps if one.step_id == "health_cert"
    ]


@given(situated(), st.randoms())
def test_a_plan_is_a_function_of_what_is_held_not_of_its_order(
    given: Any, chance: random.Random
) -> None:
    answers, held = given
    turned = [*held]
    chance.shuffle(turned)
    assert plan_bytes(plan_of(answers, *held)) == plan_bytes(plan_of(answers, *turned))
    plan = plan_of(answers, *held)
    assert parse_plan(plan.as_json()) == plan


@given(situated())
def test_what_spares_is_firm_its_own_and_good_for_long_enough(given: Any) -> None:
    answers, held = given
    plan = plan_of(answers, *held)
    found = spares(plan)
    assert len({one.reference for one in found.values()}) == len(found)
    for name, one in found.items():
        assert one in {replace(paper, reference=masked(paper.reference)) for paper in held}
        assert one.type == HEALTH
        assert one.refusal is None
        assert one.level is HeldLevel.SEALED
        assert one.entry == GroupEntry(group="staff", number=int(name.rpartition("-")[2]))
        assert one.valid_until is None or one.valid_until >= plan.due.on + REST


@given(situated())
def test_whoever_could_be_spared_is_and_who_is_not_is_told_why(given: Any) -> None:
    answers, held = given
    plan = plan_of(answers, *held)
    used = {one.reference for one in spares(plan).values()}
    for step in plan.steps:
        if step.step_id != "health_cert":
            continue
        own = [one for one in held if one.entry == GroupEntry(group="staff", number=step.instance)]
        shown = [one for one in own if one.type == HEALTH]
        told = [one for one in step.reasons if one.kind is ReasonKind.NOT_HELD]
        assert bool(told) == bool(shown)
        for one in shown:
            is_good = one.refusal is None and one.level is HeldLevel.SEALED
            lasts = one.valid_until is None or one.valid_until >= plan.due.on + REST
            assert not (is_good and lasts) or one.reference in used


@given(situated())
def test_papers_make_nothing_longer_and_ask_for_nothing_more(given: Any) -> None:
    answers, held = given
    plain, plan = plan_of(answers), plan_of(answers, *held)
    assert plan.due.on <= plain.due.on
    assert {one.id for one in plan.steps} <= {one.id for one in plain.steps}
    assert {one.id for one in plan.form} <= {one.id for one in plain.form}
    assert {one.id for one in plan.missing} <= {one.id for one in plain.missing}
    assert [one.id for one in plan.materials] == [one.id for one in plain.materials]
    before, after = reduction(plain), reduction(plan)
    assert before is not None
    assert after is not None
    assert after.materials.after <= before.materials.after


def _fields_of(whose: HolderFields | None) -> tuple[str, ...]:
    return () if whose is None else tuple(filter(None, (whose.code, whose.name)))


@given(situated())
def test_the_material_is_there_whoever_yields_it(given: Any) -> None:
    answers, held = given
    plan = plan_of(answers, *held)
    taken = tuple(one.id for one in plan.steps if one.step_id == "health_cert")
    for one in plan.materials:
        if one.id == "m_health":
            assert one.yielded_by == taken
            assert one.spared_by == tuple(spares(plan).values())
            assert len(taken) + len(one.spared_by) == answers["staff_count"]
    staff = [field for field in plan.form if field.group == "staff"]
    numbers = tuple(one.instance for one in plan.steps if one.step_id == "health_cert")
    whose = {name for one in plan.skipped for name in _fields_of(one.whose)}
    everybody = tuple(range(1, answers["staff_count"] + 1))
    for field in staff:
        assert field.kept_entries == numbers
        assert field.asked_entries == (everybody if field.id in whose else numbers)
        assert bool(field.steps) == bool(numbers)


@given(situated())
def test_without_a_paper_that_counts_the_plan_says_at_most_why(given: Any) -> None:
    answers, held = given
    plain = plan_bytes(plan_of(answers))
    others = [one for one in held if one.type != HEALTH or one.entry is None]
    assert plan_bytes(plan_of(answers, *others)) == plain
    assert b'"entries"' not in plain
    assert b'"spared_by"' not in plain
    assert b'"held"' not in plain


@given(situated())
def test_a_plan_made_again_of_what_it_rests_on_spares_the_same(given: Any) -> None:
    answers, held = given
    plan = plan_of(answers, *held)
    again = plan_of(answers, *holdings_in(plan).certificates)
    assert spares(again) == spares(plan)
    assert [one.id for one in again.steps] == [one.id for one in plan.steps]


@given(situated())
def test_every_such_plan_can_be_shown(given: Any) -> None:
    answers, held = given
    plan = plan_of(answers, *held)
    for language in ("zh", "en"):
        told = explain_plan(plan, language=language)
        assert all(f"- {name}  " in told for name in spares(plan))
        assert to_mermaid(plan, language=language).count("]:::held") == bool(spares(plan))
        to_svg(plan, language=language)
