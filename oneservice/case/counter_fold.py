"""What a recorded fact of the counter means. It is total: what was recorded is never refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias, assert_never

from oneservice.case.changing import changed
from oneservice.case.counter_events import (
    CodeExpired,
    CodeIssued,
    CodeMistyped,
    ContinuedAt,
    CounterEvent,
    CourierHanded,
    CourierReported,
    LossSettled,
    OriginalMoved,
    OriginalReturned,
    OriginalTaken,
    ParcelOverdue,
    VisitRecorded,
    WindowChecked,
)
from oneservice.case.counter_state import (
    CODE_TRIES,
    CaseSession,
    Counter,
    Hand,
    LiveCode,
    Original,
    Parcel,
    Visit,
    WindowCheck,
)
from oneservice.case.counter_terms import WITH_APPLICANT, Holder, HolderKind, ParcelState
from oneservice.case.ratings_events import RatingEvent
from oneservice.case.ratings_fold import fold_rating

__all__ = ["CounterFact", "fold_counter"]

CounterFact: TypeAlias = CounterEvent | RatingEvent
"""Every fact that moves :class:`Counter`; the other facts of a case leave it alone."""


def fold_counter(counter: Counter, event: CounterFact) -> Counter:
    """Return ``counter`` with one more fact."""
    match event:
        case CodeIssued() | CodeMistyped() | CodeExpired() | ContinuedAt():
            return _code(counter, event)
        case VisitRecorded():
            return changed(counter, visits=(*counter.visits, _visit(event)))
        case WindowChecked():
            return changed(counter, window_checks=(*counter.window_checks, _checked(event)))
        case OriginalTaken():
            return changed(counter, originals=(*counter.originals, _taken(event)))
        case OriginalMoved():
            hand = _hand(event, event.giver, event.taker)
            return _handed(counter, [event.original], hand, parcel=None)
        case OriginalReturned():
            hand = _hand(event, event.giver, WITH_APPLICANT)
            return _handed(counter, [event.original], hand, parcel=None)
        case CourierHanded():
            return _courier_handed(counter, event)
        case CourierReported():
            return _courier_reported(counter, event)
        case ParcelOverdue():
            return _with_parcel(counter, event.parcel, is_overdue=True)
        case LossSettled():
            return _with_originals(counter, [event.original], settled=event.how)
        case _:
            return changed(counter, ratings=fold_rating(counter.ratings, event))


def _code(
    counter: Counter, event: CodeIssued | CodeMistyped | CodeExpired | ContinuedAt
) -> Counter:
    match event:
        case CodeIssued():
            live = LiveCode(
                number=event.number,
                locator=event.locator,
                proof=event.proof,
                channel=event.channel,
                expires_at=event.expires_at,
            )
            return changed(counter, codes=event.number, code=live)
        case CodeMistyped():
            return changed(counter, code=_mistyped(counter.code))
        case CodeExpired():
            return changed(counter, code=None)
        case ContinuedAt():
            session = CaseSession(
                number=event.number,
                channel=event.channel,
                place=event.place,
                by=event.by,
                since=event.at,
                until=event.until,
            )
            return changed(counter, code=None, sessions=(*counter.sessions, session))
    assert_never(event)


def _mistyped(code: LiveCode | None) -> LiveCode | None:
    if code is None or code.wrong_tries + 1 >= CODE_TRIES:
        return None
    return changed(code, wrong_tries=code.wrong_tries + 1)


def _visit(event: VisitRecorded) -> Visit:
    return Visit(
        at=event.at,
        channel=event.channel,
        place=event.place,
        purpose=event.purpose,
        by=event.by,
        ticket=event.ticket,
    )


def _checked(event: WindowChecked) -> WindowCheck:
    return WindowCheck(
        at=event.at,
        sub_case_ids=event.sub_case_ids,
        region=event.region,
        place=event.place,
        identity=event.identity,
        by=event.by,
        wanting=event.wanting,
        forward_by=event.forward_by,
    )


def _taken(event: OriginalTaken) -> Original:
    return Original(
        id=event.original,
        material=event.material,
        description=event.description,
        chain=(_hand(event, WITH_APPLICANT, event.taker),),
    )


def _hand(
    event: OriginalTaken | OriginalMoved | OriginalReturned | CourierHanded,
    giver: Holder,
    taker: Holder,
) -> Hand:
    return Hand(
        at=event.at,
        giver=giver,
        taker=taker,
        place=event.place,
        by=event.by,
        seal_no=event.seal_no,
    )


def _courier_handed(counter: Counter, event: CourierHanded) -> Counter:
    parcel = Parcel(
        id=f"{event.carrier}:{event.tracking}",
        carrier=event.carrier,
        tracking=event.tracking,
        content=event.content,
        seal_no=event.seal_no,
        giver=event.giver,
        taker=event.taker,
        handed_at=event.at,
        originals=event.originals,
        results=event.results,
    )
    hand = _hand(event, event.giver, Holder(kind=HolderKind.COURIER, id=event.carrier))
    counter = changed(counter, parcels=(*counter.parcels, parcel))
    return _handed(counter, event.originals, hand, parcel=parcel.id)


def _courier_reported(counter: Counter, event: CourierReported) -> Counter:
    parcel = counter.parcel(event.parcel)
    if parcel is None:
        return counter
    found = parcel.found if event.content is None else event.content
    counter = _with_parcel(
        counter, parcel.id, state=event.news, news_at=event.happened_at, found=found
    )
    inside = parcel.originals
    match event.news:
        case ParcelState.DELIVERED | ParcelState.SENT_BACK:
            arrived = event.news is ParcelState.DELIVERED
            hand = Hand(
                at=event.at,
                giver=Holder(kind=HolderKind.COURIER, id=parcel.carrier),
                taker=parcel.taker if arrived else parcel.giver,
                place=event.place,
                by=event.by,
                seal_no=parcel.seal_no,
            )
            return _handed(counter, inside, hand, parcel=None)
        case ParcelState.LOST:
            return _with_originals(counter, inside, is_lost=True)
        case ParcelState.HANDED | ParcelState.IN_TRANSIT:
            return _with_originals(counter, inside, is_lost=False)
    assert_never(event.news)


def _handed(counter: Counter, names: Iterable[str], hand: Hand, *, parcel: str | None) -> Counter:
    wanted = set(names)
    return changed(
        counter,
        originals=tuple(
            changed(one, chain=(*one.chain, hand), parcel=parcel, is_lost=False)
            if one.id in wanted
            else one
            for one in counter.originals
        ),
    )


def _with_originals(counter: Counter, names: Iterable[str], **changes: Any) -> Counter:
    wanted = set(names)
    return changed(
        counter,
        originals=tuple(
            changed(one, **changes) if one.id in wanted else one for one in counter.originals
        ),
    )


def _with_parcel(counter: Counter, name: str, **changes: Any) -> Counter:
    return changed(
        counter,
        parcels=tuple(
            changed(one, **changes) if one.id == name else one for one in counter.parcels
        ),
    )
