"""How hard a department may be pressed: pure states, told the time by their caller (section 14).

Four measures stand side by side. :class:`Width` is how many requests may be under way; it halves
when the department pushes back and grows by one with each success (what it learns of latency is in
:mod:`client_latency`). :class:`Starts` is how many may begin within a minute. :class:`Circuit` says
whether to ask at all: after ten failures in a minute nobody asks, until one probe succeeds; and an
explicit ``Retry-After`` is obeyed by everybody. :class:`RetryBudget` keeps repeats a small share of
all requests, so that a department that is down does not meet every case again and again.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

__all__ = ["Circuit", "CircuitState", "RetryBudget", "Starts", "Width"]

_MINUTE_S: Final = 60.0
_FAILURES_THAT_OPEN: Final = 10
_WINDOW: Final = timedelta(minutes=1)
_OPEN_FOR: Final = timedelta(seconds=30)
_SHARE: Final = 0.2
"""Of a repeat, that each first try earns."""
_MOST_EARNED: Final = 100.0
"""Repeats that a good day may save up for a bad one."""
_RESERVE: Final = 5.0
"""Repeats a minute that need not be earned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """How many requests may be under way: between 1 and ``most``."""

    most: int
    current: int

    def halved(self) -> Width:
        """Return the width after a push-back."""
        return replace(self, current=max(1, self.current // 2))

    def narrowed(self) -> Width:
        """Return the width after answers that were slow: a quarter less, a quarter of all at least.

        Slowness is our guess, not the department's word, so it never brings all to one.
        """
        least = min(self.current, max(1, self.most // 4))
        return replace(self, current=max(least, self.current * 3 // 4))

    def limited(self, most: int) -> Width:
        """Return the width where at most ``most`` may be under way from now on."""
        return Width(most=max(1, most), current=max(1, min(self.current, most)))

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

    def limit(self, per_minute: int) -> None:
        """Let at most ``per_minute`` begin from now on; what began already counts."""
        if per_minute != self._per_minute:
            self._per_minute = per_minute
            self._began_at = deque(self._began_at, maxlen=per_minute)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryBudget:
    """How many repeats a department is still asked for: a token bucket over attempts.

    Each first try earns a fifth of a repeat; five a minute are free beside, so that a department
    with little traffic can be tried again at all. A circuit stops the asking when everything
    fails; this stops the multiplying when much fails, and the rush when a circuit closes again.

    Attributes:
        earned: repeats that first tries earned and nobody used, at most a hundred.
        free: what is left of the reserve; it fills up within a minute.
        counted_at: when ``free`` was counted last.
    """

    earned: float = 0.0
    free: float = _RESERVE
    counted_at: datetime | None = None

    def tried(self) -> RetryBudget:
        """Return the budget after a first try."""
        if self.earned == _MOST_EARNED:
            return self
        return replace(self, earned=min(_MOST_EARNED, self.earned + _SHARE))

    def repeated(self, now: datetime) -> RetryBudget | None:
        """Return the budget after a repeat at ``now``; ``None``: there is none left for it."""
        free = self._free(now)
        if self.earned >= 1:
            return replace(self, earned=self.earned - 1, free=free, counted_at=now)
        if free >= 1:
            return replace(self, free=free - 1, counted_at=now)
        return None

    def wait_s(self, now: datetime) -> int:
        """Return the whole seconds until the reserve alone allows a repeat; 0 if one is left."""
        free = self._free(now)
        if self.earned >= 1 or free >= 1:
            return 0
        return math.ceil((1 - free) * _MINUTE_S / _RESERVE)

    def _free(self, now: datetime) -> float:
        if self.counted_at is None:
            return self.free
        passed_s = max(0.0, (now - self.counted_at).total_seconds())
        return min(_RESERVE, self.free + passed_s * _RESERVE / _MINUTE_S)
