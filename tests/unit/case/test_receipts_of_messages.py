"""What an office says it received must be what was sent: other bytes are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    AskWithdrawal,
    DepartmentReported,
    IncidentRaised,
    ReportRefused,
    SubCaseStatus,
    SupplementGiven,
    replay,
)

SHA = Digest("sha256:" + "6" * 64)
OTHER = Digest("sha256:" + "7" * 64)
SUPPLEMENT, WITHDRAWAL = "c1.permit.1.s1", "c1.permit.1.w1"


def waiting_for_receipt(begin: Any) -> Any:
    """Return a case whose answer to a correction has gone out."""
    life = begin()
    life.told("received", "09-28")
    life.told("correction_requested", "09-29")
    life.give(
        SupplementGiven(
            at=life.events[-1].at + timedelta(hours=1),
            sub_case_id="permit",
            correction_id="r1",
            supplement_id=SUPPLEMENT,
            request_digest=SHA,
            materials=("m_layout",),
        )
    )
    return life


def acknowledged(life: Any, **data: Any) -> Any:
    return life.told("correction_received", "10-09", supplement_id=SUPPLEMENT, **data)


def test_other_bytes_than_those_sent_are_refused(begin: Any) -> None:
    life = waiting_for_receipt(begin)
    events = acknowledged(life, request_digest=OTHER)
    assert [one.kind for one in events if isinstance(one, DepartmentReported)] == []
    (refused,) = [one for one in events if isinstance(one, ReportRefused)]
    assert refused.problem == (
        "correction_received: request_digest is not that of the bytes that were sent"
    )
    assert any(isinstance(one, IncidentRaised) for one in events)
    assert life.sub().status is SubCaseStatus.CORRECTION_REQUESTED
    assert [one.message_id for one in life.sub().deliveries] == [SUPPLEMENT]


def test_what_came_before_it_in_the_same_answer_counts(begin: Any) -> None:
    life = waiting_for_receipt(begin)
    news = life.signed("progress", "10-08")
    held = life.told_of["c1.permit.1"]
    held.history = (*held.history, news)
    wrong = life.signed(
        "correction_received", "10-09", supplement_id=SUPPLEMENT, request_digest=OTHER
    )
    events = life.give(life.read("permit", "10-09", news, wrong))
    (reported,) = [one for one in events if isinstance(one, DepartmentReported)]
    assert [one.type for one in reported.events] == ["progress"]
    assert any(isinstance(one, ReportRefused) for one in events)


def test_the_right_bytes_settle_it_after_the_wrong_ones(begin: Any) -> None:
    life = waiting_for_receipt(begin)
    acknowledged(life, request_digest=OTHER)
    acknowledged(life)
    assert life.sub().status is SubCaseStatus.RECEIVED
    assert life.sub().deliveries == ()
    assert life.sub().incident is None


def test_what_came_at_a_window_there_is_no_receipt_of_ours(begin: Any) -> None:
    life = waiting_for_receipt(begin)
    life.told("correction_received", "10-09", supplement_id="at-window-r1", request_digest=OTHER)
    assert life.sub().status is SubCaseStatus.RECEIVED


def test_a_wish_to_withdraw_is_acknowledged_as_it_was_sent(begin: Any) -> None:
    life = begin()
    life.told("received", "09-28")
    life.give(AskWithdrawal(at=life.events[-1].at, sub_case_ids=("permit",)))
    life.file("09-28")
    assert [one.message_id for one in life.sub().deliveries] == [WITHDRAWAL]
    events = life.told("withdrawal_requested", "09-29", request_digest=OTHER)
    (refused,) = [one for one in events if isinstance(one, ReportRefused)]
    assert refused.problem.startswith("withdrawal_requested: request_digest")
    life.told("withdrawal_requested", "09-30")
    assert life.sub().deliveries == ()


@pytest.mark.parametrize("kind", ["correction_received", "withdrawal_requested"])
def test_histories_in_which_it_was_let_in_replay(begin: Any, kind: str) -> None:
    """The rule is for what comes in from now on; what was recorded once stands."""
    life = waiting_for_receipt(begin)
    event = life.signed(kind, "10-09", supplement_id=SUPPLEMENT, request_digest=OTHER)
    old = DepartmentReported(at=life.events[-1].at, sub_case_id="permit", events=(event,))
    case = replay("c1", [*life.events, old])
    assert case.sub_cases["permit"].digests[-1] == event.digest
