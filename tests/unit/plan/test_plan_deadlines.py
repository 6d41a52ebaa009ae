"""What a plan carries for the clocks of its case: ladders, lights, the units asked next."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from oneservice.canonical import parse_object
from oneservice.case import OpenCase, step_specs, transition
from oneservice.catalog import Level, bundled_catalog_dir, load_catalog
from oneservice.plan import Plan, build_plan, parse_plan, plan_bytes
from oneservice.workdays import announced_calendar

MONDAY = date(2026, 9, 28)
RUNGS = [
    {"level": "county", "office": "district", "after": {"days": 3}},
    {"level": "city", "office": "city", "after": {"days": 30, "unit": "natural_days"}},
]


def planned(kit: Any, **more: Any) -> Plan:
    plan: Plan = kit.plan(items=(kit.item("permit", 8, **more),), steps=[{"id": "permit"}])
    return plan


def test_an_item_names_its_ladder_and_its_light(kit: Any) -> None:
    plan = planned(kit, on_overdue="escalate", escalation=RUNGS, warning_share=60)
    (step,) = plan.steps
    assert [(one.level, one.office, one.after.days) for one in step.escalation] == [
        (Level.COUNTY, "district", 3),
        (Level.CITY, "city", 30),
    ]
    (spec,) = step_specs(plan)
    assert (spec.on_overdue, spec.warning_share) == ("escalate", 60)
    assert [(one.level, one.office, one.unit) for one in spec.ladder] == [
        ("county", "district", "working_days"),
        ("city", "city", "natural_days"),
    ]


def test_nobody_climbs_where_the_item_does_not_escalate(kit: Any) -> None:
    (step,) = planned(kit, escalation=RUNGS).steps
    assert step.escalation == ()


def test_a_plan_that_says_nothing_of_it_keeps_its_bytes(kit: Any) -> None:
    plan = planned(kit)
    (step,) = plan.as_json()["steps"]
    assert not {"escalation", "warning_share", "dispatch"} & set(step)
    said = planned(kit, on_overdue="escalate", escalation=RUNGS)
    again = parse_plan(parse_object(plan_bytes(said), max_bytes=2**20))
    assert again == said


def test_the_case_is_opened_with_its_own_limits(kit: Any) -> None:
    plan = planned(kit)
    given = OpenCase(at=datetime(2026, 9, 28, 2, tzinfo=UTC), plan=plan, form=plan.digest)
    (opened, *_), case = transition(None, given, case_id="c1", calendar=announced_calendar())
    assert opened.kind == "case_opened"
    assert case.course.lead == plan.lead_department
    assert case.course.promised_days == plan.promised_working_days
    assert case.course.joint_days == 45


def report(kind: str, place: str, where: str) -> Plan:
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("manhole_report", region="990100", on=MONDAY)
    answers = {one.id: one.default for one in thing.thing.situations if one.default is not None}
    dispatch = thing.thing.dispatch
    assert dispatch is not None
    assert dispatch.place is not None
    answers |= {dispatch.kind: kind, dispatch.place: place, dispatch.where: where}
    answers["trouble"] = "missing"
    return build_plan(thing, answers, on=MONDAY, calendar=announced_calendar())


def test_a_report_knows_the_units_that_are_asked_next() -> None:
    plan = report("gas", "estate", "990101001")
    by_duty = [one for one in plan.steps if one.dispatch is not None]
    assert by_duty
    for step in by_duty:
        assert step.dispatch is not None
        assert step.dispatch.accept_hours == 1
        named = [step.duty, *(one.duty for one in step.dispatch.next_units)]
        assert len(set(named)) == len(named), "no unit is asked twice"
        assert len(named) - 1 <= step.dispatch.max_returns
    (spec,) = [one for one in step_specs(plan) if one.id == by_duty[0].id]
    assert spec.accept_hours == 1
    assert [one.duty for one in spec.units] == [
        one.duty
        for one in by_duty[0].dispatch.next_units  # type: ignore[union-attr]
    ]
