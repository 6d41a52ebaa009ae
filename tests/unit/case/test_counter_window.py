"""Received elsewhere: what the window checks, two instants, and how long the papers lay there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    Actor,
    Case,
    CaseChannel,
    CheckAtWindow,
    HandToCourier,
    Holder,
    HolderKind,
    IdentityCheck,
    Input,
    StepSpec,
    SubCase,
    SubCaseStatus,
    TakeOriginal,
    VisitPurpose,
    decide,
    handed_in,
    transition,
    trips,
)
from oneservice.errors import IllegalInputError, NotAllowedError
from oneservice.workdays import announced_calendar

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CALENDAR = announced_calendar()
SHA = Digest("sha256:" + "6" * 64)
CLERK = Actor.clerk("w-3")
HALL = "hall-8/w-3"
WINDOW = Holder(kind=HolderKind.WINDOW, id="w-3")
HOME = Holder(kind=HolderKind.WINDOW, id="home-1")


def told(**changes: Any) -> CheckAtWindow:
    given = CheckAtWindow(
        at=AT,
        sub_case_ids=("permit",),
        region="980201",
        place=HALL,
        identity=IdentityCheck.DOCUMENT,
        by=CLERK,
        forward_by=date(2026, 9, 30),
    )
    return replace(given, **changes)


CASE = Case(
    id="c1",
    thing="restaurant",
    region="980201",
    plan=SHA,
    definition=SHA,
    calendar="2026",
    form=SHA,
    opened_at=AT,
    sub_cases={
        "permit": SubCase(
            spec=StepSpec(id="permit", step_id="permit", department="market", kind="decision"),
            status=SubCaseStatus.RECEIVED,
            attempt=1,
        ),
        "done": SubCase(
            spec=StepSpec(id="done", step_id="done", department="market", kind="decision"),
            status=SubCaseStatus.GRANTED,
            attempt=1,
            decided_at=AT,
        ),
    },
)


def after(case: Case, *inputs: Input) -> Case:
    for one in inputs:
        case = transition(case, one, case_id="c1", calendar=CALENDAR)[1]
    return case


def taken(**changes: Any) -> TakeOriginal:
    given = TakeOriginal(
        at=AT,
        original="bag-1",
        material="m_licence",
        description=SHA,
        taker=WINDOW,
        channel=CaseChannel.WINDOW,
        place=HALL,
        by=CLERK,
        seal_no="s-1",
    )
    return replace(given, **changes)


def sent(days: int = 1, **changes: Any) -> HandToCourier:
    given = HandToCourier(
        at=AT + timedelta(days=days),
        carrier="ems",
        tracking="EA1",
        content=SHA,
        seal_no="s-9",
        giver=WINDOW,
        taker=HOME,
        place=HALL,
        by=CLERK,
        originals=("bag-1",),
    )
    return replace(given, **changes)


def accepted(case: Case, at: datetime) -> Case:
    """As it stands once the deciding office's event was proven; that is tested elsewhere."""
    permit = replace(case.sub_cases["permit"], status=SubCaseStatus.ACCEPTED, accepted_at=at)
    return replace(case, sub_cases={**case.sub_cases, "permit": permit})


def test_the_window_records_what_it_looked_at_and_the_journey_with_it() -> None:
    case = after(CASE, told(wanting=("m_layout",)))
    (check,) = case.counter.window_checks
    assert (check.at, check.region, check.place, check.by) == (AT, "980201", HALL, CLERK)
    assert (check.identity, check.wanting, check.is_whole) == (
        IdentityCheck.DOCUMENT,
        ("m_layout",),
        False,
    )
    assert [(one.place, one.purpose) for one in trips(case).visits] == [
        (HALL, VisitPurpose.HAND_IN)
    ]
    assert case.sub_cases == CASE.sub_cases  # receiving decides nothing, and starts no limit


def test_the_same_told_twice_changes_nothing() -> None:
    case = after(CASE, told())
    again = told(at=AT + timedelta(hours=2))
    assert decide(case, again, case_id="c1", calendar=CALENDAR) == ()


