"""The fast transport: what a connection may be used for again, and bytes in any pieces."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.departments.client_answers import Answer, Call
from oneservice.departments.client_line import Request
from oneservice.departments.transport_wire import Wire, WireLimitError
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
)

pytest.importorskip("httptools", reason="the extra `fast` is not installed")

from oneservice.departments.client_fast import FastLine
from oneservice.departments.client_fast_reply import BrokenHttpError, LostError, Reply

HEADER_BYTES = 16 * 1024
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def asking(method: str = "PUT", url: str = "http://127.0.0.1:1/x", **others: Any) -> Request:
    return Request(
        **{
            "call": Call(department="health", method=method, what="submission c1.x.1"),
            "url": url,
            "content": b"{}" if method == "PUT" else None,
            "media_type": None,
            "limit_bytes": 1000,
            "deadline_s": 30.0,
            **others,
        }
    )


class Server:
    """Answers each request on a connection with the next of ``answers``, and counts."""

    def __init__(self, *answers: bytes, late: bytes = b"") -> None:
        self.answers = list(answers)
        self.late = late
        self.connections = 0
        self.requests: list[bytes] = []
        self.left: asyncio.Queue[None] = asyncio.Queue()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"PUT"):
                    await reader.readexactly(2)
                self.requests.append(head)
                answer = self.answers.pop(0) if self.answers else OK
                if not answer:
                    break
                writer.write(answer)
                if self.late:
                    await asyncio.sleep(0.02)
                    writer.write(self.late)
        writer.close()
        self.left.put_nowait(None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FastLine]:
        talking: set[asyncio.Task[None]] = set()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = asyncio.current_task()
            assert own is not None
            talking.add(own)
            with suppress(ConnectionError, asyncio.CancelledError):
                await self.serve(reader, writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/oneservice/v1/x"
        line = FastLine(
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), connections=2, header_bytes=HEADER_BYTES
        )
        try:
            yield line
        finally:
            await line.aclose()
            server.close()
            for one in talking:  # however long it takes: none is left open for a later test
                one.cancel()
            await asyncio.gather(*talking, return_exceptions=True)

    async def ask(self, line: FastLine, method: str = "PUT", **others: Any) -> Answer:
        return await line.exchange(asking(method, self.url, **others), headers={"X-A": "b"})


async def test_one_connection_carries_one_exchange_after_another() -> None:
    server = Server()
    async with server.running() as line:
        for _ in range(5):
            assert (await server.ask(line)).body == b"{}"
    assert (server.connections, len(server.requests)) == (1, 5)
    assert b"X-A: b\r\n" in server.requests[0]
    assert server.requests[0].startswith(b"PUT /oneservice/v1/x HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    "answer",
    [
        OK + OK,
        OK + b"x",
        OK.replace(b"Length: 2", b"Length: 2\r\nConnection: close"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
    ids=["a second answer", "a byte", "close", "old"],
)
async def test_after_more_than_an_answer_the_connection_is_left(answer: bytes) -> None:
    """Else the second answer would be taken for the answer to the next request."""
    server = Server(answer)
    async with server.running() as line:
        for _ in range(2):
            assert (await server.ask(line)).body == b"{}"
    assert server.connections == 2


async def test_what_comes_unasked_ends_the_connection() -> None:
    server = Server(late=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    async with server.running() as line:
        for _ in range(3):
            assert (await server.ask(line)).body == b"{}"
            await asyncio.wait_for(server.left.get(), 30)
    assert server.connections == 3


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", 1),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 2),
        (b"HTTP/1.1 200 OK\r\n\r\nevil", 2),
    ],
)
async def test_an_answer_to_head_ends_with_its_head(answer: bytes, connections: int) -> None:
    server = Server(answer)
    async with server.running() as line:
        assert (await server.ask(line, "HEAD")).body == b""
        assert (await server.ask(line)).body == b"{}"
    assert server.connections == connections


async def test_interim_answers_are_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\nContent-Length: 7\r\n\r\n"
    server = Server(b"HTTP/1.1 100 Continue\r\n\r\n" + hints + OK)
    async with server.running() as line:
        answer = await server.ask(line)
        assert (answer.status, answer.body, "link" in answer.headers) == (200, b"{}", False)
        await server.ask(line)
    assert server.connections == 1


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n{}", b"")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n{}")
        writer.close()

    server.serve = serve  # type: ignore[method-assign]
    async with server.running() as line:
        assert (await server.ask(line)).body == b"{}"


async def test_a_broken_line_ends_no_answer_that_has_no_other_end() -> None:
    """Half of a list is a list to nobody: what was reset on the way is not known to be whole."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]")
        await writer.drain()
        await arrived.wait()
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    arrived = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    line = FastLine(ssl.create_default_context(), connections=1, header_bytes=HEADER_BYTES)
    under_way = asyncio.create_task(line.exchange(asking("GET", url), headers={}))
    while not any(one._reply and one._reply._body for one in line._all):  # noqa: ASYNC110 - until it is there
        await asyncio.sleep(0)
    arrived.set()
    with pytest.raises(DepartmentUnavailableError):
        await under_way
    await line.aclose()
    server.close()


