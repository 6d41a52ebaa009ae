"""What must be true of every case at every moment: small checks, each with a name of its own.

A check of a *moment* sees one recorded event, the case before it and the case after it. A check of
a *standing* sees a case when everything that was due is done. Each returns what is wrong, in words
without personal data, or ``None``. The checks of the whole world are in :mod:`world_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from oneservice.case import (
    BundleIssued,
    Case,
    CaseClosed,
    CaseConcluded,
    CaseOpened,
    ConsentEnded,
    ConsentRecorded,
    DeadlinePassed,
    DeemedAccepted,
    DeemedGranted,
    DepartmentReported,
    MessagesPrepared,
    OutcomeAdopted,
    SubCase,
    due_on,
    open_waits,
)
from oneservice.simulation.invariants_orders import (
    a_contradicted_paper_stops_the_step,
    closing_ends_what_is_open,
    nothing_is_filed_without_consent,
    paper_counts_only_in_doubt,
    silence_grants_in_time,
)
from oneservice.simulation.moments import (
    UNDECIDED,
    Ledger,
    Moment,
    MomentCheck,
    RestCheck,
    naive_due,
)
from oneservice.simulation.naive import NaiveStep
from oneservice.workdays import WorkCalendar, legal_day

__all__ = ["AT_REST", "AT_THE_MOMENT", "CLOCKS", "WAITS"]

_ONE_DAY: Final = timedelta(days=1)


# --- at the moment of an event -----------------------------------------------------------------


def granted_is_never_rolled_back(moment: Moment) -> str | None:
    """A granted act stands, whatever comes later; only its department revokes it, by name.

    What was only taken over from paper gives way to the department's own signed decision.
    """
    if moment.before is None:
        return None
    for name, before in moment.before.sub_cases.items():
        after = moment.after.sub_cases[name]
        if before is not after and before.status == "granted" and after.status != "granted":
            if before.basis == "adopted" and isinstance(moment.event, DepartmentReported):
                moment.ledger.contradicted.add(name)
                continue
            return f"{name} was granted and is {after.status} after {moment.event.kind}"
    return None


def departments_are_heard_in_order(moment: Moment) -> str | None:
    """Each event of a department is taken once, in its order, and only where the law allows it."""
    event = moment.event
    if not isinstance(event, DepartmentReported):
        return None
    sub = moment.after.sub_cases[event.sub_case_id]
    step = moment.ledger.steps[event.sub_case_id]
    for one in event.events:
        problem = step.hear(one)
        if problem is not None:
            return f"{sub.id}: {problem}"
    if sub.id in moment.ledger.unsigned and sub.status == "granted":
        return None  # granted by silence or on paper: it stands, whatever the office says later
    if sub.id in moment.ledger.left and sub.status == "withdrawn":
        return None  # the case was closed while nobody knew what the office holds; it goes on there
    is_deemed = step.state == "received" and sub.is_deemed
    if sub.status != ("accepted" if is_deemed else step.state):
        return f"{sub.id}: the events lead to {step.state}, the case says {sub.status}"
    return None


def unknown_is_never_tried_anew(moment: Moment) -> str | None:
    """While an outcome is unknown nothing is filed under another id; ids and bytes never change."""
    event = moment.event
    if not isinstance(event, MessagesPrepared) or moment.before is None:
        return None
    for message in event.messages:
        before = moment.before.sub_cases[message.sub_case_id]
        if moment.ledger.messages.setdefault(
            message.message_id, message.request_digest
        ) != message.request_digest or any(
            one.message_id == message.message_id for one in before.deliveries
        ):
            return f"the id {message.message_id} was used for a second message"
        if message.message != "submission":
            continue
        if any(one.effect == "unknown" for one in before.deliveries):
            return f"{message.message_id} was filed while an earlier outcome was unknown"
        if message.attempt != before.attempt + 1:
            return f"{message.message_id} does not follow attempt {before.attempt}"
        moment.ledger.steps[before.id] = _naive(before)
        moment.ledger.unsigned.discard(before.id)
        moment.ledger.left.discard(before.id)
    return None


def nothing_is_handed_out_too_early(moment: Moment) -> str | None:
    """The bundle is sealed when every step that it waits for is decided, and one is granted."""
    event = moment.event
    if not isinstance(event, BundleIssued) or moment.before is None:
        return None
    waited = [one for one in moment.before.sub_cases.values() if one.spec.kind in _HANDED_OUT]
    for sub in waited:
        step = moment.ledger.steps.get(sub.id)
        is_open = step is not None and step.state in UNDECIDED
        is_unsigned = sub.id in moment.ledger.unsigned
        is_undecided = sub.status in UNDECIDED or (is_open and not is_unsigned)
        if is_undecided and sub.status not in ("withdrawn", "not_applicable"):
            return f"the bundle was sealed while {sub.id} was {sub.status}"
    granted = [
        one
        for one in waited
        if moment.ledger.steps.get(one.id, _NOTHING).state == "granted"
        or one.id in moment.ledger.unsigned
    ]
    if not granted:
        return "the bundle was sealed without a grant"
    return None


def a_closed_case_is_decided(moment: Moment) -> str | None:
    """A case is concluded when every step of it is."""
    if not isinstance(moment.event, CaseConcluded):
        return None
    for sub in moment.after.sub_cases.values():
        if sub.status in UNDECIDED and sub.spec.kind not in _GO_ON:
            return f"the case was concluded while {sub.id} was {sub.status}"
    return None


def silence_is_counted_right(moment: Moment) -> str | None:
    """Silence means acceptance after five working days, counted one by one, and not earlier."""
    event = moment.event
    if not isinstance(event, DeemedAccepted):
        return None
    due = moment.ledger.steps[event.sub_case_id].notice_due(moment.calendar)
    if due is None or legal_day(event.due_at) != due + _ONE_DAY:
        return f"{event.sub_case_id}: deemed accepted from {event.due_at}, silence ends on {due}"
    step = moment.ledger.steps[event.sub_case_id]
    step.accepted_on = legal_day(event.accepted_at)
    step.silent_until = legal_day(event.due_at)
    return None


def limits_are_counted_right(moment: Moment) -> str | None:
    """A limit that is said to have passed has passed by the naive count of days, too."""
    event = moment.event
    if not isinstance(event, DeadlinePassed):
        return None
    sub = moment.after.sub_cases[event.sub_case_id]
    due = naive_due(sub, moment.ledger.steps[sub.id], str(event.limit), moment.calendar)
    if due is None or legal_day(event.due_at) != due + _ONE_DAY:
        return f"{sub.id}: {event.limit} limit said to end before {event.due_at}, it ends on {due}"
    return None


# --- at rest -----------------------------------------------------------------------------------


def clocks_agree_with_the_naive_count(
    case: Case, ledger: Ledger, calendar: WorkCalendar
) -> str | None:
    """Every due day is the one that a clerk with a paper calendar finds."""
    for sub in case.sub_cases.values():
        if sub.accepted_at is None or sub.is_decided or sub.decided_at is not None:
            continue
        for limit in ("promised", "statutory"):
            ours = due_on(sub, limit, calendar)
            naive = naive_due(sub, ledger.steps[sub.id], limit, calendar)
            if ours != naive:
                return f"{sub.id}: the {limit} limit ends on {ours}, by the naive count on {naive}"
    return None


def every_wait_has_a_way_out(case: Case, ledger: Ledger, calendar: WorkCalendar) -> str | None:
    """Every open step waits for something by name, until an instant, and something can end it."""
    del ledger
    if case.status.has_ended:
        return None
    waits = open_waits(case, calendar)
    closed = next((wait for wait in waits if not wait.ends_by), None)
    if closed is not None:
        return f"{closed.sub_case_id}: nothing can end the wait for {closed.kind}"
    waiting = {wait.sub_case_id for wait in waits}
    for sub in case.sub_cases.values():
        if not sub.is_decided and sub.id not in waiting:
            return f"{sub.id} is {sub.status} and waits for nothing"
    return None


_GO_ON: Final = frozenset({"bundle", "follow_up"})
"""What may be under way when a case is concluded: a grant is checked when it was given."""
_HANDED_OUT: Final = frozenset({"decision", "check"})
_NOTHING: Final = NaiveStep(pauses_for_corrections=False)

AT_THE_MOMENT: Final[Mapping[type, tuple[MomentCheck, ...]]] = {
    DepartmentReported: (departments_are_heard_in_order, granted_is_never_rolled_back),
    MessagesPrepared: (unknown_is_never_tried_anew, nothing_is_filed_without_consent),
    ConsentEnded: (nothing_is_filed_without_consent,),
    ConsentRecorded: (nothing_is_filed_without_consent,),
    BundleIssued: (nothing_is_handed_out_too_early,),
    CaseClosed: (closing_ends_what_is_open, granted_is_never_rolled_back),
    CaseConcluded: (a_closed_case_is_decided, granted_is_never_rolled_back),
    DeemedAccepted: (silence_is_counted_right,),
    DeadlinePassed: (limits_are_counted_right,),
    DeemedGranted: (silence_grants_in_time,),
    OutcomeAdopted: (paper_counts_only_in_doubt, granted_is_never_rolled_back),
    CaseOpened: (),
}
"""Which checks an event of each kind asks for; others are asked whether what was granted stands."""

CLOCKS: Final[tuple[RestCheck, ...]] = (
    clocks_agree_with_the_naive_count,
    a_contradicted_paper_stops_the_step,
)
"""What is asked whenever a case has moved."""
WAITS: Final[tuple[RestCheck, ...]] = (every_wait_has_a_way_out,)
"""What is asked at the end of each day on which a case has moved."""
AT_REST: Final = (*CLOCKS, *WAITS)


def _naive(sub: SubCase) -> NaiveStep:
    return NaiveStep(pauses_for_corrections=sub.spec.correction == "pause")