def test_what_was_wanting_may_come_later_and_the_latest_check_counts() -> None:
    later = AT + timedelta(days=2)
    case = after(CASE, told(wanting=("m_layout",)), told(at=later))
    assert len(case.counter.window_checks) == 2
    (seen,) = handed_in(case)
    assert (seen.received_at, seen.check.is_whole) == (later, True)
    assert trips(case).count == 2


def test_received_and_accepted_are_two_instants() -> None:
    case = after(CASE, told())
    (seen,) = handed_in(case)
    assert (seen.received_at, seen.accepted_at) == (AT, None)
    later = AT + timedelta(days=3)
    (seen,) = handed_in(accepted(case, later))
    assert (seen.received_at, seen.accepted_at) == (AT, later)
    assert case.sub_cases["permit"].accepted_at is None


def test_papers_go_on_by_the_chain_of_every_counter() -> None:
    case = after(CASE, told(), taken(), sent(days=2))
    (seen,) = handed_in(case)
    assert seen.passed_on_at == AT + timedelta(days=2)
    assert not seen.is_forwarded_late(date(2027, 1, 1))
    (original,) = case.counter.originals
    assert [str(one.taker) for one in original.chain] == ["window:w-3", "courier:ems"]


@pytest.mark.parametrize(
    ("inputs", "accepted_at", "today", "late"),
    [
        ((), None, date(2026, 9, 30), False),
        ((), None, date(2026, 10, 1), True),
        ((), AT + timedelta(days=1), date(2026, 10, 9), False),
        ((taken(), sent(days=3)), None, date(2026, 10, 1), True),
        ((taken(), sent(days=2)), None, date(2026, 10, 9), False),
        # A courier from another hall carries other papers.
        ((taken(), sent(days=2, place="hall-9")), None, date(2026, 10, 9), True),
    ],
)
def test_papers_that_lie_too_long_are_the_windows_time(
    inputs: Any, accepted_at: Any, today: date, late: Any
) -> None:
    case = after(CASE, told(), *inputs)
    if accepted_at is not None:
        case = accepted(case, accepted_at)
    (seen,) = handed_in(case)
    assert seen.is_forwarded_late(today) == late


def test_by_the_network_nothing_lies_anywhere() -> None:
    (seen,) = handed_in(after(CASE, told(forward_by=None)))
    assert not seen.is_forwarded_late(date(2040, 1, 1))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sub_case_ids": ()}, "names steps of the case"),
        ({"sub_case_ids": ("permit", "permit")}, "names steps of the case"),
        ({"sub_case_ids": ("other",)}, "names steps of the case"),
        ({"sub_case_ids": ("permit", "done")}, "done is decided"),
        ({"region": "98"}, "'region' is none"),
        ({"place": "Ms Wang's window"}, "'place' must be a label"),
        ({"wanting": ("13800000000",)}, "never a value"),
        ({"forward_by": date(2026, 9, 27)}, "before the day of receipt"),
    ],
)
def test_what_makes_no_receipt(changes: Any, why: str) -> None:
    with pytest.raises(IllegalInputError, match=why):
        after(CASE, told(**changes))


@pytest.mark.parametrize(
    "by", [APPLICANT, Actor.operator("op-1"), Actor.agent("a-1", mandate="m-1")]
)
def test_a_receipt_is_the_windows_word_alone(by: Actor) -> None:
    with pytest.raises(NotAllowedError, match="receiving for an office elsewhere"):
        after(CASE, told(by=by))


def test_an_officer_may_receive_too() -> None:
    case = after(CASE, told(by=Actor.officer("o-1"), identity=IdentityCheck.AGENT))
    assert case.counter.window_checks[0].identity is IdentityCheck.AGENT


def test_a_material_of_another_region_s_law_may_be_wanting() -> None:
    case = after(CASE, told(wanting=("m_photo@980200",)))
    assert case.counter.window_checks[-1].wanting == ("m_photo@980200",)
    for name in ("m_photo@somebody", "who@example.invalid", "@980200", "m_photo@98"):
        with pytest.raises(IllegalInputError, match="names materials and fields"):
            after(CASE, told(wanting=(name,)))
