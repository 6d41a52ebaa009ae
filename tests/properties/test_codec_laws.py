"""Laws of the wire codec and of the adapter: for all bytes, and for all histories."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from oneservice.canonical import canonical
from oneservice.case import ENDED, SubmissionState, fold
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    Ed25519EventKey,
    Granted,
    MaterialItem,
    Outcome,
    Progress,
    Promise,
    Received,
    Refused,
    Resumed,
    Submission,
    SubmissionBody,
    SupplementBody,
    Suspended,
    VerifyingKey,
    WithdrawalBody,
    Withdrawn,
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
    sign_event,
    verify_event,
)
from oneservice.errors import (
    DepartmentContractError,
    IllegalInputError,
    ProtocolProblemError,
)
from oneservice.ports import StatusPage

PARSERS: tuple[Callable[[bytes], Any], ...] = (
    parse_capabilities,
    parse_changes,
    parse_problem,
    parse_status,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
)
DIGEST = "sha256:" + "ab" * 32
WORDS = st.sampled_from(
    [
        "submission_id",
        "state",
        "head",
        "seq",
        "digest",
        "events",
        "type",
        "at",
        "recorded_at",
        "department",
        "data",
        "prev",
        "signatures",
        "keyid",
        "alg",
        "value",
        "changes",
        "cursor",
        "more",
        "case_id",
        "step_id",
        "attempt",
        "applicant",
        "kind",
        "fields",
        "materials",
        "material",
        "documents",
        "media_type",
        "bytes",
        "promises",
        "until",
        "consents",
        "id",
        "scope",
        "note",
        "reason",
        "steps",
        "limits",
        "keys",
        "features",
        "protocol",
        "name",
        "zone",
        "public_key",
        "in_flight",
        "correction_id",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(max_size=8),
    st.sampled_from(["received", DIGEST, "c1.a.1", "2026-11-21T01:00:00Z", "2026-11-21"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=8),
    max_leaves=25,
)
DOCUMENTS = st.dictionaries(WORDS, VALUES, max_size=12)


@pytest.mark.parametrize("parser", PARSERS)
@given(data=st.binary(max_size=200) | DOCUMENTS.map(canonical))
def test_whatever_the_bytes_only_our_error_is_raised(
    parser: Callable[[bytes], Any], data: bytes
) -> None:
    try:
        parser(data)
    except ProtocolProblemError as error:
        assert error.problem in {"malformed", "invalid-submission", "too-large"}  # noqa: PT017


@given(DOCUMENTS)
def test_whatever_the_object_an_event_is_one_or_is_refused(document: dict[str, Any]) -> None:
    try:
        event = parse_event(document)
    except ProtocolProblemError:
        return
    assert parse_event(event.as_json()) == event


IDS = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)
FIELDS = st.dictionaries(IDS, SCALARS.filter(lambda value: value is not None), max_size=4)
ITEMS = st.lists(
    st.builds(
        MaterialItem,
        material=IDS,
        source=st.none() | st.text(max_size=5),
        certificate=st.none() | FIELDS,
        consent=st.none() | IDS,
    ),
    max_size=3,
).map(tuple)
PROMISES = st.lists(
    st.builds(Promise, material=IDS, until=st.dates().map(date.isoformat)), max_size=2
).map(tuple)


@given(
    st.builds(
        SubmissionBody,
        case_id=IDS,
        step_id=IDS,
        attempt=st.integers(1, 99),
        applicant=FIELDS.map(lambda fields: {**fields, "kind": "person"}),
        fields=FIELDS,
        materials=ITEMS,
        promises=PROMISES,
        continues=st.none() | IDS,
        region=st.none() | IDS,
    )
)
def test_a_submission_comes_back_as_it_was(body: SubmissionBody) -> None:
    assert parse_submission(compose_submission(body)) == body


@given(st.builds(SupplementBody, correction_id=st.none() | IDS, fields=FIELDS, materials=ITEMS))
def test_a_supplement_comes_back_as_it_was(body: SupplementBody) -> None:
    assert parse_supplement(compose_supplement(body)) == body


@given(st.builds(WithdrawalBody, reason=st.dictionaries(IDS, st.text(max_size=5), max_size=2)))
def test_a_withdrawal_comes_back_as_it_was(body: WithdrawalBody) -> None:
    assert parse_withdrawal(compose_withdrawal(body)) == body


KEY = Ed25519EventKey.generate("k")
TRUSTED = {"k": VerifyingKey(keyid="k", alg=KEY.alg, public_key=KEY.public_key)}
EVENT = sign_event(
    parse_event(
        {
            "submission_id": "c1.a.1",
            "seq": 1,
            "type": "received",
            "at": "2026-11-21T01:00:00Z",
            "recorded_at": "2026-11-21T01:00:00Z",
            "department": "health",
            "data": {"receipt_no": "SJ-1", "request_digest": DIGEST},
            "prev": None,
            "digest": DIGEST,
            "signatures": [],
        }
    ),
    KEY,
)
WIRE = canonical(EVENT.as_json())


@given(st.integers(0, len(WIRE) * 8 - 1))
@settings(max_examples=300)
def test_p33_any_flipped_bit_of_an_event_is_refused(bit: int) -> None:
    flipped = bytearray(WIRE)
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        event = parse_event(json.loads(flipped))
        verify_event(event, TRUSTED)
    except (ValueError, ProtocolProblemError, DepartmentContractError):
        return
    # What still verifies may only be what no digest covers: a name that nobody knows.
    assert event.body() == EVENT.body()


class Department(RuleBasedStateMachine):
    """Any history that an integrator and an engine make together, against a model of its states.

    The app runs in this process behind its ASGI interface; between any two steps it may be closed
    and opened again on the same file.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.instant = datetime(2026, 9, 28, 1, tzinfo=UTC)
        self.app = self.start()
        self.seen: tuple[Any, ...] = ()
        self.supplements: list[tuple[str, bytes]] = []
        self.wishes = 0

    def start(self) -> AdapterApp:
        app = AdapterApp(
            "health",
            store=Path(self.folder.name) / "register.db",
            event_key=KEY,
            clock=lambda: self.instant,
        )

        @app.step("any")
        async def anything(_submission: Submission) -> Outcome:
            return Received()

        return app

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def send(self, method: str, path: str, data: bytes = b"") -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
        url = f"http://dept/oneservice/v1{path}"
        async with httpx.AsyncClient(transport=transport, headers=headers) as http:
            return await http.request(method, url, content=data)

    def page(self) -> StatusPage:
        return parse_status(self.run(self.send("GET", "/submissions/c1.any.1")).content)

    @property
    def state(self) -> SubmissionState | None:
        return fold("c1.any.1", self.seen).state if self.seen else None

    @rule()
    def file(self) -> None:
        body = SubmissionBody(case_id="c1", step_id="any", attempt=1, applicant={"kind": "person"})
        answer = self.run(self.send("PUT", "/submissions/c1.any.1", compose_submission(body)))
        assert answer.status_code == (200 if self.seen else 201)

    @precondition(lambda self: self.seen)
    @rule(
        outcome=st.sampled_from(
            [
                Accepted(),
                Progress(label="x"),
                CorrectionRequested(fields=("area",)),
                Suspended(ground="g", by_law="l", expected_until=date(2026, 10, 9)),
                Resumed(result="r"),
                Granted(number="1"),
                Refused(reasons=("r",)),
                Withdrawn(),
            ]
        )
    )
    def decide(self, outcome: Any) -> None:
        before = len(self.seen)
        try:
            found = self.run(self.app.record("c1.any.1", outcome))
        except IllegalInputError:
            assert self.page().head_seq == before
        else:
            assert len(found.history) == before + 1

    @precondition(lambda self: self.seen)
    @rule(known=st.booleans(), correction=st.sampled_from(["open", "r99"]))
    def supply(self, *, known: bool, correction: str) -> None:
        if known and self.supplements:
            sid, data = self.supplements[-1]
            answer = self.run(self.send("PUT", f"/submissions/c1.any.1/supplements/{sid}", data))
            assert answer.status_code == 200
            return
        fold_now = fold("c1.any.1", self.seen)
        wanted = fold_now.correction_id if correction == "open" else correction
        data = compose_supplement(SupplementBody(correction_id=wanted))
        sid = f"s{len(self.supplements)}"
        answer = self.run(self.send("PUT", f"/submissions/c1.any.1/supplements/{sid}", data))
        is_open = self.state == "correction_requested" and correction == "open"
        assert answer.status_code == (201 if is_open else 409)
        if is_open:
            self.supplements.append((sid, data))

    @precondition(lambda self: self.seen)
    @rule()
    def withdraw(self) -> None:
        self.wishes += 1
        path = f"/submissions/c1.any.1/withdrawals/w{self.wishes}"
        answer = self.run(self.send("PUT", path, compose_withdrawal(WithdrawalBody())))
        assert answer.status_code == (409 if self.state in ENDED else 201)

    @rule(days=st.integers(0, 9))
    def wait(self, days: int) -> None:
        self.instant += timedelta(days=days)

    @rule()
    def restart(self) -> None:
        self.run(self.app.close())
        self.app = self.start()

    @invariant()
    def history_only_grows_and_always_folds(self) -> None:
        answer = self.run(self.send("GET", "/submissions/c1.any.1"))
        if answer.status_code == 404:
            assert not self.seen
            return
        page = parse_status(answer.content)
        assert page.events[: len(self.seen)] == self.seen
        for event in page.events[len(self.seen) :]:
            verify_event(event, TRUSTED)
        self.seen = page.events
        assert page.state == fold(page.submission_id, page.events).state
        feed = parse_changes(self.run(self.send("GET", "/changes?after=v1.0")).content)
        assert tuple(event for one in feed.changes for event in one.events) == self.seen

    def teardown(self) -> None:
        self.run(self.app.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()


Department.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestDepartment = Department.TestCase
