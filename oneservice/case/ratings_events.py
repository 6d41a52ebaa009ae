"""The facts about ratings, as the journal of the case keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.counter_terms import AtCounter, CaseChannel
from oneservice.case.ratings_terms import FollowUpStage, RatingTerms

__all__ = [
    "FollowUpAdvanced",
    "FollowUpClosed",
    "FollowUpEscalated",
    "FollowUpOpened",
    "FollowUpOverdue",
    "RatingEvent",
    "ResultRated",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRated(AtCounter):
    """The applicant rated how attempt ``attempt`` of a step was handled; 5 is best."""

    at: datetime
    sub_case_id: str
    attempt: int
    level: int
    channel: CaseChannel
    by: Actor
    place: str = ""
    comment: Digest | None = None
    kind: Literal["result_rated"] = field(default="result_rated", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpOpened(AtCounter):
    """Level 1 or 2: somebody must find out why, within ``terms``."""

    at: datetime
    sub_case_id: str
    attempt: int
    terms: RatingTerms
    kind: Literal["follow_up_opened"] = field(default="follow_up_opened", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpAdvanced(AtCounter):
    """Staff did the next thing about a bad rating."""

    at: datetime
    sub_case_id: str
    attempt: int
    stage: FollowUpStage
    by: Actor
    note: Digest | None = None
    is_founded: bool | None = None
    kind: Literal["follow_up_advanced"] = field(default="follow_up_advanced", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpOverdue(AtCounter):
    """The limit of a follow-up passed without an answer: a fact in the log."""

    at: datetime
    sub_case_id: str
    attempt: int
    due_at: datetime
    kind: Literal["follow_up_overdue"] = field(default="follow_up_overdue", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpEscalated(AtCounter):
    """The second rating was bad too: ``to``, the lead department, follows it up on a new clock."""

    at: datetime
    sub_case_id: str
    attempt: int
    to: str
    kind: Literal["follow_up_escalated"] = field(default="follow_up_escalated", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpClosed(AtCounter):
    """The follow-up ended: rated again, or the applicant had no more to say in time."""

    at: datetime
    sub_case_id: str
    attempt: int
    because: Literal["rated_again", "not_rated_again"]
    kind: Literal["follow_up_closed"] = field(default="follow_up_closed", init=False)


RatingEvent = (
    ResultRated
    | FollowUpOpened
    | FollowUpAdvanced
    | FollowUpOverdue
    | FollowUpEscalated
    | FollowUpClosed
)
