"""What the world still owes a case: derived from its state, never remembered.

After a crash the journal is folded, :func:`outstanding` is asked, and the same commands come out
with the same ids: recovery has no code of its own. ``not_before`` says when a command is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.clocks import next_due
from oneservice.case.counter_clocks import counter_deadline
from oneservice.case.state import DECIDED, Case, Delivery, SubCase, SubCaseStatus
from oneservice.identifiers import submission_id
from oneservice.workdays import WorkCalendar

__all__ = [
    "Command",
    "Deliver",
    "IssueBundle",
    "Prepare",
    "Read",
    "Wake",
    "outstanding",
    "results_are_in",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Compose the bytes of a message, so that they can be stored before they are sent."""

    sub_case_id: str
    message: Literal["submission", "withdrawal"]
    message_id: str
    submission_id: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """Send the stored bytes; repeating them is harmless. ``held``: events that we hold by now."""

    sub_case_id: str
    department: str
    message: Literal["submission", "supplement", "withdrawal"]
    message_id: str
    submission_id: str
    request_digest: Digest
    held: int = 0
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Read the submission: an outcome is unknown, or there are events that we do not hold."""

    sub_case_id: str
    department: str
    submission_id: str
    after: int
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBundle:
    """Seal the results: every step that the bundle waits for has ended, and one was granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """Tell the case that time has passed, at ``not_before``: a limit ends then."""

    not_before: datetime


Command = Prepare | Deliver | Read | IssueBundle | Wake


def outstanding(case: Case, calendar: WorkCalendar) -> tuple[Command, ...]:
    """Return everything that the world still owes ``case``, in the order of its steps."""
    found: list[Command] = []
    for sub_case in case.sub_cases.values():
        if not _owes_nothing(sub_case):
            found.extend(_owed_to(case, sub_case))
    at_counter = counter_deadline(case.counter, calendar)
    if at_counter is not None:  # originals, parcels and ratings outlive the end of the case
        found.append(Wake(not_before=at_counter))
    ends = case.people.next_end() if case.outcome is None else None
    if ends is not None:  # a mandate or consent runs out
        found.append(Wake(not_before=ends))
    wants_bundle = case.bundle is None or case.course.wants_bundle
    if case.outcome is None and wants_bundle and results_are_in(case):
        found.append(IssueBundle())
    due = next_due(case, calendar)
    if due is not None:
        found.append(Wake(not_before=due.instant))
    return tuple(found)


def is_ready(case: Case, sub_case: SubCase) -> bool:
    """Say whether ``sub_case`` can be filed: all it requires is granted, and all agreed."""
    return (
        sub_case.status is SubCaseStatus.WAITING
        and all(case.sub_cases[name].opens_the_next for name in sub_case.spec.requires)
        and not case.people.lacking(sub_case.id, sub_case.spec.department)
    )


def _owes_nothing(sub: SubCase) -> bool:
    """Say whether it is over and everything was heard: most are, at most turns of a case."""
    return (
        sub.status in DECIDED
        and not sub.deliveries
        and sub.withdrawal != "asked"
        and not _has_unread(sub)
    )


def _owed_to(case: Case, sub_case: SubCase) -> Iterator[Command]:
    if sub_case.halted is not None or sub_case.spec.kind == "bundle":
        return
    if is_ready(case, sub_case):
        attempt = sub_case.attempt + 1
        identifier = submission_id(case.id, sub_case.id, attempt)
        yield Prepare(
            sub_case_id=sub_case.id,
            message="submission",
            message_id=identifier,
            submission_id=identifier,
            attempt=attempt,
        )
    if sub_case.withdrawal == "asked" and sub_case.submission is not None:
        filed = sub_case.submission.submission_id
        yield Prepare(
            sub_case_id=sub_case.id,
            message="withdrawal",
            message_id=f"{filed}.w{sub_case.withdrawals + 1}",
            submission_id=filed,
            attempt=sub_case.attempt,
        )
    # One message at a time, oldest first: a supplement never overtakes its submission.
    delivery = next((one for one in sub_case.deliveries if not _is_held(case, one, sub_case)), None)
    if delivery is not None:
        yield _next_send(sub_case, delivery)
    elif _has_unread(sub_case):
        yield _read(sub_case)


def _is_held(case: Case, delivery: Delivery, sub_case: SubCase) -> bool:
    """Say whether it is an answer that people let no office elsewhere have, or not all of it."""
    if delivery.message != "supplement" or delivery.effect != "none" or not case.people.consents:
        return False
    people, office = case.people, sub_case.spec.department
    if people.keeping_back(sub_case.id, office) is not None:
        return True
    sharing = people.sharing(sub_case.id, office)
    return sharing is not None and bool(sharing.beyond(delivery.names))


def _next_send(sub_case: SubCase, delivery: Delivery) -> Command:
    if delivery.effect == "unknown":
        return _read(sub_case, delivery)
    return Deliver(
        sub_case_id=sub_case.id,
        department=sub_case.spec.department,
        message=delivery.message,
        message_id=delivery.message_id,
        submission_id=delivery.submission_id,
        request_digest=delivery.request_digest,
        held=sub_case.submission.seq if sub_case.submission else 0,
        not_before=delivery.not_before,
    )


def _read(sub_case: SubCase, delivery: Delivery | None = None) -> Read:
    pauses = [sub_case.read_not_before, delivery.not_before if delivery else None]
    known = [pause for pause in pauses if pause is not None]
    submission = sub_case.submission
    identifier = delivery.submission_id if delivery else ""
    return Read(
        sub_case_id=sub_case.id,
        department=sub_case.spec.department,
        submission_id=submission.submission_id if submission else identifier,
        after=submission.seq if submission else 0,
        not_before=max(known) if known else None,
    )


def _has_unread(sub_case: SubCase) -> bool:
    return sub_case.submission is not None and sub_case.head_seen != sub_case.submission.seq


def results_are_in(case: Case) -> bool:
    """Say whether every result that is handed out together is decided, and one is granted."""
    waited_for = [one for one in case.sub_cases.values() if one.spec.kind in ("decision", "check")]
    return all(one.is_decided for one in waited_for) and any(one.is_granted for one in waited_for)
