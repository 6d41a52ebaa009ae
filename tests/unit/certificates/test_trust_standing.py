"""What a key is worth: in use, retired, stolen; with a proven time and without."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.certificates import KeyStanding, judge_key

GOOD, UNUSED = KeyStanding.GOOD, KeyStanding.NOT_IN_USE
STOLEN, UNPROVEN = KeyStanding.STOLEN, KeyStanding.UNPROVEN


def day(number: int | None) -> datetime | None:
    return None if number is None else datetime(2026, 1, number, tzinfo=UTC)


# The key is used from day 5 until day 20 (first day without).
@pytest.mark.parametrize(
    ("stolen", "claimed", "proven", "standing", "moment"),
    [
        # rotated, nothing proven: its owner's word is good enough
        (None, 4, None, UNUSED, 4),
        (None, 5, None, GOOD, 5),
        (None, 19, None, GOOD, 19),
        (None, 20, None, UNUSED, 20),
        # rotated, with a proven time
        (None, 10, 12, GOOD, 10),
        (None, 10, 25, GOOD, 10),
        (None, 10, 3, UNUSED, 3),  # it existed before the key did: the key is not the signer's
        (None, 25, 12, GOOD, 12),  # a wrong clock at the signer: it provably existed on day 12
        (None, 25, 28, UNUSED, 25),
        # stolen on day 12, nothing proven
        (12, 10, None, UNPROVEN, 10),
        (12, 12, None, STOLEN, 12),
        (12, 15, None, STOLEN, 15),
        (12, 25, None, UNUSED, 25),
        # stolen on day 12, with a proven time
        (12, 10, 10, GOOD, 10),
        (12, 10, 11, GOOD, 11),
        (12, 10, 12, UNPROVEN, 10),  # dated back by a thief, or logged late: nobody can tell
        (12, 10, 25, UNPROVEN, 10),
        (12, 15, 11, GOOD, 11),  # whatever it says of itself, it existed before the theft
        (12, 15, 15, STOLEN, 15),
        (12, 15, 14, STOLEN, 14),
        # stolen since before its first use, since its last day, and after it was retired
        (1, 10, 10, STOLEN, 10),
        (1, 10, None, STOLEN, 10),
        (25, 10, None, UNPROVEN, 10),
        (25, 10, 24, GOOD, 24),
        (25, 10, 25, UNPROVEN, 10),
    ],
)
def test_a_key_and_a_moment(  # noqa: PLR0917
    make_office: Any,
    stolen: int | None,
    claimed: int,
    proven: int | None,
    standing: KeyStanding,
    moment: int,
) -> None:
    key = make_office().listed(valid_from=day(5), valid_until=day(20), compromised_at=day(stolen))
    judged = judge_key(key, claimed_at=day(claimed), proven_at=day(proven))
    assert (judged.standing, judged.moment) == (standing, day(moment))
    assert judged.is_proven is (proven is not None and judged.moment == day(proven))
