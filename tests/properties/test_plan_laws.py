"""The invariants of the domain page (section 9, 1 to 6), for answers nobody thought of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st

from oneservice.canonical import parse_object
from oneservice.catalog import (
    AnswerType,
    EffectiveThing,
    Item,
    Limit,
    LimitUnit,
    MaterialClass,
    MaterialSource,
    Situation,
    StepKind,
    bundled_catalog_dir,
    evaluate,
    load_catalog,
    normalise_answers,
    read_catalog,
)
from oneservice.errors import AnswersConflictError, DutyConflictError, DutyUnknownError
from oneservice.plan import (
    HeldCertificate,
    Holdings,
    Plan,
    PlannedStep,
    ReasonKind,
    build_plan,
    explain_plan,
    parse_plan,
    plan_bytes,
    plan_digest,
    reduction,
    sum_reductions,
    to_mermaid,
    to_svg,
)
from oneservice.workdays import national_calendar, provisional_due_working_day

ACCEPTED = date(2026, 9, 28)
CALENDAR = national_calendar()


SHAPES = Path(__file__).resolve().parents[2] / "docs" / "shapes"
REGIONS = ("990101", "990100", "980201", "110101001")


@cache
def things() -> tuple[EffectiveThing, ...]:
    """Return every one-thing in every region that has a file, and those of the guide's shapes."""
    bundled = load_catalog([bundled_catalog_dir()])
    regions = sorted({document.document.region for document in bundled.documents} | {"990101"})
    found = {
        (thing.thing.id, thing.digest): thing
        for region in regions
        for thing in bundled.things(region, ACCEPTED)
    }
    shapes, _ = read_catalog([SHAPES])
    whole = (*found.values(), *shapes.things("990101", ACCEPTED))
    return tuple(thing for thing in whole if names_all_units(thing))


def names_all_units(thing: EffectiveThing) -> bool:
    """Say whether the definition carries what its duty table names; no plan can do without."""
    duties = thing.thing.dispatch.duties if thing.thing.dispatch else ()
    return all(duty.item in thing.items and duty.department in thing.departments for duty in duties)


def values(question: Situation) -> st.SearchStrategy[Any]:
    match question.type:
        case AnswerType.BOOL:
            return st.booleans()
        case AnswerType.ENUM:
            return st.sampled_from([choice.value for choice in question.choices])
        case AnswerType.LIST:
            choices = st.sampled_from([one.value for one in question.choices])
            return st.lists(choices, unique=True, min_size=0 if question.default == () else 1)
        case AnswerType.REGION:
            return st.sampled_from(REGIONS)
        case AnswerType.DATE:
            earliest = question.earliest or date(2025, 1, 1)
            latest = question.latest or max(date(2027, 12, 31), earliest)
            return st.dates(earliest, latest).map(date.isoformat)
        case AnswerType.INT:
            low = int(question.minimum or 0)
            high = low + 4 if question.maximum is None else int(question.maximum)
            return st.integers(low, min(high, low + 12))
        case AnswerType.DECIMAL:
            low = int(question.minimum or 0)
            high = low + 2000 if question.maximum is None else int(question.maximum)
            quarters = st.integers(low * 4, min(high, low + 2000) * 4)
            return quarters.map(lambda count: Decimal(count) / 4)


def item_of(thing: EffectiveThing, step: PlannedStep) -> Item:
    """Return the item by which a step goes: that of the region that decides it."""
    if step.law is None or step.law.region is None:
        return thing.items[step.item]
    _, local = thing.definition_in(step.law.region)
    assert local is not None
    return local.items[step.item]


class Situated:
    """A definition and answers; a failing test shows the answers, not the whole definition."""

    def __init__(self, thing: EffectiveThing, answers: dict[str, Any]) -> None:
        self.thing, self.answers = thing, answers

    def __repr__(self) -> str:
        return f"{self.thing.thing.id} in {self.thing.region}: {self.answers}"

    def __iter__(self) -> Iterator[Any]:
        return iter((self.thing, self.answers))


