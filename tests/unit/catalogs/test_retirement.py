"""Retiring: a company may apply for a person; a chain beside what others' time may hold up.

All dates are counted by hand from the notice of 2026: work on 09-28 to 09-30, off 10-01 to 10-07,
work on 10-08, 10-09, Saturday 10-10, then Monday to Friday.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, OverlayError

THING = "retirement"


def october(day: int) -> date:
    return date(2026, 10, day)


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)
    bundled.assert_example_is_whole(THING, region="000000")


def test_pension_then_sealing_then_withdrawal(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000")
    assert bundled.dues(plan) == {
        "only_child_check": date(2026, 9, 28),
        "pension_review": october(16),  # 09-29, 09-30, 10-08 to 10-10, 10-12 to 10-16
        "only_child_supplement": october(21),
        "medical_years": october(10),
        "medical_retiree": october(19),
        "fund_sealing": october(19),
        "fund_withdrawal": october(22),
        "bundle": october(23),
    }
    assert plan.critical_path == ("pension_review", "fund_sealing", "fund_withdrawal", "bundle")
    assert plan.promised_working_days == 10 + 1 + 3 + 1


def test_the_medical_years_are_counted_beside_the_pension(bundled: Any) -> None:
    needs = bundled.needs(bundled.plan(THING))
    assert needs["medical_years"] == needs["pension_review"] == set()
    assert needs["medical_retiree"] == {"pension_review", "medical_years"}
    assert needs["fund_sealing"] == {"pension_review"}
    assert needs["fund_withdrawal"] == {"fund_sealing"}


def test_the_supplement_waits_for_the_pension_and_for_the_check(bundled: Any) -> None:
    needs = bundled.needs(bundled.plan(THING))
    assert needs["only_child_supplement"] == {"pension_review", "only_child_check"}
    without = bundled.plan(THING, only_child=False)
    assert not {"only_child_check", "only_child_supplement"} & set(bundled.needs(without))
    assert "only_child_name" not in {field.id for field in without.form}


@pytest.mark.parametrize(
    ("applied_by", "parties"), [("self", []), ("employer", ["retiree"]), ("agent", ["retiree"])]
)
def test_who_acts_for_another_needs_that_persons_consent(
    bundled: Any, applied_by: str, parties: list[str]
) -> None:
    plan = bundled.plan(THING, applied_by=applied_by)
    assert [party.id for party in plan.parties if party.must_consent] == parties
    fields = {field.id for field in plan.form}
    assert ("employer_contact" in fields) == (applied_by == "employer")
    assert ("agent_id_no" in fields) == (applied_by == "agent")
    assert ("m_consent" in {one.id for one in plan.materials}) == (applied_by != "self")


def test_who_paid_alone_has_no_employer(bundled: Any) -> None:
    plan = bundled.plan(THING, applied_by="self", insured_as="flexible")
    assert not {"employer_name", "employer_code"} & {field.id for field in plan.form}
    for wrong in ({"applied_by": "employer"}, {"applied_by": "self", "retires": "hard_work"}):
        with pytest.raises(AnswersConflictError):
            bundled.plan(THING, insured_as="flexible", **wrong)


def test_without_fifteen_years_there_is_no_pension(bundled: Any) -> None:
    with pytest.raises(AnswersConflictError, match="不满15年"):
        bundled.plan(THING, pension_years=14)
    assert bundled.plan(THING, pension_years=15).steps


@pytest.mark.parametrize(
    ("sex", "years", "is_short"),
    [("male", 24, True), ("male", 25, False), ("female", 19, True), ("female", 20, False)],
)
def test_missing_years_of_medical_insurance_are_paid(
    bundled: Any, sex: str, years: int, *, is_short: bool
) -> None:
    plan = bundled.plan(THING, region="000000", sex=sex, medical_years=years)
    assert ("medical_topup" in bundled.needs(plan)) is is_short


def test_paying_is_the_persons_own_time(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", medical_years=10)
    topup = next(step for step in plan.steps if step.id == "medical_topup")
    assert topup.kind is StepKind.EXTERNAL
    assert "medical_topup" in bundled.needs(plan)["medical_retiree"]
    assert plan.promised_working_days == 15
    assert plan.due.on == october(23)
    # Years counted on 10-10, 10 days to pay until 10-23, one to enter them, one for the bundle.
    assert plan.expected is not None
    assert plan.expected.on == october(27)


def test_rights_from_two_other_regions_come_first(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000", other_places=2)
    assert bundled.needs(plan)["pension_review"] == {"pension_transfer-1", "pension_transfer-2"}
    dues = bundled.dues(plan)
    assert dues["pension_transfer"] == october(23)  # 10 to 10-16, 5 more in the next week
    assert dues["pension_review"] == date(2026, 11, 6)  # two weeks on
    assert plan.promised_working_days == 15 + 10 + 1 + 3 + 1
    groups = {field.id: field.instances for field in plan.form if field.group}
    assert groups == {"moved_from": 2, "moved_from_year": 2, "moved_to_year": 2}


def test_hard_work_is_reviewed_in_person_and_made_public(bundled: Any) -> None:
    plan = bundled.plan(THING, retires="hard_work")
    assert "hard_work_review" in bundled.needs(plan)["pension_review"]
    ways = {step.id: step.channel.kind for step in plan.steps if step.channel is not None}
    assert ways["hard_work_review"] == ways["pension_review"] == "window"
    assert ways["fund_withdrawal"] == "online"
    item = bundled.thing(THING).items["hard_work_review"]
    assert [procedure.kind for procedure in item.special_procedures] == ["publication"]
    assert "m_hard_work_proof" in {one.id for one in plan.missing}


@pytest.mark.parametrize(
    ("retires", "paper"),
    [("on_time", set()), ("early", {"m_early_notice"}), ("late", {"m_late_agreement"})],
)
def test_each_choice_of_age_has_its_own_paper(bundled: Any, retires: str, paper: set[str]) -> None:
    missing = {one.id for one in bundled.plan(THING, retires=retires).missing}
    assert missing == {"m_account_card"} | paper


def test_the_place_of_insurance_and_the_city_of_the_fund_decide(bundled: Any) -> None:
    plan = bundled.plan(THING, region="990101", insured_in="980201", fund_in="970300")
    regions = bundled.regions(plan)
    assert regions["pension_review"] == regions["only_child_supplement"] == "980201"
    assert regions["medical_years"] == regions["medical_retiree"] == "980200"
    assert regions["fund_sealing"] == regions["fund_withdrawal"] == "970300"


def test_without_a_fund_nothing_is_sealed(bundled: Any) -> None:
    plan = bundled.plan(THING, has_fund=False, fund_in=None, withdraws=None)
    assert not {"fund_sealing", "fund_withdrawal"} & set(bundled.needs(plan))
    kept = bundled.plan(THING, withdraws=False)
    assert "fund_sealing" in bundled.needs(kept)
    assert "fund_account" not in {field.id for field in kept.form}


def test_the_card_may_follow(bundled: Any) -> None:
    review = next(
        step for step in bundled.plan(THING, region="000000").steps if step.id == "pension_review"
    )
    assert review.tolerance is not None
    assert review.tolerance.materials == ("m_account_card",)
    assert review.tolerance.until.on == october(14)  # 8: 09-29, 09-30, 10-08 to 10-10, 10-12 to 14


def test_the_city_is_faster_and_asks_for_more_years(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert bundled.dues(plan)["pension_review"] == october(10)
    assert plan.promised_working_days == 5 + 1 + 3 + 1
    assert plan.due.on == october(16)
    assert "medical_topup" in bundled.needs(bundled.plan(THING, medical_years=27))
    for elsewhere in ({"region": "000000"}, {"insured_in": "980201"}):
        away = bundled.plan(THING, medical_years=27, **elsewhere)
        assert "medical_topup" not in bundled.needs(away)
        assert bundled.dues(away)["pension_review"] == october(16)


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: pension_review, promised: {days: 20}}]",
        "drop_steps: [only_child_check]",
        "drop_materials: [m_account_card]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: pension_review, promised: {days: 21}}]",
        "change_items: [{id: fund_withdrawal_retired, promised: {days: 4}}]",
        "drop_steps: [medical_retiree]",
        "change_steps: [{id: medical_topup, when: medical_years < 30}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
