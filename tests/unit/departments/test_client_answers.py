"""What whole answers mean, without a network: one of three errors, or a proof."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent
from oneservice.departments.client_answers import (
    Answer,
    Call,
    error_in,
    problem_of,
    retry_after_s,
    status_in,
)
from oneservice.departments.client_feed import changes_in
from oneservice.departments.problems import PROBLEMS, problem_json
from oneservice.departments.reading import changes_json, status_json
from oneservice.departments.signing import Ed25519EventKey, VerifyingKey, sign_event
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentInProgressError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
)
from oneservice.ports import Change, ChangesPage, StatusPage

NOW = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
PUT = Call(department="health", method="PUT", what="submission c1.x.1")
GET = Call(department="health", method="GET", what="submission c1.x.1")
KEY = Ed25519EventKey.generate("k1")
KEYS = {"k1": VerifyingKey(keyid="k1", alg=KEY.alg, public_key=KEY.public_key)}
LIMIT = 1_048_576
ZERO = Digest("sha256:" + "0" * 64)


def event(seq: int, kind: str, prev: Digest | None, **data: Any) -> DepartmentEvent:
    at = f"2026-09-21T01:00:{seq:02d}Z"
    return sign_event(
        DepartmentEvent(
            submission_id="c1.x.1",
            seq=seq,
            type=kind,
            at=at,
            recorded_at=at,
            department="health",
            data=data,
            prev=prev,
            digest=ZERO,
        ),
        KEY,
    )


FIRST = event(1, "received", None, receipt_no="S1", request_digest=ZERO)
SECOND = event(2, "x_seen", FIRST.digest)
PAGE = StatusPage(
    submission_id="c1.x.1",
    state="received",
    head_seq=2,
    head_digest=SECOND.digest,
    events=(FIRST, SECOND),
)
STATUS = status_json(PAGE)


def answer(body: bytes, status: int = 200, **headers: str) -> Answer:
    kind = "application/json" if status < 400 else "application/problem+json"
    return Answer(
        status=status,
        headers={"content-type": kind}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
    )


def read(body: bytes, after: int = 0) -> StatusPage:
    return status_in(
        GET, answer(body), submission_id="c1.x.1", after=after, keys=KEYS, limit_bytes=LIMIT
    )


def test_a_proven_page_comes_through() -> None:
    assert read(STATUS) == PAGE
    rest = replace(PAGE, events=(SECOND,))
    assert read(status_json(rest), after=1) == rest
    nothing = replace(PAGE, events=())
    assert read(status_json(nothing), after=2) == nothing


def test_a_head_behind_ours_is_handed_on_for_the_engine_to_judge() -> None:
    rewound = replace(PAGE, events=(), head_seq=1, head_digest=FIRST.digest)
    assert read(status_json(rewound), after=2).head_seq == 1


@given(st.integers(0, len(STATUS) * 8 - 1))
def test_any_flipped_bit_is_refused_or_says_the_same(position: int) -> None:
    """P-33: a bit may fall into a name or a space that says nothing, but no event ever changes."""
    body = bytearray(STATUS)
    body[position // 8] ^= 1 << position % 8
    try:
        page = read(bytes(body))
    except DepartmentContractError:
        return
    assert [one.body() for one in page.events] == [one.body() for one in PAGE.events]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
@example(b"\xef\xbb\xbf{}")
@example(b'{"events":null}')
def test_rubbish_is_a_contract_error(body: bytes) -> None:
    with pytest.raises(DepartmentContractError):
        read(body)
    with pytest.raises(DepartmentContractError):
        changes_in(GET, answer(body), keys=KEYS, limit_bytes=LIMIT)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("c1.x.1"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["submission_id", "state", "head", "seq", "digest", "events", "changes"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(VALUES, st.sampled_from(["submission_id", "state", "head", "events"]))
def test_any_member_may_be_anything(value: Any, name: str) -> None:
    body = json.dumps(json.loads(STATUS) | {name: value}).encode()
    try:
        page = read(body)
    except DepartmentContractError:
        return
    assert page.events == PAGE.events


@given(VALUES, st.sampled_from(["changes", "cursor", "more"]))
def test_any_member_of_a_feed_may_be_anything(value: Any, name: str) -> None:
    change = Change(
        submission_id="c1.x.1", head_seq=2, head_digest=SECOND.digest, events=(FIRST, SECOND)
    )
    feed = changes_json(ChangesPage(changes=(change,), cursor="v1.1", has_more=False))
    body = json.dumps(json.loads(feed) | {name: value}).encode()
    try:
        page = changes_in(GET, answer(body), keys=KEYS, limit_bytes=LIMIT)
    except DepartmentContractError:
        return
    assert all(one.events in ((), change.events) for one in page.changes)


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_listed_code_has_the_reaction_of_the_table(code: str) -> None:
    kind = PROBLEMS[code]
    for status in kind.statuses:
        reply = answer(problem_json(code, status=status), status, retry_after="9")
        assert problem_of(reply) == code
        error = error_in(PUT, reply, now=NOW)
        if kind.reaction == "wait":
            assert isinstance(error, DepartmentUnavailableError)
            assert error.retry_after_s == 9
        elif kind.reaction == "repeat_later":
            assert isinstance(error, DepartmentInProgressError)
            assert error.retry_after_s == 9
        elif kind.recorded == "unknown":
            assert isinstance(error, DepartmentUnknownOutcomeError)
        else:
            assert isinstance(error, DepartmentContractError)
            assert error.problem == code


def test_a_code_under_another_status_does_not_count() -> None:
    assert problem_of(answer(problem_json("in-progress"), 404)) is None
    assert problem_of(answer(problem_json("unknown-submission"), 410)) is None
    html = replace(answer(problem_json("unknown-submission"), 404), headers={})
    assert problem_of(html) is None


@given(st.integers(100, 999), st.binary(max_size=60), st.sampled_from([PUT, GET]))
def test_every_status_is_some_department_error(status: int, body: bytes, call: Call) -> None:
    error = error_in(call, answer(body, status), now=NOW)
    assert isinstance(error, DepartmentError)
    if call.is_safe:
        assert not isinstance(error, DepartmentUnknownOutcomeError)


@given(st.text(max_size=40), st.text(max_size=40))
@example("9" * 30, "")
@example("٣", "")
@example("Mon, 21 Sep 2026 01:02:00 -0000", "Mon, 21 Sep 2026 01:02:00")
def test_retry_after_is_always_a_sane_number(text: str, date: str) -> None:
    assert 1 <= retry_after_s({"retry-after": text, "date": date}, now=NOW) <= 86_400
