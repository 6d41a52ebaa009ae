"""The client against a department that stalls, floods, lies and hangs up, over real sockets.

Every case ends within its deadline, with the right one of the three errors, and the same client
then works against the same address, once it behaves. Over each transport there are 24 behaviours
that give no whole answer (11 in ``LOST``, 13 in ``BROKEN``; a test counts them); beside them
redirects, idle connections that are dropped, answers that nobody asked for, requests that nobody
reads, certificates, and the lies of ``LIES``, which are whole answers.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
import struct
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import DepartmentEvent
from oneservice.clocks import VirtualClock
from oneservice.departments import Capabilities, ServiceLimits, capabilities_json
from oneservice.departments.client_departments import HttpDepartments
from oneservice.departments.client_endpoint import DepartmentEndpoint
from oneservice.departments.client_line import Transport
from oneservice.departments.problems import problem_json
from oneservice.departments.reading import changes_json, status_json
from oneservice.departments.signing import Ed25519EventKey, VerifyingKey, sign_event
from oneservice.departments.wire import matches_content_digest
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentInProgressError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
)
from oneservice.ports import Change, ChangesPage, StatusPage

DEPARTMENT = "fire-rescue"
ID = "c42.fire_check.1"
BODY = b'{"step_id":"fire_check"}'
START = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
DEADLINE_S = 2.0
"""Longer than a loaded machine stands still: eight honest answers have to come within it."""
PATIENCE_S = 15
"""What never came would be noticed after so long."""
KEY = Ed25519EventKey.generate("dept-2026a")
STRANGER = Ed25519EventKey.generate("dept-2026a")
TRUSTED = VerifyingKey(keyid=KEY.keyid, alg=KEY.alg, public_key=KEY.public_key)
MIB = 1024 * 1024
BLANKS = b" " * 65536
_PRESS = zlib.compressobj(wbits=31)
GZIP_BOMB = b"".join(_PRESS.compress(BLANKS) for _ in range(1024)) + _PRESS.flush()
"""64 MiB of blanks in 64 KiB."""


# --- a department that behaves, and one that can be told how to misbehave -------------------


def event(seq: int, kind: str, data: dict[str, Any], prev: Digest | None) -> DepartmentEvent:
    at = f"2026-09-21T01:00:{seq:02d}Z"
    blank = DepartmentEvent(
        submission_id=ID,
        seq=seq,
        type=kind,
        at=at,
        recorded_at=at,
        department=DEPARTMENT,
        data=data,
        prev=prev,
        digest=Digest("sha256:" + "0" * 64),
    )
    return sign_event(blank, KEY)


RECEIVED = event(1, "received", {"receipt_no": "SJ-1", "request_digest": digest_bytes(BODY)}, None)
ACCEPTED = event(
    2,
    "accepted",
    {"acceptance_no": "SL-1", "promised_working_days": 8, "how": "explicit"},
    RECEIVED.digest,
)
HISTORY = (RECEIVED, ACCEPTED)


def page(*events: DepartmentEvent, state: str = "accepted", **others: Any) -> StatusPage:
    head = events[-1] if events else ACCEPTED
    return replace(
        StatusPage(
            submission_id=ID,
            state=state,
            head_seq=head.seq,
            head_digest=head.digest,
            events=events,
        ),
        **others,
    )


GOOD = status_json(page(*HISTORY))


@dataclass
class Asked:
    """One request as it arrived, and the way to answer it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if pause_s:
                await asyncio.sleep(pause_s)

    async def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        named = {
            "Content-Type": "application/json" if status < 400 else "application/problem+json",
            "Content-Length": str(len(body)),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
        head = f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode()
        await self.send(head if self.method == "HEAD" else head + body)

    def hang_up(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Behaviour = Callable[[Asked], Awaitable[None]]


async def good(asked: Asked) -> None:
    if "/changes" in asked.target:
        change = Change(submission_id=ID, head_seq=2, head_digest=ACCEPTED.digest, events=HISTORY)
        feed = ChangesPage(changes=(change,), cursor="v1.2", has_more=False)
        await asked.answer(200, changes_json(feed))
    elif asked.method == "PUT":
        await asked.answer(201, GOOD)
    else:
        await asked.answer(200, GOOD)


@dataclass
class Department:
    """A real server on loopback; ``behave`` answers each request."""

    behave: Behaviour = good
    seen: list[Asked] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while not writer.is_closing():
                asked = await _request(reader, writer)
                self.seen.append(asked)
                await self.behave(asked)

    @asynccontextmanager
    async def running(self, ssl_context: ssl.SSLContext | None = None) -> AsyncIterator[Department]:
        tasks: set[asyncio.Task[None]] = set()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            with suppress(asyncio.CancelledError):
                try:
                    await self.serve(reader, writer)
                finally:
                    writer.transport.abort()

        server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=ssl_context, limit=16 * MIB)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()
            await asyncio.sleep(0)


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body, reader, writer)


@pytest.fixture
async def department() -> AsyncIterator[Department]:
    async with Department().running() as running:
        yield running


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def endpoint(department: Department, **others: Any) -> DepartmentEndpoint:
    return DepartmentEndpoint(
        **{
            "base_url": f"http://127.0.0.1:{department.port}/oneservice/v1",
            "keys": (TRUSTED,),
            "deadline_s": DEADLINE_S,
            "document_deadline_s": DEADLINE_S,
            **others,
        }
    )


Over = Callable[[dict[str, DepartmentEndpoint], VirtualClock], HttpDepartments]


