"""``build_plan``: definition, answers, day and calendar in; one plan out, always the same.

Theory of operation. Rules switch steps on; everything else follows from the active ones: the
arrows between them (those to inactive steps are dropped, not blocking), their days, the form, the
materials. Arrows and days are worked out once per step and then given to each of its instances,
which differ in nothing but their number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from oneservice.canonical import Digest
from oneservice.catalog import EffectiveThing, normalise_answers
from oneservice.errors import CalendarUnknownError, UnknownReferenceError
from oneservice.plan.activation import ActiveStep, activate, instance_counts
from oneservice.plan.course import Course, follow
from oneservice.plan.document import plan_digest
from oneservice.plan.facts import Facts, plain_answers
from oneservice.plan.merge import Consumers, merged_form, merged_materials
from oneservice.plan.models import (
    PLAN_FORMAT,
    FormField,
    Plan,
    PlannedMaterial,
    PlannedResult,
    PlannedStep,
)
from oneservice.plan.schedule import due_after
from oneservice.plan.terms import DueDate, TimeLimit
from oneservice.workdays import WorkCalendar

__all__ = ["build_plan"]


def build_plan(
    thing: EffectiveThing, answers: Mapping[str, Any], *, on: date, calendar: WorkCalendar
) -> Plan:
    """Return what follows from ``answers``: steps, one form, one set of materials, dates, reasons.

    Pure: the same input gives byte for byte the same plan.

    Args:
        thing: the effective definition for the region and day.
        answers: by question id; numbers or text for decimals. Hidden questions are dropped.
        on: the day on which the case is accepted, in the deciding office's zone.
        calendar: the deciding office's working days.

    Raises:
        AnswersInvalidError: answers are missing, unknown, of the wrong type or out of range.
        AnswersConflictError: answers contradict one another.
        CalendarUnknownError: the working days of the year of ``on`` are not announced.
        DependencyCycleError: the active steps wait for one another in a circle.
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: the definition names something that it does not declare.
    """
    _require_announced(calendar, on)
    known = normalise_answers(thing, answers)
    facts = Facts(known, thing.rules)
    counts = instance_counts(thing, facts)
    active, skipped = activate(thing, facts, counts)
    consumers = Consumers(active)
    plain = plain_answers(known)
    form = merged_form(thing, consumers, facts, counts, plain)
    materials = merged_materials(thing, consumers, facts)
    course = follow(thing, active, on=on, calendar=calendar)
    definition = thing.thing
    cap = TimeLimit(days=definition.joint_cap.days, unit=definition.joint_cap.unit)
    plan = Plan(
        format=PLAN_FORMAT,
        thing=definition.id,
        title=definition.title,
        region=thing.region,
        on=on,
        definition=thing.digest,
        calendar=calendar.version,
        lead_department=definition.lead_department,
        answers=plain,
        steps=_steps(thing, active, course, form=form, materials=materials, calendar=calendar),
        skipped=skipped,
        form=form,
        materials=materials,
        joint_inspection=_joint_inspection(thing, active),
        critical_path=tuple(_first_ids(active)[step] for step in course.path),
        promised_working_days=course.working_days,
        due=course.due,
        joint_cap_due=due_after(DueDate(on=on), cap, calendar),
        before=definition.before,
        digest=Digest(""),
    )
    return replace(plan, digest=plan_digest(plan.as_json()))


def _require_announced(calendar: WorkCalendar, on: date) -> None:
    try:
        calendar.is_working_day(on)
    except CalendarUnknownError as error:
        msg = (
            f"no plan can start on {on}: the working days of {on.year} are not announced in "
            f"calendar {calendar.version}; install a newer calendar, or plan for an earlier day"
        )
        raise CalendarUnknownError(msg, year=error.year) from error


def _steps(
    thing: EffectiveThing,
    active: tuple[ActiveStep, ...],
    course: Course,
    *,
    form: tuple[FormField, ...],
    materials: tuple[PlannedMaterial, ...],
    calendar: WorkCalendar,
) -> tuple[PlannedStep, ...]:
    by_step = {step.step.id: step for step in active}
    fields = _by_consumer(form)
    brought = _by_consumer(materials)
    planned: list[PlannedStep] = []
    for name in course.order:
        step = by_step[name]
        first = _planned(
            thing,
            step,
            by_step,
            course,
            fields=fields.get(step.ids[0], ()),
            materials=brought.get(step.ids[0], ()),
            calendar=calendar,
        )
        if step.step.for_each is None:
            planned.append(first)
        else:
            planned.extend(
                replace(first, id=sub_case, instance=number)
                for number, sub_case in enumerate(step.ids, start=1)
            )
    return tuple(planned)


def _planned(
    thing: EffectiveThing,
    active: ActiveStep,
    by_step: Mapping[str, ActiveStep],
    course: Course,
    *,
    fields: tuple[str, ...],
    materials: tuple[str, ...],
    calendar: WorkCalendar,
) -> PlannedStep:
    """Return the step, or the first instance of one that repeats."""
    step, item = active.step, active.item
    department = thing.departments.get(item.department)
    if department is None:
        msg = f"item {item.id!r} belongs to {item.department!r}, which is not declared"
        raise UnknownReferenceError(msg, source=thing.source_of(f"items.{item.id}.department"))
    span = course.spans[step.id]
    statutory = active.statutory
    return PlannedStep(
        id=active.ids[0],
        step_id=step.id,
        instance=None,
        item=item.id,
        title=item.title,
        department=department.id,
        department_name=department.name,
        region=department.region or thing.region,
        kind=step.kind,
        requires=_expand(course.needs[step.id], by_step),
        attaches=_expand(step.attaches, by_step),
        fields=fields,
        materials=materials,
        result=_result(active),
        is_on_the_spot=item.is_on_the_spot,
        promised=active.promised,
        statutory=statutory,
        correction=item.correction,
        on_overdue=item.on_overdue,
        starts_on=span.starts.on,
        due=span.due,
        statutory_due=due_after(span.starts, statutory, calendar) if statutory else None,
        is_critical=step.id in course.critical,
        reasons=active.reasons,
    )


def _result(active: ActiveStep) -> PlannedResult | None:
    result = active.item.result
    if result is None:
        return None
    return PlannedResult(
        type=result.type,
        title=result.title,
        is_certificate=result.is_certificate,
        valid_years=result.valid_years,
    )


def _expand(steps: tuple[str, ...], by_step: Mapping[str, ActiveStep]) -> tuple[str, ...]:
    """Return the sub-case ids of those of ``steps`` that are active."""
    return tuple(name for step in steps if step in by_step for name in by_step[step].ids)


def _by_consumer(
    parts: tuple[FormField, ...] | tuple[PlannedMaterial, ...],
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for part in parts:
        for consumer in part.steps:
            found.setdefault(consumer, []).append(part.id)
    return {consumer: tuple(names) for consumer, names in found.items()}


def _first_ids(active: tuple[ActiveStep, ...]) -> dict[str, str]:
    return {step.step.id: step.ids[0] for step in active}


def _joint_inspection(thing: EffectiveThing, active: tuple[ActiveStep, ...]) -> tuple[str, ...]:
    """Return the active steps that share one visit (一同勘验), those decided on papers left out."""
    shared = set(thing.thing.joint_inspection)
    return tuple(
        name
        for step in active
        if step.step.id in shared and not step.is_on_papers
        for name in step.ids
    )
