"""Ratings (好差评): one per handling of a step, voluntary; a bad one is followed up.

rated 1-2 ─▶ contacted ─▶ verified ─▶ (corrected) ─▶ answered ─▶ rated again, or left at that
                 ▲                                        │ 1-2 again, once
                 └──────────── lead department ◀──────────┘
"""

from __future__ import annotations

from oneservice.case.counter_checks import be_there, refusal, require_label
from oneservice.case.counter_terms import IN_PERSON, VisitPurpose
from oneservice.case.draft import Draft
from oneservice.case.ratings_events import (
    FollowUpAdvanced,
    FollowUpClosed,
    FollowUpEscalated,
    FollowUpOpened,
    ResultRated,
)
from oneservice.case.ratings_inputs import RateResult, ReportFollowUp
from oneservice.case.ratings_state import FollowUp, Rating
from oneservice.case.ratings_terms import (
    DISSATISFIED,
    LEVELS,
    NEXT_STAGES,
    FollowUpStage,
)
from oneservice.case.state import SubCase, SubCaseStatus

__all__ = ["rate_result", "report_follow_up"]


def rate_result(draft: Draft, given: RateResult) -> None:
    """Record a rating, and what follows from it."""
    _require_rating(draft, given)
    sub = draft.sub_case(given.sub_case_id)
    before = _rated_before(draft, sub)
    if before is None:
        _require_handled(draft, sub)
        _rated(draft, given, sub.attempt)
        if given.level <= DISSATISFIED:
            draft.add(
                FollowUpOpened(
                    at=given.at, sub_case_id=sub.id, attempt=sub.attempt, terms=given.terms
                )
            )
        return
    if _is_told_again(before, given):
        return
    follow_up = _awaiting_a_rating(draft, before)
    _rated(draft, given, before.attempt)
    if given.level <= DISSATISFIED and follow_up.round == 1:
        draft.add(
            FollowUpEscalated(
                at=given.at,
                sub_case_id=sub.id,
                attempt=before.attempt,
                to=follow_up.terms.lead,
            )
        )
        return
    draft.add(
        FollowUpClosed(
            at=given.at, sub_case_id=sub.id, attempt=before.attempt, because="rated_again"
        )
    )


def report_follow_up(draft: Draft, given: ReportFollowUp) -> None:
    """Record the next thing that staff did about a bad rating."""
    sub = draft.sub_case(given.sub_case_id)
    rating = _waiting_for_staff(draft, sub.id)
    follow_up = rating.follow_up if rating is not None else None
    if rating is None or follow_up is None or not follow_up.is_open:
        raise refusal(draft, f"no bad rating of {sub.id} is being followed up")
    if given.stage not in NEXT_STAGES[follow_up.stage]:
        names = ", ".join(sorted(NEXT_STAGES[follow_up.stage])) or "the applicant's rating"
        what = f"the follow-up of {sub.id} is {follow_up.stage}; next is {names}"
        raise refusal(draft, what)
    _require_finding(draft, given, follow_up)
    draft.add(
        FollowUpAdvanced(
            at=given.at,
            sub_case_id=sub.id,
            attempt=rating.attempt,
            stage=given.stage,
            by=given.by,
            note=given.note,
            is_founded=given.is_founded,
        )
    )


def _require_rating(draft: Draft, given: RateResult) -> None:
    if type(given.level) is not int or given.level not in LEVELS:
        raise refusal(draft, "a rating is one of 5 (very satisfied) to 1 (very dissatisfied)")
    if given.place or given.channel in IN_PERSON:
        require_label(draft, "place", given.place)


def _require_handled(draft: Draft, sub: SubCase) -> None:
    """Refuse the rating of what nobody handled, or not to its end."""
    is_ours = sub.spec.kind == "bundle"
    if not sub.is_decided or sub.status is SubCaseStatus.NOT_APPLICABLE or is_ours:
        raise refusal(draft, f"{sub.id} is {sub.status}; a handling is rated when it has ended")
    if sub.attempt == 0:
        raise refusal(draft, f"{sub.id} was never filed, so nobody handled it")


def _rated_before(draft: Draft, sub: SubCase) -> Rating | None:
    """Return the rating that another one now would follow; ``None``: a first one.

    A step that was filed again has a handling that nobody can rate yet. Meanwhile the applicant may
    still say what he thinks of the answer to an earlier rating.
    """
    own = draft.case.counter.rating(sub.id, sub.attempt)
    if own is not None or sub.is_decided:
        return own
    answered = [
        one
        for one in draft.case.counter.ratings
        if one.sub_case_id == sub.id
        and one.follow_up is not None
        and one.follow_up.stage is FollowUpStage.ANSWERED
    ]
    return max(answered, key=lambda one: one.attempt, default=None)


def _waiting_for_staff(draft: Draft, sub_case_id: str) -> Rating | None:
    """Return the oldest rating of a step about which staff owe something; else the last one.

    A step may be filed again while an earlier handling is still followed up: that goes on too, or
    its clock would run for ever.
    """
    waiting = [
        one
        for one in draft.case.counter.ratings
        if one.sub_case_id == sub_case_id
        and one.follow_up is not None
        and NEXT_STAGES[one.follow_up.stage]
    ]
    last = draft.case.counter.rating(sub_case_id)
    return min(waiting, key=lambda one: one.attempt, default=last)


def _rated(draft: Draft, given: RateResult, attempt: int) -> None:
    draft.add(
        ResultRated(
            at=given.at,
            sub_case_id=given.sub_case_id,
            attempt=attempt,
            level=given.level,
            channel=given.channel,
            by=given.by,
            place=given.place,
            comment=given.comment,
        )
    )
    be_there(
        draft,
        at=given.at,
        channel=given.channel,
        place=given.place,
        purpose=VisitPurpose.OTHER,
        by=given.by,
    )


def _is_told_again(before: Rating, given: RateResult) -> bool:
    last = before.given[-1]
    is_answered = before.follow_up is not None and before.follow_up.answered_at is not None
    same = (last.level, last.comment, last.by) == (given.level, given.comment, given.by)
    return same and not is_answered


def _awaiting_a_rating(draft: Draft, before: Rating) -> FollowUp:
    follow_up = before.follow_up
    if follow_up is None or not follow_up.is_open:
        raise refusal(draft, f"{before.sub_case_id} is rated; one handling is rated once")
    if follow_up.stage is not FollowUpStage.ANSWERED:
        what = f"the rating of {before.sub_case_id} is being followed up; rate again when answered"
        raise refusal(draft, what)
    return follow_up


def _require_finding(draft: Draft, given: ReportFollowUp, follow_up: FollowUp) -> None:
    if (given.stage is FollowUpStage.VERIFIED) != (given.is_founded is not None):
        raise refusal(draft, "'is_founded' says what verifying found: give it there, only there")
    skips = follow_up.stage is FollowUpStage.VERIFIED and given.stage is FollowUpStage.ANSWERED
    if skips and follow_up.is_founded:
        raise refusal(draft, "the complaint is founded: put it right before you answer")
    unfounded = follow_up.is_founded is False
    if given.stage is FollowUpStage.CORRECTED and unfounded:
        raise refusal(draft, "the complaint is unfounded: there is nothing to put right; answer it")
