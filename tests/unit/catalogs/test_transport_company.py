"""Opening a transport company: drivers within vehicles within one permit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, AnswersInvalidError, OverlayError

THING = "transport_company"
DANGEROUS = {"cargo": "dangerous", "vehicles": 5, "light_only": None, "track": None}


def october(day: int) -> date:
    return date(2026, 10, day)


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_days_of_the_example_in_the_whole_country(bundled: Any) -> None:
    """5 + 3 + 5 + 1 working days from 09-28, by hand: 10-10 (a Saturday), 10-14, 10-21, 10-22."""
    plan = bundled.plan(THING, region="000000")
    dues = bundled.dues(plan)
    assert dues["licence_check"] == date(2026, 9, 28)
    assert dues["road_permit"] == october(10)
    assert dues["vehicle_permit"] == october(14)
    assert dues["driver_qualification"] == october(21)
    assert dues["bundle"] == october(22)
    assert plan.promised_working_days == 14
    assert plan.critical_path == (
        "licence_check",
        "road_permit",
        "vehicle_permit-1",
        "driver_qualification-1",
        "bundle",
    )


def test_instances_within_instances(bundled: Any) -> None:
    plan = bundled.plan(THING)
    needs = bundled.needs(plan)
    for vehicle in (1, 2, 3):
        mine = f"vehicle_permit-{vehicle}"
        assert needs[mine] == {"road_permit", f"vehicle_test-{vehicle}"}
        crew = [step for step in plan.steps if step.within == mine]
        assert [step.id for step in crew] == [
            f"driver_qualification-{2 * vehicle - 1}",
            f"driver_qualification-{2 * vehicle}",
        ]
        assert all(set(step.requires) == {mine} for step in crew)
    instances = {field.group: field.instances for field in plan.form if field.group}
    assert instances == {"vehicle": 3, "driver": 6}


@pytest.mark.parametrize(("vehicles", "drivers"), [(1, 1), (1, 4), (7, 3), (40, 4)], ids=str)
def test_so_many_of_so_many(bundled: Any, vehicles: int, drivers: int) -> None:
    plan = bundled.plan(THING, vehicles=vehicles, drivers_per_vehicle=drivers)
    found = [step.step_id for step in plan.steps]
    assert found.count("vehicle_permit") == found.count("vehicle_test") == vehicles
    assert found.count("driver_qualification") == vehicles * drivers


def test_more_than_a_case_can_hold_is_refused(bundled: Any) -> None:
    with pytest.raises(AnswersInvalidError):
        bundled.plan(THING, vehicles=41)


def test_the_test_station_takes_its_own_time(bundled: Any) -> None:
    plan = bundled.plan(THING)
    tests = [step for step in plan.steps if step.step_id == "vehicle_test"]
    assert {step.kind for step in tests} == {StepKind.EXTERNAL}
    assert not any(step.is_critical for step in tests)
    assert plan.expected == plan.due  # two days of testing hide behind the permit
    without = bundled.plan(THING, used_vehicles=False)
    assert without.due == plan.due
    assert without.expected is None
    assert "m_test_report" not in {one.id for one in without.materials}


def test_light_vehicles_with_general_goods_need_no_permit(bundled: Any) -> None:
    plan = bundled.plan(THING, light_only=True)
    assert set(bundled.needs(plan)) == {"licence_check", "bundle"}
    assert plan.missing == ()


def test_without_a_licence_registration_comes_first(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", has_licence=False)
    assert bundled.needs(plan)["road_permit"] == {"registration"}
    assert bundled.dues(plan)["bundle"] == october(23)
    licence = next(one for one in plan.materials if one.id == "m_licence")
    assert licence.yielded_by == ("registration",)


def test_a_commitment_is_granted_at_once_and_checked_later(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", track="commitment")
    dues = bundled.dues(plan)
    assert dues["road_permit"] == date(2026, 9, 29)
    # 20 working days after the grant: 09-30, 3 in the week of 10-08, then 5 a week; the 20th:
    assert dues["permit_followup"] == date(2026, 11, 2)
    assert plan.due.on == october(16)  # 1 + 3 + 5 + 1: the check afterwards holds nothing up
    permit = next(step for step in plan.steps if step.id == "road_permit")
    assert permit.commitment is not None
    assert permit.commitment.follow_up == ("permit_followup",)


def test_the_county_decides_on_goods_and_the_city_on_danger(bundled: Any) -> None:
    goods = bundled.regions(bundled.plan(THING, region="990101"))
    assert goods["road_permit"] == goods["vehicle_permit-1"] == "980201"
    assert goods["driver_qualification-1"] == "980200"
    danger = bundled.regions(bundled.plan(THING, region="990101", **DANGEROUS))
    assert danger["hazmat_permit"] == danger["hazmat_vehicle_permit-1"] == "980200"
    assert danger["hazmat_crew-10"] == "980200"


def test_danger_is_never_taken_on_trust(bundled: Any) -> None:
    items = bundled.thing(THING).items
    sensitive = {name for name, item in items.items() if item.sensitive_area is not None}
    assert sensitive == {"hazmat_permit", "hazmat_vehicle_permit", "hazmat_crew"}
    assert not any(items[name].commitment or items[name].tolerance for name in sensitive)
    plan = bundled.plan(THING, region="000000", **DANGEROUS | {"track": "commitment"})
    assert "track" not in plan.answers or plan.answers["track"] == "ordinary"
    assert bundled.dues(plan)["hazmat_permit"] == october(20)  # 12 working days
    assert {"m_emergency_plan", "m_tank_inspection"} <= {one.id for one in plan.missing}


@pytest.mark.parametrize(
    "wrong", [{"vehicles": 4}, {"drivers_per_vehicle": 1}], ids=["vehicles", "escort"]
)
def test_too_little_for_danger_is_told_at_once(bundled: Any, wrong: dict[str, int]) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, **DANGEROUS | wrong)


def test_the_other_province_is_faster_and_records_the_yard(bundled: Any) -> None:
    small = bundled.plan(THING)
    assert bundled.dues(small)["road_permit"] == october(8)  # 3 working days
    assert bundled.dues(small)["vehicle_permit"] == october(9)
    assert small.promised_working_days == 3 + 1 + 5 + 1
    assert "m_positioning" in {one.id for one in bundled.plan(THING, region="000000").missing}
    assert "m_positioning" not in {one.id for one in small.materials}
    assert "yard_record" not in bundled.needs(small)
    large = bundled.plan(THING, vehicles=10)
    assert bundled.needs(large)["yard_record"] == {"licence_check"}
    assert "m_yard_plan" in {one.id for one in large.missing}
    yard = next(one for one in large.materials if one.id == "m_yard_plan")
    assert any("样城市货运车辆停放管理办法" in reason.text.zh for reason in yard.reasons)


def test_one_appointment_for_yard_and_permit(bundled: Any) -> None:
    plan = bundled.plan(THING, **DANGEROUS)
    assert set(plan.joint_inspection) == {"hazmat_permit", "yard_record"}
    assert [set(one.steps) for one in plan.appointments] == [{"hazmat_permit", "yard_record"}]


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: hazmat_permit, promised: {days: 20}}]",
        "drop_steps: [vehicle_test]",
        "drop_materials: [m_safety_rules]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: hazmat_permit, promised: {days: 21}}]",
        "change_items: [{id: hazmat_permit, commitment: {text: {zh: 承诺, en: I promise}}}]",
        "drop_steps: [driver_qualification]",
        "change_steps: [{id: vehicle_test, when: heavy}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
