"""Laws of rules: Kleene's logic, order of facts, agreement with the official CEL implementation."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.catalog import ValueType, check_rule, evaluate, explain, parse_rule, truth
from oneservice.catalog.rules import Kind
from oneservice.errors import RuleEvaluationError, RuleSyntaxError, RuleTypeError

BOOLS, NUMBERS, TEXTS = ("p", "q", "r"), ("i", "j", "x", "y"), ("s", "t")
LISTS = ("ns", "ts")
DECLARED = {
    **dict.fromkeys(BOOLS, ValueType(Kind.BOOL)),
    **dict.fromkeys(NUMBERS, ValueType(Kind.NUMBER)),
    **dict.fromkeys(TEXTS, ValueType(Kind.TEXT)),
    "ns": ValueType(Kind.LIST, element=ValueType(Kind.NUMBER)),
    "ts": ValueType(Kind.LIST, element=ValueType(Kind.TEXT)),
}

# Integers and eighths: each is exact as a double, so the oracle and we see the same number.
integers = st.integers(-1000, 1000)
eighths = st.integers(-8000, 8000).map(lambda number: Decimal(number) / 8)
texts = st.sampled_from(["", "a", "b", "店", "餐饮", 'say "hi"', "it's", "back\\slash"])


def number_text(value: int | Decimal) -> str:
    return str(value) if isinstance(value, int) else format(value, ".3f")


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


whole_numbers = st.one_of(st.sampled_from(["i", "j"]), integers.map(number_text))
fractions = st.one_of(st.sampled_from(["x", "y"]), eighths.map(number_text))
words = st.one_of(st.sampled_from(TEXTS), texts.map(quoted))
order = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
sameness = st.sampled_from(["==", "!="])


def _compare(kind: st.SearchStrategy[str], by: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(kind, by, kind).map(" ".join)


def _listed(kind: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(kind, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")


leaves = st.one_of(
    st.sampled_from([*BOOLS, "true", "false", "!p == q", "p == !q", "i < j == p", "p == q == r"]),
    _compare(whole_numbers, order),
    _compare(fractions, order),
    _compare(words, sameness),
    st.tuples(words, _listed(words)).map(lambda pair: f"{pair[0]} in {pair[1]}"),
    st.tuples(whole_numbers, _listed(whole_numbers)).map(lambda pair: f"{pair[0]} in {pair[1]}"),
    st.tuples(st.sampled_from(["s", "ts", "ns"]), order, st.integers(0, 3)).map(
        lambda parts: f"size({parts[0]}) {parts[1]} {parts[2]}"
    ),
    st.tuples(st.sampled_from(["exists", "all"]), whole_numbers).map(
        lambda pair: f"ns.{pair[0]}(e, e > {pair[1]} || p)"
    ),
    words.map(lambda word: f"ts.exists(e, e == {word})"),
)


def _grow(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    part = st.one_of(below, below.map(lambda text: f"({text})"))
    return st.one_of(
        st.tuples(part, st.sampled_from([" && ", " || "]), part).map("".join),
        below.map(lambda text: f"!({text})"),
        st.tuples(below, sameness, below).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    )


rules = st.recursive(leaves, _grow, max_leaves=8)
values: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(BOOLS, st.booleans()),
    **dict.fromkeys(("i", "j"), integers),
    **dict.fromkeys(("x", "y"), eighths),
    **dict.fromkeys(TEXTS, texts),
    "ns": st.lists(integers, max_size=3).map(tuple),
    "ts": st.lists(texts, max_size=3).map(tuple),
}
facts_of_all = st.fixed_dictionaries(values)
some_facts = st.fixed_dictionaries({}, optional=values)


# --- the official implementation as oracle --------------------------------------------------------


def _oracle() -> Any:
    cel = pytest.importorskip("cel_expr_python.cel", reason="the CEL oracle is not installed")
    kinds = {
        **dict.fromkeys(BOOLS, cel.Type.BOOL),
        **dict.fromkeys(("i", "j"), cel.Type.INT),
        **dict.fromkeys(("x", "y"), cel.Type.DOUBLE),
        **dict.fromkeys(TEXTS, cel.Type.STRING),
        "ns": cel.Type.List(cel.Type.INT),
        "ts": cel.Type.List(cel.Type.STRING),
    }
    return cel, cel.NewEnv(variables=kinds)


def _foreign(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return list(value) if isinstance(value, tuple) else value


@given(text=rules, facts=some_facts)
def test_the_official_implementation_agrees(text: str, facts: dict[str, Any]) -> None:
    cel, environment = _oracle()
    expression = environment.compile(text)
    answer = expression.eval(data={name: _foreign(value) for name, value in facts.items()})
    # An error comes back as a value, whose plain form is a text and so "true": ask for its type.
    theirs = answer.plain_value() if answer.type() == cel.Type.BOOL else None
    rule = parse_rule(text)
    check_rule(rule, DECLARED)
    assert truth(rule, facts) is theirs


@pytest.mark.parametrize(
    ("text", "theirs"),
    [("true || missing", True), ("false && missing", False), ("missing", None), ("p && !p", None)],
)
def test_the_oracle_is_asked_rightly(text: str, theirs: bool | None) -> None:  # noqa: FBT001
    cel, _ = _oracle()
    environment = cel.NewEnv(variables={"missing": cel.Type.BOOL, "p": cel.Type.BOOL})
    answer = environment.compile(text).eval(data={})
    assert (answer.plain_value() if answer.type() == cel.Type.BOOL else None) is theirs


# --- our own laws ------------------------------------------------------------------------

Three: TypeAlias = bool | None
THREE: tuple[Three, ...] = (True, False, None)


def _given(**values: bool | None) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _truth(text: str, **values: bool | None) -> bool | None:
    return truth(parse_rule(text), _given(**values))


@pytest.mark.parametrize(("p", "q", "r"), list(itertools.product(THREE, repeat=3)))
def test_kleene(p: Three, q: Three, r: Three) -> None:
    rank = {False: 0, None: 1, True: 2}
    both, either = _truth("p && q", p=p, q=q), _truth("p || q", p=p, q=q)
    assert rank[both] == min(rank[p], rank[q])
    assert rank[either] == max(rank[p], rank[q])
    assert rank[_truth("!p", p=p)] == 2 - rank[p]
    assert _truth("!(p && q)", p=p, q=q) is _truth("!p || !q", p=p, q=q)
    assert _truth("p && (q || r)", p=p, q=q, r=r) is _truth("p && q || p && r", p=p, q=q, r=r)
    assert _truth("p && q && r", p=p, q=q, r=r) is _truth("p && (q && r)", p=p, q=q, r=r)


@given(text=rules, facts=facts_of_all, known=st.sets(st.sampled_from(sorted(values))))
def test_what_is_decided_stays_decided_when_more_is_known(
    text: str, facts: dict[str, Any], known: set[str]
) -> None:
    rule = parse_rule(text)
    early = truth(rule, {name: facts[name] for name in known})
    late = truth(rule, facts)
    assert late is not None  # with all facts known, everything is decided
    assert early in (late, None)


@given(text=rules, facts=some_facts)
def test_evaluate_never_guesses_and_explain_agrees(text: str, facts: dict[str, Any]) -> None:
    rule = parse_rule(text)
    held = truth(rule, facts)
    explanation = explain(rule, facts)
    assert explanation.value is held
    assert explanation.because
    if held is None:
        with pytest.raises(RuleEvaluationError):
            evaluate(rule, facts, path="p")
    else:
        assert evaluate(rule, facts, path="p") is held


@given(text=rules, facts=some_facts)
def test_only_the_named_facts_count(text: str, facts: dict[str, Any]) -> None:
    rule = parse_rule(text)
    read = {name: value for name, value in facts.items() if name in rule.names}
    assert truth(rule, read) is truth(rule, facts)


@given(text=rules, extra=st.text(" ", min_size=1, max_size=3))
def test_spaces_and_one_more_pair_of_parentheses_mean_nothing(text: str, extra: str) -> None:
    assert parse_rule(f"({extra}{text}{extra})").tree == parse_rule(text).tree


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet="ab1.0 '\"\\()[],!&|=<>-in", max_size=60),
        st.tuples(rules, st.integers(0, 80)).map(lambda pair: pair[0][: pair[1]]),
    )
)
def test_whatever_the_text_only_our_errors_leave_and_point_into_it(text: str) -> None:
    offset = 0
    try:
        check_rule(parse_rule(text), DECLARED)
    except (RuleSyntaxError, RuleTypeError) as error:
        offset = error.offset
    assert 0 <= offset <= len(text)
