"""What follows from a department's answers: applied in order, or not at all.

Nothing that breaks the protocol is applied; a history that was rewound or rewritten stops the
sub-case, and both signed versions stay as evidence (protocol section 12).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from oneservice.case.backoff import pause_ms
from oneservice.case.deliveries import TRIES_BEFORE_AN_INCIDENT, reset_unknown
from oneservice.case.draft import Draft
from oneservice.case.events import (
    DepartmentReported,
    HeadSeen,
    IncidentRaised,
    ReportRefused,
    SubCaseHalted,
)
from oneservice.case.inputs import NotFoundThere, ReportDidFail, StatusRead
from oneservice.case.state import SubCase
from oneservice.case.submissions import advance
from oneservice.errors import IllegalInputError

__all__ = ["not_found", "report_failed", "status_read"]


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
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=rewritten))
        return
    for event in given.events:
        known = draft.sub_case(sub.id).submission or submission
        if event.seq <= known.seq:
            continue
        if event.seq > known.seq + 1:
            break  # a gap: HeadSeen below makes us ask again
        problem = _problem_of(
            draft, sub.id, DepartmentReported(at=given.at, sub_case_id=sub.id, event=event)
        )
        if problem is not None:
            current = draft.sub_case(sub.id)
            _refuse_report(draft, current, given.at, problem, is_contract=True)
            return
    _after_events(draft, sub.id, given)


def _problem_of(draft: Draft, name: str, report: DepartmentReported) -> str | None:
    """Add ``report`` to the draft, or say why the protocol does not allow it."""
    sub = draft.sub_case(name)
    delivery = sub.deliveries[0] if sub.deliveries else None
    digest = report.event.data.get("request_digest")
    if report.event.type == "received" and delivery and digest != delivery.request_digest:
        return "received: request_digest is not that of the bytes that were sent"
    try:
        if sub.submission is not None:
            advance(sub.submission, report.event)
    except IllegalInputError as error:
        return str(error)
    draft.add(report)
    return None


def _after_events(draft: Draft, name: str, given: StatusRead) -> None:
    sub = draft.sub_case(name)
    submission = sub.submission
    if submission is None:
        return
    if given.head_seq > max(submission.seq, sub.head_seen):
        draft.add(HeadSeen(at=given.at, sub_case_id=name, head_seq=given.head_seq))
    if given.head_seq != submission.seq:
        return
    if given.state is not None and submission.seq and given.state != submission.state:
        problem = f"state {given.state[:40]!r} is not the fold of the events ({submission.state})"
        _refuse_report(draft, sub, given.at, problem, is_contract=True)
    elif given.is_fresh_read:
        reset_unknown(draft, sub, given.at)


def _rewritten(sub: SubCase, given: StatusRead) -> str | None:
    """Say how the answer contradicts what the department signed before (protocol section 12)."""
    held = len(sub.digests)
    if given.head_seq < held:
        return f"rewound: the department's head is {given.head_seq}, we hold {held} signed events"
    if given.head_seq == held and held and given.head_digest != sub.digests[-1]:
        return f"rewritten: another event {held} than the one that we hold"
    for event in given.events:
        if 1 <= event.seq <= held and event.digest != sub.digests[event.seq - 1]:
            return f"rewritten: another event {event.seq} than the one that we hold"
    return None


def not_found(draft: Draft, given: NotFoundThere) -> None:
    """Send again what never arrived; halt where signed events say that it did."""
    sub = draft.sub_case(given.sub_case_id)
    if sub.halted is not None:
        return
    if sub.submission is not None and sub.submission.seq > 0:
        problem = "lost: the department does not know a submission whose events it signed"
        draft.add(SubCaseHalted(at=given.at, sub_case_id=sub.id, problem=problem))
        return
    reset_unknown(draft, sub, given.at)


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
    pause = pause_ms(message_id, tries, at_least_s=retry_after_s)
    draft.add(
        ReportRefused(
            at=at,
            sub_case_id=sub.id,
            problem=problem,
            tries=tries,
            not_before=at + timedelta(milliseconds=pause),
        )
    )
    if sub.incident is None and (is_contract or tries >= TRIES_BEFORE_AN_INCIDENT):
        draft.add(IncidentRaised(at=at, sub_case_id=sub.id, problem=problem))
