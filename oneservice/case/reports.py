"""What follows from a department's answers: applied in order, or not at all.

Nothing that breaks the protocol is applied; a history that was rewound or rewritten stops the
sub-case, and both signed versions stay as evidence (protocol section 12).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from oneservice.case.backoff import pause_ms
from oneservice.case.deliveries import TRIES_BEFORE_AN_INCIDENT, reset_unknown
from oneservice.case.department_events import DepartmentEvent, stated_instants
from oneservice.case.draft import Draft
from oneservice.case.events import (
    DepartmentReported,
    HeadSeen,
    IncidentRaised,
    ReportRefused,
    SubCaseHalted,
)
from oneservice.case.inputs import NotFoundThere, ReportDidFail, StatusRead
from oneservice.case.law_events import ClockDiffered
from oneservice.case.limits import due_date
from oneservice.case.reported import confirms, folding, tell
from oneservice.case.state import SubCase
from oneservice.errors import IllegalInputError, MalformedJsonError
from oneservice.workdays import WorkCalendar

__all__ = ["clock_shown", "not_found", "report_failed", "status_read"]

_FIRST_YEAR: Final = 1949
_LAST_YEAR: Final = 2999
"""Years of which a department may speak."""


def status_read(draft: Draft, given: StatusRead) -> None:
    """Apply new events in order, after comparing them with what is held."""
    sub = draft.sub_case(given.sub_case_id)
    submission = sub.submission
    if sub.halted is not None or submission is None:
        return
    if submission.submission_id != given.submission_id:
        return  # news of an attempt that is over
    rewritten = _rewritten(sub, given)
    if rewritten is not None:
        draft.add(
            SubCaseHalted(
                at=given.at,
                sub_case_id=sub.id,
                problem=rewritten,
                evidence=_contradicting(sub, given),
            )
        )
        return
    problem = _apply(draft, sub, given)
    if problem is None:
        _after_events(draft, sub.id, given)
        return
    _note_head(draft, sub.id, given)  # so that reading goes on
    _refuse_report(draft, draft.sub_case(sub.id), given.at, problem, is_contract=True)


def _apply(draft: Draft, sub: SubCase, given: StatusRead) -> str | None:
    """Add the new events of an answer as far as they fit; say what is wrong with the next one."""
    fold, new = folding(sub), []
    held, problem = len(sub.digests), None
    for event in given.events:
        if event.seq <= held:
            continue
        if event.seq > held + 1:
            break  # a gap: HeadSeen makes us ask again
        problem = _problem_of(fold, event, draft.case.seq + 1)
        if problem is not None:
            break
        new.append(event)
        held += 1
    if new:
        draft.add_folded(
            DepartmentReported(at=given.at, sub_case_id=sub.id, events=tuple(new)), fold
        )
    return problem


def _problem_of(fold: SubCase, event: DepartmentEvent, seq: int) -> str | None:
    """Apply ``event`` to ``fold``, or say why the protocol does not allow it."""
    if _names_other_bytes(fold, event):
        return f"{event.type}: request_digest is not that of the bytes that were sent"
    if not _has_usable_instants(event):
        return f"event {event.seq}: at or recorded_at is no instant of our time"
    try:
        tell(fold, event, seq=seq)
    except IllegalInputError as error:
        return str(error)
    return None


def _names_other_bytes(fold: SubCase, event: DepartmentEvent) -> bool:
    """Say whether ``event`` acknowledges a message of ours, but not the bytes that were sent.

    What is decided after it would rest on other papers than those that the history shows. An event
    that states no digest (``material_received``, ``withdrawn``) acknowledges by the id alone.
    """
    stated = event.data.get("request_digest")
    return stated is not None and any(
        stated != one.request_digest for one in fold.deliveries if confirms(event, one)
    )


def _has_usable_instants(event: DepartmentEvent) -> bool:
    """Say whether limits can be counted from ``event``; bounds only keep dates from overflow."""
    try:
        instants = stated_instants(event)
    except MalformedJsonError:
        return False
    return all(_FIRST_YEAR <= instant.year <= _LAST_YEAR for instant in instants)


def _after_events(draft: Draft, name: str, given: StatusRead) -> None:
    sub = draft.sub_case(name)
    submission = sub.submission
    if submission is None:
        return
    _note_head(draft, name, given)
    if given.head_seq != submission.seq:
        return
    if given.state is not None and submission.state and given.state != submission.state:
        problem = f"state {given.state[:40]!r} is not the fold of the events ({submission.state})"
        _refuse_report(draft, sub, given.at, problem, is_contract=True)
    elif given.is_fresh_read:
        reset_unknown(draft, sub, given.at)


def _note_head(draft: Draft, name: str, given: StatusRead) -> None:
    """Remember a head that is not ours, and forget a doubt that a read has cleared.

    A head *behind* ours counts where it is the present one: in a snapshot, which has no events. An
    old answer that comes late says nothing.
    """
    sub = draft.sub_case(name)
    held = len(sub.digests)
    is_ahead = given.head_seq > max(held, sub.head_seen)
    is_doubt = given.head_seq < held and not given.events and not given.held
    is_cleared = given.is_fresh_read and given.head_seq == held
    if given.head_seq != sub.head_seen and (is_ahead or is_doubt or is_cleared):
        draft.add(HeadSeen(at=given.at, sub_case_id=name, head_seq=given.head_seq))


def _rewritten(sub: SubCase, given: StatusRead) -> str | None:
    """Say how the answer contradicts what the department signed before (protocol section 12)."""
    if given.head_seq < given.held:
        return f"rewound: the department's head is {given.head_seq}, we held {given.held} events"
    known = sub.digests[given.head_seq - 1 : given.head_seq] if given.head_seq > 0 else ()
    if known and given.head_digest != known[0]:
        return f"rewritten: another event {given.head_seq} than the one that we hold"
    contradicting = _contradicting(sub, given)
    if contradicting:
        seq = min(contradicting[0].seq, len(sub.digests))
        return f"rewritten: another event {seq} than the one that we hold"
    return None


def _contradicting(sub: SubCase, given: StatusRead) -> tuple[DepartmentEvent, ...]:
    """Return the events that are not those that we hold, or that follow another one than ours.

    After an old backup a department may go on from a history of its own; who asks for what is new
    only sees by the chain that it is not what was signed before.
    """
    held = len(sub.digests)
    return tuple(
        event
        for event in given.events
        if (1 <= event.seq <= held and event.digest != sub.digests[event.seq - 1])
        or (
            event.seq == held + 1
            and held > 0
            and event.prev != sub.digests[-1]
            and event.submission_id == given.submission_id
        )
    )


def not_found(draft: Draft, given: NotFoundThere) -> None:
    """Send again what never arrived; halt where signed events say that it did."""
    sub = draft.sub_case(given.sub_case_id)
    if sub.halted is not None:
        return
    if sub.submission is not None and sub.submission.submission_id != given.submission_id:
        return  # an attempt that is over
    if sub.digests and not given.held:
        return  # asked before its events came
    if sub.digests:
        problem = "lost: the department does not know a submission whose events it signed"
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=problem))
        return
    reset_unknown(draft, sub, given.at)


def clock_shown(draft: Draft, given: StatusRead, calendar: WorkCalendar) -> None:
    """Record that a department shows another last day than the law gives; ours counts (P-37)."""
    said = given.clock_due_on
    sub = draft.sub_case(given.sub_case_id)
    if said is None or sub.decided_at is not None or sub.accepted_at is None:
        return
    ours = due_date(sub, "promised", calendar)
    if ours is not None and ours.is_provisional:
        return  # by a guess nobody is told that a department counts wrong
    text = ours.on.isoformat() if ours is not None else ""
    if said[:_DAY] not in (text, sub.course.said_due_on):
        draft.add(ClockDiffered(at=given.at, sub_case_id=sub.id, said=said[:_DAY], ours=text))


_DAY: Final = len("2026-09-28")


def report_failed(draft: Draft, given: ReportDidFail) -> None:
    """Note an answer that cannot be used, and read again later."""
    sub = draft.sub_case(given.sub_case_id)
    if sub.halted is None:
        _refuse_report(
            draft,
            sub,
            given.at,
            given.problem,
            is_contract=given.is_contract,
            retry_after_s=given.retry_after_s,
        )


def _refuse_report(
    draft: Draft,
    sub: SubCase,
    at: datetime,
    problem: str,
    *,
    is_contract: bool,
    retry_after_s: int = 0,
) -> None:
    tries = sub.read_tries + 1
    message_id = sub.submission.submission_id if sub.submission else sub.id
    pause = pause_ms(message_id, tries, at_least_s=retry_after_s, is_recorded=True)
    draft.add(
        ReportRefused(
            at=at,
            sub_case_id=sub.id,
            problem=problem,
            tries=tries,
            not_before=at + timedelta(milliseconds=pause),
        )
    )
    sends = max((one.tries for one in sub.deliveries), default=0)
    is_enough = tries + sends >= TRIES_BEFORE_AN_INCIDENT
    if sub.incident is None and (is_contract or is_enough):
        draft.add(IncidentRaised(at=at, sub_case_id=sub.id, problem=problem))
