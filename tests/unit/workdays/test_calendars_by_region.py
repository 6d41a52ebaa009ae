"""Calendars of several regions stand together; each region is asked for its own days."""

from __future__ import annotations

from datetime import date

import pytest

from oneservice.errors import CalendarConflictError, CalendarUnknownError, IdentifierError
from oneservice.workdays import (
    BorrowedDays,
    WorkCalendar,
    WorkCalendars,
    calendar_at,
    due_working_day,
    national_calendar,
    provisional_due_working_day,
    versions_of,
    with_regions,
)

NATIONAL = national_calendar()
SONGS = NATIONAL.regional(extra_days_off=[date(2026, 4, 20), date(2026, 4, 21)])
FAIR = NATIONAL.regional(extra_days_off=[date(2026, 4, 22)])


@pytest.fixture
def several() -> WorkCalendars:
    found = with_regions(NATIONAL, {"450000": SONGS, "450100000": FAIR})
    assert isinstance(found, WorkCalendars)
    return found


def test_asked_by_itself_it_is_the_own_calendar(several: WorkCalendars) -> None:
    assert several.version == NATIONAL.version
    assert due_working_day(several, date(2026, 4, 17), 2) == date(2026, 4, 21)
    assert provisional_due_working_day(several, date(2026, 4, 17), 2) == (date(2026, 4, 21), False)
    with pytest.raises(CalendarUnknownError):
        several.is_working_day(date(2031, 1, 1))


@pytest.mark.parametrize(
    ("region", "own", "key"),
    [
        ("450200", "990101", "450000"),
        ("450102003", "990101", "450100"),  # the nearest; codes in their shortest form
        ("980201", "990101", ""),
        ("990102", "990101", ""),
        ("450102", "450100", "450100"),  # a region may be named beside its own calendar
        ("450102", "450102", ""),  # the own calendar is nearer than the city's
        ("450302", "450300", ""),
        ("450302", "450100", "450000"),
    ],
)
def test_the_nearest_region_counts(several: WorkCalendars, region: str, own: str, key: str) -> None:
    assert several.key_for(region, own=own) == key


def test_what_is_under_a_key_is_found_again(several: WorkCalendars) -> None:
    assert calendar_at(several, "450000") is SONGS
    assert calendar_at(several, "450100") is FAIR
    assert calendar_at(several, "") is NATIONAL
    for known in (several, NATIONAL):  # nobody knows that region's days any more
        borrowed = calendar_at(known, "970000")
        assert borrowed == BorrowedDays(lent=NATIONAL)
        assert borrowed.version == NATIONAL.version
        due, is_provisional = provisional_due_working_day(borrowed, date(2026, 3, 2), 5)
        assert (due, is_provisional) == (due_working_day(NATIONAL, date(2026, 3, 2), 5), True)
    assert several.at("970000") is None


def test_regions_are_learnt_one_after_the_other(several: WorkCalendars) -> None:
    more = with_regions(several, {"450000": FAIR, "970000": SONGS})
    assert isinstance(more, WorkCalendars)
    assert more.own is NATIONAL
    assert [code for code, _ in more.elsewhere] == ["450000", "450100", "970000"]
    assert more.at("450000") is FAIR
    assert with_regions(several, {}) is several
    assert with_regions(NATIONAL, {}) is NATIONAL
    with pytest.raises(IdentifierError):
        with_regions(NATIONAL, {"45": SONGS})


def test_the_versions_of_all_tell_that_one_changed(several: WorkCalendars) -> None:
    one_region: WorkCalendar = with_regions(NATIONAL, {"450000": SONGS})
    texts = {versions_of(one) for one in (NATIONAL, several, one_region, SONGS)}
    assert len(texts) == 4
    assert versions_of(NATIONAL) == NATIONAL.version
    assert versions_of(one_region) == f"{NATIONAL.version};450000={SONGS.version}"


def test_the_order_in_which_regions_are_named_is_nothing(several: WorkCalendars) -> None:
    same = with_regions(NATIONAL, {"450100": FAIR, "450000": SONGS})
    assert same == several
    assert hash(same) == hash(several)


def test_other_days_for_the_own_region_than_its_own_are_refused(several: WorkCalendars) -> None:
    with pytest.raises(CalendarConflictError, match="for 450000, whose own calendar") as refused:
        several.refuse_another("450000000000")
    assert refused.value.region == "450000"
    several.refuse_another("450102")  # what is wider, or elsewhere, is no other word about it
    same = with_regions(NATIONAL, {"970000": NATIONAL, "450000": SONGS})
    assert isinstance(same, WorkCalendars)
    same.refuse_another("970000")
    with pytest.raises(IdentifierError):
        several.refuse_another("45")
