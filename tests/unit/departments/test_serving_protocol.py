"""What a raw socket can do to a serving adapter: P-64 and P-69 below the application."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from oneservice.departments import AdapterApp, parse_problem, running

PROTOCOLS = ["h11_impl.H11Protocol", "httptools_impl.HttpToolsProtocol"]
ASK = b"GET /oneservice/v1/changes HTTP/1.1\r\nHost: x\r\nOneService-Version: 1.0\r\n"


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve with each parser that uvicorn may find installed."""
    module, _, name = request.param.partition(".")
    found = pytest.importorskip(f"uvicorn.protocols.http.{module}", exc_type=ImportError)
    monkeypatch.setattr("uvicorn.protocols.http.auto.AutoHTTPProtocol", getattr(found, name))
    monkeypatch.setattr("oneservice.departments.serving_protocol.HEAD_S", 0.3)


@asynccontextmanager
async def served(tmp_path: Path) -> AsyncIterator[str]:
    app = AdapterApp("health", store=tmp_path / "r.db")
    async with running(app) as url:
        yield url


async def opened(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    place = urlsplit(url)
    return await asyncio.open_connection(place.hostname, place.port)


async def dripped(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, piece: bytes, *, pause_s: float
) -> int:
    """Send ``piece`` again and again until the server hangs up; return how often."""
    async with asyncio.timeout(120):
        count = 0
        while True:
            count += 1
            try:
                writer.write(piece)
                await writer.drain()
                if await asyncio.wait_for(reader.read(65_536), pause_s) == b"":
                    return count
            except TimeoutError:
                continue
            except ConnectionError:
                return count


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


@pytest.mark.usefixtures("protocol")
@pytest.mark.parametrize("start", [b"", b"G", ASK, ASK + b"X-A: b"])
async def test_p69_a_head_that_never_ends_is_cut_off(tmp_path: Path, start: bytes) -> None:
    async with served(tmp_path) as url, httpx.AsyncClient() as http:
        reader, writer = await opened(url)
        writer.write(start)
        await writer.drain()
        answer = await http.get(f"{url}/changes", headers={"OneService-Version": "1.0"})
        assert answer.status_code == 200
        async with asyncio.timeout(120):
            assert await reader.read() == b""
        writer.close()


@pytest.mark.usefixtures("protocol")
async def test_drops_do_not_buy_time_and_a_second_request_has_a_limit_too(tmp_path: Path) -> None:
    async with served(tmp_path) as url:
        reader, writer = await opened(url)
        writer.write(ASK + b"\r\n")
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.5)  # idle is not slow
        writer.write(ASK + b"\r\n")
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        writer.write(ASK + b"X-A: ")
        await dripped(reader, writer, b"b", pause_s=0.05)
        assert 0.2 < time.monotonic() - began < 9
        writer.close()


@pytest.mark.usefixtures("protocol")
async def test_a_head_without_end_is_cut_off_by_size(tmp_path: Path) -> None:
    async with served(tmp_path) as url:
        reader, writer = await opened(url)
        writer.write(ASK)
        line = b"X-A: " + b"b" * 8000 + b"\r\n"
        assert await dripped(reader, writer, line, pause_s=0.001) < 100
        writer.close()


@pytest.mark.usefixtures("protocol")
async def test_p64_what_is_no_http_is_told_as_everything_is(tmp_path: Path) -> None:
    async with served(tmp_path) as url:
        reader, writer = await opened(url)
        writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        answer = await answer_of(reader)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert b"application/problem+json" in head
        assert b"\r\ndate: " in head.lower()  # RFC 9110 section 6.6.1: in every 4xx
        assert parse_problem(body).code == "malformed"
        assert await reader.read() == b""
        writer.close()


@pytest.mark.usefixtures("protocol")
@pytest.mark.parametrize("hosts", [b"", b"Host: x\r\nHost: x\r\n", b"Host: x\r\nhost: y\r\n"])
async def test_p64_a_request_names_its_host_once(tmp_path: Path, hosts: bytes) -> None:
    """RFC 9112 section 3.2: 400 to a request that lacks the field or has it twice."""
    async with served(tmp_path) as url:
        reader, writer = await opened(url)
        writer.write(ASK.replace(b"Host: x\r\n", hosts) + b"\r\n")
        head, _, body = (await answer_of(reader)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert parse_problem(body).code == "malformed"
        assert await reader.read() == b""
        writer.close()


@pytest.mark.usefixtures("protocol")
async def test_an_old_client_need_not_name_the_host(tmp_path: Path) -> None:
    async with served(tmp_path) as url:
        reader, writer = await opened(url)
        writer.write(ASK.replace(b"Host: x\r\n", b"").replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n")
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 200")
        writer.close()
