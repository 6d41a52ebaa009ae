"""Originals and parcels: ``engine.counter.papers``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import (
    Actor,
    Case,
    CaseChannel,
    CourierTold,
    HandToCourier,
    Holder,
    Input,
    MoveOriginal,
    ParcelState,
    ReturnOriginal,
    SettleLoss,
    TakeOriginal,
)
from oneservice.engine.counter_notes import note
from oneservice.errors import IllegalInputError
from oneservice.runtimes import Driver, Mail

__all__ = ["Papers"]


class Papers:
    """The chain of custody of originals, from the applicant's hands back into them."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def take(
        self,
        case_id: str,
        original: str,
        *,
        material: str,
        description: str,
        taker: Holder,
        place: str,
        by: Actor,
        channel: CaseChannel = CaseChannel.WINDOW,
        seal_no: str | None = None,
    ) -> Case:
        """Record that an original paper was taken in; from here on its every hand is known.

        Args:
            case_id: which case.
            original: the label that was put on it, unique in the case.
            material: id of the material of the plan that it is.
            description: what the receipt says of it.
            taker: the window or officer who has it now.
            place: where.
            by: the clerk or officer.
            channel: ``window``, or ``post`` where it came by mail.
            seal_no: of the bag that it was put into, if any.

        Raises:
            IllegalInputError: the plan has no such material, or the label is taken.
        """
        hot = await self._driver.hot(case_id)
        if material not in {one.id for one in hot.plan.materials}:
            msg = f"case {case_id}: its plan has no material {material[:60]!r}"
            raise IllegalInputError(msg, status=str(hot.case.status))
        digest, blobs = note(description, hot.secret)
        given = TakeOriginal(
            at=self._driver.now(),
            original=original,
            material=material,
            description=digest,
            taker=taker,
            channel=channel,
            place=place,
            by=by,
            seal_no=seal_no,
        )
        return await self._told(case_id, given, blobs)

    async def move(
        self,
        case_id: str,
        original: str,
        *,
        giver: Holder,
        taker: Holder,
        place: str,
        by: Actor,
        seal_no: str | None = None,
    ) -> Case:
        """Record that an original went from hand to hand, or into the archive.

        Raises:
            IllegalInputError: ``giver`` does not have it (the message says who does), or hands it
                to somebody to whom it may not go.
        """
        given = MoveOriginal(
            at=self._driver.now(),
            original=original,
            giver=giver,
            taker=taker,
            place=place,
            by=by,
            seal_no=seal_no,
        )
        return await self._told(case_id, given)

    async def give_back(
        self,
        case_id: str,
        original: str,
        *,
        giver: Holder,
        place: str,
        by: Actor,
        receipt: bytes | None = None,
        seal_no: str | None = None,
    ) -> Case:
        """Record that the applicant has an original back; ``receipt`` is what was signed for it.

        Raises:
            IllegalInputError: ``giver`` does not have it.
        """
        digest = digest_bytes(receipt) if receipt is not None else None
        given = ReturnOriginal(
            at=self._driver.now(),
            original=original,
            giver=giver,
            place=place,
            by=by,
            receipt=digest,
            seal_no=seal_no,
        )
        blobs = {digest: receipt} if digest is not None and receipt is not None else {}
        return await self._told(case_id, given, blobs)

    async def send(
        self,
        case_id: str,
        *,
        carrier: str,
        tracking: str,
        content: bytes,
        seal_no: str,
        giver: Holder,
        taker: Holder,
        place: str,
        by: Actor,
        originals: Iterable[str] = (),
        results: Iterable[str] = (),
    ) -> Case:
        """Record that a sealed parcel was handed to a carrier.

        Args:
            case_id: which case.
            carrier: label of the carrier.
            tracking: its number of the parcel.
            content: the list of what is inside, as it lies in the parcel.
            seal_no: number of the seal.
            giver: the window or officer who hands it over.
            taker: for whom it is: the applicant, or another window.
            place: where it was handed over.
            by: who did.
            originals: labels of the originals inside.
            results: ids of the sub-cases whose paper results are inside.

        Raises:
            IllegalInputError: ``giver`` does not have one of the originals, a result is not
                granted, or nothing is inside.
        """
        given = HandToCourier(
            at=self._driver.now(),
            carrier=carrier,
            tracking=tracking,
            content=digest_bytes(content),
            seal_no=seal_no,
            giver=giver,
            taker=taker,
            place=place,
            by=by,
            originals=tuple(originals),
            results=tuple(results),
        )
        return await self._told(case_id, given, {given.content: content})

    async def courier_told(
        self,
        case_id: str,
        parcel: str,
        news: ParcelState,
        *,
        happened_at: datetime,
        by: Actor,
        place: str = "",
        content: bytes | None = None,
    ) -> Case:
        """Record what a carrier told of ``parcel`` (``CARRIER:TRACKING``).

        ``content`` is the list of what was found inside, where somebody opened it and looked; where
        it differs from the one that was sealed in, a finding says so.

        Raises:
            IllegalInputError: no such parcel, or news that cannot follow what is known.
        """
        given = CourierTold(
            at=self._driver.now(),
            parcel=parcel,
            news=news,
            happened_at=happened_at,
            by=by,
            place=place,
            content=digest_bytes(content) if content is not None else None,
        )
        blobs = {given.content: content} if given.content and content is not None else {}
        return await self._told(case_id, given, blobs)

    async def settle_loss(
        self,
        case_id: str,
        original: str,
        *,
        how: Literal["replaced", "compensated", "waived"],
        why: str,
        by: Actor,
    ) -> Case:
        """Record how the loss of an original was settled with the applicant.

        Raises:
            IllegalInputError: it is not lost, or settled already.
        """
        hot = await self._driver.hot(case_id)
        digest, blobs = note(why, hot.secret)
        given = SettleLoss(at=self._driver.now(), original=original, how=how, why=digest, by=by)
        return await self._told(case_id, given, blobs)

    async def _told(
        self, case_id: str, given: Input, blobs: Mapping[Digest, bytes] | None = None
    ) -> Case:
        return await self._driver.give(Mail(inputs=((case_id, given),), blobs=blobs or {}))
