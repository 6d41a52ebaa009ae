"""A rule as a sentence about questions: ``area >= 300`` is ‘Floor area’ at least 300 m²."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from oneservice.catalog.rules import parse_rule
from oneservice.catalog.rules.tree import (
    And,
    Constant,
    Fact,
    Listing,
    Membership,
    Node,
    Not,
    Or,
    Relation,
    Relational,
    Rule,
)
from oneservice.catalog.terms import Text
from oneservice.errors import RuleSyntaxError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.catalog.situations import Situation

__all__ = ["rule_in_words"]

_RELATIONS = {
    Relational.EQUAL: ("是", "is"),
    Relational.UNEQUAL: ("不是", "is not"),
    Relational.LESS: ("小于", "under"),
    Relational.AT_MOST: ("不超过", "at most"),
    Relational.MORE: ("大于", "over"),
    Relational.AT_LEAST: ("不小于", "at least"),
}


def rule_in_words(text: str, questions: Mapping[str, Situation]) -> Text:
    """Return what ``text`` says of ``questions``; parts without words of their own stay as written.

    Args:
        text: a rule; one that cannot be read is returned as it is.
        questions: by id, for what they ask, their units and the titles of their choices.
    """
    try:
        rule = parse_rule(text)
    except RuleSyntaxError:
        return Text(zh=text, en=text)
    return _Sentence(rule, questions).of(rule.tree)


class _Sentence:
    def __init__(self, rule: Rule, questions: Mapping[str, Situation]) -> None:
        self._rule = rule
        self._questions = questions

    def of(self, node: Node) -> Text:
        match node:
            case And(parts=parts):
                return self._chain(parts, "，且", " and ")
            case Or(parts=parts):
                return self._chain(parts, "，或", " or ")
            case Fact(name=name) if name in self._questions:
                return self._answered(name, is_yes=True)
            case Not(operand=Fact(name=name)) if name in self._questions:
                return self._answered(name, is_yes=False)
            case Relation(
                left=Fact(name=name), operator=Relational.EQUAL, right=Constant(value=bool(is_yes))
            ) if name in self._questions:
                return self._answered(name, is_yes=is_yes)
            case Relation(left=Fact(name=name), operator=operator, right=Constant() as value):
                return self._joined(name, _RELATIONS[operator], (value,))
            case Membership(element=Fact(name=name), whole=Listing(items=items)):
                return self._joined(name, ("是", "is"), items)
            case Membership(element=Constant() as value, whole=Fact(name=name)):
                return self._joined(name, ("含", "has"), (value,))
            case _:
                return _same(self._rule.excerpt(node))

    def _chain(self, parts: tuple[Node, ...], zh: str, en: str) -> Text:
        shown = [self._inner(part) for part in parts]
        return Text(zh=zh.join(each.zh for each in shown), en=en.join(each.en for each in shown))

    def _inner(self, node: Node) -> Text:
        shown = self.of(node)
        is_chain = isinstance(node, (And, Or))
        return Text(zh=f"（{shown.zh}）", en=f"({shown.en})") if is_chain else shown

    def _answered(self, name: str, *, is_yes: bool) -> Text:
        asked = self._questions[name].question
        zh, en = ("是", "yes") if is_yes else ("否", "no")
        return Text(zh=f"‘{asked.zh}’答{zh}", en=f"‘{asked.en}’ {en}")

    def _joined(self, name: str, words: tuple[str, str], values: tuple[Node, ...]) -> Text:
        question = self._questions.get(name)
        asked = question.question if question else _same(name)
        shown = [self._value(question, value) for value in values]
        zh, en = "或".join(each.zh for each in shown), " or ".join(each.en for each in shown)
        return Text(zh=f"‘{asked.zh}’{words[0]}{zh}", en=f"‘{asked.en}’ {words[1]} {en}")

    def _value(self, question: Situation | None, node: Node) -> Text:
        if not isinstance(node, Constant) or question is None:
            return _same(self._rule.excerpt(node))
        value = node.value
        if isinstance(value, bool):
            return Text(zh="是", en="yes") if value else Text(zh="否", en="no")
        for choice in question.choices:
            if choice.value == value:
                return Text(zh=f"‘{choice.title.zh}’", en=f"‘{choice.title.en}’")
        shown = format(value, "f") if isinstance(value, Decimal) else str(value)
        return _same(f"{shown} {question.unit}".rstrip())


def _same(text: str) -> Text:
    return Text(zh=text, en=text)
