"""By whose law a step goes that another region decides: the deciding region's, where it is known.

Theory of operation. The accepting region says which steps there are and asks the questions. Once it
is known which step goes where, each step that is routed away gets the law of its region
(:func:`oneservice.catalog.governed`), and everything is planned as if that were one definition.
Only the reasons compare: what the step would be here, and what it is there.

References:
    Domain page, section 6, consequence (c): the deciding region's calendar and definition version
    apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from oneservice.catalog import (
    EffectiveThing,
    FactValue,
    FieldSpec,
    LocalDefinition,
    MaterialSpec,
    Text,
    catalog_part_id,
    governed,
    is_same_step,
    is_told_apart,
    proposed_answers,
    refuted_rules_among,
    unsettled_rules,
)
from oneservice.identifiers import NATIONAL, parse_region, region_contains, region_prefix
from oneservice.plan.activation import ActiveStep, activate, instance_counts
from oneservice.plan.facts import Facts
from oneservice.plan.law_differences import Placed, differences
from oneservice.plan.law_words import counted_in, meant_otherwise, not_at_hand, open_questions
from oneservice.plan.models import SkippedStep
from oneservice.plan.parts import PlannedLaw
from oneservice.plan.routing import region_of
from oneservice.plan.schedule import Reckoning
from oneservice.plan.terms import Reason
from oneservice.workdays import WorkCalendar, WorkCalendars, calendar_at

__all__ = ["Ruling", "rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The definition that counts for these answers, what it switches on, and in whose days.

    ``laws`` and ``reasons`` are by step, for those that go by other law or days than the case.
    """

    thing: EffectiveThing
    facts: Facts
    counts: dict[str, int]
    active: tuple[ActiveStep, ...]
    skipped: tuple[SkippedStep, ...]
    reckoning: Reckoning
    accepting: EffectiveThing
    """The definition of the region that accepts, by which steps are routed, and nothing else."""
    told: Facts
    """The answers as that definition reads them."""
    laws: Mapping[str, PlannedLaw] = field(default_factory=dict)
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    apart: Mapping[str, Reason] = field(default_factory=dict)
    """By field or material with an id of its own: for what else it must not be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Away:
    """A step that another region decides. ``there`` is its law, ``None``: that of the case."""

    step: ActiveStep
    region: str
    there: LocalDefinition | None
    is_at_hand: bool
    is_known: bool
    """Whether any file has the step for that region, if only those for the country."""
    days_of: str
    """The code under which its working days stand; empty: they are those of the case."""
    calendar: WorkCalendar


def rule(thing: EffectiveThing, facts: Facts, calendar: WorkCalendar) -> Ruling:
    """Return what ``facts`` switch on, each step by the law of the region that decides it.

    Args:
        thing: the definition of the region that accepts.
        facts: the answers.
        calendar: the accepting region's working days, with those of other regions beside them
            where they are known.

    Raises:
        AnswersInvalidError: a count is beyond what a plan can hold.
        CalendarConflictError: other days are named for the region that accepts than its own.
        DutyConflictError, DutyUnknownError: the duty table does not name one unit.
        IdentifierError: the answer that routes a step is no region code.
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: a step names an item that the definition does not have.
    """
    if isinstance(calendar, WorkCalendars):
        calendar.refuse_another(thing.region)
    counts = instance_counts(thing, facts)
    active, skipped = activate(thing, facts, counts)
    own = Ruling(
        thing=thing,
        facts=facts,
        counts=counts,
        active=active,
        skipped=skipped,
        reckoning=Reckoning(calendar_at(calendar, "")),
        accepting=thing,
        told=facts,
    )
    away = tuple(_away(own, calendar))
    return _ruled(own, away, calendar) if away else own


def _away(own: Ruling, calendar: WorkCalendar) -> Iterator[_Away]:
    """Yield the steps that go by other law or in other days, or whose law is not at hand.

    The country as a whole accepts nothing: a plan for it shows the national base, wherever a step
    would go.
    """
    thing = own.thing
    if not region_prefix(parse_region(thing.region)):
        return
    for one in own.active:
        if one.step.region is None or one.unit is not None:
            continue
        region = region_of(thing, one.step, own.facts)
        if region is None:
            continue
        there = _law_of(thing, region)
        is_known = there.local is not None and _has(there.local, one)
        is_at_hand = there.is_near or (is_known and not there.is_national)
        days_of = _days_of(calendar, region, own=thing.region)
        law = there.local if is_known and not _is_own(there, one.step.id) else None
        if law is not None or days_of or not is_at_hand:
            yield _Away(
                step=one,
                region=region,
                there=law,
                is_at_hand=is_at_hand,
                is_known=is_known,
                days_of=days_of,
                calendar=calendar_at(calendar, days_of),
            )


class _Law(NamedTuple):
    """What files say about a region: its own definition, and that of the region that accepts."""

    local: LocalDefinition | None
    own: LocalDefinition | None
    is_national: bool
    """No file is of that region, or of one around it: only those for the country count."""
    is_near: bool
    """It lies in the region that accepts, or around it, and has its files where ours are."""


@lru_cache(maxsize=4096)
def _law_of(thing: EffectiveThing, region: str) -> _Law:
    here, there = parse_region(thing.region), parse_region(region)
    code, local = thing.definition_in(region)
    return _Law(
        local=local,
        own=thing.definition_in(thing.region)[1],
        is_national=code == NATIONAL,
        is_near=region_contains(here, there) or region_contains(there, here),
    )


def _is_own(there: _Law, step: str) -> bool:
    """Say whether both regions say the same of a step."""
    local, own = there.local, there.own
    if local is None or own is None or local is own:
        return local is own
    return step in own.steps and is_same_step(own, local, step)


def _has(local: LocalDefinition, active: ActiveStep) -> bool:
    """Say whether the region has this step, and not another item under its name."""
    step = local.steps.get(active.step.id)
    return step is not None and step.item == active.step.item


def _days_of(calendar: WorkCalendar, region: str, *, own: str) -> str:
    if not isinstance(calendar, WorkCalendars):
        return ""
    key = calendar.key_for(region, own=own)
    return key if calendar_at(calendar, key).version != calendar.version else ""


def _ruled(own: Ruling, away: tuple[_Away, ...], calendar: WorkCalendar) -> Ruling:
    """Return ``own`` with the law and the days of the deciding regions."""
    laws = tuple((one.step.step.id, one.there) for one in away if one.there is not None)
    local = dict.fromkeys(there for _, there in laws)
    values = {**own.facts.answers, **proposed_answers(local, own.facts.answers)}
    open_rules = frozenset(text for there in local for text in unsettled_rules(there, values))
    thing, facts, active, skipped = own.thing, own.facts, own.active, own.skipped
    if laws:
        refuted = refuted_rules_among(own.thing, local, values)
        thing = governed(own.thing, laws, open_rules, refuted)
        facts = Facts(values, thing)
        active, skipped = activate(thing, facts, own.counts)
    there = {one.step.id: Placed(one, thing, facts) for one in active}
    apart = _apart(own.thing, thing) if laws else {}
    reasons = {
        one.step.step.id: (
            *_reasons(one, own, there[one.step.step.id], open_rules),
            *_apart_of(one.step.step.id, thing, apart),
        )
        for one in away
    }
    reckonings = {one.step.step.id: Reckoning(one.calendar) for one in away if one.days_of}
    return Ruling(
        thing=thing,
        facts=facts,
        counts=own.counts,
        active=active,
        skipped=skipped,
        reckoning=Reckoning(calendar_at(calendar, ""), reckonings),
        accepting=own.thing,
        told=own.facts,
        laws={
            one.step.step.id: _planned(one, open_rules) for one in away if reasons[one.step.step.id]
        },
        reasons=reasons,
        apart=apart,
    )


def _planned(away: _Away, open_rules: frozenset[str]) -> PlannedLaw:
    law, step = away.there, away.step.step.id
    fees = () if law is None else law.items[law.steps[step].item].fees
    return PlannedLaw(
        region=None if away.there is None else away.there.region,
        is_at_hand=away.is_at_hand,
        calendar_region=away.days_of or None,
        calendar=away.calendar.version if away.days_of else None,
        has_open_fees=any(fee.when in open_rules for fee in fees),
    )


def _reasons(
    away: _Away, own: Ruling, there: Placed, open_rules: frozenset[str]
) -> Iterator[Reason]:
    """Yield why the step is as it is: what is not known, what is different, whose days."""
    law = away.there
    if not away.is_at_hand:
        yield not_at_hand(away.region, is_national=away.is_known)
    if law is not None:
        here = Placed(away.step, own.thing, own.facts)
        yield from differences(here, there, region=law.region)
        asked = _open_questions(law, away.step.step.id, open_rules, there.facts.answers)
        if asked:
            yield open_questions(away.region, asked)
    if away.days_of:
        yield counted_in(away.days_of, away.calendar.version)


@lru_cache(maxsize=256)
def _apart(own: EffectiveThing, thing: EffectiveThing) -> Mapping[str, Reason]:
    """Return for each part of ``thing`` with an id of its own what that id means otherwise."""
    found = {}
    known = (*_parts(own), *_parts(thing))
    for spec in _parts(thing):
        if not is_told_apart(spec.id):
            continue
        name = catalog_part_id(spec.id)
        same = (one for one in known if one.id == name and type(one) is type(spec))
        other = next(same, None)
        if other is not None:
            found[spec.id] = meant_otherwise(spec.id[len(name) + 1 :], spec.title, other.title)
    return found


def _apart_of(step: str, thing: EffectiveThing, apart: Mapping[str, Reason]) -> Iterator[Reason]:
    """Yield for the parts of ``step`` that have an id of their own what they are not."""
    if apart:
        yield from (apart[one.id] for one in _parts(thing) if one.id in apart and step in one.steps)


def _parts(thing: EffectiveThing) -> Iterator[FieldSpec | MaterialSpec]:
    yield from thing.thing.fields
    yield from thing.thing.materials


def _open_questions(
    law: LocalDefinition,
    step: str,
    open_rules: frozenset[str],
    answers: Mapping[str, FactValue],
) -> list[Text]:
    """Return the questions on which something about ``step`` hangs that nobody answered here."""
    names = {
        name for text in law.rules_of(step) if text in open_rules for name in law.rules[text].names
    }
    found: Iterable[str] = sorted(name for name in names if name not in answers) or sorted(names)
    return [law.situations[name].question for name in found if name in law.situations]
