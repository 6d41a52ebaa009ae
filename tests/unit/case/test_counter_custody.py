"""Originals from hand to hand: every cell of the table of moves, gaps, parcels, leftovers."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    COUNTER_FINDINGS,
    ENGINE,
    MOVES,
    NEWS,
    WITH_APPLICANT,
    Actor,
    Case,
    CaseChannel,
    CaseStatus,
    CourierTold,
    HandToCourier,
    Holder,
    HolderKind,
    Input,
    MoveOriginal,
    Original,
    ParcelState,
    RecordVisit,
    ReturnOriginal,
    SettleLoss,
    StepSpec,
    SubCase,
    SubCaseStatus,
    TakeOriginal,
    TimePassed,
    VisitPurpose,
    WaitKind,
    Wake,
    counter_findings,
    decide,
    open_waits,
    outstanding,
    transition,
    trips,
)
from oneservice.errors import IllegalInputError, NotAllowedError
from oneservice.workdays import announced_calendar

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CALENDAR = announced_calendar()
SHA = Digest("sha256:" + "6" * 64)
OTHER = Digest("sha256:" + "7" * 64)
CLERK = Actor.clerk("w-3")
OFFICER = Actor.officer("o-17")
HALL = "hall-1/w-3"
WINDOW = Holder(kind=HolderKind.WINDOW, id="w-3")
CABINET = Holder(kind=HolderKind.CABINET, id="cab-2")
DESK = Holder(kind=HolderKind.OFFICER, id="o-17")
ARCHIVE = Holder(kind=HolderKind.ARCHIVE, id="a-1")
COURIER = Holder(kind=HolderKind.COURIER, id="ems")
HOLDERS = {one.kind: one for one in (WITH_APPLICANT, WINDOW, CABINET, DESK, ARCHIVE, COURIER)}
PARCEL = "ems:EA123456785CN"


def spec(name: str) -> StepSpec:
    return StepSpec(id=name, step_id=name, department="market-regulation", kind="decision")


OPEN = Case(
    id="c1",
    thing="restaurant",
    region="990101",
    plan=SHA,
    definition=SHA,
    calendar="2026",
    form=SHA,
    opened_at=AT,
    sub_cases={
        "food_permit": SubCase(
            spec=spec("food_permit"), status=SubCaseStatus.GRANTED, attempt=1, decided_at=AT
        ),
        "signboard": SubCase(spec=spec("signboard")),
    },
)


def after(case: Case, *inputs: Input) -> Case:
    for given in inputs:
        case = transition(case, given, case_id="c1", calendar=CALENDAR)[1]
    return case


def tells_nothing(case: Case, given: Input) -> bool:
    return not decide(case, given, case_id="c1", calendar=CALENDAR)


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


def moved(giver: Holder, taker: Holder, **changes: Any) -> MoveOriginal:
    given = MoveOriginal(
        at=AT, original="bag-1", giver=giver, taker=taker, place=HALL, by=CLERK, seal_no="s-1"
    )
    return replace(given, **changes)


def returned(giver: Holder = WINDOW, **changes: Any) -> ReturnOriginal:
    given = ReturnOriginal(at=AT, original="bag-1", giver=giver, place=HALL, by=CLERK)
    return replace(given, **changes)


def sent(**changes: Any) -> HandToCourier:
    given = HandToCourier(
        at=AT,
        carrier="ems",
        tracking="EA123456785CN",
        content=SHA,
        seal_no="s-9",
        giver=WINDOW,
        taker=WITH_APPLICANT,
        place=HALL,
        by=CLERK,
        originals=("bag-1",),
    )
    return replace(given, **changes)


def told(news: ParcelState, hours: int = 1, **changes: Any) -> CourierTold:
    at = AT + timedelta(hours=hours)
    given = CourierTold(at=at, parcel=PARCEL, news=news, happened_at=at, by=ENGINE)
    return replace(given, **changes)


def bag(case: Case) -> Original:
    original = case.counter.original("bag-1")
    assert original is not None
    return original


def problems(case: Case) -> set[str]:
    return {one.problem for one in counter_findings(case)}


# --- who may hand to whom -----------------------------------------------------------------------

# Written by hand: rows give, columns take (applicant window cabinet officer archive courier).
TABLE = {
    HolderKind.APPLICANT: "-x-x--",
    HolderKind.WINDOW: "xxxxxx",
    HolderKind.CABINET: "-xxxx-",
    HolderKind.OFFICER: "xxxxxx",
    HolderKind.ARCHIVE: "------",
    HolderKind.COURIER: "xx----",
}


def test_the_table_of_moves_is_the_one_that_people_agreed_on() -> None:
    assert list(TABLE) == list(HolderKind)
    for giver, row in TABLE.items():
        allowed = {kind for kind, cell in zip(HolderKind, row, strict=True) if cell == "x"}
        assert MOVES[giver] == allowed, giver


STAFF = [HolderKind.WINDOW, HolderKind.CABINET, HolderKind.OFFICER, HolderKind.ARCHIVE]


@pytest.mark.parametrize(("giver", "taker"), [*itertools.product(STAFF, STAFF)])
def test_every_cell_between_staff(giver: HolderKind, taker: HolderKind) -> None:
    case = after(OPEN, taken())
    if giver is not HolderKind.WINDOW:
        case = after(case, moved(WINDOW, HOLDERS[giver]))
    other = replace(HOLDERS[taker], id=f"{HOLDERS[taker].id}b")
    if taker in MOVES[giver]:
        assert bag(after(case, moved(HOLDERS[giver], other))).holder == other
    else:
        with pytest.raises(IllegalInputError, match="goes to"):
            after(case, moved(HOLDERS[giver], other))


def test_cabinet_officer_archive() -> None:
    case = after(
        OPEN, taken(), moved(WINDOW, CABINET), moved(CABINET, DESK, by=OFFICER),
        moved(DESK, ARCHIVE, by=OFFICER),
    )  # fmt: skip
    assert [str(hand.taker) for hand in bag(case).chain] == [
        "window:w-3",
        "cabinet:cab-2",
        "officer:o-17",
        "archive:a-1",
    ]
    assert bag(case).is_at_rest
    with pytest.raises(IllegalInputError, match="nobody"):
        after(case, moved(ARCHIVE, DESK))


# --- no gap, no second hand ---------------------------------------------------------------------


def test_who_does_not_have_it_cannot_hand_it_over() -> None:
    case = after(OPEN, taken(), moved(WINDOW, CABINET))
    with pytest.raises(IllegalInputError, match="is with cabinet:cab-2"):
        after(case, moved(WINDOW, DESK))
    with pytest.raises(IllegalInputError, match="is with cabinet:cab-2"):
        after(case, returned())
    with pytest.raises(IllegalInputError, match="is with cabinet:cab-2"):
        after(case, sent())


def test_telling_twice_is_telling_once() -> None:
    case = after(OPEN, taken())
    assert tells_nothing(case, taken(at=AT + timedelta(hours=1)))
    case = after(case, moved(WINDOW, CABINET))
    assert tells_nothing(case, moved(WINDOW, CABINET))
    case = after(case, moved(CABINET, WINDOW), sent())
    assert tells_nothing(case, sent())
    case = after(case, told(ParcelState.IN_TRANSIT))
    assert tells_nothing(case, told(ParcelState.IN_TRANSIT))
    back = after(OPEN, taken(), returned())
    assert tells_nothing(back, returned())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (taken(description=OTHER), "another original"),
        (taken(taker=CABINET), "goes to"),
        (taken(channel=CaseChannel.KIOSK), "taken in at a window"),
        (taken(original="bag-2", taker=Holder(kind=HolderKind.WINDOW)), "label"),
        (taken(original="李记的执照"), "label"),
        (taken(original="bag-2", seal_no="封 1"), "label"),
        (moved(WINDOW, WINDOW), "already"),
        (moved(WINDOW, WITH_APPLICANT), "ReturnOriginal"),
        (moved(WINDOW, COURIER), "HandToCourier"),
        (moved(WINDOW, CABINET, original="bag-7"), "was taken in"),
        (moved(WINDOW, Holder(kind=HolderKind.APPLICANT, id="x1")), "no id"),
        (returned(CABINET), "is with window"),
        (sent(originals=()), "empty parcel"),
        (sent(originals=("bag-1", "bag-1")), "once"),
        (sent(originals=("bag-7",)), "was taken in"),
        (sent(results=("signboard",)), "not granted"),
        (sent(results=("nothing",)), "no step"),
        (sent(taker=DESK), "goes to"),
        (sent(giver=CABINET), "goes to"),
        (told(ParcelState.DELIVERED), "no parcel"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(given: Input, why: str) -> None:
    with pytest.raises(IllegalInputError, match=why):
        after(after(OPEN, taken()), given)


def test_handing_in_and_collecting_are_journeys() -> None:
    case = after(OPEN, taken())
    assert [one.purpose for one in case.counter.visits] == [VisitPurpose.HAND_IN]
    case = after(case, taken(original="bag-2"), returned())
    assert trips(case).count == 1  # the same place on the same day
    case = after(case, returned(original="bag-2", at=AT + timedelta(days=1)))
    assert trips(case).by_purpose == (
        (VisitPurpose.HAND_IN, 1),
        (VisitPurpose.COLLECT_ORIGINAL, 1),
    )
    assert trips(after(OPEN, taken(channel=CaseChannel.POST))).count == 0


def test_a_ticket_of_a_day_is_one_journey() -> None:
    visit = RecordVisit(
        at=AT,
        channel=CaseChannel.WINDOW,
        place=HALL,
        purpose=VisitPurpose.CONSULT,
        by=CLERK,
        ticket="A017",
    )
    case = after(OPEN, visit, visit)
    assert trips(case).count == 1
    assert trips(after(case, replace(visit, ticket="A018"))).count == 2
    assert trips(after(case, replace(visit, at=AT + timedelta(days=1)))).count == 2
    with pytest.raises(IllegalInputError, match="no journey"):
        after(case, replace(visit, channel=CaseChannel.PHONE))


@pytest.mark.parametrize(
    ("member", "text"),
    [
        ("place", "13800000000"),
        ("place", "hall-1/13800000000"),
        ("place", "hall-1/138-0000-0000"),
        ("place", "hall-1.13800000000"),
        ("place", "hall-1/97030119940312004x"),
        ("ticket", "13800000000"),
        ("ticket", "A017/13800000000"),
        ("ticket", "A97030119940312004X"),
    ],
)
def test_a_visit_is_not_labelled_with_a_number_that_may_be_somebodys(
    member: str, text: str
) -> None:
    visit = RecordVisit(
        at=AT, channel=CaseChannel.WINDOW, place=HALL, purpose=VisitPurpose.CONSULT, by=CLERK
    )
    with pytest.raises(IllegalInputError, match="no person's number") as caught:
        after(OPEN, replace(visit, **{member: text}))
    assert text not in str(caught.value)


# --- with the courier ---------------------------------------------------------------------------


def test_a_parcel_brings_the_original_home() -> None:
    case = after(OPEN, taken(), sent(results=("food_permit",)))
    assert bag(case).holder == COURIER
    assert bag(case).parcel == PARCEL
    with pytest.raises(IllegalInputError, match="CourierTold"):
        after(case, moved(COURIER, WINDOW))
    with pytest.raises(IllegalInputError, match="CourierTold"):
        after(case, returned(COURIER))  # or the parcel would bring it a second time
    case = after(case, told(ParcelState.IN_TRANSIT), told(ParcelState.DELIVERED, 30, content=SHA))
    assert bag(case).holder == WITH_APPLICANT
    assert bag(case).parcel is None
    assert bag(case).is_at_rest
    assert not problems(case)


def test_what_nobody_takes_in_comes_back_to_who_sent_it() -> None:
    case = after(OPEN, taken(), sent(), told(ParcelState.SENT_BACK))
    assert bag(case).holder == WINDOW
    assert not bag(case).is_at_rest


@pytest.mark.parametrize(("before", "news"), [*itertools.product(ParcelState, ParcelState)])
def test_every_cell_of_the_news(before: ParcelState, news: ParcelState) -> None:
    case = after(OPEN, taken(), sent())
    if before is not ParcelState.HANDED:
        case = after(case, told(before))
    if news in NEWS[before]:
        parcel = after(case, told(news, 2)).counter.parcel(PARCEL)
        assert parcel is not None
        assert parcel.state is news
    else:
        with pytest.raises(IllegalInputError, match="any more"):
            after(case, told(news, 2))


def test_a_loss_is_found_and_settled() -> None:
    case = after(OPEN, taken(), sent(results=("food_permit",)), told(ParcelState.LOST))
    assert problems(case) == {"original-lost", "parcel-lost"}
    settled = SettleLoss(at=AT, original="bag-1", how="replaced", why=SHA, by=OFFICER)
    case = after(case, settled)
    assert bag(case).is_at_rest
    assert problems(case) == {"parcel-lost"}
    with pytest.raises(IllegalInputError, match="settled already"):
        after(case, settled)
    with pytest.raises(IllegalInputError, match="not lost"):
        after(after(OPEN, taken()), settled)


def test_what_was_lost_may_turn_up() -> None:
    case = after(OPEN, taken(), sent(), told(ParcelState.LOST), told(ParcelState.DELIVERED, 9))
    assert bag(case).holder == WITH_APPLICANT
    assert not bag(case).is_lost


def test_what_is_found_after_its_loss_was_settled_is_to_be_returned() -> None:
    settled = SettleLoss(at=AT, original="bag-1", how="compensated", why=SHA, by=OFFICER)
    case = after(OPEN, taken(), sent(), told(ParcelState.LOST), settled)
    case = after(case, told(ParcelState.SENT_BACK, 9))
    assert bag(case).holder == WINDOW
    assert not bag(case).is_at_rest
    assert problems(replace(case, outcome=CaseStatus.CONCLUDED)) == {"original-still-held"}
    assert bag(after(case, returned())).is_at_rest


def test_other_content_than_was_sealed_in_is_a_finding() -> None:
    case = after(OPEN, taken(), sent(), told(ParcelState.DELIVERED, content=OTHER))
    assert problems(case) == {"parcel-content-differs"}


def test_a_silent_carrier_is_overdue_after_ten_working_days() -> None:
    case = after(OPEN, taken(), sent())
    late = datetime(2026, 10, 16, 16, 0, tzinfo=UTC)  # the end of 2026-10-16 in Shanghai
    assert Wake(not_before=late) in outstanding(case, CALENDAR)
    assert tells_nothing(case, TimePassed(at=late - timedelta(seconds=1)))
    case = after(case, TimePassed(at=late))
    assert problems(case) == {"parcel-overdue"}
    assert tells_nothing(case, TimePassed(at=late + timedelta(days=30)))
    assert not [one for one in outstanding(case, CALENDAR) if isinstance(one, Wake)]
    assert not problems(after(case, told(ParcelState.DELIVERED)))


def test_news_that_come_late_change_nothing() -> None:
    case = after(OPEN, taken(), sent(), told(ParcelState.IN_TRANSIT, 5))
    assert tells_nothing(case, told(ParcelState.IN_TRANSIT, 3))
    with pytest.raises(IllegalInputError, match="zone"):
        after(case, told(ParcelState.LOST, happened_at=datetime(2026, 9, 29)))  # noqa: DTZ001


# --- what is left over --------------------------------------------------------------------------


def test_an_original_still_held_when_the_case_has_ended_is_a_finding() -> None:
    case = after(OPEN, taken())
    assert not problems(case)
    ended = replace(case, outcome=CaseStatus.CONCLUDED)
    assert problems(ended) == {"original-still-held"}
    assert not problems(after(ended, returned()))
    assert not problems(after(ended, moved(WINDOW, ARCHIVE)))


def awaited(case: Case) -> list[tuple[str, str, bool]]:
    waits = [one for one in open_waits(case, CALENDAR) if not one.sub_case_id]
    assert all(one.ends_by and one.until.tzinfo for one in waits)
    return [(one.kind, one.then, one.is_told) for one in waits]


def test_what_is_on_its_way_is_awaited_also_after_the_end() -> None:
    case = replace(after(OPEN, taken(), sent()), outcome=CaseStatus.CONCLUDED, concluded_at=AT)
    parcel, original = ("parcel", "parcel_overdue", False), ("original", "nothing", False)
    assert awaited(case) == [parcel, original]
    late = max(one.until for one in open_waits(case, CALENDAR))
    assert late == datetime(2026, 10, 16, 16, 0, tzinfo=UTC), "ten working days, art. 44"
    case = after(case, TimePassed(at=late))
    assert awaited(case) == [("parcel", "parcel_overdue", True), original]
    assert awaited(after(case, told(ParcelState.DELIVERED))) == []


def test_an_original_is_awaited_once_nobody_needs_it_or_it_is_lost() -> None:
    case = after(OPEN, taken())
    assert awaited(case) == [], "while the case is open its originals may be where they are"
    lost = after(case, sent(), told(ParcelState.LOST))
    (wait,) = [one for one in open_waits(lost, CALENDAR) if one.kind is WaitKind.ORIGINAL]
    assert wait.ends_by == ("SettleLoss",)
    ended = replace(case, outcome=CaseStatus.CONCLUDED, concluded_at=AT + timedelta(days=30))
    (wait,) = open_waits(ended, CALENDAR)
    assert wait.since == AT + timedelta(days=30)
    assert "ReturnOriginal" in wait.ends_by
    assert open_waits(after(ended, returned()), CALENDAR) == ()


def test_a_seal_that_changes_behind_a_lock_is_a_finding() -> None:
    held = after(OPEN, taken(), moved(WINDOW, CABINET))
    assert not problems(after(held, moved(CABINET, DESK), moved(DESK, WINDOW, seal_no="s-2")))
    assert problems(after(held, moved(CABINET, DESK, seal_no="s-2"))) == {"seal-changed"}
    assert problems(after(held, moved(CABINET, DESK, seal_no=None))) == {"seal-changed"}


def test_every_finding_is_told_in_both_languages_with_a_remedy() -> None:
    for text in COUNTER_FINDINGS.values():
        assert not text.zh.isascii()
        assert not text.remedy_zh.isascii()
        assert "{0}" in text.zh
        assert "{0}" in text.en
        assert (text.en + text.remedy_en + text.clause).isascii()


# --- who may ------------------------------------------------------------------------------------

ROLES = {
    "applicant": APPLICANT,
    "clerk": CLERK,
    "officer": OFFICER,
    "operator": Actor.operator("op-1"),
    "party": Actor.party("other_parent"),
    "engine": ENGINE,
}
MAY: dict[str, tuple[Input, set[str]]] = {
    "take": (taken(), {"clerk", "officer"}),
    "move": (moved(WINDOW, CABINET), {"clerk", "officer"}),
    "return": (returned(), {"clerk", "officer"}),
    "send": (sent(), {"clerk", "officer"}),
    "news": (told(ParcelState.LOST), {"clerk", "officer", "operator", "engine"}),
    "settle": (
        SettleLoss(at=AT, original="bag-1", how="waived", why=SHA, by=OFFICER),
        {"officer", "operator"},
    ),
}


@pytest.mark.parametrize(("what", "who"), [*itertools.product(MAY, ROLES)])
def test_who_may_handle_papers(what: str, who: str) -> None:
    given, allowed = MAY[what]
    case = OPEN if what == "take" else after(OPEN, taken())
    if what in ("news", "settle"):
        case = after(case, sent())
    if what == "settle":
        case = after(case, told(ParcelState.LOST))
    acted: Any = replace(given, by=ROLES[who])  # type: ignore[arg-type, call-overload]
    if who in allowed:
        assert not tells_nothing(case, acted)
    else:
        with pytest.raises(NotAllowedError):
            after(case, acted)
