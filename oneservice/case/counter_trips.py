"""How often the applicant had to come: counted from the journal, so that none can be provable.

Whatever is done in person at a counter records the journey that it proves. So the count rests on
records, and the statement names them: whoever has the journal counts again and compares.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from dataclasses import dataclass

from oneservice.canonical import Digest
from oneservice.case.counter_state import Visit
from oneservice.case.counter_terms import VisitPurpose
from oneservice.case.journal import fold_records
from oneservice.case.state import Case

__all__ = ["TripStatement", "Trips", "recount_trips", "trips"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trips:
    """The journeys of one case. ``by_purpose`` holds what occurred, in the order of the words."""

    count: int
    by_purpose: tuple[tuple[VisitPurpose, int], ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TripStatement:
    """Journeys, and the records that prove them: those from the first to ``last_seq``.

    ``head`` is the digest of record ``last_seq``, and through it of all before. A count of 0 says
    that none of these records tells of anybody who came.
    """

    case_id: str
    trips: Trips
    last_seq: int
    head: Digest


def trips(case: Case) -> Trips:
    """Return the journeys that ``case`` has recorded so far."""
    visits = case.counter.visits
    tally = Tally(one.purpose for one in visits)
    return Trips(
        count=len(visits),
        by_purpose=tuple((one, tally[one]) for one in VisitPurpose if tally[one]),
        visits=visits,
    )


def recount_trips(case_id: str, lines: Iterable[bytes]) -> TripStatement:
    """Return the statement that a journal itself makes; an auditor compares it with ours.

    Args:
        case_id: whose journal.
        lines: its records, oldest first; every link between them is proven.

    Raises:
        JournalCorruptError: the records are no whole history.
    """
    case, seq, head = fold_records(case_id, lines)
    return TripStatement(case_id=case_id, trips=trips(case), last_seq=seq, head=head)
