"""What an audit answers: the verdict, the findings, who decided what, who did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from oneservice.canonical import write_instant
from oneservice.certificates import BundleReport, Verdict
from oneservice.workdays import Suspension

__all__ = ["Audit", "AuditFinding", "Deed", "Severity", "StepDecision"]


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


def _pause(one: Suspension) -> dict[str, Any]:
    return {
        "from": one.start.isoformat(),
        "until": None if one.end is None else one.end.isoformat(),
        "kind": one.kind,
        "by_law": one.by_law,
    }
