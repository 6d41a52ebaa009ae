"""Who beyond this region was told what of a person, when, for what, on whose leave.

The log holds names of data and never a value, and finds a person by a pseudonym that only this
store can make. It is written before anything leaves, so that it may tell of an answer that got
lost on its way, and never lacks one that arrived. The person may read all of it.

References:
    Personal Information Protection Law art. 44, 45 and 51 (to know, to look, to keep records).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from oneservice.canonical import canonical, digest, parse_object, read_instant, write_instant
from oneservice.case import Applicant
from oneservice.errors import IllegalInputError
from oneservice.ports import Pseudonyms, Store

__all__ = ["AccessEntry", "AccessLog"]

_NOTE: Final = "access:"
_MOST_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEntry:
    """One time that data of a person crossed our border.

    Attributes:
        at: when.
        by: id of the region or office on the other side.
        kind: ``filed``: it handed in an application here; ``given``: it got something; ``sent``: an
            application of ours, or an answer, went there; ``asked``: evidence was asked for there;
            ``refused``: it took nothing of what was sent, and keeps nothing.
        purpose: the one-thing or case that it was for, as the asker says.
        names: ids of the data: fields, materials, types of certificates; no value.
        reference: id of the application or request, which both sides keep.
        consent: id of the person's consent; empty where ``by_law`` did without.
        by_law: the clause that did.
        received_at: when a window of theirs received it (收件), where they said so.
    """

    at: datetime
    by: str
    kind: Literal["filed", "given", "sent", "asked", "refused"]
    purpose: str
    names: tuple[str, ...]
    reference: str
    consent: str = ""
    by_law: str = ""
    received_at: datetime | None = None


class AccessLog:
    """The log of one engine, in its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writing = asyncio.Lock()

    async def note(self, person: Applicant, entry: AccessEntry) -> None:
        """Keep ``entry``, durably; the same access noted again adds nothing.

        Raises:
            IllegalInputError: the store of this engine makes no pseudonyms.
            JournalError: it could not be made durable; then nothing may be told.
        """
        place = await self._place(person)
        body = canonical(_written(entry))
        once = f"{place}:{digest(_written(entry, with_time=False))}"
        async with self._writing:
            if await self._store.cursor(once) is not None:
                return
            count = int(await self._store.cursor(place) or "0") + 1
            notes = {f"{place}:{count}": body.decode(), place: str(count), once: str(count)}
            await self._store.commit([], notes)

    async def entries(self, person: Applicant) -> tuple[AccessEntry, ...]:
        """Return all entries about ``person``, oldest first."""
        place = await self._place(person)
        count = int(await self._store.cursor(place) or "0")
        found = [await self._store.cursor(f"{place}:{one}") for one in range(1, count + 1)]
        return tuple(_read(one) for one in found if one is not None)

    async def _place(self, person: Applicant) -> str:
        store: object = self._store
        if not isinstance(store, Pseudonyms):
            msg = "the store of this engine makes no pseudonyms; it can keep no log of persons"
            raise IllegalInputError(msg, status="none")
        return _NOTE + await store.pseudonym(f"person/{person.kind}/{person.code.upper()}")


def _written(entry: AccessEntry, *, with_time: bool = True) -> dict[str, object]:
    told: dict[str, object] = {
        "by": entry.by,
        "kind": entry.kind,
        "purpose": entry.purpose,
        "names": list(entry.names),
        "reference": entry.reference,
        "consent": entry.consent,
        "by_law": entry.by_law,
    }
    if entry.received_at is not None:
        told["received_at"] = write_instant(entry.received_at)
    return told | ({"at": write_instant(entry.at)} if with_time else {})


def _read(text: str) -> AccessEntry:
    told = parse_object(text.encode(), max_bytes=_MOST_BYTES)
    return AccessEntry(
        at=read_instant(told["at"]),
        by=told["by"],
        kind=told["kind"],
        purpose=told["purpose"],
        names=tuple(told["names"]),
        reference=told["reference"],
        consent=told["consent"],
        by_law=told["by_law"],
        received_at=read_instant(told["received_at"]) if "received_at" in told else None,
    )
