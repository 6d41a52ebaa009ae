"""Where ratings stand: the fold of their facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.ratings_terms import FollowUpStage, RatingTerms

__all__ = ["FollowUp", "GivenLevel", "Rating"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLevel:
    """One time that somebody rated."""

    at: datetime
    level: int
    by: Actor
    comment: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What is done about a bad rating; ``since`` starts the clock of the present round.

    ``round`` is 2 once the lead department (``escalated_to``) has it. ``overdue_rounds`` are those
    whose limit passed. ``is_founded``: what verifying found; ``None`` while it is not known.
    """

    terms: RatingTerms
    since: datetime
    stage: FollowUpStage = FollowUpStage.OPENED
    round: int = 1
    answered_at: datetime | None = None
    escalated_to: str | None = None
    overdue_rounds: tuple[int, ...] = ()
    is_founded: bool | None = None
    closed_because: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something, or may."""
        return self.stage is not FollowUpStage.CLOSED

    @property
    def is_overdue(self) -> bool:
        """Whether the limit of the present round passed and no answer was given since."""
        waits_for_staff = self.stage not in (FollowUpStage.ANSWERED, FollowUpStage.CLOSED)
        return waits_for_staff and self.round in self.overdue_rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What the applicant thinks of one handling: ``attempt`` of the step ``sub_case_id``."""

    sub_case_id: str
    attempt: int
    given: tuple[GivenLevel, ...]
    follow_up: FollowUp | None = None

    @property
    def level(self) -> int:
        """The level that counts: the one given last."""
        return self.given[-1].level
