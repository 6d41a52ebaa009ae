"""What must be true of every case at every moment: small checks, each with a name of its own.

A check of a *moment* sees one recorded event, the case before it and the case after it. A check of
a *standing* sees a case when everything that was due is done. Each returns what is wrong, in words
without personal data, or ``None``. The checks of the whole world are in :mod:`world_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Protocol

from oneservice.canonical import Digest
from oneservice.case import (
    BundleIssued,
    Case,
    CaseConcluded,
    CaseOpened,
    ConsentEnded,
    ConsentRecorded,
    DeadlinePassed,
    DeemedAccepted,
    DeemedGranted,
    DepartmentReported,
    Event,
    MessagesPrepared,
    OutcomeAdopted,
    SubCase,
    due_on,
    open_waits,
)
from oneservice.simulation.naive import NaiveStep
from oneservice.workdays import WorkCalendar, legal_day

__all__ = [
    "AT_REST",
    "AT_THE_MOMENT",
    "CLOCKS",
    "WAITS",
    "Ledger",
    "Moment",
    "NamedCheck",
    "RestCheck",
    "described",
]

_ONE_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Ledger:
    """What the auditor notes of one case beside the core: by its own rules, from events alone."""

    steps: dict[str, NaiveStep] = field(default_factory=dict)
    messages: dict[str, Digest] = field(default_factory=dict)
    """Digest of the bytes by message id, as they were first prepared."""
    unsigned: set[str] = field(default_factory=set)
    """Steps that silence granted, or a paper."""
    refusing: set[str] = field(default_factory=set)
    """Who has taken a consent back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One recorded event between two states."""

    before: Case | None
    event: Event
    after: Case
    ledger: Ledger
    calendar: WorkCalendar


class NamedCheck(Protocol):
    """A function whose name and first sentence people read."""

    __name__: str


class _MomentCheck(NamedCheck, Protocol):
    def __call__(self, moment: Moment, /) -> str | None: ...


class RestCheck(NamedCheck, Protocol):
    """A check of a case in which nothing is due any more."""

    def __call__(self, case: Case, ledger: Ledger, calendar: WorkCalendar, /) -> str | None:
        """Say what is wrong."""


# --- at the moment of an event -----------------------------------------------------------------


def granted_is_never_rolled_back(moment: Moment) -> str | None:
    """A granted act stands, whatever comes later; only its department revokes it, by name."""
    if moment.before is None:
        return None
    for name, before in moment.before.sub_cases.items():
        after = moment.after.sub_cases[name]
        if before is not after and before.status == "granted" and after.status != "granted":
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


def nothing_is_handed_out_too_early(moment: Moment) -> str | None:
    """The bundle is sealed when every step that it waits for is decided, and one is granted."""
    event = moment.event
    if not isinstance(event, BundleIssued) or moment.before is None:
        return None
    waited = [one for one in moment.before.sub_cases.values() if one.spec.kind in _HANDED_OUT]
    for sub in waited:
        step = moment.ledger.steps.get(sub.id)
        is_open = step is not None and step.state in _UNDECIDED
        is_unsigned = sub.id in moment.ledger.unsigned
        is_undecided = sub.status in _UNDECIDED or (is_open and not is_unsigned)
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
        if sub.status in _UNDECIDED and sub.spec.kind not in _GO_ON:
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
    return None


def silence_grants_in_time(moment: Moment) -> str | None:
    """Silence grants when the days of the law are over, counted one by one, and not earlier."""
    event = moment.event
    if not isinstance(event, DeemedGranted):
        return None
    sub = moment.after.sub_cases[event.sub_case_id]
    limit = "promised" if sub.spec.statutory_days < 0 else "statutory"
    due = _naive_due(sub, moment.ledger.steps[sub.id], limit, moment.calendar)
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
    if sub.status not in _UNDECIDED:
        return f"{sub.id}: a paper was taken over although it was {sub.status}"
    moment.ledger.unsigned.add(sub.id)
    return None


def limits_are_counted_right(moment: Moment) -> str | None:
    """A limit that is said to have passed has passed by the naive count of days, too."""
    event = moment.event
    if not isinstance(event, DeadlinePassed):
        return None
    sub = moment.after.sub_cases[event.sub_case_id]
    due = _naive_due(sub, moment.ledger.steps[sub.id], str(event.limit), moment.calendar)
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
            naive = _naive_due(sub, ledger.steps[sub.id], limit, calendar)
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
_UNDECIDED: Final = frozenset(
    {
        "waiting",
        "filing",
        "received",
        "accepted",
        "correction_requested",
        "suspended",
        "granted_pending_material",
    }
)
_NOTHING: Final = NaiveStep(pauses_for_corrections=False)

AT_THE_MOMENT: Final[Mapping[type, tuple[_MomentCheck, ...]]] = {
    DepartmentReported: (departments_are_heard_in_order, granted_is_never_rolled_back),
    MessagesPrepared: (unknown_is_never_tried_anew, nothing_is_filed_without_consent),
    ConsentEnded: (nothing_is_filed_without_consent,),
    ConsentRecorded: (nothing_is_filed_without_consent,),
    BundleIssued: (nothing_is_handed_out_too_early,),
    CaseConcluded: (a_closed_case_is_decided, granted_is_never_rolled_back),
    DeemedAccepted: (silence_is_counted_right,),
    DeadlinePassed: (limits_are_counted_right,),
    DeemedGranted: (silence_grants_in_time,),
    OutcomeAdopted: (paper_counts_only_in_doubt, granted_is_never_rolled_back),
    CaseOpened: (),
}
"""Which checks an event of each kind asks for; others are asked whether what was granted stands."""

CLOCKS: Final[tuple[RestCheck, ...]] = (clocks_agree_with_the_naive_count,)
"""What is asked whenever a case has moved."""
WAITS: Final[tuple[RestCheck, ...]] = (every_wait_has_a_way_out,)
"""What is asked at the end of each day on which a case has moved."""
AT_REST: Final = (*CLOCKS, *WAITS)


def described(check: NamedCheck) -> tuple[str, str]:
    """Return the name of a check as people see it, and its sentence."""
    words = " ".join((check.__doc__ or "").split("\n\n")[0].split())
    return check.__name__.replace("_", "-"), words


def _naive(sub: SubCase) -> NaiveStep:
    return NaiveStep(pauses_for_corrections=sub.spec.correction == "pause")


def _naive_due(sub: SubCase, step: NaiveStep, limit: str, calendar: WorkCalendar) -> date | None:
    spec = sub.spec
    if spec.kind == "follow_up" and sub.course.clock_from is not None:
        step = replace(step, accepted_on=legal_day(sub.course.clock_from))  # nobody accepts it
    if limit == "promised":
        days, unit = spec.promised_days, spec.promised_unit
    else:
        days, unit = spec.statutory_days, spec.statutory_unit
    return None if days < 0 else step.due(calendar, days, unit)
