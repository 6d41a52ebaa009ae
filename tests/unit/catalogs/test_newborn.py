"""A child is born: every output feeds the next office, and another region's offices register it.

All dates are counted by hand from the notice of 2026: work on 09-28 to 09-30, off 10-01 to 10-07,
work on 10-08, 10-09, Saturday 10-10, then Monday to Friday.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.errors import AnswersConflictError, AnswersInvalidError, OverlayError

THING = "newborn"
CHAIN = ("birth_certificate", "birth_registration", "resident_insurance", "social_card")
NO_MONEY = {
    "care_costs": False,
    "mother_insured": "none",
    "mother_insured_in": None,
    "settled_at_discharge": None,
}


def october(day: int) -> date:
    return date(2026, 10, day)


SEPTEMBER_29, SEPTEMBER_30 = date(2026, 9, 29), date(2026, 9, 30)


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_the_best_case_is_five_working_days(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", **NO_MONEY)
    assert bundled.dues(plan) == {
        "birth_certificate": SEPTEMBER_29,
        "vaccination_card": SEPTEMBER_29,
        "birth_registration": SEPTEMBER_30,
        "resident_insurance": october(8),
        "social_card": october(9),
        "bundle": october(10),  # a Saturday that is worked
    }
    assert plan.promised_working_days == 5
    assert plan.critical_path == (*(f"{name}-1" for name in CHAIN), "bundle")


def test_paying_back_takes_longer_and_the_mothers_costs_run_beside_the_chain(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000")
    dues = bundled.dues(plan)
    # From 10-08: 10-09, 10-10, 10-12 to 10-16, 10-19, 10-20, 10-21.
    assert dues["newborn_care_costs"] == october(21)
    # From 09-29: 09-30, 10-08, 10-09, 10-10, 10-12 to 10-16, 10-19.
    assert dues["birth_costs"] == october(19)
    assert dues["bundle"] == october(22)
    assert plan.promised_working_days == 1 + 1 + 1 + 10 + 1
    assert bundled.needs(plan)["birth_costs"] == {"birth_certificate-1"}


def test_every_output_feeds_the_next(bundled: Any) -> None:
    plan = bundled.plan(THING)
    needs = bundled.needs(plan)
    assert needs["birth_certificate-1"] == set()
    assert needs["vaccination_card-1"] == needs["birth_registration-1"] == {"birth_certificate-1"}
    assert needs["resident_insurance-1"] == {"birth_registration-1"}
    assert needs["social_card-1"] == needs["newborn_care_costs-1"] == {"resident_insurance-1"}
    yielded = {one.id: one.yielded_by for one in plan.materials if one.yielded_by}
    assert yielded == {
        "m_birth_certificate": ("birth_certificate-1",),
        "m_household": ("birth_registration-1",),
        "m_insured": ("resident_insurance-1",),
    }
    assert not {one.id for one in plan.missing} & set(yielded)


@pytest.mark.parametrize("home", ["980201", "990101", "970302"])
def test_born_in_one_region_registered_in_another(bundled: Any, home: str) -> None:
    plan = bundled.plan(THING, home_region=home)
    regions = bundled.regions(plan)
    assert regions["birth_certificate-1"] == regions["vaccination_card-1"] == "970301"
    assert regions["birth_registration-1"] == regions["resident_insurance-1"] == home
    assert regions["newborn_care_costs-1"] == home
    assert regions["social_card-1"] == home[:4] + "00"  # cards are issued by cities
    assert regions["birth_costs"] == "970300"  # where the mother is insured
    assert regions["bundle"] == "970301"


def test_a_town_is_cut_to_the_county_that_decides(bundled: Any) -> None:
    plan = bundled.plan(THING, home_region="980201003")
    step = next(step for step in plan.steps if step.step_id == "birth_registration")
    assert step.region == "980201"
    assert any("home_region 980201003" in (reason.because or "") for reason in step.reasons)


def test_both_parents_agree_and_it_is_about_the_child(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert [(party.id, party.must_consent) for party in plan.parties] == [("other_parent", True)]
    assert plan.subject is not None
    assert plan.subject.title.zh == "新生儿"


def test_one_parent_alone_is_asked_for_no_second_one(bundled: Any) -> None:
    plan = bundled.plan(THING, two_parents=False, follows=None)
    assert plan.parties == ()
    asked = {field.id for field in plan.form} | {one.id for one in plan.materials}
    assert not asked & {"father_name", "father_id_no", "follows", "m_marriage", "m_name_statement"}
    step = next(step for step in plan.steps if step.step_id == "birth_registration")
    assert step.channel is not None
    assert step.channel.kind == "window"


def test_each_twin_has_papers_of_its_own(bundled: Any) -> None:
    plan = bundled.plan(THING, children=2)
    needs = bundled.needs(plan)
    for child in ("1", "2"):
        assert needs[f"birth_registration-{child}"] == {f"birth_certificate-{child}"}
        assert needs[f"resident_insurance-{child}"] == {f"birth_registration-{child}"}
        assert needs[f"social_card-{child}"] == {f"resident_insurance-{child}"}
    groups = {field.instances for field in plan.form if field.group == "child"}
    assert groups == {2}
    single = bundled.plan(THING)
    assert plan.due == single.due  # side by side: two take no longer than one
    assert [field.id for field in plan.form] == [field.id for field in single.form]


@pytest.mark.parametrize("children", [0, 7])
def test_a_birth_has_children_and_not_too_many(bundled: Any, children: int) -> None:
    with pytest.raises(AnswersInvalidError):
        bundled.plan(THING, children=children)


def test_a_certificate_at_hand_is_not_made_again(bundled: Any) -> None:
    plan = bundled.plan(THING, has_birth_certificate=True)
    assert "birth_certificate-1" not in bundled.needs(plan)
    assert bundled.needs(plan)["birth_registration-1"] == set()
    paper = next(one for one in plan.materials if one.id == "m_birth_certificate")
    assert not paper.yielded_by
    assert not paper.must_bring
    assert "certificate_number" in {field.id for field in plan.form}


def test_a_birth_at_home_is_verified_first(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", born_at="elsewhere")
    assert bundled.dues(plan)["birth_certificate"] == october(10)  # 09-29, 09-30, 10-08 to 10-10
    missing = {one.id for one in plan.missing}
    assert "m_birth_witness" in missing
    assert plan.trip_count == 1


def test_no_hospital_has_settled_a_birth_at_home(bundled: Any) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, born_at="elsewhere", settled_at_discharge=True)


def test_the_city_is_faster_asks_for_less_and_pays_its_own_children(bundled: Any) -> None:
    city = bundled.plan(THING, home_region="970302", wants_allowance=True)
    dues = bundled.dues(city)
    assert dues["birth_certificate"] == date(2026, 9, 28)
    assert dues["newborn_care_costs"] == october(15)  # 7 from 09-30: 10-08 to 10-10, 10-12 to 10-15
    assert dues["child_allowance"] == october(9)  # 3 from 09-29: 09-30, 10-08, 10-09
    assert dues["bundle"] == october(19)
    assert city.promised_working_days == 0 + 10 + 1
    assert "child_allowance-1" in bundled.needs(city)["bundle"]
    base = bundled.plan(THING, region="000000", home_region="970302")
    gone = {one.id for one in base.materials} - {one.id for one in city.materials}
    assert gone == {"m_photo"}


def test_the_city_pays_no_allowance_for_children_of_other_regions(bundled: Any) -> None:
    plan = bundled.plan(THING, home_region="980201", wants_allowance=True)
    assert "child_allowance" in {step.step_id for step in plan.skipped}
    assert "wants_allowance" not in {name for name in plan.answers if plan.answers[name] is True}


def test_a_city_promises_for_its_own_offices_alone(bundled: Any) -> None:
    away = bundled.plan(THING)  # registered and insured in another province
    assert bundled.dues(away)["birth_certificate"] == date(2026, 9, 28)
    # 10 from 09-30: 10-08 to 10-10, 10-12 to 10-16, 10-19, 10-20.
    assert bundled.dues(away)["newborn_care_costs"] == october(20)
    born_away = bundled.plan(THING, born_in="980201", home_region="970302")
    assert bundled.dues(born_away)["birth_certificate"] == SEPTEMBER_29
    at_home = bundled.plan(THING, born_at="elsewhere")
    assert bundled.dues(at_home)["birth_certificate"] == october(8)  # 09-29, 09-30, 10-08


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: birth_registration, promised: {days: 0}}]",
        "drop_steps: [social_card]",
        "drop_materials: [m_marriage]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: birth_registration, promised: {days: 2}}]",
        "drop_steps: [birth_registration]",
        "change_steps: [{id: vaccination_card, when: two_parents}]",
        "consumes: [{step: vaccination_card, materials: [m_marriage]}]",
        "add_materials: [{id: m_x, title: {zh: 甲, en: X}, source: lookup, steps: [social_card]}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