@pytest.fixture(params=list(Transport))
def over(request: pytest.FixtureRequest) -> Over:
    """Return the way to make a client, over each of the transports."""
    if request.param is Transport.FAST:
        pytest.importorskip("httptools", reason="the extra `fast` is not installed")
    return lambda endpoints, clock: HttpDepartments(endpoints, clock=clock, transport=request.param)


@pytest.fixture
async def client(
    department: Department, clock: VirtualClock, over: Over
) -> AsyncIterator[HttpDepartments]:
    async with over({DEPARTMENT: endpoint(department)}, clock) as departments:
        yield departments


async def still_works(client: HttpDepartments, department: Department) -> None:
    """Eight at once, so that a single leaked slot or connection shows."""
    department.behave = good
    async with asyncio.timeout(PATIENCE_S):
        pages = await asyncio.gather(
            *(client.submit(DEPARTMENT, ID, BODY) for _ in range(16)),
            *(client.read(DEPARTMENT, ID, after=0) for _ in range(16)),
        )
    assert {one.state for one in pages if one} == {"accepted"}
    assert len(pages) == 32


# --- behaviours on the wire ----------------------------------------------------------------------

HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"


async def one_byte_at_a_time(asked: Asked) -> None:
    answer = HEAD + b"Content-Length: %d\r\n\r\n" % len(GOOD) + GOOD
    await asked.send(*(bytes([one]) for one in answer), pause_s=0.2)


async def says_nothing(asked: Asked) -> None:
    await asked.reader.read()


async def endless_headers(asked: Asked) -> None:
    await asked.send(HEAD)
    while True:
        await asked.send(b"X-More: of the same\r\n" * 200)


async def slow_endless_headers(asked: Asked) -> None:
    await asked.send(HEAD)
    while True:
        await asked.send(b"X-More: of the same\r\n", pause_s=0.02)


async def endless_continue(asked: Asked) -> None:
    while True:
        await asked.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


async def slow_endless_continue(asked: Asked) -> None:
    while True:
        await asked.send(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.02)


async def declares_64_mib(asked: Asked) -> None:
    await asked.send(HEAD + b"Content-Length: %d\r\n\r\n" % (64 * MIB))
    for _ in range(1024):
        await asked.send(BLANKS)


async def chunks_of_64_mib(asked: Asked) -> None:
    await asked.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(1024):
        await asked.send(b"10000\r\n", BLANKS, b"\r\n")


async def no_length_64_mib(asked: Asked) -> None:
    await asked.send(HEAD + b"Connection: close\r\n\r\n")
    for _ in range(1024):
        await asked.send(BLANKS)


async def endless_chunk_extensions(asked: Asked) -> None:
    await asked.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        await asked.send(b"1;" + b"x" * 60_000 + b"\r\n \r\n")


async def endless_trailers(asked: Asked) -> None:
    await asked.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
    while True:
        await asked.send(b"X-More: of the same\r\n" * 200)


async def gzip_bomb(asked: Asked) -> None:
    await asked.answer(201, GZIP_BOMB, Content_Encoding="gzip")


async def header_of_8_mib(asked: Asked) -> None:
    await asked.send(HEAD + b"X-Large: ")
    for _ in range(128):
        await asked.send(b"x" * 65536)
    await asked.send(b"\r\nContent-Length: 0\r\n\r\n")


async def switches_protocols(asked: Asked) -> None:
    await asked.send(b"HTTP/1.1 101 Switching\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n")


async def no_http(asked: Asked) -> None:
    await asked.send(b"220 mail.example ESMTP ready\r\n\r\n")


async def two_lengths(asked: Asked) -> None:
    await asked.send(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}")


