"""Answers that nobody is asked for: a hidden question without a default has no value.

A hidden required field is the classic trap of such forms: it blocks the submission and cannot be
filled. Whether a rule, a field or a repeated step can ever need a hidden answer is decided here by
trying answers: both truth values, every choice, and the numbers around those that the rules
compare with. What the trial finds is a real case, so there are no false alarms.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oneservice.catalog.effective import rule_texts
from oneservice.catalog.models import AnswerType, Situation
from oneservice.catalog.rules import Rule, constants, truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oneservice.catalog.lint.notes import Notes

__all__ = ["MAX_CASES", "check_hidden"]

MAX_CASES = 4096
"""Answer combinations tried for one rule: twelve yes-or-no questions, some milliseconds."""


def check_hidden(notes: Notes) -> None:
    """Note what may need the answer of a question that is hidden then and has no default.

    The rules must have passed their type check: they are evaluated here.
    """
    for situation in notes.thing.situations:
        if situation.visible_when is not None and situation.default is None:
            visible = notes.effective.rules[situation.visible_when]
            _rules(notes, situation, visible)
            _fields(notes, situation)
            _steps(notes, situation)


def _rules(notes: Notes, situation: Situation, visible: Rule) -> None:
    for path, text in rule_texts(notes.thing):
        rule = notes.effective.rules[text]
        if situation.id not in rule.names:
            continue
        for facts in _cases(notes, situation, visible, rule):
            if truth(visible, facts) is False and truth(rule, facts) is None:
                words = f"this rule needs '{situation.id}', which is hidden"
                _note(notes, path, situation, f"{words}{_shown(facts)}")
                break


def _fields(notes: Notes, situation: Situation) -> None:
    for spec in notes.thing.fields:
        if spec.answer == situation.id:
            what = f"the field '{spec.id}' needs '{situation.id}', which is hidden"
            _needed(notes, f"fields.{spec.id}.answer", situation, spec.when, what)


def _steps(notes: Notes, situation: Situation) -> None:
    for step in notes.thing.steps:
        if step.for_each is not None and step.for_each.count == situation.id:
            what = f"the step '{step.id}' repeats by '{situation.id}', which is hidden"
            _needed(notes, f"steps.{step.id}.for_each.count", situation, step.when, what)


def _needed(notes: Notes, path: str, situation: Situation, when: str | None, what: str) -> None:
    texts = [text for text in (situation.visible_when, when) if text is not None]
    visible, *conditions = (notes.effective.rules[text] for text in texts)
    for facts in _cases(notes, situation, visible, *conditions):
        if truth(visible, facts) is False and all(truth(rule, facts) for rule in conditions):
            _note(notes, path, situation, f"{what}{_shown(facts)}")
            return


def _note(notes: Notes, path: str, situation: Situation, text: str) -> None:
    remedy = f"give the question a default, or add '{situation.visible_when}' to the condition here"
    notes.error(path, "hidden_required", text, remedy)


def _shown(facts: dict[str, Any]) -> str:
    words = {True: "true", False: "false"}
    given = [
        f"{name} = {words[value] if isinstance(value, bool) else value}"
        for name, value in facts.items()
    ]
    return f" when {', '.join(given)}" if given else ""


def _cases(notes: Notes, hidden: Situation, *rules: Rule) -> Iterator[dict[str, Any]]:
    """Yield answers to the questions that ``rules`` read, ``hidden`` left out."""
    questions = {each.id: each for each in notes.thing.situations}
    names = [
        name
        for name in dict.fromkeys(name for rule in rules for name in rule.names)
        if name in questions and name != hidden.id
    ]
    numbers = {
        value
        for rule in rules
        for value in constants(rule)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    }
    tried = [_tried(questions[name], numbers) for name in names]
    for values in itertools.islice(itertools.product(*tried), MAX_CASES):
        yield dict(zip(names, values, strict=True))


def _tried(situation: Situation, numbers: set[int | Decimal]) -> list[Any]:
    match situation.type:
        case AnswerType.BOOL:
            return [False, True]
        case AnswerType.ENUM:
            return [choice.value for choice in situation.choices]
        case AnswerType.INT | AnswerType.DECIMAL:
            near = {number + step for number in numbers | {0} for step in (-1, 0, 1)}
            return sorted(number for number in near if _is_allowed(situation, number))


def _is_allowed(situation: Situation, number: int | Decimal) -> bool:
    low, high = situation.minimum, situation.maximum
    return (low is None or number >= low) and (high is None or number <= high)
