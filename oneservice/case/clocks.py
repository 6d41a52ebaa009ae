"""Every clock of a case that still runs: what is due next, and when.

One place lists all of them, so that nothing is awaited without an end: the timer of a case is the
earliest of them, and when time has passed exactly those that have ended are recorded. A clock that
was recorded (``passed``, ``near``, ``overdue``, a rung) is not due again.

What has an effect in law (silence that accepts or grants, a limit, a rung) is due only on an exact
day. While a year is not announced nothing of it is due, a finding says so (``calendar-missing``),
and the fact follows with its exact day once the calendar has come. What only calls people to look
at something (an answer that is awaited, a step that stands still) does not wait for that.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Final, Literal, cast

from oneservice.case.course import Promise
from oneservice.case.limits import (
    LimitName,
    days_of,
    due_date,
    end_of,
    exact_on,
    near_on,
    working_due,
)
from oneservice.case.state import DECIDED, Case, Correction, SubCase, SubCaseStatus
from oneservice.case.stated_days import stated_day
from oneservice.plan import DueDate
from oneservice.workdays import WorkCalendar, due_natural_day, legal_day

__all__ = [
    "CORRECTION_GRACE_WORKING_DAYS",
    "OPERATOR_WORKING_DAYS",
    "UNSTATED_WORKING_DAYS",
    "Due",
    "case_due_date",
    "correction_until",
    "dues",
    "dues_of",
    "first_accepted_at",
    "is_silent",
    "next_due",
    "operator_until",
    "promise_until",
    "rung_due",
    "silence_limit",
    "suspension_until",
]

CORRECTION_GRACE_WORKING_DAYS: Final = 3
"""After the day that a department named for an answer (补正), before people are told."""
OPERATOR_WORKING_DAYS: Final = 3
"""Within these somebody looks at a sub-case that stands still."""
UNSTATED_WORKING_DAYS: Final = 20
"""How long something is awaited whose day the department did not name in a way that can be read."""

DueKind = Literal[
    "notice",
    "promised",
    "statutory",
    "near",
    "rung",
    "silence",
    "correction",
    "promise",
    "suspension",
    "operator",
    "case_near",
    "case_limit",
]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Something that is due at ``instant``, the first that is too late.

    ``name`` says which one of its kind: a correction id, a material, a limit of the case.
    """

    instant: datetime
    kind: DueKind
    sub_case_id: str = ""
    name: str = ""


def next_due(case: Case, calendar: WorkCalendar) -> Due | None:
    """Return what of ``case`` is due first, or ``None``: no clock of it runs."""
    return min(dues(case, calendar), key=_INSTANT, default=None)


_INSTANT: Final = attrgetter("instant")


def dues(case: Case, calendar: WorkCalendar) -> Iterator[Due]:
    """Yield everything that is due some day if nothing happens before."""
    if case.outcome is not None:
        return
    waits_for_results = False
    for sub in case.sub_cases.values():  # one loop: it runs at every turn of a case
        if sub.halted is not None:
            yield from dues_of(sub, calendar)
        elif sub.status in _UNHEARD and sub.course.clock_from is None:
            pass  # no department has it yet: no clock runs
        elif sub.status not in DECIDED:
            yield from dues_of(sub, calendar)
        if sub.status not in DECIDED and sub.spec.kind in _RESULTS:
            waits_for_results = True
    if waits_for_results and case.bundle is None:
        yield from _of_case(case, calendar)


_RESULTS: Final = frozenset({"decision", "check"})
_UNHEARD: Final = frozenset({SubCaseStatus.WAITING, SubCaseStatus.FILING})


def dues_of(sub: SubCase, calendar: WorkCalendar) -> Iterator[Due]:
    """Yield what of one sub-case, filed and not decided, is due some day."""
    if sub.halted is not None:
        yield from _once(sub, "operator", "halted", operator_until(sub, calendar))
        if sub.submission is None or sub.is_decided:
            return
    if sub.status is SubCaseStatus.RECEIVED and not sub.is_deemed:
        yield from _notice(sub, calendar)
    if sub.clock_from is not None and sub.decided_at is None:
        yield from _limits(sub, calendar)
    if sub.correction is not None:
        until = correction_until(sub, sub.correction, calendar)
        yield from _once(sub, "correction", sub.correction.correction_id, until)
    course = sub.course
    for one in course.promises:
        yield from _once(sub, "promise", one.material, promise_until(sub, one, calendar))
    if course.suspended_at is not None:
        name = course.suspended_at.isoformat()
        yield from _once(sub, "suspension", name, suspension_until(sub, calendar))


