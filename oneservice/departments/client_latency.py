"""How fast a department usually answers, and whether it has become slow: learned, never configured.

Theory of operation: a department that takes more at a time than it can work on answers no faster,
only later. So the time of each answer is compared with the shortest one of its kind within the last
minutes, when little was waiting over there: a mean of more than twice that, and of 50 ms more, is
taken for a queue. Kinds (filing, reading, …) have times of their own and are never compared with
each other; what may be held open, or is as large as it likes, is not measured at all.

A request that began before the last verdict tells about the pace before it, and is passed over: so
there is one verdict per round, not one per answer. The shortest time is forgotten after five
minutes, and learned again with one request under way: a department that has become slower for good
is not taken for crowded for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

__all__ = ["Latency", "Verdict"]

_WINDOW_S: Final = 300.0
_TIMES: Final = 2.0
_NOISE_S: Final = 0.05
_WEIGHT: Final = 0.25


class Verdict(StrEnum):
    """What an answer tells about the pace."""

    NOTHING = "nothing"
    """It belongs to an earlier round."""
    FINE = "fine"
    """As usual: one more request may be under way."""
    SLOW = "slow"
    """It had to wait over there: fewer."""
    STALE = "stale"
    """Too long since the usual time was learned: one at a time until it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """What is known of the answers of one kind; seconds of any monotonic count.

    Attributes:
        usual_s: the shortest within the window; ``None``: not learned yet.
        mean_s: of the last answers of this round, the latest weighing a quarter.
        since_s: answers to what began before are passed over.
        learned_s: when the window began.
    """

    usual_s: float | None = None
    mean_s: float | None = None
    since_s: float = float("-inf")
    learned_s: float = float("-inf")

    def answered(self, began_s: float, ended_s: float) -> tuple[Latency, Verdict]:
        """Return what is known after an answer, and what it tells."""
        if began_s < self.since_s:
            return self, Verdict.NOTHING
        took_s = ended_s - began_s
        if self.usual_s is None:
            fresh = replace(self, usual_s=took_s, mean_s=took_s, learned_s=ended_s)
            return fresh, Verdict.FINE
        if ended_s - self.learned_s >= _WINDOW_S:
            return Latency(since_s=ended_s), Verdict.STALE
        if took_s <= self.usual_s:
            return replace(self, usual_s=took_s, mean_s=took_s), Verdict.FINE
        before_s = self.usual_s if self.mean_s is None else self.mean_s
        mean_s = before_s + _WEIGHT * (took_s - before_s)
        known = Latency(  # at every answer, and in half the time that `replace` takes
            usual_s=self.usual_s, mean_s=mean_s, since_s=self.since_s, learned_s=self.learned_s
        )
        if mean_s > max(_TIMES * self.usual_s, self.usual_s + _NOISE_S):
            return replace(known, mean_s=None, since_s=ended_s), Verdict.SLOW
        return known, Verdict.FINE
