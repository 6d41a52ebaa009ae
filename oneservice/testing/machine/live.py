"""A case with its journal, moved only by ``transition``; its promises are checked."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

from datetime import datetime
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import (
    DECIDED,
    Case,
    CaseOpened,
    Deliver,
    Event,
    FileAgain,
    Input,
    Message,
    MessagesComposed,
    Prepare,
    Read,
    Resume,
    SubCase,
    SubCaseStatus,
    decide,
    evolve,
    fold_records,
    outstanding,
    replay,
    transition,
    write_record,
)
from oneservice.workdays import WorkCalendar

__all__ = ["SHA", "LiveCase"]

SHA: Final = Digest("sha256:" + "6" * 64)
"""Stands for every digest of bytes that nobody looks at here."""


class LiveCase:
    """The case under test. ``give`` decides an input, twice, and keeps what follows."""

    def __init__(self, opening: CaseOpened, calendar: WorkCalendar, *, case_id: str) -> None:
        self.id, self.calendar = case_id, calendar
        self.case: Case = evolve(None, opening, case_id=case_id)
        self.events: list[Event] = [opening]
        self.prepared: set[str] = set()

    def give(self, given: Input) -> tuple[Event, ...]:
        """Decide ``given`` and return the facts; raises :class:`IllegalInputError` as the core."""
        before = self.case
        events, after = transition(before, given, case_id=self.id, calendar=self.calendar)
        again = decide(before, given, case_id=self.id, calendar=self.calendar)
        assert again == events, "the same input was decided otherwise the second time"
        folded = before
        for event in events:
            folded = evolve(folded, event, case_id=self.id)
        assert folded == after, "the facts do not fold to the state that was returned"
        for sub in before.sub_cases.values():
            if not isinstance(given, FileAgain):
                _keeps_its_word(sub, after.sub_cases[sub.id], given)
        self.case = after
        self.events.extend(events)
        return events

    def compose(self, at: datetime) -> None:
        """Store every message that is due, as the runtime does before it sends one."""
        while due := [
            one for one in outstanding(self.case, self.calendar) if isinstance(one, Prepare)
        ]:
            for command in due:
                assert command.message_id not in self.prepared, "one id, two bodies"
                self.prepared.add(command.message_id)
            messages = tuple(
                Message(
                    sub_case_id=command.sub_case_id,
                    message=command.message,
                    message_id=command.message_id,
                    submission_id=command.submission_id,
                    request_digest=SHA,
                    attempt=command.attempt,
                )
                for command in due
            )
            self.give(MessagesComposed(at=at, messages=messages))

    @property
    def hearing(self) -> frozenset[str]:
        """Steps that hear all their departments say: nothing is under way, nothing unreadable."""
        owed = outstanding(self.case, self.calendar)
        busy = {one.sub_case_id for one in owed if isinstance(one, (Deliver, Read))}
        return frozenset(
            name
            for name, sub in self.case.sub_cases.items()
            if name not in busy and sub.read_tries == 0
        )

    def check_replay(self) -> None:
        """Check that the journal is all there is: folded anew, the same case owes the same."""
        again = replay(self.id, self.events)
        assert again == self.case
        assert outstanding(again, self.calendar) == outstanding(self.case, self.calendar)

    def check_journal(self) -> None:
        """Check that the journal's bytes are read back as the case."""
        lines, prev = [], None
        for seq, event in enumerate(self.events, 1):
            record = write_record(event, case_id=self.id, seq=seq, prev=prev, secret="5" * 64)
            prev = record.digest
            lines.append(record.line)
        assert fold_records(self.id, lines) == (self.case, len(lines), prev)


def _keeps_its_word(before: SubCase, now: SubCase, given: Input) -> None:
    if before.is_granted and now.attempt == before.attempt:
        assert now.status is SubCaseStatus.GRANTED, "nothing granted is ever undone"
    if now.attempt == before.attempt and before.submission is not None:
        assert now.digests[: len(before.digests)] == before.digests, "no history is rewritten"
        assert set(before.passed) <= set(now.passed), "a limit that had passed is in time again"
        if before.status in DECIDED:
            assert now.status is before.status, "what was decided moved on"
    if before.halted is not None and not isinstance(given, Resume):
        assert now.halted == before.halted, "something that stands still moved by itself"
    assert len(set(now.passed)) == len(now.passed), "a late limit is recorded once"
