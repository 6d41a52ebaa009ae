"""Laws of the legal clock, against a model that goes day by day and knows no shortcut."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import holidays
from hypothesis import assume, given
from hypothesis import strategies as st

from oneservice.errors import IllegalInputError
from oneservice.workdays import (
    EXTENSION_WORKING_DAYS,
    Extension,
    Light,
    LimitUnit,
    Suspension,
    case_clock,
    deemed_acceptance,
    deemed_accepted_on,
    delivery_due,
    due_working_day,
    extended_due,
    joint_cap_due,
    national_calendar,
    provisional_due_working_day,
    provisionally,
    step_clocks,
    working_days_elapsed,
)

CALENDAR = national_calendar()


class SecondPackage:
    """A calendar from ``holidays``, which was tabulated by others than the bundled snapshot."""

    version = "holidays"
    _table = holidays.country_holidays("CN", years=range(2015, 2027))

    def is_working_day(self, day: date, /) -> bool:
        return self._table.is_working_day(day)


SEVERITY = list(Light)
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


@given(limits(), st.integers(0, 90), st.booleans())
def test_a_second_calendar_package_gives_the_same_clock(
    case,
    after: int,
    is_extended: bool,  # noqa: FBT001 - the strategy gives it by place
) -> None:
    start, limit, suspensions = case
    today = start + timedelta(days=after)

    def ask(days) -> tuple[object, ...]:
        clocks = {"accepted_on": start, "today": today, "suspensions": suspensions}
        return (
            due_working_day(days, start, limit, suspensions),
            joint_cap_due(days, start, is_extended=is_extended),
            deemed_acceptance(days, start),
            delivery_due(days, start),
            step_clocks(days, promised_days=limit, statutory_days=limit + 5, **clocks),
            case_clock(days, is_extended=is_extended, **clocks),
        )

    assert ask(SecondPackage()) == ask(CALENDAR)


@given(STARTS, st.integers(0, 30))
def test_who_starts_later_is_not_due_earlier(start: date, later: int) -> None:
    after = start + timedelta(days=later)
    for due in (
        lambda day: joint_cap_due(CALENDAR, day),
        lambda day: joint_cap_due(CALENDAR, day, is_extended=True),
        lambda day: deemed_acceptance(CALENDAR, day),
        lambda day: delivery_due(CALENDAR, day),
    ):
        assert start < due(start) <= due(after)


@given(limits(), st.integers(1, EXTENSION_WORKING_DAYS), st.integers(-5, 120))
def test_an_extension_counts_when_it_comes_before_the_end(case, more: int, after: int) -> None:
    start, limit, suspensions = case
    decided_on = start + timedelta(days=after)
    one = Extension(days=more, decided_on=decided_on, approved_by="the head", reason="a test")
    due = due_working_day(CALENDAR, start, limit, suspensions)
    try:
        extended = extended_due(CALENDAR, start, limit, one, suspensions)
    except IllegalInputError:
        assert not start <= decided_on <= due
    else:
        assert start <= decided_on <= due < extended
        assert working_days_elapsed(CALENDAR, due, extended, suspensions) == more


@given(STARTS, st.integers(0, 30), st.none() | st.integers(0, 30))
def test_silence_accepts_once_and_for_good(received_on: date, after: int, told: int | None) -> None:
    today = received_on + timedelta(days=after)
    told_on = None if told is None else received_on + timedelta(days=told)
    accepted = deemed_accepted_on(CALENDAR, received_on, today=today, told_on=told_on)
    spoken = {} if told_on is None else {"told_on": told_on}
    later = deemed_accepted_on(CALENDAR, received_on, today=today + timedelta(days=7), **spoken)
    assert accepted in {None, received_on}
    if accepted is not None:
        assert later == accepted
        assert working_days_elapsed(CALENDAR, received_on, today) >= 5
    if told_on is not None and told_on <= deemed_acceptance(CALENDAR, received_on):
        assert later is None


@given(limits(), st.integers(0, 120), st.integers(0, 40), st.sampled_from(LimitUnit))
def test_time_only_adds(case, after: int, gap: int, unit: LimitUnit) -> None:
    start, limit, suspensions = case
    facts = {
        "accepted_on": start,
        "promised_days": limit,
        "promised_unit": unit,
        "statutory_days": limit + 10,
        "suspensions": suspensions,
    }
    today = start + timedelta(days=after)
    now = step_clocks(CALENDAR, today=today, **facts)
    then = step_clocks(CALENDAR, today=today + timedelta(days=gap), **facts)
    assert (now.promised_due, now.statutory_due) == (then.promised_due, then.statutory_due)
    assert now.elapsed_working_days <= then.elapsed_working_days
    assert now.elapsed_total_days <= then.elapsed_total_days
    assert now.used_percent <= then.used_percent
    assert SEVERITY.index(now.light) <= SEVERITY.index(then.light)
    assert now.is_past_statutory <= then.is_past_statutory


@given(limits(), st.integers(0, 120), st.none() | st.integers(0, 120))
def test_a_reading_agrees_with_itself(case, after: int, decided: int | None) -> None:
    start, limit, suspensions = case
    clocks = step_clocks(
        CALENDAR,
        accepted_on=start,
        today=start + timedelta(days=after),
        promised_days=limit,
        statutory_days=limit + 10,
        suspensions=suspensions,
        decided_on=None if decided is None else start + timedelta(days=decided),
    )
    assert clocks.promised_due is not None
    assert clocks.statutory_due is not None
    assert clocks.elapsed_working_days <= clocks.elapsed_total_days
    assert (clocks.light is Light.OVERDUE) == (clocks.read_on > clocks.promised_due)
    assert clocks.is_past_statutory == (clocks.read_on > clocks.statutory_due)
    if clocks.is_past_statutory:
        assert clocks.light is Light.OVERDUE
    if clocks.read_on == clocks.promised_due:
        assert clocks.used_percent == 100


@given(limits(), st.integers(0, 120), st.integers(1, 15), st.decimals("0.01", 1, places=2))
def test_a_longer_or_suspended_limit_never_looks_worse(
    case, after: int, more: int, share: Decimal
) -> None:
    start, limit, suspensions = case
    assume(limit > 0)
    facts = {
        "accepted_on": start,
        "today": start + timedelta(days=after),
        "promised_days": limit,
        "statutory_days": None,
        "warn_at": share,
    }
    plain = step_clocks(CALENDAR, **facts)
    for kinder in (
        step_clocks(CALENDAR, extended_days=more, **facts),
        step_clocks(CALENDAR, suspensions=suspensions, **facts),
    ):
        assert SEVERITY.index(kinder.light) <= SEVERITY.index(plain.light)
        assert kinder.used_percent <= plain.used_percent


@given(limits())
def test_what_is_announced_is_never_provisional(case) -> None:
    start, limit, suspensions = case
    due, is_provisional = provisionally(
        CALENDAR, lambda days: due_working_day(days, start, limit, suspensions)
    )
    assert (due, is_provisional) == (naive_due(start, limit, suspensions), False)
