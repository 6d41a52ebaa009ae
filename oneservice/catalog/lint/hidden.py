"""Answers that nobody is asked for: a hidden question without a default has no value.

A hidden required field is the classic trap of such forms: it blocks the submission and cannot be
filled. What is found is a real case with the answers that make it, so there are no false alarms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.effective import rule_texts
from oneservice.catalog.lint.solving import Answered, Goal, Space
from oneservice.catalog.lint.words import shown

if TYPE_CHECKING:
    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.models import Situation

__all__ = ["check_hidden"]


def check_hidden(notes: Notes, space: Space) -> None:
    """Note what may need the answer of a question that is hidden then and has no default.

    The rules must have passed their type check: they are evaluated here.
    """
    for situation in notes.thing.situations:
        if situation.visible_when is not None and situation.default is None:
            _rules(notes, space, situation, situation.visible_when)
            _fields(notes, space, situation)
            _steps(notes, space, situation)


def _rules(notes: Notes, space: Space, situation: Situation, visible: str) -> None:
    for path, text in rule_texts(notes.thing, notes.effective.items):
        if situation.id not in notes.effective.rules[text].names:
            continue
        found = space.find((visible, False), (text, None), hides=situation.id)
        if found is not None:
            words = f"this rule needs '{situation.id}', which is hidden"
            _note(notes, path, situation, words, found, (visible, text))


def _fields(notes: Notes, space: Space, situation: Situation) -> None:
    for spec in notes.thing.fields:
        if spec.answer == situation.id:
            what = f"the field '{spec.id}' needs '{situation.id}', which is hidden"
            _needed(notes, space, f"fields.{spec.id}.answer", situation, spec.when, what)


def _steps(notes: Notes, space: Space, situation: Situation) -> None:
    for step in notes.thing.steps:
        if step.for_each is not None and step.for_each.count == situation.id:
            what = f"the step '{step.id}' repeats by '{situation.id}', which is hidden"
            path = f"steps.{step.id}.for_each.count"
            _needed(notes, space, path, situation, step.when, what)


def _needed(  # noqa: PLR0917 - the place, what is needed there, and the words for it
    notes: Notes, space: Space, path: str, situation: Situation, when: str | None, what: str
) -> None:
    texts = [text for text in (situation.visible_when, when) if text is not None]
    visible, *conditions = texts
    goals: list[Goal] = [(visible, False), *((text, True) for text in conditions)]
    found = space.find(*goals, hides=situation.id)
    if found is not None:
        _note(notes, path, situation, what, found, tuple(texts))


def _note(  # noqa: PLR0917 - the place, the words, and the answers that show it
    notes: Notes,
    path: str,
    situation: Situation,
    text: str,
    found: Answered,
    rules: tuple[str, ...],
) -> None:
    names = [name for rule in rules for name in notes.effective.rules[rule].names]
    remedy = f"give the question a default, or add '{situation.visible_when}' to the condition here"
    notes.add(path, "hidden_required", f"{text}{shown(found, names)}", remedy)