async def test_headers_of_one_name_are_joined() -> None:
    server = Server(OK.replace(b"\r\n\r\n", b"\r\nX-One: a\r\nx-one:  b \r\n\r\n"))
    async with server.running() as line:
        assert (await server.ask(line)).headers["x-one"] == "a, b"


async def test_a_head_that_is_too_large_is_refused_also_in_one_piece() -> None:
    server = Server(OK.replace(b"\r\n\r\n", b"\r\nX-Large: " + b"x" * HEADER_BYTES + b"\r\n\r\n"))
    async with server.running() as line:
        with pytest.raises(DepartmentContractError) as caught:
            await server.ask(line)
    assert caught.value.problem == "oversize"


async def test_nothing_is_sent_twice() -> None:
    """Libraries repeat idempotent requests when a kept connection breaks; the engine counts."""
    server = Server(OK, b"", OK)
    async with server.running() as line:
        await server.ask(line)
        with pytest.raises(DepartmentUnknownOutcomeError):
            await server.ask(line)
        server.answers.insert(0, b"")
        with pytest.raises(DepartmentUnavailableError):
            await server.ask(line, "GET")
    assert len(server.requests) == 3


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "é", "\x7f"])
async def test_no_header_can_carry_another(value: str) -> None:
    server = Server()
    async with server.running() as line:
        with pytest.raises(DepartmentContractError):
            await line.exchange(asking(url=server.url), headers={"X-A": value})
        with pytest.raises(DepartmentContractError):
            await line.exchange(asking(url=f"{server.url}/{value} x"), headers={})
    assert server.connections == 0


async def test_a_refusal_before_the_body_is_sent_is_heard() -> None:
    """The department answers at the head and reads no further: no deadlock, and its answer."""
    refused = b"HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\n{}"
    server, asked = Server(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(refused)
        await asked.wait()
        while await reader.read(1 << 20):
            pass
        writer.close()

    server.serve = serve  # type: ignore[method-assign]
    async with server.running() as line:
        work = asyncio.create_task(server.ask(line, content=b"x" * 32 * 1024 * 1024))
        await asyncio.sleep(0.1)
        asked.set()
        assert (await work).status == 413


async def test_closing_ends_what_is_under_way() -> None:
    server = Server()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server.serve = serve  # type: ignore[method-assign]
    async with server.running() as line:
        work = asyncio.create_task(server.ask(line, deadline_s=30.0))
        await asyncio.sleep(0.05)
        await line.aclose()
        with pytest.raises(DepartmentUnknownOutcomeError):
            await asyncio.wait_for(work, 20)


# --- bytes in any pieces -----------------------------------------------------------------------

ANSWERS = (
    OK,
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.1 204 None\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-T: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"220 ready\r\n\r\n",
)


def outcome_of(pieces: list[bytes], ask: Request) -> object:
    """Return the answer, or the class of the error, that a reply ends in."""
    loop = asyncio.new_event_loop()
    try:
        reply = Reply(ask, Wire(HEADER_BYTES), loop.create_future())
        for piece in pieces:
            reply.feed(piece)
        reply.ended(is_farewell=True)
        error = reply.done.exception()
        return type(error) if error else reply.done.result()
    finally:
        loop.close()


@given(st.sampled_from(ANSWERS), st.data())
def test_how_the_bytes_are_cut_does_not_matter(answer: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(answer)), max_size=8)) | {0, len(answer)})
    pieces = [answer[first:after] for first, after in pairwise(cuts)]
    assert outcome_of(pieces, asking()) == outcome_of([answer], asking())


def mutated(answer: bytes, where: int, what: bytes) -> bytes:
    return answer[:where] + what + answer[where + 1 :]


@given(
    st.builds(mutated, st.sampled_from(ANSWERS), st.integers(0, 80), st.binary(max_size=20))
    | st.binary(max_size=200),
    st.sampled_from(["PUT", "GET", "HEAD"]),
)
def test_whatever_arrives_ends_in_an_answer_or_in_one_of_our_errors(
    data: bytes, method: str
) -> None:
    found = outcome_of([data[:20], data[20:]], asking(method))
    known: tuple[Callable[[], object], ...] = (BrokenHttpError, LostError, WireLimitError)
    is_ours = isinstance(found, type) and issubclass(found, DepartmentError)
    assert isinstance(found, Answer) or found in known or is_ours
