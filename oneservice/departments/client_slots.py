"""Turns to speak with a department: a semaphore whose width may change while it is in use.

The pool of the HTTP library must never be the place where callers queue: a call that is cancelled
there leaks its connection (encode/httpcore#1093), and after a storm of cancellations every later
call waits for ever. So callers queue here, and at most as many get through as the pool is wide.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

from oneservice.departments.client_pace import Width

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Slots"]


class Slots:
    """``async with slots:`` holds one of at most ``most`` turns; first come, first served."""

    def __init__(self, most: int) -> None:
        self._width = Width(most=most, current=most)
        self._busy = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    @property
    def width(self) -> int:
        """How many turns there are at present."""
        return self._width.current

    @property
    def busy(self) -> int:
        """How many turns are taken."""
        return self._busy

    def limit(self, most: int) -> None:
        """Have at most ``most`` turns from now on; those that are taken run out by themselves."""
        was_all = self._width.current == self._width.most
        self._width = self._width.limited(most)
        if was_all:  # nothing was learned that would hold it back
            self._width = Width(most=self._width.most, current=self._width.most)
        self._hand_out()

    def halve(self) -> None:
        """Halve the width; turns that are taken run out by themselves."""
        self._width = self._width.halved()

    def narrow(self) -> None:
        """Take some of the width away: answers were slow."""
        self._width = self._width.narrowed()

    def begin_anew(self) -> None:
        """Go on with a single turn; successes widen it again."""
        self._width = Width(most=self._width.most, current=1)

    def grow(self) -> None:
        """Widen by one, up to the width of the beginning."""
        self._width = self._width.grown()
        self._hand_out()

    async def __aenter__(self) -> Self:
        if self._busy < self._width.current and not self._queue:
            self._busy += 1
            return self
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # handed over in the moment of the cancellation: pass it on
                self._give_back()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._give_back()

    def _give_back(self) -> None:
        self._busy -= 1
        self._hand_out()

    def _hand_out(self) -> None:
        """Wake who waits longest; turns that were cancelled while they waited are dropped here."""
        while self._queue and self._busy < self._width.current:
            turn = self._queue.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)
