"""Rules: what is CEL and what is not, types, three-valued truth, and explanations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from oneservice.catalog import (
    ValueType,
    check_rule,
    evaluate,
    explain,
    parse_rule,
    truth,
)
from oneservice.catalog.rules import MAX_DEPTH, MAX_LENGTH, Kind
from oneservice.errors import RuleEvaluationError, RuleSyntaxError, RuleTypeError

DECLARED = {
    "area": ValueType(Kind.NUMBER),
    "seats": ValueType(Kind.NUMBER),
    "entertainment": ValueType(Kind.BOOL),
    "new_sign": ValueType(Kind.BOOL),
    "track": ValueType(Kind.TEXT, ("commitment", "ordinary")),
    "size_class": ValueType(Kind.TEXT, ("small", "large")),
    "kinds": ValueType(Kind.LIST, element=ValueType(Kind.TEXT)),
    "counts": ValueType(Kind.LIST, element=ValueType(Kind.NUMBER)),
}


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        ("", 0, "is due here"),
        ("area >=", 7, "is due here"),
        ("area = 3", 5, "write '=='"),
        ("area & new_sign", 5, "write '&&'"),
        ("area | new_sign", 5, "write '||'"),
        ("area ≥ 300", 5, "'≥' has no place in a rule; write '>='"),
        ("area ≤ 300", 5, "write '<='"),
        ("area ≠ 300", 5, "write '!='"),
        ("area ＞ 300", 5, "write '>'"),
        ("track == “food”", 9, "straight quotes"),
        ("track == ‘food’", 9, "straight quotes"),
        ("new_sign ＆＆ area > 1", 9, "write '&&'"),
        ("new_sign ｜｜ area > 1", 9, "write '||'"),
        ("（new_sign)", 0, "write '('"),
        ("(new_sign）", 9, "write ')'"),
        ("area in [1， 2]", 10, "write ','"),
        ("！new_sign", 0, "write '!'"),
        ("new_sign and area > 1", 9, "'and' is no word of rules; write '&&'"),
        ("new_sign OR area > 1", 9, "write '||'"),
        ("not new_sign", 0, "'not' is no word of rules; write '!'"),
        ("area > 1 && not (new_sign)", 12, "write '!'"),
        ("new_sign 且 area > 1", 9, "write '&&'"),
        ("new_sign 或 area > 1", 9, "write '||'"),
        ("area + 1 > 2", 5, "arithmetic is not part of rules"),
        ("area - 1 > 2", 5, "is due here"),
        ("-area > 2", 1, "'-' stands before a number only"),
        ("a ? b : c", 2, "not part of rules"),
        ("area > 0x1F", 7, "write numbers as 300 or 82.5"),
        ("area > 1u", 7, "write numbers"),
        ("area > 1e5", 7, "write numbers"),
        ("area > 007", 7, "write numbers"),
        ("area > .5", 7, "write numbers"),
        ("area > 9223372036854775808", 7, "64 bits"),
        ("track == 'x", 9, "close the quotes"),
        ("track == 'a\\qb'", 11, "escapes"),
        ("track == r'x'", 10, "is due here"),
        ("null == area", 0, "reserved"),
        ("for > 1", 0, "reserved"),
        ("in > 1", 0, "reserved"),
        ("has(area)", 0, "no function of rules"),
        ("kinds.map(x, x)", 6, "'exists(x, ...)' or 'all(x, ...)'"),
        ("area.size() > 1", 5, "'exists(x, ...)'"),
        ("kinds.exists(1, true)", 13, "a name for the element"),
        ("kinds.exists(x true)", 15, "',' is due here"),
        ("kinds[0] == 'x'", 5, "is due here"),
        ("(area > 1", 9, "')' is due here"),
        ("area > 1)", 8, "is due here"),
        ("[1, 2", 5, "']' is due here"),
        ("{'a': 1}", 0, "maps are not part"),
        ("area >\u00a05", 6, "no place in a rule"),
        ("area > ٣", 7, "no place in a rule"),  # an Arabic digit is no digit here
        ("a < b < c < d < e < f", 18, "comparisons in a row"),
    ],
)
def test_text_outside_the_subset_is_refused_at_its_character(
    text: str, offset: int, hint: str
) -> None:
    with pytest.raises(RuleSyntaxError) as error:
        parse_rule(text)
    assert error.value.offset == offset, str(error.value)
    assert hint in str(error.value)


def test_length_and_depth_are_bounded() -> None:
    parse_rule("(" * MAX_DEPTH + "true" + ")" * MAX_DEPTH)
    for opening, closing in (("(", ")"), ("!", ""), ("[", "]"), ("size(", ")")):
        with pytest.raises(RuleSyntaxError, match="deeper than 20"):
            parse_rule(opening * (MAX_DEPTH + 1) + "true" + closing * (MAX_DEPTH + 1))
    with pytest.raises(RuleSyntaxError, match="2000 are allowed"):
        parse_rule("a" * (MAX_LENGTH + 1))
    flat = " || ".join(["a"] * 400)
    assert len(parse_rule(flat).names) == 1  # a long chain is flat, not deep
    with pytest.raises(RuleSyntaxError, match="quantifiers"):
        parse_rule("a.all(x, a.all(y, a.all(z, true)))")


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        ("area", 0, "a number, true or false is due"),
        ("aera >= 3", 0, "did you mean 'area'?"),
        ("area == 'x'", 8, "a number never equals a text"),
        ("area == entertainment", 8, "never equals true or false"),
        ("track > 'a'", 0, "choices have no order"),
        ("entertainment < new_sign", 0, "numbers are due"),
        ("1 < track", 4, "choices have no order"),
        ("track == 'comitment'", 9, "did you mean 'commitment'?"),
        ("track in ['ordinary', 'other']", 22, "'other' is no choice"),
        ("track == size_class", 9, "no choice in common"),
        ("area && new_sign", 0, "'&&' joins true or false"),
        ("new_sign || area", 12, "'||' joins true or false"),
        ("!area", 1, "'!' turns round"),
        ("area in 3", 8, "a list is due"),
        ("area in [1, 'x']", 12, "the list mixes"),
        ("area in kinds", 8, "never equals"),
        ("kinds == 'food'", 9, "write '\"food\" in kinds'"),
        ("'food' != kinds", 10, "write '\"food\" in kinds'"),
        ("size(area) > 1", 5, "a list or a text is due"),
        ("area.exists(x, x > 1)", 0, "a list is due"),
        ("counts.all(x, x)", 14, "'all' asks for"),
        ("[].exists(x, true)", 0, "an empty list"),
        ("kinds.exists(x, y == x)", 16, "no question is called 'y'"),
        ("kinds.exists(x, true) && x == 'a'", 25, "no question is called 'x'"),
    ],
)
def test_what_cannot_come_out_is_refused_at_its_character(
    text: str, offset: int, hint: str
) -> None:
    with pytest.raises(RuleTypeError) as error:
        check_rule(parse_rule(text), DECLARED)
    assert error.value.offset == offset
    assert hint in str(error.value)


@pytest.mark.parametrize(
    ("text", "facts", "due"),
    [
        ("area >= 300 || entertainment", {"area": Decimal(300)}, True),
        ("area >= 300 || entertainment", {"area": Decimal("299.99")}, None),
        ("area >= 300 || entertainment", {"entertainment": True}, True),
        ("area >= 300 && entertainment", {"area": Decimal(1)}, False),
        ("area >= 300 && entertainment", {"entertainment": True}, None),
        ("area == 82.5", {"area": Decimal("82.50")}, True),
        ("area == 0.3", {"area": Decimal("0.1") + Decimal("0.2")}, True),  # exact, no floats
        ("seats > 2.5", {"seats": 3}, True),
        ("track == 'ordinary'", {"track": "ordinary"}, True),
        ("track != 'ordinary'", {"track": "ordinary"}, False),
        ("track in ['ordinary']", {"track": "ordinary"}, True),
        ("track in []", {"track": "ordinary"}, False),
        ("!new_sign == entertainment", {"new_sign": False, "entertainment": True}, True),
        ("!(new_sign == entertainment)", {"new_sign": False, "entertainment": False}, False),
        # '&&' binds tighter than '||'
        ("new_sign || entertainment && false", {"new_sign": True, "entertainment": True}, True),
        ("(new_sign || entertainment) && false", {"new_sign": True}, False),
        ("area > 1 == entertainment", {"area": Decimal(2), "entertainment": True}, True),
        ("size(kinds) == 2", {"kinds": ("a", "b")}, True),
        ("size('餐饮') == 2", {}, True),
        ("kinds.exists(x, x == 'a')", {"kinds": ("a", "b")}, True),
        ("kinds.all(x, x == 'a')", {"kinds": ("a", "b")}, False),
        ("kinds.exists(x, x == 'a')", {"kinds": ()}, False),
        ("kinds.all(x, x == 'a')", {"kinds": ()}, True),
        ("kinds.exists(x, x == 'a')", {}, None),
        ("[1, 2].exists(x, x > seats)", {}, None),
        ("[1, 2].all(x, x > 5 && seats > x)", {}, False),
        ("counts.exists(area, area > 5)", {"counts": (1, 9), "area": Decimal(0)}, True),
        ("seats in [1, 2, 3.5]", {"seats": 2}, True),
        ("new_sign in [true]", {"new_sign": True}, True),
    ],
)
def test_truth_is_three_valued_and_exact(
    text: str,
    facts: dict[str, Any],
    due: bool | None,  # noqa: FBT001 - a table
) -> None:
    rule = parse_rule(text)
    check_rule(rule, DECLARED)
    assert truth(rule, facts) is due
    if due is None:
        with pytest.raises(RuleEvaluationError, match="cannot be decided") as error:
            evaluate(rule, facts, path="things.x.when")
        assert error.value.path == "things.x.when"
        assert str(error.value).startswith("things.x.when: ")
    else:
        assert evaluate(rule, facts, path="p") is due


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("area >= 300", {"area": "420"}),
        ("area >= 300", {"area": 420.0}),
        ("area >= 300", {"area": True}),
        ("new_sign", {"new_sign": "yes"}),
        ("new_sign && true", {"new_sign": 1}),
        ("area", {"area": 1}),
        ("size(area) > 1", {"area": 3}),
        ("kinds.exists(x, true)", {"kinds": "ab"}),
        ("1 in kinds", {"kinds": 3}),
        ("entertainment || area > 3", {"entertainment": False, "area": "x"}),
    ],
)
def test_facts_of_the_wrong_type_are_an_error_never_an_answer(
    text: str, facts: dict[str, Any]
) -> None:
    with pytest.raises(RuleEvaluationError) as error:
        evaluate(parse_rule(text), facts, path="here")
    assert error.value.path == "here"
    with pytest.raises(RuleEvaluationError):
        explain(parse_rule(text), facts)


@pytest.mark.parametrize(
    ("text", "facts", "because"),
    [
        ("area >= 300 || entertainment", {"area": Decimal(420)}, "area 420 >= 300"),
        (
            "area >= 300 || entertainment",
            {"area": Decimal(80), "entertainment": True},
            "entertainment",
        ),
        (
            "area >= 300 || entertainment",
            {"area": Decimal(80), "entertainment": False},
            "area 80 >= 300 is false, entertainment is false",
        ),
        ("area >= 300 || entertainment", {"area": Decimal(80)}, "entertainment is not known"),
        ("area <= 82.5", {"area": Decimal("82.50")}, "area 82.5 <= 82.5"),
        ("!has_licence", {"has_licence": False}, "has_licence is false"),
        ("!has_licence", {"has_licence": True}, "has_licence"),
        ("!(a && b)", {"a": True, "b": False}, "b is false"),
        (
            "new_sign && !in_mall",
            {"new_sign": True, "in_mall": False},
            "new_sign, in_mall is false",
        ),
        ("track == 'a'", {"track": "a"}, "track == 'a'"),
        ("track == 'a'", {"track": "b"}, "track \"b\" == 'a' is false"),
        ("track in ['a', 'b']", {"track": "b"}, "track \"b\" in ['a', 'b']"),
        ("seats > staff", {"seats": 20, "staff": 5}, "seats 20 > staff 5"),
        ("size(kinds) > 1", {"kinds": ("a",)}, "size(kinds) 1 > 1 is false"),
        ("kinds.exists(x, x == 'a')", {"kinds": ("a",)}, "kinds.exists(x, x == 'a')"),
        ("a && (b || c)", {"a": True, "b": False, "c": True}, "a, c"),
        ("a && (b || c)", {"a": True, "b": False, "c": False}, "b is false, c is false"),
        ("a || a", {"a": False}, "a is false"),
        ("true", {}, "true"),
    ],
)
def test_explanations_name_the_parts_that_decided(
    text: str, facts: dict[str, Any], because: str
) -> None:
    explanation = explain(parse_rule(text), facts)
    assert explanation.because == because
    assert explanation.value is truth(parse_rule(text), facts)
    assert explanation.text == text


def test_a_rule_knows_the_facts_it_reads_and_not_its_own_variables() -> None:
    rule = parse_rule("b || a > 1 && kinds.exists(x, x == c) || b")
    assert rule.names == ("b", "a", "kinds", "c")
