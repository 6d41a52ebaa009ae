"""Tree and facts -> true, false, or unknown; unknown at the top is an error, never a default.

Three-valued logic (Kleene), as in CEL's treatment of errors: ``true || unknown`` is true,
``false && unknown`` is false, everything else that needs an unknown fact is unknown. A public
engine of this field answers "no" when a rule breaks and "yes" when it is empty; applicants then
were never asked for a permit they needed. So nothing here has a default.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from oneservice.catalog.rules.days import looks_like_a_day
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
    Quantifier,
    Relation,
    Relational,
    Rule,
    Scalar,
    Size,
)
from oneservice.errors import RuleEvaluationError

__all__ = [
    "FactValue",
    "Facts",
    "MismatchError",
    "Value",
    "boolean_of",
    "evaluate",
    "kleene",
    "truth",
    "value_of",
]

FactValue: TypeAlias = Scalar | tuple[Scalar, ...]
Facts: TypeAlias = Mapping[str, FactValue]
Value: TypeAlias = Scalar | tuple[Any, ...] | None
"""What a node is worth; None is unknown."""


class MismatchError(Exception):
    """A value has a type that the operation cannot use. It never leaves this package."""


def evaluate(rule: Rule, facts: Facts, *, path: str) -> bool:
    """Return whether ``rule`` holds for ``facts``.

    Args:
        rule: a rule that :func:`check_rule` accepts for the declared questions.
        facts: answers by question id; decimals as :class:`~decimal.Decimal`, never floats.
        path: where the rule stands, for the error: ``things.restaurant.steps.fire_check.when``.

    Raises:
        RuleEvaluationError: a fact that decides is not known, or has the wrong type.
    """
    held = _guarded(rule, facts, path)
    if held is None:
        missing = ", ".join(name for name in rule.names if name not in facts)
        msg = f"'{rule.text}' cannot be decided; there is no answer to: {missing}"
        raise RuleEvaluationError(msg, path=path)
    return held


def truth(rule: Rule, facts: Facts) -> bool | None:
    """Return whether ``rule`` holds, or None where the facts do not decide it.

    Raises:
        RuleEvaluationError: a fact has a type that the rule cannot use; ``path`` is the rule.
    """
    return _guarded(rule, facts, rule.text)


def _guarded(rule: Rule, facts: Facts, path: str) -> bool | None:
    try:
        return boolean_of(rule.tree, facts)
    except MismatchError as error:
        raise RuleEvaluationError(str(error), path=path) from None


def value_of(node: Node, facts: Facts) -> Value:
    """Return what ``node`` is worth; None is unknown. For this package's explanations."""
    return _EVALUATE[type(node)](node, facts)


def _constant(node: Constant, _facts: Facts) -> Value:
    return node.value


def _fact(node: Fact, facts: Facts) -> Value:
    value = facts.get(node.name)
    if type(value) is float:
        msg = f"'{node.name}' is a float; facts are exact: give a Decimal"
        raise MismatchError(msg)
    return value


def _listing(node: Listing, facts: Facts) -> Value:
    values = tuple(value_of(item, facts) for item in node.items)
    return None if None in values else values


def _not(node: Not, facts: Facts) -> Value:
    held = boolean_of(node.operand, facts)
    return None if held is None else not held


def _and(node: And, facts: Facts) -> Value:
    return kleene((boolean_of(part, facts) for part in node.parts), decides=False)


def _or(node: Or, facts: Facts) -> Value:
    return kleene((boolean_of(part, facts) for part in node.parts), decides=True)


def kleene(values: Iterable[bool | None], *, decides: bool) -> bool | None:
    """Fold truth values: one ``decides`` settles it, else one unknown leaves it open."""
    is_open = False
    for value in values:
        if value is decides:
            return decides
        is_open = is_open or value is None
    return None if is_open else not decides


def boolean_of(node: Node, facts: Facts) -> bool | None:
    """Return what a condition is worth; None is unknown. For this package's explanations."""
    value = _EVALUATE[type(node)](node, facts)
    if value is None or value is True or value is False:
        return value
    msg = f"{_kind(value)} stands where true or false is due"
    raise MismatchError(msg)


def _relation(node: Relation, facts: Facts) -> Value:
    left = _EVALUATE[type(node.left)](node.left, facts)
    right = _EVALUATE[type(node.right)](node.right, facts)
    if left is None or right is None:
        return None
    ordered = _ORDERED.get(node.operator)
    if ordered is None:
        return _equal(left, right) is (node.operator is Relational.EQUAL)
    if not ((_is_number(left) and _is_number(right)) or (_is_day(left) and _is_day(right))):
        msg = (
            f"'{node.operator}' compares {_kind(left)} with {_kind(right)}; numbers or days are due"
        )
        raise MismatchError(msg)
    return ordered(left, right)


def _membership(node: Membership, facts: Facts) -> Value:
    element = value_of(node.element, facts)
    whole = value_of(node.whole, facts)
    if whole is not None and not isinstance(whole, tuple):
        msg = f"'in' looks into {_kind(whole)}; a list is due"
        raise MismatchError(msg)
    if element is None or whole is None:
        return None
    return any(_equal(element, item) for item in whole)


def _size(node: Size, facts: Facts) -> Value:
    value = value_of(node.operand, facts)
    if value is None:
        return None
    if not isinstance(value, (tuple, str)):
        msg = f"'size' of {_kind(value)}; a list or a text is due"
        raise MismatchError(msg)
    return len(value)


def _quantified(node: Quantified, facts: Facts) -> Value:
    whole = value_of(node.over, facts)
    if whole is None:
        return None
    if not isinstance(whole, tuple):
        msg = f"'{node.quantifier}' goes through {_kind(whole)}; a list is due"
        raise MismatchError(msg)
    within = ({**facts, node.name: item} for item in whole)
    conditions = (boolean_of(node.condition, each) for each in within)
    return kleene(conditions, decides=node.quantifier is Quantifier.EXISTS)


def _is_number(value: Value) -> bool:
    return type(value) is int or type(value) is Decimal


def _is_day(value: Value) -> bool:
    """ISO 8601 days are in order when their texts are, as CEL orders texts."""
    return type(value) is str and looks_like_a_day(value)


def _equal(left: Value, right: Value) -> bool:
    """Equality as in CEL: numbers by value, and never a number equal to a truth value."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(_equal, left, right))
    if _is_number(left) and _is_number(right):
        return left == right
    return type(left) is type(right) and left == right


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, tuple) else "a number"


_ORDERED: dict[Relational, Callable[[Any, Any], bool]] = {
    Relational.LESS: operator.lt,
    Relational.AT_MOST: operator.le,
    Relational.MORE: operator.gt,
    Relational.AT_LEAST: operator.ge,
}
_EVALUATE: dict[type[Any], Callable[[Any, Facts], Value]] = {
    Constant: _constant,
    Fact: _fact,
    Listing: _listing,
    Not: _not,
    And: _and,
    Or: _or,
    Relation: _relation,
    Membership: _membership,
    Size: _size,
    Quantified: _quantified,
}