@st.composite
def situated(draw: st.DrawFn) -> Situated:
    """Return a one-thing, and answers to all its questions that have no default, and to others."""
    thing = draw(st.sampled_from(things()))
    answers = {}
    for question in thing.thing.situations:
        if question.default is None or draw(st.booleans()):
            answers[question.id] = draw(values(question))
    return Situated(thing, answers)


def plan_of(given: Situated, *, on: date = ACCEPTED, holdings: Holdings | None = None) -> Plan:
    thing, answers = given
    event(thing.thing.id)
    try:
        return build_plan(thing, answers, on=on, calendar=CALENDAR, holdings=holdings or Holdings())
    except (AnswersConflictError, DutyConflictError, DutyUnknownError):
        event("contradiction")
        assume(False)
        raise


days_of_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(situated())
def test_1_the_active_graph_is_acyclic_and_whole(given: Situated) -> None:
    plan = plan_of(given)
    seen: set[str] = set()
    for step in plan.steps:
        assert set(step.requires) <= seen  # so there is no circle, and nothing inactive in it
        seen.add(step.id)
    assert len(seen) == len(plan.steps)
    assert all(set(step.attaches) <= seen for step in plan.steps)
    skipped = {step.step_id for step in plan.skipped}
    declared = {step.id for step in given.thing.thing.steps}
    assert {step.step_id for step in plan.steps} | skipped == declared
    assert not {step.step_id for step in plan.steps} & skipped


