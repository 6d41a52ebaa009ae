"""Entering school: read-only checks, one decision, days that count from the end of a batch.

All dates are counted by hand from the notice of 2026: off on 06-19 to 06-21 (a Friday and the
weekend), Monday to Friday are worked otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, OverlayError, UnknownThingError

THING = "school_entry"
JUNE = date(2026, 6, 2)
HERE = {"household_in": "970301", "insurance_months": None}


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)
    bundled.assert_example_is_whole(THING, region="000000")


def test_all_is_checked_at_once_and_one_decision_waits(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", on=JUNE)
    checks = {step.id for step in plan.steps if step.kind is StepKind.CHECK}
    assert checks == {
        "household_check",
        "lease_check",
        "residence_permit_check",
        "insurance_check",
        "vaccination_check",
    }
    needs = bundled.needs(plan)
    assert all(needs[check] == set() for check in checks)
    assert needs["admission"] == checks
    assert needs["student_record"] == needs["bundle"] == {"admission"}
    assert {step.promised.days for step in plan.steps if step.id in checks} == {0}
    assert all(step.needs_no_visit for step in plan.steps)
    assert plan.trip_count == 0


def test_registers_are_asked_and_not_the_parents(bundled: Any) -> None:
    plan = bundled.plan(THING, **HERE, home="owned")
    assert plan.missing == ()
    assert {str(one.source) for one in plan.materials} == {"lookup", "generated"}


# Who you are says when: batch, its last day, admission (15 working days after it), all results.
BATCHES = [
    # 06-15 to 06-18, 06-22 to 06-26, 06-29 to 07-03, 07-06
    ("home_and_household", {**HERE, "home": "owned"}, (6, 12), (7, 6), (7, 7)),
    # 06-29 to 07-17, three weeks
    ("household_only", {**HERE, "home": "rented"}, (6, 26), (7, 17), (7, 20)),
    ("permit_holders", {"insurance_months": 12}, (7, 10), (7, 31), (8, 3)),
    ("arranged", {"insurance_months": 11}, (7, 17), (8, 7), (8, 10)),
]


@pytest.mark.parametrize(("batch", "answers", "closes", "admitted", "bundled_on"), BATCHES)
def test_days_count_from_the_last_day_of_the_batch(  # noqa: PLR0917 - a table's columns
    bundled: Any,
    batch: str,
    answers: dict[str, Any],
    closes: tuple[int, int],
    admitted: tuple[int, int],
    bundled_on: tuple[int, int],
) -> None:
    plan = bundled.plan(THING, region="000000", on=JUNE, **answers)
    assert plan.batch is not None
    assert plan.batch.id == batch
    assert plan.batch.closes == date(2026, *closes)
    dues = bundled.dues(plan)
    assert dues["household_check"] == date(2026, *closes)
    assert dues["admission"] == date(2026, *admitted)
    assert dues["bundle"] == dues["student_record"] == date(2026, *bundled_on)
    assert plan.promised_working_days == 15 + 1


@pytest.mark.parametrize("region", ["000000", "970301"])
@pytest.mark.parametrize("answers", [row[1] for row in BATCHES], ids=[row[0] for row in BATCHES])
def test_each_batch_keeps_the_day_on_which_it_must_be_decided(
    bundled: Any, region: str, answers: dict[str, Any]
) -> None:
    plan = bundled.plan(THING, region=region, on=date(2026, 5, 10), **answers)
    assert plan.batch is not None
    assert plan.due.on <= plan.batch.decided_by
    season = bundled.thing(THING, region=region).thing.season
    assert season is not None
    assert season.begins <= f"{plan.batch.opens:%m-%d}" < f"{plan.batch.closes:%m-%d}" < season.ends


def test_who_applies_on_the_last_day_waits_no_longer_than_who_came_first(bundled: Any) -> None:
    first = bundled.plan(THING, on=date(2026, 6, 15))
    last = bundled.plan(THING, on=date(2026, 6, 26))
    assert first.due == last.due
    assert first.batch == last.batch


@pytest.mark.parametrize(
    ("home", "check"),
    [
        ("owned", "property_check"),
        ("family", "property_check"),
        ("rented", "lease_check"),
        ("other", None),
    ],
)
def test_the_home_says_which_register_is_asked(bundled: Any, home: str, check: str | None) -> None:
    plan = bundled.plan(THING, region="000000", **HERE, home=home)
    found = {"property_check", "lease_check"} & set(bundled.needs(plan))
    assert found == ({check} if check else set())


def test_each_register_is_asked_where_it_is(bundled: Any) -> None:
    regions = bundled.regions(bundled.plan(THING, region="990101"))
    assert regions["household_check"] == "980201"
    assert regions["insurance_check"] == "970300"
    for step in ("lease_check", "residence_permit_check", "admission", "student_record"):
        assert regions[step] == "970301"
    assert regions["bundle"] == "990101"


def test_a_child_with_special_needs_is_assessed_by_experts_first(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", on=JUNE, **HERE, home="owned", special_needs=True)
    assert "needs_assessment" in bundled.needs(plan)["admission"]
    # 10 from 06-12: 06-15 to 06-18, 06-22 to 06-26, 06-29.
    # 15 more: 06-30 to 07-03, two weeks, 07-20.
    dues = bundled.dues(plan)
    assert dues["needs_assessment"] == date(2026, 6, 29)
    assert dues["admission"] == date(2026, 7, 20)
    assert plan.promised_working_days == 10 + 15 + 1


def test_an_unrecorded_lease_may_follow(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", on=JUNE, **HERE)
    admission = next(step for step in plan.steps if step.id == "admission")
    assert admission.tolerance is not None
    assert admission.tolerance.materials == ("m_lease",)
    assert admission.tolerance.until.on == date(2026, 7, 3)  # 5 from 06-26


@pytest.mark.parametrize(
    ("stage", "born_on", "is_open"),
    [
        ("primary", "2020-08-31", True),
        ("primary", "2020-09-01", False),
        ("middle", "2014-03-01", True),
        ("middle", "2016-09-01", False),
    ],
)
def test_the_day_of_birth_fits_the_stage(
    bundled: Any, stage: str, born_on: str, *, is_open: bool
) -> None:
    if is_open:
        assert bundled.plan(THING, stage=stage, born_on=born_on).steps
        return
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, stage=stage, born_on=born_on)


def test_the_city_opens_earlier_halves_the_months_and_checks_places(bundled: Any) -> None:
    on = date(2026, 5, 20)
    city = bundled.plan(THING, on=on, **HERE, home="owned")
    assert bundled.needs(city)["seat_check"] == {"property_check"}
    assert "seat_check" in bundled.needs(city)["admission"]
    # 10 from 05-29: two weeks.
    assert bundled.dues(city)["admission"] == date(2026, 6, 12)
    assert bundled.plan(THING, on=on, insurance_months=6).batch.id == "permit_holders"
    assert bundled.plan(THING, on=on, insurance_months=5).batch.id == "arranged"
    sibling = bundled.plan(THING, on=on, **HERE, home="owned", has_sibling=True)
    assert "seat_check" not in bundled.needs(sibling)
    asked = {one.id for one in bundled.plan(THING, on=on, **HERE, home="family").materials}
    assert "m_grandparent" not in asked


def test_the_city_takes_applications_for_its_own_schools(bundled: Any) -> None:
    with pytest.raises(AnswersConflictError, match="本市学校"):
        bundled.plan(THING, school_in="980201")
    assert bundled.plan(THING, region="000000", school_in="980201").steps


def test_the_days_of_one_year_say_nothing_about_the_next(bundled: Any) -> None:
    with pytest.raises(UnknownThingError):
        bundled.thing(THING, on=date(2027, 6, 1))


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: admission, promised: {days: 15}}]",
        "drop_steps: [lease_check]",
        "season: {begins: 04-01, ends: 08-31}",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change)


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: admission, promised: {days: 16}}]",
        "drop_steps: [vaccination_check]",
        "drop_steps: [admission]",
        "change_steps: [{id: insurance_check, when: insurance_months > 24}]",
        "change_materials: [{id: m_lease, importance: main}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
