"""A history in which each fact of the counter stands; it replays, and its bytes do not move.

Run this file as a script to write the history anew, and say in the changelog why it moved.
"""

from __future__ import annotations

import typing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    ENGINE,
    WITH_APPLICANT,
    Actor,
    CaseChannel,
    CaseConcluded,
    CaseOpened,
    CodeExpired,
    CodeIssued,
    CodeMistyped,
    ContinuedAt,
    CourierHanded,
    CourierReported,
    Event,
    FollowUpAdvanced,
    FollowUpClosed,
    FollowUpEscalated,
    FollowUpOpened,
    FollowUpOverdue,
    FollowUpStage,
    Holder,
    HolderKind,
    IdentityCheck,
    LossSettled,
    OriginalMoved,
    OriginalReturned,
    OriginalTaken,
    ParcelOverdue,
    ParcelState,
    RatingTerms,
    ResultRated,
    StepSpec,
    SubCaseCancelled,
    VisitPurpose,
    VisitRecorded,
    WindowChecked,
    WithdrawalAsked,
    counter_findings,
    fold_records,
    read_record,
    recount_trips,
    write_record,
)
from oneservice.case.counter_fold import CounterFact

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(days=30)
SECRET = "5" * 64
SHA = Digest("sha256:" + "6" * 64)
CLERK, OFFICER = Actor.clerk("w-3"), Actor.officer("o-17")
WINDOW = Holder(kind=HolderKind.WINDOW, id="w-3")
CABINET = Holder(kind=HolderKind.CABINET, id="cab-2")
HERE_BY: Any = {"at": AT, "place": "hall-1/w-3", "by": CLERK}


def beginning() -> list[Event]:
    spec = StepSpec(id="permit", step_id="permit", department="market-regulation", kind="decision")
    return [
        CaseOpened(
            at=AT,
            thing="restaurant",
            region="990101",
            plan=SHA,
            definition=SHA,
            calendar="2026",
            form=SHA,
            steps=(spec,),
        ),
        WithdrawalAsked(at=AT, sub_case_ids=("permit",), by=APPLICANT),
        SubCaseCancelled(at=AT, sub_case_id="permit"),
        CaseConcluded(at=AT, outcome="withdrawn"),
    ]


def codes_and_visits() -> list[Event]:
    issued: Any = {"at": AT, "locator": "K7MF", "proof": SHA, "by": APPLICANT}
    ends = AT + timedelta(minutes=30)
    at_window: Any = {"channel": CaseChannel.WINDOW, **HERE_BY}
    return [
        CodeIssued(number=1, channel=CaseChannel.KIOSK, expires_at=ends, **issued),
        CodeExpired(at=ends, number=1),
        CodeIssued(number=2, channel=CaseChannel.WINDOW, expires_at=ends, **issued),
        CodeMistyped(number=2, **at_window),
        ContinuedAt(number=2, until=AT + timedelta(hours=1), **at_window),
        VisitRecorded(purpose=VisitPurpose.CONTINUE, ticket="A017", **at_window),
    ]


def papers() -> list[Event]:
    told: Any = {"parcel": "ems:EA1", "by": ENGINE}
    return [
        OriginalTaken(
            original="bag-1",
            material="m_licence",
            description=SHA,
            taker=WINDOW,
            channel=CaseChannel.WINDOW,
            seal_no="s-1",
            **HERE_BY,
        ),
        OriginalMoved(original="bag-1", giver=WINDOW, taker=CABINET, seal_no="s-1", **HERE_BY),
        OriginalMoved(original="bag-1", giver=CABINET, taker=WINDOW, seal_no="s-1", **HERE_BY),
        OriginalReturned(original="bag-1", giver=WINDOW, receipt=SHA, **HERE_BY),
        OriginalTaken(
            original="bag-2",
            material="m_layout",
            description=SHA,
            taker=WINDOW,
            channel=CaseChannel.POST,
            **HERE_BY,
        ),
        CourierHanded(
            carrier="ems",
            tracking="EA1",
            content=SHA,
            seal_no="s-2",
            giver=WINDOW,
            taker=WITH_APPLICANT,
            originals=("bag-2",),
            results=("permit",),
            **HERE_BY,
        ),
        ParcelOverdue(at=LATER, due_at=AT + timedelta(days=14), parcel="ems:EA1"),
        CourierReported(at=LATER, news=ParcelState.LOST, happened_at=AT, **told),
        LossSettled(at=LATER, original="bag-2", how="replaced", why=SHA, by=OFFICER),
    ]


