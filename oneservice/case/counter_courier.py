"""Parcels: sealed, named by carrier and tracking number, followed until they arrive or are lost."""

from __future__ import annotations

from oneservice.case.counter_checks import (
    refusal,
    require_holder,
    require_label,
    whole_instant,
)
from oneservice.case.counter_custody import held_by, require_move
from oneservice.case.counter_events import CourierHanded, CourierReported
from oneservice.case.counter_inputs import CourierTold, HandToCourier
from oneservice.case.counter_state import Parcel
from oneservice.case.counter_terms import NEWS, Holder, HolderKind, ParcelState
from oneservice.case.draft import Draft

__all__ = ["courier_told", "hand_to_courier"]


def hand_to_courier(draft: Draft, given: HandToCourier) -> None:
    """Record a parcel; everything in it is with the carrier from here on."""
    for name in ("carrier", "tracking", "seal_no", "place"):
        require_label(draft, name, getattr(given, name))
    require_holder(draft, "giver", given.giver)
    require_holder(draft, "taker", given.taker)
    known = draft.case.counter.parcel(f"{given.carrier}:{given.tracking}")
    if known is not None:
        if _is_told_again(known, given):
            return
        what = f"the tracking number {given.tracking} is another parcel's; look at the label"
        raise refusal(draft, what)
    courier = Holder(kind=HolderKind.COURIER, id=given.carrier)
    require_move(draft, given.giver, courier)
    require_move(draft, courier, given.taker)
    _require_content(draft, given)
    draft.add(
        CourierHanded(
            at=given.at,
            carrier=given.carrier,
            tracking=given.tracking,
            content=given.content,
            seal_no=given.seal_no,
            giver=given.giver,
            taker=given.taker,
            place=given.place,
            by=given.by,
            originals=given.originals,
            results=given.results,
        )
    )


def courier_told(draft: Draft, given: CourierTold) -> None:
    """Record the carrier's news; the same news twice, or out of order, changes nothing."""
    if given.place:
        require_label(draft, "place", given.place)
    happened_at = whole_instant(draft, "happened_at", given.happened_at)
    parcel = draft.case.counter.parcel(given.parcel)
    if parcel is None:
        raise refusal(draft, f"no parcel {given.parcel[:100]!r} was handed out for this case")
    told = (given.news, happened_at, given.content or parcel.found)
    if told == (parcel.state, parcel.news_at, parcel.found):
        return
    is_late = parcel.news_at is not None and happened_at < parcel.news_at
    if is_late and given.news is ParcelState.IN_TRANSIT:
        return  # carriers' feeds repeat themselves; what is known already is later
    if given.news not in NEWS[parcel.state]:
        raise refusal(draft, f"{parcel.id} is {parcel.state}; it cannot be {given.news} any more")
    draft.add(
        CourierReported(
            at=given.at,
            parcel=parcel.id,
            news=given.news,
            happened_at=happened_at,
            by=given.by,
            place=given.place,
            content=given.content,
        )
    )


def _require_content(draft: Draft, given: HandToCourier) -> None:
    if not given.originals and not given.results:
        raise refusal(draft, "an empty parcel is no leg of this case; name what is in it")
    if len(set(given.originals)) != len(given.originals):
        raise refusal(draft, "an original is in the parcel once only")
    for label in given.originals:
        original = draft.case.counter.original(label)
        if original is None:
            raise refusal(draft, f"no original {label[:60]!r} was taken in for this case")
        held_by(draft, original, given.giver)
    for name in given.results:
        if not draft.sub_case(name).is_granted:
            raise refusal(draft, f"{name} is not granted, so there is no result to send")


def _is_told_again(known: Parcel, given: HandToCourier) -> bool:
    told = (given.content, given.seal_no, given.giver, given.taker, given.originals, given.results)
    return told == (
        known.content,
        known.seal_no,
        known.giver,
        known.taker,
        known.originals,
        known.results,
    )
