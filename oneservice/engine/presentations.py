"""Papers from a person's wallet, shown for one occasion: ``engine.presentations``.

Theory of operation. A wallet shows a copy that anybody may have seen before; what tells its holder
from a thief is a fresh word, signed with the key to which the paper is bound. So the engine says
who it is (the audience) and chooses a word for one occasion (the nonce), keeps that before it is
told to anybody, and takes one answer. That it was answered is durable before the answer counts:
after a crash the person shows it once more, and a recording is never taken twice. Requests are
numbered, and kept by number: so those that ended are found and let go, whoever asked for them.

What is asked for travels to the wallet in whatever way the portal has (a code to scan, a link):
this is no transport. What counts can be handed in: :func:`oneservice.engine.holdings_of` and
:func:`oneservice.engine.materials_of`.

References:
    RFC 9901 section 4.3 (key binding), section 9.5; OpenID for Verifiable Presentations 1.0,
    section 14.1 (nonce and audience against replay).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.case import Applicant
from oneservice.certificates import HeldPaper, Shown
from oneservice.engine.judging import PaperJudge
from oneservice.errors import IllegalInputError, MalformedJsonError
from oneservice.ports import Clock, Ids, Store

__all__ = ["PresentationDesk", "PresentationRequest"]

_NOTE: Final = "presentation:"
_NUMBERS: Final = "presentation:numbers"
"""The note of the first number whose request may live, and of the next one to be given."""
_ID: Final = re.compile(r"p([0-9]{1,15})-[0-9A-Za-z_-]{1,64}")
_SWEPT_AT_ONCE: Final = 16
"""Notes that one request may let go: after a restart, each clears up more than it adds."""
_WITHIN: Final = timedelta(minutes=5)
_AT_MOST: Final = timedelta(hours=1)
"""A word that lives long is a word that can be stolen."""
_NOTE_BYTES: Final = 65_536
_UNREAD: Final = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationRequest:
    """What a wallet is asked to show, once.

    Attributes:
        id: under which the answer comes back.
        audience: how this engine names itself; the wallet signs it.
        nonce: the word of this occasion; the wallet signs it.
        types: of certificates, any of which answers.
        purpose: id of the one-thing, or of the case, that it is for; shown to the person.
        until: when it ends.
    """

    id: str
    audience: str
    nonce: str
    types: tuple[str, ...]
    purpose: str
    until: datetime

    def as_json(self) -> dict[str, Any]:
        """Return it for the wallet."""
        return {
            "id": self.id,
            "audience": self.audience,
            "nonce": self.nonce,
            "types": list(self.types),
            "purpose": self.purpose,
            "until": write_instant(self.until),
        }


class PresentationDesk:
    """Asks wallets, and takes each answer once."""

    def __init__(
        self, store: Store, *, clock: Clock, ids: Ids, judge: PaperJudge | None, region: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._judge = judge
        self.audience = f"urn:oneservice:engine:{region}"
        """How this engine names itself to wallets."""
        self._taking = asyncio.Lock()

    async def ask(
        self, types: Iterable[str], *, purpose: str, within: timedelta = _WITHIN
    ) -> PresentationRequest:
        """Return a request for a paper of one of ``types``; it is durable.

        Args:
            types: as catalogs name them; at least one: nobody shows just anything.
            purpose: what it is for.
            within: how long the word lives, an hour at most.

        Raises:
            IllegalInputError: no type, too long, or this engine was opened without ``at_hand``.
            JournalError: it could not be kept.
        """
        self._known_judge()
        wanted = tuple(sorted({*types}))
        if not wanted or not timedelta() < within <= _AT_MOST:
            msg = "ask for at least one type of paper, and for an hour at most"
            raise IllegalInputError(msg, status="not asked")
        async with self._taking:
            first, number = await self._numbers()
            swept, first = await self._swept(first, number)
            asked = PresentationRequest(
                id=f"p{number}-{self._ids.secret()[:24]}",
                audience=self.audience,
                nonce=self._ids.secret(),
                types=wanted,
                purpose=purpose,
                until=self._now() + within,
            )
            notes: dict[str, str | None] = {
                **dict.fromkeys(swept),
                f"{_NOTE}{number}": canonical(asked.as_json()).decode(),
                _NUMBERS: canonical({"first": first, "next": number + 1}).decode(),
            }
            await self._store.commit((), notes)
        return asked

    async def receive(
        self, request_id: str, presentation: bytes, *, holder: Applicant | None = None
    ) -> HeldPaper:
        """Return whether what the wallet shows counts here; the request is spent then.

        Bytes that cannot be read at all spend nothing: a smudged code may be scanned again.

        Args:
            request_id: of :meth:`ask`.
            presentation: an SD-JWT with its key binding, as the wallet gives it.
            holder: whose paper it must be.

        Raises:
            IllegalInputError: there is no such request, it has ended, or it was answered.
            JournalError: that it was answered could not be kept; nothing counts.
        """
        judge = self._known_judge()
        async with self._taking:
            asked = await self._asked(request_id)
            shown = Shown(paper=presentation, audience=asked.audience, nonce=asked.nonce)
            paper = judge.judged(shown, types=asked.types, holder=holder)
            if paper.code != _UNREAD:
                await self._store.commit((), {_place(asked.id): _spent(asked)})
        return paper

    # --- inside --------------------------------------------------------------------------------

    async def _asked(self, request_id: str) -> PresentationRequest:
        kept = await self._store.cursor(_place(request_id)) if _ID.fullmatch(request_id) else None
        told = {} if kept is None else _read(kept)
        if told.get("id") != request_id or read_instant(told["until"]) <= self._now():
            msg = "no such presentation was asked for, or its time is over; ask for another one"
            raise IllegalInputError(msg, status="ended")
        if "nonce" not in told:
            msg = "this presentation was answered already; ask for another one"
            raise IllegalInputError(msg, status="answered")
        return PresentationRequest(
            id=told["id"],
            audience=told["audience"],
            nonce=told["nonce"],
            types=tuple(told["types"]),
            purpose=told["purpose"],
            until=read_instant(told["until"]),
        )

    async def _numbers(self) -> tuple[int, int]:
        """Return the first number whose request may live, and the next one to be given."""
        kept = await self._store.cursor(_NUMBERS)
        told = {} if kept is None else _read(kept)
        return told.get("first", 0), told.get("next", 0)

    async def _swept(self, first: int, end: int) -> tuple[tuple[str, ...], int]:
        """Return the notes of requests that have ended, oldest first, and the first that stays."""
        swept: list[str] = []
        now = self._now()
        while first < end and len(swept) < _SWEPT_AT_ONCE:
            kept = await self._store.cursor(f"{_NOTE}{first}")
            if kept is not None and (told := _read(kept)) and read_instant(told["until"]) > now:
                break
            swept.append(f"{_NOTE}{first}")
            first += 1
        return tuple(swept), first

    def _known_judge(self) -> PaperJudge:
        if self._judge is None:
            msg = "papers are judged by lists: open the engine with at_hand="
            raise IllegalInputError(msg, status="not opened")
        return self._judge

    def _now(self) -> datetime:
        instant = self._clock.now()
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _place(request_id: str) -> str:
    """Return the name of the note of a request: its number, of which the store keeps few."""
    return _NOTE + request_id[1:].partition("-")[0]


def _spent(asked: PresentationRequest) -> str:
    """Return what is kept of an answered request until it ends: no word to answer with."""
    return canonical({"id": asked.id, "until": write_instant(asked.until)}).decode()


def _read(kept: str) -> dict[str, Any]:
    try:
        return parse_object(kept.encode(), max_bytes=_NOTE_BYTES)
    except MalformedJsonError:
        return {}
