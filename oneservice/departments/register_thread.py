"""The one thread in which a register's file is used: the event loop only waits.

The standard library's executor makes two futures, two locks and a chain of callbacks for each
call, which is most of what a small read costs. This is the same with one future and one queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["RegisterThread"]

T = TypeVar("T")
_Errand: TypeAlias = "tuple[Callable[[], Any], asyncio.Future[Any], asyncio.AbstractEventLoop]"


class RegisterThread:
    """Runs one errand after another, in the order in which they were given."""

    def __init__(self) -> None:
        self._errands: queue.SimpleQueue[_Errand | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="register", daemon=True)
        self._thread.start()

    async def run(self, errand: Callable[[], T]) -> T:
        """Return what ``errand`` returns, or raise what it raises.

        Whoever is cancelled while waiting leaves the errand to its end: what a transaction does is
        done, or not, and never half.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._errands.put((errand, future, loop))
        return await future

    def stop(self) -> None:
        """Let the errands end that were given, and the thread with them."""
        self._errands.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (given := self._errands.get()) is not None:
            errand, future, loop = given
            result, error = None, None
            try:
                result = errand()
            except BaseException as raised:  # noqa: BLE001 - it is the caller's, whatever it is
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
                loop.call_soon_threadsafe(_settle, future, result, error)
            del given, errand, future, result, error  # a large page must not live until the next


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():  # the caller was cancelled
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
