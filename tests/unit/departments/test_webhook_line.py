"""Where notifications may go, over real sockets: judged names, TLS, whatever a receiver answers."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpcore
import pytest
import trustme

from oneservice.departments import (
    Ed25519EventKey,
    ServerTls,
    VerifyingKey,
    WebhookLine,
    refuse_address,
    running,
    tls_context,
    verify_notification,
)
from oneservice.departments import webhook_line as under_test
from oneservice.departments.webhook_addresses import is_allowed
from oneservice.departments.webhook_line import _FOREIGN
from oneservice.errors import EndpointInvalidError, ProtocolProblemError

NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY = Ed25519EventKey.generate("records-1")
BODY = b'{"changes":[],"subscription":"s"}'

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::7f00:1",  # the prefix for translators of one's own (RFC 8215)
]
NEVER = [
    "0.0.0.0",  # noqa: S104 - an address that is refused
    "::",
    "169.254.169.254",  # where clouds keep their metadata
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "100.100.100.200",  # the same, in another cloud
    "224.0.0.1",
    "ff02::1",
    "2002:7f00:1::1",  # 6to4 of 127.0.0.1
    "2001:0:1:2:3:4:5:6",  # Teredo
    "2001:db8::1",
    "3fff::1",
    "2001:20::1",  # a hash, no place
    "fec0::1",  # what was site-local
    "5f00::1",
    "::127.0.0.1",  # IPv4-compatible
    "::8.8.8.8",
    "::ffff:0:127.0.0.1",  # IPv4-translated
    "::ffff:0:8.8.8.8",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:a00:0:100:808:808",  # which of its two old addresses counts, no one knows
    "fd00:ec2::254",  # metadata again
    "fd20:ce::254",
    "168.63.129.16",
    "0.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "192.88.99.1",
    "240.0.0.1",
    "255.255.255.255",
]


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        *[(one, True, True) for one in PUBLIC],
        *[(one, False, True) for one in PRIVATE],
        *[(one, False, False) for one in NEVER],
    ],
)
def test_which_addresses_count(address: str, *, outside: bool, inside: bool) -> None:
    judged = ipaddress.ip_address(address)
    assert is_allowed(judged, is_internal=False) is outside
    assert is_allowed(judged, is_internal=True) is inside


@pytest.mark.parametrize(
    ("url", "outside", "inside"),
    [
        ("https://records.example/hook", True, True),
        ("https://records.example:8443/hook", True, True),
        ("https://93.184.216.34/hook", True, True),
        ("http://records.example/hook", False, False),
        ("http://93.184.216.34/hook", False, False),
        ("https://10.0.0.7/hook", False, True),
        ("http://10.0.0.7/hook", False, False),
        ("http://127.0.0.1:8000/hook", False, True),
        ("https://localhost/hook", False, True),
        ("https://169.254.169.254/latest", False, False),
        ("https://[::1]/hook", False, True),
        ("https://records.example/hook?token=1", False, False),
        ("https://user:pass@records.example/hook", False, False),
        ("https://records.example/hook#x", False, False),
        ("https://records.example/" + "x" * 2048, False, False),
        ("https://records.example/hook\r\nX: y", False, False),
        ("https://records.example/a hook", False, False),
        ("ftp://records.example/hook", False, False),
        ("https:///hook", False, False),
        ("https://münchen.example/hook", False, False),
    ],
)
def test_which_addresses_are_registered(url: str, *, outside: bool, inside: bool) -> None:
    for is_internal, is_taken in ((False, outside), (True, inside)):
        if is_taken:
            refuse_address(url, is_internal=is_internal)
            continue
        with pytest.raises(EndpointInvalidError) as caught:
            refuse_address(url, is_internal=is_internal)
        assert "hook" not in str(caught.value)


@asynccontextmanager
async def line(url: str, *, is_internal: bool = True, **more: Any) -> AsyncIterator[WebhookLine]:
    found = WebhookLine(url, KEY, is_internal=is_internal, **more)
    try:
        yield found
    finally:
        await found.aclose()


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def getaddrinfo(_host: str, port: int, **_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.216.34", "127.0.0.1")])
async def test_a_name_that_leads_inside_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    came = []
    server = await asyncio.start_server(lambda *_: came.append(1), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    resolving(monkeypatch, *addresses)
    async with server, line(f"https://rebound.example:{port}/", is_internal=False) as sending:
        answer = await sending.send(BODY, now=NOW)
    assert (answer.status, answer.problem) == (0, "its name leads to an address that is not public")
    assert came == []


async def test_the_judged_address_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async with running(app, lifespan="off") as url:
        port = url.split(":")[2].split("/")[0]
        resolving(monkeypatch, "127.9.9.9", "127.0.0.1")  # nobody listens at the first
        async with line(f"http://named.example:{port}/") as sending:
            assert (await sending.send(BODY, now=NOW)).status == 204


async def test_tls_is_checked_by_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    tls = ServerTls(certificate=tmp_path / "server.pem", key=tmp_path / "server.pem")
    came: list[tuple[dict[str, str], bytes]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        came.append(({k.decode(): v.decode() for k, v in scope["headers"]}, body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"thanks"})

    async with running(app, lifespan="off", tls=tls) as address:
        url = address.replace("127.0.0.1", "localhost")
        context = tls_context(anchors=tmp_path / "ca.pem")
        async with line(url, ssl_context=context) as sending:
            assert (await sending.send(BODY, now=NOW)).status == 200
            assert (await sending.send(BODY, now=NOW)).status == 200
        async with line(url) as sending:
            answer = await sending.send(BODY, now=NOW)
            assert answer.problem == "its TLS certificate does not verify"
        async with line(address, ssl_context=context) as sending:  # the address is not its name
            answer = await sending.send(BODY, now=NOW)
            assert answer.problem == "its TLS certificate does not verify"
    public = VerifyingKey(keyid=KEY.keyid, alg=KEY.alg, public_key=KEY.public_key)
    headers, body = came[0]
    assert verify_notification(headers, body, [public], url=url, now=NOW).changes == ()
    with pytest.raises(ProtocolProblemError):
        verify_notification(headers, body, [public], url=address, now=NOW)


@asynccontextmanager
async def receiver(data: bytes, *, hold: bool = False) -> AsyncIterator[str]:
    """A server that answers ``data`` whatever comes, and then hangs up, or waits for the caller."""
    ended: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.current_task())  # type: ignore[arg-type]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            await writer.drain()
            if hold:
                await reader.read()
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await asyncio.gather(*ended)


@pytest.mark.parametrize(
    ("data", "hold", "status", "problem"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", False, 204, ""),
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", False, 410, ""),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", False, 302, ""),
        (b"", False, 0, "its answer is no HTTP, or was cut off"),
        (b"nonsense\r\n\r\n", False, 0, "its answer is no HTTP, or was cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", False, 0, "its answer is no HTTP, or"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000, True, 0, "its answer is"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 400_000, True, 0, "its answer is too large"),
        (b"HTTP/1.1 200 OK\r\n", True, 0, "no whole answer within"),
    ],
)
async def test_whatever_is_answered_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, data: bytes, *, hold: bool, status: int, problem: str
) -> None:
    monkeypatch.setattr(under_test, "DEADLINE_S", 0.5 if problem.startswith("no whole") else 30.0)
    async with receiver(data, hold=hold) as url, line(url) as sending:
        answer = await sending.send(BODY, now=NOW)
    assert answer.status == status
    assert answer.problem.startswith(problem)
    assert answer.problem or status


async def test_nobody_there_and_no_such_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        async with line(f"http://127.0.0.1:{free.getsockname()[1]}/") as sending:
            assert (await sending.send(BODY, now=NOW)).problem == "it cannot be reached"

    async def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "secret.example is unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    async with line("https://secret.example/") as sending:
        assert (await sending.send(BODY, now=NOW)).problem == "it cannot be reached"


def test_every_exception_of_the_library_is_known() -> None:
    exported = [getattr(httpcore, name) for name in httpcore.__all__]
    kinds = [one for one in exported if isinstance(one, type) and issubclass(one, Exception)]
    assert len(kinds) > 10
    assert [one for one in (*kinds, ssl.SSLError) if not issubclass(one, _FOREIGN)] == []
