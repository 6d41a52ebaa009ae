"""Laws of the legal clock, against a model that goes day by day and knows no shortcut."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oneservice.errors import IllegalInputError
from oneservice.workdays import (
    Suspension,
    due_working_day,
    national_calendar,
    provisional_due_working_day,
    working_days_elapsed,
)

CALENDAR = national_calendar()
STARTS = st.dates(date(2015, 1, 1), date(2025, 12, 31))
LIMITS = st.integers(0, 60)


@st.composite
def closed(draw: st.DrawFn, start: date) -> Suspension:
    """A suspension near ``start``; its end may lie before its start."""
    first = start + timedelta(days=draw(st.integers(-20, 60)))
    last = first + timedelta(days=draw(st.integers(-2, 25)))
    return Suspension(start=first, end=last, kind="inspection", by_law="45", notice_no="1")


@st.composite
def limits(draw: st.DrawFn) -> tuple[date, int, tuple[Suspension, ...]]:
    start = draw(STARTS)
    return start, draw(LIMITS), tuple(draw(st.lists(closed(start), max_size=4)))


def naive_due(start: date, limit: int, suspensions: tuple[Suspension, ...]) -> date:
    stopped = set()
    for one in suspensions:
        day = one.start
        while one.end is not None and day <= one.end:
            stopped.add(day)
            day += timedelta(days=1)
    day, counted = start, 0
    while counted < limit:
        day += timedelta(days=1)
        if day not in stopped and CALENDAR.is_working_day(day):
            counted += 1
    return day


@given(limits())
def test_the_clock_equals_the_naive_model(case) -> None:
    start, limit, suspensions = case
    due = naive_due(start, limit, suspensions)
    assert due_working_day(CALENDAR, start, limit, suspensions) == due
    assert provisional_due_working_day(CALENDAR, start, limit, suspensions) == (due, False)


@given(limits())
def test_on_the_due_day_the_limit_has_elapsed_and_not_before(case) -> None:
    start, limit, suspensions = case
    due = due_working_day(CALENDAR, start, limit, suspensions)
    assert working_days_elapsed(CALENDAR, start, due, suspensions) == limit
    before = working_days_elapsed(CALENDAR, start, due - timedelta(days=1), suspensions)
    assert before == max(limit - 1, 0)


@given(limits(), st.integers(1, 10))
def test_a_longer_limit_is_due_later(case, more: int) -> None:
    start, limit, suspensions = case
    due = due_working_day(CALENDAR, start, limit, suspensions)
    assert due < due_working_day(CALENDAR, start, limit + more, suspensions)


@given(st.data(), limits())
def test_one_more_suspension_never_brings_the_due_day_forward(data, case) -> None:
    start, limit, suspensions = case
    another = data.draw(closed(start))
    due = due_working_day(CALENDAR, start, limit, suspensions)
    later = due_working_day(CALENDAR, start, limit, (*suspensions, another))
    assert due <= later
    touched = [
        start + timedelta(days=index)
        for index in range(1, (due - start).days + 1)
        if another.covers(start + timedelta(days=index))
    ]
    counts = [
        day
        for day in touched
        if CALENDAR.is_working_day(day) and not any(one.covers(day) for one in suspensions)
    ]
    if not counts:  # wholly outside the counted days: nothing changes
        assert later == due
    elif limit:
        assert later > due


@given(limits(), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_suspensions_do_not_matter(case, chance) -> None:
    start, limit, suspensions = case
    mixed = [*suspensions, *suspensions]
    chance.shuffle(mixed)
    due = due_working_day(CALENDAR, start, limit, suspensions)
    assert due_working_day(CALENDAR, start, limit, mixed) == due


@given(limits(), st.integers(0, 90))
def test_an_open_suspension_matters_only_from_its_first_day(case, after: int) -> None:
    start, limit, suspensions = case
    first = start + timedelta(days=after)
    pending = Suspension(start=first, end=None, kind="inspection", by_law="45", notice_no="1")
    due = due_working_day(CALENDAR, start, limit, suspensions)
    try:
        answer = due_working_day(CALENDAR, start, limit, (*suspensions, pending))
    except IllegalInputError:
        assert due >= first
    else:
        assert answer == due
        assert due < first or limit == 0


@given(limits(), st.integers(0, 40))
def test_elapsed_days_add_up(case, gap: int) -> None:
    start, _, suspensions = case
    middle, end = start + timedelta(days=gap), start + timedelta(days=3 * gap)
    whole = working_days_elapsed(CALENDAR, start, end, suspensions)
    parts = (
        working_days_elapsed(CALENDAR, start, middle, suspensions),
        working_days_elapsed(CALENDAR, middle, end, suspensions),
    )
    assert whole == sum(parts)
