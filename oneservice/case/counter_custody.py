"""The chain of custody of originals: no gap, no original in two hands, none that nobody has.

Every hand-over names who gives and who takes. Who gives must be who held it last, and the table
``MOVES`` says who may give to whom; so the chain from the applicant and back has no hole by
construction. Telling the same hand-over twice changes nothing.
"""

from __future__ import annotations

from oneservice.case.counter_checks import be_there, refusal, require_holder, require_label
from oneservice.case.counter_events import (
    LossSettled,
    OriginalMoved,
    OriginalReturned,
    OriginalTaken,
)
from oneservice.case.counter_inputs import (
    MoveOriginal,
    ReturnOriginal,
    SettleLoss,
    TakeOriginal,
)
from oneservice.case.counter_state import Hand, Original
from oneservice.case.counter_terms import (
    MOVES,
    WITH_APPLICANT,
    CaseChannel,
    Holder,
    HolderKind,
    VisitPurpose,
)
from oneservice.case.draft import Draft

__all__ = [
    "held_by",
    "move_original",
    "require_move",
    "return_original",
    "settle_loss",
    "take_original",
]


def take_original(draft: Draft, given: TakeOriginal) -> None:
    """Begin the chain of an original."""
    require_label(draft, "original", given.original)
    require_label(draft, "place", given.place)
    _require_seal(draft, given.seal_no)
    require_holder(draft, "taker", given.taker)
    if given.channel not in (CaseChannel.WINDOW, CaseChannel.POST):
        raise refusal(draft, "an original is taken in at a window, or comes by post")
    require_move(draft, WITH_APPLICANT, given.taker)
    known = draft.case.counter.original(given.original)
    if known is not None:
        if _is_told_again(known, given):
            return
        what = f"the label {given.original} is on another original already; use a fresh one"
        raise refusal(draft, what)
    draft.add(
        OriginalTaken(
            at=given.at,
            original=given.original,
            material=given.material,
            description=given.description,
            taker=given.taker,
            channel=given.channel,
            place=given.place,
            by=given.by,
            seal_no=given.seal_no,
        )
    )
    be_there(
        draft,
        at=given.at,
        channel=given.channel,
        place=given.place,
        purpose=VisitPurpose.HAND_IN,
        by=given.by,
    )


def move_original(draft: Draft, given: MoveOriginal) -> None:
    """Record a hand-over between staff, or into the archive."""
    require_label(draft, "place", given.place)
    _require_seal(draft, given.seal_no)
    require_holder(draft, "giver", given.giver)
    require_holder(draft, "taker", given.taker)
    original = _known(draft, given.original)
    told = (given.giver, given.taker, given.place, given.by, given.seal_no)
    if told == _as_told(original.chain[-1]):
        return
    if given.taker.kind is HolderKind.APPLICANT:
        raise refusal(draft, "to the applicant it is returned, with a receipt: ReturnOriginal")
    _require_no_courier(draft, given.giver, given.taker)
    held_by(draft, original, given.giver)
    require_move(draft, given.giver, given.taker)
    if given.giver == given.taker:
        raise refusal(draft, f"{given.taker} has {original.id} already")
    draft.add(
        OriginalMoved(
            at=given.at,
            original=original.id,
            giver=given.giver,
            taker=given.taker,
            place=given.place,
            by=given.by,
            seal_no=given.seal_no,
        )
    )


def return_original(draft: Draft, given: ReturnOriginal) -> None:
    """Record that the applicant has it back, in person."""
    require_label(draft, "place", given.place)
    _require_seal(draft, given.seal_no)
    require_holder(draft, "giver", given.giver)
    original = _known(draft, given.original)
    told = (given.giver, WITH_APPLICANT, given.place, given.by, given.seal_no)
    if told == _as_told(original.chain[-1]):
        return
    _require_no_courier(draft, given.giver)
    held_by(draft, original, given.giver)
    require_move(draft, given.giver, WITH_APPLICANT)
    draft.add(
        OriginalReturned(
            at=given.at,
            original=original.id,
            giver=given.giver,
            place=given.place,
            by=given.by,
            receipt=given.receipt,
            seal_no=given.seal_no,
        )
    )
    be_there(
        draft,
        at=given.at,
        channel=CaseChannel.WINDOW,
        place=given.place,
        purpose=VisitPurpose.COLLECT_ORIGINAL,
        by=given.by,
    )


def settle_loss(draft: Draft, given: SettleLoss) -> None:
    """Record what the applicant got for an original that is lost."""
    original = _known(draft, given.original)
    if not original.is_lost or original.settled is not None:
        raise refusal(draft, f"{original.id} is not lost, or its loss is settled already")
    draft.add(
        LossSettled(at=given.at, original=original.id, how=given.how, why=given.why, by=given.by)
    )


def held_by(draft: Draft, original: Original, giver: Holder) -> None:
    """Refuse a hand-over by somebody who does not have the original.

    Raises:
        IllegalInputError: it names who has it, so that the gap can be closed first.
    """
    if original.holder != giver:
        what = f"{original.id} is with {original.holder}, so {giver} cannot hand it over"
        raise refusal(draft, f"{what}; record the hand-over between them first")


def require_move(draft: Draft, giver: Holder, taker: Holder) -> None:
    """Refuse a hand-over that the table of moves does not know.

    Raises:
        IllegalInputError: it names who may take it.
    """
    if taker.kind not in MOVES[giver.kind]:
        names = ", ".join(sorted(MOVES[giver.kind])) or "nobody"
        raise refusal(draft, f"from {giver.kind} an original goes to {names}, not to {taker.kind}")


def _require_no_courier(draft: Draft, *holders: Holder) -> None:
    if any(one.kind is HolderKind.COURIER for one in holders):
        raise refusal(draft, "with a courier it travels in a parcel: HandToCourier, CourierTold")


def _known(draft: Draft, label: str) -> Original:
    original = draft.case.counter.original(label)
    if original is None:
        raise refusal(draft, f"no original {label[:60]!r} was taken in for this case")
    return original


def _require_seal(draft: Draft, seal_no: str | None) -> None:
    if seal_no is not None:
        require_label(draft, "seal_no", seal_no)


def _as_told(hand: Hand) -> tuple[object, ...]:
    return hand.giver, hand.taker, hand.place, hand.by, hand.seal_no


def _is_told_again(known: Original, given: TakeOriginal) -> bool:
    told = (WITH_APPLICANT, given.taker, given.place, given.by, given.seal_no)
    same = (known.material, known.description) == (given.material, given.description)
    return same and len(known.chain) == 1 and _as_told(known.chain[0]) == told
