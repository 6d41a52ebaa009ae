"""How an engine spends its time: what is due is done, until somebody must act or for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from oneservice.case import Case
from oneservice.engine.carrying import Carrying
from oneservice.engine.parts import EngineParts
from oneservice.engine.reading import Readable

__all__ = ["Runnable"]


class Runnable(Readable):
    """The part of an engine that goes on by itself: by its clock, and on news of departments."""

    def __init__(self, parts: EngineParts) -> None:
        super().__init__(parts)
        self._carrying = Carrying(parts.driver, parts.feeds, parts.vouching)

    async def wait_until(self, instant: datetime) -> None:
        """Wait on this engine's clock; a virtual one jumps."""
        await self._driver.clock.wait_until(instant)

    async def progress(self) -> None:
        """Do everything that is due now: calls, limits, news; return when nothing is left.

        Raises:
            JournalError: something could not be made durable.
        """
        await self._carrying.progress()

    async def tick(self) -> int:
        """Wake what is due by the clock alone, and nothing else; return how many cases that were.

        :meth:`progress` and :meth:`run` do it too; a scheduler of your own may call it instead.
        """
        return await self._driver.tick()

    async def next_wake(self) -> datetime | None:
        """Return when something is due next; ``None``: nothing, unless somebody acts."""
        return await self._carrying.next_wake()

    async def settled(self, case_id: str, *, until: datetime | None = None) -> Case:
        """Return the case when it has ended, or when only a person can move it on.

        Waits on the engine's clock: days on a real one, no time on a virtual one. A department
        whose answers cannot be used is asked again for ever, so a case that shows an incident and
        has not moved for seven days is left to people too.

        Args:
            case_id: which case.
            until: return at this instant at the latest.
        """
        return await self._carrying.settled(case_id, until=until)

    async def run(self) -> None:
        """Carry all cases on until cancelled: for a service that runs for months.

        Raises:
            JournalUnavailableError: the engine was closed.
        """
        await self._carrying.run()

    @contextmanager
    def watching(self, tell: Callable[[str], object]) -> Iterator[None]:
        """Have ``tell`` called with the id of every case that moves, as soon as that is durable.

        It is a hint and no record: who was not there, or was slow, looks at the cases themselves.
        It must return at once and not raise.
        """
        self._driver.when_moved.append(tell)
        try:
            yield
        finally:
            self._driver.when_moved.remove(tell)

    def look_soon(self, department: str) -> None:
        """Take a hint that ``department`` has news: read at the next chance, never believed."""
        self._carrying.look_soon(department)
