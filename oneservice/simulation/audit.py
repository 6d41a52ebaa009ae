"""The auditor: reads every record as it becomes durable, follows the case, and checks it.

He has no part in the engine: he proves digest and chain of each record, folds the history himself
and keeps a ledger of his own. What the engine shows must be what he folded.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import (
    Case,
    CaseClosed,
    CaseOpened,
    ConsentEnded,
    ContinuedAt,
    DeemedGranted,
    DeliveryFailed,
    Event,
    FollowUpClosed,
    IncidentRaised,
    Migrated,
    OutcomeAdopted,
    Reassigned,
    ResultRated,
    RetryOrdered,
    SubCaseHalted,
    SubCaseResumed,
    evolve,
    read_record,
)
from oneservice.errors import OneServiceError
from oneservice.simulation.invariants import (
    AT_REST,
    AT_THE_MOMENT,
    CLOCKS,
    WAITS,
    granted_is_never_rolled_back,
)
from oneservice.simulation.moments import Ledger, Moment, NamedCheck, RestCheck, described
from oneservice.simulation.remembering import Folded
from oneservice.workdays import WorkCalendar

__all__ = ["Auditor", "InvariantBrokenError", "Violation"]

_LAST: Final = 12
"""Events that a violation shows."""
_COUNTED: Final = {
    DeliveryFailed: "retries",
    IncidentRaised: "incidents",
    SubCaseHalted: "halts",
    SubCaseResumed: "resumes",
    CaseClosed: "closed",
    ConsentEnded: "consents withdrawn",
    ContinuedAt: "continued at a window",
    DeemedGranted: "granted by silence",
    FollowUpClosed: "bad ratings settled",
    Migrated: "migrated",
    OutcomeAdopted: "adopted",
    Reassigned: "reassigned",
    ResultRated: "rated",
    RetryOrdered: "tried at once",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant that does not hold, and where."""

    invariant: str
    case_id: str
    problem: str
    last_events: tuple[str, ...] = ()