async def gzip_transfer(asked: Asked) -> None:
    await asked.send(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")


async def closes_at_once(asked: Asked) -> None:
    asked.hang_up()


async def closes_within_the_head(asked: Asked) -> None:
    await asked.send(HEAD)
    asked.hang_up()


async def closes_after_the_head(asked: Asked) -> None:
    await asked.send(HEAD + b"Content-Length: 100\r\n\r\n")
    asked.hang_up()


async def closes_within_the_body(asked: Asked) -> None:
    await asked.send(HEAD + b"Content-Length: %d\r\n\r\n" % len(GOOD) + GOOD[:-1])
    asked.hang_up()


async def closes_within_a_chunk(asked: Asked) -> None:
    await asked.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n{")
    asked.hang_up()


async def resets(asked: Asked) -> None:
    asked.reset()


async def resets_within_the_body(asked: Asked) -> None:
    await asked.send(HEAD + b"Content-Length: 100\r\n\r\n{")
    asked.reset()


LOST = [
    one_byte_at_a_time,
    says_nothing,
    slow_endless_headers,
    slow_endless_continue,
    closes_at_once,
    closes_within_the_head,
    closes_after_the_head,
    closes_within_the_body,
    closes_within_a_chunk,
    resets,
    resets_within_the_body,
]
BROKEN = {
    endless_headers: "oversize",
    endless_continue: "oversize",
    declares_64_mib: "oversize",
    chunks_of_64_mib: "oversize",
    no_length_64_mib: "oversize",
    endless_chunk_extensions: "oversize",
    endless_trailers: "malformed",
    gzip_bomb: "compressed",
    header_of_8_mib: "oversize",
    switches_protocols: "malformed",
    no_http: "malformed",
    two_lengths: "malformed",
    gzip_transfer: "malformed",
}


def test_the_behaviours_on_the_wire_are_as_many_as_is_said() -> None:
    assert (len(LOST), len(BROKEN)) == (11, 13)
    assert len({*LOST, *BROKEN}) == 24


def _name(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("behave", LOST, ids=_name)
async def test_a_lost_answer_leaves_the_effect_unknown(
    department: Department, client: HttpDepartments, behave: Behaviour
) -> None:
    department.behave = behave
    began = time.monotonic()
    with pytest.raises(DepartmentUnknownOutcomeError, match="read before repeating"):
        await client.submit(DEPARTMENT, ID, BODY)
    assert time.monotonic() - began < PATIENCE_S
    await still_works(client, department)


@pytest.mark.parametrize("behave", LOST, ids=_name)
async def test_a_read_that_is_lost_had_no_effect(
    department: Department, client: HttpDepartments, behave: Behaviour
) -> None:
    department.behave = behave
    with pytest.raises(DepartmentUnavailableError):
        await client.read(DEPARTMENT, ID, after=0)
    await still_works(client, department)


@pytest.mark.parametrize(("behave", "problem"), BROKEN.items(), ids=_name)
async def test_an_answer_that_is_no_answer_breaks_the_contract(
    department: Department, clock: VirtualClock, over: Over, behave: Behaviour, problem: str
) -> None:
    department.behave = behave
    way = endpoint(department, deadline_s=60)  # it is not for want of time that they end
    async with over({DEPARTMENT: way}, clock) as client:
        tracemalloc.start()
        try:
            with pytest.raises(DepartmentContractError) as caught:
                await client.submit(DEPARTMENT, ID, BODY)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert caught.value.problem == problem
        assert peak < 8 * MIB  # the server's own buffers are counted too
        await still_works(client, department)


async def test_a_flood_is_left_after_a_few_bytes(
    department: Department, client: HttpDepartments
) -> None:
    """The far side gets rid of no more than the limit and what the sockets hold."""
    sent = 0

    async def flood(asked: Asked) -> None:
        nonlocal sent
        await asked.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            await asked.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
            sent += 65536

    department.behave = flood
    with pytest.raises(DepartmentContractError):
        await client.submit(DEPARTMENT, ID, BODY)
    assert sent < 16 * MIB
    await still_works(client, department)


async def test_redirects_are_not_followed(department: Department, client: HttpDepartments) -> None:
    async with Department().running() as other:

        async def redirect(asked: Asked) -> None:
            await asked.answer(307, Location=f"http://127.0.0.1:{other.port}{asked.target}")

        for location in (redirect, _bad_redirect):
            department.behave = location
            with pytest.raises(DepartmentContractError):
                await client.submit(DEPARTMENT, ID, BODY)
        assert other.connections == 0
    await still_works(client, department)


async def _bad_redirect(asked: Asked) -> None:
    await asked.answer(302, Location="http://[::1:99999999/\x7f")


async def test_an_idle_connection_that_was_dropped_is_replaced(
    department: Department, client: HttpDepartments
) -> None:
    dropped = asyncio.Event()

    async def drops_afterwards(asked: Asked) -> None:
        await good(asked)
        asked.hang_up()
        await asked.writer.wait_closed()
        dropped.set()

    department.behave = drops_afterwards
    for _ in range(5):
        dropped.clear()
        assert await client.submit(DEPARTMENT, ID, BODY)
        await dropped.wait()  # before that, "unknown" would be a right answer too
    assert department.connections == 5
    await still_works(client, department)


NEVER_FILED = b'{"type":"urn:oneservice:problem:unknown-submission","status":404,"title":"x"}'
STALE = (
    b"HTTP/1.1 404 X\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n"
    % len(NEVER_FILED)
    + NEVER_FILED
)
"""An answer that nobody asked for, and which the next question must never get."""


async def answers_twice_at_once(asked: Asked) -> None:
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(GOOD)
    await asked.send(head + GOOD + STALE)


async def answers_again_when_idle(asked: Asked) -> None:
    await good(asked)
    await asyncio.sleep(0)
    await asked.send(STALE)


@pytest.mark.parametrize("behave", [answers_twice_at_once, answers_again_when_idle], ids=_name)
async def test_an_answer_that_nobody_asked_for_is_nobodys(
    department: Department, client: HttpDepartments, behave: Behaviour
) -> None:
    """Left over on a kept connection, it would answer the next question: here "never filed"."""
    for _ in range(5):
        department.behave = behave
        with suppress(DepartmentError):
            await client.submit(DEPARTMENT, ID, BODY)
        department.behave = good
        with suppress(DepartmentUnavailableError):
            assert await client.read(DEPARTMENT, ID, after=0) is not None
    await still_works(client, department)


async def test_a_body_that_nobody_reads(clock: VirtualClock, over: Over) -> None:
    """The send buffer fills up; the deadline covers sending too."""
    stop, stopped = asyncio.Event(), asyncio.Event()

    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stop.wait()
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()
        stopped.set()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1024)
    fake = Department(port=server.sockets[0].getsockname()[1])
    way = endpoint(fake, body_bytes=32 * MIB)
    async with over({DEPARTMENT: way}, clock) as client:
        with pytest.raises(DepartmentUnknownOutcomeError):
            await client.submit(DEPARTMENT, ID, b" " * 16 * MIB)
    stop.set()
    server.close()
    await server.wait_closed()
    await stopped.wait()


# --- answers that are HTTP, and lie ------------------------------------------------------------


def flipped(one: DepartmentEvent) -> DepartmentEvent:
    return replace(one, data=dict(one.data) | {"receipt_no": "SJ-2"})


def signed_by_stranger(one: DepartmentEvent) -> DepartmentEvent:
    return sign_event(replace(one, signatures=()), STRANGER)


def signed_by(one: DepartmentEvent, keyid: str) -> DepartmentEvent:
    return replace(one, signatures=(replace(one.signatures[0], keyid=keyid),))


def signature_flipped(one: DepartmentEvent) -> DepartmentEvent:
    value = bytearray(base64.b64decode(one.signatures[0].value))
    value[0] ^= 1
    text = base64.b64encode(value).decode()
    return replace(one, signatures=(replace(one.signatures[0], value=text),))


OTHER_FIRST = event(
    1, "received", {"receipt_no": "SJ-1", "request_digest": digest_bytes(b"{}")}, None
)
UNRECEIVED = event(1, "x_note", {}, None)
THIRD = event(
    3, "resumed", {"result": "passed"}, ACCEPTED.digest
)  # not allowed in the state *accepted*

LIES: dict[str, tuple[bytes, str]] = {
    "not_json": (b"<html>", "malformed"),
    "not_utf8": (b'{"state":"\xff"}', "malformed"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "too-large"),  # too many values, before anything else
    "deep_member": (GOOD[:-1] + b',"x":' + b"[" * 33 + b"]" * 33 + b"}", "malformed"),
    "twice": (b'{"state":"received",' + GOOD[1:], "malformed"),
    "nan": (GOOD[:-1] + b',"x":NaN}', "malformed"),
    "fraction": (GOOD[:-1] + b',"x":1.5}', "malformed"),
    "exponent": (GOOD[:-1] + b',"x":1e400}', "malformed"),
    "many_digits": (GOOD[:-1] + b',"x":' + b"9" * 200_000 + b"}", "malformed"),
    "surrogate": (GOOD[:-1] + b',"x":"\\ud800"}', "malformed"),
    "a_list": (b"[]", "malformed"),
    "empty": (b"", "malformed"),
    "no_members": (b"{}", "malformed"),
    "no_head": (json.dumps({"submission_id": ID, "state": "accepted"}).encode(), "malformed"),
    "unknown_state": (status_json(page(*HISTORY, state="failed")), "malformed"),
    "other_state": (status_json(page(*HISTORY, state="granted")), "wrong-state"),
    "other_submission": (
        status_json(page(submission_id="c43.fire_check.1", head_seq=0, head_digest=None)),
        "wrong-submission",
    ),
    "withheld": (status_json(page(head_seq=2)), "event-gap"),
    "gap_at_the_start": (status_json(page(ACCEPTED)), "event-gap"),
    "gap_within": (status_json(page(RECEIVED, replace(THIRD, seq=3))), "malformed"),
    "flipped_bit": (status_json(page(flipped(RECEIVED), ACCEPTED)), "bad-event-digest"),
    "flipped_signature": (
        status_json(page(signature_flipped(RECEIVED), ACCEPTED)),
        "bad-event-signature",
    ),
    "stranger": (status_json(page(signed_by_stranger(RECEIVED), ACCEPTED)), "bad-event-signature"),
    "unknown_key": (status_json(page(signed_by(RECEIVED, "other"), ACCEPTED)), "unknown-key"),
    "unsigned": (
        status_json(page(replace(RECEIVED, signatures=()), ACCEPTED)),
        "unknown-key",
    ),
    "illegal_transition": (status_json(page(*HISTORY, THIRD)), "illegal-transition"),
    "receipt_for_other_bytes": (
        status_json(page(OTHER_FIRST, state="received")),
        "wrong-receipt",
    ),
    "endless_history": (status_json(page(*HISTORY, head_seq=10_001)), "too-many-events"),
    "other_department": (
        status_json(page(sign_event(replace(RECEIVED, department="health"), KEY))),
        "wrong-department",
    ),
}


@pytest.mark.parametrize(("body", "problem"), LIES.values(), ids=LIES.keys())
async def test_a_lie_is_refused(
    department: Department, client: HttpDepartments, body: bytes, problem: str
) -> None:
    async def lie(asked: Asked) -> None:
        await asked.answer(201, body)

    department.behave = lie
    with pytest.raises(DepartmentContractError) as caught:
        await client.submit(DEPARTMENT, ID, BODY)
    assert caught.value.problem == problem
    await still_works(client, department)


@pytest.mark.parametrize(
    ("status", "headers", "problem"),
    [
        (200, {"Content_Type": "text/html"}, "media-type"),
        (200, {"Content_Type": ""}, "media-type"),
        (200, {"OneService_Version": "2.0"}, "unsupported-version"),
        (202, {}, "unexpected-status"),
        (204, {"Content_Length": ""}, "unexpected-status"),
        (206, {}, "unexpected-status"),
        (299, {}, "unexpected-status"),
        (304, {"Content_Length": ""}, "redirect"),
        (999, {}, "unexpected-status"),
        (400, {"Content_Type": "text/html"}, "unlisted-problem"),
        (404, {}, "unlisted-problem"),
    ],
)
async def test_odd_answers(
    department: Department,
    client: HttpDepartments,
    status: int,
    headers: dict[str, str],
    problem: str,
) -> None:
    async def odd(asked: Asked) -> None:
        body = b"" if status in {204, 304} else GOOD
        await asked.answer(status, body, **headers)

    department.behave = odd
    with pytest.raises(DepartmentContractError) as caught:
        await client.submit(DEPARTMENT, ID, BODY)
    assert caught.value.problem == problem
    await still_works(client, department)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "malformed"),
        (400, "unsupported-version"),
        (401, "clock-skew"),
        (403, "not-allowed"),
        (404, "unknown-step"),
        (404, "unknown-submission"),
        (409, "submission-conflict"),
        (409, "not-open"),
        (410, "retired"),
        (413, "too-large"),
        (415, "media-type"),
        (422, "invalid-submission"),
        (422, "missing-document"),
    ],
)
async def test_problem_codes_come_through(
    department: Department, client: HttpDepartments, status: int, code: str
) -> None:
    async def refuse(asked: Asked) -> None:
        await asked.answer(status, problem_json(code, detail="Zhang San"))

    department.behave = refuse
    with pytest.raises(DepartmentContractError) as caught:
        await client.submit(DEPARTMENT, ID, BODY)
    assert caught.value.problem == code
    assert "Zhang" not in str(caught.value)
    await still_works(client, department)


