"""Types of rules: every name is a declared question, every comparison can come out either way.

Stricter than CEL where CEL lets a slip pass: enum texts must be choices of their question, days
and region codes must be some, and order is for numbers and days only. Looser in one place: whole
numbers and decimals compare with one another, because ``area >= 300`` is what an author writes for
a decimal area.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeAlias

from oneservice.catalog.rules.days import is_day, is_region
from oneservice.catalog.rules.tree import (
    And,
    Constant,
    Fact,
    Listing,
    Membership,
    Node,
    Not,
    Or,
    Quantified,
    Relation,
    Relational,
    Rule,
    Size,
)
from oneservice.catalog.situations import AnswerType, Situation
from oneservice.errors import RuleTypeError

__all__ = ["Declared", "Kind", "ValueType", "check_rule", "declare", "did_you_mean"]


class Kind(StrEnum):
    """Kinds of values in rules. Whole numbers and decimals are one; days and regions are text."""

    BOOL = "bool"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    REGION = "region"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A kind; ``choices`` of an enum question; ``element`` of a list (None: empty list)."""

    kind: Kind
    choices: tuple[str, ...] = ()
    element: ValueType | None = None


Declared: TypeAlias = Mapping[str, ValueType]
"""What rules may name: question id to type."""

_BOOL = ValueType(Kind.BOOL)
_NUMBER = ValueType(Kind.NUMBER)
_TEXT = ValueType(Kind.TEXT)
_ORDERED = frozenset({Kind.NUMBER, Kind.DATE})
_ORDER = {Relational.LESS, Relational.AT_MOST, Relational.MORE, Relational.AT_LEAST}
_OF_ANSWER = {
    AnswerType.BOOL: _BOOL,
    AnswerType.INT: _NUMBER,
    AnswerType.DECIMAL: _NUMBER,
    AnswerType.REGION: ValueType(Kind.REGION),
    AnswerType.DATE: ValueType(Kind.DATE),
}
_IN_WORDS = {
    Kind.BOOL: "true or false",
    Kind.NUMBER: "a number",
    Kind.TEXT: "a text",
    Kind.DATE: "a day",
    Kind.REGION: "a region code",
    Kind.LIST: "a list",
}


def declare(situations: Iterable[Situation]) -> Declared:
    """Return the types that rules may rely on for these questions."""
    return {situation.id: _declared(situation) for situation in situations}


def _declared(situation: Situation) -> ValueType:
    known = _OF_ANSWER.get(situation.type)
    if known is not None:
        return known
    chosen = ValueType(Kind.TEXT, tuple(choice.value for choice in situation.choices))
    is_list = situation.type is AnswerType.LIST
    return ValueType(Kind.LIST, element=chosen) if is_list else chosen


def check_rule(rule: Rule, declared: Declared) -> None:
    """Refuse a rule that cannot mean anything for the declared questions.

    Raises:
        RuleTypeError: with ``offset``, the character (from 0) where the part begins.
    """
    found = _type_of(rule.tree, declared)
    if found.kind is not Kind.BOOL:
        raise _refusal(rule.tree, f"the rule is {_IN_WORDS[found.kind]}, true or false is due")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'area'?`` for a near miss, the known names if few, or nothing."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    few = 12
    return f"; there are: {', '.join(names)}" if 0 < len(names) <= few else ""


def _type_of(node: Node, declared: Declared) -> ValueType:
    return _TYPE_OF[type(node)](node, declared)


def _of_constant(node: Constant, _declared: Declared) -> ValueType:
    if isinstance(node.value, bool):
        return _BOOL
    return _NUMBER if isinstance(node.value, (int, Decimal)) else _TEXT


def _of_fact(node: Fact, declared: Declared) -> ValueType:
    if node.name not in declared:
        hint = did_you_mean(node.name, declared)
        raise _refusal(node, f"no question is called '{node.name}'{hint}")
    return declared[node.name]


def _of_not(node: Not, declared: Declared) -> ValueType:
    return _boolean(node.operand, declared, "'!' turns round")


def _of_chain(node: And | Or, declared: Declared) -> ValueType:
    for part in node.parts:
        _boolean(part, declared, "'&&' joins" if isinstance(node, And) else "'||' joins")
    return _BOOL


def _of_size(node: Size, declared: Declared) -> ValueType:
    found = _type_of(node.operand, declared)
    if found.kind not in {Kind.LIST, Kind.TEXT}:
        hint = f"'size' of {_IN_WORDS[found.kind]}; a list or a text is due"
        raise _refusal(node.operand, hint)
    return _NUMBER


def _of_listing(node: Listing, declared: Declared) -> ValueType:
    element: ValueType | None = None
    for item in node.items:
        found = _type_of(item, declared)
        if element is not None and found.kind is not element.kind:
            raise _refusal(
                item,
                f"the list mixes {_IN_WORDS[element.kind]} with {_IN_WORDS[found.kind]}; "
                "all elements must be of one type",
            )
        element = found
    return ValueType(Kind.LIST, element=element)


