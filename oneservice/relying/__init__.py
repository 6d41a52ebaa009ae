"""Verification at work: the audit of a case, many files on many cores, an endpoint for reliers.

:func:`audit` asks more than whether a bundle is what was sealed: it tells the journal to the pure
core again, under the pinned plan, and looks whether the rules of that day lead to these
certificates.
"""

from oneservice.relying.audit import (
    Audit,
    AuditFinding,
    Deed,
    Severity,
    StepDecision,
    audit,
)
from oneservice.relying.replaying import Replay, Replayed, ReplayedRecord, replay_records

__all__ = [
    "Audit",
    "AuditFinding",
    "Deed",
    "Replay",
    "Replayed",
    "ReplayedRecord",
    "Severity",
    "StepDecision",
    "audit",
    "replay_records",
]
