"""The processes of the story: regions and auditors, started, spoken to, killed, cut off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from oneservice.cli.demo_regions.acquaintance import HOSTS_NAME
from oneservice.cli.demo_regions.directory import first_directory, join, leave
from oneservice.cli.demo_regions.keys import (
    AUDITORS,
    FOUNDERS,
    JOINING,
    REGIONS,
    departments_of,
    site_url,
)
from oneservice.cli.demo_regions.lists import START, first_list
from oneservice.cli.demo_regions.roads import NAMES, Loopback, Roads
from oneservice.cli.reading import write_file
from oneservice.errors import EnvironmentalError

__all__ = ["Country", "prepare"]

_ANSWER_S: Final = 90.0
_LONGEST_LINE: Final = 67_108_864


def prepare(base: Path) -> None:
    """Make every key, every region's list and the directory, once."""
    for one in FOUNDERS:
        first_list(base, one)
    first_directory(base)


class Country:
    """Regions and auditors, each a process of its own; as a context it ends them.

    Args:
        base: the folder of everything; what lies there goes on.
        roads: between them; loopback by default.
    """

    def __init__(self, base: Path, *, roads: Roads | None = None) -> None:
        self.base = base
        self._time = base / "now"
        told = self._time.read_text(encoding="ascii") if self._time.exists() else ""
        self.now = datetime.fromisoformat(told) if told else START
        self.skew_hours: dict[str, float] = {}
        """By how much whose clock is wrong; for those that are started from now on."""
        self._roads = roads or Loopback()
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    async def __aenter__(self) -> Self:
        """Make what is missing, lay the roads, start everybody: auditors first."""
        prepare(self.base)
        try:
            await self._roads.lay()
            for one in NAMES:
                path = self.base / one / HOSTS_NAME
                path.parent.mkdir(exist_ok=True)
                path.write_text(json.dumps(_named(self._roads.hosts(one))), encoding="utf-8")
            # Auditors hand the directory out, so they come first; regions look at each other's
            # lists, so everybody looks again when all are there.
            await asyncio.gather(*(self._launch(one) for one in AUDITORS))
            await asyncio.gather(*(self._launch(one) for one in self._taking_part()))
            await self.acquaint()
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
        await self._roads.close()

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that are running."""
        return tuple(one for one in NAMES if one in self._processes and one not in AUDITORS)

    def _taking_part(self) -> tuple[str, ...]:
        has_joined = (self.base / JOINING / "joined").exists()
        return (*FOUNDERS, JOINING) if has_joined else FOUNDERS

    async def start(self, name: str) -> None:
        """Start a region or an auditor among the others; roads lead to it from then on.

        Raises:
            EnvironmentalError: it did not start; its log says why.
        """
        await self._launch(name)
        await self.say(name, "learn")

    async def _launch(self, name: str) -> None:
        skew = str(self.skew_hours.get(name, 0.0))
        with (self.base / name / "process.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._roads.command(name),
                *(sys.executable, "-m", "oneservice.cli.demo_regions.process"),
                *(str(self.base), name, skew),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
        self._processes[name] = process
        await self._exchange(name, {})

    async def acquaint(self) -> dict[str, Any]:
        """Have everybody look at directory and lists; returns what each reports."""
        running = tuple(self._processes)
        await asyncio.gather(*(self.say(one, "learn") for one in AUDITORS if one in running))
        told = await asyncio.gather(*(self.say(one, "learn") for one in running))
        return dict(zip(running, told, strict=True))

    async def join(self, region: str) -> None:
        """Let a region join: a paragraph in the directory, and a process."""
        await self.later(timedelta(minutes=1))
        first_list(self.base, region, at=self.now)
        join(self.base, region, at=self.now)
        (self.base / region / "joined").touch()
        await self.start(region)
        await self.acquaint()

    async def leave(self, region: str) -> None:
        """Let a region leave: its last moment in the directory."""
        await self.later(timedelta(minutes=1))
        leave(self.base, region, at=self.now)
        await self.acquaint()

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
        write_file(self._time, self.now.isoformat().encode("ascii"))
        for one in tuple(self._processes):
            await self.say(one, "tick")
        return self.now

    async def carry(self, *, hours: int, step: int = 2) -> None:
        """Let every region work, and time pass."""
        for _ in range(0, hours, step):
            await self.later(timedelta(hours=step))
            for one in self.regions:
                await self.say(one, "carry")

    async def part(self, name: str) -> None:
        """Cut somebody off from all others."""
        await self._roads.part(name)

    async def mend(self, name: str) -> None:
        """Connect somebody again."""
        await self._roads.mend(name)

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
        if "opened" in found:
            await self._roads.arrived(name, found["opened"])
        return found


def _named(hosts: Mapping[str, str]) -> dict[str, str]:
    """Return where names lead, those of the registers of offices among them: to their region."""
    offices = {
        f"https://{department}.{region}.example": f"{hosts[site_url(region)]}/offices/{department}"
        for region in REGIONS
        for department in departments_of(region)
    }
    return {**hosts, **offices}
