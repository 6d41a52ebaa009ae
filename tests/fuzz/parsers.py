"""What is fuzzed: every reader of the protocol, a good input for each, and the errors it may raise.

Not a test: :mod:`harness` runs it under libFuzzer. The good inputs are the examples of the
protocol's own page, so that a fuzzer begins behind the first check of every reader.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oneservice.canonical import canonical, parse
from oneservice.departments import (
    CALLBACK_TAG,
    PROBLEMS,
    REQUEST_TAG,
    Accepted,
    AdapterApp,
    Ed25519EventKey,
    MessageSigner,
    Outcome,
    ServiceLimits,
    Submission,
    Target,
    VerifyingKey,
    parse_callback,
    parse_callers,
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
from oneservice.departments.counting import refuse_many_values
from oneservice.departments.exchange import Request
from oneservice.departments.jwt import sign_jwt, verify_jwt
from oneservice.departments.message_fields import fields_of
from oneservice.departments.reading import parse_event_bytes
from oneservice.departments.structured import InnerList, StructuredFieldError, parse_dictionary
from oneservice.departments.tracing import trace_id
from oneservice.departments.wire import content_digest, matches_content_digest
from oneservice.errors import AdapterError, MalformedJsonError, ProtocolProblemError

__all__ = ["PARSERS", "Parser"]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: ([a-z-]+) -->\n```\w+\n(.*?)\n```", PAGE, re.DOTALL))
NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
KEY = Ed25519EventKey.generate("k1")
KEYS = {"k1": VerifyingKey(keyid="k1", alg=KEY.alg, public_key=KEY.public_key)}
URL = "https://dept.example/oneservice/v1/changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """One reader: what it does with bytes, inputs that are right, and the only errors it may raise.

    ``is_metered`` says whether memory is measured at each run; not where a whole adapter runs.
    """

    read: Callable[[bytes], Any]
    good: tuple[bytes, ...]
    errors: tuple[type[Exception], ...] = (ProtocolProblemError,)
    is_metered: bool = True


def _strict_json(data: bytes) -> None:
    """What is taken has one canonical form, which says the same."""
    written = canonical(parse(data))
    if parse(written) != parse(data) or canonical(parse(written)) != written:
        raise AssertionError(written)


def _event(data: bytes) -> None:
    parse_event_bytes(data, max_bytes=262_144, max_depth=28)


def _text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data.decode("latin-1"))


def _dictionary(text: str) -> None:
    """What is read is written as it was read."""
    for name, value in parse_dictionary(text).items():
        if isinstance(value, InnerList) and parse_dictionary(f"{name}={value}") != {name: value}:
            raise AssertionError(text)


def _token(text: str) -> None:
    verify_jwt(text, keys=KEYS, issuer="i", audience="dept", now=NOW)


def _signed(tag: str) -> tuple[bytes, ...]:
    headers = {"Content-Digest": content_digest(b""), "OneService-Version": "1.0"}
    made = MessageSigner(key=KEY, tag=tag).headers(
        method="GET", url=URL, headers=headers, created_at=NOW
    )
    return (
        "\n".join(f"{name}: {value}" for name, value in (headers | dict(made)).items()).encode(),
    )


def _lines(data: bytes) -> list[tuple[bytes, bytes]]:
    pairs = (line.partition(b":") for line in data.split(b"\n"))
    return [(name, value) for name, _, value in pairs]


def _message(tag: str) -> Callable[[bytes], Any]:
    def read(data: bytes) -> None:
        """Whatever the fields, one of four problems; what is let in is what was signed."""
        fields = fields_of(_lines(data))
        target = Target.of("GET", URL)
        verify_message(target, fields, keys=KEYS, tag=tag, now=NOW)
        if fields["oneservice-version"] != "1.0":
            raise AssertionError(fields)

    return read


def _times(text: str) -> None:
    retry_after_s({"retry-after": text, "date": text}, now=NOW)
    http_date(text)
    deprecation_in({"deprecation": text, "sunset": text, "link": text})
    trace_id(text)
    matches_content_digest(text, b"x")


async def _nothing() -> dict[str, Any]:
    return {"type": "http.disconnect"}


def _query(data: bytes) -> None:
    scope = {"path": "/changes", "headers": [], "query_string": data}
    Request.of(scope, _nothing).integer("wait", 0, most=25)


class _Counter:
    """A whole adapter behind its ASGI interface: request line, header lines, body."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        limits = ServiceLimits(per_minute=10**9)
        self._app = AdapterApp("health", store=":memory:", event_key=KEY, limits=limits)

        @self._app.step("food_permit")
        async def food_permit(_submission: Submission) -> Outcome:
            return Accepted(promised_working_days=5)

    def __call__(self, data: bytes) -> None:
        head, _, body = data.partition(b"\n\n")
        line, _, rest = head.partition(b"\n")
        method, _, target = line.partition(b" ")
        path, _, query = target.partition(b"?")
        scope = {
            "type": "http",
            "method": method.decode("latin-1"),
            "path": path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "client": ("127.0.0.1", 1),
            "headers": [(name.lower(), value.strip()) for name, value in _lines(rest)],
        }
        told: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            told.append(message)

        if b"wait" in query:  # it would be held open
            return
        if self._loop is None:  # not before: its thread would stay behind in the process before
            self._loop = asyncio.new_event_loop()
            self._loop.run_until_complete(self._app.open())
        self._loop.run_until_complete(self._app(scope, receive, send))
        status = told[0]["status"]
        if status >= 400 and told[1]["body"]:
            kind = PROBLEMS[parse_problem(told[1]["body"]).code]
            if status not in kind.statuses or kind.code == "internal":
                raise AssertionError(told)


