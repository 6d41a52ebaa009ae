"""The words for what a clock says: units, the light, the clocks of a step and of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["CaseClock", "Light", "LimitUnit", "StepClocks"]


class LimitUnit(StrEnum):
    """Units of a time limit (domain section 3): WD, ND."""

    WORKING_DAYS = "working_days"
    NATURAL_DAYS = "natural_days"


class Light(StrEnum):
    """The traffic light of a limit (domain section 7, rule 9)."""

    ON_TIME = "on_time"
    WARNING = "warning"
    """Not decided, and the configured share of the limit is used."""
    OVERDUE = "overdue"
    """The last day has passed undecided, or the decision came after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepClocks:
    """The three clocks of a step: promised, statutory, and elapsed with and without suspensions.

    ``read_on`` is the day of the decision, or else the day of the question. A due day is ``None``
    where there is no such limit, or while a suspension until further notice keeps it open.
    ``light`` and ``used_percent`` (rounded down, in the unit of the promise) are of the promised
    limit; ``is_past_statutory`` says whether the law was broken, too.
    """

    promised_due: date | None
    statutory_due: date | None
    is_past_statutory: bool
    elapsed_working_days: int
    """What the authority took: suspended days are not counted."""
    elapsed_total_days: int
    """What the applicant waited, in working days: suspended days are counted."""
    light: Light
    used_percent: int
    is_provisional: bool
    """A year that is not announced was looked at; read again when it is."""
    read_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClock:
    """The clock of a whole case, against the joint cap; see :class:`StepClocks` for the words."""

    cap_due: date | None
    """By law, or by less if the one-thing promises it; with the extension, if there is one."""
    elapsed_working_days: int
    elapsed_total_days: int
    light: Light
    used_percent: int
    is_provisional: bool
    read_on: date
