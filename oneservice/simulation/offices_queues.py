"""A queue with n servers in desk time: first come, first served, nobody leaves off half-way.

Theory of operation. With this discipline the start of a job is settled when it arrives: it goes to
the server who is free first. So there is no waiting line to keep, only the instants at which the
servers will be free, like a diary. An appointment that several queues share may begin later than
its server is free; what is left before it is a gap, into which a shorter job may still be put.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heapreplace

__all__ = ["Queue"]


@dataclass(slots=True)
class Queue:
    """``servers`` people who do one kind of work; ``None``: as many as are needed.

    All times are desk seconds, and ``ready`` never goes back from one call to the next. ``window``
    bounds what is measured: ``busy_s`` is the work in it, ``waited_s`` and ``served`` are of the
    jobs that came in it; without one all is measured.
    """

    servers: int | None
    window: tuple[int, int] | None = None
    busy_s: int = 0
    waited_s: int = 0
    served: int = 0
    _free: list[int] = field(default_factory=list, repr=False)
    _gaps: list[tuple[int, int]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.servers is not None and self.servers < 1:
            msg = "a queue has at least one server"
            raise ValueError(msg)
        if self.servers is not None and not self._free:
            self._free = [0] * self.servers

    def copy(self) -> Queue:
        """Return the queue as it stands, for a backup."""
        return Queue(
            self.servers,
            self.window,
            self.busy_s,
            self.waited_s,
            self.served,
            list(self._free),
            list(self._gaps),
        )

    def book(self, ready: int, length: int) -> int:
        """Return when a job that is ``ready`` begins; a server is taken for ``length`` then."""
        start = self.earliest(ready, length)
        self.take(ready, start, length)
        return start

    def earliest(self, ready: int, length: int) -> int:
        """Return when a job that is ``ready`` can begin: in a gap, or with who is free first."""
        if self.servers is None:
            return ready
        starts = (
            max(start, ready) for start, end in self._gaps if max(start, ready) + length <= end
        )
        return min((*starts, max(self._free[0], ready)))

    def take(self, ready: int, start: int, length: int) -> None:
        """Take a server for ``length`` from ``start`` on, when :meth:`earliest` saw one free."""
        end = start + length
        if self.servers is not None:
            if self._gaps:
                self._gaps = [one for one in self._gaps if one[1] > ready]
            gap = next((one for one in self._gaps if one[0] <= start and end <= one[1]), None)
            if gap is None:
                gap = (max(ready, self._free[0]), start)
                heapreplace(self._free, end)
                pieces = [gap]
            else:
                self._gaps.remove(gap)
                pieces = [(gap[0], start), (end, gap[1])]
            self._gaps += [piece for piece in pieces if piece[0] < piece[1]]
        self._count(ready, start, length)

    def _count(self, ready: int, start: int, length: int) -> None:
        end = start + length
        if self.window is None:
            self.served += 1
            self.waited_s += start - ready
            self.busy_s += length
            return
        first, last = self.window
        if first <= ready < last:
            self.served += 1
            self.waited_s += start - ready
        if start < last and end > first:
            self.busy_s += min(end, last) - max(start, first)
