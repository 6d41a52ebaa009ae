"""The limits of the Administrative Licensing Law, and answers for unannounced years."""

from __future__ import annotations

from datetime import date

import pytest

from oneservice.errors import CalendarUnknownError, IllegalInputError
from oneservice.workdays import (
    DECISION_WORKING_DAYS,
    Extension,
    Suspension,
    WorkCalendar,
    deemed_acceptance,
    deemed_accepted_on,
    delivery_due,
    due_working_day,
    extended_due,
    joint_cap_due,
    national_calendar,
    provisionally,
)

CALENDAR = national_calendar()
SPRING_SONGS = CALENDAR.regional(extra_days_off=[date(2026, 4, 20), date(2026, 4, 21)])
"""An example of a region that rests for 三月三; 2026-04-19 is the third of the third month."""


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


def extension(days: int, decided_on: str) -> Extension:
    return Extension(
        days=days, decided_on=day(decided_on), approved_by="head of the office", reason="two visits"
    )


@pytest.mark.parametrize(
    ("start", "limit", "suspensions", "due"),
    [
        ("09-28", 10, (), "10-16"),
        ("02-12", 5, (), "02-26"),
        ("09-16", 13, (), "10-10"),
        ("02-09", 20, (), "03-13"),
        ("09-28", 45, (), "12-04"),
        ("09-16", 10, (("09-21", "09-24"),), "10-12"),
        ("09-29", 8, (("10-09", "10-12"),), "10-20"),
    ],
)
def test_the_published_table_through_an_extension_and_a_cap(
    start: str, limit: int, suspensions, due: str
) -> None:
    intervals = tuple(suspended(*ends) for ends in suspensions)
    for before in range(max(limit - 10, 1), limit):
        more = extension(limit - before, start)
        assert extended_due(CALENDAR, day(start), before, more, intervals) == day(due)
    cap = joint_cap_due(CALENDAR, day(start), suspensions=intervals, cap_days=limit)
    assert cap == day(due)


def test_the_joint_cap_is_45_days_and_once_15_more() -> None:
    assert joint_cap_due(CALENDAR, day("09-28")) == day("12-04")
    assert joint_cap_due(CALENDAR, day("09-28"), is_extended=True) == day("12-25")
    assert joint_cap_due(CALENDAR, day("09-28"), is_extended=True) == due_working_day(
        CALENDAR, day("09-28"), 60
    )
    assert joint_cap_due(CALENDAR, day("09-28"), cap_days=10) == day("10-16")
    held_up = (suspended("10-09", "10-10"),)
    assert joint_cap_due(CALENDAR, day("09-28"), suspensions=held_up) == day("12-08")


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        ("02-12", "02-26"),  # over the Spring Festival; both Saturdays around it are worked
        ("09-28", "10-10"),  # a Saturday that is worked
        ("10-01", "10-13"),  # online, in the holidays
        ("09-14", "09-20"),  # a Sunday that is worked
    ],
)
def test_silence_of_five_days_accepts_from_receipt(received: str, last_day: str) -> None:
    received_on, last = day(received), day(last_day)
    after = date.fromordinal(last.toordinal() + 1)
    assert deemed_acceptance(CALENDAR, received_on) == last
    assert deemed_accepted_on(CALENDAR, received_on, today=last) is None
    assert deemed_accepted_on(CALENDAR, received_on, today=after) == received_on
    assert deemed_accepted_on(CALENDAR, received_on, today=after, told_on=last) is None
    assert deemed_accepted_on(CALENDAR, received_on, today=after, told_on=after) == received_on


def test_a_certificate_is_delivered_within_ten_days_of_the_decision() -> None:
    assert delivery_due(CALENDAR, day("09-28")) == day("10-16")
    assert delivery_due(CALENDAR, day("09-30")) == day("10-20")


