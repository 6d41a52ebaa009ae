"""What an audit finds, each with a stable code.

A finding says where history, rules and file do not bear each other out, or what somebody may want
to know beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.canonical import canonical, digest_bytes, read_instant
from oneservice.case import (
    CaseOpened,
    DepartmentEvent,
    DepartmentReported,
    Migrated,
    Recorded,
    SubCase,
    findings_of,
)
from oneservice.certificates import Bundle, BundleReport, Certificate, CheckResult, Component
from oneservice.errors import MalformedCertificateError
from oneservice.plan import Plan
from oneservice.relying.audit_report import AuditFinding, Severity, StepDecision
from oneservice.relying.audit_words import FINDINGS, FindingWords
from oneservice.relying.replaying import Replay, Replayed
from oneservice.workdays import WorkCalendar, legal_day

__all__ = [
    "finding",
    "of_case",
    "of_certificates",
    "of_decisions",
    "of_order",
    "of_pin",
    "of_replay",
    "of_spared",
    "of_words",
]


def finding(code: str, *facts: object, seq: int | None = None) -> AuditFinding:
    """Return the finding of that code; ``facts`` go into its sentence."""
    words: FindingWords = FINDINGS[code]
    shown = [str(fact)[:_LONGEST] for fact in facts]
    return AuditFinding(
        code=code,
        severity=Severity(words.severity),
        zh=words.zh.format(*shown),
        en=words.en.format(*shown),
        seq=seq,
    )


_LONGEST: Final = 160
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""Clocks are set now and then, and those of two houses differ (adapter protocol, section 8)."""
TESTIMONY: Final = "department_signatures"
"""The check of a bundle that hears the departments' own signatures."""
_BREACHES: Final = {
    Replayed.NOT_BY_THE_RULES: "not-by-the-rules",
    Replayed.IMPOSSIBLE: "impossible",
    Replayed.PLAN_MISSING: "plan-missing",
}


def of_pin(records: Sequence[Recorded], plan: Plan) -> Iterator[AuditFinding]:
    """Tell whether the plan in the file is the one to which the case is pinned."""
    pins = [one for one in records if isinstance(one.event, CaseOpened | Migrated)]
    if pins and isinstance(pins[-1].event, CaseOpened | Migrated):
        pinned = pins[-1].event.plan
        if pinned != plan.digest:
            yield finding("other-plan", pinned, seq=pins[-1].seq)


def of_replay(replay: Replay, written: int, readable: int) -> Iterator[AuditFinding]:
    """Tell which records the rules do not lead to, and from where on nobody can know."""
    for one in replay.records:
        code = _BREACHES.get(one.result)
        if code is not None:
            yield finding(code, one.seq, one.event.kind, seq=one.seq)
    if replay.stopped_at is None and readable < written:
        yield finding("redacted", readable + 1, written - readable, seq=readable + 1)


def of_spared(records: Sequence[Recorded]) -> Iterator[AuditFinding]:
    """Tell of steps that nobody took, because a certificate was held: by which, and which rule.

    That the plan names the same certificates, the replay sees: no other opening follows from it.
    """
    for record in records:
        if isinstance(record.event, CaseOpened):
            for one in record.event.spared:
                region, rule = one.issuer_region or "?", one.rule or "-"
                facts = (one.sub_case_id, region, one.type, one.level, one.paper, rule)
                yield finding("spared", *facts, seq=record.seq)


def of_words(bundle: BundleReport) -> Iterator[AuditFinding]:
    """Tell where no listed key vouches for what departments are said to have said."""
    for check in bundle.checks:
        said = check.evidence.get("events", 0)
        if check.name == TESTIMONY and check.result is CheckResult.NOT_CHECKED and said:
            yield finding("words-unproven", check.evidence.get("signed", 0), said)


def of_order(records: Sequence[Recorded]) -> Iterator[AuditFinding]:
    """Tell where time runs backwards: a limit may then have been counted by a false moment."""
    latest = None
    for one in records:
        if latest is not None and one.event.at < latest - _CLOCKS_DIFFER:
            yield finding("time-runs-backwards", one.seq, seq=one.seq)
        latest = one.event.at if latest is None else max(latest, one.event.at)
        if isinstance(one.event, DepartmentReported):
            written = max(map(_written, one.event.events))
            if written > one.event.at + _CLOCKS_DIFFER:
                yield finding("heard-before-written", one.seq, seq=one.seq)


