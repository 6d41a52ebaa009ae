"""An event loop whose time is virtual and whose order is fixed: no socket, no thread, no sleep.

Theory of operation. asyncio asks its selector to wait until the next timer; this one has nothing to
wait for, so it moves the time there. What is ready runs first in, first out, as asyncio promises.
All that an operating system would decide (when an answer comes, which of two is first) is a timer
that the simulated world sets by seed: two runs of one seed take the same steps in the same order.
"""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, TypeVar, TypeVarTuple

from oneservice.errors import IllegalInputError

__all__ = ["LoopClock", "SimulatedLoop", "run"]

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
_MICROSECONDS: Final = 1_000_000
_GARBAGE_AT: Final = 2_000_000
"""New objects after which a world is looked through all the same: some hundred megabytes."""
_ROUNDING: Final = 0.01
"""Of a microsecond: what a sum of floating seconds may be off."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """The loop; :meth:`time` begins at 0 and moves only when nothing is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.now_us = 0
        """Microseconds since the beginning: whole, so that no rounding adds up."""
        self._selector = self  # the base class calls `select` on it, and nothing else
        self._clock_resolution = 0.5 / _MICROSECONDS

    def time(self) -> float:
        """Return the seconds since the beginning."""
        return self.now_us / _MICROSECONDS

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Arrange for ``callback``; what lies in the future lies a whole microsecond in it.

        On a real clock time passes while one looks at it; here somebody who sleeps for less than
        nothing would be woken at the same instant for ever.
        """
        microseconds = math.ceil(when * _MICROSECONDS - _ROUNDING)
        if when > self.time():
            microseconds = max(microseconds, self.now_us + 1)
        return super().call_at(microseconds / _MICROSECONDS, callback, *args, context=context)

    def select(self, timeout: float | None) -> tuple[()]:
        """Move the time by ``timeout`` seconds; nothing ever comes from outside.

        Raises:
            IllegalInputError: everybody waits and nothing will ever happen.
        """
        if timeout is None:
            msg = "the simulated world stands still: everybody waits for nothing"
            raise IllegalInputError(msg, status="stuck")
        if timeout > 0:
            self.now_us += math.ceil(timeout * _MICROSECONDS)
        return ()

    def _process_events(self, _event_list: object) -> None:
        """Do nothing: there are no sockets."""

    def _write_to_self(self) -> None:
        """Do nothing: there are no other threads to be woken by."""

    def run_in_executor(self, executor: object, func: Callable[..., _T], *args: object) -> NoReturn:
        """Refuse: the order of threads would depend on the machine."""
        msg = "a simulated world has no threads"
        raise NotImplementedError(msg)


class LoopClock:
    """The present of a :class:`SimulatedLoop`, as the port wants it: ``start`` plus its time."""

    def __init__(self, loop: SimulatedLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the virtual instant in UTC."""
        return self._start + timedelta(microseconds=self._loop.now_us)

    async def wait_until(self, instant: datetime) -> None:
        """Return when ``instant`` has come."""
        while (left := instant - self.now()) > timedelta(0):  # noqa: ASYNC110 - only time passes
            await asyncio.sleep(left.total_seconds())


def run(
    main: Callable[[SimulatedLoop], Coroutine[Any, Any, _T]], loop: SimulatedLoop | None = None
) -> _T:
    """Return what ``main`` gives, run to its end on ``loop``, which is its own."""
    loop = loop or SimulatedLoop()
    with _uncollected(), asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for garbage in cycles when the world has ended, and hardly ever before.

    A world keeps nearly all it makes; to look through it again and again found nothing, and took an
    eighth of the time. What was there before it is not looked at in any case.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AT, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
