"""One thing at a time per key, and a bell that many can wait for."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oneservice.errors import AdapterError, ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable

__all__ = ["Bell", "KeyedLocks"]


class KeyedLocks:
    """A lock for each key that somebody holds or waits for; none is kept for others."""

    def __init__(self) -> None:
        self._held: dict[Hashable, _Place] = {}

    @contextlib.asynccontextmanager
    async def hold(self, key: Hashable, *, patience_s: float | None) -> AsyncIterator[None]:
        """Hold the lock of ``key``.

        Raises:
            TimeoutError: somebody else held it for longer than ``patience_s``.
            AdapterError: this very task holds it, and would wait for itself for ever.
        """
        task = asyncio.current_task()
        place = self._held.get(key)
        if place is None:
            place = self._held[key] = _Place()
        elif place.holder is task:
            msg = (
                "a step's function cannot record for the submission that it was called for: "
                "return the outcomes instead, they are recorded together with what came"
            )
            raise AdapterError(msg)
        place.users += 1
        try:
            if place.lock.locked():
                async with asyncio.timeout(patience_s):
                    await place.lock.acquire()
            else:
                await place.lock.acquire()  # free, so it does not wait
            place.holder = task
            try:
                yield
            finally:
                place.holder = None
                place.lock.release()
        finally:
            place.users -= 1
            if not place.users:
                del self._held[key]

    @contextlib.asynccontextmanager
    async def alone(self, key: Hashable, *, patience_s: float) -> AsyncIterator[None]:
        """Hold the lock of ``key`` for a request.

        Raises:
            ProtocolProblemError: ``in-progress``: another request holds it for too long.
        """
        holding = self.hold(key, patience_s=patience_s)
        try:
            await holding.__aenter__()
        except TimeoutError:
            msg = "another request under this id is still being worked on"
            raise ProtocolProblemError(msg, problem="in-progress") from None
        try:
            yield
        finally:
            await holding.__aexit__(None, None, None)


@dataclass(slots=True)
class _Place:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    holder: asyncio.Task[object] | None = None


class Bell:
    """Wakes all who wait. Take :meth:`ticket` *before* you look, or you may miss a ring."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self.is_stopped = False

    def ticket(self) -> asyncio.Event:
        """Return what the next ring sets."""
        return self._next

    def ring(self) -> None:
        """Wake all tickets that were taken so far."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def start(self) -> None:
        """Let people wait (again)."""
        self.is_stopped = False

    def stop(self) -> None:
        """Wake everybody; no one should wait any more."""
        self.is_stopped = True
        self.ring()
