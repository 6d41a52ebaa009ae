"""The opening of a case: what the state machine needs of the plan, pinned for good."""

from __future__ import annotations

from typing import Final

from oneservice.canonical import Digest
from oneservice.case.events import CaseOpened
from oneservice.case.inputs import OpenCase
from oneservice.case.office_names import told_apart_in
from oneservice.case.sparing import refuse_unspared
from oneservice.case.step_spec import Rung, StepSpec, Unit
from oneservice.case.window_receipt import WindowReceipt
from oneservice.plan import Plan, PlannedStep
from oneservice.workdays import LimitUnit

__all__ = ["opening", "step_specs"]


def opening(given: OpenCase) -> CaseOpened:
    """Return the fact that the case of ``given`` was opened.

    Raises:
        IllegalInputError: the plan spares a step by a certificate that was not looked at.
    """
    plan = given.plan
    refuse_unspared(plan, given.spared)
    cap = plan.joint_cap
    return CaseOpened(
        at=given.at,
        thing=plan.thing,
        region=plan.region,
        plan=plan.digest,
        definition=plan.definition,
        calendar=plan.calendar,
        form=given.form,
        steps=step_specs(plan),
        lead=plan.lead_department,
        promised_days=plan.promised_working_days,
        joint_days=cap.days if cap is not None and cap.unit is LimitUnit.WORKING_DAYS else -1,
        by=given.by,
        why=given.why,
        receipt=given.received if isinstance(given.received, WindowReceipt) else None,
        spared=given.spared,
    )


def step_specs(plan: Plan) -> tuple[StepSpec, ...]:
    """Return what the state machine needs of the steps of ``plan``.

    The cases of one day share few plans, and what is said of their steps: a plan is named by its
    digest, and its steps are part of what the digest covers.
    """
    known = _KNOWN_SPECS.get(plan.digest)
    if known is None or known[0] is not plan.steps:
        known = _KNOWN_SPECS[plan.digest] = plan.steps, tuple(_spec(step) for step in plan.steps)
        if len(_KNOWN_SPECS) > _MOST_SPECS:
            _KNOWN_SPECS.pop(next(iter(_KNOWN_SPECS)), None)
    return known[1]


_KNOWN_SPECS: Final[dict[Digest, tuple[tuple[PlannedStep, ...], tuple[StepSpec, ...]]]] = {}
_MOST_SPECS: Final = 64


def _spec(step: PlannedStep) -> StepSpec:
    return StepSpec(
        id=step.id,
        step_id=step.step_id,
        department=step.department,
        kind=str(step.kind),
        requires=step.requires,
        promised_days=step.promised.days,
        promised_unit=str(step.promised.unit),
        statutory_days=step.statutory.days if step.statutory else -1,
        statutory_unit=str(step.statutory.unit) if step.statutory else "working_days",
        correction=str(step.correction),
        on_overdue=str(step.on_overdue),
        warning_share=step.warning_share,
        ladder=tuple(
            Rung(
                level=str(one.level),
                office=one.office,
                days=one.after.days,
                unit=str(one.after.unit),
            )
            for one in step.escalation
        ),
        accept_hours=step.dispatch.accept_hours if step.dispatch else 0,
        units=tuple(
            Unit(duty=one.duty, department=one.department, region=one.region)
            for one in (step.dispatch.next_units if step.dispatch else ())
        ),
        max_returns=step.dispatch.max_returns if step.dispatch else 0,
        tolerance_days=step.tolerance.working_days if step.tolerance else -1,
        calendar=(step.law.calendar_region or "") if step.law else "",
        apart=told_apart_in(step),
    )
