"""The planned steps: each active step with its days, office, ways, fees and tracks.

Everything is worked out once per step and then given to each of its instances, which differ in
their number and in what they wait for: a vehicle's permit waits for the check of that vehicle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeVar

from oneservice.catalog import Department, EffectiveThing, Step, Text, catalog_item_id
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
from oneservice.plan.parts import PlannedCommitment, PlannedLaw, PlannedTolerance
from oneservice.plan.routing import peer_of, route
from oneservice.plan.schedule import Reckoning
from oneservice.plan.terms import DueDate, Reason
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
    firsts = frozenset(one.ids[0] for one in setting.active.values())
    fields = _by_consumer(form, firsts)
    brought = _by_consumer(materials, firsts)
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


def _by_consumer(parts: tuple[_Part, ...], firsts: frozenset[str]) -> dict[str, tuple[_Part, ...]]:
    """Return what each step uses, by its first instance; the others use the same."""
    found: dict[str, list[_Part]] = {name: [] for name in firsts}
    for part in parts:
        for consumer in part.steps:
            if consumer in firsts:
                found[consumer].append(part)
    return {consumer: tuple(some) for consumer, some in found.items()}


class _Place(NamedTuple):
    """Whose office decides a step: the department, its name there, and why it is that one."""

    department: str
    name: Text
    region: str
    region_from: str | None
    duty: str | None
    reasons: tuple[Reason, ...]


class _Tracks(NamedTuple):
    """What rests on the applicant's word, or why nothing does."""

    tolerance: PlannedTolerance | None
    commitment: PlannedCommitment | None
    reasons: tuple[Reason, ...]


def _planned(
    setting: Setting,
    active: ActiveStep,
    fields: tuple[FormField, ...],
    materials: tuple[PlannedMaterial, ...],
) -> PlannedStep:
    """Return the step, or the first instance of one that repeats."""
    step, item, facts = active.step, active.item, setting.facts
    span, made = setting.course.spans[step.id], setting.frame.items[item.id]
    place = _place(setting, active)
    tracks = _tracks(setting, active, materials)
    channels = planned_channels(item, made, facts)
    return PlannedStep(
        id=active.ids[0],
        step_id=step.id,
        instance=None,
        item=catalog_item_id(item.id),
        title=item.title,
        department=place.department,
        department_name=place.name,
        region=place.region,
        kind=step.kind,
        requires=_expand(setting, active, setting.course.needs[step.id], 0),
        attaches=_expand(setting, active, step.attaches, 0),
        fields=tuple(field.id for field in fields),
        materials=tuple(material.id for material in materials),
        result=made.result,
        is_on_the_spot=item.is_on_the_spot,
        promised=active.promised,
        statutory=active.statutory,
        correction=item.correction,
        on_overdue=item.on_overdue,
        starts_on=span.starts.on,
        due=span.due,
        statutory_due=_statutory_due(setting, active),
        is_critical=step.id in setting.course.critical,
        reasons=_reasons(setting, active, place, tracks),
        region_from=place.region_from,
        duty=place.duty,
        channels=channels,
        fees=planned_fees(item, facts) if item.fees else (),
        tolerance=tracks.tolerance,
        commitment=tracks.commitment,
        warning_share=item.warning_share,
        escalation=planned_escalation(item, setting.thing, facts, active.unit),
        dispatch=None if active.unit is None else planned_dispatch(setting.thing, facts),
        crossing=planned_crossing(
            item, channels, kind=step.kind, region=place.region, origin=setting.origin
        ),
        law=setting.laws.get(step.id),
    )


def _place(setting: Setting, active: ActiveStep) -> _Place:
    """Return which office decides: by the routing, the duty table, or a peer's own engine."""
    department, unit = _department(setting.thing, active), active.unit
    way = route(setting.accepting, active.step, department, setting.told)
    peer = peer_of(setting.peers, way)
    return _Place(
        department=department.id if peer is None else peer[0],
        name=setting.thing.office(department.id, way.region).name,
        region=way.region if unit is None else unit.region,
        region_from=way.region_from,
        duty=None if unit is None else unit.duty.id,
        reasons=(*way.reasons, *(peer[1] if peer else ())),
    )


_NO_TRACKS: Final = _Tracks(None, None, ())


def _tracks(
    setting: Setting, active: ActiveStep, materials: tuple[PlannedMaterial, ...]
) -> _Tracks:
    if active.item.tolerance is None and active.item.commitment is None:
        return _NO_TRACKS
    tolerance, not_tolerated = planned_tolerance(
        active.item,
        active.promised,
        setting.course.spans[active.step.id],
        materials,
        has_bad_credit=setting.has_bad_credit,
        reckoning=setting.reckoning.of(active.step.id),
    )
    commitment, not_committed = planned_commitment(
        active.item,
        _follow_up(setting, active),
        setting.facts,
        has_bad_credit=setting.has_bad_credit,
    )
    return _Tracks(tolerance, commitment, (*not_tolerated, *not_committed))


def _statutory_due(setting: Setting, active: ActiveStep) -> DueDate | None:
    if active.statutory is None:
        return None
    starts = setting.course.spans[active.step.id].starts
    return setting.reckoning.of(active.step.id).due_after(starts, active.statutory)


def _reasons(
    setting: Setting, active: ActiveStep, place: _Place, tracks: _Tracks
) -> tuple[Reason, ...]:
    """Return why the step is as it is; what concerns one instance alone, is told of that one."""
    refused = setting.refused.get(active.ids[0], ()) if active.step.for_each is None else ()
    return (
        *active.reasons,
        *place.reasons,
        *setting.law_reasons.get(active.step.id, ()),
        *tracks.reasons,
        *refused,
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
