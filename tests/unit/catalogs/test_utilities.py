"""Water, power, gas and network: what others build is told beside the promise, never within it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, AnswersInvalidError, OverlayError

THING = "utilities"
SUPPLIES = ("power", "water", "gas", "network")
PERMITS = {"road_dig", "traffic_consent", "green_use"}


def october(day: int) -> date:
    return date(2026, 10, day)


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_days_of_the_example_in_the_whole_country(bundled: Any) -> None:
    """Gas leads: 5 + 5 + 3 + 1 working days from 09-28, by hand: 10-10, 10-16, 10-21, 10-22."""
    plan = bundled.plan(THING, region="000000")
    dues = bundled.dues(plan)
    assert dues["premises_check"] == date(2026, 9, 28)
    assert dues["network_plan"] == date(2026, 9, 30)
    assert dues["power_plan"] == dues["water_plan"] == october(8)
    assert dues["gas_plan"] == october(10)  # a Saturday that is a working day
    assert {dues[name] for name in PERMITS} == {october(16)}
    assert dues["power_connect"] == dues["water_connect"] == october(20)
    assert dues["gas_connect"] == october(21)
    assert dues["network_connect"] == october(19)
    assert dues["road_restored"] == october(30)
    assert plan.due.on == october(22)
    assert plan.promised_working_days == 5 + 5 + 3 + 1


def test_what_others_build_is_expected_and_not_promised(bundled: Any) -> None:
    """With eight working days of laying the gas pipe: 10-28, then 3 + 1 more: 11-03."""
    plan = bundled.plan(THING, region="000000")
    works = {step.id for step in plan.steps if step.kind is StepKind.EXTERNAL}
    assert works == {f"{supply}_work" for supply in SUPPLIES}
    assert plan.expected is not None
    assert plan.expected.on == date(2026, 11, 3)
    assert plan.critical_path == (
        "premises_check",
        "gas_plan",
        "road_dig",
        "gas_work",
        "gas_connect",
        "bundle",
    )


def test_survey_then_permits_then_works_then_connection(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000")
    needs = bundled.needs(plan)
    surveys = {f"{supply}_plan" for supply in SUPPLIES}
    for name in PERMITS:
        assert needs[name] == surveys, "permits wait for every plan and for no other permit"
    for supply in SUPPLIES:
        assert needs[f"{supply}_plan"] == {"premises_check"}
        assert needs[f"{supply}_work"] == {f"{supply}_plan"} | PERMITS
        assert needs[f"{supply}_connect"] == {f"{supply}_work"}
    assert "road_restored" not in needs["bundle"]


def test_one_visit_of_all_suppliers(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000")
    visit = tuple(f"{supply}_plan" for supply in SUPPLIES)
    assert [one.steps for one in plan.appointments] == [visit]
    (appointment,) = plan.appointments
    assert (appointment.earliest, appointment.latest) == (date(2026, 9, 29), date(2026, 9, 30))


def test_without_a_trench_nobody_asks_for_permits(bundled: Any) -> None:
    plan = bundled.plan(
        THING, region="000000", crossings=[], dig_metres=None, lane_closed=None, supplies=["power"]
    )
    assert bundled.needs(plan) == {
        "premises_check": set(),
        "power_plan": {"premises_check"},
        "power_work": {"power_plan"},
        "power_connect": {"power_work"},
        "bundle": {"premises_check", "power_plan", "power_connect"},
    }
    assert plan.missing == ()
    assert plan.promised_working_days == 3 + 2 + 1


@pytest.mark.parametrize(
    ("answers", "promised", "statutory"),
    [
        ({"power_kw": 160}, 3, 8),
        ({"power_kw": 161}, 10, 20),
        ({"power_kw": 800, "two_feeds": True}, 20, 45),
        ({"power_kw": 8, "user_kind": "home"}, 2, 3),
    ],
    ids=["low", "high", "two_feeds", "home"],
)
def test_days_for_the_plan_of_power(
    bundled: Any, answers: dict[str, Any], promised: int, statutory: int
) -> None:
    plan = bundled.plan(THING, region="000000", **answers)
    step = next(step for step in plan.steps if step.id == "power_plan")
    assert (step.promised.days, step.statutory.days) == (promised, statutory)


@pytest.mark.parametrize(
    ("answers", "promised", "statutory"),
    [
        ({"power_kw": 8, "user_kind": "home"}, 1, 3),
        ({"power_kw": 160}, 2, 5),
        ({"power_kw": 161}, 3, 7),
    ],
    ids=["home", "low", "high"],
)
def test_days_for_connecting_power(
    bundled: Any, answers: dict[str, Any], promised: int, statutory: int
) -> None:
    plan = bundled.plan(THING, region="000000", **answers)
    step = next(step for step in plan.steps if step.id == "power_connect")
    assert (step.promised.days, step.statutory.days) == (promised, statutory)


def test_a_short_trench_may_be_dug_on_a_commitment(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", dig_metres=15, dig_track="commitment")
    permit = next(step for step in plan.steps if step.id == "road_dig")
    assert permit.commitment is not None
    assert permit.commitment.follow_up == ("road_restored",)
    assert bundled.dues(plan)["road_dig"] == october(10)  # the day of the last plan
    long = bundled.plan(THING, region="000000", dig_metres=16, dig_track="commitment")
    assert next(step for step in long.steps if step.id == "road_dig").commitment is None


def test_streets_are_the_county_s_and_green_land_the_city_s(bundled: Any) -> None:
    regions = bundled.regions(bundled.plan(THING, region="000000"))
    assert regions["road_dig"] == regions["traffic_consent"] == "990101"
    assert regions["green_use"] == regions["power_plan"] == "990100"


def test_the_owner_of_rented_premises_agrees_once(bundled: Any) -> None:
    leased = bundled.plan(THING, region="000000")
    assert [(one.id, one.must_consent) for one in leased.parties] == [("owner", True)]
    owned = bundled.plan(THING, region="000000", tenure="owned")
    assert owned.parties == ()
    assert "m_owner_consent" not in {one.id for one in owned.materials}


@pytest.mark.parametrize("wrong", [{"user_kind": "home", "power_kw": 200}], ids=["home"])
def test_what_cannot_be_is_told_at_once(bundled: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, region="000000", **wrong)


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: gas_plan, promised: {days: 3}}]",
        "drop_materials: [m_pipe_layout]",
        "joint_inspection: [power_plan, water_plan]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: power_plan, promised: {days: 21}}]",
        "change_items: [{id: gas_connect, commitment: {text: {zh: 承诺, en: I promise}}}]",
        "drop_steps: [road_dig]",
        "change_steps: [{id: traffic_consent, when: lane_closed}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)


def test_the_city_digs_sooner_and_heats(bundled: Any) -> None:
    """3 + 5 + 3 + 1 working days: permits to dig and to use green land no longer lead.

    By hand: plans 10-08, the traffic police 10-14, gas 10-19, all of it 10-20.
    """
    plan = bundled.plan(THING)
    dues = bundled.dues(plan)
    assert dues["gas_plan"] == october(8)
    assert dues["road_dig"] == dues["green_use"] == october(12)
    assert dues["traffic_consent"] == october(14)
    assert dues["gas_connect"] == october(19)
    assert plan.due.on == october(20)
    warm = bundled.plan(THING, district_heating=True)
    assert "heat_plan" in warm.joint_inspection
    needs = bundled.needs(warm)
    assert all("heat_plan" in needs[name] for name in PERMITS), "one trench for all five"
    assert needs["heat_work"] == {"heat_plan"} | PERMITS
    assert needs["heat_connect"] == {"heat_work"}
    assert {"heat_plan", "heat_connect"} <= bundled.needs(warm)["bundle"]
    heat = next(one for one in warm.materials if one.id == "m_heat_plan")
    assert heat.yielded_by == ("heat_plan",)


def test_the_city_takes_the_word_for_longer_trenches(bundled: Any) -> None:
    on_trust = bundled.plan(THING, dig_track="commitment")
    permit = next(step for step in on_trust.steps if step.id == "road_dig")
    assert permit.commitment is not None
    assert bundled.dues(on_trust)["road_dig"] == october(8)


def test_the_city_promises_for_its_own_offices_alone(bundled: Any) -> None:
    here, there = (bundled.plan(THING, premises_at=where) for where in ("990102", "980201"))
    assert bundled.regions(there)["road_dig"] == "980201"
    assert bundled.dues(here)["road_dig"] == october(12)
    assert bundled.dues(there)["road_dig"] == october(16)
    asked = {"district_heating": True, "dig_track": "commitment"}
    elsewhere = bundled.plan(THING, premises_at="980201", **asked)
    assert "heat_plan" not in {step.id for step in elsewhere.steps}
    assert bundled.dues(elsewhere) == bundled.dues(there)


def test_something_must_be_chosen(bundled: Any) -> None:
    with pytest.raises(AnswersInvalidError, match="choose at least one of: "):
        bundled.plan(THING, region="000000", supplies=[])
