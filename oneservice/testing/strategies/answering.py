"""Answers to the questions of a one-thing, valid for every situation, and what they lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from hypothesis import assume
from hypothesis import strategies as st

from oneservice.catalog import AnswerType, EffectiveThing, Situation, normalise_answers
from oneservice.errors import AnswersConflictError, DutyConflictError, DutyUnknownError
from oneservice.plan import Plan, build_plan
from oneservice.testing.strategies.quiet import Quiet
from oneservice.workdays import WorkCalendar

__all__ = ["answers", "plans", "values_of"]

_WIDEST: Final = 2_000
"""How far numbers go where a question has no bounds: rules have their thresholds far below."""
_MENDINGS: Final = 12
"""Tries to draw conflicting answers anew before the whole example is given up."""
_DATES: Final = (date(2025, 1, 1), date(2027, 12, 31))


def values_of(
    question: Situation, *, regions: Sequence[str] = ("990101",)
) -> st.SearchStrategy[Any]:
    """Draw a valid answer to one ``question``.

    Args:
        question: its choices and bounds are kept; its rules of visibility are not looked at.
        regions: what a question for a region may be answered with.
    """
    match question.type:
        case AnswerType.BOOL:
            return st.booleans()
        case AnswerType.ENUM:
            return st.sampled_from([choice.value for choice in question.choices])
        case AnswerType.LIST:
            choices = st.sampled_from([choice.value for choice in question.choices])
            return st.lists(choices, unique=True, min_size=0 if question.default == () else 1)
        case AnswerType.REGION:
            return st.sampled_from(list(regions))
        case AnswerType.DATE:
            first = question.earliest or _DATES[0]
            last = question.latest or max(_DATES[1], first)
            return st.dates(first, last).map(date.isoformat)
        case AnswerType.INT:
            return st.integers(*_bounds(question))
        case AnswerType.DECIMAL:
            low, high = _bounds(question)
            return st.integers(low * 4, high * 4).map(lambda quarters: Decimal(quarters) / 4)


def _bounds(question: Situation) -> tuple[int, int]:
    """Return whole bounds within those of ``question``."""
    low = -(-(question.minimum or 0) // 1)
    high = low + _WIDEST if question.maximum is None else question.maximum // 1
    return int(low), int(high)


def answers(
    thing: EffectiveThing, *, regions: Sequence[str] | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw answers to ``thing`` as a portal sends them.

    Every question without a default is answered, others sometimes, hidden ones too (an engine drops
    those). Answers that contradict one another by the catalog's own rules never come.

    Args:
        thing: the definition that counts, as ``Catalog.thing`` returns it.
        regions: for questions that ask for a region; by default the region of ``thing``.
    """
    return _answers(_shown(thing), tuple(regions or (thing.region,)))


def plans(
    thing: EffectiveThing,
    *,
    calendar: WorkCalendar,
    on: date | None = None,
    regions: Sequence[str] | None = None,
) -> st.SearchStrategy[Plan]:
    """Draw a plan of ``thing``: what follows from answers that nobody thought of.

    Answers for which no office is competent by the catalog's duty table are not drawn.

    Args:
        thing: as for :func:`answers`.
        calendar: the working days that it is computed with.
        on: the day of acceptance; by default the day for which ``thing`` was asked.
        regions: as for :func:`answers`.
    """
    quiet_calendar = Quiet(calendar, calendar.version)
    return _plans(answers(thing, regions=regions), _shown(thing), quiet_calendar, on or thing.on)


@st.composite
def _answers(
    draw: st.DrawFn, thing: Quiet[EffectiveThing], regions: tuple[str, ...]
) -> dict[str, Any]:
    questions = {one.id: one for one in thing.value.thing.situations}
    given: dict[str, Any] = {}
    for question in questions.values():
        if question.default is None or draw(st.booleans()):
            given[question.id] = draw(values_of(question, regions=regions))
    for _ in range(_MENDINGS):
        try:
            normalise_answers(thing.value, given)
        except AnswersConflictError as error:
            for name in error.questions:  # drawing all of them again would forget the others
                given[name] = draw(values_of(questions[name], regions=regions))
        else:
            return given
    assume(False)
    raise AssertionError  # not reached


@st.composite
def _plans(
    draw: st.DrawFn,
    answered: st.SearchStrategy[Mapping[str, Any]],
    thing: Quiet[EffectiveThing],
    calendar: Quiet[WorkCalendar],
    on: date,
) -> Plan:
    facts = normalise_answers(thing.value, draw(answered))
    try:
        return build_plan(thing.value, facts, on=on, calendar=calendar.value)
    except (DutyConflictError, DutyUnknownError):
        assume(False)
        raise


def _shown(thing: EffectiveThing) -> Quiet[EffectiveThing]:
    return Quiet(thing, f"{thing.thing.id} in {thing.region}")