async def test_an_unheard_of_submission_reads_as_none(
    department: Department, client: HttpDepartments
) -> None:
    async def unknown(asked: Asked) -> None:
        await asked.answer(404, problem_json("unknown-submission"))

    async def wrong_address(asked: Asked) -> None:
        await asked.answer(404, b"<h1>Not Found</h1>", Content_Type="text/html")

    department.behave = unknown
    assert await client.read(DEPARTMENT, ID, after=0) is None
    department.behave = wrong_address
    with pytest.raises(DepartmentContractError, match="base address"):
        await client.read(DEPARTMENT, ID, after=0)
    await still_works(client, department)


async def test_one_bad_event_does_not_stop_the_feed(
    department: Department, client: HttpDepartments
) -> None:
    """P-33 without a stuck feed: what is not proven comes without events, and is read by itself."""
    change = Change(submission_id=ID, head_seq=2, head_digest=ACCEPTED.digest, events=HISTORY)
    bad = replace(change, events=(flipped(RECEIVED), ACCEPTED))
    malformed = replace(change, events=(replace(RECEIVED, type="vanished"), ACCEPTED))

    async def feed(asked: Asked) -> None:
        both = ChangesPage(changes=(bad, change, malformed), cursor="v1.9", has_more=True)
        await asked.answer(200, changes_json(both))

    department.behave = feed
    news = await client.changes(DEPARTMENT, cursor="a b/?&#=é")
    assert [len(one.events) for one in news.changes] == [0, 2, 0]
    assert [one.head_seq for one in news.changes] == [2, 2, 2]
    assert (news.cursor, news.has_more) == ("v1.9", True)
    assert "after=a%20b%2F%3F%26%23%3D%C3%A9&limit=200" in department.seen[-1].target


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"changes":[],"cursor":"","more":false}',
        b'{"changes":[],"cursor":"' + b"c" * 2000 + b'","more":false}',
        b'{"changes":[1],"cursor":"c","more":false}',
        b'{"changes":[{}],"cursor":"c","more":false}',
        b'{"changes":{},"cursor":"c","more":false}',
        b'{"changes":[' + b"{}," * 2000 + b'{}],"cursor":"c","more":false}',
        b'{"changes":[],"cursor":"c","more":1}',
        b" " * (4 * MIB + 1),
    ],
)
async def test_a_page_of_changes_that_is_none(
    department: Department, client: HttpDepartments, body: bytes
) -> None:
    async def lie(asked: Asked) -> None:
        await asked.answer(200, body)

    department.behave = lie
    with pytest.raises(DepartmentContractError):
        await client.changes(DEPARTMENT, cursor=None)
    await still_works(client, department)