def ratings() -> list[Event]:
    step: Any = {"sub_case_id": "permit", "attempt": 1}
    rated: Any = {"channel": CaseChannel.ONLINE, "by": APPLICANT, **step}
    terms = RatingTerms(days=5, lead="government-services")
    return [
        ResultRated(at=AT, level=1, comment=SHA, **rated),
        FollowUpOpened(at=AT, terms=terms, **step),
        FollowUpOverdue(at=LATER, due_at=AT + timedelta(days=7), **step),
        FollowUpAdvanced(
            at=LATER, stage=FollowUpStage.VERIFIED, by=OFFICER, is_founded=True, note=SHA, **step
        ),
        FollowUpAdvanced(at=LATER, stage=FollowUpStage.ANSWERED, by=OFFICER, **step),
        ResultRated(at=LATER, level=2, **rated),
        FollowUpEscalated(at=LATER, to="government-services", **step),
        FollowUpClosed(at=LATER, because="not_rated_again", **step),
    ]


def received_elsewhere() -> list[Event]:
    return [
        WindowChecked(
            sub_case_ids=("permit",),
            region="980201",
            identity=IdentityCheck.DOCUMENT,
            wanting=("m_layout",),
            forward_by=date(2026, 10, 9),
            **HERE_BY,
        )
    ]


def every_fact() -> list[Event]:
    """What came later comes last: histories that were written before go on as they are."""
    return [*beginning(), *codes_and_visits(), *papers(), *ratings(), *received_elsewhere()]


def written(events: list[Event]) -> tuple[bytes, ...]:
    lines: list[bytes] = []
    prev: Digest | None = None
    for seq, event in enumerate(events, 1):
        record = write_record(event, case_id="c1", seq=seq, prev=prev, secret=SECRET)
        lines.append(record.line)
        prev = record.digest
    return tuple(lines)


def golden() -> tuple[bytes, ...]:
    return tuple((HERE / "counter.jsonl").read_bytes().splitlines())


def test_each_fact_of_the_counter_is_in_the_golden_history() -> None:
    kinds = {type(event) for event in every_fact()}
    assert set(typing.get_args(CounterFact)) <= kinds
    assert kinds <= set(typing.get_args(Event))


def test_the_bytes_of_the_counter_do_not_move() -> None:
    assert written(every_fact()) == golden()


def test_the_golden_history_of_the_counter_replays() -> None:
    case, seq, head = fold_records("c1", golden())
    assert seq == len(every_fact())
    counter = case.counter
    assert (counter.codes, counter.code, len(counter.sessions)) == (2, None, 1)
    assert all(one.is_at_rest for one in counter.originals)
    assert [one.problem for one in counter_findings(case)] == ["parcel-lost"]
    rating = counter.rating("permit")
    assert rating is not None
    assert [one.level for one in rating.given] == [1, 2]
    assert recount_trips("c1", golden()).trips.count == 1
    assert recount_trips("c1", golden()).head == head
    prev: Digest | None = None
    for number, line in enumerate(golden(), 1):  # out and in again: the same fact
        recorded = read_record(line, case_id="c1", seq=number, prev=prev)
        again = write_record(recorded.event, case_id="c1", seq=number, prev=prev, secret=SECRET)
        assert again.line == line
        prev = recorded.digest


if __name__ == "__main__":
    (HERE / "counter.jsonl").write_bytes(b"\n".join(written(every_fact())) + b"\n")
