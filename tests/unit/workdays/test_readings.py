"""What the clocks of a step and of a case read: three clocks, a light, and a standstill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from oneservice.workdays import (
    CaseClock,
    Light,
    LimitUnit,
    StepClocks,
    Suspension,
    case_clock,
    national_calendar,
    step_clocks,
)

CALENDAR = national_calendar()
INSPECTION = ("10-09", "10-12")


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def suspended(first: str, last: str | None) -> Suspension:
    return Suspension(
        start=day(first),
        end=None if last is None else day(last),
        kind="inspection",
        by_law="行政许可法 45",
        notice_no="TB-1",
    )


def read(today: str, **facts) -> StepClocks:
    given = {"accepted_on": day("09-28"), "promised_days": 10, "statutory_days": 20} | facts
    return step_clocks(CALENDAR, today=day(today), **given)


@pytest.mark.parametrize(
    ("start", "limit", "suspensions", "due"),
    [
        ("09-28", 10, (), "10-16"),
        ("02-12", 5, (), "02-26"),
        ("09-16", 13, (), "10-10"),
        ("02-09", 20, (), "03-13"),
        ("09-28", 45, (), "12-04"),
        ("09-16", 10, (("09-21", "09-24"),), "10-12"),
        ("09-16", 10, (), "09-30"),
        ("09-29", 8, (("10-09", "10-12"),), "10-20"),
    ],
)
def test_the_published_table_on_all_clocks(start: str, limit: int, suspensions, due: str) -> None:
    intervals = tuple(suspended(*ends) for ends in suspensions)
    clocks = read(
        due,
        accepted_on=day(start),
        promised_days=limit,
        statutory_days=limit,
        suspensions=intervals,
    )
    assert clocks.promised_due == clocks.statutory_due == day(due)
    assert clocks.elapsed_working_days == limit
    assert clocks.elapsed_total_days >= limit
    assert (clocks.light, clocks.used_percent) == (Light.WARNING, 100)
    assert not clocks.is_past_statutory
    cap = case_clock(
        CALENDAR,
        accepted_on=day(start),
        today=day(due),
        suspensions=intervals,
        cap_days=limit,
    )
    assert (cap.cap_due, cap.elapsed_working_days, cap.light) == (day(due), limit, Light.WARNING)


def test_one_whole_reading() -> None:
    assert read("10-20", suspensions=(suspended(*INSPECTION),)) == StepClocks(
        promised_due=day("10-21"),
        statutory_due=day("11-04"),
        is_past_statutory=False,
        elapsed_working_days=9,
        elapsed_total_days=12,
        light=Light.WARNING,
        used_percent=90,
        is_provisional=False,
        read_on=day("10-20"),
    )


@pytest.mark.parametrize(
    ("today", "light", "percent"),
    [
        ("09-27", Light.ON_TIME, 0),
        ("09-28", Light.ON_TIME, 0),
        ("10-13", Light.ON_TIME, 70),
        ("10-14", Light.WARNING, 80),
        ("10-16", Light.WARNING, 100),
        ("10-17", Light.OVERDUE, 100),  # a Saturday: late, though no day more is counted
        ("10-19", Light.OVERDUE, 110),
    ],
)
def test_the_light_follows_the_promise(today: str, light: Light, percent: int) -> None:
    clocks = read(today)
    assert (clocks.light, clocks.used_percent) == (light, percent)


@pytest.mark.parametrize(
    ("share", "first"),
    [("0.01", "09-29"), ("0.5", "10-10"), ("0.75", "10-14"), ("0.8", "10-14"), ("1", "10-16")],
)
def test_when_the_light_warns_is_configured(share: str, first: str) -> None:
    lights = [
        (one, read(one, warn_at=Decimal(share)).light)
        for one in ("09-28", "09-29", "10-09", "10-10", "10-13", "10-14", "10-15", "10-16")
    ]
    assert next(one for one, light in lights if light is Light.WARNING) == first


@pytest.mark.parametrize("share", ["0", "-0.1", "1.01"])
def test_a_share_out_of_bounds_is_refused(share: str) -> None:
    with pytest.raises(ValueError, match="share of the limit"):
        read("10-09", warn_at=Decimal(share))
    with pytest.raises(ValueError, match="share of the limit"):
        case_clock(CALENDAR, accepted_on=day("09-28"), today=day("10-09"), warn_at=Decimal(share))


def test_a_limit_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="0 days or more"):
        read("10-09", promised_days=-1)


def test_a_decision_stops_every_clock() -> None:
    in_time = read("12-31", decided_on=day("10-16"))
    assert (in_time.light, in_time.read_on) == (Light.ON_TIME, day("10-16"))
    assert in_time == read("10-16", decided_on=day("10-16"))
    late = read("12-31", decided_on=day("10-19"))
    assert (late.light, late.is_past_statutory, late.used_percent) == (Light.OVERDUE, False, 110)
    unlawful = read("12-31", decided_on=day("11-10"))
    assert (unlawful.light, unlawful.is_past_statutory) == (Light.OVERDUE, True)


def test_a_decision_after_today_has_not_come_yet() -> None:
    assert read("10-16", decided_on=day("10-19")) == read("10-16")


def test_a_limit_of_no_days_is_of_today() -> None:
    assert read("09-28", promised_days=0).light is Light.WARNING
    assert read("09-28", promised_days=0, decided_on=day("09-28")).light is Light.ON_TIME
    late = read("09-29", promised_days=0)
    assert (late.light, late.used_percent, late.promised_due) == (Light.OVERDUE, 100, day("09-28"))
    assert read("09-27", promised_days=0).light is Light.ON_TIME


def test_before_acceptance_nothing_is_used() -> None:
    """A clock may be asked for a day before the acceptance that a department dated ahead."""
    working = read("09-27", promised_days=0)
    assert (working.used_percent, working.elapsed_working_days) == (0, 0)
    natural = read("09-27", promised_days=20, promised_unit=LimitUnit.NATURAL_DAYS)
    assert natural.used_percent == 0
    assert read("09-28", promised_days=20, promised_unit=LimitUnit.NATURAL_DAYS).used_percent == 0
    case = case_clock(CALENDAR, accepted_on=day("09-28"), today=day("09-27"), cap_days=0)
    assert (case.used_percent, case.elapsed_working_days) == (0, 0)


def test_a_cap_of_no_days_is_used_up_on_the_day_of_acceptance() -> None:
    case = case_clock(CALENDAR, accepted_on=day("09-28"), today=day("09-28"), cap_days=0)
    assert (case.cap_due, case.used_percent, case.light) == (day("09-28"), 100, Light.WARNING)


def test_an_extension_moves_both_limits() -> None:
    clocks = read("10-19", extended_days=5)
    assert (clocks.promised_due, clocks.statutory_due) == (day("10-23"), day("11-06"))
    assert (clocks.light, clocks.used_percent) == (Light.ON_TIME, 73)


def test_no_statutory_limit_cannot_be_broken() -> None:
    clocks = read("12-31", statutory_days=None)
    assert (clocks.statutory_due, clocks.is_past_statutory) == (None, False)


def test_while_a_suspension_is_open_nothing_becomes_late() -> None:
    for today in ("10-09", "10-30", "12-31"):
        clocks = read(today, suspensions=(suspended("10-09", None),))
        assert (clocks.promised_due, clocks.statutory_due) == (None, None)
        assert (clocks.light, clocks.elapsed_working_days) == (Light.ON_TIME, 3)
    assert clocks.elapsed_total_days == 64
    begun_late = read("10-20", suspensions=(suspended("10-19", None),))
    assert (begun_late.promised_due, begun_late.light) == (day("10-16"), Light.OVERDUE)
    assert begun_late.statutory_due is None


def test_natural_days_run_through_suspensions() -> None:
    clocks = read(
        "10-14",
        promised_days=20,
        promised_unit=LimitUnit.NATURAL_DAYS,
        statutory_days=20,
        suspensions=(suspended(*INSPECTION),),
    )
    assert clocks.promised_due == day("10-18")
    assert clocks.statutory_due == day("11-04")
    assert (clocks.light, clocks.used_percent) == (Light.WARNING, 80)
    assert clocks.elapsed_working_days == 5
    law = read("10-14", statutory_days=20, statutory_unit=LimitUnit.NATURAL_DAYS)
    assert law.statutory_due == day("10-18")


@pytest.mark.parametrize(
    ("today", "promised", "is_provisional"),
    [("12-28", 3, False), ("12-28", 4, True), ("12-31", 3, False)],
)
def test_a_reading_says_that_it_is_provisional(
    today: str, promised: int, *, is_provisional: bool
) -> None:
    clocks = read(today, accepted_on=day("12-28"), promised_days=promised, statutory_days=None)
    assert clocks.is_provisional is is_provisional


def test_days_in_an_unknown_year_are_provisional_too() -> None:
    clocks = step_clocks(
        CALENDAR,
        accepted_on=day("12-28"),
        today=date(2027, 1, 4),
        promised_days=3,
        statutory_days=None,
    )
    assert (clocks.is_provisional, clocks.light) == (True, Light.OVERDUE)
    assert clocks.elapsed_working_days == 5


def test_the_case_has_one_clock_against_the_joint_cap() -> None:
    def clock(today: str, **facts) -> CaseClock:
        return case_clock(CALENDAR, accepted_on=day("09-28"), today=day(today), **facts)

    assert clock("11-20") == CaseClock(
        cap_due=day("12-04"),
        elapsed_working_days=35,
        elapsed_total_days=35,
        light=Light.ON_TIME,
        used_percent=77,
        is_provisional=False,
        read_on=day("11-20"),
    )
    assert clock("11-23").light is Light.WARNING
    assert clock("12-05").light is Light.OVERDUE
    extended = clock("12-05", is_extended=True)
    assert (extended.cap_due, extended.light) == (day("12-25"), Light.ON_TIME)
    held_up = clock("12-05", suspensions=(suspended(*INSPECTION),))
    assert (held_up.cap_due, held_up.light) == (day("12-09"), Light.WARNING)
    assert held_up.elapsed_total_days == held_up.elapsed_working_days + 3
    assert clock("12-31", concluded_on=day("10-16")).light is Light.ON_TIME
    assert clock("12-31", concluded_on=day("12-07")).light is Light.OVERDUE
    assert clock("12-31", suspensions=(suspended("12-01", None),)).cap_due is None