async def test_an_expired_cursor_has_its_own_code(
    department: Department, client: HttpDepartments
) -> None:
    async def expired(asked: Asked) -> None:
        await asked.answer(410, problem_json("cursor-expired"))

    department.behave = expired
    with pytest.raises(DepartmentContractError) as caught:
        await client.changes(DEPARTMENT, cursor="v1.1")
    assert caught.value.problem == "cursor-expired"


# --- pace ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, {"Retry_After": "7"}, 7),
        (429, {"Retry_After": "0"}, 1),
        (429, {}, 30),
        (429, {"Retry_After": "soon"}, 30),
        (429, {"Retry_After": "-5"}, 30),
        (429, {"Retry_After": "9" * 400}, 86_400),
        (503, {"Retry_After": "7"}, 7),
        (503, {}, 30),
        (503, {"Retry_After": "Mon, 21 Sep 2026 01:02:00 GMT"}, 120),
        # Its clock is an hour ahead of ours, and so is what it says.
        (
            503,
            {
                "Retry_After": "Mon, 21 Sep 2026 02:02:00 GMT",
                "Date": "Mon, 21 Sep 2026 02:00:00 GMT",
            },
            120,
        ),
        (503, {"Retry_After": "Mon, 21 Sep 2020 01:02:00 GMT"}, 1),
        (503, {"Retry_After": "Mon, 99 Sep 2026 01:02:00 GMT"}, 30),
        (503, {"Retry_After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_400),
    ],
)
async def test_push_back_is_obeyed(
    department: Department,
    client: HttpDepartments,
    clock: VirtualClock,
    *,
    status: int,
    headers: dict[str, str],
    wait_s: int,
) -> None:
    async def push_back(asked: Asked) -> None:
        await asked.answer(status, b"busy", Content_Type="text/plain", **headers)

    department.behave = push_back
    with pytest.raises(DepartmentUnavailableError) as caught:
        await client.submit(DEPARTMENT, ID, BODY)
    assert caught.value.retry_after_s == wait_s
    department.behave = good
    asked_before = len(department.seen)
    clock.advance(timedelta(seconds=wait_s, milliseconds=-1))
    with pytest.raises(DepartmentUnavailableError, match="not sent") as caught:
        await client.read(DEPARTMENT, ID, after=0)
    assert caught.value.retry_after_s == 1
    assert len(department.seen) == asked_before
    clock.advance(timedelta(milliseconds=1))
    await still_works(client, department)


