"""What people should look at in a case although nothing stands still: derived, never recorded.

Every finding of a case stands here, with a stable code; what it says is in ``finding_texts``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oneservice.case.calendar_gaps import missing_year, missing_year_of_case
from oneservice.case.finding_texts import FINDING_TEXTS, FindingText
from oneservice.case.limits import exact_on, extension_problem
from oneservice.case.overdue import wait_keys
from oneservice.case.state import Case, SubCase, SubCaseStatus
from oneservice.plan import Plan
from oneservice.workdays import WorkCalendar, WorkCalendars, legal_day

__all__ = ["CaseFinding", "finding_of", "findings_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """One finding: ``problem`` is a stable code, ``text`` (``zh``) says it to an operator.

    ``sub_case_id`` is empty where it concerns the whole case. ``clause`` says by which rule it
    matters, ``remedy`` (``remedy_zh``) what an operator can do.
    """

    sub_case_id: str
    problem: str
    text: str
    zh: str = ""
    clause: str = ""
    remedy: str = ""
    remedy_zh: str = ""


def findings_of(
    case: Case,
    plan: Plan,
    *,
    calendar: WorkCalendar | None = None,
    at: datetime | None = None,
) -> tuple[CaseFinding, ...]:
    """Return what does not stop ``case`` and is not as it should be, in plan order.

    Args:
        case: the case.
        plan: its pinned plan.
        calendar: the working days of the deciding offices; without one nothing is said of what a
            limit makes of an extension or of a department's own clock.
        at: the present: a calendar that is missing is told once a limit would have ended without
            it; by default as soon as a limit runs into such a year.

    Returns:
        A finding for each thing that people should see; the same case gives the same findings.
    """
    papers = {
        step.id: step.department
        for step in plan.steps
        if step.result is not None and step.result.is_certificate
    }
    found: list[CaseFinding] = []
    for sub in case.sub_cases.values():
        if sub.id in papers and _lacks_paper(sub):
            found.append(_finding("granted-without-certificate", sub, papers[sub.id]))
        found.extend(_of(sub))
        if calendar is not None:
            found.extend(_by_the_calendar(sub, calendar, at))
    found.extend(_of_case(case))
    year = missing_year_of_case(case, calendar, at=at) if calendar is not None else None
    if year is not None:
        found.append(_finding("calendar-missing", None, str(year)))
    return tuple(found)


def _finding(code: str, sub: SubCase | None, fact: str = "") -> CaseFinding:
    name = sub.id if sub is not None else ""
    return finding_of(code, FINDING_TEXTS[code], name, name or fact, fact)


def finding_of(code: str, text: FindingText, sub_case_id: str, *facts: str) -> CaseFinding:
    """Return the finding ``code`` with its words filled in; ``sub_case_id`` empty: the case's."""
    return CaseFinding(
        sub_case_id=sub_case_id,
        problem=code,
        text=text.en.format(*facts),
        zh=text.zh.format(*facts),
        clause=text.clause,
        remedy=text.remedy_en,
        remedy_zh=text.remedy_zh,
    )


def _lacks_paper(sub: SubCase) -> bool:
    is_ours = sub.spec.kind == "bundle"  # the engine's own seal makes that one
    is_decided = sub.is_granted and not sub.is_granted_by_silence
    return is_decided and not is_ours and not (sub.outcome or {}).get("certificate")


def _of(sub: SubCase) -> Iterator[CaseFinding]:
    course = sub.course
    for remark in course.remarks:
        if not (sub.is_decided and remark.code in _WHILE_OPEN):
            yield _finding(remark.code, sub, remark.detail)
    if sub.is_granted_by_silence and course.silence_at is not None:
        yield _finding("granted-by-silence", sub, legal_day(course.silence_at).isoformat())
    if sub.basis == "adopted" and sub.outcome is not None:
        yield _finding("decision-adopted", sub, str(sub.outcome.get("number") or "-"))
    if not sub.is_decided:
        if _is_silent_on_acceptance(sub):
            yield _finding("accepted-by-silence", sub, _day_of(sub.deemed_due_at))
        yield from _late(sub)
    if sub.is_revoked:
        yield _finding("result-revoked", sub)
    if sub.spec.kind == "follow_up" and sub.status in _FAILED:
        yield _finding("follow-up-failed", sub, str(sub.status))


def _is_silent_on_acceptance(sub: SubCase) -> bool:
    """Say whether silence accepted it, and the office has not accepted on the record since."""
    return sub.is_deemed and sub.submission is not None and not sub.submission.was_accepted


def _day_of(instant: datetime | None) -> str:
    return "" if instant is None else legal_day(instant).isoformat()


_WHILE_OPEN: Final = frozenset({"promise-differs"})
"""What no longer matters once there is a decision."""

_FAILED: Final = frozenset(
    {SubCaseStatus.REFUSED, SubCaseStatus.LAPSED, SubCaseStatus.NOT_ACCEPTED}
)


def _late(sub: SubCase) -> Iterator[CaseFinding]:
    """Yield what is late in a sub-case that is not decided."""
    course = sub.course
    lasting = wait_keys(sub)
    for key in course.overdue:
        kind, _, name = key.partition(":")
        if key in lasting:
            yield _finding(f"{kind}-overdue", sub, sub.halted or name)
    if sub.decided_at is None:
        for limit in sub.passed:
            yield _finding(f"overdue-{limit}", sub, limit)
    if course.is_ladder_spent:
        yield _finding("escalation-unanswered", sub)
    elif course.rung:
        yield _finding("escalated", sub, sub.spec.ladder[course.rung - 1].office)


_EXTENSIONS: Final = {
    "too_long": "extension-too-long",
    "overdue": "extension-late",
    "not_accepted": "extension-early",
    "unapproved": "extension-unapproved",
}


def _by_the_calendar(
    sub: SubCase, calendar: WorkCalendar, at: datetime | None
) -> Iterator[CaseFinding]:
    has_clock = sub.clock_from is not None or not sub.is_decided
    if sub.spec.calendar and has_clock and not _knows(calendar, sub.spec.calendar):
        yield _finding("calendar-of-region-missing", sub, sub.spec.calendar)
    year = missing_year(sub, calendar, at=at)
    if year is not None:
        yield _finding("calendar-missing", sub, str(year))
    extension = sub.course.extension
    problem = extension_problem(sub, calendar) if extension is not None else None
    if extension is not None and problem in _EXTENSIONS:
        is_length = problem == "too_long"
        fact = str(extension.days) if is_length else extension.decided_on.isoformat()
        yield _finding(_EXTENSIONS[problem], sub, fact)
    said = sub.course.said_due_on
    if said and sub.decided_at is None:
        due = exact_on(sub, "promised", calendar)
        if due is not None and due.isoformat() != said:
            yield _finding("clock-differs", sub, said)


def _knows(calendar: WorkCalendar, region: str) -> bool:
    return isinstance(calendar, WorkCalendars) and calendar.at(region) is not None


def _of_case(case: Case) -> Iterator[CaseFinding]:
    if case.is_bundle_outdated and case.bundle is not None:
        after = case.bundle.over_seq
        changed = [one.id for one in case.sub_cases.values() if one.course.changed_seq > after]
        yield _finding("bundle-outdated", None, ", ".join(changed))
    if case.bundle is None and case.outcome is None:
        if "joint" in case.course.passed:
            yield _finding("joint-overdue", None, "joint")
        if "promised" in case.course.passed:
            yield _finding("case-overdue", None, "promised")
