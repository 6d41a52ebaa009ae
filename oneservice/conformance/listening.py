"""Ears of the kit: a small server for callbacks, and a trap that nobody should ever walk into."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from oneservice.conformance.exchanges import Sent
from oneservice.errors import EnvironmentalError

__all__ = ["Ear", "listening"]

_HEAD_BYTES: Final = 32 * 1024
_BODY_BYTES: Final = 1_048_576
_PATIENCE_S: Final = 10.0


@dataclass(slots=True)
class Ear:
    """Hears requests and answers each as ``reply`` says; ``port`` is where it listens."""

    reply: Callable[[Sent, int], int] = lambda _, __: 204
    port: int = 0
    heard: list[Sent] = field(default_factory=list)
    connections: int = 0
    _rang: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for(self, enough: Callable[[list[Sent]], bool], *, within_s: float) -> bool:
        """Wait until ``enough`` was heard; ``False`` if it was not in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not enough(self.heard):
                    self._rang.clear()
                    await self._rang.wait()
        return enough(self.heard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one connection."""
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = [line.partition(":") for line in rest if ":" in line]
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
        size = min(int(dict(headers).get("content-length", "0")), _BODY_BYTES)
        sent = Sent(method=method, path=path, headers=headers, body=await reader.readexactly(size))
        self.heard.append(sent)
        status = self.reply(sent, len(self.heard))
        answer = f"HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(answer.encode())
        await writer.drain()
        self._rang.set()


@contextlib.asynccontextmanager
async def listening(ear: Ear, host: str, port: int = 0) -> AsyncIterator[Ear]:
    """Let ``ear`` listen while the block runs.

    Raises:
        EnvironmentalError: this machine does not have the address, or somebody listens there.
    """
    try:
        server = await asyncio.start_server(ear.serve, host, port, limit=_HEAD_BYTES)
    except OSError as error:
        msg = f"the kit cannot listen at {host}:{port}: free it, or name another address"
        raise EnvironmentalError(msg) from error
    ear.port = server.sockets[0].getsockname()[1]
    try:
        yield ear
    finally:
        server.close()
        await server.wait_closed()
