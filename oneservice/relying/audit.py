"""The audit of a bundle: do the rules of that day really lead to these certificates?

Three questions, each with evidence: is everything in the file what was sealed (the bundle's own
report), does every fact of the journal follow by the pinned plan (the replay), and are the
certificates those that the history yields. Who decided what, when, within which limit, and what
rests on silence or on paper, is told beside.

References:
    certificates page, section 3 (Audit); design page, section 2, idea 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oneservice.canonical import Digest, canonical
from oneservice.case import Recorded, read_record, trips
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
from oneservice.relying.audit_decisions import decisions_of, deeds_of
from oneservice.relying.audit_findings import (
    finding,
    of_case,
    of_certificates,
    of_decisions,
    of_order,
    of_pin,
    of_replay,
    of_spared,
    of_words,
)
from oneservice.relying.audit_receipts import of_receipts
from oneservice.relying.audit_report import Audit, AuditFinding, Deed, Severity, StepDecision
from oneservice.relying.replaying import UNFIT, Replayed, replay_records
from oneservice.workdays import WorkCalendar

__all__ = ["Audit", "AuditFinding", "Deed", "Severity", "StepDecision", "audit"]


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
        told = _told(bundle, report, plans=plans, calendar=calendar, at=at)
    except UNFIT as error:
        # A record may hold what no engine writes; wherever that shows, nothing can be made of it.
        what = str(error) if isinstance(error, OneServiceError) else type(error).__name__
        # The rest is advice to whoever keeps the store; an auditor has no backup of it.
        what = what.partition("; restore")[0]
        claims = bundle.certificate.claims
        told = {
            "findings": (finding("history-unreadable", what),),
            "case_id": "" if claims.evidence is None else claims.evidence.case_id,
            "thing": dict(claims.title),
        }
    return _concluded(report, records=len(bundle.journal), redacted=redacted, **told)


def _told(
    bundle: Bundle,
    report: BundleReport,
    *,
    plans: Sequence[Plan],
    calendar: WorkCalendar,
    at: datetime,
) -> dict[str, Any]:
    """Return what the history tells, as members of an :class:`Audit`.

    Raises:
        UNFIT: plan or journal hold what cannot be read, or what no engine writes.
    """
    plan = parse_plan(bundle.plan)
    records = _readable(bundle)
    known = {one.digest: one for one in (*plans, plan)}
    replay = replay_records(
        records[0].case_id if records else "", records, plans=known, calendar=calendar
    )
    titles = {step.id: {"zh": step.title.zh, "en": step.title.en} for step in plan.steps}
    decisions = tuple(decisions_of(replay.case, titles, calendar, at))
    found = (
        *of_words(report),
        *of_pin(records, plan),
        *of_order(records),
        *of_spared(records),
        *of_receipts(records),
        *of_replay(replay, len(bundle.journal), len(records)),
        *of_certificates(bundle, replay),
        *of_decisions(decisions, calendar, plan),
        *of_case(replay, plan, calendar, at),
    )
    return {
        "findings": found,
        "decisions": decisions,
        "deeds": tuple(deeds_of(records)),
        "counts": {str(kind): len(replay.of(kind)) for kind in Replayed},
        "trips": None if replay.case is None else trips(replay.case).count,
        "case_id": records[0].case_id if records else "",
        "thing": {"zh": plan.title.zh, "en": plan.title.en},
    }


def _concluded(
    report: BundleReport,
    *,
    findings: tuple[AuditFinding, ...],
    records: int,
    redacted: int,
    **more: Any,
) -> Audit:
    worst = {one.severity for one in findings}
    verdict, reason, message = report.verdict, report.reason, report.message
    if Severity.BREACH in worst and verdict is not Verdict.INVALID:
        first = next(one for one in findings if one.severity is Severity.BREACH)
        verdict, reason, message = Verdict.INVALID, "history", first.en
    elif Severity.UNKNOWN in worst and verdict is Verdict.VALID:
        first = next(one for one in findings if one.severity is Severity.UNKNOWN)
        verdict, reason, message = Verdict.INDETERMINATE, "indeterminate", first.en
    return Audit(
        verdict=verdict,
        reason=reason,
        message=message,
        bundle=report,
        findings=findings,
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