_HEAD = b"OneService-Version: 1.0\nContent-Type: application/json\nContent-Length: %d\n\n"


def _filed() -> bytes:
    body = EXAMPLES["supplement"].encode()
    line = b"PUT /oneservice/v1/submissions/c1.food_permit.1/supplements/s1\n"
    return line + _HEAD % len(body) + body


def _counted(data: bytes) -> None:
    refuse_many_values(data, 100)


def _bodies() -> dict[str, Parser]:
    readers: dict[str, Callable[[bytes], Any]] = {
        "capabilities": parse_capabilities,
        "submission": parse_submission,
        "supplement": parse_supplement,
        "withdrawal": parse_withdrawal,
        "status": parse_status,
        "changes": parse_changes,
        "findings": parse_findings,
        "evidence-request": parse_evidence_request,
        "evidence": parse_evidence,
        "callback": parse_callback,
        "problem": parse_problem,
    }
    return {
        name: Parser(read=read, good=(EXAMPLES[name].encode(),)) for name, read in readers.items()
    }


PARSERS: dict[str, Parser] = {
    **_bodies(),
    "event": Parser(
        read=_event,
        good=(canonical(parse(EXAMPLES["status"].encode())["events"][0]),),
    ),
    "notification": Parser(
        read=parse_notification,
        good=(
            (
                b'{"subscription":"s1","changes":[{"position":1,"case_id":"c1","seq":1,'
                b'"at":"2026-11-21T01:00:00Z","kind":"accepted"}]}'
            ),
        ),
    ),
    "callers": Parser(
        read=parse_callers,
        good=(
            (
                b'[{"id":"a","keys":[{"keyid":"k","alg":"ed25519","public_key":"AAAA"}],"steps":["s"],'
                b'"callbacks":{"cb":"https://portal.example/hook"},"regions":["99"],"clients":["c"]}]'
            ),
        ),
        errors=(AdapterError,),
    ),
    "strict-json": Parser(
        read=_strict_json,
        good=(b'{"a":[1,-2,{"b":"\\u00e9"}],"c":null}', '{"\ue000":1,"𐀀":2}'.encode()),
        errors=(MalformedJsonError,),
    ),
    "values": Parser(read=_counted, good=(b'{"a":"[,{","b":[1,2,"\\""]}',)),
    "signed-request": Parser(read=_message(REQUEST_TAG), good=_signed(REQUEST_TAG)),
    "signed-callback": Parser(read=_message(CALLBACK_TAG), good=_signed(CALLBACK_TAG)),
    "structured-field": Parser(
        read=_text(_dictionary),
        good=(b'sig1=("@method" "@path";req "d");created=1;alg="ed25519";x=?1;y=:AAA=:, b=*a/1',),
        errors=(StructuredFieldError,),
    ),
    "token": Parser(
        read=_text(_token),
        good=(
            sign_jwt(
                {"iss": "i", "aud": "dept", "exp": int(NOW.timestamp()) + 60, "client_id": "e"}, KEY
            ).encode(),
        ),
    ),
    "header-values": Parser(
        read=_text(_times),
        good=(
            b"120",
            b"Fri, 31 Dec 2027 00:00:00 GMT",
            b"@1798761600",
            b'<https://a.example/v2>; rel="successor-version"',
            b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            b"sha-256=:AAAA:, sha-512=:AA==:",
        ),
        errors=(),
    ),
    "query": Parser(read=_query, good=(b"after=v1.17&limit=200&wait=25",)),
    "counter": Parser(
        read=_Counter(),
        good=(
            b"GET /oneservice/v1/capabilities\nOneService-Version: 1.0\n\n",
            b"GET /oneservice/v1/changes?after=v1.0&limit=5\nOneService-Version: 1.0\n\n",
            _filed(),
        ),
        errors=(),
        is_metered=False,
    ),
}