def test_an_extension_in_time() -> None:
    due = due_working_day(CALENDAR, day("02-09"), DECISION_WORKING_DAYS)
    assert due == day("03-13")
    for decided_on in ("02-09", "02-20", "03-13"):  # from the first day to the last
        more = extension(10, decided_on)
        assert extended_due(CALENDAR, day("02-09"), DECISION_WORKING_DAYS, more) == day("03-27")


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        (extension(10, "03-14"), "overdue", "ended on 2026-03-13"),
        (extension(10, "02-08"), "not_accepted", "began on 2026-02-09"),
        (extension(11, "03-01"), "too_long", "the law allows 10"),
    ],
)
def test_an_extension_that_the_law_does_not_know(more: Extension, status: str, says: str) -> None:
    with pytest.raises(IllegalInputError, match=says) as caught:
        extended_due(CALENDAR, day("02-09"), DECISION_WORKING_DAYS, more)
    assert caught.value.status == status


def test_a_special_law_may_allow_more() -> None:
    more = extension(15, "11-30")
    assert extended_due(CALENDAR, day("09-28"), 45, more, at_most=15) == joint_cap_due(
        CALENDAR, day("09-28"), is_extended=True
    )


def test_an_extension_while_the_clock_stands_still() -> None:
    pending = (suspended("02-26", None),)
    with pytest.raises(IllegalInputError) as caught:
        extended_due(CALENDAR, day("02-09"), 20, extension(5, "03-20"), pending)
    assert caught.value.status == "suspended"
    ended = (suspended("02-26", "03-19"),)  # the 20 days end later, so 03-20 is in time
    assert extended_due(CALENDAR, day("02-09"), 20, extension(5, "03-20"), ended) == day("04-15")
    late = (suspended("03-14", None),)  # begins after the limit, so it excuses nothing
    with pytest.raises(IllegalInputError) as caught:
        extended_due(CALENDAR, day("02-09"), 20, extension(5, "03-16"), late)
    assert caught.value.status == "overdue"


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": -1}, {"approved_by": " "}, {"reason": ""}])
def test_an_extension_has_an_approver_and_a_reason(wrong) -> None:
    good = {"days": 5, "decided_on": day("03-01"), "approved_by": "the head", "reason": "a test"}
    Extension(**good)
    with pytest.raises(ValueError, match="extension"):
        Extension(**(good | wrong))


def test_a_region_that_rests_for_its_own_feast() -> None:
    assert due_working_day(CALENDAR, day("04-17"), 2) == day("04-21")
    assert due_working_day(SPRING_SONGS, day("04-17"), 2) == day("04-23")
    assert deemed_acceptance(CALENDAR, day("04-15")) == day("04-22")
    assert deemed_acceptance(SPRING_SONGS, day("04-15")) == day("04-24")
    assert delivery_due(SPRING_SONGS, day("04-15")) == day("05-06")
    assert joint_cap_due(SPRING_SONGS, day("03-02")) == day("05-11")
    assert joint_cap_due(CALENDAR, day("03-02")) == day("05-08")


@pytest.mark.parametrize(
    ("ask", "due"),
    [
        (lambda days: joint_cap_due(days, day("11-02")), date(2027, 1, 4)),
        (lambda days: delivery_due(days, day("12-24")), date(2027, 1, 7)),
        (lambda days: deemed_acceptance(days, day("12-28")), date(2027, 1, 4)),
        (lambda days: extended_due(days, day("12-28"), 3, extension(1, "12-31")), date(2027, 1, 1)),
    ],
)
def test_every_limit_is_exact_or_says_that_it_is_provisional(ask, due: date) -> None:
    with pytest.raises(CalendarUnknownError):
        ask(CALENDAR)
    assert provisionally(CALENDAR, ask) == (due, True)


def test_what_the_announced_years_answer_is_not_provisional() -> None:
    def ask(days: WorkCalendar) -> tuple[str, date]:
        return days.version, joint_cap_due(days, day("09-28"))

    assert provisionally(CALENDAR, ask) == ((CALENDAR.version, day("12-04")), False)
