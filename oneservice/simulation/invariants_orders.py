"""What must be true of orders, consents and silence: whatever rests on no word of a department."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oneservice.case import (
    Case,
    CaseClosed,
    ConsentEnded,
    ConsentRecorded,
    DeemedGranted,
    MessagesPrepared,
    OutcomeAdopted,
)
from oneservice.simulation.moments import UNDECIDED, Ledger, Moment, naive_due
from oneservice.workdays import WorkCalendar, legal_day

__all__ = [
    "a_contradicted_paper_stops_the_step",
    "closing_ends_what_is_open",
    "nothing_is_filed_without_consent",
    "paper_counts_only_in_doubt",
    "silence_grants_in_time",
]

_ONE_DAY: Final = timedelta(days=1)


def silence_grants_in_time(moment: Moment) -> str | None:
    """Silence grants when the days of the law are over, counted one by one, and not earlier."""
    event = moment.event
    if not isinstance(event, DeemedGranted):
        return None
    sub = moment.after.sub_cases[event.sub_case_id]
    limit = "promised" if sub.spec.statutory_days < 0 else "statutory"
    due = naive_due(sub, moment.ledger.steps[sub.id], limit, moment.calendar)
    if due is None or legal_day(event.due_at) != due + _ONE_DAY:
        return f"{sub.id}: granted by silence from {event.due_at}, the limit ends on {due}"
    moment.ledger.unsigned.add(sub.id)
    return None


def paper_counts_only_in_doubt(moment: Moment) -> str | None:
    """A decision is taken over from paper only where the department's own word fails us."""
    event = moment.event
    if not isinstance(event, OutcomeAdopted) or moment.before is None:
        return None
    sub = moment.before.sub_cases[event.sub_case_id]
    is_unknown = any(one.effect == "unknown" for one in sub.deliveries)
    if sub.halted is None and sub.incident is None and not is_unknown:
        return f"{sub.id}: a paper was taken over while the department answered"
    if sub.status not in UNDECIDED:
        return f"{sub.id}: a paper was taken over although it was {sub.status}"
    moment.ledger.unsigned.add(sub.id)
    return None


def a_contradicted_paper_stops_the_step(
    case: Case, ledger: Ledger, _calendar: WorkCalendar
) -> str | None:
    """A signed decision against a paper that was taken over stops the step for a person to see."""
    for name in sorted(ledger.contradicted):
        if case.sub_cases[name].halted is None:
            return f"{name}: its department signed against the paper, and nobody was called"
    ledger.contradicted.clear()
    return None


def closing_ends_what_is_open(moment: Moment) -> str | None:
    """Closing a case leaves what was granted, and names what stood in doubt."""
    event = moment.event
    if not isinstance(event, CaseClosed) or moment.before is None:
        return None
    for name in event.left:
        if moment.before.sub_cases[name].status not in UNDECIDED:
            return f"{name} was decided, and closing the case left it in doubt"
    moment.ledger.left.update(event.left)
    return None


def nothing_is_filed_without_consent(moment: Moment) -> str | None:
    """While somebody has taken a consent back, nothing new is filed on it."""
    event, ledger = moment.event, moment.ledger
    match event:
        case ConsentEnded():
            ledger.refusing.add(event.consent_id)
        case ConsentRecorded():
            ledger.refusing.discard(event.consent_id)
        case MessagesPrepared() if ledger.refusing:
            filed = [one for one in event.messages if one.message == "submission"]
            if filed:
                return f"{filed[0].message_id} was filed while {min(ledger.refusing)} refuses"
        case _:
            pass
    return None
