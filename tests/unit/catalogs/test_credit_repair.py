"""Credit repair: who made the entry repairs it, and passing it on is part of the promise."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, CatalogError, OverlayError

THING = "credit_repair"
SHARES = {"share_platform", "share_enterprise_register", "share_reference", "share_tenders"}


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_it_begins_with_the_decree_of_2026(bundled: Any) -> None:
    assert bundled.thing(THING, on=date(2026, 4, 1)).thing.id == THING
    with pytest.raises(CatalogError):
        bundled.thing(THING, on=date(2026, 3, 31))


def test_days_of_the_example(bundled: Any) -> None:
    """Ten working days from 09-28 end on 10-16, three more on Wednesday 10-21."""
    plan = bundled.plan(THING)
    last = date(2026, 10, 21)
    assert bundled.dues(plan) == {
        "publication_check": date(2026, 9, 28),
        "repair_market": date(2026, 10, 16),
        **dict.fromkeys(SHARES, last),
        "bundle": last,
    }


def test_passing_it_on_is_part_of_the_promise(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert plan.promised_working_days == 10 + 3
    assert {step.id for step in plan.steps if step.kind is StepKind.NOTIFY} == SHARES
    needs = bundled.needs(plan)
    assert all(needs[share] == {"repair_market"} for share in SHARES)
    assert needs["bundle"] == SHARES | {"repair_market"}
    assert {step.id for step in plan.steps if step.is_critical} >= SHARES


@pytest.mark.parametrize(
    ("entered_by", "step", "department"),
    [
        ("market_regulation", "repair_market", "market-regulation"),
        ("tax", "repair_tax", "tax"),
        ("transport", "repair_transport", "transport"),
        ("ecology", "repair_ecology", "ecology"),
        ("other", "repair_other", "credit"),
    ],
)
def test_who_made_the_entry_repairs_it_where_it_was_made(
    bundled: Any, entered_by: str, step: str, department: str
) -> None:
    plan = bundled.plan(THING, entered_by=entered_by)
    (repair,) = (one for one in plan.steps if one.step_id.startswith("repair_"))
    assert (repair.id, repair.department, repair.region) == (step, department, "990101")
    assert repair.region_from == "entered_in"
    assert bundled.regions(plan)["bundle"] == "980201"
    decision = next(one for one in plan.materials if one.id == "m_repair_decision")
    assert decision.yielded_by == (step,)
    assert not decision.must_bring


def test_only_registers_that_have_the_entry_are_told(bundled: Any) -> None:
    person = bundled.plan(THING, is_company=False, takes_part_in_tenders=False)
    told = {step.id for step in person.steps if step.kind is StepKind.NOTIFY}
    assert told == {"share_platform", "share_reference"}
    asked = {field.id for field in person.form}
    assert "id_no" in asked
    assert "credit_code" not in asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_long_enough": False},
        {"obligations_done": False},
        {"entry_kind": "abnormal_list", "is_company": False},
    ],
    ids=["too early", "nothing done", "no company"],
)
def test_who_would_be_sent_back_is_told_at_once(bundled: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, **wrong)


@pytest.mark.parametrize(
    "hidden",
    [{"gravity": "minor"}, {"entry_kind": "abnormal_list"}, {"in_reorganisation": True}],
    ids=["minor", "abnormal list", "reorganised"],
)
def test_the_shortest_term_is_asked_only_where_there_is_one(
    bundled: Any, hidden: dict[str, Any]
) -> None:
    """A hidden question has no value: an old answer to it stops nobody."""
    plan = bundled.plan(THING, public_long_enough=False, **hidden)
    assert "public_long_enough" not in plan.answers or plan.answers["public_long_enough"] is True


def test_a_company_in_reorganisation_brings_the_courts_order(bundled: Any) -> None:
    plan = bundled.plan(THING, in_reorganisation=True, obligations_done=False)
    missing = {one.id for one in plan.missing}
    assert "m_court_order" in missing
    assert "m_fulfilled" not in missing


def test_two_papers_and_no_journey(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert {one.id for one in plan.missing} == {"m_fulfilled", "m_correction_report"}
    assert plan.missing[0].obtain
    repair = next(step for step in plan.steps if step.id == "repair_market")
    assert repair.tolerance is not None
    assert repair.tolerance.until.on == date(2026, 10, 10)  # 5 working days
    assert plan.trip_count == 0
    window = bundled.plan(THING, can_apply_online=False)
    assert window.trip_count == 1


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: repair_market, promised: {days: 7}}]",
        "change_items: [{id: share_platform, promised: {days: 1}}]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: repair_market, promised: {days: 11}}]",
        "change_items: [{id: share_platform, promised: {days: 4}}]",
        "drop_steps: [share_reference]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
