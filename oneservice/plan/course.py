"""How the active steps follow one another: order, days, critical path, promise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from oneservice.catalog import EffectiveThing, LimitUnit, StepKind
from oneservice.errors import DependencyCycleError, UnknownReferenceError
from oneservice.plan.activation import ActiveStep
from oneservice.plan.graph import Needs, longest_path, topological_order
from oneservice.plan.schedule import Reckoning, Span, critical, promised_working_days, schedule
from oneservice.plan.terms import DueDate, TimeLimit

__all__ = ["Course", "follow"]

_NOT_COUNTED = TimeLimit(days=0, unit=LimitUnit.WORKING_DAYS)
"""What the time of others counts in a promise of the authorities: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the active steps follow one another; everything by step, not by instance.

    ``path`` is the critical path, ``working_days`` the promise along it, ``due`` its end;
    ``critical`` are the steps of this and any other path that is as long. All days are as if
    external steps took none; ``expected`` is the end if they take what they usually do.
    """

    order: tuple[str, ...]
    needs: Needs
    spans: Mapping[str, Span]
    critical: frozenset[str]
    path: tuple[str, ...]
    working_days: int
    due: DueDate
    expected: DueDate | None


def follow(
    thing: EffectiveThing,
    active: tuple[ActiveStep, ...],
    *,
    on: date,
    reckoning: Reckoning,
    spared: Collection[str] = (),
) -> Course:
    """Return the course of ``active`` steps when the case is accepted ``on`` that day.

    Args:
        thing: the definition.
        active: the steps that are taken.
        on: the day from which offices work.
        reckoning: by the deciding office's calendar.
        spared: steps of which a held certificate spares every instance. What comes behind one still
            comes behind what that one would have waited for.

    Raises:
        DependencyCycleError: they wait for one another in a circle.
        UnknownReferenceError: one of them waits for a step that is not declared.
    """
    needs = _needs(thing, active, frozenset(spared))
    usual = {step.step.id: step.promised for step in active}
    outside = [step.step.id for step in active if step.step.kind is StepKind.EXTERNAL]
    limits = usual | dict.fromkeys(outside, _NOT_COUNTED)
    order = _order(thing, needs)
    spans = schedule(order, needs, limits, on=on, reckoning=reckoning)
    promise = _promise(active, order, needs)
    if not promise:
        return Course(
            order=order,
            needs=needs,
            spans=spans,
            critical=frozenset(),
            path=(),
            working_days=0,
            due=DueDate(on=on),
            expected=None,
        )
    # Calendar days, not promises, are what adds up: the path of the latest due date is the
    # longest one also where working days and natural days are mixed.
    path = longest_path(promise, {step: spans[step].natural_days for step in promise})
    return Course(
        order=order,
        needs=needs,
        spans=spans,
        critical=critical(order, promise, spans),
        path=path,
        working_days=promised_working_days(path, spans, limits, reckoning),
        due=spans[path[-1]].due,
        expected=_latest(promise, schedule(order, needs, usual, on=on, reckoning=reckoning))
        if outside
        else None,
    )


def _latest(steps: Iterable[str], spans: Mapping[str, Span]) -> DueDate:
    return max((spans[step].due for step in steps), key=lambda due: (due.on, due.is_provisional))


def _promise(active: tuple[ActiveStep, ...], order: tuple[str, ...], needs: Needs) -> Needs:
    """Return the part of ``needs`` that the case's promise covers.

    A follow-up, and what waits for one, runs on its own clock after the case is concluded.
    """
    after = {step.step.id for step in active if step.step.kind is StepKind.FOLLOW_UP}
    for step in order:
        if any(wait in after for wait in needs[step]):
            after.add(step)
    return {step: waits for step, waits in needs.items() if step not in after}


def _needs(thing: EffectiveThing, active: tuple[ActiveStep, ...], spared: frozenset[str]) -> Needs:
    """Return the arrows between active steps; those to inactive ones are dropped."""
    declared = {step.id: step for step in thing.thing.steps}
    switched_on = {step.step.id for step in active}
    for step in active:
        for wait in (*step.step.requires, *step.step.attaches):
            if wait not in declared:
                msg = f"step {step.step.id!r} waits for {wait!r}, which is not declared"
                source = thing.source_of(f"{thing.thing.id}.steps.{step.step.id}")
                raise UnknownReferenceError(msg, source=source)
    through = {name: declared[name].requires for name in spared - switched_on}
    return {
        step.step.id: tuple(
            dict.fromkeys(
                wait for wait in _passed_on(step.step.requires, through) if wait in switched_on
            )
        )
        for step in active
    }


def _passed_on(waits: Iterable[str], through: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield ``waits``, a spared step replaced by what it waits for itself, each looked at once."""
    seen: set[str] = set()
    ahead = list(reversed(tuple(waits)))
    while ahead:
        wait = ahead.pop()
        if wait not in through:
            yield wait
        elif wait not in seen:
            seen.add(wait)
            ahead.extend(reversed(through[wait]))


def _order(thing: EffectiveThing, needs: Needs) -> tuple[str, ...]:
    try:
        return topological_order(needs)
    except DependencyCycleError as error:
        source = thing.source_of(f"{thing.thing.id}.steps.{error.cycle[0]}")
        raise DependencyCycleError(cycle=error.cycle, source=source) from None
