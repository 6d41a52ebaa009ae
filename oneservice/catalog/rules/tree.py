"""The typed tree of a rule: frozen nodes, each knowing its place in the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

__all__ = [
    "And",
    "Constant",
    "Fact",
    "Listing",
    "Membership",
    "Node",
    "Not",
    "Or",
    "Quantified",
    "Quantifier",
    "Relation",
    "Relational",
    "Rule",
    "Scalar",
    "Size",
    "constants",
]

Scalar: TypeAlias = bool | int | Decimal | str


class Relational(StrEnum):
    """Comparisons, as CEL writes them."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Quantifier(StrEnum):
    """Macros over lists, as CEL names them."""

    EXISTS = "exists"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spanned:
    start: int = field(compare=False)
    """First character of the node in the rule's text."""
    end: int = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(_Spanned):
    """A literal."""

    value: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(_Spanned):
    """A name: an answer, or the element that a quantifier is looking at."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(_Spanned):
    """A list literal."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(_Spanned):
    """``!operand``."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(_Spanned):
    """``a && b && c``, flat: two or more parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(_Spanned):
    """``a || b || c``, flat: two or more parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(_Spanned):
    """``left operator right``."""

    operator: Relational
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(_Spanned):
    """``element in whole``."""

    element: Node
    whole: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Size(_Spanned):
    """``size(operand)`` of a list or a text (in code points, as in CEL)."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantified(_Spanned):
    """``over.exists(name, condition)`` or ``over.all(name, condition)``."""

    quantifier: Quantifier
    over: Node
    name: str
    condition: Node


Node: TypeAlias = (
    Constant | Fact | Listing | Not | And | Or | Relation | Membership | Size | Quantified
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule: ``text`` as written and ``tree``, what it means."""

    text: str
    tree: Node
    names: tuple[str, ...] = ()
    """The facts that the rule reads, in the order of their first use."""

    def excerpt(self, node: Node) -> str:
        """Return the characters that ``node`` came from."""
        return self.text[node.start : node.end]


def constants(rule: Rule) -> tuple[Scalar, ...]:
    """Return the literals of ``rule``, in no promised order."""
    found: list[Scalar] = []
    waiting: list[Node] = [rule.tree]
    while waiting:
        match waiting.pop():
            case Constant(value=value):
                found.append(value)
            case And(parts=below) | Or(parts=below) | Listing(items=below):
                waiting += below
            case Not(operand=one) | Size(operand=one):
                waiting.append(one)
            case Relation(left=one, right=other) | Membership(element=one, whole=other):
                waiting += (one, other)
            case Quantified(over=one, condition=other):
                waiting += (one, other)
            case Fact():
                pass
    return tuple(found)
