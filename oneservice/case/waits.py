"""Everything that a case waits for: by whom, until when, what follows then, and what ends it.

A case that waits for something without an end, or for something that nobody can bring about, would
be stuck for ever. So each state of a sub-case gives its waits here, each with an instant and with
the inputs that end it; the simulator asks for them after every step that it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Final

from oneservice.case.clocks import (
    UNSTATED_WORKING_DAYS,
    correction_until,
    dues_of,
    operator_until,
    promise_until,
    suspension_until,
)
from oneservice.case.commands import results_are_in
from oneservice.case.counter_waits import counter_waits
from oneservice.case.limits import due_on, end_of, working_due
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.case.wait_kinds import Wait, WaitKind, Who
from oneservice.workdays import DELIVERY_WORKING_DAYS, WorkCalendar, legal_day

__all__ = ["open_waits"]


_TOLD: Final = ("StatusRead",)
_BY_PEOPLE: Final = ("AskWithdrawal", "CloseCase")
_DOUBT: Final = ("AdoptOutcome", "RetryNow", "CloseCase")
_ONE_DAY: Final = timedelta(days=1)


def open_waits(case: Case, calendar: WorkCalendar) -> tuple[Wait, ...]:
    """Return everything that ``case`` waits for: its steps in plan order, then its counters.

    Once it has ended, only what is still at a counter: parcels, originals, bad ratings, codes.
    """
    if case.outcome is not None:
        return tuple(counter_waits(case, calendar))
    found: dict[str, tuple[Wait, ...]] = {}
    for sub in case.sub_cases.values():
        if not sub.is_decided and sub.status is not SubCaseStatus.WAITING:
            found[sub.id] = tuple(_of(sub, calendar, case))
    for sub in case.sub_cases.values():
        if sub.status is SubCaseStatus.WAITING and sub.spec.kind != "bundle":
            found[sub.id] = tuple(_of_waiting(case, sub, calendar, found))
    waits = [one for sub in case.sub_cases for one in found.get(sub, ())]
    waits.extend(_of_bundle(case, calendar, waits))
    waits.extend(counter_waits(case, calendar))
    return tuple(waits)


def _of(sub: SubCase, calendar: WorkCalendar, case: Case) -> Iterator[Wait]:
    if sub.halted is not None:
        yield _operator(sub, calendar)
        return
    if sub.deliveries or sub.status is SubCaseStatus.FILING:
        yield _filing(sub, case)
    if sub.withdrawal in ("asked", "sent"):
        yield _decision(sub, calendar, case, kind=WaitKind.WITHDRAWAL)
    match sub.status:
        case SubCaseStatus.RECEIVED:
            yield _acceptance(sub, calendar)
        case SubCaseStatus.CORRECTION_REQUESTED if sub.correction is not None:
            yield _correction(sub, calendar)
        case SubCaseStatus.GRANTED_PENDING_MATERIAL:
            yield from _promises(sub, calendar, is_closed=case.people.closed is not None)
        case SubCaseStatus.SUSPENDED:
            yield _suspension(sub, calendar)
        case SubCaseStatus.FILING:
            return
        case _:
            yield _decision(sub, calendar, case, kind=WaitKind.DECISION)


def _operator(sub: SubCase, calendar: WorkCalendar) -> Wait:
    return Wait(
        sub_case_id=sub.id,
        kind=WaitKind.OPERATOR,
        who=Who.OPERATOR,
        since=sub.course.halted_at,
        until=end_of(operator_until(sub, calendar)),
        then="wait_overdue",
        ends_by=("Resume", "Reassign", "AdoptOutcome", "CloseCase"),
        name=sub.halted or "",
        is_told="operator:halted" in sub.course.overdue,
    )


def _filing(sub: SubCase, case: Case) -> Wait:
    """Sent, and not confirmed: tried again for ever, ever slower, with one incident for people."""
    tries = [one.not_before for one in sub.deliveries if one.not_before is not None]
    tries += [sub.read_not_before] if sub.read_not_before is not None else []
    return Wait(
        sub_case_id=sub.id,
        kind=WaitKind.FILING,
        who=Who.DEPARTMENT,
        since=None,
        until=max(tries, default=case.opened_at + _ONE_DAY),
        then="try_again",
        ends_by=(*_TOLD, "NotFoundThere", *_DOUBT),
        name=sub.deliveries[0].message_id if sub.deliveries else "",
        is_told=sub.incident is not None,
    )


def _acceptance(sub: SubCase, calendar: WorkCalendar) -> Wait:
    ends = [one.instant for one in dues_of(sub, calendar) if one.kind == "notice"]
    guess = due_on(sub, "notice", calendar)  # of a year that is not announced nothing follows
    until = end_of(guess) if guess is not None else _unstated(sub.notice_from, calendar)
    return Wait(
        sub_case_id=sub.id,
        kind=WaitKind.ACCEPTANCE,
        who=Who.DEPARTMENT,
        since=sub.notice_from,
        until=min(ends, default=until),
        then="deemed_accepted" if ends else "nothing",
        ends_by=(*_TOLD, *_BY_PEOPLE),
    )


def _correction(sub: SubCase, calendar: WorkCalendar) -> Wait:
    correction = sub.correction
    if correction is None:
        raise AssertionError(sub.id)
    return Wait(
        sub_case_id=sub.id,
        kind=WaitKind.CORRECTION,
        who=Who.APPLICANT,
        since=correction.asked_at,
        until=end_of(correction_until(sub, correction, calendar)),
        then="wait_overdue",
        ends_by=("SupplementGiven", *_TOLD, *_BY_PEOPLE),
        name=correction.correction_id,
        is_told=f"correction:{correction.correction_id}" in sub.course.overdue,
    )


def _promises(sub: SubCase, calendar: WorkCalendar, *, is_closed: bool) -> Iterator[Wait]:
    # Closing ends no grant; in a closed case people may take over that nothing more is owed.
    by_people = "AdoptOutcome" if is_closed else "CloseCase"
    for promise in sub.course.promises:
        yield Wait(
            sub_case_id=sub.id,
            kind=WaitKind.PROMISE,
            who=Who.APPLICANT,
            since=promise.since,
            until=end_of(promise_until(sub, promise, calendar)),
            then="wait_overdue",
            ends_by=("SupplementGiven", *_TOLD, by_people),
            name=promise.material,
            is_told=f"promise:{promise.material}" in sub.course.overdue,
        )
    if not sub.course.promises:  # a department that named none: it says itself when it is over
        yield Wait(
            sub_case_id=sub.id,
            kind=WaitKind.PROMISE,
            who=Who.DEPARTMENT,
            since=sub.decided_at,
            until=_unstated(sub.decided_at, calendar),
            then="nothing",
            ends_by=(*_TOLD, by_people),
        )


def _suspension(sub: SubCase, calendar: WorkCalendar) -> Wait:
    since = sub.course.suspended_at
    told = since is not None and f"suspension:{since.isoformat()}" in sub.course.overdue
    until = suspension_until(sub, calendar) if since is not None else None
    return Wait(
        sub_case_id=sub.id,
        kind=WaitKind.SUSPENSION,
        who=Who.DEPARTMENT,
        since=since,
        until=end_of(until) if until is not None else _unstated(sub.accepted_at, calendar),
        then="wait_overdue",
        ends_by=(*_TOLD, *_BY_PEOPLE),
        is_told=told,
    )


def _decision(sub: SubCase, calendar: WorkCalendar, case: Case, *, kind: WaitKind) -> Wait:
    ahead = min(dues_of(sub, calendar), key=attrgetter("instant"), default=None)
    limits = [due_on(sub, limit, calendar) for limit in ("promised", "statutory")]
    past = max((end_of(day) for day in limits if day is not None), default=None)
    since = sub.clock_from or sub.received_at
    until = ahead.instant if ahead is not None else past
    return Wait(
        sub_case_id=sub.id,
        kind=kind,
        who=Who.DEPARTMENT,
        since=sub.withdrawal_asked_at if kind is WaitKind.WITHDRAWAL else since,
        until=until or _unstated(since or case.opened_at, calendar),
        then=_then(ahead.kind) if ahead is not None else "nothing",
        ends_by=(*_TOLD, *_BY_PEOPLE),
        is_told=ahead is None and bool(sub.passed),
    )


def _then(kind: str) -> str:
    return {
        "near": "deadline_near",
        "promised": "deadline_passed",
        "statutory": "deadline_passed",
        "silence": "deemed_granted",
        "rung": "escalated",
        "notice": "deemed_accepted",
    }.get(kind, "wait_overdue")


def _of_waiting(
    case: Case, sub: SubCase, calendar: WorkCalendar, found: dict[str, tuple[Wait, ...]]
) -> Iterator[Wait]:
    if sub.halted is not None:
        yield _operator(sub, calendar)
        return
    lacking = case.people.lacking(sub.id, sub.spec.department)
    for consent in lacking:
        yield Wait(
            sub_case_id=sub.id,
            kind=WaitKind.CONSENT,
            who=Who.APPLICANT if consent.is_own else Who.PARTY,
            since=consent.ended_at,
            until=_unstated(consent.ended_at, calendar),
            then="nothing",
            ends_by=("GiveConsent", *(("AdoptOutcome",) if consent.is_own else ()), *_BY_PEOPLE),
            name=consent.id,
        )
    behind = [name for name in sub.spec.requires if not case.sub_cases[name].opens_the_next]
    for name in behind:
        ends = [one.until for one in found.get(name, ())]
        yield Wait(
            sub_case_id=sub.id,
            kind=WaitKind.STEP,
            who=Who.DEPARTMENT,
            since=case.opened_at,
            until=max(ends, default=_unstated(case.opened_at, calendar)),
            then="nothing",
            ends_by=(*_TOLD, *_BY_PEOPLE),
            name=name,
        )
    if not behind and not lacking:
        yield Wait(
            sub_case_id=sub.id,
            kind=WaitKind.FILING,
            who=Who.ENGINE,
            since=None,
            until=case.opened_at + _ONE_DAY,
            then="try_again",
            ends_by=("MessagesComposed", *_BY_PEOPLE),
        )


def _of_bundle(case: Case, calendar: WorkCalendar, others: list[Wait]) -> Iterator[Wait]:
    is_due = case.bundle is None or case.course.wants_bundle
    name = next((one.id for one in case.sub_cases.values() if one.spec.kind == "bundle"), "")
    if is_due and results_are_in(case):
        decided = [one.decided_at for one in case.sub_cases.values() if one.decided_at is not None]
        since = max(decided)
        due = working_due(calendar, legal_day(since), DELIVERY_WORKING_DAYS)
        yield Wait(
            sub_case_id=name,
            kind=WaitKind.BUNDLE,
            who=Who.ENGINE,
            since=since,
            until=end_of(due.on) if due is not None else since,
            then="try_again",
            ends_by=("BundleSigned",),
        )
    elif is_due and name:
        yield Wait(
            sub_case_id=name,
            kind=WaitKind.STEP,
            who=Who.DEPARTMENT,
            since=case.opened_at,
            until=max((one.until for one in others), default=case.opened_at),
            then="nothing",
            ends_by=(*_TOLD, *_BY_PEOPLE),
        )


def _unstated(since: datetime | None, calendar: WorkCalendar) -> datetime:
    """Return the end of a wait for which nobody named a day: the law's own limit from ``since``."""
    start = legal_day(since) if since is not None else date(2000, 1, 1)
    due = working_due(calendar, start, UNSTATED_WORKING_DAYS)
    return end_of(due.on if due is not None else start)
