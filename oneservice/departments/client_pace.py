"""How hard a department may be pressed: pure states, told the time by their caller (section 14).

Three measures stand side by side. :class:`Width` is how many requests may be under way; it halves
when the department pushes back and grows by one with each success. :class:`Starts` is how many may
begin within a minute. :class:`Circuit` says whether to ask at all: after ten failures in a minute
nobody asks, until one probe succeeds; and an explicit ``Retry-After`` is obeyed by everybody.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

__all__ = ["Circuit", "CircuitState", "Starts", "Width"]

_MINUTE_S: Final = 60.0
_FAILURES_THAT_OPEN: Final = 10
_WINDOW: Final = timedelta(minutes=1)
_OPEN_FOR: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """How many requests may be under way: between 1 and ``most``."""

    most: int
    current: int

    def halved(self) -> Width:
        """Return the width after a push-back."""
        return replace(self, current=max(1, self.current // 2))

    def grown(self) -> Width:
        """Return the width after a success."""
        return self if self.current == self.most else replace(self, current=self.current + 1)


class Starts:
    """When requests began during the last minute; ``now_s`` is any monotonic count of seconds."""

    def __init__(self, per_minute: int) -> None:
        self._began_at: deque[float] = deque(maxlen=per_minute)
        self._per_minute = per_minute
        self._held_until_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until another request may begin; 0 if it may now."""
        held_s = max(0.0, self._held_until_s - now_s)
        if len(self._began_at) < self._per_minute:
            return held_s
        return max(held_s, self._began_at[0] + _MINUTE_S - now_s)

    def hold(self, now_s: float, wait_s: float) -> None:
        """Let nobody begin for ``wait_s``: the department says that nothing is left."""
        self._held_until_s = max(self._held_until_s, now_s + min(wait_s, _MINUTE_S))

    def begin(self, now_s: float) -> None:
        """Note that a request begins; the oldest note falls out."""
        self._began_at.append(now_s)


class CircuitState(StrEnum):
    """Whether requests may go out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Whether the department is asked at all."""

    failed_at: tuple[datetime, ...] = ()
    open_until: datetime | None = None
    paused_until: datetime | None = None

    def state(self, now: datetime) -> CircuitState:
        """Return the state at ``now``; a pause that was asked for counts as open."""
        if self.wait_s(now) > 0:
            return CircuitState.OPEN
        return CircuitState.CLOSED if self.open_until is None else CircuitState.HALF_OPEN

    def wait_s(self, now: datetime) -> int:
        """Return the whole seconds, rounded up, until it is worth asking; 0 if it is now."""
        until = max((at for at in (self.open_until, self.paused_until) if at), default=now)
        return max(0, math.ceil((until - now).total_seconds()))

    def probing(self, now: datetime) -> Circuit:
        """Return the circuit while one probe is out: open for everybody else."""
        return replace(self, open_until=now + _OPEN_FOR)

    def succeeded(self) -> Circuit:
        """Return the circuit after an answer to a probe: closed, the count begins anew."""
        return replace(self, failed_at=(), open_until=None)

    def failed(self, now: datetime) -> Circuit:
        """Return the circuit after no answer, or one that says the department lost its way."""
        recent = (*(at for at in self.failed_at if now - at < _WINDOW), now)
        recent = recent[-_FAILURES_THAT_OPEN:]
        is_open = self.open_until is not None or len(recent) == _FAILURES_THAT_OPEN
        return replace(
            self, failed_at=recent, open_until=now + _OPEN_FOR if is_open else self.open_until
        )

    def pushed_back(self, now: datetime, retry_after_s: int) -> Circuit:
        """Return the circuit after 429 or 503: nobody asks before the time that was named."""
        until = now + timedelta(seconds=retry_after_s)
        return replace(self, paused_until=max(until, self.paused_until or until))
