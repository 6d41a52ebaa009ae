"""Intervals in which the clock stands still (特别程序), as data.

Elapsed time is derived from them and never accumulated, so they may overlap, arrive late or be
mended without anything else to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Suspension", "covered_until"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Days that do not count: hearing, test, inspection, appraisal, expert review, correction.

    Both ends are included. ``end`` is ``None`` until further notice. An end before the start covers
    no day: a state that folds what others recorded must not break on it.

    ``kind`` names the procedure, ``by_law`` the clause, ``notice_no`` the written notice without
    which the time would count.

    References:
        Administrative Licensing Law art. 45; domain page, section 7, rule 4.
    """

    start: date
    end: date | None
    kind: str
    by_law: str
    notice_no: str

    def covers(self, day: date) -> bool:
        """Say whether ``day`` does not count."""
        return self.start <= day <= (self.end or date.max)


def covered_until(suspensions: Sequence[Suspension], day: date) -> date | None:
    """Return the last day known to be suspended together with ``day``; ``None``: ``day`` counts.

    A suspension until further notice gives ``date.max``.
    """
    until = None
    for one in suspensions:  # a plain loop: it runs once for every day of every limit
        if one.start <= day:
            end = one.end or date.max
            if day <= end and (until is None or until < end):
                until = end
    return until