def _once(
    sub: SubCase,
    kind: Literal["operator", "correction", "promise", "suspension"],
    name: str,
    day: date,
) -> Iterator[Due]:
    if f"{kind}:{name}" not in sub.course.overdue:
        yield Due(end_of(day), kind, sub.id, name)


def _notice(sub: SubCase, calendar: WorkCalendar) -> Iterator[Due]:
    if sub.notice_from is not None and sub.spec.accept_hours:
        # A unit of a duty table has hours, not days (派单): silence means that it takes the report.
        end = sub.notice_from + timedelta(hours=sub.spec.accept_hours)
        yield Due(end, "notice", sub.id)
        return
    day = exact_on(sub, "notice", calendar)
    if day is not None:
        yield Due(end_of(day), "notice", sub.id)


def _limits(sub: SubCase, calendar: WorkCalendar) -> Iterator[Due]:
    names: tuple[Literal["promised", "statutory"], ...] = ("promised", "statutory")
    for name in names:
        if name not in sub.passed:
            day = exact_on(sub, name, calendar)
            if day is not None:
                yield Due(end_of(day), name, sub.id)
    if "promised" not in sub.passed and "promised" not in sub.course.near:
        near = near_on(sub, calendar)
        if near is not None and exact_on(sub, "promised", calendar) is not None:
            yield Due(end_of(near - timedelta(days=1)), "near", sub.id)
    if sub.spec.on_overdue != "none" and sub.passed:
        yield from _consequence(sub, calendar)


def _consequence(sub: SubCase, calendar: WorkCalendar) -> Iterator[Due]:
    """Yield what the item says of a limit that has passed: a rung, or a grant by silence."""
    if sub.spec.on_overdue == "deemed_granted":
        limit = silence_limit(sub)
        day = exact_on(sub, limit, calendar) if limit in sub.passed and is_silent(sub) else None
        if day is not None:
            yield Due(end_of(day), "silence", sub.id, limit)
        return
    is_theirs = sub.correction is None and sub.course.suspended_at is None
    if not sub.course.is_ladder_spent and is_theirs:
        due = rung_due(sub, calendar)
        if not due.is_provisional:
            yield Due(end_of(due.on), "rung", sub.id)


def silence_limit(sub: SubCase) -> LimitName:
    """Return the limit whose end in silence grants: the law's, or the promise where it has none.

    What an office promised beyond the law cannot bind it to a grant; what the law gave it can.
    """
    return "statutory" if sub.spec.statutory_days >= 0 else "promised"


def is_silent(sub: SubCase) -> bool:
    """Say whether the department keeps silent, as far as it can be known (超期默许).

    Not while anything of it is unread or an outcome is unknown, not while the applicant owes an
    answer or wants to withdraw, and not while its history is in doubt.
    """
    submission = sub.submission
    return (
        sub.status is SubCaseStatus.ACCEPTED
        and sub.halted is None
        and sub.correction is None
        and sub.withdrawal not in ("asked", "sent")
        and not sub.deliveries
        and sub.read_tries == 0
        and submission is not None
        and sub.head_seen == submission.seq
    )


def rung_due(sub: SubCase, calendar: WorkCalendar) -> DueDate:
    """Return the last day before the next rung: of the last one, or of the promise itself."""
    course = sub.course
    if course.rung_at is None or not course.rung:
        limit: LimitName = "promised" if sub.spec.promised_days >= 0 else "statutory"
        return due_date(sub, limit, calendar) or DueDate(on=date(2000, 1, 1))
    rung = sub.spec.ladder[course.rung - 1]
    start = legal_day(course.rung_at)
    if rung.unit == "natural_days":
        return DueDate(on=due_natural_day(start, rung.days))
    return working_due(days_of(sub, calendar), start, rung.days) or DueDate(on=start)


def correction_until(sub: SubCase, correction: Correction, calendar: WorkCalendar) -> date:
    """Return the last day on which an answer is expected, the grace included."""
    calendar = days_of(sub, calendar)
    day = stated_day(correction.due_on)
    if day is not None:
        return _days_after(day, CORRECTION_GRACE_WORKING_DAYS, calendar)
    asked_at = correction.asked_at or sub.notice_from or sub.accepted_at
    return _days_after(_day(asked_at), UNSTATED_WORKING_DAYS, calendar)


