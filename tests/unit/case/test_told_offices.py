"""Lives in which the offices turn: they ask, pause, extend, refuse, return, say nothing, differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import Digest, parse_object
from oneservice.case import (
    Actor,
    AskWithdrawal,
    Case,
    ConsentTerms,
    DeliveryDidFail,
    FileAgain,
    GiveMandate,
    NotFoundThere,
    OpenCase,
    ReportDidFail,
    Resume,
    SupplementGiven,
    TimePassed,
    evolve,
    transition,
)
from oneservice.case.step_spec import Rung, StepSpec, Unit
from oneservice.catalog import Level
from oneservice.plan import (
    DueDate,
    Plan,
    PlannedDispatch,
    PlannedRung,
    PlannedTolerance,
    PlannedUnit,
    TimeLimit,
    parse_plan,
)
from oneservice.workdays import LimitUnit, announced_calendar

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SHA = Digest("sha256:" + "6" * 64)
OPERATOR = Actor.operator("op-7")
GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "plan"
WHY = "paper no. 12"
RUNGS = (
    Rung(level="district", office="district-office", days=2),
    Rung(level="city", office="city-office", days=3, unit="natural_days"),
)
UNITS = (Unit(duty="row-2", department="second", region="990102"),)
NOT_COMPETENT = [{"code": "not-competent", "text": {"en": "the county decides"}}]
Told = Callable[[Any], Any]


def later(days: float) -> datetime:
    return AT + timedelta(days=days)


def tells(kind: str, day: str, name: str = "permit", **data: Any) -> Told:
    return lambda life: life.told(kind, day, name, **data)


def passes(days: float) -> Told:
    return lambda life: life.give(TimePassed(at=later(days)))


def fails(effect: str, days: float, problem: str = "timeout", **more: Any) -> Told:
    given = {"sub_case_id": "permit", "message_id": "c1.permit.1"} | more
    return lambda life: life.give(
        DeliveryDidFail(at=later(days), effect=effect, problem=problem, **given)  # type: ignore[arg-type]
    )


def supplement(correction: str | None, days: float, number: int = 1) -> Told:
    return lambda life: life.give(
        SupplementGiven(
            at=later(days),
            sub_case_id="permit",
            correction_id=correction,
            supplement_id=f"c1.permit.1.s{number}",
            request_digest=SHA,
            materials=("m_layout",) if correction else ("m_health",),
        )
    )


def withdraws(days: float, *names: str) -> Told:
    return lambda life: life.give(AskWithdrawal(at=later(days), sub_case_ids=names))


def resumes(days: float) -> Told:
    return lambda life: life.give(
        Resume(at=later(days), sub_case_id="permit", by=OPERATOR, why=WHY)
    )


def files_again(days: float, annulled_by: str = "") -> Told:
    return lambda life: life.give(
        FileAgain(
            at=later(days), sub_case_id="permit", by=OPERATOR, why=WHY, annulled_by=annulled_by
        )
    )


def unreadable(days: float, *, is_contract: bool) -> Told:
    return lambda life: life.give(
        ReportDidFail(
            at=later(days), sub_case_id="permit", problem="odd", is_contract=is_contract,
            retry_after_s=60,
        )
    )  # fmt: skip


def not_there(days: float, held: int = 0) -> Told:
    return lambda life: life.give(
        NotFoundThere(at=later(days), sub_case_id="permit", submission_id="c1.permit.1", held=held)
    )


ACCEPTED = (tells("received", "09-28"), tells("accepted", "09-28"))
LIVES: dict[str, tuple[dict[str, Any], Iterable[Told]]] = {
    "corrected and paused": (
        {},
        (
            tells("received", "09-28"),
            tells("correction_requested", "09-29"),
            supplement("r9", 2),
            supplement("r1", 2),
            tells("correction_received", "09-30", supplement_id="c1.permit.1.s1"),
            tells("accepted", "10-08"),
            tells("correction_requested", "10-09", correction_id="r2", due_on="2026-10-20"),
            passes(30),
            supplement("r2", 31, 2),
            tells("correction_received", "11-02", correction_id="r2"),
            tells("suspended", "11-03"),
            passes(50),
            tells("resumed", "11-20"),
            tells("extended", "11-20"),
            tells("extended", "11-21"),
            tells("progress", "11-21"),
            tells("granted", "11-22"),
        ),
    ),
    "asked and never answered": (
        {},
        (
            tells("received", "09-28"),
            tells("correction_requested", "09-29"),
            passes(40),
            tells("lapsed", "11-10"),
            files_again(45),
            files_again(45),
        ),
    ),
    "withdrawn late": (
        {},
        (
            *ACCEPTED,
            withdraws(1, "permit"),
            withdraws(1, "permit"),
            tells("withdrawal_requested", "09-29"),
            tells("withdrawal_refused", "09-30"),
            withdraws(3, "permit"),
            tells("granted", "10-09"),
            withdraws(12, "permit"),
        ),
    ),
    "refused and annulled": (
        {},
        (
            *ACCEPTED,
            tells("refused", "10-09"),
            files_again(12),
            files_again(12, "review no. 5"),
            lambda life: life.file("10-12") or (),
            tells("received", "10-12"),
            tells("accepted", "10-12"),
            tells("granted_pending_material", "10-13", pending=[{"material": "m_health"}]),
            supplement(None, 16),
            tells("granted", "10-16"),
        ),
    ),
    "late and escalated": (
        {"on_overdue": "escalate", "ladder": RUNGS, "warning_share": 50},
        (
            *ACCEPTED,
            *(passes(days) for days in (9, 13, 14, 17, 20, 22, 24, 30, 33, 40, 90)),
            tells("refused", "12-28"),
        ),
    ),
    "silent": (
        {"on_overdue": "deemed_granted"},
        (
            tells("received", "09-28"),
            passes(13),
            passes(33),
            passes(60),
            tells("progress", "12-01"),
            tells("correction_requested", "12-01"),
            tells("refused", "12-02"),
        ),
    ),
    "returned": (
        {"accept_hours": 4, "units": UNITS, "max_returns": 1},
        (
            passes(0.5),
            tells("not_accepted", "09-28", reasons=NOT_COMPETENT),
            lambda life: life.file("09-28") or (),
            tells("received", "09-29"),
            tells("not_accepted", "09-29", reasons=NOT_COMPETENT),
            lambda life: life.file("09-30") or (),
            tells("received", "09-30"),
            tells("not_accepted", "10-08", reasons=NOT_COMPETENT),
            resumes(12),
        ),
    ),
    "unknown": (
        {},
        (
            fails("none", 0.1),
            fails("unknown", 0.2),
            fails("none", 0.3, retry_after_s=900),
            not_there(0.4),
            *(fails("unknown", 1 + days) for days in range(8)),
            fails("unknown", 10, message_id="c9.none"),
            not_there(10),
            tells("received", "10-09"),
            not_there(12),
            not_there(12, 1),
            resumes(13),
            unreadable(13, is_contract=False),
            unreadable(14, is_contract=True),
            unreadable(15, is_contract=True),
            tells("accepted", "10-14"),
            tells("result_revoked", "10-15"),
            withdraws(17),
            fails("refused", 17.1, "not-open", message_id="c1.permit.1.w1"),
            fails("refused", 17.2, "malformed", message_id="c1.permit.1.w1"),
            resumes(18),
            tells("granted", "10-20"),
            tells("result_revoked", "10-22"),
            tells("result_replaced", "10-23"),
            passes(400),
        ),
    ),
}


@pytest.mark.parametrize("name", LIVES)
def test_a_life_with_offices_is_told_as_it_was(
    begin: Any, step: Any, golden: Any, name: str
) -> None:
    """To write it anew, delete the file and run this."""
    members, asked = LIVES[name]
    life = begin(
        step("permit", **members),
        step("sign", requires=("permit",)),
        step("check", kind="follow_up", requires=("permit",), statutory_days=-1),
        step("bundle", kind="bundle", requires=("permit", "sign")),
        promised_days=9,
        joint_days=45,
    )
    golden.tell(name, life, asked)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("granted", {"decision": "verified"}),
        ("granted", {"decision": "to_be_corrected"}),
        ("granted", {}),
        ("refused", None),
        ("withdrawn", None),
    ],
)
def test_a_check_after_the_grant_is_told_as_it_was(
    begin: Any, step: Any, golden: Any, kind: str, outcome: Any
) -> None:
    life = begin(step(), step("check", kind="follow_up", requires=("permit",)))
    data = {} if outcome is None else {"outcome": outcome}
    asked = [
        *ACCEPTED,
        tells("granted", "09-29"),
        lambda life: life.file("09-30") or (),
        tells("received", "09-30", "check"),
        *([tells("accepted", "09-30", "check")] if kind != "withdrawn" else []),
        tells(kind, "10-09", "check", **data),
        passes(60),
    ]
    said = (outcome or {}).get("decision", "nothing")
    golden.tell(f"check {kind} {said}", life, asked)


# --- the opening ---------------------------------------------------------------------------------


def plan_of(name: str) -> Plan:
    return parse_plan(parse_object((GOLDEN / f"{name}.json").read_bytes(), max_bytes=2**24))


@pytest.mark.parametrize("name", ["tea-kiosk", "noodle-shop", "seafood-karaoke"])
def test_a_case_is_opened_with_all_that_its_plan_says(golden: Any, name: str) -> None:
    plan = plan_of(name)
    given = OpenCase(at=AT, plan=plan, form=SHA, by=Actor.clerk("w-3"), why=WHY)
    events, case = transition(None, given, case_id="c1", calendar=announced_calendar())
    steps = [f"  {golden.write(sub.spec)}" for sub in case.sub_cases.values()]
    facts = [golden.write(dataclasses.replace(one, steps=())) for one in events[:1]]
    more = [f"{one.kind} {golden.write(one)}" for one in events[1:]]
    golden.compare(f"opening-{name}.txt", [*facts, *steps, *more])
    again: Case | None = None
    for event in events:
        again = evolve(again, event, case_id="c1")
    assert again == case


def test_a_case_is_opened_with_a_mandate_and_consents(golden: Any) -> None:
    agent = Actor.agent("ag-3", mandate="m1")
    mandate = GiveMandate(
        at=AT,
        mandate_id="m1",
        agent="ag-3",
        proof=SHA,
        sub_case_ids=("food_permit",),
        actions=("open", "withdraw"),
        until=AT.date().replace(month=12),
        why=WHY,
    )
    consent = ConsentTerms(
        consent_id="owner",
        agreed_at=AT,
        purpose="restaurant",
        level="high",
        proof=SHA,
        sub_case_ids=("food_permit",),
        is_required=True,
        fields=("phone",),
        materials=("m_layout",),
        evidence=("household",),
        document=SHA,
    )
    given = OpenCase(
        at=AT,
        plan=plan_of("tea-kiosk"),
        form=SHA,
        by=agent,
        why=WHY,
        mandate=mandate,
        consents=(consent,),
    )
    events, case = transition(None, given, case_id="c1", calendar=announced_calendar())
    facts = [f"{one.kind} {golden.write(one)}" for one in events[1:]]
    golden.compare("opening-with-people.txt", [*facts, golden.write(case.people)])


def test_a_step_is_pinned_with_its_ladder_its_units_and_its_tolerance() -> None:
    """Members that no golden plan has: each comes from the plan, none from a default."""
    plan = plan_of("tea-kiosk")
    planned = dataclasses.replace(
        plan.steps[1],
        promised=TimeLimit(days=7, unit=LimitUnit.NATURAL_DAYS),
        statutory=TimeLimit(days=30, unit=LimitUnit.NATURAL_DAYS),
        escalation=(
            PlannedRung(
                level=Level.CITY,
                office="city-office",
                after=TimeLimit(days=3, unit=LimitUnit.NATURAL_DAYS),
            ),
        ),
        dispatch=PlannedDispatch(
            accept_hours=4,
            max_returns=2,
            next_units=(PlannedUnit(duty="row-2", department="second", region="990102"),),
        ),
        tolerance=PlannedTolerance(
            materials=("m_layout",), working_days=6, until=DueDate(on=AT.date()), reasons=()
        ),
        warning_share=50,
        requires=("licence_check",),
    )
    steps = (plan.steps[0], planned, *plan.steps[2:])
    cap = TimeLimit(days=60, unit=LimitUnit.NATURAL_DAYS)
    given = OpenCase(at=AT, plan=dataclasses.replace(plan, steps=steps, joint_cap=cap), form=SHA)
    (fact, *_), case = transition(None, given, case_id="c1", calendar=announced_calendar())
    assert case.sub_cases["food_permit"].spec == StepSpec(
        id="food_permit",
        step_id="food_permit",
        department="market-regulation",
        kind=str(planned.kind),
        requires=("licence_check",),
        promised_days=7,
        promised_unit="natural_days",
        statutory_days=30,
        statutory_unit="natural_days",
        correction=str(planned.correction),
        on_overdue=str(planned.on_overdue),
        warning_share=50,
        ladder=(Rung(level="city", office="city-office", days=3, unit="natural_days"),),
        accept_hours=4,
        units=UNITS,
        max_returns=2,
        tolerance_days=6,
    )
    assert fact.joint_days == -1, "a cap in natural days is none of joint handling"
