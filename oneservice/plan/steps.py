"""The planned steps: each active step with its days, office, ways, fees and tracks.

Everything is worked out once per step and then given to each of its instances, which differ in
their number and in what they wait for: a vehicle's permit waits for the check of that vehicle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from oneservice.catalog import Department, EffectiveThing, Step, catalog_item_id
from oneservice.errors import UnknownReferenceError
from oneservice.plan.activation import ActiveStep
from oneservice.plan.channels import planned_channels
from oneservice.plan.course import Course
from oneservice.plan.crossing import planned_crossing
from oneservice.plan.duty import planned_dispatch, planned_escalation
from oneservice.plan.facts import Facts
from oneservice.plan.fees import planned_fees
from oneservice.plan.frame import Frame
from oneservice.plan.models import FormField, PlannedMaterial, PlannedStep
from oneservice.plan.parts import PlannedLaw
from oneservice.plan.routing import peer_of, route
from oneservice.plan.schedule import Reckoning
from oneservice.plan.terms import Reason
from oneservice.plan.tracks import planned_commitment, planned_tolerance

__all__ = ["Setting", "planned_steps"]

_Part = TypeVar("_Part", FormField, PlannedMaterial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all steps of one plan are worked out from."""

    thing: EffectiveThing
    frame: Frame
    facts: Facts
    accepting: EffectiveThing
    """The definition of the region that accepts: it alone says which step goes where."""
    told: Facts
    """The answers as that definition reads them."""
    active: Mapping[str, ActiveStep]
    course: Course
    reckoning: Reckoning
    has_bad_credit: bool
    origin: str | None = None
    peers: Mapping[str, str] = field(default_factory=dict)
    laws: Mapping[str, PlannedLaw] = field(default_factory=dict)
    """By step, where it does not go by the law and the days of the case."""
    law_reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    refused: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    """By sub-case, why a paper that somebody holds does not spare it."""


def planned_steps(
    setting: Setting, form: tuple[FormField, ...], materials: tuple[PlannedMaterial, ...]
) -> tuple[PlannedStep, ...]:
    """Return all sub-cases, each step after those it waits for, instances by number.

    Raises:
        AnswersConflictError: an answer chose a track that is closed to this applicant.
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: an item belongs to a department that is not declared.
    """
    fields = _by_consumer(form)
    brought = _by_consumer(materials)
    planned: list[PlannedStep] = []
    for name in setting.course.order:
        active = setting.active[name]
        first = _planned(
            setting, active, fields.get(active.ids[0], ()), brought.get(active.ids[0], ())
        )
        if active.step.for_each is None:
            planned.append(first)
        else:
            planned.extend(_instances(setting, active, first))
    return tuple(planned)


def _by_consumer(
    parts: tuple[_Part, ...],
) -> dict[str, tuple[_Part, ...]]:
    found: dict[str, list[_Part]] = {}
    for part in parts:
        for consumer in part.steps:
            found.setdefault(consumer, []).append(part)
    return {consumer: tuple(some) for consumer, some in found.items()}


