"""Of a report (派单): the unit that must act by the duty table, asked once for each plan."""

from __future__ import annotations

from oneservice.catalog import Competence, EffectiveThing, Report, Step, competent_unit
from oneservice.errors import AnswersInvalidError
from oneservice.plan.facts import Facts

__all__ = ["item_by_duty", "unit_on_duty"]


def unit_on_duty(thing: EffectiveThing, facts: Facts) -> Competence | None:
    """Return who must act on what these answers report; ``None``: it is no report.

    Raises:
        AnswersInvalidError: the report does not say what or where; a rule hid the question.
        DutyConflictError: two rows of the table fit equally well.
        DutyUnknownError: no row fits.
    """
    dispatch = thing.thing.dispatch
    if dispatch is None:
        return None
    needed = (dispatch.kind, dispatch.where)
    problems = {name: "not answered" for name in needed if name not in facts.answers}
    if problems:
        raise AnswersInvalidError(problems)
    place = facts.answers.get(dispatch.place) if dispatch.place is not None else None
    report = Report(
        kind=str(facts.answers[dispatch.kind]),
        place=None if place is None else str(place),
        region=str(facts.answers[dispatch.where]),
    )
    return competent_unit(dispatch, report)


def item_by_duty(thing: EffectiveThing, step: Step, unit: Competence | None) -> str:
    """Return the item that ``step`` places; the unit's own where the table names items like it."""
    dispatch = thing.thing.dispatch
    if unit is None or dispatch is None or not step.is_by_duty:
        return step.item
    named = {duty.item for duty in dispatch.duties}
    return unit.duty.item if step.item in named else step.item
