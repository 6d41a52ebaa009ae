"""What every input of a counter must keep to: who may do it, and labels that name no person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from oneservice.case.actors import Actor, Role
from oneservice.case.counter_events import VisitRecorded
from oneservice.case.counter_inputs import (
    AskCode,
    CheckAtWindow,
    CounterInput,
    CourierTold,
    HandToCourier,
    MoveOriginal,
    RecordVisit,
    RedeemCode,
    ReturnOriginal,
    SettleLoss,
    TakeOriginal,
)
from oneservice.case.counter_terms import (
    IN_PERSON,
    CaseChannel,
    Holder,
    HolderKind,
    VisitPurpose,
    is_label,
)
from oneservice.case.draft import Draft
from oneservice.case.ratings_inputs import RateResult, RatingInput, ReportFollowUp
from oneservice.case.state import Case
from oneservice.errors import IllegalInputError
from oneservice.workdays import legal_day

__all__ = [
    "COUNTER_ROLES",
    "be_there",
    "mandate_problem",
    "refusal",
    "require_holder",
    "require_label",
    "role_problem",
    "whole_instant",
]

_PUBLIC: Final = frozenset({Role.APPLICANT, Role.AGENT})
_HALL: Final = frozenset({Role.WINDOW_CLERK, Role.OFFICER})
COUNTER_ROLES: Final[Mapping[type[CounterInput | RatingInput], frozenset[Role]]] = MappingProxyType(
    {
        AskCode: _PUBLIC,
        RedeemCode: _PUBLIC | {Role.WINDOW_CLERK},
        RecordVisit: _PUBLIC | _HALL,
        CheckAtWindow: _HALL,
        TakeOriginal: _HALL,
        MoveOriginal: _HALL,
        ReturnOriginal: _HALL,
        HandToCourier: _HALL,
        CourierTold: _HALL | {Role.OPERATOR, Role.ENGINE},
        SettleLoss: frozenset({Role.OFFICER, Role.OPERATOR}),
        # Staff never rate their own work, nor anybody else's (GB/T 39735: the person served rates).
        RateResult: _PUBLIC,
        ReportFollowUp: frozenset({Role.OFFICER, Role.OPERATOR}),
    }
)
"""Who may tell what."""


ACTS: Final[Mapping[type[CounterInput | RatingInput], str]] = MappingProxyType(
    {
        AskCode: "asking for a code",
        RedeemCode: "typing a code in",
        RecordVisit: "recording a visit",
        CheckAtWindow: "receiving for an office elsewhere",
        TakeOriginal: "taking an original in",
        MoveOriginal: "passing an original on",
        ReturnOriginal: "giving an original back",
        HandToCourier: "handing a parcel to a courier",
        CourierTold: "telling news of a parcel",
        SettleLoss: "settling a loss",
        RateResult: "rating a result",
        ReportFollowUp: "following a bad rating up",
    }
)
"""What each of them is called to the people whom a refusal reaches."""


def refusal(draft: Draft, what: str) -> IllegalInputError:
    """Return the refusal of an input: what is wrong, and what to do."""
    return IllegalInputError(f"case {draft.case.id}: {what}", status=str(draft.case.status))


def role_problem(given: CounterInput | RatingInput) -> str | None:
    """Say why whoever gives ``given`` may not; ``None``: the role may."""
    allowed = COUNTER_ROLES[type(given)]
    by: Actor = given.by
    if by.role not in allowed:
        names = ", ".join(sorted(allowed))
        return f"{ACTS[type(given)]} is not for the role {by.role}, but for {names}"
    if not isinstance(given, (RedeemCode, RecordVisit)) or by.role not in _PUBLIC:
        return None
    if given.channel is CaseChannel.KIOSK:
        return None
    return f"at the channel {given.channel} a clerk acts, so name the clerk"


def mandate_problem(case: Case, given: CounterInput | RatingInput) -> str | None:
    """Say why an agent may not give ``given`` for the applicant; ``None``: the mandate covers it.

    A code that an agent redeems was given out to whom the case belongs, and is proof enough.
    """
    by: Actor = given.by
    if by.role is not Role.AGENT or isinstance(given, RedeemCode):
        return None
    mandate = case.people.mandate(by.mandate)
    if mandate is None or mandate.agent != by.id or not mandate.is_alive(given.at):
        return "the case holds no living mandate of this agent; have the applicant give one"
    if isinstance(given, AskCode) and (mandate.actions or mandate.sub_case_ids):
        # Behind a code a clerk acts, whom no mandate holds back.
        return f"a code opens the whole case, and the mandate {mandate.id} is for a part of it"
    if not isinstance(given, RateResult):
        return None
    if mandate.actions or (mandate.sub_case_ids and given.sub_case_id not in mandate.sub_case_ids):
        return f"the mandate {mandate.id} does not cover rating {given.sub_case_id}"
    return None


_CARRIERS: Final = frozenset({"tracking", "seal_no"})
"""Labels that are not of our own lists: waybills are as long as a telephone number, or longer."""


def require_label(draft: Draft, name: str, text: str) -> None:
    """Refuse what cannot name a place, a seal, a paper or a parcel; the text is not repeated.

    Raises:
        IllegalInputError: ``text`` is no label.
    """
    if not is_label(text, is_carriers=name in _CARRIERS):
        what = f"'{name}' must be a label of your own lists: 1 to 48 letters, digits, '.', '_', '/'"
        raise refusal(draft, f"{what} and '-', and no person's number")


def require_holder(draft: Draft, name: str, holder: Holder) -> None:
    """Refuse a holder that nobody could find again.

    Raises:
        IllegalInputError: the applicant with an id, or anybody else without one.
    """
    if holder.kind is not HolderKind.APPLICANT:
        require_label(draft, f"{name}.id", holder.id)
    elif holder.id:
        raise refusal(draft, f"'{name}': the applicant has no id; a case knows one only")


def be_there(
    draft: Draft,
    *,
    at: datetime,
    channel: CaseChannel,
    place: str,
    purpose: VisitPurpose,
    by: Actor,
) -> None:
    """Record the journey that an act in person proves, unless it is recorded already.

    Acts at one place on one day are one journey: so nobody's trip is forgotten, and none counts
    twice.
    """
    if channel not in IN_PERSON:
        return
    day = legal_day(at)
    visits = draft.case.counter.visits
    if not any(one.place == place and legal_day(one.at) == day for one in visits):
        draft.add(VisitRecorded(at=at, channel=channel, place=place, purpose=purpose, by=by))


def whole_instant(draft: Draft, name: str, instant: datetime) -> datetime:
    """Return ``instant`` in whole milliseconds, as journals keep it.

    Raises:
        IllegalInputError: it has no zone, so it is no instant.
    """
    if instant.utcoffset() is None:
        raise refusal(draft, f"'{name}' has no zone, so it is no instant; give it one")
    return instant - timedelta(microseconds=instant.microsecond % 1000)
