"""Questions and the rules that read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from oneservice.catalog.answers import problem_with
from oneservice.catalog.effective import rule_texts
from oneservice.catalog.models import AnswerType, Situation
from oneservice.catalog.rules import check_rule, declare
from oneservice.errors import RuleTypeError

if TYPE_CHECKING:
    from oneservice.catalog.lint.notes import Notes

__all__ = ["check_questions", "check_use"]

_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def check_questions(notes: Notes) -> None:
    """Note ill-formed questions, rules that do not fit them, and defaults that are no answers."""
    for situation in notes.thing.situations:
        _shape(notes, situation)
    _order(notes)
    _rules(notes)


def _shape(notes: Notes, situation: Situation) -> None:
    path = f"situations.{situation.id}"
    is_enum = situation.type in {AnswerType.ENUM, AnswerType.LIST}
    is_number = situation.type in {AnswerType.INT, AnswerType.DECIMAL}
    if is_enum and not situation.choices:
        text = f"the question '{situation.id}' offers no choices"
        notes.add(f"{path}.type", "wrong_kind", text, "add 'choices'")
    if situation.choices and not is_enum:
        text = f"choices belong to a question of type enum or list, this is {situation.type}"
        notes.add(f"{path}.choices", "wrong_kind", text, "use 'type: enum'", at_key=True)
    for name in ("minimum", "maximum"):
        if getattr(situation, name) is not None and not is_number:
            text = f"'{name}' belongs to a number, this is {situation.type}"
            notes.add(f"{path}.{name}", "wrong_kind", text, "drop it", at_key=True)
    for name in ("earliest", "latest"):
        if getattr(situation, name) is not None and situation.type is not AnswerType.DATE:
            text = f"'{name}' belongs to a day, this is {situation.type}"
            notes.add(f"{path}.{name}", "wrong_kind", text, "drop it", at_key=True)
    first, last = situation.earliest, situation.latest
    if first is not None and last is not None and first > last:
        text = f"the earliest day {first} is after the latest {last}"
        notes.add(f"{path}.earliest", "wrong_value", text, "correct one of them")
    low, high = situation.minimum, situation.maximum
    if low is not None and high is not None and low > high:
        text = f"the minimum {low} is above the maximum {high}"
        notes.add(f"{path}.minimum", "wrong_value", text, "correct one of them")
    if situation.default is not None:
        problem = problem_with(situation, situation.default)
        if problem is not None:
            text = f"the default cannot answer its question: {problem}"
            notes.add(f"{path}.default", "wrong_value", text, "correct it")


def _order(notes: Notes) -> None:
    earlier: set[str] = set()
    known = {situation.id for situation in notes.thing.situations}
    for situation in notes.thing.situations:
        text = situation.visible_when
        rule = notes.effective.rules.get(text) if text is not None else None
        for name in rule.names if rule else ():
            if name in known - earlier:
                notes.add(
                    f"situations.{situation.id}.visible_when",
                    "later_question",
                    f"'{situation.id}' hangs on '{name}', which is not asked before it",
                    "move the question down, or use earlier answers",
                )
        earlier.add(situation.id)


def _rules(notes: Notes) -> None:
    declared = declare(notes.thing.situations)
    for path, text in rule_texts(notes.thing, notes.effective.items):
        try:
            check_rule(notes.effective.rules[text], declared)
        except RuleTypeError as error:
            notes.rule(path, _of_a_field(notes, text, error) or error)


def _of_a_field(notes: Notes, text: str, error: RuleTypeError) -> RuleTypeError | None:
    """Return the same refusal in better words where the unknown name is a field's."""
    match = _NAME.match(text, error.offset)
    name = match.group() if match else ""
    if name in declare(notes.thing.situations):
        return None
    for spec in notes.thing.fields:
        if spec.id == name:
            due = f"name the question '{spec.answer}'" if spec.answer else "ask a question for it"
            return RuleTypeError(
                f"'{name}' is a field, rules read questions; {due}", offset=error.offset
            )
    return None


def check_use(notes: Notes) -> None:
    """Note answers on which nothing hangs. Names must be sound: a slip would only echo here."""
    used = {name for rule in notes.effective.rules.values() for name in rule.names}
    used |= {spec.answer for spec in notes.thing.fields if spec.answer is not None}
    used |= {step.region.of for step in notes.thing.steps if step.region is not None}
    dispatch = notes.thing.dispatch
    if dispatch is not None:
        used |= {dispatch.kind, dispatch.where, dispatch.place or dispatch.kind}
    used |= {step.for_each.count for step in notes.thing.steps if step.for_each is not None}
    for situation in notes.thing.situations:
        if situation.id not in used:
            notes.add(
                f"situations.{situation.id}.id",
                "unused_question",
                f"nothing hangs on the answer to '{situation.id}'",
                "use it in a rule or a field, or do not ask",
            )