async def test_a_repeat_that_is_being_worked_on(
    department: Department, client: HttpDepartments
) -> None:
    async def busy(asked: Asked) -> None:
        await asked.answer(409, problem_json("in-progress"), Retry_After="3")

    department.behave = busy
    with pytest.raises(DepartmentInProgressError) as caught:
        await client.submit(DEPARTMENT, ID, BODY)
    assert caught.value.retry_after_s == 3
    assert isinstance(caught.value, DepartmentUnknownOutcomeError)
    await still_works(client, department)


@pytest.mark.parametrize("status", [408, 500, 501, 502, 504, 599])
async def test_a_department_that_lost_its_way(
    department: Department, client: HttpDepartments, status: int
) -> None:
    async def lost(asked: Asked) -> None:
        await asked.answer(status, b"<h1>oops</h1>", Content_Type="text/html")

    department.behave = lost
    with pytest.raises(DepartmentUnknownOutcomeError):
        await client.submit(DEPARTMENT, ID, BODY)
    with pytest.raises(DepartmentUnavailableError):
        await client.read(DEPARTMENT, ID, after=0)
    await still_works(client, department)


async def test_the_circuit_opens_and_one_probe_closes_it(
    department: Department, client: HttpDepartments, clock: VirtualClock
) -> None:
    department.behave = closes_at_once
    for number in range(10):  # ten cases: repeats of one would spend the budget first
        with pytest.raises(DepartmentUnknownOutcomeError):
            await client.submit(DEPARTMENT, f"c{number}.fire_check.1", BODY)
    asked_before = len(department.seen)
    with pytest.raises(DepartmentUnavailableError, match="not sent") as caught:
        await client.submit(DEPARTMENT, ID, BODY)
    assert caught.value.retry_after_s == 30
    assert len(department.seen) == asked_before
    clock.advance(timedelta(seconds=30))
    # The probe fails: the submission itself was not sent, and the circuit stays open.
    with pytest.raises(DepartmentUnavailableError):
        await client.submit(DEPARTMENT, ID, BODY)
    assert [one.target for one in department.seen[asked_before:]] == ["/oneservice/v1/capabilities"]
    clock.advance(timedelta(seconds=30))
    department.behave = good
    first, second = await asyncio.gather(
        client.submit(DEPARTMENT, ID, BODY),
        client.submit(DEPARTMENT, ID, BODY),
        return_exceptions=True,
    )
    assert isinstance(first, StatusPage)
    assert isinstance(second, DepartmentUnavailableError)
    await still_works(client, department)


async def test_no_more_than_eight_at_a_time(
    department: Department, client: HttpDepartments
) -> None:
    under_way = most = 0
    release = asyncio.Event()

    async def hold(asked: Asked) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if most == 8:
            release.set()
        await release.wait()
        under_way -= 1
        await good(asked)

    department.behave = hold
    await asyncio.gather(*(client.submit(DEPARTMENT, ID, BODY) for _ in range(40)))
    assert most == 8
    assert department.connections <= 8


async def test_a_storm_of_cancellations_leaks_nothing(
    department: Department, client: HttpDepartments
) -> None:
    """encode/httpcore#1093: 200 calls on 8 slots, half of them cancelled at every stage."""

    async def slow(asked: Asked) -> None:
        await asyncio.sleep(0.002)
        await good(asked)

    department.behave = slow
    tasks = [asyncio.create_task(client.submit(DEPARTMENT, ID, BODY)) for _ in range(200)]
    for index, task in enumerate(tasks):
        if index % 2:
            task.cancel()
        if index % 8 == 7:
            await asyncio.sleep(0.001)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, StatusPage) for one in results[::2])
    assert all(isinstance(one, (StatusPage, asyncio.CancelledError)) for one in results[1::2])
    assert sum(isinstance(one, asyncio.CancelledError) for one in results) >= 90
    await still_works(client, department)


async def test_cancellation_is_passed_on_in_the_middle_of_an_answer(
    department: Department, client: HttpDepartments
) -> None:
    reached = asyncio.Event()

    async def half(asked: Asked) -> None:
        await asked.send(HEAD + b"Content-Length: 100\r\n\r\n{")
        reached.set()
        await asked.reader.read()

    department.behave = half
    for _ in range(12):
        reached.clear()
        task = asyncio.create_task(client.submit(DEPARTMENT, ID, BODY))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await still_works(client, department)


# --- reaching it, TLS ----------------------------------------------------------------------------


async def test_nobody_listens(clock: VirtualClock, over: Over) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        fake = Department(port=reserved.getsockname()[1])
        async with over({DEPARTMENT: endpoint(fake)}, clock) as client:
            with pytest.raises(DepartmentUnavailableError, match="not sent"):
                await client.submit(DEPARTMENT, ID, BODY)


