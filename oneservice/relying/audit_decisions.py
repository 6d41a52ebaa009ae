"""Who decided what, when, within which limit; and what people did, in which role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from oneservice.case import Actor, Case, Recorded, clocks_of
from oneservice.relying.audit_report import Deed, StepDecision
from oneservice.workdays import WorkCalendar, legal_day

__all__ = ["decisions_of", "deeds_of"]


def decisions_of(
    case: Case | None,
    titles: Mapping[str, Mapping[str, str]],
    calendar: WorkCalendar,
    at: datetime,
) -> Iterator[StepDecision]:
    """Yield how each step was decided, limits counted up to the decision, else up to ``at``."""
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
            certificate_id=str(certificate.get("id")) if isinstance(certificate, Mapping) else None,
        )


def _day(instant: datetime | None) -> date | None:
    return None if instant is None else legal_day(instant)


def deeds_of(records: Sequence[Recorded]) -> Iterator[Deed]:
    """Yield what people did; the engine's own records are no deeds."""
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
