"""What an applicant answered -> exact facts, or all problems at once.

Questions are taken in their order: visible or not, then the value, then the default. A hidden
question's value is dropped, whatever was sent; only its default stays for rules to read. So turning
an answer off and on again ends where it began, and nothing hidden reaches a department.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from oneservice.catalog.models import AnswerType, Situation
from oneservice.catalog.rules import (
    FactValue,
    did_you_mean,
    evaluate,
    is_day,
    is_region,
    truth,
)
from oneservice.errors import AnswersConflictError, AnswersInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.catalog.effective import EffectiveThing
    from oneservice.catalog.models import OneThing

__all__ = ["Answers", "conflicts", "normalise_answers", "problem_with", "value_of_answer"]

Answers: TypeAlias = dict[str, FactValue]
"""Question id to value: bool, int, Decimal, text (a choice, a region, a day) or a tuple of choices;
in the questions' order."""

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
_MOST_DIGITS = 40
_SAFE_INTEGER = 2**53 - 1
"""The largest whole number that JSON readers agree on (RFC 7493 section 2.2)."""


def normalise_answers(effective: EffectiveThing, raw: Mapping[str, Any]) -> Answers:
    """Return the facts that rules read: checked, defaults applied, hidden values dropped.

    Args:
        effective: the definition that counts (base and overlays).
        raw: answers as a portal or a file has them. Numbers may be text (``"82.5"``); a float is
            taken at its shortest decimal form (``82.5``), which is what somebody typed.

    Raises:
        AnswersInvalidError: answers that are missing, unknown, of the wrong type or out of range;
            all of them.
        AnswersConflictError: answers that cannot stand together, with the questions involved.
        RuleEvaluationError: a rule of the catalog needs an answer that nobody was asked for.
    """
    thing = effective.thing
    problems = _strangers(thing, raw)
    facts: Answers = {}
    for situation in thing.situations:
        is_visible = _is_visible(effective, situation, facts, has_problems=bool(problems))
        if is_visible and situation.id in raw:
            value = _value(situation, raw[situation.id])
            if isinstance(value, _Problem):
                problems[situation.id] = value.text
            else:
                facts[situation.id] = value
        elif situation.default is not None:
            facts[situation.id] = _default(situation)
        elif is_visible:
            question = situation.question
            problems[situation.id] = f"not answered: {question.en} / {question.zh}"
    if problems:
        raise AnswersInvalidError(problems)
    _refuse_conflicts(effective, facts)
    return facts


def conflicts(effective: EffectiveThing, facts: Answers) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """Return the contradictions that hold: index in ``thing.contradictions``, questions involved.

    Facts may be incomplete: a contradiction that cannot be decided yet does not hold yet.
    """
    parsed = [effective.rules[each.when] for each in effective.thing.contradictions]
    return tuple(
        (index, rule.names) for index, rule in enumerate(parsed) if truth(rule, facts) is True
    )


def problem_with(situation: Situation, value: Any) -> str | None:
    """Return why ``value`` cannot answer ``situation``, or None where it can."""
    found = _value(situation, value)
    return found.text if isinstance(found, _Problem) else None


def value_of_answer(situation: Situation, value: Any) -> FactValue | None:
    """Return ``value`` as rules read it, or None where it cannot answer ``situation``."""
    found = _value(situation, value)
    return None if isinstance(found, _Problem) else found


def _refuse_conflicts(effective: EffectiveThing, facts: Answers) -> None:
    found = conflicts(effective, facts)
    if not found:
        return
    texts = [effective.thing.contradictions[index].text for index, _ in found]
    names = dict.fromkeys(name for _, names in found for name in names)
    message = "; ".join(f"{text.en} / {text.zh}" for text in texts)
    raise AnswersConflictError(f"{message} ({', '.join(names)})", questions=tuple(names))


def _strangers(thing: OneThing, raw: Mapping[str, Any]) -> dict[str, str]:
    known = {situation.id for situation in thing.situations}
    return {
        str(name)[:60]: f"'{thing.id}' asks no such question{did_you_mean(str(name)[:60], known)}"
        for name in raw
        if name not in known
    }