def _written(event: DepartmentEvent) -> datetime:
    return read_instant(event.recorded_at)


def of_certificates(bundle: Bundle, replay: Replay) -> Iterator[AuditFinding]:
    """Compare what was sealed with what the history yields, where it was told to its end."""
    case = replay.case
    if case is None or replay.stopped_at is not None or len(replay.records) < len(bundle.journal):
        return
    due = {name: _decided(sub) for name, sub in case.sub_cases.items() if _is_decided(sub)}
    yielded = {one["digest"] for one in due.values()}
    for one in bundle.certificates:
        if one.digest not in yielded:
            yield finding("certificate-not-yielded", one.id)
    named: set[str] = set()
    for part in map(Component.of, bundle.certificate.claims.result.get("components", ())):
        history = due.get(part.sub_case_id)
        if history is None or part.sub_case_id in named:
            yield finding("decision-differs", part.sub_case_id, part.decision, "-")
            continue
        named.add(part.sub_case_id)
        sealed = part.as_json()
        if part.decision == "granted" and case.sub_cases[part.sub_case_id].is_granted:
            sealed["decision"] = history["decision"]  # granted but for papers is granted, too
        wrong = [name for name, value in history.items() if sealed.get(name, "signed") != value]
        if wrong:
            said, found = (
                ", ".join(str(of.get(name)) for name in wrong) for of in (sealed, history)
            )
            yield finding("decision-differs", part.sub_case_id, said, found)
    for name in due.keys() - named:
        yield finding("decision-left-out", name, due[name]["decision"])


def _is_decided(sub: SubCase) -> bool:
    return sub.decided_at is not None and sub.is_decided and sub.spec.kind != "bundle"


def _decided(sub: SubCase) -> dict[str, Any]:
    """Return how a decision is to stand in the bundle certificate."""
    stated = (sub.outcome or {}).get("certificate")
    paper: Mapping[str, Any] | None = stated if isinstance(stated, Mapping) else None
    return {
        "decision": str(sub.status),
        "decided_on": None if sub.decided_at is None else legal_day(sub.decided_at).isoformat(),
        "certificate_id": None if paper is None else _id(paper),
        "digest": None if paper is None else digest_bytes(canonical(paper)),
        "basis": sub.basis,
    }


def _id(paper: Mapping[str, Any]) -> str | None:
    """Return the identifier as bundles name it: that of GB/T 36904 without its URN."""
    try:
        return Certificate.of(dict(paper)).id
    except MalformedCertificateError:
        return None


def of_decisions(
    decisions: Sequence[StepDecision], calendar: WorkCalendar, plan: Plan
) -> Iterator[AuditFinding]:
    """Tell what was late, what rests on silence or on paper, and on which calendar."""
    for one in decisions:
        if one.is_late:
            yield finding("late", one.sub_case_id, one.used, one.allowed)
        if one.basis == "silence":
            yield finding("by-silence", one.sub_case_id)
        if one.basis == "adopted":
            yield finding("from-paper", one.sub_case_id)
    if plan.calendar != calendar.version:
        yield finding("other-calendar", plan.calendar, calendar.version)


def of_case(
    replay: Replay, plan: Plan, calendar: WorkCalendar, at: datetime
) -> Iterator[AuditFinding]:
    """Yield the case's own findings that this report does not tell already."""
    if replay.case is None:
        return
    for one in findings_of(replay.case, plan, calendar=calendar, at=at):
        if one.problem not in _TOLD_ALREADY:
            zh, en = one.zh or one.text, one.text
            place = f"{one.sub_case_id}: " if one.sub_case_id else ""
            yield AuditFinding(
                code=one.problem, severity=Severity.NOTE, zh=place + zh, en=place + en
            )


_TOLD_ALREADY: Final = frozenset({"granted-by-silence", "decision-adopted"})
