"""Where an outcome is recorded, and what it becomes: type and data of one event."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from oneservice.case import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo

__all__ = ["Fact", "OutcomeContext"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeContext:
    """Where an outcome is recorded: what fills in that which the integrator left out."""

    submission_id: str
    seq: int
    at: datetime
    zone: tzinfo
    step_id: str
    promised_working_days: int
    request_digest: str
    correction_id: str | None = None
    withdrawal_id: str | None = None
    supplement_id: str | None = None
    pending_materials: tuple[str, ...] = ()
    pending_outcome: Mapping[str, Any] | None = None

    @property
    def today(self) -> date:
        """The day in the department's zone."""
        return self.at.astimezone(self.zone).date()

    def number(self, prefix: str) -> str:
        """Return a number for a paper: the day and eight digits that follow from the place.

        Derived, not counted: a repeat after a crash gives the same number, and two processes
        never give one number twice.
        """
        seed = f"{self.request_digest}/{self.submission_id}/{self.seq}/{prefix}"
        serial = int(hashlib.sha256(seed.encode()).hexdigest()[:12], 16) % 10**8
        day = self.today
        return f"{prefix}-{day.year:04}{day.month:02}{day.day:02}-{serial:08}"


Fact: TypeAlias = tuple[EventType, dict[str, Any]]
