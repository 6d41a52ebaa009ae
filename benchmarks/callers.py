"""Many callers at once: stock httpx, our client over it, and our client over the fast transport.

The server is a process of its own, so that the CPU time is the clients'. Each call files 2 KB and
reads a status document with a signed event, which our client proves and the floor takes as it
comes. All go through the same eight connections; the floor waits for them at a semaphore, as our
client does, since a wide pool of httpx costs several times as much.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from benchmarks.measuring import Pair
from oneservice.canonical import digest_bytes, parse_object
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    AdapterApp,
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    MessageSigner,
    Outcome,
    Received,
    Submission,
    SubmissionBody,
    Transport,
    VerifyingKey,
    compose_submission,
)
from oneservice.departments.wire import content_digest

__all__ = ["many_callers"]

_CONNECTIONS: Final = 8
_CALLS: Final = 400
_ROUNDS: Final = 7
_HERE: Final = "fire-rescue"
_BASE: Final = "/oneservice/v1"
_SUBMISSION: Final = "c1.plain.1"

Ask = Callable[[], Awaitable[object]]


def many_callers() -> Iterator[Pair]:
    """Yield our client over both transports against stock httpx, for 4, 16 and 100 callers."""
    loop = asyncio.new_event_loop()
    body = _body()
    key = Ed25519EventKey.generate("dept-1")
    answer = loop.run_until_complete(_answer(body, key))
    serving = subprocess.Popen(  # noqa: S603 - this file
        [sys.executable, __file__, str(len(body))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert serving.stdin is not None
    assert serving.stdout is not None
    try:
        serving.stdin.write(answer)
        serving.stdin.close()
        url = f"http://127.0.0.1:{int(serving.stdout.readline())}{_BASE}"
        yield from _against_stock(loop, url, body, key)
    finally:
        serving.kill()
        serving.wait()
        serving.stdout.close()
        loop.close()


def _against_stock(
    loop: asyncio.AbstractEventLoop, url: str, body: bytes, key: Ed25519EventKey
) -> Iterator[Pair]:
    known = VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
    signer = MessageSigner(key=Ed25519EventKey.generate("engine-1"))
    endpoint = DepartmentEndpoint(
        base_url=url, keys=(known,), per_minute=10**9, in_flight=_CONNECTIONS
    )
    signed = DepartmentEndpoint(
        base_url=url, keys=(known,), per_minute=10**9, in_flight=_CONNECTIONS, signer=signer
    )
    stock = httpx.AsyncClient(limits=httpx.Limits(max_connections=_CONNECTIONS), trust_env=False)
    headers = {
        "OneService-Version": "1.0",
        "Accept-Encoding": "identity",
        "Content-Digest": content_digest(body),
        "Content-Type": "application/json",
    }
    turn = asyncio.Semaphore(_CONNECTIONS)

    async def floor() -> None:
        async with turn:
            found = await stock.put(
                f"{url}/submissions/{_SUBMISSION}", content=body, headers=headers
            )
        parse_object(found.content)

    named = {
        f"client, {transport}{how}": HttpDepartments(
            {_HERE: way},
            clock=VirtualClock(datetime(2026, 9, 28, 1, tzinfo=UTC)),
            transport=transport,
        )
        for how, way in (("", endpoint), (", signed", signed))
        for transport in Transport
    }
    for callers in (4, 16, 100):
        asks: dict[str, Ask] = {
            name: lambda one=one: one.submit(_HERE, _SUBMISSION, body)  # type: ignore[misc]
            for name, one in named.items()
        }
        yield from _compared(loop, asks | {"": floor}, callers)
    for one in named.values():
        loop.run_until_complete(one.aclose())
    loop.run_until_complete(stock.aclose())


def _compared(
    loop: asyncio.AbstractEventLoop, asks: dict[str, Ask], callers: int
) -> Iterator[Pair]:
    """Time all of ``asks`` in turn, round after round; that without a name is the floor."""
    spent: dict[str, list[float]] = {name: [] for name in asks}
    for turn in range(_ROUNDS + 1):
        for name, ask in asks.items():
            start = time.process_time_ns()
            loop.run_until_complete(_all(ask, callers))
            if turn:
                spent[name].append((time.process_time_ns() - start) / _CALLS / 1000)
    medians = {name: statistics.median(each) for name, each in spent.items()}
    for name in asks:
        if name:
            yield Pair(
                name=f"{name}: {callers} callers file",
                ours_us=medians[name],
                floor_us=medians[""],
                floor="stock httpx, same pool, behind a semaphore",
            )


async def _all(ask: Ask, callers: int) -> None:
    async def caller() -> None:
        for _ in range(_CALLS // callers):
            await ask()

    await asyncio.gather(*(caller() for _ in range(callers)))


def _body() -> bytes:
    fields = {f"field_{number}": "x" * 80 for number in range(20)}
    return compose_submission(
        SubmissionBody(
            case_id="c1",
            step_id="plain",
            attempt=1,
            applicant={"kind": "organisation"},
            fields=fields,
        )
    )


async def _answer(body: bytes, key: Ed25519EventKey) -> bytes:
    """Return what an adapter answers to ``body``: a status document with one signed event."""
    app = AdapterApp(_HERE, store=":memory:", event_key=key)

    @app.step("plain")
    async def plain(_submission: Submission) -> Outcome:
        return Received()

    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        told.append(message)

    path = f"{_BASE}/submissions/{_SUBMISSION}"
    fields = [
        (b"oneservice-version", b"1.0"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    scope = {
        "type": "http",
        "method": "PUT",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": fields,
    }
    async with app:
        await app(scope, receive, send)
    document = bytes(told[1]["body"])
    assert digest_bytes(body).encode() in document
    return document


# --- the server, in a process of its own -------------------------------------------------------


class _Canned(asyncio.Protocol):
    """Answers every request of a known length with the same bytes."""

    def __init__(self, answer: bytes, body_bytes: int) -> None:
        self._answer = answer
        self._body_bytes = body_bytes
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        head = self._held.find(b"\r\n\r\n")
        if head >= 0 and len(self._held) >= head + 4 + self._body_bytes:
            self._held = b""
            self._transport.write(self._answer)


async def _serve(body_bytes: int) -> None:
    document = sys.stdin.buffer.read()
    answer = (
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nOneService-Version: 1.0\r\n"
        b"Content-Length: %d\r\n\r\n" % len(document)
    ) + document
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Canned(answer, body_bytes), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
