"""Laws of the journal and of copies that hold for all values."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import Digest, canonical, parse_object
from oneservice.case import (
    DepartmentEvent,
    DepartmentReported,
    Submission,
    pause_ms,
    read_record,
    write_record,
)
from oneservice.case.changing import changed

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
DIGESTS = st.binary(min_size=32, max_size=32).map(lambda one: Digest(f"sha256:{one.hex()}"))


@given(
    data=st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    prev=st.none() | DIGESTS,
    seq=st.integers(1, 10**6),
    milliseconds=st.integers(0, 10**12),
)
def test_what_is_written_is_read_and_is_canonical(
    data: dict[str, Any], prev: Digest | None, seq: int, milliseconds: int
) -> None:
    event = DepartmentEvent(
        submission_id="c1.a.1",
        seq=1,
        type="x_note",
        at="2026-09-28T01:00:00Z",
        recorded_at="2026-09-28T01:00:00Z",
        department="office",
        data=data,
        prev=None,
        digest=Digest("sha256:" + "0" * 64),
    )
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    report = DepartmentReported(at=at, sub_case_id="a", events=(event,))
    record = write_record(report, case_id="c1", seq=seq, prev=prev, secret="5" * 64)
    assert canonical(parse_object(record.line)) == record.line
    assert read_record(record.line, case_id="c1", seq=seq, prev=prev) == record


@given(seq=st.integers(), correction=st.none() | st.text(), extended=st.booleans())
def test_a_changed_copy_is_what_replace_makes(
    seq: int, correction: str | None, *, extended: bool
) -> None:
    before = Submission(submission_id="c1.a.1", pending_materials=("m",))
    changes: dict[str, Any] = {
        "seq": seq,
        "correction_id": correction,
        "was_extended": extended,
    }
    assert changed(before, **changes) == dataclasses.replace(before, **changes)
    assert before == Submission(submission_id="c1.a.1", pending_materials=("m",))


@given(message=st.text(), tries=st.integers(1, 10**6), asked=st.integers(0, 10**5))
def test_pauses_are_bounded_spread_and_obey_the_far_side(
    message: str, tries: int, asked: int
) -> None:
    pause = pause_ms(message, tries, at_least_s=asked)
    assert pause == pause_ms(message, tries, at_least_s=asked)
    assert max(500, asked * 1000) <= pause <= max(600_000, asked * 1000)
    recorded = pause_ms(message, tries, at_least_s=asked, is_recorded=True)
    longest = 600_000 if tries <= 24 else 3_600_000 if tries <= 48 else 14_400_000
    assert pause <= recorded <= (max(longest, asked * 1000) if not asked else pause)


def test_the_deepest_event_that_the_wire_lets_through_is_read_back() -> None:
    data: Any = "x"
    for _ in range(30):
        data = [data]
    event = DepartmentEvent(
        submission_id="c1.a.1",
        seq=1,
        type="x_deep",
        at="2026-09-28T01:00:00Z",
        recorded_at="2026-09-28T01:00:00Z",
        department="office",
        data={"deep": data},
        prev=None,
        digest=Digest("sha256:" + "0" * 64),
    )
    wire = canonical(event.as_json())
    assert parse_object(wire, max_depth=32)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    report = DepartmentReported(at=at, sub_case_id="a", events=(event,))
    record = write_record(report, case_id="c1", seq=1, prev=None, secret="5" * 64)
    assert read_record(record.line, case_id="c1", seq=1, prev=None) == record
