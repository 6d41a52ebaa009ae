"""A journal told again to the pure core: does each fact follow from the ones before, by the rules?

Theory of operation. The core decides again whatever can be decided again: a candidate cause (see
:mod:`oneservice.relying.reconstruction`) is given to the case as it stood, and must lead to the
very facts on record, no fewer and no more. Facts that no cause explains are taken over as they
stand, and named: those with an effect in law are findings, those that only say how an exchange of
messages went are not. A redacted record ends the replay there: nobody can know what it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from oneservice.case import (
    Case,
    CaseOpened,
    DeliveryFailed,
    DeliveryReset,
    DepartmentReported,
    Event,
    HeadSeen,
    IncidentRaised,
    Input,
    Migrated,
    Recorded,
    ReportRefused,
    SubCaseHalted,
    evolve,
    transition,
)
from oneservice.errors import OneServiceError
from oneservice.relying.reconstruction import Plans, candidates
from oneservice.workdays import WorkCalendar

__all__ = ["UNFIT", "Replay", "Replayed", "ReplayedRecord", "replay_records"]

_OF_THE_EXCHANGE: Final = (
    DeliveryFailed,
    DeliveryReset,
    HeadSeen,
    IncidentRaised,
    ReportRefused,
    SubCaseHalted,
)
"""Facts without an effect in law: how messages went, and where a person must look."""


UNFIT: Final = (
    OneServiceError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What the core says of a record that it cannot follow. Beside its own refusals these are the
stumbles over values that no engine writes: the journal before an auditor may be a forger's."""


class Replayed(StrEnum):
    """What came of telling a fact again."""

    DECIDED = "decided"
    """The rules lead to it, and to nothing else."""
    TAKEN = "taken"
    """Taken as it stands: it tells of an exchange of messages, and rests on no rule."""
    PLAN_MISSING = "plan_missing"
    """Taken as it stands: the plan that it names is not at hand, so nobody can decide it again."""
    NOT_BY_THE_RULES = "not_by_the_rules"
    """The rules of the pinned plan do not lead to it, as far as the journal tells."""
    IMPOSSIBLE = "impossible"
    """It cannot follow from the state before at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedRecord:
    """One record and what came of it; ``cause`` names the input that leads to it."""

    seq: int
    event: Event
    result: Replayed
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """All records that could be told again.

    ``case`` is where they lead; ``None`` where nothing could be told. ``stopped_at`` is the number
    of the record at which the replay had to end, ``None``: it went to the end.
    """

    records: tuple[ReplayedRecord, ...]
    case: Case | None = field(repr=False)
    stopped_at: int | None = None

    def of(self, result: Replayed) -> tuple[ReplayedRecord, ...]:
        """Return the records with that result."""
        return tuple(one for one in self.records if one.result is result)


def replay_records(
    case_id: str, records: Sequence[Recorded], *, plans: Plans, calendar: WorkCalendar
) -> Replay:
    """Tell ``records`` to the core again.

    Args:
        case_id: whose journal.
        records: proven to be a chain, oldest first, up to the first redacted one.
        plans: those at hand, by digest; a bundle holds the one to which the case is pinned.
        calendar: the working days by which limits are counted.
    """
    done: list[ReplayedRecord] = []
    case: Case | None = None
    while len(done) < len(records):
        rest = records[len(done) :]
        found = _decided(case, rest, case_id, plans, calendar)
        if found is None:
            record = rest[0]
            result, case = _taken(case, record, case_id, plans)
            done.append(ReplayedRecord(seq=record.seq, event=record.event, result=result))
            if result is Replayed.IMPOSSIBLE:
                return Replay(records=tuple(done), case=case, stopped_at=record.seq)
            continue
        count, cause, case = found
        done += [
            ReplayedRecord(seq=one.seq, event=one.event, result=Replayed.DECIDED, cause=cause)
            for one in rest[:count]
        ]
    return Replay(records=tuple(done), case=case)


def _decided(
    case: Case | None,
    rest: Sequence[Recorded],
    case_id: str,
    plans: Plans,
    calendar: WorkCalendar,
) -> tuple[int, str, Case] | None:
    """Return how many records one cause leads to, its name, and the case after them."""
    events = [one.event for one in rest[:_MOST_AT_ONCE]]
    if _speaks_for_another(case, events[0]):
        return None
    for given in _candidates(case, events, plans):
        try:
            facts, after = transition(case, given, case_id=case_id, calendar=calendar)
        except UNFIT:
            continue  # it was not this that led there
        if facts and tuple(events[: len(facts)]) == facts:
            return len(facts), type(given).__name__, after
    return None


def _candidates(case: Case | None, events: Sequence[Event], plans: Plans) -> Iterator[Input]:
    try:
        yield from candidates(case, events, plans)
    except UNFIT:
        return  # the record does not even say enough to guess


def _speaks_for_another(case: Case | None, event: Event) -> bool:
    """Say whether a department reports on a step that another one handles.

    Its signature may be as good as it likes: an engine takes no such word (adapter protocol,
    section 6), so a journal that holds one was not written by the rules.
    """
    if case is None or not isinstance(event, DepartmentReported):
        return False
    sub = case.sub_cases.get(event.sub_case_id)
    return sub is not None and any(one.department != sub.spec.department for one in event.events)


_MOST_AT_ONCE: Final = 512
"""Facts of one decision: an opening records one for each consent."""


def _taken(
    case: Case | None, record: Recorded, case_id: str, plans: Plans
) -> tuple[Replayed, Case | None]:
    try:
        after = evolve(case, record.event, case_id=case_id)
    except UNFIT:
        return Replayed.IMPOSSIBLE, case
    if isinstance(record.event, _OF_THE_EXCHANGE):
        return Replayed.TAKEN, after
    if isinstance(record.event, CaseOpened | Migrated) and record.event.plan not in plans:
        return Replayed.PLAN_MISSING, after
    return Replayed.NOT_BY_THE_RULES, after
