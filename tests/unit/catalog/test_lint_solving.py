"""The search over answers against a plain try of many answers, and where it is cut off."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import AnswerType, Contradiction, Situation, parse_rule, truth
from oneservice.catalog.lint.domains import MAX_SUBSETS, domains_of
from oneservice.catalog.lint.solving import Space

TEXT = {"zh": "问", "en": "Question"}


def question(name: str, kind: str, **more: Any) -> Situation:
    return Situation.model_validate({"id": name, "question": TEXT, "type": kind, **more})


def contradiction(when: str) -> Contradiction:
    return Contradiction.model_validate({"when": when, "text": TEXT})


def choices(*values: str) -> list[dict[str, Any]]:
    return [{"value": value, "title": TEXT} for value in values]


GRID: dict[str, list[Any]] = {
    "b": [False, True],
    "c": [False, True],
    "e": ["x", "y", "z"],
    "n": list(range(-1, 7)),
    "m": list(range(-1, 7)),
    "d": [Decimal(half) / 2 for half in range(-1, 13)],
}
QUESTIONS = (
    question("b", "bool"),
    question("e", "enum", choices=choices("x", "y", "z")),
    question("n", "int", minimum=-1, maximum=6),
    question("m", "int", minimum=-1, maximum=6),
    question("d", "decimal", minimum=-0.5, maximum=6),
    question("c", "bool", visible_when='b || e == "z"', default=False),
)
ATOMS = st.sampled_from(
    [
        "b",
        "c",
        'e == "x"',
        'e in ["y", "z"]',
        "n > 2",
        "n <= 4",
        "m == 3",
        "n == m",
        "n < m",
        "d >= 1.5",
        "d < n",
        "d == 3",
        "d > 5.5",
    ]
)


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(parts, st.sampled_from(["&&", "||"]), parts)
    return pairs.map(lambda pair: f"({pair[0]} {pair[1]} {pair[2]})") | parts.map(
        lambda part: f"!({part})"
    )


RULES = st.recursive(ATOMS, _joined, max_leaves=5)


def _answers(rules: list[str]) -> Any:
    """Yield all answers of the grid to the questions that matter for ``rules``."""
    names = {name for rule in rules for name in parse_rule(rule).names}
    names |= {"b", "e"} if "c" in names else set()
    asked = [each for each in QUESTIONS if each.id in names]
    for values in itertools.product(*(GRID[each.id] for each in asked)):
        facts = dict(zip([each.id for each in asked], values, strict=True))
        hides = "c" in facts and not (facts["b"] or facts["e"] == "z")
        if not hides or facts["c"] is False:
            yield facts


@settings(max_examples=150, deadline=None)
@given(rule=RULES, limit=RULES, wanted=st.booleans())
def test_what_is_found_holds_and_what_is_not_found_does_not_exist(
    rule: str, limit: str, *, wanted: bool
) -> None:
    space = Space(QUESTIONS, (contradiction(limit),))
    found = space.find((rule, wanted))
    parsed, forbidden = parse_rule(rule), parse_rule(limit)
    if found is not None:
        assert truth(parsed, found) is wanted
        assert truth(forbidden, found) is not True
        assert truth(parse_rule("n >= -1 && n <= 6"), found) in {True, None}
        return
    for facts in _answers([rule, limit]):
        fits = truth(parsed, facts) is wanted and truth(forbidden, facts) is not True
        assert not fits, facts


def test_the_same_question_is_searched_once() -> None:
    space = Space(QUESTIONS, ())
    assert space.find(("n > 2", True), ("b", True)) is space.find(("b", True), ("n > 2", True))


@pytest.mark.parametrize(
    ("rule", "can_hold"),
    [
        ("n > 2 && n < 3", False),
        ("d > 2 && d < 3", True),
        ("n < m && m < d && d <= 0", False),
        ("n < m && m < d && d <= 1.5", True),
        ("n != 3 && n > 2 && n < 4", False),
        ("c && !b && e != 'z'", False),
    ],
)
def test_gaps_between_numbers_are_seen(rule: str, *, can_hold: bool) -> None:
    assert (Space(QUESTIONS, ()).find((rule, True)) is not None) is can_hold


def test_days_regions_and_lists_are_tried_too() -> None:
    asked = (
        question("day", "date", earliest="2026-01-01", latest="2026-12-31"),
        question("until", "date", latest="2026-03-01"),
        question("home", "region"),
        question("work", "region"),
        question("needs", "list", choices=choices("gas", "water", "net", "power")),
    )
    space = Space(asked, ())
    can = {
        'day > "2026-06-30" && day < "2026-07-02"': True,
        'day < "2026-01-01"': False,
        "day < until": True,
        'until < day && until > "2026-03-01"': False,
        'home != work && home != "110000" && work != "110000"': True,
        'home == work && home == "110000" && work != "110000"': False,
        '"gas" in needs && size(needs) > 3': True,
        '"gas" in needs && size(needs) > 4': False,
        'size(needs) == 0 && "net" in needs': False,
        'needs.all(x, x != "gas") && size(needs) == 3': True,
        'needs.all(x, x != "gas") && size(needs) == 4': False,
    }
    assert {rule: space.find((rule, True)) is not None for rule in can} == can


def test_lists_of_many_choices_are_bounded() -> None:
    asked = question("needs", "list", choices=choices(*(f"v{n}" for n in range(20))))
    named = parse_rule(" || ".join(f'"v{n}" in needs' for n in range(20)))
    assert len(domains_of([asked], [named])["needs"]) <= MAX_SUBSETS


def pigeons(count: int, holes: int) -> Space:
    """Each of ``count`` questions must be answered otherwise than all others."""
    values = choices(*(f"v{n}" for n in range(holes)))
    asked = tuple(question(f"q{n}", "enum", choices=values) for n in range(count))
    pairs = itertools.combinations([each.id for each in asked], 2)
    return Space(asked, tuple(contradiction(f"{one} == {other}") for one, other in pairs))


def test_too_many_answers_are_told_not_guessed() -> None:
    """More pigeons than holes: impossible, and long to find out by trying."""
    small, large = pigeons(5, 4), pigeons(12, 11)
    goal = ('q0 == "v0"', True)
    assert small.find(goal) is None
    assert small.unproven == 0
    assert large.find(goal) is None
    assert large.is_unproven(goal)
    assert large.unproven == 1


def test_what_a_cut_off_search_finds_by_chance_is_found() -> None:
    assert pigeons(11, 11).find(('q0 == "v0"', True)) is not None


def test_a_hidden_answer_leaves_its_rule_open() -> None:
    asked = (question("b", "bool"), question("n", "int", visible_when="b"))
    space = Space(asked, ())
    assert space.find(("b", False), ("n > 0", None), hides="n") == {"b": False}
    assert space.find(("b", True), ("n > 0", None), hides="n") is None
    assert space.find(("n > 0", True)) == {"b": True, "n": 1}


def test_every_type_of_answer_has_a_domain() -> None:
    for kind in AnswerType:
        asked = question("q", kind.value, choices=choices("x"))
        assert domains_of([asked], [])["q"]