def _is_visible(
    effective: EffectiveThing, situation: Situation, facts: Answers, *, has_problems: bool
) -> bool:
    if situation.visible_when is None:
        return True
    rule = effective.rules[situation.visible_when]
    visible = truth(rule, facts)
    if visible is None and not has_problems:
        evaluate(rule, facts, path=f"{effective.thing.id}.situations.{situation.id}.visible_when")
    return bool(visible)  # unknown beside an invalid answer: told after that one is mended


class _Problem:
    """Why an answer cannot be taken."""

    def __init__(self, text: str) -> None:
        self.text = text


def _default(situation: Situation) -> FactValue:
    value = _value(situation, situation.default)
    if isinstance(value, _Problem):
        raise AnswersInvalidError({situation.id: f"the catalog's default: {value.text}"})
    return value


def _value(situation: Situation, raw: Any) -> FactValue | _Problem:
    match situation.type:
        case AnswerType.BOOL:
            return raw if isinstance(raw, bool) else _Problem("answer true or false")
        case AnswerType.ENUM:
            return _choice(situation, raw)
        case AnswerType.INT | AnswerType.DECIMAL:
            return _number(situation, raw)
        case AnswerType.LIST:
            return _choices(situation, raw)
        case AnswerType.REGION:
            is_one = isinstance(raw, str) and is_region(raw)
            return raw if is_one else _Problem("a region code of 6, 9 or 12 digits is due")
        case AnswerType.DATE:
            return _day(situation, raw)


def _choices(situation: Situation, raw: Any) -> FactValue | _Problem:
    """Return what was chosen in the question's own order, so that one choice has one form.

    Nothing chosen is an answer only where the author made it the default.
    """
    named = ", ".join(choice.value for choice in situation.choices)
    if not isinstance(raw, (list, tuple)):
        return _Problem(f"choose one or several of: {named}; write them as [{named}]")
    if not raw and situation.default != ():
        return _Problem(f"choose at least one of: {named}")
    for each in raw:
        problem = _choice(situation, each)
        if isinstance(problem, _Problem):
            return problem
    return tuple(choice.value for choice in situation.choices if choice.value in raw)


def _day(situation: Situation, raw: Any) -> FactValue | _Problem:
    text = raw.isoformat() if type(raw) is date else raw
    if not isinstance(text, str) or not is_day(text):
        return _Problem("a day is due, written as 2026-09-01")
    low, high = situation.earliest, situation.latest
    if (low and text < low.isoformat()) or (high and text > high.isoformat()):
        bounds = [f"not before {low}"] * (low is not None) + [f"not after {high}"] * bool(high)
        # Not repeated: it may be somebody's birthday, and messages end up in logs.
        return _Problem(f"the day is out of range: {', '.join(bounds)}")
    return text


def _choice(situation: Situation, raw: Any) -> str | _Problem:
    choices = tuple(choice.value for choice in situation.choices)
    if isinstance(raw, str) and raw in choices:
        return raw
    return _Problem(f"choose one of: {', '.join(choices)}{did_you_mean(str(raw)[:60], choices)}")


def _number(situation: Situation, raw: Any) -> int | Decimal | _Problem:
    value = _exact(raw)
    if value is None:
        return _Problem("a number is due, such as 82.5 (at most 18 digits, 9 decimals)")
    is_whole = value == value.to_integral_value()
    if situation.type is AnswerType.INT and not is_whole:
        return _Problem("a whole number is due")
    if abs(value) > _SAFE_INTEGER:
        return _Problem("the number is too large")
    low, high = situation.minimum, situation.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        unit = f" {situation.unit}" if situation.unit else ""
        bounds = [f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)
        return _Problem(f"{value}{unit} is out of range: {', '.join(bounds)}{unit}")
    return int(value) if situation.type is AnswerType.INT else value


def _exact(raw: Any) -> Decimal | None:
    """Return ``raw`` as the shortest decimal, so that ``82.50`` and ``82.5`` are one answer."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal, str)):
        return None
    if isinstance(raw, int) and abs(raw) > _SAFE_INTEGER:
        return None
    if isinstance(raw, Decimal):
        if not raw.is_finite() or abs(raw.adjusted()) > _MOST_DIGITS:
            return None
        raw = format(raw, "f")
    text = str(raw).strip()  # a float as Python shows it: the shortest text that reads back
    if not _NUMBER.fullmatch(text):
        return None
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return Decimal(f"{whole}.{fraction}" if fraction else whole) + 0  # "+ 0": minus zero is zero
