"""The wires between regions, and their processes: what can be cut, slowed to a halt, and killed.

Everything goes over forwarders on loopback, so that a partition is one for real: connections break,
and new ones are refused. Each caller has wires of its own to what a region shows to everybody; the
counter of a region has one address for all, because signatures of requests cover it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from oneservice.cli.demo_regions_world import AUDITORS, REGIONS, START, prepare
from oneservice.errors import EnvironmentalError

__all__ = ["Country"]

_ANYBODY: Final = "*"
_PIECE: Final = 65_536
_ANSWER_S: Final = 60.0
_LONGEST_LINE: Final = 16_777_216


class _Wire:
    """Forwards one port to wherever its target listens now."""

    def __init__(self) -> None:
        self.target: tuple[str, int] | None = None
        self.is_cut = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"http://{host}:{port}"

    def cut(self) -> None:
        self.is_cut = True
        for one in self._open:
            one.transport.abort()

    async def close(self) -> None:
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
        with contextlib.suppress(OSError):
            await asyncio.gather(_pipe(reader, there_out), _pipe(there_in, writer))
        self._open -= {writer, there_out}


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


class Country:
    """Three regions and two auditors, each a process of its own; as a context it ends them.

    Args:
        base: the folder of everything; what lies there goes on.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self._time = base / "now"
        told = self._time.read_text(encoding="ascii") if self._time.exists() else ""
        self.now = datetime.fromisoformat(told) if told else START
        self.skew_hours: dict[str, float] = {}
        """By how much whose clock is wrong; for those that are started from now on."""
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._wires: dict[tuple[str, str, str], _Wire] = {}

    async def __aenter__(self) -> Self:
        """Make what is missing, lay the wires, start everybody."""
        prepare(self.base)
        counters = {one: await self._way(_ANYBODY, one, "office") for one in REGIONS}
        for caller in REGIONS:
            ways: dict[str, dict[str, str]] = {caller: {"office": counters[caller]}}
            for target in (*REGIONS, *AUDITORS):
                if target != caller:
                    public = await self._way(caller, target, "public")
                    way = {"public": public, "witness": f"{public}/witness"}
                    ways[target] = way | {"office": counters.get(target, "")}
            path = self.base / caller / "ways.json"
            path.write_text(json.dumps(ways), encoding="utf-8")
        try:
            await asyncio.gather(*(self.start(one) for one in (*REGIONS, *AUDITORS)))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let everybody go home."""
        for process in self._processes.values():
            if process.stdin is not None:
                process.stdin.close()
        for process in self._processes.values():
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()
        for wire in self._wires.values():
            await wire.close()

    async def start(self, name: str) -> None:
        """Start a region or an auditor; wires lead to it from then on.

        Raises:
            EnvironmentalError: it did not start; its log says why.
        """
        skew = str(self.skew_hours.get(name, 0.0))
        folder = self.base / name
        with (folder / "process.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "oneservice.cli.demo_regions_process"),
                *(str(self.base), name, skew),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
        self._processes[name] = process
        told = await self._exchange(name, {})
        for (_, target, kind), wire in self._wires.items():
            if target == name:
                place = urlsplit(told["office" if kind == "office" else "public"])
                wire.target = (str(place.hostname), int(place.port or 0))

    def pid(self, name: str) -> int:
        """Return the process id of a region or an auditor."""
        return self._processes[name].pid

    async def kill(self, name: str) -> None:
        """End a process at once, as a power cut would."""
        process = self._processes.pop(name)
        process.kill()
        await process.wait()

    async def ask(self, name: str, do: str, **more: Any) -> dict[str, Any]:
        """Give an order at the present moment; returns the answer, also where it is an error."""
        return await self._exchange(name, {"do": do, **more})

    async def say(self, name: str, do: str, **more: Any) -> dict[str, Any]:
        """Give an order that must succeed.

        Raises:
            EnvironmentalError: it did not.
        """
        told = await self.ask(name, do, **more)
        if "error" in told:
            msg = f"{name} could not '{do}': {told['error']}"
            raise EnvironmentalError(msg)
        return told

    async def later(self, span: timedelta) -> datetime:
        """Let time pass for everybody; returns now."""
        self.now += span
        fresh = self._time.with_suffix(".new")
        fresh.write_text(self.now.isoformat(), encoding="ascii")
        fresh.replace(self._time)
        for one in tuple(self._processes):
            await self.say(one, "tick")
        return self.now

    async def carry(self, *, hours: int, step: int = 2) -> None:
        """Let every region work, and time pass."""
        for _ in range(0, hours, step):
            await self.later(timedelta(hours=step))
            for one in REGIONS:
                if one in self._processes:
                    await self.say(one, "carry")

    def part(self, name: str) -> None:
        """Cut every wire to and from a region."""
        for (caller, target, _), wire in self._wires.items():
            if name in {caller, target}:
                wire.cut()

    def mend(self, name: str) -> None:
        """Lay the wires again."""
        for (caller, target, _), wire in self._wires.items():
            if name in {caller, target}:
                wire.is_cut = False

    async def _way(self, caller: str, target: str, kind: str) -> str:
        wire = self._wires[caller, target, kind] = _Wire()
        return await wire.start()

    async def _exchange(self, name: str, order: dict[str, Any]) -> dict[str, Any]:
        process = self._processes[name]
        if process.stdin is None or process.stdout is None:
            msg = f"{name} cannot be spoken to"
            raise EnvironmentalError(msg)
        line = json.dumps({**order, "now": self.now.isoformat()}) + "\n"
        answer = b""
        with contextlib.suppress(OSError, TimeoutError):
            process.stdin.write(line.encode("utf-8"))
            await process.stdin.drain()
            answer = await asyncio.wait_for(process.stdout.readline(), _ANSWER_S)
        if not answer:
            msg = f"{name} does not answer; see {self.base / name / 'process.log'}"
            raise EnvironmentalError(msg)
        found: dict[str, Any] = json.loads(answer)
        return found
