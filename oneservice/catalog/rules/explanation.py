"""Why a rule holds or not, in its own words and with the answers: ``area 420 >= 300``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from oneservice.catalog.rules.evaluation import (
    Facts,
    MismatchError,
    Value,
    boolean_of,
    kleene,
    value_of,
)
from oneservice.catalog.rules.tree import (
    And,
    Fact,
    Membership,
    Node,
    Not,
    Or,
    Relation,
    Relational,
    Rule,
    Size,
)
from oneservice.errors import RuleEvaluationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One part of a rule: its ``text``, what it is worth, and the parts below that it hangs on.

    ``words`` is the part with the answers filled in. ``negates`` marks ``!part``.
    """

    text: str
    value: bool | None
    """None where the facts do not decide it."""
    words: str
    children: tuple[Explanation, ...] = ()
    negates: bool = False

    @property
    def because(self) -> str:
        """The parts that decided: of a true ``||`` those that hold, of a false one all that fail.

        Read for a person: ``area 420 >= 300``, or ``area 80 >= 300 is false, entertainment is
        false``. It is text of the plan and covered by its digest.
        """
        return ", ".join(dict.fromkeys(_deciding(self)))


def explain(rule: Rule, facts: Facts) -> Explanation:
    """Return why ``rule`` holds, fails, or cannot be decided for ``facts``.

    Raises:
        RuleEvaluationError: a fact has a type that the rule cannot use; ``path`` is the rule.
    """
    try:
        return _explain(rule, rule.tree, facts)
    except MismatchError as error:
        raise RuleEvaluationError(str(error), path=rule.text) from None


_SUFFIX = {True: "", False: " is false", None: " is not known"}


def _deciding(part: Explanation) -> Iterator[str]:
    if not part.children:
        yield part.words + _SUFFIX[part.value]
    for child in part.children:
        if part.negates or child.value is part.value:
            yield from _deciding(child)


def _explain(rule: Rule, node: Node, facts: Facts) -> Explanation:
    """Explain a condition from its parts upwards, so that each is evaluated once."""
    text = rule.text[node.start : node.end]
    if isinstance(node, (And, Or)):
        parts = tuple([_explain(rule, part, facts) for part in node.parts])
        held = kleene([part.value for part in parts], decides=isinstance(node, Or))
        return Explanation(text=text, value=held, words=text, children=parts)
    if isinstance(node, Not):
        below = _explain(rule, node.operand, facts)
        held = None if below.value is None else not below.value
        return Explanation(text=text, value=held, words=text, children=(below,), negates=True)
    held = boolean_of(node, facts)
    words = text if isinstance(node, Fact) else _words(rule, node, facts, held)
    return Explanation(text=text, value=held, words=words)


def _words(rule: Rule, node: Node, facts: Facts, held: bool | None) -> str:  # noqa: FBT001 - of three values
    match node:
        case Relation(operator=Relational.EQUAL, left=left, right=right) if held:
            return f"{rule.excerpt(left)} == {_side(rule, right, facts)}"
        case Relation(operator=operator, left=left, right=right):
            return f"{_side(rule, left, facts)} {operator} {_side(rule, right, facts)}"
        case Membership(element=element, whole=whole):
            return f"{_side(rule, element, facts)} in {_side(rule, whole, facts)}"
        case _:
            return rule.excerpt(node)


def _side(rule: Rule, node: Node, facts: Facts) -> str:
    """Write one side of a comparison: as written and, for a name, with its value."""
    text = rule.excerpt(node)
    value = value_of(node, facts) if isinstance(node, (Fact, Size)) else None
    return text if value is None else f"{text} {_shown(value)}"


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)
