"""The wire codec: every message both ways, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from oneservice.canonical import Digest, canonical
from oneservice.departments import (
    Capabilities,
    Consent,
    DocumentRef,
    KeyInfo,
    MaterialItem,
    Promise,
    ServiceLimits,
    StepInfo,
    SubmissionBody,
    SupplementBody,
    WithdrawalBody,
    capabilities_json,
    changes_json,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
    parse_capabilities,
    parse_changes,
    parse_event,
    parse_problem,
    parse_status,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
    problem_json,
    status_json,
)
from oneservice.departments.wire import (
    content_digest,
    digest_from_path,
    digest_in_path,
    instant_text,
    is_id,
    matches_content_digest,
    parse_day,
    parse_instant,
)
from oneservice.errors import ProtocolProblemError
from oneservice.ports import Change, ChangesPage, StatusPage

DIGEST = Digest("sha256:" + "ab" * 32)
EVENT: dict[str, Any] = {
    "submission_id": "c42.food_permit.1",
    "seq": 1,
    "type": "received",
    "at": "2026-11-21T01:00:00Z",
    "recorded_at": "2026-11-21T01:00:00Z",
    "department": "market-regulation",
    "data": {"receipt_no": "SJ-1", "request_digest": DIGEST},
    "prev": None,
    "digest": DIGEST,
    "signatures": [{"keyid": "k", "alg": "ed25519", "value": "AA=="}],
}
FULL = SubmissionBody(
    case_id="c42",
    step_id="food_permit",
    attempt=2,
    continues="c42.food_permit.1",
    definition=DIGEST,
    plan=DIGEST,
    region="330106",
    accepting_region="310000",
    window_received_at="2026-11-21T01:00:00.250Z",
    language="zh-CN",
    applicant={"kind": "organisation", "name": "小面馆", "code": "92990101MA99000523"},
    agent={"name": "x"},
    fields={"area": "82.5", "hot_food": True},
    materials=(
        MaterialItem(
            material="m_layout",
            documents=(
                DocumentRef(
                    digest=DIGEST, media_type="application/pdf", size_bytes=48_123, name="l.pdf"
                ),
                DocumentRef(digest=DIGEST, media_type="image/png"),
            ),
            source="applicant",
        ),
        MaterialItem(
            material="m_licence", certificate={"@context": ["x"]}, source="lookup", consent="k7"
        ),
    ),
    promises=(Promise(material="m_health", until="2026-10-12", document=DIGEST),),
    consents=(Consent(id="k7", scope="business_licence", until="2026-12-31", proof=DIGEST),),
    callback="cb-1",
    extra={"novelty": [1]},
)


def test_submissions_go_both_ways() -> None:
    assert parse_submission(compose_submission(FULL)) == FULL
    assert compose_submission(FULL) == canonical(json.loads(compose_submission(FULL)))
    assert FULL.digests() == (DIGEST,)


@pytest.mark.parametrize(
    "body",
    [
        SupplementBody(),
        SupplementBody(correction_id="r1", fields={"a": 1}, note={"zh": "说明"}),
        SupplementBody(materials=FULL.materials),
    ],
)
def test_supplements_go_both_ways(body: SupplementBody) -> None:
    assert parse_supplement(compose_supplement(body)) == body


@pytest.mark.parametrize(
    "body",
    [
        WithdrawalBody(),
        WithdrawalBody(
            reason={"en": "x"}, requested_by="agent", requested_at="2026-11-21T01:00:00Z"
        ),
    ],
)
def test_withdrawals_go_both_ways(body: WithdrawalBody) -> None:
    assert parse_withdrawal(compose_withdrawal(body)) == body


def test_null_is_absent() -> None:
    nulls = dict.fromkeys(("continues", "plan", "agent", "materials", "fields", "callback"))
    document = {"case_id": "c", "step_id": "s", "attempt": 1, "applicant": {"kind": "person"}}
    without = parse_submission(json.dumps(document).encode())
    assert parse_submission(json.dumps(document | nulls).encode()) == without


def test_an_applicant_has_a_kind_even_when_nothing_else_is_said() -> None:
    document = {"case_id": "c", "step_id": "s", "attempt": 1, "applicant": {}}
    with pytest.raises(ProtocolProblemError) as caught:
        parse_submission(json.dumps(document).encode())
    assert caught.value.findings == (("/applicant/kind", "is missing"),)


def test_status_and_changes_go_both_ways() -> None:
    event = parse_event(EVENT)
    page = StatusPage(
        submission_id=event.submission_id,
        state="received",
        head_seq=1,
        head_digest=DIGEST,
        events=(event,),
    )
    assert parse_status(status_json(page)) == page
    change = Change(
        submission_id=event.submission_id, head_seq=1, head_digest=DIGEST, events=(event,)
    )
    changes = ChangesPage(changes=(change,), cursor="v1.7", has_more=True)
    assert parse_changes(changes_json(changes)) == changes


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ({"state": "running", "due_on": "2026-10-14"}, "2026-10-14"),
        ({"state": "stopped"}, None),
        ({"due_on": "soon"}, None),
        ({"due_on": 14}, None),
        ("noon", None),
        (None, None),
    ],
)
def test_a_departments_clock_is_an_opinion_and_never_breaks_a_status(clock: Any, day: Any) -> None:
    event = parse_event(EVENT)
    page = StatusPage(
        submission_id=event.submission_id,
        state="received",
        head_seq=1,
        head_digest=DIGEST,
        events=(event,),
    )
    assert parse_status(status_json(page, {"clock": clock})).clock_due_on == day


def test_unknown_members_of_an_event_are_kept() -> None:
    event = parse_event(EVENT | {"x_new": {"a": 1}})
    assert event.extra == {"x_new": {"a": 1}}
    assert event.as_json() == EVENT | {"x_new": {"a": 1}}


def status(**change: Any) -> bytes:
    document = {
        "submission_id": EVENT["submission_id"],
        "state": "received",
        "head": {"seq": 1, "digest": DIGEST},
        "events": [EVENT],
    }
    return json.dumps({**document, **change}).encode()


OTHER = Digest("sha256:" + "cd" * 32)
SECOND = EVENT | {"seq": 2, "prev": DIGEST, "digest": OTHER, "type": "progress"}
HEAD2 = {"seq": 2, "digest": OTHER}


def test_a_status_with_two_events_is_fine() -> None:
    page = parse_status(status(events=[EVENT, SECOND], head=HEAD2))
    assert [event.seq for event in page.events] == [1, 2]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"state": "failed"}, "/state"),
        ({"state": None}, "/state"),
        ({"head": None}, "/head"),
        ({"head": {"seq": 1}}, "/head/digest"),
        ({"head": {"seq": "1", "digest": DIGEST}}, "/head/seq"),
        ({"events": None}, "/events"),
        ({"events": {}}, "/events"),
        ({"events": ["x"]}, "/events/0"),
        ({"submission_id": "c2"}, "/events/0"),
        ({"head": {"seq": 1, "digest": OTHER}}, "/events/0"),
        ({"head": {"seq": 0}}, "/events/0"),
        ({"events": [SECOND, EVENT], "head": HEAD2}, "/events/1"),
        (
            {"events": [EVENT, SECOND | {"seq": 3}], "head": {"seq": 3, "digest": OTHER}},
            "/events/1",
        ),
        ({"events": [EVENT, SECOND | {"prev": OTHER}], "head": HEAD2}, "/events/1"),
        ({"events": [EVENT | {"type": "failed"}]}, "/events/0/type"),
        ({"events": [EVENT | {"at": "2026-11-21T01:00:00+00:00"}]}, "/events/0/at"),
        ({"events": [EVENT | {"seq": 0}]}, "/events/0/seq"),
        ({"events": [EVENT | {"seq": True}]}, "/events/0/seq"),
        ({"events": [EVENT | {"data": None}]}, "/events/0/data"),
        ({"events": [EVENT | {"digest": "sha256:AB"}]}, "/events/0/digest"),
        ({"events": [EVENT | {"signatures": [{"keyid": "k"}]}]}, "/events/0/signatures/0/alg"),
    ],
)
def test_a_status_of_the_wrong_shape_is_refused_with_its_place(
    change: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(ProtocolProblemError) as caught:
        parse_status(status(**change))
    assert caught.value.problem == "malformed"
    assert pointer in [place for place, _ in caught.value.findings]


@pytest.mark.parametrize(
    "document",
    [{}, {"changes": [], "cursor": "x"}, {"changes": [], "cursor": 1, "more": False},
     {"changes": [], "cursor": "x", "more": "no"}, {"changes": [{}], "cursor": "x", "more": False}],
)  # fmt: skip
def test_changes_of_the_wrong_shape_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ProtocolProblemError, match="not the right shape"):
        parse_changes(json.dumps(document).encode())


def test_too_large_is_told_unread() -> None:
    with pytest.raises(ProtocolProblemError) as caught:
        parse_status(b" " * 100, max_bytes=99)
    assert caught.value.problem == "too-large"


CAPABILITIES = Capabilities(
    department="330106-market-regulation",
    name={"zh": "西湖区市场监督管理局"},
    region="330106",
    zone="Asia/Shanghai",
    base_url="https://dept.example/oneservice/v1",
    valid_until="2026-12-31T00:00:00Z",
    steps=(
        StepInfo(
            step_id="food_permit",
            promised_working_days=8,
            definitions=(DIGEST,),
            fields_schema={"type": "object"},
            materials=("m_layout",),
            tolerates=("m_health",),
            is_on_the_spot=True,
            withdraw="never",
        ),
        StepInfo(step_id="food_record"),
    ),
    features=("documents", "wait"),
    limits=ServiceLimits(in_flight=4),
    authentication=("mtls",),
    keys=(
        KeyInfo(
            keyid="dept-2026a",
            alg="ed25519",
            public_key=b"\0" * 32,
            use=("event", "callback"),
            not_after="2027-06-30T00:00:00Z",
        ),
    ),
)


def test_capabilities_go_both_ways() -> None:
    assert parse_capabilities(capabilities_json(CAPABILITIES)) == CAPABILITIES


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/department", None),
        ("/steps/0/definitions", ["x"]),
        ("/keys/0/public_key", "%"),
        ("/limits/in_flight", 0),
        ("/valid_until", "soon"),
        ("/features", [1]),
    ],
)
def test_capabilities_of_the_wrong_shape_are_refused(place: str, value: Any) -> None:
    document = json.loads(capabilities_json(CAPABILITIES))
    *path, last = place.split("/")[1:]
    target = document
    for part in path:
        target = target[int(part)] if part.isdigit() else target[part]
    target[last] = value
    with pytest.raises(ProtocolProblemError) as caught:
        parse_capabilities(json.dumps(document).encode())
    assert caught.value.findings[0][0] == place


def test_problems_go_both_ways() -> None:
    data = problem_json("not-open", detail="x", trace="t", members={"state": "granted"})
    problem = parse_problem(data)
    assert (problem.code, problem.status, problem.detail) == ("not-open", 409, "x")
    assert problem.members == {"state": "granted"}
    assert problem.kind is not None
    assert parse_problem(b'{"type":"urn:oneservice:problem:new"}').kind is None
    assert parse_problem(b'{"type":"urn:oneservice:problem:x","status":true}').status is None


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"type":1}', b'{"type":"about:blank"}'])
def test_other_documents_are_no_problems(data: bytes) -> None:
    with pytest.raises(ProtocolProblemError):
        parse_problem(data)


def test_content_digest_is_that_of_the_protocol_vector() -> None:
    body = b'{"step_id":"food_permit"}'
    header = "sha-256=:Zv3CqZlONsDkL6dCNddCM+BeBfXDFYypoxZN3XTyWgY=:"
    assert content_digest(body) == header
    assert matches_content_digest(header, body)
    assert matches_content_digest(f"md5=:AAAA:, {header}", body)


@pytest.mark.parametrize(
    "header", ["", "sha-256", "sha-256=:AAAA:", "sha-256=:A:", "md5=:AAAA:", "sha-256=:%:", ","]
)
def test_content_digests_that_do_not_fit(header: str) -> None:
    assert not matches_content_digest(header, b"x")


@pytest.mark.parametrize("text", ["a", "c42.food_permit.1", "A-Z_0", "x" * 96, ".", ".."])
def test_ids(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "x" * 97, "a b", "a/b", "a\n", "é", "１", None, 1, b"a"])
def test_no_ids(text: Any) -> None:
    assert not is_id(text)


def test_digests_in_paths() -> None:
    assert digest_from_path(digest_in_path(DIGEST)) == DIGEST
    with pytest.raises(ProtocolProblemError):
        digest_from_path(DIGEST[:-1])


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 21, 1, tzinfo=UTC), "2026-11-21T01:00:00Z"),
        (datetime(2026, 11, 21, 9, tzinfo=timezone(timedelta(hours=8))), "2026-11-21T01:00:00Z"),
        (datetime(2026, 11, 21, 1, 0, 0, 250_999, tzinfo=UTC), "2026-11-21T01:00:00.250Z"),
        (datetime(2026, 11, 21, 1, 0, 0, 999, tzinfo=UTC), "2026-11-21T01:00:00Z"),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00Z"),
    ],
)
def test_instants(instant: datetime, text: str) -> None:
    assert instant_text(instant) == text
    assert abs(parse_instant(text) - instant) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.1Z",
        "2026-01-01T00:00:00",
        "2026-01-01t00:00:00z",
        "２026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        5,
        None,
    ],
)
def test_no_instants(text: Any) -> None:
    with pytest.raises(ProtocolProblemError):
        parse_instant(text)


@pytest.mark.parametrize("text", ["2026-02-30", "20260101", "2026-1-1", "2026-01-01T", None])
def test_no_days(text: Any) -> None:
    with pytest.raises(ProtocolProblemError):
        parse_day(text)
