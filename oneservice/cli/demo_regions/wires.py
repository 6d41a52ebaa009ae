"""Wires: each forwards one port to wherever its target listens now, and can be cut.

Run as a script, this is the gateway of a network namespace: lines on standard input lay wires or
lead them elsewhere, ``{"listen": [HOST, PORT], "to": [HOST, PORT]}``, each answered by a line. It
ends with its input, and with it ends the namespace. Nothing here imports anything of ours, so that
a gateway starts at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import Final, TypeAlias

__all__ = ["Place", "Wire"]

Place: TypeAlias = tuple[str, int]
_PIECE: Final = 65_536


class Wire:
    """Forwards one port; whoever calls while it is cut, or leads nowhere, is hung up on."""

    def __init__(self, target: Place | None = None) -> None:
        self.target = target
        self.is_cut = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the address."""
        self._server = await asyncio.start_server(self._forward, host, port)
        found = self._server.sockets[0].getsockname()
        return f"http://{found[0]}:{found[1]}"

    def cut(self) -> None:
        """Break what is open, and let nobody through."""
        self.is_cut = True
        for one in self._open:
            one.transport.abort()

    async def close(self) -> None:
        """Cut it, and listen no more."""
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut or self.target is None:
            writer.transport.abort()
            return
        try:
            there_in, there_out = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there_out}
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(_pipe(reader, there_out), _pipe(there_in, writer))
        finally:
            self._open -= {writer, there_out}
            writer.transport.abort()
            there_out.transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def _gateway() -> None:
    wires: dict[Place, Wire] = {}
    loop = asyncio.get_running_loop()
    _say()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        told = json.loads(line)
        here: Place = (told["listen"][0], told["listen"][1])
        to: Place = (told["to"][0], told["to"][1])
        if here in wires:
            wires[here].target = to
        else:
            wires[here] = Wire(to)
            await wires[here].start(*here)
        _say()


def _say() -> None:
    sys.stdout.write("{}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_gateway())
