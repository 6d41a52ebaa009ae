"""Timing two things in turn, so that a machine whose speed drifts is fair to both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Pair", "compared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Ours against the floor: microseconds per call, and their ratio.

    ``clock`` says of which time: ``CPU`` (medians of :func:`compared`) or ``wall``; ``facts`` are
    further figures for machines.
    """

    name: str
    ours_us: float
    floor_us: float
    floor: str
    clock: str = "CPU"
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times the floor ours costs."""
        return self.ours_us / self.floor_us

    def as_json(self) -> dict[str, Any]:
        """Return the figures, rounded."""
        return {
            "name": self.name,
            "ours_us": round(self.ours_us, 1),
            "floor_us": round(self.floor_us, 1),
            "floor": self.floor,
            "ratio": round(self.ratio, 2),
            "clock": self.clock,
            **({"facts": dict(self.facts)} if self.facts else {}),
        }


def compared(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    floor_name: str,
    calls: int,
    rounds: int = 15,
) -> Pair:
    """Time ``ours`` and ``floor`` in turn, ``rounds`` times ``calls`` each."""
    mine, theirs = [], []
    ours()
    floor()
    for _ in range(rounds):
        mine.append(_per_call_us(ours, calls))
        theirs.append(_per_call_us(floor, calls))
    return Pair(
        name=name,
        ours_us=statistics.median(mine),
        floor_us=statistics.median(theirs),
        floor=floor_name,
    )


def _per_call_us(work: Callable[[], object], calls: int) -> float:
    start = time.process_time_ns()
    for _ in range(calls):
        work()
    return (time.process_time_ns() - start) / calls / 1000
