"""A case in memory, and the draft of its next transition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import (
    APPLICANT,
    Case,
    Command,
    Event,
    Form,
    Input,
    IssueBundle,
    JoinBulk,
    Message,
    MessagesComposed,
    Migrate,
    Prepare,
    Recorded,
    handed_on_papers,
    outstanding,
    submission_body,
    transition,
    withdrawal_body,
    write_record,
)
from oneservice.plan import Plan
from oneservice.ports import Write
from oneservice.workdays import WorkCalendar

__all__ = ["HotCase", "Transition"]

_NONE: Final = frozenset[Digest]()


@dataclass(frozen=True, slots=True, kw_only=True)
class HotCase:
    """A case as far as it is durable: its state and the head of its chain."""

    case: Case
    seq: int
    head: Digest
    secret: str = field(repr=False)
    plan: Plan = field(repr=False)
    form: Form = field(repr=False)
    next_due: datetime | None
    messages: Mapping[Digest, bytes] = field(default_factory=dict, repr=False)
    """Bytes of messages on their way, as far as they are at hand; the store has them all."""


@dataclass(slots=True)
class Transition:
    """What one turn of the loop does to one case; nothing of it counts before it is durable."""

    case_id: str
    secret: str = field(repr=False)
    calendar: WorkCalendar
    before: HotCase | None
    plan: Plan
    form: Form
    key: str | None = None
    case: Case | None = None
    events: list[Event] = field(default_factory=list)
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    public: set[Digest] = field(default_factory=set)
    owed: tuple[Command, ...] = ()
    callbacks: Mapping[str, str] = field(default_factory=dict)

    def take(self, given: Input) -> None:
        """Decide ``given``; raises :class:`IllegalInputError` and then changes nothing."""
        events, self.case = transition(
            self.case, given, case_id=self.case_id, calendar=self.calendar
        )
        self.events.extend(events)
        order = given.order if isinstance(given, JoinBulk) else given
        if isinstance(order, Migrate):
            self.plan, self.form = order.plan, order.form

    def compose(self, at: datetime) -> None:
        """Store the bytes of every message that is due, so that they can be sent after it."""
        while True:
            self.owed = outstanding(self._known_case(), self.calendar)
            due = [command for command in self.owed if isinstance(command, Prepare)]
            if not due:
                return
            messages = tuple(self._composed(command, at) for command in due)
            self.take(MessagesComposed(at=at, messages=messages))

    def _composed(self, command: Prepare, at: datetime) -> Message:
        body = self._body(command, at)
        request_digest = digest_bytes(body)
        self.blobs[request_digest] = body
        return Message(
            sub_case_id=command.sub_case_id,
            message=command.message,
            message_id=command.message_id,
            submission_id=command.submission_id,
            request_digest=request_digest,
            attempt=command.attempt,
        )

    def write(self, at: datetime) -> tuple[Write | None, HotCase]:
        """Return what must become durable (``None``: nothing new), and the case after it."""
        case = self._known_case()
        records = self._records()
        seq = self.before.seq if self.before else 0
        head = records[-1].digest if records else self._head()
        due = self._next_due(at)
        after = HotCase(
            case=case,
            seq=seq + len(records),
            head=head,
            secret=self.secret,
            plan=self.plan,
            form=self.form,
            next_due=due,
            messages=self._messages(case),
        )
        if self.before is not None and not records and due == self.before.next_due:
            return None, after
        write = Write(
            case_id=self.case_id,
            after_seq=seq,
            records=tuple(record.line for record in records),
            parts=tuple(record.parts for record in records if record.parts),
            blobs=self.blobs,
            thing=case.thing,
            status=str(case.status),
            next_due=due,
            secret=self.secret,
            key=self.key,
            public=frozenset(self.public) if self.public else _NONE,
        )
        return write, after

    def _messages(self, case: Case) -> dict[Digest, bytes]:
        known = {**self.before.messages, **self.blobs} if self.before else self.blobs
        due = (one.request_digest for sub in case.sub_cases.values() for one in sub.deliveries)
        return {digest: known[digest] for digest in due if digest in known}

    def _known_case(self) -> Case:
        if self.case is None:
            msg = f"case {self.case_id} was never opened"
            raise AssertionError(msg)
        return self.case

    def _head(self) -> Digest:
        if self.before is None:
            msg = f"case {self.case_id} has no head"
            raise AssertionError(msg)
        return self.before.head

    def _records(self) -> Sequence[Recorded]:
        seq = self.before.seq if self.before else 0
        head = self.before.head if self.before else None
        records: list[Recorded] = []
        for number, event in enumerate(self.events, seq + 1):
            record = write_record(
                event, case_id=self.case_id, seq=number, prev=head, secret=self.secret
            )
            records.append(record)
            head = record.digest
        return records

    def _next_due(self, at: datetime) -> datetime | None:
        instants = [
            at if isinstance(command, (IssueBundle, Prepare)) else command.not_before or at
            for command in self.owed
        ]
        return min(instants, default=None)

    def _body(self, command: Prepare, at: datetime) -> bytes:
        case = self._known_case()
        if command.message == "withdrawal":
            by = case.withdrawal_by or APPLICANT
            asked_at = case.sub_cases[command.sub_case_id].withdrawal_asked_at
            return withdrawal_body(requested_by=by, requested_at=asked_at or at)
        department = case.sub_cases[command.sub_case_id].spec.department
        for paper in handed_on_papers(case, self.plan, command.sub_case_id):
            self.blobs[digest_bytes(paper)] = paper
        return submission_body(
            case,
            self.plan,
            self.form,
            command.sub_case_id,
            command.attempt,
            callback=self.callbacks.get(department, ""),
        )
