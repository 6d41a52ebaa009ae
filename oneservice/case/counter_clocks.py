"""The clocks of the counter: what time alone makes of codes, parcels and follow-ups.

Each clock yields the first instant that is too late and the fact that follows then; both are
derived from the state and the calendar, so a new calendar moves them by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TypeAlias

from oneservice.case.counter_events import CodeExpired, CounterEvent, ParcelOverdue
from oneservice.case.counter_state import NO_COUNTER, Counter, LiveCode, Parcel
from oneservice.case.limits import end_of
from oneservice.case.ratings_events import FollowUpClosed, FollowUpOverdue, RatingEvent
from oneservice.case.ratings_state import FollowUp, Rating
from oneservice.case.ratings_terms import FollowUpStage
from oneservice.workdays import (
    DELIVERY_WORKING_DAYS,
    WorkCalendar,
    due_natural_day,
    legal_day,
    provisional_due_working_day,
)

__all__ = ["Passing", "counter_deadline", "counter_passings", "follow_up_due", "parcel_due"]

Passing: TypeAlias = tuple[datetime, Callable[[datetime], CounterEvent | RatingEvent]]
"""The first instant that is too late, and what is then recorded at the instant given."""


def counter_deadline(counter: Counter, calendar: WorkCalendar) -> datetime | None:
    """Return when time makes the next fact at the counter, or ``None``: nothing runs."""
    if counter is NO_COUNTER:
        return None  # nearly every case, and asked after every fact
    instants = (instant for instant, _ in counter_passings(counter, calendar))
    return min(instants, default=None)


def counter_passings(counter: Counter, calendar: WorkCalendar) -> Iterator[Passing]:
    """Yield every clock that runs, in the order of the facts that started them."""
    if counter.code is not None:
        yield counter.code.expires_at, _expired(counter.code)
    for parcel in counter.parcels:
        if parcel.is_under_way and not parcel.is_overdue:
            instant = end_of(parcel_due(parcel, calendar))
            yield instant, _parcel_overdue(parcel, instant)
    for rating in counter.ratings:
        if rating.follow_up is not None:
            yield from _of_follow_up(rating, rating.follow_up, calendar)


def parcel_due(parcel: Parcel, calendar: WorkCalendar) -> date:
    """Return the last day on which a parcel may arrive.

    References: Administrative Licensing Law art. 44 (deliver within 10 working days), taken for
    every parcel from the day on which it was handed out.
    """
    start = legal_day(parcel.handed_at)
    return provisional_due_working_day(calendar, start, DELIVERY_WORKING_DAYS)[0]


def follow_up_due(follow_up: FollowUp, calendar: WorkCalendar) -> date | None:
    """Return the last day of the present wait: for the answer, or after it for another rating.

    ``None``: it is closed.
    """
    if not follow_up.is_open:
        return None
    if follow_up.stage is FollowUpStage.ANSWERED:
        start = legal_day(follow_up.answered_at or follow_up.since)
        days = follow_up.terms.re_rate_working_days
        return provisional_due_working_day(calendar, start, days)[0]
    start, days = legal_day(follow_up.since), follow_up.terms.days
    if follow_up.terms.unit == "natural_days":
        return due_natural_day(start, days)
    return provisional_due_working_day(calendar, start, days)[0]


def _of_follow_up(rating: Rating, follow_up: FollowUp, calendar: WorkCalendar) -> Iterator[Passing]:
    day = follow_up_due(follow_up, calendar)
    if day is None:
        return
    instant = end_of(day)
    if follow_up.stage is FollowUpStage.ANSWERED:
        yield instant, _not_rated_again(rating)
    elif follow_up.round not in follow_up.overdue_rounds:
        yield instant, _follow_up_overdue(rating, instant)


def _expired(code: LiveCode) -> Callable[[datetime], CodeExpired]:
    return lambda at: CodeExpired(at=at, number=code.number)


def _parcel_overdue(parcel: Parcel, due_at: datetime) -> Callable[[datetime], ParcelOverdue]:
    return lambda at: ParcelOverdue(at=at, parcel=parcel.id, due_at=due_at)


def _follow_up_overdue(rating: Rating, due_at: datetime) -> Callable[[datetime], FollowUpOverdue]:
    return lambda at: FollowUpOverdue(
        at=at, sub_case_id=rating.sub_case_id, attempt=rating.attempt, due_at=due_at
    )


def _not_rated_again(rating: Rating) -> Callable[[datetime], FollowUpClosed]:
    return lambda at: FollowUpClosed(
        at=at,
        sub_case_id=rating.sub_case_id,
        attempt=rating.attempt,
        because="not_rated_again",
    )
