"""What is told about ratings: by the applicant, and by the staff who follow a bad one up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.counter_terms import CaseChannel
from oneservice.case.ratings_terms import FollowUpStage, RatingTerms

__all__ = ["RateResult", "RatingInput", "ReportFollowUp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateResult:
    """The applicant rates how one step was handled: 5 (very satisfied) to 1 (very dissatisfied).

    ``comment`` is the digest of what was written, ``terms`` those of the case's plan. The handling
    is the present attempt; while that goes on, one before it whose bad rating was answered.
    """

    at: datetime
    sub_case_id: str
    level: int
    channel: CaseChannel
    by: Actor
    place: str = ""
    comment: Digest | None = None
    terms: RatingTerms = RatingTerms()  # noqa: RUF009 - frozen, so it can be shared


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFollowUp:
    """Staff did the next thing about a bad rating; ``note`` is the digest of their report.

    ``is_founded`` goes with :attr:`FollowUpStage.VERIFIED` and only with it. Where
    several attempts at the step were rated badly, it is about the oldest that waits for staff.
    """

    at: datetime
    sub_case_id: str
    stage: FollowUpStage
    by: Actor
    note: Digest | None = None
    is_founded: bool | None = None


RatingInput = RateResult | ReportFollowUp
