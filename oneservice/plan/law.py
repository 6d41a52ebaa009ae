"""By whose law a step goes that another region decides: the deciding region's, where it is known.

Theory of operation. The accepting region says which steps there are and asks the questions. Once it
is known which step goes where, each step that is routed away gets the law of its region
(:func:`oneservice.catalog.governed`), and everything is planned as if that were one definition.
Only the reasons compare: what the step would be here, and what it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from oneservice.catalog import (
    EffectiveThing,
    LocalDefinition,
    governed,
    proposed_answers,
    unsettled_rules,
)
from oneservice.identifiers import NATIONAL, parse_region, region_contains
from oneservice.plan.activation import ActiveStep, activate, instance_counts
from oneservice.plan.facts import Facts
from oneservice.plan.law_differences import differences
from oneservice.plan.law_words import counted_in, not_at_hand, not_known_there, open_questions
from oneservice.plan.models import SkippedStep
from oneservice.plan.parts import PlannedLaw
from oneservice.plan.routing import region_of
from oneservice.plan.schedule import Reckoning
from oneservice.plan.terms import Reason
from oneservice.workdays import WorkCalendar, WorkCalendars, calendar_at

__all__ = ["Ruling", "rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The definition that counts for these answers, and what it switches on.

    ``laws`` and ``reasons`` are by step, where a step does not go by the law and the working days
    of the case's own region.
    """

    thing: EffectiveThing
    facts: Facts
    counts: dict[str, int]
    active: tuple[ActiveStep, ...]
    skipped: tuple[SkippedStep, ...]
    reckoning: Reckoning
    laws: Mapping[str, PlannedLaw] = field(default_factory=dict)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Away:
    """One step that another region decides: ``there`` is its law, ``None``: the own one counts."""

    step: ActiveStep
    region: str
    there: LocalDefinition | None
    is_at_hand: bool
    calendar_region: str
    """The code under which its working days stand; empty: they are those of the plan."""


def rule(thing: EffectiveThing, facts: Facts, calendar: WorkCalendar) -> Ruling:
    """Return what ``facts`` switch on, each step by the law of the region that decides it.

    Args:
        thing: the definition of the region that accepts.
        facts: the answers.
        calendar: the accepting region's working days; with other regions' ones beside them, where
            they are known.

    Raises:
        AnswersInvalidError: a count is beyond what a plan can hold.
        DutyConflictError, DutyUnknownError: the duty table does not name one unit.
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: a step names an item that the definition does not have.
    """
    counts = instance_counts(thing, facts)
    active, skipped = activate(thing, facts, counts)
    own = Ruling(
        thing=thing,
        facts=facts,
        counts=counts,
        active=active,
        skipped=skipped,
        reckoning=Reckoning(calendar_at(calendar, "")),
    )
    away = tuple(_away(thing, active, facts, calendar))
    return _ruled(own, away, calendar) if away else own


def _away(
    thing: EffectiveThing, active: Iterable[ActiveStep], facts: Facts, calendar: WorkCalendar
) -> Iterator[_Away]:
    """Yield the steps that another region decides by other law, in other days, or by law unknown.

    A region that lies in the own one, or around it, keeps its files where ours are.
    """
    here = parse_region(thing.region)
    for one in active:
        region = None if one.unit else region_of(thing, one.step, facts)
        if region is None:
            continue
        there = parse_region(region)
        code, local = thing.definition_in(region)
        has_step = local is not None and _has(local, one)
        is_near = region_contains(here, there) or region_contains(there, here)
        is_own = local is thing.definition_in(thing.region)[1]
        found = _Away(
            step=one,
            region=region,
            there=local if has_step and not is_own else None,
            is_at_hand=is_near or (has_step and code != NATIONAL),
            calendar_region=_calendar_region(calendar, region, own=thing.region),
        )
        if found.there is not None or found.calendar_region or not found.is_at_hand:
            yield found


def _has(local: LocalDefinition, active: ActiveStep) -> bool:
    """Say whether the region has this step: the same item, not another one under its name."""
    step = local.steps.get(active.step.id)
    return step is not None and step.item == active.step.item


def _calendar_region(calendar: WorkCalendar, region: str, *, own: str) -> str:
    if not isinstance(calendar, WorkCalendars):
        return ""
    key = calendar.key_for(region, own=own)
    return key if calendar_at(calendar, key).version != calendar.version else ""


def _ruled(own: Ruling, away: tuple[_Away, ...], calendar: WorkCalendar) -> Ruling:
    """Return ``own`` with the law and the days of the deciding regions."""
    laws = tuple((one.step.step.id, one.there) for one in away if one.there is not None)
    local = tuple(dict.fromkeys(there for _, there in laws))
    values = {**own.facts.answers, **proposed_answers(local, own.facts.answers)}
    open_rules = frozenset[str]().union(*(unsettled_rules(there, values) for there in local))
    thing, facts, active, skipped = own.thing, own.facts, own.active, own.skipped
    if laws:
        thing = governed(own.thing, laws, open_rules)
        facts = Facts(values, thing)
        active, skipped = activate(thing, facts, own.counts)
    ruled = {one.step.id: one for one in active}
    days = {
        one.step.step.id: calendar_at(calendar, one.calendar_region)
        for one in away
        if one.calendar_region
    }
    reckonings = {name: Reckoning(one) for name, one in days.items()}
    result = Ruling(
        thing=thing,
        facts=facts,
        counts=own.counts,
        active=active,
        skipped=skipped,
        reckoning=Reckoning(calendar_at(calendar, ""), reckonings),
        laws={one.step.step.id: _planned(one, own.thing, days) for one in away},
    )
    reasons = {
        name: (
            *_why(one, own.thing, days, open_rules, values),
            *(_different(one, ruled[name], own, result) if one.there is not None else ()),
        )
        for one in away
        if (name := one.step.step.id) in ruled
    }
    return _with_reasons(result, reasons)
