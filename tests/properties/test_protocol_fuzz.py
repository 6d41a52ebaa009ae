"""Fuzzers on everything that reads what came over the wire: no error but ours, and no growth.

Each reader gets what is right, bent at a few places: cut, doubled, flipped, swapped for the words
that break parsers. That comes further into a reader than noise, which each of them gets too.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.canonical import Digest
from oneservice.departments import (
    PROBLEMS,
    REQUEST_TAG,
    Accepted,
    AdapterApp,
    Ed25519EventKey,
    EvidenceAnswer,
    EvidenceRequest,
    EvidenceState,
    Finding,
    MessageSigner,
    Outcome,
    ServiceLimits,
    Submission,
    Target,
    VerifyingKey,
    parse_callback,
    parse_capabilities,
    parse_changes,
    parse_evidence,
    parse_evidence_request,
    parse_findings,
    parse_notification,
    parse_problem,
    parse_status,
    parse_submission,
    parse_supplement,
    parse_withdrawal,
    verify_message,
)
from oneservice.departments.client_answers import http_date, retry_after_s
from oneservice.departments.client_deprecation import deprecation_in
from oneservice.departments.exchange import Request
from oneservice.departments.jwt import sign_jwt, verify_jwt
from oneservice.departments.message_fields import fields_of
from oneservice.departments.structured import InnerList, StructuredFieldError, parse_dictionary
from oneservice.departments.tracing import trace_id
from oneservice.departments.wire import (
    content_digest,
    digest_from_path,
    matches_content_digest,
    parse_day,
    parse_instant,
)
from oneservice.errors import ProtocolProblemError

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: ([a-z-]+) -->\n```\w+\n(.*?)\n```", PAGE, re.DOTALL))
DIGEST = "sha256:" + "0" * 64
NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
KEY = Ed25519EventKey.generate("k1")
KEYS = {"k1": VerifyingKey(keyid="k1", alg=KEY.alg, public_key=KEY.public_key)}
URL = "https://dept.example/oneservice/v1/changes"

BODIES: dict[str, tuple[Callable[[bytes], Any], str]] = {
    "capabilities": (parse_capabilities, EXAMPLES["capabilities"]),
    "submission": (parse_submission, EXAMPLES["submission"]),
    "supplement": (parse_supplement, EXAMPLES["supplement"]),
    "withdrawal": (parse_withdrawal, EXAMPLES["withdrawal"]),
    "status": (parse_status, EXAMPLES["status"]),
    "changes": (parse_changes, EXAMPLES["changes"]),
    "findings": (parse_findings, EXAMPLES["findings"]),
    "evidence-request": (parse_evidence_request, EXAMPLES["evidence-request"]),
    "evidence": (parse_evidence, EXAMPLES["evidence"]),
    "callback": (parse_callback, EXAMPLES["callback"]),
    "problem": (parse_problem, EXAMPLES["problem"]),
    "notification": (
        parse_notification,
        '{"subscription": "s1", "changes": [{"position": 1, "case_id": "c1", "seq": 1,'  # noqa: ISC004
        '"at": "2026-11-21T01:00:00Z", "kind": "accepted"}]}',
    ),
}


def signed_fields() -> dict[str, str]:
    headers = {"Content-Digest": content_digest(b""), "OneService-Version": "1.0"}
    signature = MessageSigner(key=KEY).headers(
        method="GET", url=URL, headers=headers, created_at=NOW
    )
    return {name.lower(): value for name, value in (headers | dict(signature)).items()}


CLAIMS = {"iss": "i", "aud": "dept", "exp": int(NOW.timestamp()) + 60, "client_id": "engine"}
TOKEN = sign_jwt(CLAIMS, KEY)


def judged_token(text: str) -> Any:
    return verify_jwt(text, keys=KEYS, issuer="i", audience="dept", now=NOW)


def query_of(text: str) -> Any:
    scope = {"path": "/changes", "headers": [], "query_string": text.encode("utf-8", "replace")}
    request = Request.of(scope, _nothing)
    return request.integer("wait", 0, most=25), request.query


async def _nothing() -> dict[str, Any]:
    return {"type": "http.disconnect"}


TEXTS: dict[str, tuple[Callable[[str], Any], str, type[Exception]]] = {
    "structured field": (
        parse_dictionary,
        'sig1=("@method" "@path";req "digest");created=1;alg="ed25519";x=?1;y=:AAA=:, b=*a/1',
        StructuredFieldError,
    ),
    "token": (judged_token, TOKEN, ProtocolProblemError),
    "content digest": (
        lambda text: matches_content_digest(text, b"x"),
        f"{content_digest(b'x')}, sha-512=:AA==:",
        ProtocolProblemError,
    ),
    "digest in a path": (digest_from_path, "sha256-" + "0" * 64, ProtocolProblemError),
    "instant": (parse_instant, "2026-11-21T01:00:00.123Z", ProtocolProblemError),
    "day": (parse_day, "2024-02-29", ProtocolProblemError),
    "date": (http_date, "Fri, 31 Dec 2027 00:00:00 GMT", ProtocolProblemError),
    "pause": (
        lambda text: retry_after_s({"retry-after": text, "date": text[::-1]}, now=NOW),
        "120",
        ProtocolProblemError,
    ),
    "pause by date": (
        lambda text: retry_after_s({"retry-after": text, "date": text}, now=NOW),
        "Fri, 31 Dec 2027 00:00:00 -0000",
        ProtocolProblemError,
    ),
    "deprecation": (
        lambda text: deprecation_in({"deprecation": text, "sunset": text, "link": text}),
        "@1798761600",
        ProtocolProblemError,
    ),
    "trace": (trace_id, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ValueError),
    "query": (query_of, "after=v1.17&limit=200&wait=25", ProtocolProblemError),
}

_WORDS = [
    *("", " ", "\t", "\x00", '"', "\\", ",", ";", "=", "(", ")", ":", "{", "}", "[", "]", "%", "@"),
    *(
        "null",
        "true",
        "1",
        "-0",
        "1e400",
        "0.5",
        "9" * 40,
        "9007199254740993",
        "-1",
        "NaN",
        "\ufeff",
    ),
    *('"\\ud800"', "é", "١٢", "２０２６", "9999-12-31", "0000-01-01", "T24:00:00Z", "+9999", "%2e"),
    *(
        '{"a":1,"a":2}',
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]",
        "x" * 300,
        "..",
        "=" * 30,
        "A" * 400,
    ),
]


@st.composite
def bent(draw: st.DrawFn, good: str) -> str:
    """Return ``good``, bent at one to four places; or noise."""
    text = good
    for _ in range(draw(st.integers(1, 4))):
        first = draw(st.integers(0, len(text)))
        last = min(len(text), first + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(_WORDS) | st.text(max_size=4) | st.just(text[first:last] * 2))
        text = text[:first] + piece + text[last:]
    return text


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", sorted(BODIES))
@given(data=st.data())
def test_whatever_the_body_only_our_error_is_raised(name: str, data: st.DataObject) -> None:
    parse, good = BODIES[name]
    parse(good.encode())
    body = data.draw(bent(good).map(encoded) | st.binary(max_size=300))
    try:
        parse(body)
    except ProtocolProblemError as error:
        assert error.problem in {"malformed", "invalid-submission", "too-large"}  # noqa: PT017
        assert len(str(error)) < 5000  # noqa: PT017


@pytest.mark.parametrize("name", sorted(BODIES))
@given(data=st.data())
def test_whatever_stands_at_a_place_of_a_body(name: str, data: st.DataObject) -> None:
    """Bend the document rather than its text: all of these are JSON."""
    parse, good = BODIES[name]
    document = json.loads(good)
    for _ in range(data.draw(st.integers(1, 3))):
        spots = list(_spots(document))
        holder, key = data.draw(st.sampled_from(spots))
        holder[key] = data.draw(_ODD)
    try:
        parse(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except ProtocolProblemError as error:
        assert error.problem in {"malformed", "invalid-submission", "too-large"}  # noqa: PT017


_ODD: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.sampled_from(["", "x", DIGEST, "2026-13-41", "https://[", "https://h:99999/", "\ud800"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _spots(inner)


@pytest.mark.parametrize("name", sorted(TEXTS))
@given(data=st.data())
def test_whatever_the_text_only_our_error_is_raised(name: str, data: st.DataObject) -> None:
    read, good, ours = TEXTS[name]
    read(good)
    text = data.draw(bent(good) | st.text(max_size=80))
    try:
        read(text)
    except ours:
        return


@given(data=st.data())
def test_a_structured_field_is_written_as_it_was_read(data: st.DataObject) -> None:
    text = data.draw(bent(TEXTS["structured field"][1]))
    try:
        found = parse_dictionary(text)
    except StructuredFieldError:
        return
    for name, value in found.items():
        if isinstance(value, InnerList):
            assert parse_dictionary(f"{name}={value}") == {name: value}


# --- signatures: whatever the fields, one of four problems, and nothing bent is let in ---


@given(data=st.data())
def test_whatever_the_fields_of_a_signed_message(data: st.DataObject) -> None:
    fields = signed_fields()
    target = Target.of("GET", URL)
    assert verify_message(target, fields, keys=KEYS, tag=REQUEST_TAG, now=NOW).keyid == "k1"
    name = data.draw(st.sampled_from(sorted(fields)))
    changed = fields | {name: data.draw(bent(fields[name]) | st.text(max_size=40))}
    if data.draw(st.booleans()):
        del changed[name]
    try:
        verify_message(target, changed, keys=KEYS, tag=REQUEST_TAG, now=NOW)
    except ProtocolProblemError as error:
        allowed = {"signature-missing", "signature-invalid", "unknown-key", "clock-skew"}
        assert error.problem in allowed  # noqa: PT017
    else:  # what still verifies says the same: blanks between members, another label beside it
        assert changed["content-digest"] == fields["content-digest"]
        assert changed["oneservice-version"] == fields["oneservice-version"]


@pytest.mark.parametrize("value", ["\u0100", 'sha-256=:AA==:\n"@path": /', "a\rb", "\x00"])
def test_a_field_with_what_no_header_has_proves_nothing(value: str) -> None:
    changed = signed_fields() | {"content-digest": value}
    with pytest.raises(ProtocolProblemError) as refused:
        verify_message(Target.of("GET", URL), changed, keys=KEYS, tag=REQUEST_TAG, now=NOW)
    assert refused.value.problem == "signature-invalid"
    assert "characters" in str(refused.value)


@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=6))
def test_whatever_the_header_lines(lines: list[tuple[bytes, bytes]]) -> None:
    try:
        fields_of(lines)
    except ProtocolProblemError as error:
        assert error.problem == "signature-invalid"  # noqa: PT017


# --- a whole adapter behind its ASGI interface ---

METHODS = ["GET", "PUT", "POST", "HEAD", "DELETE", "PATCH", "OPTIONS", "BREW"]
PATHS = [
    *("/capabilities", "/submissions/c1", "/submissions/c1/supplements/s1", "/changes"),
    *("/submissions/c1/withdrawals/w1", "/checks", "/evidence-requests/e1"),
    *("/documents/sha256-" + "0" * 64, "/", "", "/nothing"),
]
HEADERS = {
    b"oneservice-version": "1.0",
    b"content-type": "application/json",
    b"content-length": "2",
    b"content-digest": content_digest(b"{}"),
    b"content-encoding": "identity",
    b"if-none-match": '"x", W/"y"',
    b"range": "bytes=0-5",
    b"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    b"authorization": "Bearer x",
}


def fuzzed_app(folder: str) -> AdapterApp:
    limits = ServiceLimits(per_minute=10_000_000)
    app = AdapterApp(
        "health",
        store=Path(folder) / "register.db",
        event_key=KEY,
        clock=lambda: NOW,
        limits=limits,
        authenticate=lambda _scope: "engine",
    )

    @app.step("food_permit")
    async def food_permit(_submission: Submission) -> Outcome:
        return Accepted()

    @app.check
    async def check(_submission: Submission) -> tuple[Finding, ...]:
        return ()

    @app.evidence("business_licence")
    async def licence(_request: EvidenceRequest) -> EvidenceAnswer:
        return EvidenceAnswer(state=EvidenceState.NOT_FOUND)

    return app


async def ask(app: AdapterApp, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


def test_whatever_is_asked_an_adapter_answers_by_the_table() -> None:
    bodies = st.sampled_from(sorted(BODIES)).flatmap(lambda name: bent(BODIES[name][1]))
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        app = fuzzed_app(folder)

        @settings(max_examples=max(300, settings.default.max_examples))
        @given(
            st.sampled_from(METHODS),
            st.sampled_from(PATHS) | st.sampled_from(PATHS).flatmap(bent),
            st.just("") | bent("after=v1.17&limit=200&wait=0"),
            st.dictionaries(st.sampled_from(sorted(HEADERS)), st.none(), max_size=4),
            st.data(),
        )
        def asks(
            method: str, path: str, query: str, odd: dict[bytes, None], data: st.DataObject
        ) -> None:
            headers = {b"oneservice-version": b"1.0", b"content-type": b"application/json"}
            for name in odd:
                value = data.draw(st.just(HEADERS[name]) | bent(HEADERS[name]))
                headers[name] = value.encode("latin-1", "replace")
            scope = {
                "type": "http",
                "method": method,
                "path": f"/oneservice/v1{path}",
                "query_string": query.replace("wait", "wayt").encode("utf-8", "replace"),
                "headers": list(headers.items()),
            }
            status, body = runner.run(ask(app, scope, data.draw(bodies.map(encoded))))
            assert status < 500, body
            if status >= 400 and method != "HEAD":
                kind = parse_problem(body).kind
                assert kind is PROBLEMS[kind.code] if kind else False
                assert status in kind.statuses

        asks()
        runner.run(app.close())


# --- memory and time ---

LARGE = {
    "empty lists": b"[" + b"[]," * 340_000 + b"[]]",
    "empty objects": b'{"a":[' + b"{}," * 340_000 + b"{}]}",
    "one text": b'{"a":"' + b"x" * 1_000_000 + b'"}',
    "escapes": b'{"a":"' + rb"\u4e00" * 170_000 + b'"}',
    "many members": b"{" + b",".join(b'"%d":1' % number for number in range(80_000)) + b"}",
    "deep": b'{"a":' * 170_000 + b"1",
    "digits": b'{"a":' + b"9" * 1_000_000 + b"}",
    "events": b'{"submission_id":"c","state":"x","head":{"seq":1},"events":['
    + b'{"seq":1},' * 90_000
    + b"{}]}",
    "findings": b'{"case_id":1,"materials":[' + b'{"material":1},' * 900 + b"{}]}",
}


@pytest.mark.parametrize("name", sorted(LARGE))
def test_a_large_message_costs_time_and_memory_in_proportion(name: str) -> None:
    data = LARGE[name]
    for parse in (parse_status, parse_submission):
        tracemalloc.start()
        began_s = time.process_time()
        with pytest.raises(ProtocolProblemError):
            parse(data)
        spent_s = time.process_time() - began_s
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # A megabyte of empty lists is 350,000 objects of Python's, built by two parsers in turn.
        assert peak < 100 * len(data), (parse.__name__, peak)
        assert spent_s < 10, (parse.__name__, spent_s)


LONG_FIELDS = [
    "a," * 8000,
    "a=(" + '"x" ' * 4000,
    "(" * 16_000,
    ";a" * 8000,
    ":" * 16_000,
    "\\" * 16_000,
]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_no_field_of_16_kib_takes_long(name: str) -> None:
    read, good, ours = TEXTS[name]
    for text in (*LONG_FIELDS, good * (16_384 // len(good)), "1" * 16_384, " " * 16_384):
        began_s = time.process_time()
        with contextlib.suppress(ours):
            read(text)
        assert time.process_time() - began_s < 0.5, text[:20]


def test_readers_remember_nothing() -> None:
    """Nothing that was read, or refused, is held: a caller cannot fill our memory bit by bit."""

    def all_of_them(round_no: int) -> None:
        for parse, good in BODIES.values():
            for body in (good, good.replace('"', f'"{round_no}', 3), good[: len(good) // 2]):
                with contextlib.suppress(ProtocolProblemError):
                    parse(body.encode())
        for read, good, ours in TEXTS.values():
            for text in (good, f"{good}{round_no}", f"{round_no}{good}"):
                with contextlib.suppress(ours):
                    read(text)

    for round_no in range(50):
        all_of_them(round_no)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for round_no in range(50, 250):
        all_of_them(round_no)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 64 * 1024, after - before


def test_a_digest_is_one() -> None:
    assert digest_from_path("sha256-" + "0" * 64) == Digest(DIGEST)
