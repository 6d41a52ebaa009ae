"""Laws of the counter: no path loses an original or doubles it, and the journal tells all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    CODE_ALPHABET,
    MOVES,
    WITH_APPLICANT,
    Actor,
    AskCode,
    Case,
    CaseChannel,
    CaseOpened,
    CheckAtWindow,
    CourierTold,
    Event,
    FollowUpStage,
    HandToCourier,
    Holder,
    HolderKind,
    IdentityCheck,
    MoveOriginal,
    OriginalReturned,
    ParcelState,
    RateResult,
    RecordVisit,
    RedeemCode,
    ReportFollowUp,
    ReturnOriginal,
    SettleLoss,
    StepSpec,
    SubCaseCancelled,
    TakeOriginal,
    TimePassed,
    VisitPurpose,
    VisitRecorded,
    WithdrawalAsked,
    code_proof,
    evolve,
    fold_records,
    locator_of,
    read_code,
    recount_trips,
    replay,
    spell_code,
    transition,
    trips,
    write_record,
)
from oneservice.errors import IllegalInputError
from oneservice.workdays import announced_calendar, legal_day

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CALENDAR = announced_calendar()
SHA = Digest("sha256:" + "6" * 64)
CLERK, OFFICER = Actor.clerk("w-3"), Actor.officer("o-17")
SECRET = "5" * 64
HOLDERS = (
    WITH_APPLICANT,
    *(Holder(kind=kind, id=f"{kind}-1") for kind in HolderKind if kind is not HolderKind.APPLICANT),
)
BAGS = ("bag-1", "bag-2")
PARCELS = ("T1", "T2", "T3")

holders = st.sampled_from(HOLDERS)
bags = st.sampled_from(BAGS)
base = {"at": st.just(AT), "by": st.sampled_from((CLERK, OFFICER)), "place": st.just("hall-1/w-3")}
MOST: dict[str, st.SearchStrategy[Any]] = {
    "take": st.builds(
        TakeOriginal,
        original=bags,
        material=st.just("m_licence"),
        description=st.just(SHA),
        taker=st.sampled_from((HOLDERS[1], HOLDERS[1], HOLDERS[2])),
        channel=st.sampled_from((CaseChannel.WINDOW, CaseChannel.POST)),
        **base,
    ),
    "receive": st.builds(
        CheckAtWindow,
        sub_case_ids=st.just(("refused",)),
        region=st.just("980201"),
        identity=st.sampled_from(IdentityCheck),
        **base,
    ),
    "move": st.builds(MoveOriginal, original=bags, giver=holders, taker=holders, **base),
    "return": st.builds(ReturnOriginal, original=bags, giver=holders, **base),
    "send": st.builds(
        HandToCourier,
        carrier=st.just("ems"),
        tracking=st.sampled_from(PARCELS),
        content=st.just(SHA),
        seal_no=st.just("s-9"),
        giver=holders,
        taker=st.sampled_from((WITH_APPLICANT, HOLDERS[1])),
        originals=st.lists(bags, unique=True, min_size=1).map(tuple),
        **base,
    ),
    "news": st.builds(
        CourierTold,
        parcel=st.sampled_from(PARCELS).map("ems:{}".format),
        news=st.sampled_from(ParcelState),
        happened_at=st.integers(0, 9).map(lambda hours: AT + timedelta(hours=hours)),
        **base,
    ),
    "settle": st.builds(
        SettleLoss,
        at=st.just(AT),
        by=st.just(OFFICER),
        original=bags,
        how=st.just("waived"),
        why=st.just(SHA),
    ),
    "rate": st.builds(
        RateResult,
        at=st.just(AT),
        by=st.just(APPLICANT),
        sub_case_id=st.just("refused"),
        level=st.integers(0, 6),
        channel=st.sampled_from(CaseChannel),
        place=st.just("hall-1/k-1"),
    ),
    "follow up": st.builds(
        ReportFollowUp,
        at=st.just(AT),
        by=st.just(OFFICER),
        sub_case_id=st.just("refused"),
        stage=st.sampled_from(FollowUpStage),
        is_founded=st.sampled_from((None, True, False)),
    ),
    "visit": st.builds(
        RecordVisit,
        channel=st.sampled_from(CaseChannel),
        purpose=st.sampled_from(VisitPurpose),
        ticket=st.sampled_from(("", "A1", "A2")),
        **base,
    ),
    "code": st.builds(
        AskCode,
        at=st.just(AT),
        by=st.just(APPLICANT),
        number=st.integers(1, 3),
        locator=st.just("K7MF"),
        proof=st.just(SHA),
        channel=st.sampled_from(CaseChannel),
        expires_at=st.just(AT + timedelta(minutes=30)),
    ),
    "redeem": st.builds(
        RedeemCode,
        number=st.integers(1, 3),
        proof=st.sampled_from((SHA, Digest("sha256:" + "7" * 64))),
        channel=st.sampled_from(CaseChannel),
        session_until=st.just(AT + timedelta(hours=10)),
        **base,
    ),
    "time": st.builds(TimePassed, at=st.just(AT)),
}
MINUTES = st.sampled_from((0, 1, 60, 60 * 24 * 20))
HONEST = st.sampled_from((True, True, True, False))
"""Whether ``giver`` is made who really has the original: chance alone hits it too seldom."""
STEPS: st.SearchStrategy[list[Any]] = st.lists(
    st.tuples(st.one_of(*MOST.values()), MINUTES, HONEST), min_size=20, max_size=60
)
PAPERS: st.SearchStrategy[list[Any]] = st.lists(
    st.tuples(
        st.one_of(
            *(MOST[name] for name in ("take", "move", "move", "return", "send", "news", "settle"))
        ),
        st.just(1),
        HONEST,
    ),
    min_size=20,
    max_size=60,
)


def opened() -> tuple[Case, list[Event]]:
    spec = {"department": "market-regulation", "kind": "decision"}
    events: list[Event] = [
        CaseOpened(
            at=AT,
            thing="restaurant",
            region="990101",
            plan=SHA,
            definition=SHA,
            calendar="2026",
            form=SHA,
            steps=(
                StepSpec(id="refused", step_id="refused", **spec),
                StepSpec(id="open", step_id="open", **spec),
            ),
        ),
        WithdrawalAsked(at=AT, sub_case_ids=("refused",), by=APPLICANT),
        SubCaseCancelled(at=AT, sub_case_id="refused"),
    ]
    case = replay("c1", events)
    sub = replace(case.sub_cases["refused"], attempt=1)
    return replace(case, sub_cases={**case.sub_cases, "refused": sub}), events


def honest(case: Case, told: Any) -> dict[str, Any]:
    """Return who really has what ``told`` hands over."""
    labels = getattr(told, "originals", None) or (getattr(told, "original", ""),)
    original = case.counter.original(labels[0])
    return {"giver": original.holder} if original is not None and hasattr(told, "giver") else {}


def live(inputs: list[Any]) -> tuple[Case, list[Event]]:
    """Return the case after ``inputs``, each some minutes after the one before, and its facts."""
    case, at = opened()[0], AT
    events: list[Event] = []
    for told, minutes, is_honest in inputs:
        at += timedelta(minutes=minutes)
        changes: dict[str, Any] = {"at": at} | (honest(case, told) if is_honest else {})
        for name in ("expires_at", "session_until"):
            if hasattr(told, name):
                changes[name] = at + timedelta(minutes=30)
        try:
            facts, case = transition(
                case, replace(told, **changes), case_id="c1", calendar=CALENDAR
            )
        except IllegalInputError:
            continue
        events.extend(facts)
    return case, events


@given(inputs=PAPERS)
def test_no_path_loses_or_doubles_an_original(inputs: list[Any]) -> None:
    case, _ = live(inputs)
    assert len({one.id for one in case.counter.originals}) == len(case.counter.originals)
    for original in case.counter.originals:
        assert original.chain[0].giver == WITH_APPLICANT
        for before, after in zip(original.chain, original.chain[1:], strict=False):
            assert before.taker == after.giver  # no gap: who gives is who had it
            is_sent_back = after.giver.kind is HolderKind.COURIER
            assert after.taker.kind in MOVES[after.giver.kind] or is_sent_back
        is_travelling = original.holder.kind is HolderKind.COURIER
        assert is_travelling == (original.parcel is not None)
        inside = [
            one
            for one in case.counter.parcels
            if original.id in one.originals and one.state not in ("delivered", "sent_back")
        ]
        assert len(inside) == is_travelling  # in one hand, and in one parcel


@given(inputs=PAPERS)
def test_every_original_can_come_to_rest(inputs: list[Any]) -> None:
    """Whatever happened, there is a way out: news, a window, home; or a settlement."""
    case, _ = live(inputs)
    at = AT + timedelta(days=1)
    for original in case.counter.originals:
        if original.holder.kind is HolderKind.COURIER:
            news = CourierTold(
                at=at,
                parcel=original.parcel or "",
                news=ParcelState.SENT_BACK,
                happened_at=at,
                by=CLERK,
            )
            case = transition(case, news, case_id="c1", calendar=CALENDAR)[1]
        held = case.counter.original(original.id)
        assert held is not None
        if held.holder.kind in (HolderKind.APPLICANT, HolderKind.ARCHIVE):
            continue
        window = Holder(kind=HolderKind.WINDOW, id="w-9")
        moved = MoveOriginal(
            at=at, original=held.id, giver=held.holder, taker=window, place="hall-1", by=CLERK
        )
        home = ReturnOriginal(at=at, original=held.id, giver=window, place="hall-1", by=CLERK)
        for step in (moved, home):
            case = transition(case, step, case_id="c1", calendar=CALENDAR)[1]
    assert all(one.is_at_rest for one in case.counter.originals)


@given(inputs=STEPS)
def test_the_journal_tells_the_same_counter_and_the_same_journeys(inputs: list[Any]) -> None:
    case, events = live(inputs)
    before = opened()[1]
    told, lines, prev = replay("c1", before), list[bytes](), None
    for seq, event in enumerate([*before, *events], 1):
        record = write_record(event, case_id="c1", seq=seq, prev=prev, secret=SECRET)
        lines.append(record.line)
        prev = record.digest
    for event in events:
        told = evolve(told, event, case_id="c1")
    assert told.counter == case.counter
    folded, last_seq, head = fold_records("c1", lines)
    assert folded.counter == case.counter
    statement = recount_trips("c1", lines)
    assert statement.trips == trips(case)
    assert (statement.last_seq, statement.head) == (last_seq, head)
    assert statement.trips.count == sum(isinstance(one, VisitRecorded) for one in events)


@given(inputs=STEPS)
def test_who_acts_in_person_has_come(inputs: list[Any]) -> None:
    """Zero journeys is a statement only if every act in person records one."""
    case, events = live(inputs)
    visits = {(one.place, legal_day(one.at)) for one in case.counter.visits}
    for event in events:
        is_here = getattr(event, "channel", None) in (CaseChannel.KIOSK, CaseChannel.WINDOW)
        acts = event.kind in ("continued_at", "original_taken", "result_rated") and is_here
        if isinstance(event, OriginalReturned) or acts:
            assert (event.place, legal_day(event.at)) in visits  # type: ignore[union-attr]


@given(code=st.text(CODE_ALPHABET, min_size=8, max_size=8), other=st.text(max_size=12))
def test_only_the_code_itself_has_its_proof(code: str, other: str) -> None:
    assert read_code(spell_code(code).lower()) == code
    assert code.startswith(locator_of(code))
    read = read_code(other)
    if read is not None and read != code:
        one, two = (
            code_proof(each, secret=SECRET, case_id="c1", number=1) for each in (code, read)
        )
        assert one != two
