"""One thing at a time per key, and a bell that many can wait for."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from oneservice.errors import AdapterError, ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable

__all__ = ["Bell", "KeyedLocks"]


class KeyedLocks:
    """A lock for each key that somebody holds or waits for; none is kept for others."""

    def __init__(self) -> None:
        self._held: dict[Hashable, tuple[asyncio.Lock, int]] = {}
        self._holders: dict[Hashable, asyncio.Task[object] | None] = {}

    @contextlib.asynccontextmanager
    async def hold(self, key: Hashable, *, patience_s: float | None) -> AsyncIterator[None]:
        """Hold the lock of ``key``.

        Raises:
            TimeoutError: somebody else held it for longer than ``patience_s``.
            AdapterError: this very task holds it, and would wait for itself for ever.
        """
        if key in self._holders and self._holders[key] is asyncio.current_task():
            msg = (
                "a step's function cannot record for the submission that it was called for: "
                "return the outcomes instead, they are recorded together with what came"
            )
            raise AdapterError(msg)
        lock, users = self._held.get(key, (asyncio.Lock(), 0))
        self._held[key] = (lock, users + 1)
        try:
            async with asyncio.timeout(patience_s):
                await lock.acquire()
            self._holders[key] = asyncio.current_task()
            try:
                yield
            finally:
                del self._holders[key]
                lock.release()
        finally:
            lock, users = self._held[key]
            if users == 1:
                del self._held[key]
            else:
                self._held[key] = (lock, users - 1)

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
