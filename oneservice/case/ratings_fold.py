"""What a recorded fact about a rating means; total, like every fold."""

from __future__ import annotations

from typing import Any, assert_never

from oneservice.case.changing import changed
from oneservice.case.ratings_events import (
    FollowUpAdvanced,
    FollowUpClosed,
    FollowUpEscalated,
    FollowUpOpened,
    FollowUpOverdue,
    RatingEvent,
    ResultRated,
)
from oneservice.case.ratings_state import FollowUp, GivenLevel, Rating
from oneservice.case.ratings_terms import FollowUpStage

__all__ = ["fold_rating"]


def fold_rating(ratings: tuple[Rating, ...], event: RatingEvent) -> tuple[Rating, ...]:
    """Return ``ratings`` with one more fact."""
    known = {(one.sub_case_id, one.attempt): one for one in ratings}
    key = (event.sub_case_id, event.attempt)
    if isinstance(event, ResultRated):
        known[key] = _rated(known.get(key), event)
    elif key in known:
        before = known[key]
        known[key] = changed(before, follow_up=_follow_up(before.follow_up, event))
    return tuple(known.values())


def _rated(before: Rating | None, event: ResultRated) -> Rating:
    given = GivenLevel(at=event.at, level=event.level, by=event.by, comment=event.comment)
    if before is None:
        return Rating(sub_case_id=event.sub_case_id, attempt=event.attempt, given=(given,))
    return changed(before, given=(*before.given, given))


def _follow_up(
    before: FollowUp | None,
    event: FollowUpOpened | FollowUpAdvanced | FollowUpOverdue | FollowUpEscalated | FollowUpClosed,
) -> FollowUp | None:
    if isinstance(event, FollowUpOpened):
        return FollowUp(terms=event.terms, since=event.at)
    return None if before is None else changed(before, **_changes(before, event))


def _changes(
    before: FollowUp,
    event: FollowUpAdvanced | FollowUpOverdue | FollowUpEscalated | FollowUpClosed,
) -> dict[str, Any]:
    match event:
        case FollowUpAdvanced():
            founded = before.is_founded if event.is_founded is None else event.is_founded
            is_answer = event.stage is FollowUpStage.ANSWERED
            return {
                "stage": event.stage,
                "is_founded": founded,
                "answered_at": event.at if is_answer else before.answered_at,
            }
        case FollowUpOverdue():
            return {"overdue_rounds": (*before.overdue_rounds, before.round)}
        case FollowUpEscalated():
            return {
                "stage": FollowUpStage.OPENED,
                "since": event.at,
                "round": before.round + 1,
                "answered_at": None,
                "is_founded": None,
                "escalated_to": event.to,
            }
        case FollowUpClosed():
            return {"stage": FollowUpStage.CLOSED, "closed_because": event.because}
    assert_never(event)
