"""What one world is made from: everything that happens in it follows from this."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from oneservice.simulation.faults import FaultKind
from oneservice.simulation.offer import SLOW, Offer
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.offices_steps import StepParameters
from oneservice.workdays import WorkCalendar

__all__ = ["Manner", "Settings"]

_LATE: Final = 50
"""Of 1,000: enough that silence grants something in every small world."""


class Manner(StrEnum):
    """How the offices of a world work."""

    TYPICAL = "typical"
    """Days at desks and on the road; corrections, refusals, silence, late decisions, and so on."""
    PROMPT = "prompt"
    """Everything is granted while one waits: what is left is the machinery."""

    def parameters(self, offer: Offer, calendar: WorkCalendar) -> Parameters:
        """Return the offices of ``offer``."""
        typical = Parameters.typical(offer.thing, calendar=calendar)
        if self is Manner.TYPICAL:
            slow = typical.step(SLOW)
            slow = replace(slow, rates=replace(slow.rates, late=_LATE))
            return replace(typical, steps={**typical.steps, SLOW: slow})
        prompt = StepParameters(is_on_the_spot=True)
        return replace(typical, steps={}, otherwise=prompt)

    @property
    def pace(self) -> tuple[int, int]:
        """Return how many exchanges an office bears at once, and how many in a minute.

        Usual offices bear what the client grants by itself. Prompt ones bear whatever comes: then
        answers come together, and one commit holds what happened to many cases.
        """
        return (8, 600) if self is Manner.TYPICAL else (64, 60_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Of one world.

    Attributes:
        cases: how many applicants come.
        seed: whence everything follows.
        kinds: which faults may happen.
        days: over how many days people come and faults begin.
        fault_days: on how many of them faults begin; ``None``: on all.
        last_day: the world ends then, whatever is open; ``None``: when everything has ended.
        only: the only faults that may happen, by id; ``None``: all that the seed gives.
        visits: the numbers of the only applicants who come; ``None``: all of them.
        scale: how much more often than usual each fault happens.
        manner: how offices work.
        feed_every: how often departments are asked for news.
        look_every: the engine is not looked at more often than this.
        regions: how many regions the world has, each with an engine of its own.
    """

    cases: int
    seed: int
    kinds: frozenset[FaultKind] = frozenset(FaultKind)
    days: int = 20
    fault_days: int | None = None
    last_day: int | None = None
    only: frozenset[str] | None = None
    visits: frozenset[int] | None = None
    scale: int = 1
    manner: Manner = Manner.TYPICAL
    feed_every: timedelta = timedelta(hours=6)
    look_every: timedelta = timedelta(minutes=30)
    regions: int = 1
