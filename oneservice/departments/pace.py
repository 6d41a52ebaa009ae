"""How hard a caller may press: requests at a time and requests a minute (protocol section 14).

Each caller has its own measure, so that one engine in a loop does not close the counter for the
others. Starts are counted by a bucket that holds a minute's worth: whoever keeps to the rate that
the capabilities name is never refused, however unevenly it asks.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from oneservice.errors import PushBackError

__all__ = ["Pace"]

_MINUTE_S: Final = 60.0
_MOST_CALLERS: Final = 10_000
"""Whose measures are remembered; a caller that comes back after being forgotten starts full."""


@dataclass(slots=True)
class _Measure:
    left: float
    at_s: float
    busy: int = 0


class Pace:
    """Admits requests.

    Args:
        in_flight: requests of one caller at a time; a waiting reader of the feed is one of them.
        per_minute: starts of one caller per minute.
        now_s: any monotonic count of seconds.
    """

    def __init__(
        self, in_flight: int, per_minute: int, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._in_flight = in_flight
        self._per_minute = per_minute
        self._now_s = now_s
        self._policy = ("RateLimit-Policy", f'"minute";q={per_minute};w=60')
        self._measures: OrderedDict[str, _Measure] = OrderedDict()

    @contextlib.contextmanager
    def admitted(self, caller: str) -> Iterator[None]:
        """Count a request while the block runs.

        Raises:
            PushBackError: ``too-many-requests``, with the seconds after which to come again.
        """
        measure = self._measure(caller)
        if measure.busy >= self._in_flight:
            msg = f"{self._in_flight} requests of this caller are under way already"
            raise PushBackError(msg, problem="too-many-requests", retry_after_s=1)
        if measure.left < 1:
            msg = f"this caller began more than {self._per_minute} requests within a minute"
            wait_s = self._wait_s(measure)
            raise PushBackError(msg, problem="too-many-requests", retry_after_s=wait_s)
        measure.left -= 1
        measure.busy += 1
        try:
            yield
        finally:
            measure.busy -= 1

    def headers(self, caller: str) -> tuple[tuple[str, str], ...]:
        """Return what is left to the caller (draft-ietf-httpapi-ratelimit-headers)."""
        measure = self._measures.get(caller)
        if measure is None:
            return ()
        left = max(0, math.floor(measure.left))
        wait_s = self._wait_s(measure) if left == 0 else 0
        return (
            self._policy,
            ("RateLimit", f'"minute";r={left};t={wait_s}'),
        )

    def _wait_s(self, measure: _Measure) -> int:
        return max(1, math.ceil((1 - measure.left) * _MINUTE_S / self._per_minute))

    def _measure(self, caller: str) -> _Measure:
        now_s = self._now_s()
        found = self._measures.get(caller)
        if found is None:
            found = self._measures[caller] = _Measure(left=float(self._per_minute), at_s=now_s)
            if len(self._measures) > _MOST_CALLERS:
                self._measures.popitem(last=False)
        self._measures.move_to_end(caller)
        found.left = min(
            self._per_minute, found.left + (now_s - found.at_s) * self._per_minute / _MINUTE_S
        )
        found.at_s = now_s
        return found