async def test_a_name_that_does_not_resolve(clock: VirtualClock, over: Over) -> None:
    way = DepartmentEndpoint(
        base_url="https://department.invalid/oneservice/v1",
        keys=(TRUSTED,),
        ssl_context=ssl.create_default_context(),
        deadline_s=5,
    )
    async with over({DEPARTMENT: way}, clock) as client:
        with pytest.raises(DepartmentUnavailableError, match="not sent"):
            await client.submit(DEPARTMENT, ID, BODY)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _anchors(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_tls_with_a_certificate_that_verifies(
    authority: trustme.CA, clock: VirtualClock, over: Over
) -> None:
    context = _tls(authority.issue_cert("127.0.0.1"))
    async with Department().running(context) as department:
        way = endpoint(
            department,
            base_url=f"https://127.0.0.1:{department.port}/oneservice/v1",
            ssl_context=_anchors(authority),
        )
        async with over({DEPARTMENT: way}, clock) as client:
            await still_works(client, department)


@pytest.mark.parametrize("fault", ["wrong name", "expired", "foreign", "no tls", "silent"])
async def test_tls_that_does_not_verify_sends_nothing(
    authority: trustme.CA, clock: VirtualClock, over: Over, fault: str
) -> None:
    """P-83."""
    issuer = trustme.CA() if fault == "foreign" else authority
    name = "other.example" if fault == "wrong name" else "127.0.0.1"
    expiry = datetime(2020, 1, 1, tzinfo=UTC) if fault == "expired" else None
    context = _tls(issuer.issue_cert(name, not_after=expiry))
    if fault == "expired":
        context = _tls(
            issuer.issue_cert(name, not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=expiry)
        )
    server = Department()
    async with server.running(None if fault in {"no tls", "silent"} else context) as department:
        if fault == "no tls":
            department.serve = _greets  # type: ignore[method-assign]
        way = endpoint(
            department,
            base_url=f"https://127.0.0.1:{department.port}/oneservice/v1",
            ssl_context=_anchors(authority),
        )
        async with over({DEPARTMENT: way}, clock) as client:
            with pytest.raises(DepartmentUnavailableError, match="not sent") as caught:
                await client.submit(DEPARTMENT, ID, BODY)
        assert department.seen == []
    if fault in {"wrong name", "expired", "foreign"}:
        assert "certificate does not verify" in str(caught.value)
        assert "never switch verification off" in str(caught.value)


async def _greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP ready\r\n")
    await writer.drain()
    await reader.read()
    writer.close()


# --- what we send --------------------------------------------------------------------------------


async def test_what_a_request_says(department: Department, client: HttpDepartments) -> None:
    await client.submit(DEPARTMENT, ID, BODY)
    await client.read(DEPARTMENT, ID, after=0)
    put, get = department.seen
    assert put.body == BODY
    assert put.target == f"/oneservice/v1/submissions/{ID}"
    assert matches_content_digest(put.headers["content-digest"], BODY)
    assert put.headers["content-type"] == "application/json"
    assert put.headers["oneservice-version"] == "1.0"
    assert put.headers["accept-encoding"] == "identity"
    assert get.target == f"/oneservice/v1/submissions/{ID}?after=0"
    # Without content too (protocol section 13): the digest of nothing.
    assert get.headers["content-digest"] == (
        "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    )


async def test_cookies_are_not_kept(department: Department, client: HttpDepartments) -> None:
    async def sets_cookie(asked: Asked) -> None:
        await asked.answer(201, GOOD, Set_Cookie="track=me; Max-Age=99999")

    department.behave = sets_cookie
    await client.submit(DEPARTMENT, ID, BODY)
    await client.submit(DEPARTMENT, ID, BODY)
    assert all("cookie" not in asked.headers for asked in department.seen)


async def test_proxies_of_the_environment_are_ignored(
    department: Department, clock: VirtualClock, over: Over, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with over({DEPARTMENT: endpoint(department)}, clock) as client:
        await still_works(client, department)


async def test_a_document_is_sent_only_if_it_is_missing(
    department: Department, client: HttpDepartments
) -> None:
    held: set[str] = set()

    async def documents(asked: Asked) -> None:
        if asked.target.endswith("/capabilities"):
            await asked.answer(200, CAPABILITIES.replace(b'"wait"', b'"documents"'))
        elif asked.method == "PUT":
            held.add(asked.target)
            await asked.answer(201, b"{}")
        else:
            await asked.answer(200 if asked.target in held else 404)

    department.behave = documents
    await client.put_document(DEPARTMENT, b"%PDF", "application/pdf")
    await client.put_document(DEPARTMENT, b"%PDF", "application/pdf")
    assert [asked.method for asked in department.seen] == ["GET", "HEAD", "PUT", "HEAD"]
    assert department.seen[2].headers["content-type"] == "application/pdf"
    assert department.seen[2].body == b"%PDF"
    assert department.seen[2].target.startswith("/oneservice/v1/documents/sha256-")
    for bad in ("text/plain\r\nX-Evil: 1", "text/plain\n", "té/xt", "", "text", "a/b;\x00"):
        with pytest.raises(DepartmentContractError, match="not sent"):
            await client.put_document(DEPARTMENT, b"x", bad)
    await client.put_document(DEPARTMENT, b"other", 'text/plain; charset="utf-8"')
    await still_works(client, department)


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "a b", "a%2fb", "é", "x" * 97, "a\n"])
async def test_ids_that_no_path_may_carry_are_not_sent(
    department: Department, client: HttpDepartments, bad: str
) -> None:
    for call in (
        client.submit(DEPARTMENT, bad, BODY),
        client.read(DEPARTMENT, bad, after=0),
        client.supplement(DEPARTMENT, ID, bad, BODY),
        client.withdraw(DEPARTMENT, ID, bad, BODY),
    ):
        with pytest.raises(DepartmentContractError, match="not sent"):
            await call
    assert department.connections == 0


async def test_supplements_and_withdrawals_have_their_paths(
    department: Department, client: HttpDepartments
) -> None:
    await client.supplement(DEPARTMENT, ID, "s1", BODY)
    await client.withdraw(DEPARTMENT, ID, "w1", BODY)
    assert [asked.target.rpartition(ID)[2] for asked in department.seen] == [
        "/supplements/s1",
        "/withdrawals/w1",
    ]


async def test_what_is_too_large_is_not_sent(
    department: Department, clock: VirtualClock, over: Over
) -> None:
    way = endpoint(department, body_bytes=10, document_bytes=10)
    async with over({DEPARTMENT: way}, clock) as client:
        for call in (
            client.submit(DEPARTMENT, ID, b"x" * 11),
            client.put_document(DEPARTMENT, b"x" * 11, "text/plain"),
        ):
            with pytest.raises(DepartmentContractError) as caught:
                await call
            assert caught.value.problem == "too-large"
    assert department.connections == 0


async def test_an_unconfigured_department(client: HttpDepartments) -> None:
    with pytest.raises(DepartmentContractError, match="no address") as caught:
        await client.read("tobacco", ID, after=0)
    assert caught.value.problem == "not-configured"


async def test_a_signer_adds_its_headers(
    department: Department, clock: VirtualClock, over: Over
) -> None:
    class Seal:
        def headers(self, *, method: str, url: str, headers: Any, created_at: datetime) -> Any:
            assert headers["Content-Digest"]
            return {"Signature": f"{method} {url.rpartition('/')[2]} {created_at:%Y}"}

    way = endpoint(department, signer=Seal())
    async with over({DEPARTMENT: way}, clock) as client:
        await client.submit(DEPARTMENT, ID, BODY)
    assert department.seen[0].headers["signature"] == f"PUT {ID} 2026"


CAPABILITIES = capabilities_json(
    Capabilities(
        department=DEPARTMENT,
        name={"en": "Fire"},
        region=None,
        zone="Asia/Shanghai",
        steps=(),
        features=("wait",),
        limits=ServiceLimits(),
        keys=(),
    )
)


async def test_p05_documents_are_uploaded_only_where_that_is_offered(
    department: Department, client: HttpDepartments
) -> None:
    async def without(asked: Asked) -> None:
        await asked.answer(200, CAPABILITIES)

    department.behave = without
    with pytest.raises(DepartmentContractError, match="not sent") as caught:
        await client.put_document(DEPARTMENT, b"%PDF", "application/pdf")
    assert caught.value.problem == "feature-not-offered"
    assert [asked.method for asked in department.seen] == ["GET"]


async def test_p05_a_feed_is_held_open_only_where_that_is_offered(
    department: Department, clock: VirtualClock, over: Over
) -> None:
    async def without(asked: Asked) -> None:
        if asked.target.endswith("/capabilities"):
            await asked.answer(200, CAPABILITIES.replace(b'"wait"', b'"weight"'))
            return
        await good(asked)

    department.behave = without
    way = endpoint(department, long_poll_s=1)
    async with over({DEPARTMENT: way}, clock) as client:
        await client.changes(DEPARTMENT, cursor="v1.1")
    assert "wait" not in department.seen[-1].target


async def test_a_long_poll_gets_its_own_time(
    department: Department, clock: VirtualClock, over: Over
) -> None:
    async def late(asked: Asked) -> None:
        if asked.target.endswith("/capabilities"):
            await asked.answer(200, CAPABILITIES)
            return
        await asyncio.sleep(DEADLINE_S * 1.5)
        await good(asked)

    department.behave = late
    way = endpoint(department, long_poll_s=10)
    async with over({DEPARTMENT: way}, clock) as client:
        news = await client.changes(DEPARTMENT, cursor="v1.1")
    assert news.changes[0].events == HISTORY
    assert department.seen[-1].target.endswith("&wait=10")


async def test_errors_quote_nothing_that_was_received(
    department: Department, client: HttpDepartments
) -> None:
    """P-82: neither the message nor the chain that a traceback shows."""
    secret = b"Zhang-San-110101"
    body = b'{"name":"' + secret + b'"}'

    async def quotes_status_line(asked: Asked) -> None:
        await asked.send(secret + b"\r\n\r\n")

    async def quotes_header(asked: Asked) -> None:
        await asked.send(b"HTTP/1.1 200 OK\r\n" + secret + b"\r\n\r\n")

    async def quotes_body(asked: Asked) -> None:
        await asked.answer(200, body + b"}")

    async def quotes_problem(asked: Asked) -> None:
        await asked.answer(422, body)

    for behave in (quotes_status_line, quotes_header, quotes_body, quotes_problem, closes_at_once):
        department.behave = behave
        with pytest.raises(DepartmentError) as caught:
            await client.submit(DEPARTMENT, ID, body)
        shown: BaseException | None = caught.value
        while shown is not None:
            assert "Zhang" not in str(shown)
            shown = shown.__cause__ or (None if shown.__suppress_context__ else shown.__context__)
