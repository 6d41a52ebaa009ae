"""Continuing a submission's history: facts become signed, chained events that fold by the table.

An illegal transition is found here, before anything is written: what a draft holds could be read
by an engine tomorrow, so it must pass the engine's own parser and fold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import Digest, canonical, parse
from oneservice.case import (
    DepartmentEvent,
    EventType,
    Submission,
    SubmissionState,
    advance,
    fold,
)
from oneservice.departments.counting import refuse_many_values
from oneservice.departments.facts import Fact, OutcomeContext
from oneservice.departments.oversize import refuse_large, refuse_oversize
from oneservice.departments.reading import parse_event
from oneservice.departments.signing import EventKey, sign_event
from oneservice.departments.wire import (
    MAX_DEPTH,
    MAX_EVENT_VALUES,
    MAX_EVENTS,
    instant_text,
    parse_instant,
)
from oneservice.errors import (
    AdapterError,
    IllegalInputError,
    JournalCorruptError,
    MalformedJsonError,
    ProtocolProblemError,
)

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

__all__ = ["MAX_EVENT_BYTES", "Draft", "History"]

MAX_EVENT_BYTES: Final = 256 * 1024
"""So that a page of one status document always has room for some events (section 14: 1 MiB)."""
_LEVELS_AROUND: Final = 4  # an event stands four levels deep in a page of the feed


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What has been said of one submission so far; every event was checked by folding."""

    events: tuple[DepartmentEvent, ...]
    fold: Submission

    @classmethod
    def empty(cls, submission_id: str) -> History:
        """Return the history of a submission that nobody filed yet."""
        return cls(events=(), fold=Submission(submission_id=submission_id))

    @classmethod
    def read(cls, submission_id: str, head: Digest, events: tuple[bytes, ...]) -> History:
        """Return the history that a register gave back.

        Raises:
            JournalCorruptError: it is not what was written.
        """
        try:
            found = tuple(parse_event(parse(event)) for event in events)
            folded = fold(submission_id, found)
        except (MalformedJsonError, ProtocolProblemError, IllegalInputError) as error:
            raise _corrupt(submission_id) from error
        if folded.head != head:
            raise _corrupt(submission_id)
        return cls(events=found, fold=folded)

    @property
    def received_at(self) -> datetime | None:
        """When the application was received."""
        return parse_instant(self.events[0].at) if self.events else None

    @property
    def pending_outcome(self) -> dict[str, Any] | None:
        """What a grant that waits for materials already promised."""
        for event in reversed(self.events):
            if event.type == EventType.GRANTED_PENDING_MATERIAL:
                outcome = event.data.get("outcome")
                return outcome if isinstance(outcome, dict) else None
        return None


def _corrupt(submission_id: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"the register's history of {submission_id} is not what was written: "
        "restore it from a backup, and tell the engines"
    )


@dataclass(slots=True, kw_only=True)
class Draft:
    """A history with events that are not durable yet.

    Attributes:
        history: what stood before.
        department: the department's id, as events carry it.
        key: signs the events.
        zone: where days begin and end.
        now: the instant of writing.
        events: what was added, in order.
        sealed: the same as canonical bytes, as they are stored and sent.
    """

    history: History
    department: str
    key: EventKey
    zone: tzinfo
    now: datetime
    fold: Submission = field(init=False)
    events: list[DepartmentEvent] = field(init=False, default_factory=list)
    sealed: list[bytes] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.fold = self.history.fold

    @property
    def state(self) -> SubmissionState | None:
        """Where the submission stands after the draft."""
        return self.fold.state

    @property
    def whole(self) -> History:
        """The history as it will be."""
        return History(events=(*self.history.events, *self.events), fold=self.fold)

    def context(
        self,
        *,
        at: datetime,
        step_id: str,
        promised_working_days: int,
        supplement_id: str | None,
        request_digest: Digest | None = None,
    ) -> OutcomeContext:
        """Return what fills in an outcome that is recorded next.

        ``request_digest`` is that of the application where it is not recorded yet.
        """
        return OutcomeContext(
            submission_id=self.fold.submission_id,
            seq=self.fold.seq + 1,
            at=at,
            zone=self.zone,
            step_id=step_id,
            promised_working_days=promised_working_days,
            request_digest=request_digest or self.fold.request_digest or "",
            correction_id=self.fold.correction_id,
            withdrawal_id=self.fold.withdrawal_id,
            supplement_id=supplement_id,
            pending_materials=self.fold.pending_materials,
            pending_outcome=self.whole.pending_outcome,
        )

    def add(self, fact: Fact, *, at: datetime) -> None:
        """Seal one more event.

        Args:
            fact: type and data.
            at: when it took legal effect; not in the future, not before the receipt.

        Raises:
            IllegalInputError: the table does not allow it in this state.
            AdapterError: ``at``, size or data are not what the wire may carry.
        """
        kind, data = fact
        self._refuse_time(at)
        event = sign_event(
            DepartmentEvent(
                submission_id=self.fold.submission_id,
                seq=self.fold.seq + 1,
                type=kind.value,  # plain text: canonical() is slow where it meets an enumeration
                at=instant_text(at),
                recorded_at=instant_text(self.now),
                department=self.department,
                data=data,
                prev=self.fold.head,
                digest=Digest(""),
            ),
            self.key,
        )
        sealed = _readable(event)
        self.fold = advance(self.fold, event)
        self.events.append(event)
        self.sealed.append(sealed)

    def _refuse_time(self, at: datetime) -> None:
        if self.fold.seq >= MAX_EVENTS:
            msg = f"submission {self.fold.submission_id} has {MAX_EVENTS} events, no more are read"
            raise AdapterError(msg)
        received_at = self.whole.received_at
        if at.tzinfo is None or at > self.now or (received_at is not None and at < received_at):
            msg = (
                f"submission {self.fold.submission_id}: an event takes effect between the receipt "
                "and now; give `at` as an aware instant in between, or leave it out"
            )
            raise AdapterError(msg)


def _readable(event: DepartmentEvent) -> bytes:
    """Return an event as it goes on the wire, or refuse what an engine would refuse to read.

    Only ``data`` can be anything: all else was made here, in the right shape.
    """
    try:
        sealed = canonical(event.as_json())
        refuse_large(sealed, MAX_EVENT_BYTES)
        refuse_many_values(sealed, MAX_EVENT_VALUES)
        refuse_oversize(event.data, max_depth=MAX_DEPTH - _LEVELS_AROUND - 1)
    except (MalformedJsonError, ProtocolProblemError) as error:
        msg = f"{event.type} of {event.submission_id} cannot go on the wire: {error}"
        raise AdapterError(msg) from error
    return sealed