def _boolean(node: Node, declared: Declared, who: str) -> ValueType:
    found = _type_of(node, declared)
    if found.kind is not Kind.BOOL:
        raise _refusal(node, f"{who} true or false, this is {_IN_WORDS[found.kind]}")
    return _BOOL


def _of_relation(node: Relation, declared: Declared) -> ValueType:
    left, right = _type_of(node.left, declared), _type_of(node.right, declared)
    left, right = _read_as(node.left, left, right), _read_as(node.right, right, left)
    if node.operator in _ORDER and not (left.kind is right.kind and left.kind in _ORDERED):
        odd, what = (node.right, right) if left.kind in _ORDERED else (node.left, left)
        due = "days" if Kind.DATE in {left.kind, right.kind} else "numbers"
        hint = "choices have no order; use '==' or 'in'" if what.choices else f"{due} are due"
        raise _refusal(odd, f"'{node.operator}' compares {_IN_WORDS[what.kind]}; {hint}")
    _comparable(node.left, left, node.right, right)
    return _BOOL


def _of_membership(node: Membership, declared: Declared) -> ValueType:
    element, whole = _type_of(node.element, declared), _type_of(node.whole, declared)
    if whole.kind is not Kind.LIST:
        raise _refusal(node.whole, f"'in' looks into {_IN_WORDS[whole.kind]}; a list is due")
    if isinstance(node.whole, Listing):
        for item in node.whole.items:
            found = _read_as(item, _type_of(item, declared), element)
            _comparable(node.element, element, item, found)
    elif whole.element is not None:
        _comparable(node.element, element, node.whole, whole.element)
    return _BOOL


def _of_quantified(node: Quantified, declared: Declared) -> ValueType:
    over = _type_of(node.over, declared)
    if over.kind is not Kind.LIST:
        raise _refusal(
            node.over, f"'{node.quantifier}' goes through {_IN_WORDS[over.kind]}; a list is due"
        )
    if over.element is None:
        raise _refusal(node.over, f"'{node.quantifier}' goes through an empty list; drop this part")
    within = {**declared, node.name: over.element}
    return _boolean(node.condition, within, f"'{node.quantifier}' asks for")


def _read_as(node: Node, own: ValueType, other: ValueType) -> ValueType:
    """Return the type of ``node`` beside ``other``: a text beside a day or a region must be one."""
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        return own
    if other.kind is Kind.DATE and not is_day(node.value):
        raise _refusal(node, f"'{node.value}' is no day; write it as '2026-09-01'")
    if other.kind is Kind.REGION and not is_region(node.value):
        raise _refusal(node, f"'{node.value}' is no region code; it has 6, 9 or 12 digits")
    return other if other.kind in {Kind.DATE, Kind.REGION} else own


def _comparable(left: Node, left_type: ValueType, right: Node, right_type: ValueType) -> None:
    """Refuse a comparison that has one outcome whatever the answers are."""
    _not_a_list_beside_one_of_it(left, left_type, right, right_type)
    if left_type.kind is not right_type.kind:
        raise _refusal(
            right,
            f"{_IN_WORDS[left_type.kind]} never equals {_IN_WORDS[right_type.kind]}; "
            "compare values of one type",
        )
    for node, own, other in ((right, right_type, left_type), (left, left_type, right_type)):
        if isinstance(node, Constant) and other.choices and node.value not in other.choices:
            hint = did_you_mean(str(node.value), other.choices)
            raise _refusal(node, f"'{node.value}' is no choice of this question{hint}")
        if own.choices and other.choices and not set(own.choices) & set(other.choices):
            raise _refusal(node, "the two questions have no choice in common")


def _not_a_list_beside_one_of_it(
    left: Node, left_type: ValueType, right: Node, right_type: ValueType
) -> None:
    """Refuse ``ages == "infant"`` with what was meant: a list holds a value, it is none."""
    sides = ((left, left_type, right, right_type), (right, right_type, left, left_type))
    for whole, many, element, one in sides:
        if not isinstance(whole, Fact) or many.element is None or many.element.kind is not one.kind:
            continue
        written = f'"{element.value}"' if isinstance(element, Constant) else "x"
        hint = f"a list never equals {_IN_WORDS[one.kind]}; write '{written} in {whole.name}'"
        raise _refusal(right, hint)


def _refusal(node: Node, hint: str) -> RuleTypeError:
    return RuleTypeError(hint, offset=node.start)


_TYPE_OF: dict[type[Any], Callable[[Any, Declared], ValueType]] = {
    Constant: _of_constant,
    Fact: _of_fact,
    Listing: _of_listing,
    Not: _of_not,
    And: _of_chain,
    Or: _of_chain,
    Relation: _of_relation,
    Membership: _of_membership,
    Size: _of_size,
    Quantified: _of_quantified,
}