class InvariantBrokenError(AssertionError):
    """The simulated world found a fault of ours."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(f"{violation.invariant}: {violation.case_id}: {violation.problem}")
        self.violation = violation


@dataclass(slots=True)
class _Followed:
    case: Case | None = None
    head: Digest | None = None
    lines: list[bytes] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    last: deque[tuple[int, Event]] = field(default_factory=lambda: deque(maxlen=_LAST))

    @property
    def seq(self) -> int:
        return len(self.lines)


class Auditor:
    """Follows all cases of a world."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._followed: dict[str, _Followed] = {}
        self.checks: Counter[str] = Counter()
        """How often each invariant was looked at."""
        self.counts: Counter[str] = Counter()
        """Retries, incidents, halts and resumes."""
        self.changed: set[str] = set()
        """Cases that moved since somebody last took this set."""
        self.resumed: set[str] = set()
        """Submissions that an operator let go on since then."""

    def read(self, appended: Iterable[tuple[str, Sequence[bytes]]]) -> None:
        """Check what became durable just now: cases, and the records behind their journals.

        Raises:
            InvariantBrokenError: it must never have been written.
        """
        for case_id, lines in appended:
            self.changed.add(case_id)
            followed = self._followed.setdefault(case_id, _Followed())
            for line in lines:
                self._take(case_id, followed, line)

    def go_back(self, histories: Mapping[str, Sequence[bytes]]) -> None:
        """Follow the world from an older state of it, which was restored: these are all cases.

        What was proven before is proven again, and not counted again. A case of which only the
        redacted chain is left stays as it was read.

        Raises:
            InvariantBrokenError: they are no histories.
        """
        before, counts = self._followed, Counter(self.counts)
        self._followed = {}
        for case_id, lines in histories.items():
            known = before.get(case_id)
            if known is not None and known.lines[: len(lines)] != list(lines):
                self._followed[case_id] = known  # redacted
                continue
            self.read([(case_id, lines)])
        self.counts = counts

    def heads(self) -> list[tuple[str, int, Digest | None]]:
        """Return case, length and head of every journal, in order of the ids."""
        return [(name, one.seq, one.head) for name, one in sorted(self._followed.items())]

    def followed(self, case_id: str) -> Case | None:
        """Return a case as its journal tells it."""
        found = self._followed.get(case_id)
        return None if found is None else found.case

    def folded(self, case_id: str, lines: tuple[bytes, ...]) -> Folded | None:
        """Return what exactly these bytes fold to; ``None``: others were read."""
        found = self._followed.get(case_id)
        if found is None or found.case is None or found.head is None:
            return None
        if len(lines) != found.seq or list(lines) != found.lines:
            return None
        return found.case, found.seq, found.head

    def lines(self, case_id: str) -> Sequence[bytes]:
        """Return all records of a case as they were written."""
        return self._followed[case_id].lines

    def messages(self, case_id: str) -> Sequence[str]:
        """Return the ids of all messages of a case."""
        return tuple(self._followed[case_id].ledger.messages)

    def look_at(self, live: Case) -> None:
        """Check a case at rest, as the engine shows it.

        Raises:
            InvariantBrokenError: it is not what the journal tells, or one of its rules is broken.
        """
        followed = self._followed[live.id]
        self.checks["journal-refolds"] += 1
        if followed.case != live:
            raise self.broken("journal-refolds", live.id, "the engine shows another case")
        self._check_at_rest(live, CLOCKS)

    def look_at_waits(self, case_id: str) -> None:
        """Check what a case waits for: once a day is enough, a wait without end lasts longer.

        Raises:
            InvariantBrokenError: nothing can end one of its waits.
        """
        case = self._followed[case_id].case
        if case is not None:
            self._check_at_rest(case, WAITS)

    def _check_at_rest(self, live: Case, checks: Sequence[RestCheck]) -> None:
        followed = self._followed[live.id]
        for check in checks:
            name = _NAMES[check.__name__]
            self.checks[name] += 1
            problem = check(live, followed.ledger, self._calendar)
            if problem is not None:
                raise self.broken(name, live.id, problem)

    def broken(self, invariant: str, case_id: str, problem: str) -> InvariantBrokenError:
        """Return the error for a broken invariant, with the last events of its case."""
        followed = self._followed.get(case_id)
        return InvariantBrokenError(
            Violation(
                invariant=invariant,
                case_id=case_id,
                problem=problem,
                last_events=tuple(_shown(*one) for one in followed.last) if followed else (),
            )
        )

    def _take(self, case_id: str, followed: _Followed, line: bytes) -> None:
        self.checks["journal-verifies"] += 1
        before = followed.case
        try:
            record = read_record(line, case_id=case_id, seq=followed.seq + 1, prev=followed.head)
            after = evolve(before, record.event, case_id=case_id)
        except (OneServiceError, KeyError, ValueError) as error:
            raise self.broken("journal-verifies", case_id, f"{error}") from error
        event = record.event
        followed.case, followed.head = after, record.digest
        followed.lines.append(line)
        followed.last.append((record.seq, event))
        counted = _COUNTED.get(type(event))
        if counted is not None:
            self.counts[counted] += 1
        if isinstance(event, SubCaseResumed) and before is not None:
            submission = before.sub_cases[event.sub_case_id].submission
            if submission is not None:
                self.resumed.add(submission.submission_id)
        moment = Moment(
            before=before,
            event=event,
            after=after,
            ledger=followed.ledger,
            calendar=self._calendar,
        )
        for check in AT_THE_MOMENT.get(type(event), (granted_is_never_rolled_back,)):
            name = _NAMES[check.__name__]
            self.checks[name] += 1
            problem = check(moment)
            if problem is not None:
                raise self.broken(name, case_id, problem)


_CHECKS: Final[tuple[NamedCheck, ...]] = (
    granted_is_never_rolled_back,
    *(check for checks in AT_THE_MOMENT.values() for check in checks),
    *AT_REST,
)
_NAMES: Final = {check.__name__: described(check)[0] for check in _CHECKS}


def _shown(seq: int, event: Event) -> str:
    """Return an event as one line: when, what, which step; nothing personal is in any event."""
    parts = [f"{seq:3}", event.at.isoformat(timespec="seconds"), event.kind]
    if isinstance(event, CaseOpened):
        return " ".join(parts)
    parts += [str(getattr(event, "sub_case_id", "")), str(getattr(event, "problem", ""))]
    told = getattr(event, "events", ())
    parts += [f"{one.seq}:{one.type}" for one in told]
    messages = getattr(event, "messages", ())
    parts += [one.message_id for one in messages]
    return " ".join(part for part in parts if part)
