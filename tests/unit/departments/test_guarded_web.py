"""The web for other rooms: real sockets, and servers that do what they should not."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import inspect
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpcore
import pytest
import trustme

from oneservice.departments import GuardedWeb
from oneservice.departments.web import _FOREIGN, _why
from oneservice.errors import WebUnavailableError
from oneservice.ports import WebRequest

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server on loopback that says whatever ``talk`` says."""
    talking: set[asyncio.Task[Any]] = set()

    async def careful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        talking.add(own)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await talk(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(careful, "127.0.0.1", 0, ssl=tls)
    try:
        port = server.sockets[0].getsockname()[1]
        yield f"http{'s' if tls else ''}://127.0.0.1:{port}/x"
    finally:
        server.close()
        await server.wait_closed()
        for one in talking:
            one.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


def saying(*parts: bytes, pause_s: float = 0.0) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        for one in parts:
            writer.write(one)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return talk


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def ask(url: str, web: GuardedWeb | None = None, **more: Any) -> Any:
    async with web or GuardedWeb(is_internal=True) as found:
        return await found.exchange(WebRequest(url=url, **more))


async def test_an_answer_comes_whole() -> None:
    async with serving(saying(answer(b"hello", "X-A: b"))) as url:
        found = await ask(url)
    assert (found.status, found.body, found.headers["x-a"]) == (200, b"hello", "b")


async def test_every_status_is_an_answer_and_no_redirect_is_followed() -> None:
    for status in ("302 Found", "404 Not Found", "409 Conflict", "503 Away"):
        async with serving(saying(answer(b"", "Location: /y", status=status))) as url:
            assert (await ask(url)).status == int(status[:3])


async def test_what_is_posted_arrives() -> None:
    got = bytearray()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.extend(await reader.readuntil(b"\r\n\r\n"))
        got.extend(await reader.readexactly(4))
        writer.write(answer(b"ok"))
        await writer.drain()

    async with serving(talk) as url:
        sent = await ask(url, method="POST", body=b"body", headers={"Content-Type": "text/plain"})
    assert sent.body == b"ok"
    assert got.startswith(b"POST /x HTTP/1.1\r\n")
    assert b"Content-Type: text/plain" in got
    assert got.endswith(b"\r\n\r\nbody")


async def test_gzip_is_opened_within_the_limit() -> None:
    packed = gzip.compress(b"a" * 5000)
    async with serving(saying(answer(packed, "Content-Encoding: gzip"))) as url:
        assert (await ask(url, max_bytes=5000)).body == b"a" * 5000
    for body, encoding, why in (
        (packed, "gzip", "larger"),
        (packed[:-4], "gzip", "packed"),
        (packed + b"x", "gzip", "packed"),
        (b"no gzip", "gzip", "packed"),
        (b"x", "br", "packed"),
    ):
        limit = 4999 if why == "larger" else 1_000_000
        async with serving(saying(answer(body, f"Content-Encoding: {encoding}"))) as url:
            with pytest.raises(WebUnavailableError, match=why):
                await ask(url, max_bytes=limit)


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        (saying(answer(b"x" * 101)), "larger"),
        (saying(b"HTTP/1.1 200 OK\r\n\r\n", b"y" * 101), "larger"),
        (saying(b"HTTP/1.1 200 OK\r\n", *[b"X-A: %s\r\n" % (b"a" * 1000)] * 200), "larger"),
        (saying(*[b"HTTP/1.1 103 Early\r\nX: %s\r\n\r\n" % (b"a" * 900)] * 200), "larger"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), "cut off"),
        (saying(b"220 mail.example ESMTP\r\n"), "no HTTP"),
        (saying(b""), "cut off|no HTTP"),
        (
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b"x"] * 99, pause_s=0.1),
            "time",
        ),
    ],
)
async def test_no_answer_costs_more_than_it_may(talk: Talk, why: str) -> None:
    async with serving(talk) as url:
        with pytest.raises(WebUnavailableError, match=why) as error:
            await ask(url, max_bytes=100, deadline_s=1.0 if why == "time" else 30.0)
    assert "127.0.0.1" in str(error.value)


async def test_nobody_listens() -> None:
    with socket.socket() as taken:  # bound until the end: else somebody else may listen there
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(WebUnavailableError, match="cannot be reached"):
            await ask(f"http://127.0.0.1:{taken.getsockname()[1]}/")


async def test_tls_must_verify() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with serving(saying(answer(b"hello")), context) as url:
        web = GuardedWeb(is_internal=True, ssl_context=trusting)
        assert (await ask(url, web)).body == b"hello"
        with pytest.raises(WebUnavailableError, match="does not verify"):
            await ask(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "http://example.org/x",
    ],
)
async def test_addresses_out_of_documents_stay_in_public(url: str) -> None:
    with pytest.raises(WebUnavailableError, match=r"may not be asked|asked by https"):
        await ask(url, GuardedWeb())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1/#part",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: y",
        "http://日志.example/",
        "http://127.0.0.1/" + "a" * 10_000,
        "https://169.254.169.254/latest/meta-data",
    ],
)
async def test_what_is_no_address_is_refused_by_everybody(url: str) -> None:
    with pytest.raises(WebUnavailableError) as error:
        await ask(url)
    assert "secret" not in str(error.value)


async def test_other_methods_are_not_spoken() -> None:
    with pytest.raises(WebUnavailableError, match="DELETE"):
        await ask("http://127.0.0.1/", method="DELETE")


def test_every_exception_of_the_library_is_known() -> None:
    theirs = [
        one
        for one in vars(httpcore).values()
        if inspect.isclass(one) and issubclass(one, Exception)
    ]
    assert len(theirs) > 5
    for one in theirs:
        assert issubclass(one, _FOREIGN), one
        assert _why(one("secret text")).startswith(("it", "no ", "TLS"))
