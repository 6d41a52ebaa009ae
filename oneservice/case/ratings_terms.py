"""Words of the rating (好差评): five levels, the stages of a follow-up, its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

__all__ = [
    "BEST",
    "DISSATISFIED",
    "LEVELS",
    "NEXT_STAGES",
    "WORST",
    "FollowUpStage",
    "RatingTerms",
]

LEVELS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        5: ("非常满意", "very satisfied"),
        4: ("满意", "satisfied"),
        3: ("基本满意", "fairly satisfied"),
        2: ("不满意", "dissatisfied"),
        1: ("非常不满意", "very dissatisfied"),
    }
)
"""The five levels in Chinese and English. The exchange counts downwards: level 5 is its code 1.

References: GB/T 39735; GB/T 39046-2020, A.8; domain page, section 7.
"""
BEST: Final = max(LEVELS)
WORST: Final = min(LEVELS)
DISSATISFIED: Final = 2
"""At this level and below somebody follows it up (差评)."""


class FollowUpStage(StrEnum):
    """What is done about a bad rating, in this order (差评整改)."""

    OPENED = "opened"
    CONTACTED = "contacted"
    """Somebody spoke with the person who rated (回访)."""
    VERIFIED = "verified"
    """It was found out what happened (核实), and whether the complaint is founded."""
    CORRECTED = "corrected"
    """What was wrong was put right (整改). An unfounded complaint has nothing to correct."""
    ANSWERED = "answered"
    """The person was told the outcome (反馈), and may rate again."""
    CLOSED = "closed"


NEXT_STAGES: Final[Mapping[FollowUpStage, frozenset[FollowUpStage]]] = MappingProxyType(
    {
        FollowUpStage.OPENED: frozenset({FollowUpStage.CONTACTED}),
        FollowUpStage.CONTACTED: frozenset({FollowUpStage.VERIFIED}),
        FollowUpStage.VERIFIED: frozenset({FollowUpStage.CORRECTED, FollowUpStage.ANSWERED}),
        FollowUpStage.CORRECTED: frozenset({FollowUpStage.ANSWERED}),
        FollowUpStage.ANSWERED: frozenset(),  # the applicant's turn, or the end of the wait for it
        FollowUpStage.CLOSED: frozenset(),
    }
)
"""Which stage staff may report after which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingTerms:
    """How long a follow-up may take, and who gets it when the second rating is bad too.

    ``days`` of ``unit`` (``working_days | natural_days``) run from the bad rating to the answer.
    After the answer the applicant has ``re_rate_working_days`` to rate again; whoever does not,
    leaves it at that. ``lead`` is the lead department of the one-thing.

    References: domain page, section 7 (15 working days in one city, 5 in another).
    """

    days: int = 15
    unit: str = "working_days"
    re_rate_working_days: int = 5
    lead: str = ""