@given(situated())
def test_2_nothing_is_asked_twice_or_for_nobody_or_that_a_step_yields(given: Situated) -> None:
    plan = plan_of(given)
    active = {step.id for step in plan.steps}
    yielded = {
        material
        for step in plan.steps
        if (result := given.thing.items[step.item].result) is not None
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


@given(situated(), st.data())
def test_3_turning_an_answer_off_and_on_restores_the_plan(given: Situated, data) -> None:
    thing, answers = given
    plan = plan_of(given)
    assume(thing.thing.situations)
    question = data.draw(st.sampled_from(thing.thing.situations))
    changed = answers | {question.id: data.draw(values(question))}
    try:
        between = build_plan(thing, changed, on=ACCEPTED, calendar=CALENDAR)
    except (AnswersConflictError, DutyConflictError, DutyUnknownError):
        between = None
    again = plan_of(given)
    assert plan_bytes(again) == plan_bytes(plan)
    if between is not None:
        assert (between.digest == plan.digest) == (between.answers == plan.answers)


@given(situated(), st.data())
def test_3_hidden_answers_change_nothing(given: Situated, data) -> None:
    thing, answers = given
    plan = plan_of(given)
    facts = normalise_answers(thing, answers)
    for question in thing.thing.situations:
        rule = question.visible_when
        if rule is None or evaluate(thing.rules[rule], facts, path="test"):
            continue
        changed = answers | {question.id: data.draw(values(question))}
        assert plan_bytes(plan_of(Situated(thing, changed))) == plan_bytes(plan)
        asked = {spec.id for spec in thing.thing.fields if spec.answer == question.id}
        assert not asked & {field.id for field in plan.form}


@given(situated(), days_of_2026, st.randoms(use_true_random=False))
def test_4_a_plan_is_a_function_of_what_was_meant(given: Situated, on, random) -> None:
    """Neither the order of answers nor the spelling of a number changes a byte."""
    thing, answers = given
    plan = plan_of(given, on=on)
    data = plan_bytes(plan)
    assert plan.digest == plan_digest(plan.as_json())  # by the canonical way, not the short one
    names = list(answers)
    random.shuffle(names)
    spelled = {
        name: f"{answers[name]}0"
        if isinstance(answers[name], Decimal) and "." in str(answers[name])
        else answers[name]
        for name in names
    }
    assert plan_bytes(plan_of(Situated(thing, spelled), on=on)) == data
    again = parse_plan(parse_object(data))
    assert plan_bytes(again) == data


@st.composite
def with_other_promises(draw: st.DrawFn) -> Situated:
    """Return a situation in a place with promises that nobody gave."""
    thing, answers = draw(situated())
    limits = st.builds(Limit, days=st.integers(0, 30), unit=st.sampled_from(LimitUnit))
    items = {
        name: item.model_copy(update={"promised": draw(limits)})
        for name, item in thing.items.items()
    }
    return Situated(replace(thing, items=items), answers)


def started(plan: Plan) -> date:
    """Return the day from which offices work: of a batch, the day on which it closes."""
    return plan.on if plan.batch is None else max(plan.on, plan.batch.closes)


def naive_due(plan: Plan, name: str) -> tuple[date, bool]:
    """Work out a due day as one would by hand, from the last step back to the first."""
    step = next(step for step in plan.steps if step.id == name)
    before = [naive_due(plan, wait) for wait in step.requires]
    start, is_provisional = started(plan), False
    if before:
        start = max(day for day, _ in before)
        is_provisional = any(flag for _, flag in before)
    if step.kind is StepKind.EXTERNAL:
        return start, is_provisional
    if step.promised.unit is LimitUnit.NATURAL_DAYS:
        return start + timedelta(days=step.promised.days), is_provisional
    due, guessed = provisional_due_working_day(CALENDAR, start, step.promised.days)
    return due, guessed or is_provisional


@given(with_other_promises(), days_of_2026)
def test_5_days_follow_from_requirements_and_the_promise_is_the_latest(given, on) -> None:
    plan = plan_of(given, on=on)
    steps = {step.id: step for step in plan.steps}
    for step in plan.steps:
        assert (step.due.on, step.due.is_provisional) == naive_due(plan, step.id)
    later = set()
    for step in plan.steps:
        if step.kind is StepKind.FOLLOW_UP or later & set(step.requires):
            later.add(step.id)
    promised = {name: step for name, step in steps.items() if name not in later}
    assert plan.due.on == max((step.due.on for step in promised.values()), default=on)
    if plan.expected is not None:
        assert plan.expected.on >= plan.due.on
    if not promised:
        return
    path = [steps[name] for name in plan.critical_path]
    assert path[0].starts_on == started(plan)
    assert path[-1].due.on == plan.due.on
    for before, after in pairwise(path):
        assert before.id in after.requires
        assert before.due.on == after.starts_on
    assert all(step.is_critical for step in path)
    ours = [step for step in path if step.kind is not StepKind.EXTERNAL]
    if all(step.promised.unit is LimitUnit.WORKING_DAYS for step in ours):
        assert plan.promised_working_days == sum(step.promised.days for step in ours)


@given(situated(), days_of_2026)
def test_5_promises_keep_the_law(given: Situated, on) -> None:
    plan = plan_of(given, on=on)
    for step in plan.steps:
        if step.statutory_due is not None and step.kind is not StepKind.EXTERNAL:
            assert step.due.on <= step.statutory_due.on
    assert plan.due.on <= plan.joint_cap_due.on
    assert plan.joint_cap_extended_due is not None
    assert plan.joint_cap_due.on < plan.joint_cap_extended_due.on


@given(with_other_promises(), st.data())
def test_6_a_longer_limit_never_ends_anything_earlier(given: Situated, data) -> None:
    thing, answers = given
    name = data.draw(st.sampled_from(sorted(thing.items)))
    item = thing.items[name]
    longer = Limit(days=item.promised.days + data.draw(st.integers(1, 5)), unit=item.promised.unit)
    later = replace(
        thing, items={**thing.items, name: item.model_copy(update={"promised": longer})}
    )
    first, second = plan_of(given), plan_of(Situated(later, answers))
    for before, after in zip(first.steps, second.steps, strict=True):
        assert before.id == after.id
        assert before.due.on <= after.due.on
    assert first.due.on <= second.due.on


@given(with_other_promises(), days_of_2026)
def test_one_visit_falls_on_a_day_of_each_of_its_steps(given: Situated, on) -> None:
    plan = plan_of(given, on=on)
    steps = {step.id: step for step in plan.steps}
    seen = [name for visit in plan.appointments for name in visit.steps]
    assert sorted(seen) == sorted(plan.joint_inspection)
    for visit in plan.appointments:
        assert visit.earliest <= visit.latest
        for name in visit.steps:
            assert steps[name].starts_on <= visit.earliest
            assert visit.latest <= steps[name].due.on


@given(with_other_promises(), days_of_2026)
def test_what_may_follow_comes_two_working_days_before_the_promise(given: Situated, on) -> None:
    plan = plan_of(given, on=on)
    minor = {one.id for one in plan.missing if one.importance is MaterialClass.MINOR}
    for step in plan.steps:
        track = step.tolerance
        if track is None:
            continue
        published = item_of(given.thing, step).tolerance
        assert published is not None
        assert set(track.materials) <= minor & set(published.materials) & set(step.materials)
        assert 1 <= track.working_days <= published.max_working_days
        latest, _ = provisional_due_working_day(CALENDAR, track.until.on, 2)
        assert latest <= step.due.on
    bad = replace(Holdings(), has_bad_credit=True)
    try:
        without = build_plan(given.thing, given.answers, on=on, calendar=CALENDAR, holdings=bad)
    except AnswersConflictError:
        return  # an answer chose a track that is closed
    assert not [step for step in without.steps if step.tolerance or step.commitment]


@given(situated())
def test_journeys_and_sums_are_those_of_the_steps(given: Situated) -> None:
    plan = plan_of(given)
    if plan.trip_count == 0:
        assert all(step.needs_no_visit or not step.channels for step in plan.steps)
    for step in plan.steps:
        if step.channel is not None and step.channel.visits:
            assert sum(step.id in trip.steps for trip in plan.trips) == 1
        closed = [one for one in step.channels if not one.is_open]
        assert all(one.reasons for one in closed)
        assert (step.within is None) == (step.within not in {one.id for one in plan.steps})
    total = sum((Decimal(fee.amount) for step in plan.steps for fee in step.fees), Decimal(0))
    assert sum((Decimal(one.amount) for one in plan.fees), Decimal(0)) == total


@given(situated(), st.data())
def test_what_one_holds_need_not_be_brought(given: Situated, data) -> None:
    types = sorted({name for spec in given.thing.thing.materials for name in spec.accepts})
    assume(types)
    held = data.draw(
        st.lists(
            st.builds(
                HeldCertificate,
                type=st.sampled_from(types),
                reference=st.sampled_from(["c1", "c2"]),
                valid_until=st.none() | st.dates(date(2026, 9, 1), date(2027, 3, 1)),
            ),
            max_size=4,
        )
    )
    bare = plan_of(given)
    plan = plan_of(given, holdings=Holdings(certificates=tuple(held)))
    turned = plan_of(given, holdings=Holdings(certificates=tuple(reversed(held))))
    assert plan_bytes(turned) == plan_bytes(plan)
    steps = {step.id: step for step in plan.steps}
    for before, after in zip(bare.materials, plan.materials, strict=True):
        assert before.id == after.id
        assert before.must_bring or not after.must_bring
        if after.held is not None:
            assert not after.yielded_by
            last = max(steps[name].due.on for name in after.steps)
            assert after.held.valid_until is None or after.held.valid_until >= last
            assert any(reason.kind is ReasonKind.HELD for reason in after.reasons)


@given(situated())
def test_every_plan_can_be_shown_and_summed_up(given: Situated) -> None:
    plan = plan_of(given)
    assert all(step.reasons for step in plan.steps)
    assert all(part.reasons for part in (*plan.form, *plan.materials, *plan.skipped))
    assert to_svg(plan).endswith("</svg>\n")
    assert to_mermaid(plan).startswith("flowchart LR")
    assert explain_plan(plan)
    assert explain_plan(plan, language="zh")
    saved = reduction(plan)
    assert (saved is None) == (plan.before is None)
    if saved is not None:
        assert saved.fields.after >= 0
        twice = sum_reductions([saved, saved])
        assert twice is not None
        assert twice.cases == 2
        assert twice.fields.saved_percent == saved.fields.saved_percent
