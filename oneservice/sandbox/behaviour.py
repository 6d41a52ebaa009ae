"""How a simulated department behaves: data, so that a test or a manager can say "what if"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

__all__ = ["ATTENTIVE", "PROMPT", "Behaviour", "Behaviours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one department does with one step.

    Times are virtual and count from receipt, through nights and holidays: a simulated office never
    rests, whatever calendar the clocks of the case go by. ``corrects`` maps a material to why it is
    asked for when it was not handed in; ``inspects_after`` stops the clock for an on-site check of
    a day.
    ``asks_for_missing``: it asks, once and for all of them together (一次性告知), for the materials
    that the plan of the case says the applicant must bring.
    """

    accepts_after: timedelta = timedelta(hours=3)
    decides_after: timedelta = timedelta(days=5)
    on_the_spot: bool = False
    corrects: Mapping[str, str] = field(default_factory=dict)
    asks_for_missing: bool = False
    inspects_after: timedelta | None = None
    decision: str = "granted"
    """``granted | refused | not_accepted``."""
    revokes_after: timedelta | None = None
    """So long after the grant the result is taken back; ``None``: it stands."""


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

ATTENTIVE = Behaviours(otherwise=Behaviour(asks_for_missing=True))
"""Every department looks through the papers, asks once for what is missing, and grants."""
