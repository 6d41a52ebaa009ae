"""Closing a company: chain, then fan-out; a notice in natural days beside working days.

All dates are counted by hand from the notice of 2026: work on 09-28 to 09-30, off 10-01 to 10-07,
work on 10-08, 10-09, Saturday 10-10, then Monday to Friday.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import LimitUnit
from oneservice.errors import AnswersConflictError, OverlayError

THING = "deregistration"
FAN_OUT = {
    "customs_cancel",
    "social_insurance_cancel",
    "housing_fund_cancel",
    "bank_closing-1",
    "bank_closing-2",
    "seal_cancel",
}


def october(day: int) -> date:
    return date(2026, 10, day)


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)
    bundled.assert_example_is_whole(THING, region="000000")


def test_limits_are_those_of_the_published_guide(bundled: Any) -> None:
    items = bundled.thing(THING).items
    promised = {name: (item.promised.days, item.promised.unit) for name, item in items.items()}
    working, natural = LimitUnit.WORKING_DAYS, LimitUnit.NATURAL_DAYS
    assert promised["tax_clearance"] == (10, working)
    assert promised["deregister"] == (1, working)
    for name in ("customs_cancel", "social_insurance_cancel", "bank_closing", "seal_cancel"):
        assert promised[name] == (1, working)
    assert promised["simple_notice"] == (20, natural)
    assert promised["creditor_notice"] == (45, natural)


def test_the_simple_way_waits_for_the_notice_and_not_for_the_taxes(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000")
    assert bundled.dues(plan) == {
        "simple_notice": october(18),  # a Sunday: natural days do not care
        "tax_clearance": october(10),  # 5 working days: 09-29, 09-30, 10-08, 10-09, 10-10
        "deregister": october(19),
        "customs_cancel": october(20),
        "social_insurance_cancel": october(20),
        "housing_fund_cancel": october(20),
        "bank_closing": october(20),
        "seal_cancel": october(20),
        "bundle": october(21),
    }
    assert plan.critical_path[:2] == ("simple_notice", "deregister")
    assert plan.promised_working_days == 13  # 10 working days lie in the notice, then 1 + 1 + 1


def test_a_chain_then_everything_side_by_side(bundled: Any) -> None:
    needs = bundled.needs(bundled.plan(THING))
    assert needs["simple_notice"] == needs["tax_clearance"] == set()
    assert needs["deregister"] == {"simple_notice", "tax_clearance"}
    assert all(needs[step] == {"deregister"} for step in FAN_OUT)
    assert needs["bundle"] >= FAN_OUT


def test_the_ordinary_way_of_a_general_taxpayer(bundled: Any) -> None:
    plan = bundled.plan(
        THING,
        region="000000",
        track="ordinary",
        creditors_told=True,
        never_taxed=None,
        taxpayer_kind="general",
    )
    dues = bundled.dues(plan)
    assert "simple_notice" not in dues
    assert "creditor_notice" not in dues
    assert dues["tax_clearance"] == october(16)
    assert dues["deregister"] == october(19)
    assert plan.promised_working_days == 10 + 1 + 1 + 1


def test_the_creditors_days_are_nobodys_promise_but_they_are_expected(bundled: Any) -> None:
    plan = bundled.plan(
        THING, region="000000", track="ordinary", creditors_told=False, never_taxed=None
    )
    # 45 natural days from 09-28 end on 11-12; then 11-13, 11-16 and 11-17 are worked.
    assert plan.promised_working_days == 5 + 1 + 1 + 1
    assert plan.due.on == october(14)
    assert plan.expected is not None
    assert plan.expected.on == date(2026, 11, 17)


def test_a_sole_trader_is_asked_about_and_needs_no_clearance(bundled: Any) -> None:
    plan = bundled.plan(THING, entity_type="sole_trader", never_taxed=None, taxpayer_kind=None)
    needs = bundled.needs(plan)
    assert needs["deregister"] == {"objection_query"}
    assert not {"tax_clearance", "simple_notice"} & set(needs)
    assert bundled.dues(plan)["objection_query"] == october(8)
    assert "m_tax_clearance" not in {material.id for material in plan.materials}


def test_who_never_had_tax_matters_needs_no_clearance(bundled: Any) -> None:
    plan = bundled.plan(THING, never_taxed=True)
    assert bundled.needs(plan)["deregister"] == {"simple_notice"}
    assert {"unused_invoices", "taxpayer_kind"}.isdisjoint(field.id for field in plan.form)


@pytest.mark.parametrize("accounts", [0, 1, 5])
def test_one_closing_for_each_account(bundled: Any, accounts: int) -> None:
    plan = bundled.plan(THING, bank_accounts=accounts)
    closings = [step for step in plan.steps if step.step_id == "bank_closing"]
    assert len(closings) == accounts
    groups = {field.id: field.instances for field in plan.form if field.group == "account"}
    assert set(groups.values()) == ({accounts} if accounts else set())


def test_the_place_of_registration_decides_wherever_one_applies(bundled: Any) -> None:
    plan = bundled.plan(THING, region="990101")
    regions = bundled.regions(plan)
    for step in ("tax_clearance", "deregister", "social_insurance_cancel", "seal_cancel"):
        assert regions[step] == "980201"
    assert regions["customs_cancel"] == regions["housing_fund_cancel"] == "980200"
    assert regions["bundle"] == "990101"


@pytest.mark.parametrize(
    "wrong", [{"debts_settled": False}, {"in_trouble": True}], ids=["debts", "trouble"]
)
def test_the_simple_way_is_closed_at_answer_time(bundled: Any, wrong: dict[str, bool]) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, **wrong)


@pytest.mark.parametrize(
    ("form", "kind", "brought"),
    [
        ("electronic", "online", set()),
        ("paper", "post", {"m_licence_paper"}),
        ("lost", "online", {"m_licence_lost"}),
    ],
)
def test_the_licence_decides_the_way(bundled: Any, form: str, kind: str, brought: set[str]) -> None:
    plan = bundled.plan(THING, region="000000", licence_form=form)
    step = next(step for step in plan.steps if step.id == "deregister")
    assert step.channel is not None
    assert step.channel.kind == kind
    missing = {material.id for material in plan.missing}
    assert missing & {"m_licence_paper", "m_licence_lost"} == brought


def test_the_only_journey_is_to_the_bank(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert plan.trip_count == 1
    assert {trip.steps for trip in plan.trips} == {("bank_closing-1", "bank_closing-2")}


def test_accounts_may_follow_and_what_steps_yield_is_never_asked(bundled: Any) -> None:
    plan = bundled.plan(THING, region="000000")
    tax = next(step for step in plan.steps if step.id == "tax_clearance")
    assert tax.tolerance is not None
    assert tax.tolerance.materials == ("m_final_accounts",)
    assert tax.tolerance.until.on == october(8)  # 3 working days: 09-29, 09-30, 10-08
    yielded = {one.id: one.yielded_by for one in plan.materials if one.yielded_by}
    assert yielded == {"m_tax_clearance": ("tax_clearance",), "m_dereg_notice": ("deregister",)}


def test_the_other_province_is_faster_adds_a_step_and_asks_for_less(bundled: Any) -> None:
    base = bundled.plan(THING, region="000000", licence_form="lost")
    city = bundled.plan(THING, licence_form="lost", has_permits=True)
    assert bundled.dues(city)["tax_clearance"] == october(8)  # 3 working days instead of 5
    assert bundled.needs(city)["permit_cancel"] == {"deregister"}
    assert "permit_cancel" in bundled.needs(city)["bundle"]
    gone = {one.id for one in base.materials} - {one.id for one in city.materials}
    assert gone == {"m_licence_lost"}
    assert bundled.thing(THING, region="980201").digest != bundled.thing(THING).digest
    assert bundled.thing(THING, region="990101").items == bundled.thing(THING).items


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: tax_clearance, promised: {days: 20}}]",
        "drop_steps: [bank_closing]",
        "drop_materials: [m_final_accounts]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: tax_clearance, promised: {days: 21}}]",
        "change_items: [{id: simple_notice, promised: {days: 21, unit: natural_days}}]",
        "change_items: [{id: customs_cancel, promised: {days: 2}}]",
        "drop_steps: [simple_notice]",
        "change_steps: [{id: seal_cancel, when: has_customs}]",
        "add_materials: [{id: m_x, title: {zh: 甲, en: X}, source: lookup, steps: [deregister]}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
