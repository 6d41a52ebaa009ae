"""Changing a company's data: one fact, many registers; most of them are only told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, AnswersInvalidError, OverlayError

THING = "data_change"


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_one_fact_fans_out(bundled: Any) -> None:
    plan = bundled.plan(THING, has_customs=True)
    needs = bundled.needs(plan)
    told = {step.id for step in plan.steps if step.kind is StepKind.NOTIFY}
    assert told == {
        "social_insurance_update",
        "medical_insurance_update",
        "housing_fund_update",
        "customs_update",
    }
    decided = {"tax_transfer", "seal_renewal", "bank_update-1", "bank_update-2"}
    assert needs["registry_change"] == set()
    assert all(needs[step] == {"registry_change"} for step in told | decided)
    assert needs["bundle"] == told | decided | {"registry_change"}


def test_days_of_the_example(bundled: Any) -> None:
    """Counted by hand: 09-29, 09-30, then 10-08 and 10-09 after the holidays."""
    plan = bundled.plan(THING)
    told = date(2026, 9, 30)
    assert bundled.dues(plan) == {
        "registry_change": date(2026, 9, 29),
        "social_insurance_update": told,
        "medical_insurance_update": told,
        "housing_fund_update": told,
        "seal_renewal": told,
        "tax_transfer": date(2026, 10, 8),
        "bank_update": date(2026, 10, 8),
        "bundle": date(2026, 10, 9),
    }
    assert plan.promised_working_days == 1 + 2 + 1


def test_who_moves_applies_where_they_go(bundled: Any) -> None:
    plan = bundled.plan(THING)
    regions = bundled.regions(plan)
    assert regions["registry_change"] == regions["seal_renewal"] == "980202"
    registry = next(step for step in plan.steps if step.id == "registry_change")
    assert registry.region_from == "new_county"


def test_who_stays_is_only_passed_on_to_the_tax_office(bundled: Any) -> None:
    plan = bundled.plan(THING, leaves_county=False, new_county=None)
    kinds = {step.id: step.kind for step in plan.steps}
    assert kinds["tax_update"] is StepKind.NOTIFY
    assert "tax_transfer" not in kinds
    assert bundled.regions(plan)["registry_change"] == "980201"
    assert "new_county" not in {field.id for field in plan.form}


def test_registers_that_are_told_ask_the_applicant_for_nothing(bundled: Any) -> None:
    plan = bundled.plan(THING, has_customs=True)
    brought = {one.id: set(one.steps) for one in plan.missing}
    told = {step.id for step in plan.steps if step.kind is StepKind.NOTIFY}
    assert all(told.isdisjoint(steps) for steps in brought.values())
    licence = next(one for one in plan.materials if one.id == "m_new_licence")
    assert licence.yielded_by == ("registry_change",)
    assert told <= set(licence.steps)


@pytest.mark.parametrize(
    ("changes", "fees", "trips"),
    [
        (["scope"], [], 0),
        (["address"], [], 0),
        (["name"], ["280.00"], 1),
        (["legal_rep"], ["280.00"], 1),
    ],
)
def test_new_seals_and_a_visit_to_the_bank_only_where_they_are_due(
    bundled: Any, changes: list[str], fees: list[str], trips: int
) -> None:
    plan = bundled.plan(THING, changes=changes, leaves_county=None, new_county=None)
    assert ("seal_renewal" in bundled.needs(plan)) is bool(fees)
    assert plan.trip_count == trips
    assert [total.amount for total in plan.fees] == fees


def test_the_new_seal_holds_no_account_up(bundled: Any) -> None:
    plan = bundled.plan(THING)
    banks = [step for step in plan.steps if step.step_id == "bank_update"]
    assert len(banks) == 2
    assert all(step.attaches == ("seal_renewal",) for step in banks)
    assert all("seal_renewal" not in step.requires for step in banks)


@pytest.mark.parametrize(
    ("changes", "parties"),
    [
        (["name"], []),
        (["legal_rep"], ["new_legal_rep"]),
        (["legal_rep", "shareholders"], ["new_legal_rep", "new_shareholder"]),
    ],
)
def test_who_takes_office_must_agree(bundled: Any, changes: list[str], parties: list[str]) -> None:
    plan = bundled.plan(THING, changes=changes, leaves_county=None, new_county=None)
    assert [party.id for party in plan.parties] == parties
    assert all(party.must_consent for party in plan.parties)


@pytest.mark.parametrize(
    "changed",
    [
        {"changes": ["capital"], "capital_change": "reduced", "reduction_announced": False},
    ],
    ids=["not announced"],
)
def test_what_cannot_stand_is_told_at_once(bundled: Any, changed: dict[str, Any]) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, **{"leaves_county": None, "new_county": None} | changed)


def test_an_announced_reduction_brings_its_notice(bundled: Any) -> None:
    plan = bundled.plan(
        THING,
        changes=["capital"],
        capital_change="reduced",
        reduction_announced=True,
        leaves_county=None,
        new_county=None,
    )
    assert {one.id for one in plan.missing} == {"m_articles", "m_reduction_notice"}


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: bank_update, promised: {days: 5}}]",
        "change_items: [{id: tax_update, promised: {days: 0}}]",
        "drop_steps: [medical_insurance_update]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: bank_update, promised: {days: 6}}]",
        "change_items: [{id: tax_update, promised: {days: 2}}]",
        "drop_steps: [social_insurance_update]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)


def test_something_must_be_chosen(bundled: Any) -> None:
    with pytest.raises(AnswersInvalidError, match="choose at least one of: "):
        bundled.plan(THING, region="000000", changes=[])
