"""HTTP/1.1 by hand, over a socket: the stock clients would not let us send what some must refuse.

One connection for one request. Whatever the far side does, a call ends within its deadline and
never reads more than a limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from oneservice.conformance.exchanges import Answer, Exchange, Sent

__all__ = ["Line", "Wire"]

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_BODY_BYTES: Final = 24 * 1_048_576
_NO_BODY: Final = frozenset({204, 304})
_CLOSED: Final = "the connection was closed without an answer"


@dataclass(slots=True)
class Wire:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> bool:
        """Send bytes; ``False`` if nobody takes them any more."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except OSError:
            return False
        return True

    async def answer(self, method: str) -> Answer | None:
        """Read one answer; ``None`` if the connection closed before its head was whole."""
        while True:
            try:
                head = await self.reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
                return None
            status, headers = _head(head)
            if status == 0 or not 100 <= status < 200:  # noqa: PLR2004 - interim answers go by
                break
        has_body = method != "HEAD" and status not in _NO_BODY
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            body = await self._body(headers) if has_body else b""
            return Answer(status=status, headers=headers, body=body)
        return None

    async def _body(self, headers: tuple[tuple[str, str], ...]) -> bytes:
        fields = dict(headers)
        if "chunked" in fields.get("transfer-encoding", "").lower():
            return await self._chunks()
        if "content-length" in fields:
            return await self.reader.readexactly(min(int(fields["content-length"]), MAX_BODY_BYTES))
        return await self.reader.read(MAX_BODY_BYTES)

    async def _chunks(self) -> bytes:
        found = b""
        while len(found) <= MAX_BODY_BYTES:
            size = int((await self.reader.readline()).split(b";")[0], 16)
            found += await self.reader.readexactly(min(size, MAX_BODY_BYTES))
            await self.reader.readline()
            if size == 0:
                break
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way to one adapter.

    Attributes:
        base_url: of the protocol's resources.
        tls: trust anchors, and our certificate; ``None`` over plain loopback.
        deadline_s: of a call, where it names none.
    """

    base_url: str
    tls: ssl.SSLContext | None = None
    deadline_s: float = 20.0

    @property
    def root(self) -> str:
        """The path of the base address, without a slash at its end."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def authority(self) -> str:
        """The authority of the base address."""
        return urlsplit(self.base_url).netloc

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Wire]:
        """Open a connection; raises :class:`OSError`."""
        parts = urlsplit(self.base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        reader, writer = await asyncio.open_connection(
            parts.hostname, port, ssl=self.tls, limit=MAX_HEAD_BYTES
        )
        try:
            yield Wire(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def call(self, sent: Sent, *, deadline_s: float | None = None) -> Exchange:
        """Send one request and read its answer; never raises for what the network does."""
        loop = asyncio.get_running_loop()
        began_s, limit_s = loop.time(), deadline_s or self.deadline_s
        answer, failure = None, ""
        try:
            async with asyncio.timeout(limit_s), self.open() as wire:
                await wire.send(written(sent, self.authority))
                answer = await wire.answer(sent.method)
                failure = "" if answer is not None else _CLOSED
        except TimeoutError:
            failure = f"nothing came within {limit_s:g} s"
        except OSError as error:
            failure = f"no connection: {type(error).__name__}"
        took_s = loop.time() - began_s
        return Exchange(sent=sent, answer=answer, seconds=took_s, failure=failure)


def written(sent: Sent, authority: str) -> bytes:
    """Return the request as bytes; one request per connection."""
    names = {name.lower() for name, _ in sent.headers}
    lines = [f"{sent.method} {sent.path} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {authority}")
    lines += [f"{name}: {value}" for name, value in sent.headers]
    is_framed = "content-length" in names or "transfer-encoding" in names
    if not is_framed and (sent.body or sent.method in {"PUT", "POST"}):
        lines.append(f"Content-Length: {len(sent.body)}")
    lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + sent.body


def _head(head: bytes) -> tuple[int, tuple[tuple[str, str], ...]]:
    first, *rest = head.decode("latin-1").split("\r\n")
    parts = first.split(" ", 2)
    status = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
    pairs = (line.partition(":") for line in rest if ":" in line)
    return status, tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
