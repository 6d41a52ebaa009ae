"""A history in which each fact of limits and further attempts stands; its bytes do not move.

Run this file as a script to write the history anew, and say in the changelog why it moved.
"""

from __future__ import annotations

import typing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oneservice.canonical import Digest
from oneservice.case import (
    Actor,
    CaseDeadlineNear,
    CaseDeadlinePassed,
    CaseEscalated,
    CaseOpened,
    ClockDiffered,
    DeadlineNear,
    DeemedGranted,
    Escalated,
    Event,
    FiledAgain,
    FilingRecalled,
    FreshBundleAsked,
    JointExtended,
    Reassigned,
    Rung,
    StepSpec,
    SubCaseStatus,
    Unit,
    WaitOverdue,
    fold_records,
    read_record,
    write_record,
)

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
DUE = AT + timedelta(days=16)
SECRET = "5" * 64
SHA = Digest("sha256:" + "6" * 64)
BY = Actor.operator("op-7")
PERMIT: Any = {"at": DUE, "sub_case_id": "permit"}


def every_fact() -> list[Event]:
    spec = StepSpec(
        id="permit",
        step_id="permit",
        department="office",
        kind="decision",
        promised_days=8,
        statutory_days=20,
        on_overdue="escalate",
        warning_share=70,
        ladder=(Rung(level="city", office="city-office", days=3),),
        accept_hours=4,
        units=(Unit(duty="row-2", department="second", region="990102"),),
        max_returns=1,
        region="990101",
        tolerance_days=6,
    )
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
            lead="lead-office",
            promised_days=9,
            joint_days=45,
        ),
        Reassigned(department="second", why="returned", duty="row-2", region="990102", **PERMIT),
        FiledAgain(continues="c1.permit.1", by=BY, why="mended", **PERMIT),
        ClockDiffered(said="2026-10-12", ours="2026-10-14", **PERMIT),
        DeadlineNear(due_at=DUE, **PERMIT),
        Escalated(rung=1, level="city", to="city-office", due_at=DUE, **PERMIT),
        CaseEscalated(to="lead-office", problem="silent", **PERMIT),
        WaitOverdue(wait="correction", name="r1", due_at=DUE, **PERMIT),
        DeemedGranted(due_at=DUE, **PERMIT),
        CaseDeadlineNear(at=DUE, limit="promised", due_at=DUE),
        CaseDeadlinePassed(at=DUE, limit="joint", due_at=DUE),
        JointExtended(at=DUE, days=15, approved_by="city", reason="load", by=BY),
        FreshBundleAsked(at=DUE, by=BY, why="replaced"),
        FilingRecalled(message_id="c1.permit.2", **PERMIT),
        DeemedGranted(due_at=DUE, **PERMIT),
    ]


def written() -> tuple[bytes, ...]:
    lines: list[bytes] = []
    prev: Digest | None = None
    for seq, event in enumerate(every_fact(), 1):
        record = write_record(event, case_id="c1", seq=seq, prev=prev, secret=SECRET)
        lines.append(record.line)
        prev = record.digest
    return tuple(lines)


def golden() -> tuple[bytes, ...]:
    return tuple((HERE / "law.jsonl").read_bytes().splitlines())


def test_each_fact_of_the_law_is_in_the_golden_history() -> None:
    own = {kind for kind in typing.get_args(Event) if kind.__module__.endswith("law_events")}
    assert own <= {type(event) for event in every_fact()}


def test_the_bytes_do_not_move() -> None:
    assert written() == golden()


def test_it_replays_and_comes_back_byte_for_byte() -> None:
    case, seq, _ = fold_records("c1", golden())
    assert seq == case.seq == len(golden())
    sub = case.sub_cases["permit"]
    assert sub.status is SubCaseStatus.GRANTED
    assert sub.spec.department == "second"
    assert case.course.joint_more_days
    prev: Digest | None = None
    for number, line in enumerate(golden(), 1):
        recorded = read_record(line, case_id="c1", seq=number, prev=prev)
        again = write_record(recorded.event, case_id="c1", seq=number, prev=prev, secret=SECRET)
        assert again.line == line
        prev = recorded.digest


if __name__ == "__main__":
    (HERE / "law.jsonl").write_bytes(b"\n".join(written()) + b"\n")
