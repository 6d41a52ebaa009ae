"""One region, or one auditor, as a process: ``python -m oneservice.cli.demo_regions.process``.

Arguments: the folder of the story, a name, by how many hours its clock is wrong. Orders come a
line at a time on standard input, each with the moment at which it is given; answers go out a line
at a time. When standard input ends, it goes home; killed, it loses nothing. What regions alone need
is imported by them alone: starting is most of what these processes cost.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, Union

from oneservice.cli.demo_regions.acquaintance import HOSTS_NAME, Acquaintance, NamedWeb
from oneservice.cli.demo_regions.auditor import Auditor
from oneservice.cli.demo_regions.directory import published
from oneservice.cli.demo_regions.keys import REGIONS, member
from oneservice.cli.demo_regions.lists import LIST_NAME
from oneservice.cli.demo_regions.sites import Door, PublicSite
from oneservice.clocks import VirtualClock
from oneservice.departments import GuardedWeb, running
from oneservice.errors import OneServiceError

if TYPE_CHECKING:
    from oneservice.cli.demo_regions.region import Region

__all__ = ["main"]

_Open: TypeAlias = Union["Region", Auditor]
_LOOKS_FIRST: Final = frozenset({"learn", "fetch", "recognise"})
"""Orders before which directory and lists are read again; before others, now and then."""
_STALE_AFTER: Final = timedelta(hours=24)


class _Process:
    """A member of the story while its process lives."""

    def __init__(self, base: Path, name: str, clock: VirtualClock, web: GuardedWeb) -> None:
        self.base, self.name, self.clock = base, name, clock
        self.is_region = name in REGIONS
        folder = base / name
        named = NamedWeb(web, folder / HOSTS_NAME)
        self.known = Acquaintance(folder, name if self.is_region else None, named)
        files = {"trust-list": folder / LIST_NAME} if self.is_region else {}
        self.site = PublicSite(files or {"directory": published(base)})
        self.door = Door()
        self._stack = AsyncExitStack()
        self._open: _Open | None = None
        self._looked_at: datetime | None = None

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what an order says; errors of this library are answers."""
        do = order["do"]
        if do == "tick":
            return {}
        try:
            open_now = await self._ready(do)
            if do == "learn":
                return self.known.report()
            if isinstance(open_now, Auditor):
                return {}
            from oneservice.cli.demo_regions.orders import obey  # noqa: PLC0415 - regions' alone

            return await obey(open_now, order)
        except OneServiceError as error:
            return {"error": f"{error.code}: {error}"}

    async def _ready(self, do: str) -> _Open:
        """Look around where it is time, and open, or open anew where what is known changed."""
        now, last = self.clock.now(), self._looked_at
        is_due = do in _LOOKS_FIRST or last is None or now - last >= _STALE_AFTER
        if is_due and await self.known.look(now):
            await self.close()
        if is_due:
            self._looked_at = now
        if self._open is None:
            self._open = await self._opened()
        return self._open

    async def _opened(self) -> _Open:
        found: _Open
        if self.is_region:
            from oneservice.cli.demo_regions.house import opened  # noqa: PLC0415 - regions' alone

            own = member(self.base, self.name)
            found = await self._stack.enter_async_context(opened(own, self.known, self.clock))
            self.door.counter = found.office
        else:
            auditor = Auditor.of(self.base, self.name, self.known, self.clock)
            found = self._stack.enter_context(auditor)
        self.site.house = found
        return found

    async def close(self) -> None:
        """Close everything behind the doors."""
        self._open = self.site.house = self.door.counter = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()


async def _serve(base: Path, name: str, skew: timedelta) -> None:
    first = json.loads(await _line())
    clock = VirtualClock(datetime.fromisoformat(first["now"]) + skew)
    async with GuardedWeb(is_internal=True) as web:
        process = _Process(base, name, clock, web)
        async with running(process.site) as public, running(process.door) as office:
            _say({"opened": {"public": public, "office": office}})
            try:
                while line := await _line():
                    order = json.loads(line)
                    clock.set(datetime.fromisoformat(order["now"]) + skew)
                    _say(await process.obey(order))
            finally:
                await process.close()


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stdout.flush()


async def _line() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def main(arguments: list[str]) -> None:
    """Be the region or the auditor that the command line names."""
    base, name, skew = Path(arguments[0]), arguments[1], timedelta(hours=float(arguments[2]))
    asyncio.run(_serve(base, name, skew))


if __name__ == "__main__":
    main(sys.argv[1:])
