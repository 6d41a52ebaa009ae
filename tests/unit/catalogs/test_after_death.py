"""After a death: who applies is not whom it is about; one cancelled entry opens every account.

All dates are counted by hand from the notice of 2026: work on 09-28 to 09-30, off 10-01 to 10-07,
work on 10-08, 10-09, Saturday 10-10, then Monday to Friday.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import StepKind
from oneservice.errors import AnswersConflictError, OverlayError

THING = "after_death"
FAN_OUT = {
    "pension_stop",
    "death_allowance",
    "medical_account",
    "fund_withdrawal",
    "bank_query-1",
    "bank_query-2",
}
STATED = {"banks": 0, "kinship_commits": True}


def october(day: int) -> date:
    return date(2026, 10, day)


def test_the_definition_and_its_example_are_whole(bundled: Any) -> None:
    bundled.assert_thing_is_whole(THING)
    bundled.assert_example_is_whole(THING)


def test_certificate_then_household_then_every_account(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert bundled.dues(plan) == {
        "death_certificate": date(2026, 9, 29),
        "household_cancellation": date(2026, 9, 30),
        "pension_stop": october(8),
        "death_allowance": october(20),  # 10-08 to 10-10, 10-12 to 10-16, 10-19, 10-20
        "medical_account": october(13),
        "fund_withdrawal": october(10),
        "bank_query": october(8),
        "driving_licence_notice": october(8),
        "bundle": october(21),
    }
    assert plan.promised_working_days == 1 + 1 + 10 + 1
    assert plan.critical_path == (
        "death_certificate",
        "household_cancellation",
        "death_allowance",
        "bundle",
    )


def test_one_fact_fans_out(bundled: Any) -> None:
    needs = bundled.needs(bundled.plan(THING))
    assert needs["household_cancellation"] == {"death_certificate"}
    assert all(needs[step] == {"household_cancellation"} for step in FAN_OUT)
    assert needs["bundle"] == FAN_OUT | {"death_certificate", "household_cancellation"}
    assert needs["driving_licence_notice"] == {"household_cancellation"}


def test_a_register_that_is_told_decides_nothing(bundled: Any) -> None:
    plan = bundled.plan(THING)
    notice = next(step for step in plan.steps if step.id == "driving_licence_notice")
    assert notice.kind is StepKind.NOTIFY
    assert notice.result is None
    assert "driving_licence_notice" not in bundled.needs(plan)["bundle"]


def test_it_is_about_the_one_who_died_and_nobody_need_consent_to_that(bundled: Any) -> None:
    plan = bundled.plan(THING)
    assert plan.subject is not None
    assert plan.subject.title.zh == "逝者"
    assert plan.parties == ()
    heirs = next(one for one in plan.materials if one.id == "m_heirs_statement")
    assert set(heirs.steps) == {"death_allowance", "medical_account", "fund_withdrawal"}


@pytest.mark.parametrize(
    ("answers", "from_register", "paper"),
    [
        ({"same_household": True}, True, False),
        ({"relation": "spouse"}, True, False),
        ({}, False, True),
        (STATED, False, False),
        ({"banks": 1, "kinship_commits": True}, False, True),  # hidden, for a bank takes no word
    ],
    ids=["household", "marriage", "paper", "commitment", "bank"],
)
def test_how_kinship_is_shown(
    bundled: Any, answers: dict[str, Any], *, from_register: bool, paper: bool
) -> None:
    plan = bundled.plan(THING, **answers)
    assert ("kinship_check" in bundled.needs(plan)) is from_register
    materials = {one.id: one for one in plan.materials}
    assert ("m_kinship_record" in materials) is from_register
    assert ("m_kinship" in {one.id for one in plan.missing}) is paper
    if paper:
        assert [one.channel for one in materials["m_kinship"].obtain] == [
            "online",
            "window",
            "window",
        ]


def test_what_was_stated_is_checked_afterwards(bundled: Any) -> None:
    plan = bundled.plan(THING, **STATED)
    stated = {step.id for step in plan.steps if step.commitment is not None}
    assert stated == {"death_allowance", "medical_account", "fund_withdrawal"}
    for step in plan.steps:
        if step.commitment is not None:
            assert step.commitment.follow_up == ("kinship_followup",)
    # 20 from 10-20: 3 in that week, 5 in each of the next three, 11-16, 11-17.
    assert bundled.dues(plan)["kinship_followup"] == date(2026, 11, 17)
    assert plan.due.on == october(21)  # the results do not wait for it
    assert "kinship_followup" not in bundled.needs(plan)["bundle"]


def test_after_an_accident_the_police_certify(bundled: Any) -> None:
    plan = bundled.plan(THING, died_at="accident")
    needs = bundled.needs(plan)
    assert "death_certificate" not in needs
    assert needs["household_cancellation"] == {"police_certificate"}
    assert bundled.dues(plan)["police_certificate"] == october(8)  # 09-29, 09-30, 10-08
    yielded = {one.id: one.yielded_by for one in plan.materials if one.yielded_by}
    assert yielded["m_death_certificate"] == ("police_certificate",)
    step = next(step for step in plan.steps if step.id == "household_cancellation")
    assert step.channel is not None
    assert step.channel.kind == "window"


def test_a_certificate_at_hand_is_not_made_again(bundled: Any) -> None:
    plan = bundled.plan(THING, has_death_certificate=True)
    assert bundled.needs(plan)["household_cancellation"] == set()
    assert "death_certificate_number" in {field.id for field in plan.form}
    assert plan.promised_working_days == 12


@pytest.mark.parametrize("banks", [0, 1, 6])
def test_one_query_for_each_bank(bundled: Any, banks: int) -> None:
    plan = bundled.plan(THING, banks=banks)
    queries = {step.id for step in plan.steps if step.step_id == "bank_query"}
    assert len(queries) == banks
    groups = {field.instances for field in plan.form if field.group == "bank"}
    assert groups == ({banks} if banks else set())


def test_only_near_relatives_are_told_by_banks(bundled: Any) -> None:
    with pytest.raises(AnswersConflictError):
        bundled.plan(THING, relation="other")
    assert bundled.plan(THING, relation="other", banks=0).steps


def test_each_account_is_settled_where_it_was_kept(bundled: Any) -> None:
    regions = bundled.regions(bundled.plan(THING))
    assert regions["death_certificate"] == "970301"
    assert regions["household_cancellation"] == "970302"
    assert regions["driving_licence_notice"] == "970300"
    assert regions["pension_stop"] == regions["death_allowance"] == "980201"
    assert regions["medical_account"] == regions["fund_withdrawal"] == "980200"


@pytest.mark.parametrize(
    ("pension", "steps"),
    [
        ("none", set()),
        ("paying", {"death_allowance"}),
        ("drawing", {"death_allowance", "pension_stop"}),
    ],
)
def test_what_the_pension_brings(bundled: Any, pension: str, steps: set[str]) -> None:
    more = {"insured_in": None, "medical_balance": None} if pension == "none" else {}
    plan = bundled.plan(THING, pension=pension, **more)
    assert {"death_allowance", "pension_stop"} & set(bundled.needs(plan)) == steps


def test_heirs_who_must_sign_come_to_the_fund(bundled: Any) -> None:
    alone = bundled.plan(THING, other_heirs=False)
    assert {trip.steps for trip in alone.trips} == {("bank_query-1", "bank_query-2")}
    assert bundled.plan(THING).trip_count == alone.trip_count + 1


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: death_allowance, promised: {days: 5}}]",
        "drop_steps: [driving_licence_notice]",
        "drop_materials: [m_funeral]",
    ],
)
def test_what_a_region_may_do(bundled: Any, change: str) -> None:
    assert bundled.overlaid(THING, change).digest != bundled.thing(THING).digest


@pytest.mark.parametrize(
    "change",
    [
        "change_items: [{id: death_allowance, promised: {days: 11}}]",
        "change_items: [{id: bank_query, commitment: {text: {zh: 承诺, en: I state it}}}]",
        "drop_steps: [household_cancellation]",
        "change_steps: [{id: pension_stop, when: has_fund}]",
    ],
)
def test_what_no_region_may_do(bundled: Any, change: str) -> None:
    with pytest.raises(OverlayError):
        bundled.overlaid(THING, change)