def _planned(
    setting: Setting,
    active: ActiveStep,
    fields: tuple[FormField, ...],
    materials: tuple[PlannedMaterial, ...],
) -> PlannedStep:
    """Return the step, or the first instance of one that repeats."""
    step, item, facts = active.step, active.item, setting.facts
    department = _department(setting.thing, active)
    span = setting.course.spans[step.id]
    statutory = active.statutory
    unit, made = active.unit, setting.frame.items[item.id]
    reckoning = setting.reckoning.of(step.id)
    way = route(setting.accepting, step, department, setting.told)
    tolerance, not_tolerated = planned_tolerance(
        item,
        active.promised,
        span,
        materials,
        has_bad_credit=setting.has_bad_credit,
        reckoning=reckoning,
    )
    commitment, not_committed = planned_commitment(
        item, _follow_up(setting, active), facts, has_bad_credit=setting.has_bad_credit
    )
    region = way.region if unit is None else unit.region
    channels = planned_channels(item, made, facts)
    peer = peer_of(setting.peers, way)
    return PlannedStep(
        id=active.ids[0],
        step_id=step.id,
        instance=None,
        item=catalog_item_id(item.id),
        title=item.title,
        department=department.id if peer is None else peer[0],
        department_name=setting.thing.office(department.id, way.region).name,
        region=region,
        kind=step.kind,
        requires=_expand(setting, active, setting.course.needs[step.id], 0),
        attaches=_expand(setting, active, step.attaches, 0),
        fields=tuple(field.id for field in fields),
        materials=tuple(material.id for material in materials),
        result=made.result,
        is_on_the_spot=item.is_on_the_spot,
        promised=active.promised,
        statutory=statutory,
        correction=item.correction,
        on_overdue=item.on_overdue,
        starts_on=span.starts.on,
        due=span.due,
        statutory_due=reckoning.due_after(span.starts, statutory) if statutory else None,
        is_critical=step.id in setting.course.critical,
        reasons=(
            *active.reasons,
            *way.reasons,
            *(peer[1] if peer else ()),
            *setting.law_reasons.get(step.id, ()),
            *not_tolerated,
            *not_committed,
            *(setting.refused.get(active.ids[0], ()) if step.for_each is None else ()),
        ),
        region_from=way.region_from,
        duty=None if unit is None else unit.duty.id,
        channels=channels,
        fees=planned_fees(item, facts) if item.fees else (),
        tolerance=tolerance,
        commitment=commitment,
        warning_share=item.warning_share,
        escalation=planned_escalation(item, setting.thing, setting.facts, unit),
        dispatch=planned_dispatch(setting.thing, setting.facts) if unit is not None else None,
        crossing=planned_crossing(
            item, channels, kind=step.kind, region=region, origin=setting.origin
        ),
        law=setting.laws.get(step.id),
    )


def _department(thing: EffectiveThing, active: ActiveStep) -> Department:
    item, unit = active.item, active.unit
    name = item.department if unit is None else unit.duty.department
    department = thing.departments.get(name)
    if department is None:
        msg = f"item {item.id!r} belongs to {name!r}, which is not declared"
        raise UnknownReferenceError(msg, source=thing.source_of(f"items.{item.id}.department"))
    return department


def _follow_up(setting: Setting, active: ActiveStep) -> tuple[str, ...]:
    commitment = active.item.commitment
    if commitment is None or commitment.follow_up is None:
        return ()
    return _expand(setting, active, (commitment.follow_up,), 0)


def _instances(setting: Setting, active: ActiveStep, first: PlannedStep) -> list[PlannedStep]:
    needs = setting.course.needs[active.step.id]
    attaches = active.step.attaches
    return [
        replace(
            first,
            id=name,
            instance=active.numbers[index],
            within=active.parents[index],
            requires=_expand(setting, active, needs, index),
            attaches=_expand(setting, active, attaches, index),
            reasons=(*first.reasons, *setting.refused.get(name, ())),
        )
        for index, name in enumerate(active.ids)
    ]


def _expand(
    setting: Setting, active: ActiveStep, steps: tuple[str, ...], index: int
) -> tuple[str, ...]:
    """Return the sub-cases of those of ``steps`` that are on, as far as they concern one instance.

    Steps that repeat over one group go pair by pair; what repeats within another step goes with
    the instance that it belongs to, and the other way round.
    """
    found: list[str] = []
    for name in steps:
        other = setting.active.get(name)
        if other is None:
            continue
        if _is_paired(active.step, other.step):
            found += _planned_among(other, f"{name}-{active.numbers[index]}")
        elif _within(active.step) == name:
            found += _planned_among(other, active.parents[index])
        elif _within(other.step) == active.step.id:
            mine = active.ids[index]
            found += [one for one, of in zip(other.ids, other.parents, strict=True) if of == mine]
        else:
            found += other.ids
    return tuple(found)


def _planned_among(other: ActiveStep, name: str | None) -> tuple[str, ...]:
    """Return ``name``, unless it is spared: nobody waits for what is there."""
    return () if name is None or name in other.spared else (name,)


def _is_paired(one: Step, other: Step) -> bool:
    return (
        one.for_each is not None
        and other.for_each is not None
        and one.for_each.group == other.for_each.group
    )


def _within(step: Step) -> str | None:
    return None if step.for_each is None else step.for_each.within
