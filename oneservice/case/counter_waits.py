"""What is awaited at the counters of a case, and outlives its end.

Codes, parcels, originals, the follow-up of bad ratings: each has a last day, and somebody who can
end it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oneservice.case.counter_clocks import follow_up_due, parcel_due
from oneservice.case.counter_handed_in import HandedIn, forwarding
from oneservice.case.counter_state import Counter, LiveCode, Original, Parcel
from oneservice.case.limits import end_of, working_due
from oneservice.case.ratings_state import FollowUp, Rating
from oneservice.case.ratings_terms import FollowUpStage
from oneservice.case.state import Case
from oneservice.case.wait_kinds import Wait, WaitKind, Who
from oneservice.workdays import DELIVERY_WORKING_DAYS, WorkCalendar, legal_day

__all__ = ["counter_waits"]


def counter_waits(case: Case, calendar: WorkCalendar) -> Iterator[Wait]:
    """Yield what is awaited at the counters of ``case``, whether it has ended or not."""
    counter: Counter = case.counter
    if counter.code is not None:
        yield _code(counter.code)
    if case.outcome is None:
        yield from map(_forwarding, forwarding(case))
    for parcel in counter.parcels:
        if parcel.is_under_way:
            yield _parcel(parcel, calendar)
    for original in counter.originals:
        if not original.is_at_rest and (original.is_lost or case.outcome is not None):
            yield _original(original, case, calendar)
    for rating in counter.ratings:
        if rating.follow_up is not None and rating.follow_up.is_open:
            yield _follow_up(rating, rating.follow_up, calendar)


def _code(code: LiveCode) -> Wait:
    return Wait(
        sub_case_id="",
        kind=WaitKind.CODE,
        who=Who.APPLICANT,
        since=None,
        until=code.expires_at,
        then="code_expired",
        ends_by=("RedeemCode", "AskCode"),
        name=str(code.number),
    )


def _forwarding(one: HandedIn) -> Wait:
    return Wait(
        sub_case_id=one.sub_case_id,
        kind=WaitKind.FORWARDING,
        who=Who.WINDOW,
        since=one.received_at,
        until=end_of(one.forward_by or legal_day(one.received_at)),
        then="nothing",
        ends_by=("HandToCourier", "StatusRead"),
        name="" if one.check is None else one.check.place,
    )


def _parcel(parcel: Parcel, calendar: WorkCalendar) -> Wait:
    return Wait(
        sub_case_id="",
        kind=WaitKind.PARCEL,
        who=Who.COURIER,
        since=parcel.handed_at,
        until=end_of(parcel_due(parcel, calendar)),
        then="parcel_overdue",
        ends_by=("CourierTold",),
        name=parcel.id,
        is_told=parcel.is_overdue,
    )


def _original(original: Original, case: Case, calendar: WorkCalendar) -> Wait:
    """Return the wait for a paper that is lost, or that nobody needs any more.

    Within the time that the law gives for delivering a decision it goes back (Licensing Law art.
    44); a lost one is settled within as long.
    """
    last = original.chain[-1].at
    since = last if original.is_lost else max(last, case.concluded_at or last)
    ways = ("SettleLoss",) if original.is_lost else ("ReturnOriginal", "HandToCourier")
    return Wait(
        sub_case_id="",
        kind=WaitKind.ORIGINAL,
        who=Who.OPERATOR,
        since=since,
        until=_delivered_by(since, calendar),
        then="nothing",
        ends_by=ways,
        name=original.id,
    )


def _delivered_by(since: datetime, calendar: WorkCalendar) -> datetime:
    due = working_due(calendar, legal_day(since), DELIVERY_WORKING_DAYS)
    return end_of(due.on if due is not None else legal_day(since))


def _follow_up(rating: Rating, follow_up: FollowUp, calendar: WorkCalendar) -> Wait:
    is_answered = follow_up.stage is FollowUpStage.ANSWERED
    since = (follow_up.answered_at if is_answered else None) or follow_up.since
    day = follow_up_due(follow_up, calendar) or legal_day(since)
    return Wait(
        sub_case_id=rating.sub_case_id,
        kind=WaitKind.FOLLOW_UP,
        who=Who.APPLICANT if is_answered else Who.OPERATOR,
        since=since,
        until=end_of(day),
        then="follow_up_closed" if is_answered else "follow_up_overdue",
        ends_by=("RateResult", "ReportFollowUp"),
        name=str(rating.attempt),
        is_told=follow_up.is_overdue,
    )
