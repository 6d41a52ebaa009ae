"""What leaves for another region is noted for the person first, and what that region refuses too.

The counterpart of what a region's office notes of others (:mod:`oneservice.federation`): so a
person reads on both sides of the border what went across. Steps of this region's own offices are
in the case, and need no note.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from oneservice.canonical import parse_object, write_instant
from oneservice.case import Applicant, Deliver, DeliveryDidFail, Input
from oneservice.engine.access_log import AccessEntry, AccessLog
from oneservice.errors import IllegalInputError
from oneservice.ports import Clock, Store
from oneservice.runtimes import HotCase

__all__ = ["Border"]

_log = logging.getLogger(__name__)


class Border:
    """Notes what an engine sends to the ``offices`` of other regions."""

    def __init__(self, store: Store, clock: Clock, offices: Collection[str]) -> None:
        self._store = store
        self._clock = clock
        self._offices = frozenset(offices)
        self._accesses = AccessLog(store)

    async def sending(self, hot: HotCase, command: Deliver) -> None:
        """Note what ``command`` is about to tell; after a crash the same note adds nothing.

        Raises:
            JournalError: it is not durable; then nothing may be told.
        """
        if command.department not in self._offices or command.message == "withdrawal":
            return
        body = hot.messages.get(command.request_digest)
        if body is None:
            body = await self._store.blob(hot.case.id, command.request_digest)
        entry = self._sent(command.department, body or b"{}", hot.case.thing, command.message_id)
        if command.message == "supplement":  # its body names no consents but those of evidence
            sharing = hot.case.people.sharing(command.sub_case_id, command.department)
            entry = entry if sharing is None else _on(entry, (one.id for one in sharing.consents))
        await self._note(hot.form.applicant, entry)

    async def answered(self, hot: HotCase, command: Deliver, given: Input) -> None:
        """Note that the other region refused to take what was sent; it keeps nothing of it then."""
        is_refused = isinstance(given, DeliveryDidFail) and given.effect == "refused"
        if command.department not in self._offices or not is_refused:
            return
        entry = AccessEntry(
            at=self._now(),
            by=command.department,
            kind="refused",
            purpose=hot.case.thing,
            names=(),
            reference=command.message_id,
        )
        await self._note(hot.form.applicant, entry)

    async def checking(
        self, person: Applicant, department: str, body: bytes, *, purpose: str
    ) -> None:
        """Note that ``department`` is about to be asked what it would find wanting.

        Each time is noted for itself: it has no id that both sides keep, so it is named by its
        instant.

        Raises:
            JournalError: it is not durable; then nothing may be asked.
        """
        if department in self._offices:
            reference = f"check/{write_instant(self._now())}"
            await self._note(person, self._sent(department, body, purpose, reference))

    def is_abroad(self, department: str) -> bool:
        """Say whether ``department`` is the office of another region."""
        return department in self._offices

    def _sent(self, department: str, body: bytes, purpose: str, reference: str) -> AccessEntry:
        told = parse_object(body)
        names = (*told.get("fields", ()), *(one["material"] for one in told.get("materials", ())))
        consents = [str(one["id"]) for one in told.get("consents", ())]
        return AccessEntry(
            at=self._now(),
            by=department,
            kind="sent",
            purpose=purpose,
            names=tuple(sorted(names)),
            reference=reference,
            consent=", ".join(consents),
        )

    async def asking(
        self,
        person: Applicant,
        department: str,
        evidence_type: str,
        *,
        purpose: str,
        reference: str,
        consent: str = "",
        by_law: str = "",
    ) -> None:
        """Note that evidence about ``person`` is about to be asked for.

        Raises:
            JournalError: it is not durable; then nothing may be asked.
        """
        if department not in self._offices:
            return
        entry = AccessEntry(
            at=self._now(),
            by=department,
            kind="asked",
            purpose=purpose,
            names=(evidence_type,),
            reference=reference,
            consent=consent,
            by_law=by_law,
        )
        await self._note(person, entry)

    async def _note(self, person: Applicant, entry: AccessEntry) -> None:
        try:
            await self._accesses.note(person, entry)
        except IllegalInputError as error:  # who runs an engine over such a store was told at once
            _log.warning("%s", error)

    def _now(self) -> datetime:
        instant = self._clock.now()
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _on(entry: AccessEntry, consents: Iterable[str]) -> AccessEntry:
    """Return ``entry`` as something that rests on ``consents``, too."""
    named = {one for one in entry.consent.split(", ") if one}
    return replace(entry, consent=", ".join(sorted({*named, *consents})))