def promise_until(sub: SubCase, promise: Promise, calendar: WorkCalendar) -> date:
    """Return the last day for a promised material: the department's, or the item's own."""
    if promise.until is not None:
        return promise.until
    days = sub.spec.tolerance_days if sub.spec.tolerance_days >= 0 else UNSTATED_WORKING_DAYS
    start = promise.since if sub.accepted_at is None else sub.accepted_at
    return _days_after(_day(start), days, days_of(sub, calendar))


def suspension_until(sub: SubCase, calendar: WorkCalendar) -> date:
    """Return the day on which the office said that a suspension ends."""
    course = sub.course
    return course.suspended_until or _days_after(
        _day(course.suspended_at), UNSTATED_WORKING_DAYS, days_of(sub, calendar)
    )


def operator_until(sub: SubCase, calendar: WorkCalendar) -> date:
    """Return the last day on which somebody should have looked at a halted sub-case."""
    return _days_after(_day(sub.course.halted_at), OPERATOR_WORKING_DAYS, calendar)


def _day(instant: datetime | None) -> date:
    """Return its day; histories of the first release hold no instant here, and are long due."""
    return date(2000, 1, 1) if instant is None else legal_day(instant)


def _days_after(start: date, days: int, calendar: WorkCalendar) -> date:
    due = working_due(calendar, start, days)
    return start if due is None else due.on


# --- the case as a whole -----------------------------------------------------------------------


def first_accepted_at(case: Case) -> datetime | None:
    """Return when the first office accepted: the clocks of the whole case run from then."""
    first: datetime | None = None
    for sub in case.sub_cases.values():  # a plain loop: it runs at every turn of a case
        at = sub.accepted_at
        if at is not None and (first is None or at < first):
            first = at
        for ended in sub.course.earlier:
            at = ended.accepted_at
            if at is not None and (first is None or at < first):
                first = at
    return first


def case_due_date(
    case: Case, limit: Literal["promised", "joint"], calendar: WorkCalendar
) -> DueDate | None:
    """Return the last day on which all results are in on time; ``None``: no such limit runs yet.

    ``joint`` is the cap of joint handling, with its extension; ``promised`` the promise along the
    critical path. Both run from the first acceptance, through the suspensions of single steps.

    References:
        Administrative Licensing Law art. 42 with art. 26; domain page, section 7.
    """
    since = first_accepted_at(case)
    days = _case_days(case, limit)
    if since is None or days < 0:
        return None
    return working_due(calendar, legal_day(since), days)


def _case_days(case: Case, limit: Literal["promised", "joint"]) -> int:
    course = case.course
    if limit == "promised":
        return course.promised_days
    return course.joint_days + course.joint_more_days if course.joint_days >= 0 else -1


def _of_case(case: Case, calendar: WorkCalendar) -> Iterator[Due]:
    """Yield the limits of the whole case, while results are awaited that were never handed out."""
    course = case.course
    since = first_accepted_at(case)
    if since is None or (course.joint_days < 0 and course.promised_days < 0):
        return
    joint, promised = _case_days(case, "joint"), course.promised_days
    for end, near in _case_ends(calendar, legal_day(since), joint, promised):
        if end.name not in course.passed:
            if near is None or end.name in course.near:
                yield end
            else:
                yield near  # the light turns before the limit ends


_CaseEnds = tuple[tuple[Due, Due | None], ...]


def _case_ends(calendar: WorkCalendar, start: date, joint: int, promised: int) -> _CaseEnds:
    """Return for each limit of a case its exact end, and when its light turns."""
    try:
        return _remembered_ends(cast("Hashable", calendar), start, joint, promised)
    except TypeError:  # a calendar of somebody else's making that has no hash
        return _counted_ends(calendar, start, joint, promised)


def _counted_ends(calendar: WorkCalendar, start: date, joint: int, promised: int) -> _CaseEnds:
    found: list[tuple[Due, Due | None]] = []
    for limit, days in (("joint", joint), ("promised", promised)):
        due = working_due(calendar, start, days) if days >= 0 else None
        if due is not None and not due.is_provisional:
            used = -(-days * _CASE_WARNING_SHARE // 100)
            near = working_due(calendar, start, used) if days else None
            turns = end_of(near.on - timedelta(days=1)) if near is not None else None
            light = Due(turns, "case_near", "", limit) if turns is not None else None
            found.append((Due(end_of(due.on), "case_limit", "", limit), light))
    return tuple(found)


_remembered_ends = lru_cache(maxsize=4096)(_counted_ends)


_CASE_WARNING_SHARE: Final = 80
"""Percent of a limit of the whole case at which its light turns (domain section 7, rule 9)."""
