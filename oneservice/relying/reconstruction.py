"""From a recorded fact back to what somebody must have told the case: the candidates, in order.

A journal holds what followed, not what was said. Nearly every fact names enough to say it again:
a department's events lie in its report, an order in its record, and what only time brings needs
nothing but the instant. Whoever replays gives the candidates to the case once more and looks which
of them leads to just the facts that stand there. What none leads to was not decided by these rules,
or rests on something that no journal keeps (an answer that was no protocol's).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

from oneservice.canonical import Digest
from oneservice.case import (
    AdoptOutcome,
    AskCode,
    AskFreshBundle,
    AskWithdrawal,
    BulkJoined,
    BundleIssued,
    BundleSigned,
    Case,
    CaseClosed,
    CaseOpened,
    CheckAtWindow,
    CloseCase,
    CodeIssued,
    CodeMistyped,
    ConsentAwaited,
    ConsentEnded,
    ConsentRecorded,
    ConsentRefused,
    ConsentTerms,
    ConsentWanted,
    ContinuedAt,
    CourierHanded,
    CourierReported,
    CourierTold,
    EndMandate,
    Event,
    ExtendJoint,
    FileAgain,
    FiledAgain,
    FollowUpAdvanced,
    FollowUpOpened,
    FreshBundleAsked,
    GiveConsent,
    GiveMandate,
    HandToCourier,
    Input,
    JoinBulk,
    JointExtended,
    LossSettled,
    MandateEnded,
    MandateGiven,
    Migrate,
    Migrated,
    MoveOriginal,
    OpenCase,
    OriginalMoved,
    OriginalReturned,
    OriginalTaken,
    OutcomeAdopted,
    RateResult,
    Reassign,
    Reassigned,
    RecordVisit,
    RedeemCode,
    RefuseConsent,
    ReportFollowUp,
    ResultRated,
    Resume,
    RetryNow,
    RetryOrdered,
    ReturnOriginal,
    SettleLoss,
    SubCaseResumed,
    TakeOriginal,
    TimePassed,
    VisitRecorded,
    WindowChecked,
    WithdrawalAsked,
    WithdrawConsent,
)
from oneservice.plan import Plan
from oneservice.relying.exchange_causes import EXCHANGE_MAKERS

__all__ = ["Plans", "candidates"]

_T = TypeVar("_T")
Plans: TypeAlias = Mapping[Digest, Plan]
_A_MOMENT: Final = timedelta(minutes=1)
_MOST_LED_BY: Final = 12
"""Facts of one decision among which the one that names its cause is looked for."""
_MIRRORED: Final[Mapping[type, type]] = MappingProxyType(
    {
        SubCaseResumed: Resume,
        RetryOrdered: RetryNow,
        OutcomeAdopted: AdoptOutcome,
        CaseClosed: CloseCase,
        FiledAgain: FileAgain,
        JointExtended: ExtendJoint,
        FreshBundleAsked: AskFreshBundle,
        WithdrawalAsked: AskWithdrawal,
        BundleIssued: BundleSigned,
        MandateGiven: GiveMandate,
        MandateEnded: EndMandate,
        ConsentEnded: WithdrawConsent,
        ConsentRefused: RefuseConsent,
        CodeIssued: AskCode,
        VisitRecorded: RecordVisit,
        OriginalTaken: TakeOriginal,
        OriginalMoved: MoveOriginal,
        OriginalReturned: ReturnOriginal,
        CourierHanded: HandToCourier,
        CourierReported: CourierTold,
        LossSettled: SettleLoss,
        WindowChecked: CheckAtWindow,
        FollowUpAdvanced: ReportFollowUp,
    }
)
"""Facts that repeat their cause word for word."""


def candidates(case: Case | None, ahead: Sequence[Event], plans: Plans) -> Iterator[Input]:
    """Yield what may have led to the first of ``ahead``, the likeliest first.

    Args:
        case: as it stood before; ``None`` before it was opened.
        ahead: the facts that follow, in their order.
        plans: those at hand, by digest: an opening cannot be decided again without its own.
    """
    first = ahead[0]
    if case is None:
        if isinstance(first, CaseOpened) and first.plan in plans:
            yield _opening(first, ahead, plans[first.plan])
        return
    group = [one for one in ahead[:_MOST_LED_BY] if one.at == first.at]
    for one in group:  # what ran out is ended first, whoever comes
        yield from _causes(case, one, ahead, plans)
    yield TimePassed(at=first.at)


def _causes(case: Case, event: Event, ahead: Sequence[Event], plans: Plans) -> Iterator[Input]:
    mirrored = _MIRRORED.get(type(event))
    if mirrored is not None:
        yield _like(mirrored, event)
    make = _MAKERS.get(type(event))
    if make is not None:
        yield from make(case, event, ahead, plans)


def _like(kind: type[_T], event: object, **more: Any) -> _T:
    """Return an input with the members that ``event`` has under the same names."""
    names = {one.name for one in fields(kind) if one.init}  # type: ignore[arg-type]
    shared = {
        one.name: getattr(event, one.name)
        for one in fields(event)  # type: ignore[arg-type]
        if one.name in names
    }
    return kind(**(shared | more))


def _opening(event: CaseOpened, ahead: Sequence[Event], plan: Plan) -> OpenCase:
    together = [one for one in ahead if one.at == event.at]
    mandates = [one for one in together if isinstance(one, MandateGiven)]
    return OpenCase(
        at=event.at,
        plan=plan,
        form=event.form,
        by=event.by,
        why=event.why,
        consents=tuple(
            _like(ConsentTerms, one) for one in together if isinstance(one, ConsentRecorded)
        ),
        mandate=_like(GiveMandate, mandates[0]) if mandates else None,
        received=event.receipt,
        spared=event.spared,
    )


def _consented(
    case: Case, event: ConsentRecorded, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    del case
    yield GiveConsent(at=event.at, terms=_like(ConsentTerms, event), by=event.by, why=event.why)


def _mistyped(
    case: Case, event: CodeMistyped, ahead: Sequence[Event], plans: Plans
) -> Iterator[Input]:
    """Yield a wrong code: which one it was nobody keeps, and any wrong one does the same."""
    del case, ahead, plans
    yield _like(RedeemCode, event, proof="sha256:" + "0" * 64, session_until=event.at + _A_MOMENT)


def _continued(
    case: Case, event: ContinuedAt, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    code = case.counter.code
    if code is not None:
        yield _like(RedeemCode, event, proof=code.proof, session_until=event.until)


def _rated(
    case: Case, event: ResultRated, ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    del case
    opened = [one for one in ahead if isinstance(one, FollowUpOpened) and one.at == event.at]
    yield _like(RateResult, event, **({"terms": opened[0].terms} if opened else {}))


def _migrated(case: Case, event: Migrated, ahead: Sequence[Event], plans: Plans) -> Iterator[Input]:
    del case
    if event.plan in plans:
        yield _like(Migrate, event, plan=plans[event.plan], wanted=_wanted(event.at, ahead))


def _reassigned(
    case: Case, event: Reassigned, ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    del case
    yield _like(Reassign, event, wanted=_wanted(event.at, ahead))


def _wanted(at: datetime, ahead: Sequence[Event]) -> tuple[ConsentWanted, ...]:
    """Return the consents that an order of that instant found wanting."""
    return tuple(
        _like(ConsentWanted, one)
        for one in ahead[:_MOST_LED_BY]
        if isinstance(one, ConsentAwaited) and one.at == at
    )


def _in_bulk(
    case: Case, event: BulkJoined, ahead: Sequence[Event], plans: Plans
) -> Iterator[Input]:
    """Yield the order that was one of many: it is what the facts beside the bulk repeat."""
    for other in ahead[:_MOST_LED_BY]:
        if other.at != event.at or isinstance(other, BulkJoined):
            continue
        for order in _causes(case, other, ahead, plans):
            if isinstance(order, Resume | RetryNow | AdoptOutcome | Reassign | Migrate | CloseCase):
                yield JoinBulk(at=event.at, bulk=event.bulk, order=order)


_MAKERS: Final[Mapping[type, Callable[..., Iterator[Input]]]] = MappingProxyType(
    {
        **EXCHANGE_MAKERS,
        ConsentRecorded: _consented,
        CodeMistyped: _mistyped,
        ContinuedAt: _continued,
        ResultRated: _rated,
        Migrated: _migrated,
        Reassigned: _reassigned,
        BulkJoined: _in_bulk,
    }
)
"""Facts that say most of their cause, and how the rest is found."""
