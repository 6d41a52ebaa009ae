"""Asking one question after the other: what is on the page, what comes next, what is left out.

Theory of operation. Two ways to look at half-given answers. *On the page* a question that is not
answered has its default, exactly as :func:`normalise_answers` takes it. *While asking*, a default
is only a proposal: such a question is unknown until somebody answers it or it is hidden. The next
question is one that is visible, not answered, and either has no default or is read by something
still open: a rule that the facts do not decide, in a part of the one-thing that may still be
needed. Rules are three-valued, so what is decided stays decided whatever is answered next; when
nothing is left to ask, no answer that was not given can change which steps, fields or materials
the plan has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oneservice.catalog.answers import Answers, conflicts, problem_with, value_of_answer
from oneservice.catalog.rules import truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from oneservice.catalog.effective import EffectiveThing
    from oneservice.catalog.models import Situation, Step
    from oneservice.catalog.terms import Text

__all__ = [
    "Conflict",
    "conflicts_so_far",
    "next_question",
    "problems_so_far",
    "purge",
    "visible_questions",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Answers that cannot stand together: what to tell the person, and the questions involved."""

    text: Text
    questions: tuple[str, ...]


def visible_questions(
    effective: EffectiveThing, answers: Mapping[str, Any]
) -> tuple[Situation, ...]:
    """Return the questions on the page for ``answers`` so far, in their order.

    Defaults count as answers. A question hangs on earlier ones only; while one of these has
    neither answer nor default, it is not shown yet.
    """
    facts: Answers = {}
    visible = []
    for question in effective.thing.situations:
        is_shown = _is_visible(effective, question, facts) is True
        _learn(facts, question, answers, is_shown=is_shown, takes_default=True)
        if is_shown:
            visible.append(question)
    return tuple(visible)


def next_question(effective: EffectiveThing, answers: Mapping[str, Any]) -> Situation | None:
    """Return the question to ask next, or None: then ``answers`` are enough for a plan.

    An answer that its question cannot take counts as none: it is asked for again.
    """
    facts, visibility = _asked(effective, answers)
    needed = _needed(effective, facts, visibility)
    for question in effective.thing.situations:
        is_open = visibility[question.id] is True and question.id not in facts
        if is_open and (question.default is None or question.id in needed):
            return question
    return None


def purge(effective: EffectiveThing, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``answers`` without those of hidden and of unknown questions, in the questions' order.

    What is left gives the same plan. Purge before anything is stored or sent; keep the full
    answers while the page is open, so that turning an answer back brings the hidden ones back.
    """
    visible = visible_questions(effective, answers)
    return {each.id: answers[each.id] for each in visible if each.id in answers}


def problems_so_far(effective: EffectiveThing, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return, by question, why a given answer cannot be taken; questions on the page only."""
    found = {
        each.id: problem_with(each, answers[each.id])
        for each in visible_questions(effective, answers)
        if each.id in answers
    }
    return {name: problem for name, problem in found.items() if problem is not None}


def conflicts_so_far(effective: EffectiveThing, answers: Mapping[str, Any]) -> tuple[Conflict, ...]:
    """Return the contradictions that the answers given so far already make certain."""
    facts, _ = _asked(effective, answers)
    return tuple(
        Conflict(text=effective.thing.contradictions[index].text, questions=names)
        for index, names in conflicts(effective, facts)
    )


# --- what is known, what is open ------------------------------------------------------------------


def _asked(
    effective: EffectiveThing, answers: Mapping[str, Any]
) -> tuple[Answers, dict[str, bool | None]]:
    """Return what is settled, and whether each question is visible; None is open."""
    facts: Answers = {}
    visibility: dict[str, bool | None] = {}
    for question in effective.thing.situations:
        seen = visibility[question.id] = _is_visible(effective, question, facts)
        if seen is not None:
            _learn(facts, question, answers, is_shown=seen, takes_default=not seen)
    return facts, visibility


def _is_visible(effective: EffectiveThing, question: Situation, facts: Answers) -> bool | None:
    text = question.visible_when
    return True if text is None else truth(effective.rules[text], facts)


def _learn(
    facts: Answers,
    question: Situation,
    answers: Mapping[str, Any],
    *,
    is_shown: bool,
    takes_default: bool,
) -> None:
    value = None
    if is_shown and question.id in answers:
        value = value_of_answer(question, answers[question.id])
    elif takes_default and question.default is not None:
        value = value_of_answer(question, question.default)
    if value is not None:
        facts[question.id] = value


def _needed(
    effective: EffectiveThing, facts: Answers, visibility: Mapping[str, bool | None]
) -> set[str]:
    """Return the questions that something open reads, and those that these hang on in turn."""
    needed = set(_read_by_the_open(effective, facts))
    for question in reversed(effective.thing.situations):  # each hangs on earlier ones only
        is_wanted = question.id in needed or question.default is None
        if is_wanted and visibility[question.id] is None and question.visible_when is not None:
            needed.update(effective.rules[question.visible_when].names)
    return needed


def _read_by_the_open(effective: EffectiveThing, facts: Answers) -> Iterator[str]:
    thing = effective.thing
    possible = {step.id for step in thing.steps if _may(effective, step.when, facts)}
    for step in thing.steps:
        if step.id in possible:
            yield from _read_by_step(effective, step, facts)
    asked = [(spec.steps, spec.when, spec.answer) for spec in thing.fields]
    asked += [(spec.steps, spec.when, None) for spec in thing.materials]
    for steps, when, answer in asked:
        if possible.intersection(steps) and _may(effective, when, facts):
            yield from _names(effective, when, facts)
            if answer is not None:
                yield answer
    whens = [contradiction.when for contradiction in thing.contradictions]
    whens += [party.when for party in thing.parties if party.when is not None]
    whens += [batch.when for batch in thing.batches if batch.when is not None]
    for text in whens:
        yield from _names(effective, text, facts)
    if thing.dispatch is not None:
        yield from (thing.dispatch.kind, thing.dispatch.place or "", thing.dispatch.where)


def _read_by_step(effective: EffectiveThing, step: Step, facts: Answers) -> Iterator[str]:
    yield from _names(effective, step.when, facts)
    if step.for_each is not None:
        yield step.for_each.count
    if step.region is not None and _may(effective, step.region.when, facts):
        yield from _names(effective, step.region.when, facts)
        yield step.region.of
    for limit in step.limits:
        yield from _names(effective, limit.when, facts)
        if truth(effective.rules[limit.when], facts) is True:
            break  # the first that matches wins
    item = effective.items.get(step.item)
    if item is not None:
        whens = [channel.when for channel in item.channels] + [fee.when for fee in item.fees]
        for when in (*whens, item.commitment.when if item.commitment else None):
            yield from _names(effective, when, facts)


def _may(effective: EffectiveThing, when: str | None, facts: Answers) -> bool:
    return when is None or truth(effective.rules[when], facts) is not False


def _names(effective: EffectiveThing, when: str | None, facts: Answers) -> Iterable[str]:
    """Return what an undecided rule reads; nothing for one that is decided."""
    if when is None or truth(effective.rules[when], facts) is not None:
        return ()
    return effective.rules[when].names
