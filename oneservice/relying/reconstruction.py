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
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, TypeVar

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
    ClockDiffered,
    CloseCase,
    CodeIssued,
    CodeMistyped,
    ConsentEnded,
    ConsentRecorded,
    ConsentRefused,
    ConsentTerms,
    ContinuedAt,
    CourierHanded,
    CourierReported,
    CourierTold,
    DeliveryDidFail,
    DeliveryFailed,
    DeliveryReset,
    DepartmentReported,
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
    HeadSeen,
    Input,
    JoinBulk,
    JointExtended,
    LossSettled,
    MandateEnded,
    MandateGiven,
    MessagesComposed,
    MessagesPrepared,
    Migrate,
    Migrated,
    MoveOriginal,
    NotFoundThere,
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
    ReportDidFail,
    ReportFollowUp,
    ReportRefused,
    ResultRated,
    Resume,
    RetryNow,
    RetryOrdered,
    ReturnOriginal,
    SettleLoss,
    StatusRead,
    SubCaseResumed,
    SupplementGiven,
    TakeOriginal,
    TimePassed,
    VisitRecorded,
    WindowChecked,
    WithdrawalAsked,
    WithdrawConsent,
)
from oneservice.plan import Plan

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
        Reassigned: Reassign,
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


def _told(
    case: Case, event: DepartmentReported, ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    sub = case.sub_cases.get(event.sub_case_id)
    last = event.events[-1]
    differs = [
        one
        for one in ahead
        if isinstance(one, ClockDiffered) and one.sub_case_id == event.sub_case_id
    ]
    clock = differs[0].said if differs and differs[0].at == event.at else None
    for is_fresh in (True, False):
        yield StatusRead(
            at=event.at,
            sub_case_id=event.sub_case_id,
            submission_id=last.submission_id,
            state=None,
            head_seq=last.seq,
            head_digest=last.digest,
            events=event.events,
            is_fresh_read=is_fresh,
            held=0 if sub is None else len(sub.digests),
            clock_due_on=None if clock is None else str(clock),
        )


def _head_seen(
    case: Case, event: HeadSeen, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    sub = case.sub_cases.get(event.sub_case_id)
    if sub is None or sub.submission is None:
        return
    yield StatusRead(
        at=event.at,
        sub_case_id=event.sub_case_id,
        submission_id=sub.submission.submission_id,
        state=None,
        head_seq=event.head_seq,
        head_digest=None,
        events=(),
        held=len(sub.digests),
    )


def _prepared(
    case: Case, event: MessagesPrepared, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    for message in event.messages:
        if message.message == "supplement":
            sub = case.sub_cases.get(message.sub_case_id)
            promised = () if sub is None else tuple(one.material for one in sub.course.promises)
            yield SupplementGiven(
                at=event.at,
                sub_case_id=message.sub_case_id,
                correction_id=message.answers,
                supplement_id=message.message_id,
                request_digest=message.request_digest,
                materials=promised if message.answers is None else (),
                by=event.by,
                why=event.why,
            )
    yield MessagesComposed(at=event.at, messages=event.messages)


def _failed(
    case: Case, event: DeliveryFailed, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    del case
    effects: tuple[Literal["none", "unknown", "refused"], ...] = ("none", "unknown", "refused")
    for effect in (one for one in effects if one == event.effect):
        for wait in _waits(event):
            for is_contract in (False, True):
                yield DeliveryDidFail(
                    at=event.at,
                    sub_case_id=event.sub_case_id,
                    message_id=event.message_id,
                    effect=effect,
                    problem=event.problem,
                    retry_after_s=wait,
                    is_contract=is_contract,
                )


def _unreported(
    case: Case, event: ReportRefused, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    del case
    for wait in _waits(event):
        for is_contract in (True, False):
            yield ReportDidFail(
                at=event.at,
                sub_case_id=event.sub_case_id,
                problem=event.problem,
                is_contract=is_contract,
                retry_after_s=wait,
            )


def _waits(event: DeliveryFailed | ReportRefused) -> tuple[int, ...]:
    """Return what a department may have asked to wait, in seconds."""
    if event.not_before is None:
        return (0,)
    return 0, int((event.not_before - event.at).total_seconds())


def _reset(
    case: Case, event: DeliveryReset, _ahead: Sequence[Event], _plans: Plans
) -> Iterator[Input]:
    sub = case.sub_cases.get(event.sub_case_id)
    if sub is None:
        return
    found = {one.submission_id for one in sub.deliveries}
    for name in sorted(found):
        yield NotFoundThere(
            at=event.at, sub_case_id=sub.id, submission_id=name, held=len(sub.digests)
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


def _migrated(
    case: Case, event: Migrated, _ahead: Sequence[Event], plans: Plans
) -> Iterator[Input]:
    del case
    if event.plan in plans:
        yield _like(Migrate, event, plan=plans[event.plan])


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
        DepartmentReported: _told,
        HeadSeen: _head_seen,
        MessagesPrepared: _prepared,
        DeliveryFailed: _failed,
        ReportRefused: _unreported,
        DeliveryReset: _reset,
        ConsentRecorded: _consented,
        CodeMistyped: _mistyped,
        ContinuedAt: _continued,
        ResultRated: _rated,
        Migrated: _migrated,
        BulkJoined: _in_bulk,
    }
)
"""Facts that say most of their cause, and how the rest is found."""
