"""How a simulated department behaves: data, so that a test or a manager can say "what if"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

__all__ = ["Behaviour", "Behaviours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one department does with one step.

    Times are virtual and count from receipt. ``corrects`` maps a material to why it is asked for
    when it was not handed in; ``inspects_after`` stops the clock for an on-site check of a day.
    """

    accepts_after: timedelta = timedelta(hours=3)
    decides_after: timedelta = timedelta(days=5)
    on_the_spot: bool = False
    corrects: Mapping[str, str] = field(default_factory=dict)
    inspects_after: timedelta | None = None
    decision: str = "granted"
    """``granted | refused | not_accepted``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviours:
    """Behaviour by step id, with a default for all others."""

    by_step: Mapping[str, Behaviour] = field(default_factory=dict)
    otherwise: Behaviour = field(default_factory=Behaviour)

    def of(self, step_id: str) -> Behaviour:
        """Return how ``step_id`` is treated."""
        return self.by_step.get(step_id, self.otherwise)


PROMPT = Behaviours(otherwise=Behaviour(on_the_spot=True))
"""Every department grants at once: for examples and benchmarks."""
