"""The adapter's callbacks as one thing that starts, rings and stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from oneservice.departments.calling_back import Calling, Rang, Ring

if TYPE_CHECKING:
    import ssl

    from oneservice.departments.callback_line import CallbackLine
    from oneservice.departments.callers import Callers
    from oneservice.departments.recording import Scribe

__all__ = ["Ringing"]

_log = logging.getLogger("oneservice.departments")


class Ringing:
    """Rings in the background; the HTTP client is imported only when somebody is to be rung."""

    def __init__(
        self, scribe: Scribe, callers: Callers, ssl_context: ssl.SSLContext | None
    ) -> None:
        self._scribe = scribe
        self._ssl_context = ssl_context
        self._line: CallbackLine | None = None
        self._calling = Calling(
            register=scribe.register,
            callers=callers,
            now=scribe.clock,
            send=self._send,
            bell=scribe.bell,
        )
        self._task = asyncio.create_task(self._calling.run())
        self._task.add_done_callback(_tell)

    async def round(self) -> int:
        """Ring all that are owed a callback now; return how many were tried."""
        return await self._calling.round()

    async def stop(self) -> None:
        """Ring no more."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._calling.stop()
        if self._line is not None:
            await self._line.aclose()

    async def _send(self, ring: Ring) -> Rang:
        if self._line is None:
            from oneservice.departments.callback_line import CallbackLine  # noqa: PLC0415 - httpx

            key = self._scribe.key
            assert key is not None  # noqa: S101 - it is there before anybody rings
            self._line = CallbackLine(key, self._scribe.clock, ssl_context=self._ssl_context)
        return await self._line.send(ring)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("callbacks have ended: %s", type(error).__name__)
