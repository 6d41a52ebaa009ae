"""Histories of every release stay replayable, and their bytes do not move.

``every-kind.jsonl`` holds each kind of record that the first release knew, in one history (those
that came later: ``test_journal_kinds.py``); ``tea-kiosk.jsonl`` is a whole story as an engine lived
it. Run this file as a script to write the first anew, and say in the changelog why it moved; the
second is never written again.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import Digest, canonical, digest, parse_object, sealed_digest
from oneservice.case import (
    APPLICANT,
    Actor,
    BundleIssued,
    CaseConcluded,
    CaseOpened,
    CaseStatus,
    DeadlinePassed,
    DeemedAccepted,
    DeliveryFailed,
    DeliveryReset,
    DepartmentEvent,
    DepartmentReported,
    Event,
    EventSignature,
    HeadSeen,
    IncidentRaised,
    Message,
    MessagesPrepared,
    ReportRefused,
    StepSpec,
    SubCaseCancelled,
    SubCaseDropped,
    SubCaseHalted,
    SubCaseResumed,
    SubCaseStatus,
    WithdrawalAsked,
    event_digest,
    fold_records,
    read_record,
    write_record,
)
from oneservice.certificates import verify_chain
from oneservice.errors import JournalCorruptError, VerificationError

HERE = Path(__file__).resolve().parent
AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SECRET = "5" * 64
SHA = Digest("sha256:" + "6" * 64)


def told(seq: int, kind: str, data: dict[str, Any], prev: Digest | None) -> DepartmentEvent:
    members: dict[str, Any] = {
        "submission_id": "c1.food_permit.1",
        "seq": seq,
        "type": kind,
        "at": "2026-09-28T01:00:00Z",
        "recorded_at": "2026-09-28T01:00:00Z",
        "department": "market-regulation",
        "data": data,
        "prev": prev,
        "extra": {"later_member": "kept: 新"},
    }
    own = event_digest(DepartmentEvent(**members, digest=SHA))
    signature = EventSignature(keyid="k", alg="ed25519", value="AA==")
    return DepartmentEvent(**members, digest=own, signatures=(signature,))


def every_kind() -> list[Event]:
    """Return one history in which each kind of event stands."""
    step = {"department": "market-regulation", "kind": "decision", "promised_days": 8}
    permit: Any = {"at": AT, "sub_case_id": "food_permit"}
    filing = Message(
        sub_case_id="food_permit",
        message="submission",
        message_id="c1.food_permit.1",
        submission_id="c1.food_permit.1",
        request_digest=SHA,
        attempt=1,
    )
    received = told(1, "received", {"receipt_no": "SJ-1", "request_digest": SHA}, None)
    outcome = {"outcome": {"decision": "granted", "number": "JY-1"}}
    accepted = {"acceptance_no": "SL", "promised_working_days": 8, "how": "deemed"}
    second = told(2, "accepted", accepted, received.digest)
    return [
        CaseOpened(
            at=AT,
            thing="restaurant",
            region="990101",
            plan=SHA,
            definition=SHA,
            calendar="2026",
            form=SHA,
            steps=(
                StepSpec(id="food_permit", step_id="food_permit", **step),
                StepSpec(id="signboard", step_id="signboard", requires=("food_permit",), **step),
                StepSpec(id="drainage", step_id="drainage", requires=("signboard",), **step),
                StepSpec(id="health_cert-1", step_id="health_cert", statutory_days=20, **step),
                StepSpec(id="bundle", step_id="bundle", **(step | {"kind": "bundle"})),
            ),
        ),
        MessagesPrepared(at=AT, messages=(filing,)),
        DeliveryFailed(
            message_id="c1.food_permit.1",
            effect="unknown",
            problem="department_unknown_outcome",
            tries=1,
            not_before=AT + timedelta(milliseconds=1500),
            **permit,
        ),
        IncidentRaised(problem="department_unknown_outcome", **permit),
        DeliveryReset(message_id="c1.food_permit.1", **permit),
        HeadSeen(head_seq=1, **permit),
        ReportRefused(problem="contract", tries=1, not_before=AT, **permit),
        DepartmentReported(events=(received,), **permit),
        DeemedAccepted(accepted_at=AT, due_at=AT + timedelta(days=12), **permit),
        DeadlinePassed(limit="promised", due_at=AT + timedelta(days=20), **permit),
        DepartmentReported(events=(second, told(3, "granted", outcome, second.digest)), **permit),
        WithdrawalAsked(at=AT, sub_case_ids=("signboard",), by=APPLICANT),
        SubCaseCancelled(at=AT, sub_case_id="signboard"),
        SubCaseDropped(at=AT, sub_case_id="drainage", because="signboard"),
        SubCaseHalted(
            at=AT, sub_case_id="health_cert-1", problem="rewritten", evidence=(received,)
        ),
        SubCaseResumed(
            at=AT,
            sub_case_id="health_cert-1",
            by=Actor.from_json("operator-7"),
            why="restored anew",
        ),
        BundleIssued(at=AT, certificate_id="urn:b", certificate=SHA, over_seq=16, over_head=SHA),
        CaseConcluded(at=AT, outcome="concluded"),
    ]


def written(events: list[Event]) -> tuple[bytes, ...]:
    lines: list[bytes] = []
    prev: Digest | None = None
    for seq, event in enumerate(events, 1):
        record = write_record(event, case_id="c1", seq=seq, prev=prev, secret=SECRET)
        lines.append(record.line)
        prev = record.digest
    return tuple(lines)


def golden(name: str) -> tuple[bytes, ...]:
    return tuple((HERE / name).read_bytes().splitlines())


def test_the_bytes_of_records_do_not_move() -> None:
    assert written(every_kind()) == golden("every-kind.jsonl")


@pytest.mark.parametrize("name", ["every-kind.jsonl", "tea-kiosk.jsonl"])
def test_golden_histories_replay(name: str) -> None:
    lines = golden(name)
    case, seq, head = fold_records("c1", lines)
    assert seq == len(lines)
    assert case.status is CaseStatus.CONCLUDED
    assert case.sub_cases["food_permit"].status is SubCaseStatus.GRANTED
    assert verify_chain([parse_object(line) for line in lines]).head == head
    prev: Digest | None = None
    for number, line in enumerate(lines, 1):  # out and in again: the same fact
        recorded = read_record(line, case_id="c1", seq=number, prev=prev)
        again = write_record(recorded.event, case_id="c1", seq=number, prev=prev, secret=SECRET)
        known = read_record(again.line, case_id="c1", seq=number, prev=prev)
        assert known.event == recorded.event
        prev = recorded.digest


def test_a_record_is_written_as_rfc_8785_says() -> None:
    for line in golden("every-kind.jsonl"):
        record = json.loads(line)
        assert canonical(record) == line
        members = ("v", "case_id", "seq", "at", "prev", "kind")
        envelope = {name: record[name] for name in members}
        envelope["data_digest"] = sealed_digest(record["salt"], record["data"])
        assert digest(envelope) == record["digest"]


def test_salts_differ_and_hide_the_data() -> None:
    records = [parse_object(line) for line in golden("every-kind.jsonl")]
    assert len({record["salt"] for record in records}) == len(records)
    other = write_record(every_kind()[0], case_id="c1", seq=1, prev=None, secret="6" * 64)
    assert other.digest != records[0]["digest"]


def test_an_erased_record_still_proves_the_chain() -> None:
    records = [parse_object(line) for line in golden("every-kind.jsonl")]
    whole = verify_chain(records)
    for record in records[::2]:
        record["data_digest"] = sealed_digest(record.pop("salt"), record.pop("data"))
    assert verify_chain(records) == whole
    records[2]["data_digest"] = SHA
    with pytest.raises(VerificationError):
        verify_chain(records)


def refused(lines: list[bytes]) -> bool:
    try:
        fold_records("c1", lines)
    except JournalCorruptError:
        return True
    return False


def test_any_flipped_bit_is_noticed() -> None:
    lines = golden("every-kind.jsonl")
    chance = random.Random(20260928)
    for number, line in enumerate(lines):
        for _ in range(40):
            place, bit = chance.randrange(len(line)), chance.randrange(8)
            flipped = line[:place] + bytes([line[place] ^ 1 << bit]) + line[place + 1 :]
            spoilt = [*lines[:number], flipped, *lines[number + 1 :]]
            assert refused(spoilt), (number, place, bit)


def test_dropped_swapped_repeated_cut_and_padded_records_are_noticed() -> None:
    lines = list(golden("every-kind.jsonl"))
    for number in range(len(lines) - 1):
        assert refused(lines[:number] + lines[number + 1 :])
        assert refused([*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]])
        assert refused([*lines[: number + 1], *lines[number:]])
        assert refused([*lines[:number], lines[number][:-2], *lines[number + 1 :]])
        assert refused([*lines[:number], lines[number].replace(b",", b", ", 1)])
        assert refused([*lines[:number], b"", *lines[number + 1 :]])
    assert refused([])


def test_a_record_of_another_case_or_version_is_refused() -> None:
    (line, *_) = golden("every-kind.jsonl")
    with pytest.raises(JournalCorruptError):
        read_record(line, case_id="c2", seq=1, prev=None)
    with pytest.raises(JournalCorruptError, match="version 2"):
        read_record(line.replace(b'"v":1', b'"v":2'), case_id="c1", seq=1, prev=None)


@pytest.mark.parametrize("rubbish", [b"", b"null", b"[]", b"{}", b'{"v":1}', b"\xff", b"x" * 100])
def test_rubbish_is_a_corrupt_journal(rubbish: bytes) -> None:
    with pytest.raises(JournalCorruptError):
        read_record(rubbish, case_id="c1", seq=1, prev=None)


if __name__ == "__main__":
    (HERE / "every-kind.jsonl").write_bytes(b"\n".join(written(every_kind())) + b"\n")
