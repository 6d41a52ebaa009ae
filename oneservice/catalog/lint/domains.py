"""The answers worth trying: finitely many that stand for all.

Theory of operation: rules look at an answer only through comparisons with constants and with other
answers. Between two neighbouring constants all numbers are alike, so a few of each gap stand for
the gap: as many as there are questions compared with one another, because their order matters
too. Days and regions are treated the same way. Of a list, the choices that rules name count each,
the others only by their number. Every outcome that some answers can have is one that tried answers
have, and the other way round: nothing is tried that nobody could answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from oneservice.catalog.models import AnswerType, Situation
from oneservice.catalog.rules import FactValue, Rule
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
    Size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MAX_SUBSETS", "Domains", "domains_of"]

MAX_SUBSETS = 256
"""Answers tried for one list: all choices of up to eight that rules name."""
_REGIONS = tuple(f"99{number:02d}00" for number in range(1, 100))
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)

Domains: TypeAlias = "Mapping[str, tuple[FactValue, ...]]"
"""The answers to try, by question."""


@dataclass(slots=True)
class _Class:
    """Questions that rules compare with one another, and the constants that they meet."""

    names: set[str] = field(default_factory=set)
    constants: set[FactValue] = field(default_factory=set)


def domains_of(
    situations: Iterable[Situation], rules: Iterable[Rule]
) -> dict[str, tuple[FactValue, ...]]:
    """Return the answers to try for each of ``situations`` where only ``rules`` matter."""
    asked = {each.id: each for each in situations}
    classes = _classes(asked, rules)
    return {name: _answers(asked, name, classes[name]) for name in asked}


def _classes(asked: Mapping[str, Situation], rules: Iterable[Rule]) -> dict[str, _Class]:
    classes = {name: _Class({name}) for name in asked}
    for rule in rules:
        for atom in _atoms(rule.tree):
            names, constants = _leaves(atom)
            merged = _Class(set(), constants)
            for name in names & classes.keys():
                merged.names |= classes[name].names
                merged.constants |= classes[name].constants
            classes.update(dict.fromkeys(merged.names, merged))
    return classes


def _atoms(node: Node) -> Iterator[Node]:
    """Yield the comparisons of a rule: what is not built by ``!``, ``&&`` and ``||``."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _atoms(part)
        case Not(operand=operand):
            yield from _atoms(operand)
        case _:
            yield node


def _leaves(atom: Node) -> tuple[set[str], set[FactValue]]:
    names: set[str] = set()
    constants: set[FactValue] = set()
    waiting = [atom]
    while waiting:
        match waiting.pop():
            case Constant(value=value):
                constants.add(value)
            case Fact(name=name):
                names.add(name)
            case And(parts=below) | Or(parts=below) | Listing(items=below):
                waiting += below
            case Not(operand=one) | Size(operand=one):
                waiting.append(one)
            case Relation(left=one, right=other) | Membership(element=one, whole=other):
                waiting += (one, other)
            case Quantified(over=one, condition=other):
                waiting += (one, other)
    return names, constants


def _answers(asked: Mapping[str, Situation], name: str, own: _Class) -> tuple[FactValue, ...]:
    situation = asked[name]
    match situation.type:
        case AnswerType.BOOL:
            return (False, True)
        case AnswerType.ENUM:
            return tuple(choice.value for choice in situation.choices)
        case AnswerType.LIST:
            return _lists(situation, own)
        case AnswerType.REGION:
            return _regions(own)
        case AnswerType.INT | AnswerType.DECIMAL | AnswerType.DATE:
            alike = [asked[each] for each in sorted(own.names)]
            if situation.type is AnswerType.DATE:
                days = _days(alike, own)
                return tuple(day for day in days if _is_allowed_day(situation, day))
            points = _numbers(alike, own, whole=situation.type is AnswerType.INT)
            return tuple(number for number in points if _is_allowed(situation, number))


def _lists(situation: Situation, own: _Class) -> tuple[FactValue, ...]:
    """Return subsets of the choices that rules name, each with any number of the others.

    Nothing chosen is among them only where it is the default, as for an applicant.
    """
    values = [choice.value for choice in situation.choices]
    named = [value for value in values if value in own.constants]
    others = [value for value in values if value not in own.constants]
    subsets = itertools.chain.from_iterable(
        itertools.combinations(named, size) for size in range(len(named) + 1)
    )
    found = (
        tuple(value for value in values if value in {*subset, *others[:count]})
        for subset in subsets
        for count in range(len(others) + 1)
    )
    allowed = (one for one in found if one or situation.default == ())
    return tuple(itertools.islice(allowed, MAX_SUBSETS))


def _regions(own: _Class) -> tuple[FactValue, ...]:
    named = sorted(value for value in own.constants if isinstance(value, str))
    others = [code for code in _REGIONS if code not in named]
    return (*others[: len(own.names)], *named)


def _numbers(
    alike: list[Situation], own: _Class, *, whole: bool
) -> list[int] | list[Decimal] | list[int | Decimal]:
    """Return each constant, and in each gap as many numbers as there are questions."""
    bounds = [each.minimum for each in alike] + [each.maximum for each in alike]
    constants = (value for value in own.constants if not isinstance(value, (bool, str, tuple)))
    marks = {Decimal(value) for value in constants}
    marks |= {Decimal(bound) for bound in bounds if bound is not None} | {Decimal(0)}
    edges = sorted(marks)
    count = len(own.names)
    wholes = {int(edge) for edge in edges if edge == int(edge)}
    for low in [edges[0] - count - 1, *edges]:
        wholes |= {int(low.__floor__()) + step for step in range(1, count + 1)}
    if whole:
        return sorted(wholes)
    steps = sorted(marks | {Decimal(number) for number in wholes})
    halves = 2 ** count.bit_length()
    between = {
        low + (high - low) * part / halves
        for low, high in itertools.pairwise(steps)
        for part in range(1, count + 1)
    }
    return sorted({*steps, *between})


def _days(alike: list[Situation], own: _Class) -> list[str]:
    marks = {date.fromisoformat(value) for value in own.constants if isinstance(value, str)}
    marks |= {day for each in alike for day in (each.earliest, each.latest) if day is not None}
    edges = sorted(marks or {date(2026, 1, 1)})
    found = set(edges)
    for step in range(1, len(own.names) + 1):
        found |= {day + timedelta(days=step) for day in edges if day < _LAST_DAY}
        found |= {day - timedelta(days=step) for day in edges if day > _FIRST_DAY}
    return [day.isoformat() for day in sorted(found)]


def _is_allowed(situation: Situation, number: int | Decimal) -> bool:
    low, high = situation.minimum, situation.maximum
    return (low is None or number >= low) and (high is None or number <= high)


def _is_allowed_day(situation: Situation, day: str) -> bool:
    first, last = situation.earliest, situation.latest
    return (first is None or day >= first.isoformat()) and (last is None or day <= last.isoformat())
