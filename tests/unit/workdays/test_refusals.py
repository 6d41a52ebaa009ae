"""What the room tells whoever asks wrongly: the whole sentence, since it says what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from oneservice.workdays import (
    Extension,
    Suspension,
    YearTable,
    case_clock,
    deadline,
    due_natural_day,
    due_working_day,
    national_calendar,
    step_clocks,
    working_days_elapsed,
)

CALENDAR = national_calendar()
DAY = date(2026, 9, 28)
NOON = datetime(2026, 9, 28, 12, tzinfo=UTC)
NAIVE = datetime(2026, 9, 28)  # noqa: DTZ001 - what is refused
NOT_A_DATE = "limits run from a date; take the date of the instant in the office's time zone"
BELOW_ZERO = "a limit is 0 days or more"
NOT_A_SHARE = "warn_at is a share of the limit: above 0 and at most 1"
STANDING_STILL = (
    "the limit has no due day while a suspension runs until further notice; ask again "
    "when it has ended, or give it an expected end"
)
UNKNOWN_YEAR = (
    "the working days of 2027 are not announced in calendar cn-2026-11-21; install a newer "
    "calendar when the State Council's notice is out, or give a date in a known year"
)
UNNAMED = "an extension names who approved it, and the reason that the applicant was told"


def _extension(days: int = 5, by: str = "head", reason: str = "load") -> Extension:
    return Extension(days=days, decided_on=DAY, approved_by=by, reason=reason)


def _open() -> Suspension:
    return Suspension(start=DAY, end=None, kind="hearing", by_law="art. 45", notice_no="T-1")


def _step(**more: Decimal) -> object:
    return step_clocks(
        CALENDAR, accepted_on=DAY, today=DAY, promised_days=1, statutory_days=None, **more
    )


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: due_working_day(CALENDAR, NOON, 1), NOT_A_DATE),
        (lambda: due_working_day(CALENDAR, NOON, 0), NOT_A_DATE),
        (lambda: due_natural_day(NOON, 1), NOT_A_DATE),
        (lambda: working_days_elapsed(CALENDAR, NOON, DAY), NOT_A_DATE),
        (lambda: working_days_elapsed(CALENDAR, DAY, NOON), NOT_A_DATE),
        (
            lambda: deadline(CALENDAR, NAIVE, 1, zone=UTC),
            "accepted_at is a naive time; give an aware instant, UTC by custom",
        ),
        (
            lambda: CALENDAR.is_working_day(NOON),
            "a working day is asked for by date; take the date in the office's time zone",
        ),
        (lambda: due_working_day(CALENDAR, DAY, -1), BELOW_ZERO),
        (lambda: due_natural_day(DAY, -1), BELOW_ZERO),
        (lambda: _step(warn_at=Decimal(0)), NOT_A_SHARE),
        (
            lambda: case_clock(CALENDAR, accepted_on=DAY, today=DAY, warn_at=Decimal("1.1")),
            NOT_A_SHARE,
        ),
        (lambda: _extension(0), "an extension is of 1 working day or more"),
        (lambda: _extension(by=" "), UNNAMED),
        (lambda: _extension(reason=""), UNNAMED),
        (
            lambda: due_working_day(CALENDAR, DAY, 1, [_open()]),
            STANDING_STILL,
        ),
        (
            lambda: CALENDAR.is_working_day(date(2027, 1, 4)),
            UNKNOWN_YEAR,
        ),
        (
            lambda: CALENDAR.regional(extra_days_off=[date(2027, 4, 9)]),
            UNKNOWN_YEAR,
        ),
        (
            lambda: CALENDAR.regional(
                extra_days_off=[date(2026, 4, 20)],
                extra_work_days=[date(2026, 4, 19), date(2026, 4, 20)],
            ),
            "a region's calendar has 2026-04-20 both off and worked; drop one of them",
        ),
        (
            lambda: YearTable(year=2027, days_off=frozenset({DAY}), work_days=frozenset()),
            "the calendar table of 2027 names days of other years; mend its source",
        ),
        (
            lambda: YearTable(year=2026, days_off=frozenset({DAY}), work_days=frozenset({DAY})),
            "the calendar table of 2026 has days both off and worked; mend its source",
        ),
    ],
)
def test_each_refusal_is_a_sentence_that_helps(ask: Callable[[], object], told: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the sentence is compared whole
        ask()
    assert str(caught.value) == told
