"""The audit of a bundle: do the rules of that day really lead to these certificates?

Three questions, each with evidence: is everything in the file what was sealed (the bundle's own
report), does every fact of the journal follow by the pinned plan (the replay), and are the
certificates those that the history yields. Who decided what, when, within which limit, and what
rests on silence or on paper, is told beside.

References:
    certificates page, section 3 (Audit); design page, section 2, idea 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from oneservice.canonical import Digest, canonical, digest_bytes, write_instant
from oneservice.case import (
    Actor,
    Case,
    CaseOpened,
    Migrated,
    Recorded,
    SubCase,
    clocks_of,
    findings_of,
    read_record,
    trips,
)
from oneservice.certificates import (
    Bundle,
    BundleReport,
    Policy,
    StatusSource,
    Trust,
    Verdict,
    examine_bundle,
)
from oneservice.errors import OneServiceError
from oneservice.plan import Plan, parse_plan
from oneservice.relying.audit_words import FINDINGS, FindingWords
from oneservice.relying.replaying import Replay, Replayed, replay_records
from oneservice.workdays import Suspension, WorkCalendar, legal_day

__all__ = ["Audit", "AuditFinding", "Deed", "Severity", "StepDecision", "audit"]


class Severity(StrEnum):
    """How much a finding weighs."""

    BREACH = "breach"
    """The history is not one that the rules lead to: the audit fails."""
    UNKNOWN = "unknown"
    """Something could not be told, because it is not in the file."""
    NOTE = "note"
    """The rules were kept; somebody may want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One finding with a stable code, in both languages; ``seq`` names the record, if it is one."""

    code: str
    severity: Severity
    zh: str
    en: str
    seq: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        text = {"zh": self.zh, "en": self.en}
        return {"code": self.code, "severity": str(self.severity), "text": text, "seq": self.seq}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecision:
    """How one step was decided, and within which limit.

    ``allowed`` and ``used`` are days of the promise in its unit, suspensions not counted; ``due``
    the last day. ``basis``: ``signed``, ``silence`` or ``adopted`` (taken over from paper).
    """

    sub_case_id: str
    title: Mapping[str, str]
    department: str
    status: str
    basis: str
    received_on: date | None
    accepted_on: date | None
    decided_on: date | None
    allowed: int | None
    used: int | None
    due: date | None
    is_late: bool
    pauses: tuple[Suspension, ...]
    attempts: int
    certificate_id: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the decision as JSON; days as ISO 8601."""
        days = {
            name: None if day is None else day.isoformat()
            for name, day in (
                ("received_on", self.received_on),
                ("accepted_on", self.accepted_on),
                ("decided_on", self.decided_on),
                ("due", self.due),
            )
        }
        return {
            "sub_case_id": self.sub_case_id,
            "title": dict(self.title),
            "department": self.department,
            "status": self.status,
            "basis": self.basis,
            **days,
            "allowed_days": self.allowed,
            "used_days": self.used,
            "is_late": self.is_late,
            "suspensions": [_pause(one) for one in self.pauses],
            "attempts": self.attempts,
            "certificate_id": self.certificate_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a person did, in which role, and why: one record of the journal."""

    seq: int
    at: datetime
    kind: str
    role: str
    actor: str
    why: str
    sub_case_id: str

    def as_json(self) -> dict[str, Any]:
        """Return the deed as JSON."""
        return {
            "seq": self.seq,
            "at": write_instant(self.at),
            "kind": self.kind,
            "role": self.role,
            "actor": self.actor,
            "why": self.why,
            "sub_case_id": self.sub_case_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole report. ``counts`` says how many records the replay decided, took over, and so on.

    ``verdict`` is that of the bundle, unless the history breaks a rule (``invalid``) or cannot be
    told to its end (``indeterminate``).
    """

    verdict: Verdict
    reason: str | None
    message: str
    bundle: BundleReport
    decisions: tuple[StepDecision, ...]
    deeds: tuple[Deed, ...]
    findings: tuple[AuditFinding, ...]
    counts: Mapping[str, int]
    records: int
    redacted: int
    trips: int | None = None
    case_id: str = ""
    thing: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the report as ``oneservice audit --json`` prints it."""
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "message": self.message,
            "case_id": self.case_id,
            "thing": dict(self.thing),
            "records": self.records,
            "redacted": self.redacted,
            "replayed": dict(self.counts),
            "trips": self.trips,
            "decisions": [one.as_json() for one in self.decisions],
            "deeds": [one.as_json() for one in self.deeds],
            "findings": [one.as_json() for one in self.findings],
            "bundle": self.bundle.as_json(),
        }


def audit(
    bundle: Bundle,
    *,
    trust: Trust | None,
    at: datetime,
    calendar: WorkCalendar,
    status: StatusSource | None = None,
    policy: Policy | None = None,
    plans: Sequence[Plan] = (),
) -> Audit:
    """Return the report on ``bundle``; never raises for what it finds in it.

    Args:
        bundle: read, not yet believed.
        trust: whom the auditor trusts.
        at: aware instant for which the certificates are judged.
        calendar: the working days by which limits are counted.
        status: register of revocations at hand.
        policy: what each certificate must pass.
        plans: earlier plans of a case that was moved to a new definition; the bundle holds the
            last one only.
    """
    report = examine_bundle(bundle, trust=trust, at=at, status=status, policy=policy)
    redacted = sum("data_digest" in record for record in bundle.journal)
    try:
        plan = parse_plan(bundle.plan)
        records = _readable(bundle)
    except OneServiceError as error:
        found = [_finding("history-unreadable", str(error))]
        return _concluded(report, found, records=len(bundle.journal), redacted=redacted)
    known = {one.digest: one for one in (*plans, plan)}
    replay = replay_records(
        records[0].case_id if records else "", records, plans=known, calendar=calendar
    )
    titles = {step.id: {"zh": step.title.zh, "en": step.title.en} for step in plan.steps}
    decisions = tuple(_decisions(replay.case, titles, calendar, at))
    found = [
        *_of_pin(records, plan),
        *_of_replay(replay, len(bundle.journal), len(records)),
        *_of_certificates(bundle, replay),
        *_of_decisions(decisions, calendar, plan),
        *_of_case(replay, plan, calendar, at),
    ]
    return _concluded(
        report,
        found,
        records=len(bundle.journal),
        redacted=redacted,
        decisions=decisions,
        deeds=tuple(_deeds(records)),
        counts={str(kind): len(replay.of(kind)) for kind in Replayed},
        trips=None if replay.case is None else trips(replay.case).count,
        case_id=records[0].case_id if records else "",
        thing={"zh": plan.title.zh, "en": plan.title.en},
    )


def _concluded(
    report: BundleReport, found: Sequence[AuditFinding], *, records: int, redacted: int, **more: Any
) -> Audit:
    worst = {one.severity for one in found}
    verdict, reason, message = report.verdict, report.reason, report.message
    if Severity.BREACH in worst and verdict is not Verdict.INVALID:
        first = next(one for one in found if one.severity is Severity.BREACH)
        verdict, reason, message = Verdict.INVALID, "history", first.en
    elif Severity.UNKNOWN in worst and verdict is Verdict.VALID:
        first = next(one for one in found if one.severity is Severity.UNKNOWN)
        verdict, reason, message = Verdict.INDETERMINATE, "indeterminate", first.en
    return Audit(
        verdict=verdict,
        reason=reason,
        message=message,
        bundle=report,
        findings=tuple(found),
        records=records,
        redacted=redacted,
        **{"decisions": (), "deeds": (), "counts": {}, **more},
    )


def _readable(bundle: Bundle) -> list[Recorded]:
    """Return the records up to the first redacted one, proven to be a chain.

    Raises:
        JournalCorruptError: damaged, edited or out of order.
    """
    found: list[Recorded] = []
    prev: Digest | None = None
    for seq, record in enumerate(bundle.journal, 1):
        if "data_digest" in record:
            break
        case_id = str(record.get("case_id"))
        one = read_record(canonical(record), case_id=case_id, seq=seq, prev=prev)
        found.append(one)
        prev = one.digest
    return found


# --- what is found -------------------------------------------------------------------------------


def _finding(code: str, *facts: object, seq: int | None = None) -> AuditFinding:
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
_BREACHES: Final = {
    Replayed.NOT_BY_THE_RULES: "not-by-the-rules",
    Replayed.IMPOSSIBLE: "impossible",
    Replayed.PLAN_MISSING: "plan-missing",
}


def _of_pin(records: Sequence[Recorded], plan: Plan) -> Iterator[AuditFinding]:
    pins = [one for one in records if isinstance(one.event, CaseOpened | Migrated)]
    if pins and isinstance(pins[-1].event, CaseOpened | Migrated):
        pinned = pins[-1].event.plan
        if pinned != plan.digest:
            yield _finding("other-plan", pinned, seq=pins[-1].seq)


def _of_replay(replay: Replay, written: int, readable: int) -> Iterator[AuditFinding]:
    for one in replay.records:
        code = _BREACHES.get(one.result)
        if code is not None:
            yield _finding(code, one.seq, one.event.kind, seq=one.seq)
    if replay.stopped_at is None and readable < written:
        yield _finding("redacted", readable + 1, written - readable, seq=readable + 1)


def _of_certificates(bundle: Bundle, replay: Replay) -> Iterator[AuditFinding]:
    """Compare what was sealed with what the history yields, where it was told to its end."""
    case = replay.case
    if case is None or replay.stopped_at is not None or len(replay.records) < len(bundle.journal):
        return
    yielded = {
        digest_bytes(canonical(sub.outcome["certificate"])): sub.id
        for sub in case.sub_cases.values()
        if sub.outcome and isinstance(sub.outcome.get("certificate"), Mapping)
    }
    for one in bundle.certificates:
        if one.digest not in yielded:
            yield _finding("certificate-not-yielded", one.id)
    for part in bundle.certificate.claims.result.get("components", []):
        sub = case.sub_cases.get(str(part.get("sub_case_id")))
        if sub is None or not _agrees(part, sub):
            yield _finding(
                "decision-differs", part.get("sub_case_id"), part.get("decision"), _status(sub)
            )


def _agrees(part: Mapping[str, Any], sub: SubCase) -> bool:
    return str(part.get("decision")) in {str(sub.status), _worded(sub)}


def _worded(sub: SubCase) -> str:
    return "granted" if sub.is_granted else str(sub.status)


def _status(sub: SubCase | None) -> str:
    return "-" if sub is None else str(sub.status)


def _of_decisions(
    decisions: Sequence[StepDecision], calendar: WorkCalendar, plan: Plan
) -> Iterator[AuditFinding]:
    for one in decisions:
        if one.is_late:
            yield _finding("late", one.sub_case_id, one.used, one.allowed)
        if one.basis == "silence":
            yield _finding("by-silence", one.sub_case_id)
        if one.basis == "adopted":
            yield _finding("from-paper", one.sub_case_id)
    if plan.calendar != calendar.version:
        yield _finding("other-calendar", plan.calendar, calendar.version)


def _of_case(
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


# --- who decided what ----------------------------------------------------------------------------


def _decisions(
    case: Case | None,
    titles: Mapping[str, Mapping[str, str]],
    calendar: WorkCalendar,
    at: datetime,
) -> Iterator[StepDecision]:
    for sub in () if case is None else case.sub_cases.values():
        if sub.spec.kind == "bundle":
            continue
        clocks = clocks_of(sub, on=legal_day(sub.decided_at or at), calendar=calendar)
        due = None if clocks is None else clocks.promised_due
        decided = None if sub.decided_at is None else legal_day(sub.decided_at)
        certificate = (sub.outcome or {}).get("certificate")
        yield StepDecision(
            sub_case_id=sub.id,
            title=titles.get(sub.id, {"zh": sub.id, "en": sub.id}),
            department=sub.spec.department,
            status=str(sub.status),
            basis=sub.basis,
            received_on=_day(sub.received_at),
            accepted_on=_day(sub.accepted_at),
            decided_on=decided,
            allowed=sub.spec.promised_days if sub.spec.promised_days >= 0 else None,
            used=None if clocks is None else clocks.elapsed_working_days,
            due=due,
            is_late=decided is not None and due is not None and decided > due,
            pauses=sub.pauses,
            attempts=sub.attempt,
            certificate_id=str(certificate["id"]) if isinstance(certificate, Mapping) else None,
        )


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else legal_day(instant)


def _pause(one: Suspension) -> dict[str, Any]:
    return {
        "from": one.start.isoformat(),
        "until": None if one.end is None else one.end.isoformat(),
        "kind": one.kind,
        "by_law": one.by_law,
    }


def _deeds(records: Sequence[Recorded]) -> Iterator[Deed]:
    for one in records:
        by = getattr(one.event, "by", None)
        if isinstance(by, Actor) and str(by.role) != "engine":
            yield Deed(
                seq=one.seq,
                at=one.event.at,
                kind=one.event.kind,
                role=str(by.role),
                actor=by.id,
                why=str(getattr(one.event, "why", "")),
                sub_case_id=str(getattr(one.event, "sub_case_id", "")),
            )
