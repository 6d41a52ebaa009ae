"""Of a report (派单): the unit that must act by the duty table, asked once for each plan."""

from __future__ import annotations

from collections.abc import Iterator

from oneservice.catalog import (
    Competence,
    Dispatch,
    EffectiveThing,
    Item,
    Level,
    OverduePolicy,
    Report,
    Step,
    competent_unit,
)
from oneservice.errors import AnswersInvalidError, DutyConflictError, DutyUnknownError
from oneservice.plan.facts import Facts
from oneservice.plan.parts import PlannedDispatch, PlannedRung, PlannedUnit
from oneservice.plan.terms import TimeLimit

__all__ = ["item_by_duty", "planned_dispatch", "planned_escalation", "unit_on_duty"]


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
    return competent_unit(dispatch, _report(dispatch, facts))


def _report(dispatch: Dispatch, facts: Facts) -> Report:
    needed = (dispatch.kind, dispatch.where)
    problems = {name: "not answered" for name in needed if name not in facts.answers}
    if problems:
        raise AnswersInvalidError(problems)
    place = facts.answers.get(dispatch.place) if dispatch.place is not None else None
    return Report(
        kind=str(facts.answers[dispatch.kind]),
        place=None if place is None else str(place),
        region=str(facts.answers[dispatch.where]),
    )


def planned_dispatch(thing: EffectiveThing, facts: Facts) -> PlannedDispatch | None:
    """Return which units are asked after the first one, as far as the table names one each time."""
    dispatch = thing.thing.dispatch
    if dispatch is None:
        return None
    _, *others = _units(dispatch, _report(dispatch, facts))
    return PlannedDispatch(
        accept_hours=dispatch.accept_hours,
        max_returns=dispatch.max_returns,
        next_units=tuple(
            PlannedUnit(duty=one.duty.id, department=one.duty.department, region=one.region)
            for one in others[: dispatch.max_returns]
        ),
    )


def _units(dispatch: Dispatch, report: Report) -> Iterator[Competence]:
    """Yield the unit that acts, then those after it, each without all that were named before.

    A table that cannot tell two units apart, or has none left, is no reason to refuse the report:
    the lead department decides then.
    """
    asked: list[str] = []
    while True:
        try:
            found = competent_unit(dispatch, report, without=asked)
        except (DutyConflictError, DutyUnknownError):
            return
        asked.append(found.duty.id)
        yield found


def planned_escalation(
    item: Item, thing: EffectiveThing, facts: Facts, unit: Competence | None
) -> tuple[PlannedRung, ...]:
    """Return the rungs of the escalation ladder (督办) of a step, narrowest first.

    The item's own; or of a report, the offices of wider levels that the duty table names for it.
    """
    if item.on_overdue is not OverduePolicy.ESCALATE:
        return ()
    if item.escalation:
        return tuple(
            PlannedRung(
                level=rung.level,
                office=rung.office,
                after=TimeLimit(days=rung.after.days, unit=rung.after.unit),
            )
            for rung in item.escalation
        )
    dispatch = thing.thing.dispatch
    if unit is None or dispatch is None:
        return ()
    wider = [
        one
        for one in _units(dispatch, _report(dispatch, facts))
        if _ORDER[one.duty.level] < _ORDER[unit.duty.level]
    ]
    wider.sort(key=lambda one: -_ORDER[one.duty.level])
    return tuple(
        PlannedRung(
            level=one.duty.level,
            office=one.duty.department,
            after=_answer_within(one, item),
        )
        for one in wider
    )


def _answer_within(unit: Competence, item: Item) -> TimeLimit:
    limit = unit.duty.handle or item.promised
    return TimeLimit(days=limit.days, unit=limit.unit)


_ORDER = {level: number for number, level in enumerate(Level)}
"""From the widest, 0, to the narrowest."""


def item_by_duty(thing: EffectiveThing, step: Step, unit: Competence | None) -> str:
    """Return the item that ``step`` places; the unit's own where the table names items like it."""
    dispatch = thing.thing.dispatch
    if unit is None or dispatch is None or not step.is_by_duty:
        return step.item
    named = {duty.item for duty in dispatch.duties}
    return unit.duty.item if step.item in named else step.item
