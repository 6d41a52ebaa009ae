"""A queue with n servers in desk time: first come, first served, nobody leaves off half-way.

Theory of operation. With this discipline the start of a job is settled when it arrives: it goes to
the server who is free first. So there is no waiting line to keep, only the instants at which the
servers will be free.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace

__all__ = ["Queue"]


@dataclass(slots=True)
class Queue:
    """``servers`` people who do one kind of work; ``None``: as many as are needed.

    All times are desk seconds. ``window`` bounds what is measured: ``busy_s`` is the work in it,
    ``waited_s`` and ``served`` are of the jobs that came in it.
    """

    servers: int | None
    window: tuple[int, int] | None = None
    busy_s: int = 0
    waited_s: int = 0
    served: int = 0
    _free: list[int] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.servers is not None:
            if self.servers < 1:
                msg = "a queue has at least one server"
                raise ValueError(msg)
            self._free = [0] * self.servers
            heapify(self._free)

    def copy(self) -> Queue:
        """Return the queue as it stands, for a backup."""
        twin = Queue(None, self.window, self.busy_s, self.waited_s, self.served, list(self._free))
        twin.servers = self.servers
        return twin

    def book(self, ready: int, length: int) -> int:
        """Return when a job that is ``ready`` begins; the server is taken for ``length`` then."""
        start = ready
        if self.servers is not None:
            start = max(self._free[0], ready)
            heapreplace(self._free, start + length)
        self._count(ready, start, length)
        return start

    def earliest(self, ready: int) -> int:
        """Return when a job that is ``ready`` could begin."""
        return ready if self.servers is None else max(self._free[0], ready)

    def book_at(self, ready: int, start: int, length: int) -> None:
        """Take the server who is free first from ``start``, which is not too early, on."""
        if self.servers is not None:
            heappop(self._free)
            heappush(self._free, start + length)
        self._count(ready, start, length)

    def _count(self, ready: int, start: int, length: int) -> None:
        if self.window is None:
            first, last = ready, start + length
        else:
            first, last = self.window
        if first <= ready < max(last, first + 1):
            self.served += 1
            self.waited_s += start - ready
        self.busy_s += max(0, min(start + length, last) - max(start, first))
