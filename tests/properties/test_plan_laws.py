"""The invariants of the domain page (section 9, 1 to 6), for answers nobody thought of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st

from oneservice.canonical import parse_object
from oneservice.catalog import (
    AnswerType,
    EffectiveThing,
    Limit,
    LimitUnit,
    MaterialSource,
    Situation,
    StepKind,
    bundled_catalog_dir,
    evaluate,
    load_catalog,
)
from oneservice.errors import AnswersConflictError
from oneservice.plan import Plan, build_plan, parse_plan, plan_bytes, reduction, to_mermaid, to_svg
from oneservice.workdays import national_calendar, provisional_due_working_day

ACCEPTED = date(2026, 9, 28)
CALENDAR = national_calendar()


@cache
def restaurant() -> EffectiveThing:
    catalog = load_catalog([bundled_catalog_dir()])
    return catalog.thing("restaurant", region="990101", on=ACCEPTED)


def values(question: Situation) -> st.SearchStrategy[Any]:
    match question.type:
        case AnswerType.BOOL:
            return st.booleans()
        case AnswerType.ENUM:
            return st.sampled_from([choice.value for choice in question.choices])
        case AnswerType.INT:
            return st.integers(int(question.minimum or 0), 12)
        case AnswerType.DECIMAL:
            low = int(question.minimum or 0)
            return st.integers(low * 4, 2000).map(lambda quarters: Decimal(quarters) / 4)


@st.composite
def raw_answers(draw: st.DrawFn) -> dict[str, Any]:
    """Return answers to all questions that have no default, and to some of the others."""
    answers = {}
    for question in restaurant().thing.situations:
        if question.default is None or draw(st.booleans()):
            answers[question.id] = draw(values(question))
    return answers


def plan_of(answers: dict[str, Any], *, on: date = ACCEPTED) -> Plan:
    try:
        return build_plan(restaurant(), answers, on=on, calendar=CALENDAR)
    except AnswersConflictError:
        event("contradiction")
        assume(False)
        raise


days_of_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(raw_answers())
def test_1_the_active_graph_is_acyclic_and_whole(answers: dict[str, Any]) -> None:
    plan = plan_of(answers)
    seen: set[str] = set()
    for step in plan.steps:
        assert set(step.requires) <= seen  # so there is no circle, and nothing inactive in it
        seen.add(step.id)
    assert len(seen) == len(plan.steps)
    assert all(set(step.attaches) <= seen for step in plan.steps)
    skipped = {step.step_id for step in plan.skipped}
    declared = {step.id for step in restaurant().thing.steps}
    assert {step.step_id for step in plan.steps} | skipped == declared
    assert not {step.step_id for step in plan.steps} & skipped


@given(raw_answers())
def test_2_nothing_is_asked_twice_or_for_nobody_or_that_a_step_yields(answers) -> None:
    plan = plan_of(answers)
    active = {step.id for step in plan.steps}
    results = {step.step_id for step in plan.steps}
    yielded = {
        material
        for step in restaurant().thing.steps
        if step.id in results and (result := restaurant().items[step.item].result) is not None
        for material in result.yields
    }
    for parts in (plan.form, plan.materials):
        assert len({part.id for part in parts}) == len(parts)
        for part in parts:
            assert part.steps
            assert set(part.steps) <= active
            assert len(set(part.steps)) == len(part.steps)
    for material in plan.materials:
        assert set(material.yielded_by) <= active
        assert not set(material.yielded_by) & set(material.steps)
        assert bool(material.yielded_by) == (
            material.id in yielded or material.source is MaterialSource.STEP
        )
        assert not (material.yielded_by and material.must_bring)
    for field in plan.form:
        assert (field.instances > 0) == (field.group is not None)


@given(raw_answers(), st.data())
def test_3_turning_an_answer_off_and_on_restores_the_plan(answers, data) -> None:
    plan = plan_of(answers)
    question = data.draw(st.sampled_from(restaurant().thing.situations))
    changed = answers | {question.id: data.draw(values(question))}
    try:
        between = build_plan(restaurant(), changed, on=ACCEPTED, calendar=CALENDAR)
    except AnswersConflictError:
        between = None
    again = plan_of(answers)
    assert plan_bytes(again) == plan_bytes(plan)
    if between is not None:
        assert (between.digest == plan.digest) == (between.answers == plan.answers)


@given(raw_answers(), st.data())
def test_3_hidden_answers_change_nothing(answers, data) -> None:
    plan = plan_of(answers)
    facts = {
        name: Decimal(value) if isinstance(value, str) and value[:1].isdigit() else value
        for name, value in plan.answers.items()
    }
    for question in restaurant().thing.situations:
        rule = question.visible_when
        if rule is None or evaluate(restaurant().rules[rule], facts, path="test"):
            continue
        changed = answers | {question.id: data.draw(values(question))}
        assert plan_bytes(plan_of(changed)) == plan_bytes(plan)
        asked = {spec.id for spec in restaurant().thing.fields if spec.answer == question.id}
        assert not asked & {field.id for field in plan.form}


@given(raw_answers(), days_of_2026, st.randoms(use_true_random=False))
def test_4_a_plan_is_a_function_of_what_was_meant(answers, on, random) -> None:
    """Neither the order of answers nor the spelling of a number changes a byte."""
    data = plan_bytes(plan_of(answers, on=on))
    names = list(answers)
    random.shuffle(names)
    spelled = {
        name: f"{answers[name]}0" if "." in str(answers[name]) else answers[name] for name in names
    }
    assert plan_bytes(plan_of(spelled, on=on)) == data
    again = parse_plan(parse_object(data))
    assert plan_bytes(again) == data


@st.composite
def restaurants(draw: st.DrawFn) -> EffectiveThing:
    """Return the restaurant with promises that no city gave."""
    limits = st.builds(Limit, days=st.integers(0, 30), unit=st.sampled_from(LimitUnit))
    items = {
        name: item.model_copy(update={"promised": draw(limits)})
        for name, item in restaurant().items.items()
    }
    return replace(restaurant(), items=items)


def naive_due(plan: Plan, name: str) -> tuple[date, bool]:
    """Work out a due day as one would by hand, from the last step back to the first."""
    step = next(step for step in plan.steps if step.id == name)
    before = [naive_due(plan, wait) for wait in step.requires]
    start, is_provisional = plan.on, False
    if before:
        start = max(day for day, _ in before)
        is_provisional = any(flag for _, flag in before)
    if step.promised.unit is LimitUnit.NATURAL_DAYS:
        return start + timedelta(days=step.promised.days), is_provisional
    due, guessed = provisional_due_working_day(CALENDAR, start, step.promised.days)
    return due, guessed or is_provisional


@given(restaurants(), raw_answers(), days_of_2026)
def test_5_days_follow_from_requirements_and_the_promise_is_the_latest(thing, answers, on) -> None:
    try:
        plan = build_plan(thing, answers, on=on, calendar=CALENDAR)
    except AnswersConflictError:
        assume(False)
        raise
    steps = {step.id: step for step in plan.steps}
    for step in plan.steps:
        assert (step.due.on, step.due.is_provisional) == naive_due(plan, step.id)
    promised = {name: step for name, step in steps.items() if step.kind is not StepKind.FOLLOW_UP}
    assert plan.due.on == max(step.due.on for step in promised.values())
    path = [steps[name] for name in plan.critical_path]
    assert path[0].starts_on == on
    assert path[-1].due.on == plan.due.on
    for before, after in pairwise(path):
        assert before.id in after.requires
        assert before.due.on == after.starts_on
    assert all(step.is_critical for step in path)
    if all(step.promised.unit is LimitUnit.WORKING_DAYS for step in path):
        assert plan.promised_working_days == sum(step.promised.days for step in path)


@given(raw_answers(), days_of_2026)
def test_5_promises_keep_the_law(answers, on) -> None:
    plan = plan_of(answers, on=on)
    for step in plan.steps:
        if step.statutory_due is not None:
            assert step.due.on <= step.statutory_due.on
    assert plan.due.on <= plan.joint_cap_due.on


@given(restaurants(), raw_answers(), st.data())
def test_6_a_longer_limit_never_ends_anything_earlier(thing, answers, data) -> None:
    name = data.draw(st.sampled_from(sorted(thing.items)))
    item = thing.items[name]
    longer = Limit(days=item.promised.days + data.draw(st.integers(1, 5)), unit=item.promised.unit)
    later = replace(
        thing, items={**thing.items, name: item.model_copy(update={"promised": longer})}
    )
    try:
        first = build_plan(thing, answers, on=ACCEPTED, calendar=CALENDAR)
    except AnswersConflictError:
        assume(False)
        raise
    second = build_plan(later, answers, on=ACCEPTED, calendar=CALENDAR)
    for before, after in zip(first.steps, second.steps, strict=True):
        assert before.id == after.id
        assert before.due.on <= after.due.on
    assert first.due.on <= second.due.on


@given(raw_answers())
def test_every_plan_can_be_shown_and_summed_up(answers) -> None:
    plan = plan_of(answers)
    assert all(step.reasons for step in plan.steps)
    assert all(part.reasons for part in (*plan.form, *plan.materials, *plan.skipped))
    assert to_svg(plan).endswith("</svg>\n")
    assert to_mermaid(plan).startswith("flowchart LR")
    saved = reduction(plan)
    assert saved is not None
    assert 0 < saved.fields.after <= saved.fields.before
