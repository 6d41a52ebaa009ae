"""Asking: what is on the page, what comes next, what is left out; and the plan stays the same."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from oneservice.catalog import (
    AnswerType,
    Catalog,
    EffectiveThing,
    Situation,
    bundled_catalog_dir,
    conflicts_so_far,
    load_answers,
    load_catalog,
    next_question,
    normalise_answers,
    problems_so_far,
    purge,
    read_catalog,
    visible_questions,
)
from oneservice.errors import AnswersConflictError, AnswersInvalidError
from oneservice.plan import build_plan
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 9, 28)
ROOT = Path(__file__).resolve().parents[3]
RESTAURANT = load_catalog(
    [
        bundled_catalog_dir() / "national" / "restaurant.yaml",
        bundled_catalog_dir() / "national" / "departments.yaml",
        bundled_catalog_dir() / "990100" / "restaurant.yaml",
    ]
).thing("restaurant", region="990101", on=DAY)
READ, FINDINGS = read_catalog(ROOT / "docs" / "shapes")
assert READ is not None, FINDINGS
MOVING = READ.thing("move_house", region="990101", on=DAY)
LAMP = READ.thing("street_lamp", region="990101", on=DAY)


def some_answer(question: Situation) -> st.SearchStrategy[Any]:
    match question.type:
        case AnswerType.BOOL:
            return st.booleans()
        case AnswerType.ENUM:
            return st.sampled_from([choice.value for choice in question.choices])
        case AnswerType.LIST:
            values = [choice.value for choice in question.choices]
            least = 0 if question.default == () else 1
            return st.lists(st.sampled_from(values), min_size=least)
        case AnswerType.REGION:
            return st.sampled_from(["990101", "980201", "110105"])
        case AnswerType.DATE:
            low_day = question.earliest or date(2026, 1, 1)
            high_day = question.latest or max(date(2027, 1, 1), low_day)
            return st.dates(min(low_day, high_day), high_day).map(date.isoformat)
        case AnswerType.INT:
            low, high = int(question.minimum or 0), int(question.maximum or 30)
            return st.integers(low, max(low, min(high, 30)))
        case AnswerType.DECIMAL:
            low, high = int(question.minimum or 0), int(question.maximum or 30)
            return st.sampled_from([max(low, min(high, area)) for area in (0, 150, 299, 300, 9999)])


def answers_to(effective: EffectiveThing) -> st.SearchStrategy[dict[str, Any]]:
    questions = effective.thing.situations
    return st.fixed_dictionaries({}, optional={each.id: some_answer(each) for each in questions})


def full_answers(effective: EffectiveThing) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {each.id: some_answer(each) for each in effective.thing.situations}
    )


SLOW = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BOTH = pytest.mark.parametrize("effective", [RESTAURANT, MOVING], ids=["restaurant", "moving"])
BUNDLED = load_catalog(bundled_catalog_dir())
PUBLISHED = {
    f"{each.thing.id}-{region}": each
    for region in sorted({each.region for each in BUNDLED.documents})
    for each in BUNDLED.things(region, DAY)
}


def test_nothing_chosen_is_an_answer_only_where_it_is_the_default() -> None:
    effective = PUBLISHED["utilities-990100"]
    asked = {each.id: each for each in effective.thing.situations}
    problems = problems_so_far(effective, {"supplies": [], "crossings": []})
    assert problems == {"supplies": "choose at least one of: power, water, gas, network"}
    assert next_question(effective, {"supplies": []}) == asked["supplies"], "asked again"


@pytest.mark.parametrize("effective", PUBLISHED.values(), ids=PUBLISHED)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_every_published_one_thing_can_be_asked_through(
    effective: EffectiveThing, data: st.DataObject
) -> None:
    answers: dict[str, Any] = {}
    while (question := next_question(effective, answers)) is not None:
        assert question.id not in answers
        answers[question.id] = data.draw(some_answer(question), label=question.id)
    if conflicts_so_far(effective, answers):
        return
    facts = normalise_answers(effective, answers)
    kept = purge(effective, answers)
    assert normalise_answers(effective, kept) == facts
    assert next_question(effective, kept) is None


@BOTH
@SLOW
@given(data=st.data())
def test_when_nothing_is_left_to_ask_the_answers_are_enough(
    effective: EffectiveThing, data: st.DataObject
) -> None:
    """Answer what is asked, one after the other: never twice, and never in vain."""
    answers: dict[str, Any] = {}
    for _ in range(len(effective.thing.situations) + 1):
        question = next_question(effective, answers)
        if question is None:
            break
        assert question.id not in answers
        assert question in visible_questions(effective, answers)
        answers[question.id] = data.draw(some_answer(question), label=question.id)
    else:
        pytest.fail("more questions than there are")
    if conflicts_so_far(effective, answers):
        with pytest.raises(AnswersConflictError):
            normalise_answers(effective, answers)
    else:
        assert normalise_answers(effective, answers)


@SLOW
@given(data=st.data())
def test_an_answer_that_was_not_asked_for_changes_nothing_of_the_plan(data: st.DataObject) -> None:
    answers: dict[str, Any] = {}
    while (question := next_question(RESTAURANT, answers)) is not None:
        answers[question.id] = data.draw(some_answer(question), label=question.id)
    assume(not conflicts_so_far(RESTAURANT, answers))
    skipped = [each for each in visible_questions(RESTAURANT, answers) if each.id not in answers]
    more = {each.id: data.draw(some_answer(each), label=each.id) for each in skipped}
    first, second = planned(RESTAURANT, answers), planned(RESTAURANT, answers | more)
    assert first is not None
    assert second is not None
    assert without_reasons(first) == without_reasons(second)


def without_reasons(plan: dict[str, Any]) -> dict[str, Any]:
    """Leave out answers, and reasons: of two that suffice, both are named when both are known."""
    return {
        part: [
            {name: value for name, value in each.items() if name not in {"reasons", "value"}}
            for each in plan[part]
        ]
        for part in ("steps", "materials", "form")
    } | {"due": plan["due"]}


def planned(effective: EffectiveThing, answers: dict[str, Any]) -> dict[str, Any] | None:
    try:
        calendar = announced_calendar()
        return build_plan(effective, answers, on=DAY, calendar=calendar).as_json()
    except (AnswersConflictError, AnswersInvalidError):
        return None


@SLOW
@given(answers=full_answers(RESTAURANT), data=st.data())
def test_turning_an_answer_off_and_on_restores_the_plan(
    answers: dict[str, Any], data: st.DataObject
) -> None:
    before = planned(RESTAURANT, answers)
    name = data.draw(st.sampled_from(sorted(answers)))
    question = next(each for each in RESTAURANT.thing.situations if each.id == name)
    other = dict(answers, **{name: data.draw(some_answer(question))})
    planned(RESTAURANT, other)
    assert planned(RESTAURANT, dict(other, **{name: answers[name]})) == before


@BOTH
@SLOW
@given(data=st.data())
def test_purged_answers_give_the_same_plan_and_hold_nothing_hidden(
    effective: EffectiveThing, data: st.DataObject
) -> None:
    answers = data.draw(answers_to(effective))
    kept = purge(effective, answers)
    shown = [each.id for each in visible_questions(effective, answers)]
    assert list(kept) == [name for name in shown if name in answers]
    assert purge(effective, kept) == kept
    assert visible_questions(effective, kept) == visible_questions(effective, answers)
    if effective is RESTAURANT:
        assert planned(effective, kept) == planned(effective, answers)


@BOTH
@SLOW
@given(data=st.data())
def test_a_conflict_that_is_told_stays_one(effective: EffectiveThing, data: st.DataObject) -> None:
    answers = data.draw(full_answers(effective))
    some = data.draw(st.sets(st.sampled_from(sorted(answers))))
    told = conflicts_so_far(effective, {name: answers[name] for name in some})
    assert set(told) <= set(conflicts_so_far(effective, answers))


class TestTheRestaurant:
    def test_the_first_question_of_all(self) -> None:
        first = next_question(RESTAURANT, {})
        assert first is not None
        assert first.id == RESTAURANT.thing.situations[0].id

    def test_the_bundled_example_leaves_little_to_ask(self) -> None:
        example = load_answers(ROOT / "examples" / "noodle-shop.yaml")
        assert problems_so_far(RESTAURANT, example.answers) == {}
        assert conflicts_so_far(RESTAURANT, example.answers) == ()
        assert purge(RESTAURANT, example.answers).items() <= example.answers.items()

    def test_a_hidden_answer_goes_and_comes_back(self) -> None:
        off = {"renovated": False, "renovated_area": 80}
        assert purge(RESTAURANT, off) == {"renovated": False}
        assert purge(RESTAURANT, off | {"renovated": True}) == off | {"renovated": True}

    def test_a_wrong_answer_is_told_and_asked_again(self) -> None:
        wrong = {"has_licence": "perhaps"}
        assert problems_so_far(RESTAURANT, wrong) == {"has_licence": "answer true or false"}
        again = next_question(RESTAURANT, wrong)
        assert again is not None
        assert again.id == "has_licence"

    def test_a_stranger_is_no_question(self) -> None:
        assert purge(RESTAURANT, {"colour": "red"}) == {}


def test_a_contradiction_is_told_as_soon_as_it_is_certain(
    make_catalog: Callable[..., Catalog], base: str
) -> None:
    shop = make_catalog(base=base).thing("shop", region="990101", on=DAY)
    assert conflicts_so_far(shop, {"kind": "small"}) == ()
    (found,) = conflicts_so_far(shop, {"kind": "small", "area": 501})
    assert found.questions == ("kind", "area")
    assert found.text.zh == "小店没有这么大"


def test_a_question_waits_for_the_one_it_hangs_on(
    make_catalog: Callable[..., Catalog], base: str
) -> None:
    shop = make_catalog(base=base).thing("shop", region="990101", on=DAY)
    asked = []
    answers: dict[str, Any] = {}
    replies = {"area": 30, "kind": "large", "open_late": True, "helpers": 2}
    while (question := next_question(shop, answers)) is not None:
        asked.append(question.id)
        answers[question.id] = replies[question.id]
    assert asked == ["area", "kind", "open_late", "helpers"]
    asked.clear()
    answers = {"area": 10, "kind": "large"}
    # Too small to be asked about the night, and nothing is left that repeats over helpers.
    assert next_question(shop, answers) is None


def test_of_a_report_everything_is_asked_that_the_duty_table_reads() -> None:
    replies = {"trouble": "dark", "place": "park", "where": "990101"}
    answers: dict[str, Any] = {}
    for name, reply in replies.items():
        question = next_question(LAMP, answers)
        assert question is not None
        assert question.id == name
        answers[name] = reply
    assert next_question(LAMP, answers) is None


@pytest.mark.parametrize(
    ("name", "given_", "read"),
    [
        ("supplies", ["meter", "water", "meter"], ("water", "meter")),
        ("moved_on", "2026-06-01", "2026-06-01"),
        ("moved_on", date(2026, 6, 1), "2026-06-01"),
        ("new_home", "990101", "990101"),
    ],
)
def test_new_types_of_answers_are_read(name: str, given_: Any, read: Any) -> None:
    answers = {"new_home": "990101", "moved_on": "2026-07-01", name: given_}
    assert normalise_answers(MOVING, answers)[name] == read


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        (
            "supplies",
            "water",
            "choose one or several of: water, meter; write them as [water, meter]",
        ),
        ("supplies", ["wine"], "choose one of: water, meter"),
        ("supplies", [["water"]], "choose one of: water, meter"),
        ("moved_on", "2026-13-01", "a day is due"),
        ("moved_on", "1.6.2026", "a day is due"),
        ("moved_on", 20260601, "a day is due"),
        ("moved_on", "2025-12-31", "the day is out of range: not before 2026-01-01"),
        ("new_home", 990101, "a region code of 6, 9 or 12 digits is due"),
        ("new_home", "99", "a region code of 6, 9 or 12 digits is due"),
    ],
)
def test_new_types_of_answers_are_checked(name: str, wrong: Any, words: str) -> None:
    answers = {"new_home": "990101", "moved_on": "2026-07-01", name: wrong}
    with pytest.raises(AnswersInvalidError) as caught:
        normalise_answers(MOVING, answers)
    assert words in caught.value.problems[name]
    assert words in problems_so_far(MOVING, answers)[name]


def test_every_order_of_answers_ends_in_the_same_place() -> None:
    answers = {"new_home": "990101", "moved_on": "2026-07-01", "cars": 1, "commits": True}
    ends = {
        str(next_question(MOVING, dict(order))) for order in itertools.permutations(answers.items())
    }
    assert len(ends) == 1
