"""Bad messages over real sockets: statements P-64 to P-70."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from oneservice.canonical import digest_bytes
from oneservice.departments import (
    PROBLEMS,
    Accepted,
    AdapterApp,
    Outcome,
    Submission,
    loopback_only,
    parse_problem,
    running,
)
from oneservice.departments.document_routes import MAX_UPLOADS
from oneservice.departments.wire import content_digest

JSON = {"Content-Type": "application/json"}
MOVING = {"date", "ratelimit"}


def deep(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff{}",
        b"\xef\xbb\xbf{}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1.5}',
        b'{"a":1e2}',
        b'{"a":9007199254740992}',
        b'{"a":"\\ud800"}',
        b'{"a":1,"a":2}',
        b'{"x":{"b":1,"b":1}}',
        deep(33).encode(),
        b"[" * 10_000,
        json.dumps({"a": ["x"] * 1001}).encode(),
        json.dumps({"a": "x" * 65_537}).encode(),
        json.dumps({"a": "图" * 30_000}).encode(),
    ],
)
async def test_p68_what_is_not_i_json_is_400(desk: Any, body: bytes) -> None:
    for place in ("", "/supplements/s", "/withdrawals/w"):
        if place:
            await desk.put("/submissions/c1.plain.1", desk.body())
        answer = await desk.put(f"/submissions/c1.plain.1{place}", body)
        assert (answer.status_code, parse_problem(answer.content).code) == (400, "malformed")
    assert (await desk.read("c1.plain.1")).head_seq == 1  # P-65


async def test_what_is_at_the_limits_is_taken(desk: Any) -> None:
    document = json.loads(desk.body()) | {
        "long": "x" * 65_536,
        "wide": ["x"] * 1000,
        "deep": json.loads(deep(31)),
    }
    answer = await desk.put("/submissions/c1.plain.1", json.dumps(document).encode())
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_other_media_types_are_415(desk: Any, headers: dict[str, str]) -> None:
    place = f"{desk.url}/submissions/c1.plain.1"
    answer = await desk.http.put(place, content=gzip.compress(b"{}"), headers=headers)
    assert (answer.status_code, parse_problem(answer.content).code) == (415, "media-type")


@pytest.mark.parametrize(
    ("method", "place", "allow"),
    [
        ("POST", "/capabilities", "GET, HEAD"),
        ("DELETE", "/submissions/a", "GET, HEAD, PUT"),
        ("GET", "/submissions/a/supplements/b", "PUT"),
        ("GET", "/submissions/a/withdrawals/b", "PUT"),
        ("PUT", "/changes", "GET, HEAD"),
        ("POST", "/documents/sha256-x", "GET, HEAD, PUT"),
    ],
)
async def test_p70_wrong_methods_are_405(desk: Any, method: str, place: str, allow: str) -> None:
    answer = await desk.http.request(method, desk.url + place)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    assert parse_problem(answer.content).code == "method-not-allowed"


@pytest.mark.parametrize("place", ["/submissions/a/supplements/b", "/submissions/a/withdrawals/b"])
async def test_where_nothing_is_read_there_is_no_head(desk: Any, place: str) -> None:
    answer = await desk.http.head(desk.url + place)
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "PUT", b"")


@pytest.mark.parametrize(
    "place",
    [
        "/capabilities",
        "/changes",
        "/submissions/c1.plain.1?after=0",
        "/submissions/nobody.plain.1",
        f"/documents/{digest_bytes(b'abc').replace(':', '-')}",
    ],
)
async def test_head_says_what_get_does_without_the_body(desk: Any, place: str) -> None:
    """RFC 9110 sections 9.1 and 9.3.2: also to whoever asks whether something is new."""
    await desk.file("c1.plain.1")
    await desk.upload(b"abc")
    got, head = await desk.get(place), await desk.http.head(desk.url + place)
    assert (head.status_code, head.content) == (got.status_code, b"")
    # Each asking counts in the pace, and has a moment of its own.
    told = [{k: v for k, v in one.headers.items() if k not in MOVING} for one in (got, head)]
    assert told[0] == told[1]
    assert int(head.headers["Content-Length"]) == len(got.content) > 0
    if got.headers.get("ETag", "").startswith('"') and "documents" not in place:
        asked = await desk.http.head(
            desk.url + place, headers={"If-None-Match": got.headers["ETag"]}
        )
        assert (asked.status_code, asked.content) == (304, b"")


@pytest.mark.parametrize(
    "place",
    ["", "/", "/nothing", "/submissions", "/submissions/a/", "/submissions/a/b", "/changes/"],
)
async def test_p70_unknown_paths_are_404(desk: Any, place: str) -> None:
    answer = await desk.get(place)
    assert (answer.status_code, parse_problem(answer.content).code) == (404, "unknown-path")


@pytest.mark.parametrize("slash", [b"%2f", b"%2F"])
async def test_p70_an_escaped_slash_separates_nothing(desk: Any, slash: bytes) -> None:
    """RFC 3986 section 2.2: a reserved character and its escape make two addresses."""
    await desk.file("c1.plain.1")
    base = urlsplit(desk.url).path.encode()
    for path in (base + slash + b"capabilities", base + b"/submissions" + slash + b"c1.plain.1"):
        head, body = await raw(
            desk,
            b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"OneService-Version: 1.0\r\n\r\n",
        )
        assert head.startswith(b"HTTP/1.1 404"), path
        assert parse_problem(body).code == "unknown-path"


async def test_white_space_around_a_field_value_is_no_part_of_it(desk: Any) -> None:
    """RFC 9112 section 5.1: optional white space before and after the value is left out."""
    data = desk.body()
    lines = (
        b"PUT " + urlsplit(desk.url).path.encode() + b"/submissions/c1.plain.1 HTTP/1.1",
        b"Host: x",
        b"Connection: close ",
        b"OneService-Version:1.0 \t",
        b"Content-Type: \t application/json ",
        b"Content-Digest: " + content_digest(data).encode() + b"\t",
        b"Content-Length: %d" % len(data),
    )
    head, _ = await raw(desk, b"\r\n".join(lines), b"\r\n\r\n" + data)
    assert head.startswith(b"HTTP/1.1 201")


async def test_p64_problems_repeat_the_trace_and_nothing_else(desk: Any) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    header = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = await desk.get("/submissions/c1.secret.1?name=Li", **header)
    problem = parse_problem(answer.content)
    assert problem.trace == trace
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Li" not in answer.text
    assert problem.status == answer.status_code == 404


async def raw(desk: Any, *pieces: bytes, pause_s: float = 0.0) -> tuple[bytes, bytes]:
    """Send bytes as they are; return the head and the body of the answer."""
    url = urlsplit(desk.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        head = await reader.readuntil(b"\r\n\r\n")
        return head, await reader.read()
    finally:
        writer.close()


def put_head(desk: Any, length: int | str, place: str = "/submissions/c1.plain.1") -> bytes:
    return (
        f"PUT {urlsplit(desk.url).path}{place} HTTP/1.1\r\nHost: x\r\nOneService-Version: 1.0\r\n"
        f"Content-Type: application/json\r\n{length}\r\n\r\n"
        if isinstance(length, str)
        else f"PUT {urlsplit(desk.url).path}{place} HTTP/1.1\r\nHost: x\r\n"
        f"OneService-Version: 1.0\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def test_p67_a_declared_giant_is_refused_unread(desk: Any) -> None:
    head, body = await raw(desk, put_head(desk, 10**12))
    assert b" 413 " in head
    assert b"connection: close" in head.lower()
    assert parse_problem(body).code == "too-large"


async def test_p67_an_endless_body_is_cut_off_at_the_limit(desk: Any) -> None:
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    try:
        head, body = await raw(desk, put_head(desk, "Transfer-Encoding: chunked"), *[chunk] * 17)
    except (ConnectionError, asyncio.IncompleteReadError):  # cut off while we were sending
        return
    assert b" 413 " in head
    assert parse_problem(body).code == "too-large"


@pytest.mark.parametrize("desk", [1.0], indirect=True)
async def test_p69_a_slow_sender_is_cut_off_and_others_are_served(desk: Any) -> None:
    data = desk.body()
    slow = asyncio.create_task(raw(desk, put_head(desk, len(data)), data[:10], pause_s=0.01))
    assert (await desk.put("/submissions/c2.plain.1", data)).status_code == 201
    began = time.monotonic()
    head, body = await slow
    assert time.monotonic() - began < 20
    assert b" 408 " in head
    assert parse_problem(body).code == "slow-request"
    assert (await desk.get("/submissions/c1.plain.1")).status_code == 404


async def test_p66_uploads_are_bounded(desk: Any) -> None:
    url = urlsplit(desk.url)
    place = f"/documents/sha256-{'0' * 64}"
    writers = []
    for _ in range(MAX_UPLOADS):
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(put_head(desk, 5, place) + b"1")
        writers.append((reader, writer))
    answer = None
    while answer is None or answer.status_code == 422:  # until all four are being read
        answer = await desk.put(place, b"12345")
    assert (answer.status_code, parse_problem(answer.content).code) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    for reader, writer in writers:
        writer.write(b"2345")
        assert b" 422 " in await reader.readuntil(b"\r\n")
        writer.close()
    assert (await desk.put(place, b"12345")).status_code == 422


async def test_a_caller_that_hangs_up_leaves_no_trace(desk: Any) -> None:
    url = urlsplit(desk.url)
    data = desk.body()
    for cut in (0, 10, len(data) - 1):
        _, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(put_head(desk, len(data)) + data[:cut])
        await writer.drain()
        writer.transport.abort()
    assert (await desk.get("/submissions/c1.plain.1")).status_code == 404
    assert (await desk.put("/submissions/c1.plain.1", data)).status_code == 201


async def test_a_function_that_fails_is_500_and_may_be_repeated(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    @desk.app.step("shaky")
    def shaky(submission: Submission) -> Any:
        calls.append(submission.id)
        if len(calls) == 1:
            msg = f"no desk for {submission.applicant['name']}"
            raise RuntimeError(msg)
        return Accepted() if len(calls) > 2 else "done"

    for _ in range(2):
        answer = await desk.put("/submissions/c1.shaky.1", desk.body("shaky"))
        assert (answer.status_code, parse_problem(answer.content).code) == (500, "internal")
        assert (await desk.get("/submissions/c1.shaky.1")).status_code == 404
    assert (await desk.file("c1.shaky.1", "shaky")).state == "accepted"
    assert calls == ["c1.shaky.1"] * 3
    assert "RuntimeError" in caplog.text
    assert "returned a str" in caplog.text
    assert "Noodles" not in caplog.text + answer.text  # P-82


async def test_p66_a_long_worker_makes_others_wait_or_come_back(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.departments.office.PATIENCE_S", 0.05)
    begun, go_on = asyncio.Event(), asyncio.Event()

    @desk.app.step("long")
    async def long(_submission: Submission) -> Outcome:
        begun.set()
        await go_on.wait()
        return Accepted()

    data = desk.body("long")
    first = asyncio.create_task(desk.put("/submissions/c1.long.1", data))
    await begun.wait()
    second = await desk.put("/submissions/c1.long.1", data)
    assert (second.status_code, parse_problem(second.content).code) == (409, "in-progress")
    assert second.headers["Retry-After"] == "1"
    assert (await desk.put("/submissions/c2.plain.1", desk.body())).status_code == 201
    go_on.set()
    assert (await first).status_code == 201


async def test_p76_strangers_are_401(tmp_path: Any, desk: Any) -> None:
    async def nobody(_scope: Any) -> None:
        return None

    async with running(AdapterApp("x", store=tmp_path / "x.db", authenticate=nobody)) as url:
        desk.url = url
        answer = await desk.get("/capabilities")
    assert (answer.status_code, parse_problem(answer.content).code) == (401, "unauthenticated")
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("client", "caller"),
    [
        (("127.0.0.1", 1), "local"),
        (("::1", 1), "local"),
        (("::ffff:127.0.0.1", 1), "local"),
        (("10.0.0.1", 1), None),
        (("::ffff:10.0.0.1", 1), None),
        (("testclient", 1), None),
        (None, None),
    ],
)
def test_by_default_only_this_machine_may_call(client: Any, caller: str | None) -> None:
    assert loopback_only({"client": client}) == caller


def test_every_code_of_the_protocol_is_listed() -> None:
    listed = """malformed digest-mismatch unsupported-version unauthenticated signature-missing
    signature-invalid unknown-key clock-skew not-allowed unknown-submission unknown-step retired
    submission-conflict supplement-conflict withdrawal-conflict not-open in-progress too-large
    media-type invalid-submission missing-document too-many-requests unavailable cursor-expired"""
    assert set(listed.split()) <= set(PROBLEMS)
    for code, kind in PROBLEMS.items():
        assert kind.code == code
        assert 400 <= kind.status < 600
    waits = {code for code, kind in PROBLEMS.items() if kind.needs_retry_after}
    assert waits == {"in-progress", "too-many-requests", "unavailable"}
