"""``build_plan``: definition, answers, day and calendar in; one plan out, always the same.

Theory of operation. Rules switch steps on; everything else follows from the active ones: the
arrows between them (those to inactive steps are dropped, not blocking), their days, the form, the
materials, and from the steps as they are planned the visits, journeys and sums. What somebody holds
already spares a step or a material; without holdings a plan is what the answers alone make of it.
A step that another region decides goes by that region's law and days (:mod:`oneservice.plan.law`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from oneservice.canonical import Digest
from oneservice.catalog import EffectiveThing, OneThing, normalise_answers
from oneservice.errors import CalendarUnknownError
from oneservice.plan.activation import ActiveStep
from oneservice.plan.channels import region_away, trip_count, trips
from oneservice.plan.circumstances import planned_batch, planned_parties, planned_subject
from oneservice.plan.consumers import Consumers
from oneservice.plan.document import made_digest
from oneservice.plan.facts import Facts, plain_answers
from oneservice.plan.fees import fee_totals
from oneservice.plan.frame import frame_of, time_limit
from oneservice.plan.holdings import Holdings
from oneservice.plan.inspection import appointments
from oneservice.plan.law import Ruling, rule
from oneservice.plan.merge import Merging, merged_form, merged_materials
from oneservice.plan.models import PLAN_FORMAT, FormField, Plan, PlannedMaterial, PlannedStep
from oneservice.plan.parts import PlannedBatch
from oneservice.plan.schedule import EXTENSION
from oneservice.plan.sparing import Sparing, spare
from oneservice.plan.steps import Setting, planned_steps
from oneservice.plan.terms import Answer, DueDate, TimeLimit
from oneservice.workdays import WorkCalendar, with_regions

__all__ = ["build_plan"]

_NOTHING_HELD = Holdings()

_NO_CALENDARS: Mapping[str, WorkCalendar] = MappingProxyType({})
_NO_PEERS: Mapping[str, str] = MappingProxyType({})


def build_plan(
    thing: EffectiveThing,
    answers: Mapping[str, Any],
    *,
    on: date,
    calendar: WorkCalendar,
    calendars: Mapping[str, WorkCalendar] = _NO_CALENDARS,
    holdings: Holdings = _NOTHING_HELD,
    origin: str | None = None,
    peers: Mapping[str, str] = _NO_PEERS,
) -> Plan:
    """Return what follows from ``answers``: steps, one form, one set of materials, dates, reasons.

    Pure: the same input gives byte for byte the same plan.

    Args:
        thing: the effective definition for the region and day.
        answers: by question id; numbers or text for decimals. Hidden questions are dropped.
        on: the day on which the case is accepted, in the deciding office's zone.
        calendar: working days of the region that accepts.
        calendars: those of other regions by code, each for what lies in it. What such a region
            decides is counted in its days; where none is named, in those of ``calendar``.
        holdings: what the applicant already has, and need not bring or fill in again.
        origin: region where the applicant is; each step then says how it is handed in from there.
        peers: by region, the departments as which other regions' engines are known: what such a
            region decides is filed there.

    Raises:
        AnswersInvalidError: answers are missing, unknown, of the wrong type or out of range.
        AnswersConflictError: answers contradict one another, or choose a track that bad credit
            closes.
        CalendarConflictError: ``calendars`` name other days than ``calendar`` for its own region.
        CalendarUnknownError: the working days of the year of ``on`` are not announced.
        DutyConflictError, DutyUnknownError: the duty table of a report does not name one unit.
        IdentifierError: ``origin`` is no region code.
        DependencyCycleError: the active steps wait for one another in a circle.
        RuleEvaluationError: the answers do not settle a rule.
        UnknownReferenceError: the definition names something that it does not declare.
    """
    _require_announced(calendar, on)
    known = normalise_answers(thing, answers)
    ruling = rule(thing, Facts(known, thing), with_regions(calendar, calendars))
    batch = planned_batch(thing.thing, ruling.facts, on=on)
    spared = _spared(ruling, holdings, on=_accepted(on, batch))
    plain = plain_answers(known)
    form, materials = _merged(ruling, spared, holdings, plain, on=on)
    setting = _setting(ruling, spared, holdings, origin=origin, peers=peers)
    steps = planned_steps(setting, form, materials)
    bare = _bare(setting, steps, on=on, batch=batch, calendar=calendar.version)
    plan = replace(
        bare, answers=plain, skipped=spared.skipped, form=form, materials=materials, origin=origin
    )
    document = plan.as_json()
    del document["digest"]
    return replace(plan, digest=made_digest(document))


def _spared(ruling: Ruling, holdings: Holdings, *, on: date) -> Sparing:
    return spare(
        ruling.thing,
        ruling.active,
        ruling.skipped,
        holdings,
        on=on,
        reckoning=ruling.reckoning,
    )


def _setting(
    ruling: Ruling,
    spared: Sparing,
    holdings: Holdings,
    *,
    origin: str | None,
    peers: Mapping[str, str],
) -> Setting:
    """Return what the steps that are left are worked out from."""
    return Setting(
        thing=ruling.thing,
        frame=frame_of(ruling.thing),
        facts=ruling.facts,
        accepting=ruling.accepting,
        told=ruling.told,
        active={step.step.id: step for step in spared.active},
        course=spared.course,
        reckoning=ruling.reckoning,
        has_bad_credit=holdings.has_bad_credit,
        origin=origin,
        peers=peers,
        laws=ruling.laws,
        law_reasons=ruling.reasons,
        refused=spared.refused,
    )


def _merged(
    ruling: Ruling,
    spared: Sparing,
    holdings: Holdings,
    answers: Mapping[str, Answer],
    *,
    on: date,
) -> tuple[tuple[FormField, ...], tuple[PlannedMaterial, ...]]:
    """Return the one form and the one set of materials for what is left to do."""
    merging = Merging(
        thing=ruling.thing,
        frame=frame_of(ruling.thing),
        consumers=Consumers(ruling.thing, spared.active),
        papers=spared.papers,
        compared=spared.compared,
        apart=ruling.apart,
        facts=ruling.facts,
        holdings=holdings,
        on=on,
        spans=spared.course.spans,
    )
    return merged_form(merging, ruling.counts, answers), merged_materials(merging)


def _bare(
    setting: Setting,
    steps: tuple[PlannedStep, ...],
    *,
    on: date,
    batch: PlannedBatch | None,
    calendar: str,
) -> Plan:
    """Return the plan as far as it follows from the steps: without answers, form and materials."""
    thing, course, reckoning = setting.thing, setting.course, setting.reckoning
    definition, journeys = thing.thing, trips(steps, here=thing.region)
    shared = _inspected(thing, tuple(setting.active.values()))
    regions = {step.step_id: region_away(step, thing.region) for step in steps}
    cap = time_limit(definition.joint_cap)
    cap_due = reckoning.due_after(DueDate(on=_accepted(on, batch)), cap)
    return Plan(
        format=PLAN_FORMAT,
        thing=definition.id,
        title=definition.title,
        region=thing.region,
        on=on,
        definition=thing.digest,
        calendar=calendar,
        lead_department=definition.lead_department,
        answers={},
        steps=steps,
        skipped=(),
        form=(),
        materials=(),
        joint_inspection=tuple(name for step in shared for name in step.ids),
        critical_path=tuple(setting.active[step].ids[0] for step in course.path),
        promised_working_days=course.working_days,
        due=course.due,
        joint_cap_due=cap_due,
        before=definition.before,
        digest=Digest(""),
        joint_cap=cap,
        joint_cap_extended_due=reckoning.due_after(cap_due, EXTENSION),
        expected=course.expected,
        subject=planned_subject(definition),
        parties=planned_parties(definition, setting.facts),
        batch=batch,
        appointments=appointments(shared, course.spans, reckoning, regions),
        trips=journeys,
        trip_count=trip_count(steps, journeys),
        fees=fee_totals(steps),
        rating_answer=_rating_answer(definition),
    )


def _require_announced(calendar: WorkCalendar, on: date) -> None:
    try:
        calendar.is_working_day(on)
    except CalendarUnknownError as error:
        msg = (
            f"no plan can start on {on}: the working days of {on.year} are not announced in "
            f"calendar {calendar.version}; install a newer calendar, or plan for an earlier day"
        )
        raise CalendarUnknownError(msg, year=error.year) from error


def _accepted(on: date, batch: PlannedBatch | None) -> date:
    """Return the day from which offices work: a batch is decided together once it has closed."""
    return on if batch is None else max(on, batch.closes)


def _rating_answer(thing: OneThing) -> TimeLimit | None:
    return time_limit(thing.rating.answered_within) if thing.rating is not None else None


def _inspected(thing: EffectiveThing, active: tuple[ActiveStep, ...]) -> tuple[ActiveStep, ...]:
    """Return the active steps that share one visit (一同勘验), those decided on papers left out."""
    shared = set(thing.thing.joint_inspection)
    return tuple(step for step in active if step.step.id in shared and not step.is_on_papers)
