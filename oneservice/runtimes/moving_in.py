"""The desk at which certificates of another region arrive.

Theory of operation. This side decides how a move ends, with its first word in its own book: it took
the certificate in, or it never will. What is written there stands before the register, and the
register before the paper; a crash between them is made up for by ``go_on``. Of one certificate one
move at most is open here at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from oneservice.canonical import canonical, parse_object
from oneservice.certificates import (
    MOVED_FROM,
    Act,
    CertificateRecord,
    Claims,
    LifeState,
    Move,
    MoveSide,
    MoveState,
    MoveWord,
    Notice,
    Operation,
    claims_document,
    read_claims,
)
from oneservice.errors import IllegalInputError
from oneservice.runtimes.moving_book import MoveRecord, MovingBook
from oneservice.runtimes.moving_office import MovingOffice, letter_parts
from oneservice.runtimes.status_register import StatusRegister

__all__ = ["ArrivalDesk"]

_SAID: Final = (MoveWord.REFUSAL, MoveWord.ARRIVAL, MoveWord.PROMISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalDesk:
    """Takes certificates in for one office.

    Args:
        office: who speaks.
        book: where moves are written down; departures of the same office may stand in it, too.
        register: of the certificates that begin here.
    """

    office: MovingOffice
    book: MovingBook
    register: StatusRegister

    async def promise(self, move: Move, claims: Claims) -> MoveRecord:
        """Say that ``move`` would be taken in, as ``claims``; the same again is the same promise.

        Whether it *should* be is for the office to decide before: who holds it, whether a rule
        recognises it, what it becomes here.

        Args:
            move: which one.
            claims: what the new certificate will state; its status and what it came from are put in
                when it arrives, and it counts from that day at the earliest.

        Raises:
            IllegalInputError: it was refused before, another move of this certificate is open, the
                identifier is in use, or the claims are not this office's.
            MalformedCertificateError: the claims could not be sealed.
        """
        known = self.book.record(move.id)
        if known is not None:
            self._check_same(known, move)
            return known
        self._check(move, claims)
        now = self.office.clock.now()
        draft = canonical(claims_document(replace(claims, status=None)))
        notice = Notice(word=MoveWord.PROMISE, move=move, at=now, successor=claims.id)
        known = MoveRecord(
            move=move,
            side=MoveSide.RECEIVING,
            state=MoveState.PROMISED,
            since=now,
            successor=claims.id,
            draft=draft,
        )
        self.book.begin(known, {MoveWord.PROMISE: await self.office.letter(notice, self.book)})
        return known

    async def hear(self, letter: bytes) -> MoveRecord:
        """Take in a word of the giving office; hearing it twice changes nothing.

        Raises:
            VerificationError: it is not to be believed, or not yet.
            IllegalInputError: there was no promise, or it names another identifier.
        """
        notice = self.office.heard(letter)
        known = self.book.record(notice.move.id)
        if notice.word is MoveWord.WITHDRAWAL:
            return await self.refuse(notice.move, reason="withdrawn by the giving office")
        if known is None or known.move != notice.move or notice.word is not MoveWord.RELEASE:
            msg = f"nothing was promised under the move {notice.move.id}"
            raise IllegalInputError(msg, status="none")
        if known.state is MoveState.PROMISED:
            if notice.successor != known.successor:
                msg = "it was released to another identifier than was promised"
                raise IllegalInputError(msg, status=known.state.value)
            if notice.valid_until is not None and self._moment(notice) > notice.valid_until:
                return await self.refuse(notice.move, reason="it has run out on the way")
            words = {MoveWord.RELEASE: letter}
            now = self.office.clock.now()
            self.book.step(known, MoveState.ENTERING, at=now, words=words)
        return await self.go_on(notice.move.id)

    async def refuse(self, move: Move, *, reason: str) -> MoveRecord:
        """Say for ever that ``move`` is not taken in; the same again is the same refusal.

        Args:
            move: which one; also one that was never heard of, so that no late release revives it.
            reason: why, for people; no personal data.

        Raises:
            IllegalInputError: its release was taken in already; end what arrived instead.
        """
        known = self.book.record(move.id)
        if known is not None:
            self._check_same(known, move)
        if known is not None and known.state is MoveState.REFUSED:
            return known
        now = self.office.clock.now()
        successor = None if known is None else known.successor
        notice = Notice(
            word=MoveWord.REFUSAL, move=move, at=now, successor=successor, reason=reason
        )
        if known is not None and known.state is not MoveState.PROMISED:
            msg = "its release was taken in already; end what arrived instead"
            raise IllegalInputError(msg, status=known.state.value)
        words = {MoveWord.REFUSAL: await self.office.letter(notice, self.book)}
        if known is not None:
            return self.book.step(known, MoveState.REFUSED, at=now, words=words)
        known = MoveRecord(move=move, side=MoveSide.RECEIVING, state=MoveState.REFUSED, since=now)
        self.book.begin(known, words)
        return known

    def letter(self, move_id: str) -> bytes | None:
        """Return what the giving office should be told, as often as it asks: the latest word."""
        known = self.book.record(move_id)
        if known is None or known.side is not MoveSide.RECEIVING:
            return None
        found = (self.book.word(move_id, word) for word in _SAID)
        return next((one for one in found if one is not None), None)

    def certificate(self, move_id: str) -> bytes | None:
        """Return the letter with the new certificate; ``None``: it has not arrived."""
        known = self.book.record(move_id)
        if known is None or known.state is not MoveState.ARRIVED:
            return None
        return self.book.paper(move_id)

    async def go_on(self, move_id: str) -> MoveRecord:
        """Do what is owed; returns where the move stands then.

        Raises:
            IllegalInputError: there is no such move.
            JournalError, EnvironmentalError: something failed on the way; ask again.
        """
        known = self.book.record(move_id)
        if known is None:
            msg = f"there is no move {move_id} here"
            raise IllegalInputError(msg, status="none")
        if known.state is MoveState.ENTERING:
            await self._enter(known)
        return self.book.record(move_id) or known

    async def go_on_with_all(self) -> tuple[MoveRecord, ...]:
        """Do what is owed for every move that has not ended; after a restart, and now and then."""
        records = self.book.under_way()
        mine = [one for one in records if one.side is MoveSide.RECEIVING]
        return tuple([await self.go_on(one.move.id) for one in mine])

    async def _enter(self, known: MoveRecord) -> None:
        move, letter = known.move, self.book.word(known.move.id, MoveWord.RELEASE)
        if letter is None or known.draft is None:
            msg = "the release is not in the book; restore it from a backup"
            raise IllegalInputError(msg, status=known.state.value)
        # Believed when it was heard; the lists of today may no longer know the key of that day.
        notice = self.office.read(letter_parts(letter)[0])
        draft = read_claims(parse_object(known.draft))
        done = next(iter(self.register.history(draft.id)), None)
        at = self._moment(notice) if done is None else done.at
        if done is None:
            gone = CertificateRecord(
                id=move.certificate, state=LifeState.TRANSFERRED, successor=draft.id
            )
            act = Act(
                operation=Operation.TRANSFER_IN,
                at=at,
                id=draft.id,
                valid_until=_ends(draft),
                counterpart=gone,
            )
            await self.register.perform(None, act, ground=move.ground)
        claims = self._claims(draft, move, at)
        paper = await self.office.sealed(claims, self.book, at=at, move_id=move.id)
        arrival = Notice(word=MoveWord.ARRIVAL, move=move, at=at, successor=draft.id)
        said = await self.office.letter(arrival, self.book)
        words = {MoveWord.ARRIVAL: said}
        self.book.step(known, MoveState.ARRIVED, at=at, words=words, paper=paper)

    def _claims(self, draft: Claims, move: Move, at: datetime) -> Claims:
        came = {"certificate": move.certificate, "issuer": move.giving, "move": move.id}
        first = at.astimezone(_zone(draft.zone)).date()
        return replace(
            draft,
            result={**draft.result, MOVED_FROM: came},
            status=self.register.entry(draft.id),
            valid_from=max(draft.valid_from, first),
        )

    def _moment(self, notice: Notice) -> datetime:
        """Return when it begins here: now, but never before it ended there by *their* clock."""
        return max(self.office.clock.now(), notice.at)

    def _check(self, move: Move, claims: Claims) -> None:
        if move.receiving != self.office.holder.id or claims.issuer_id != move.receiving:
            msg = "this office is not the one that is to take it in"
            raise IllegalInputError(msg, status="none")
        if claims.id == move.certificate or self.register.record(claims.id) is not None:
            msg = "what is to come needs an identifier of its own"
            raise IllegalInputError(msg, status="none")
        for other in self.book.of_certificate(move.certificate):
            if other.state is not MoveState.REFUSED:
                msg = f"the certificate is on the move under {other.move.id} already"
                raise IllegalInputError(msg, status=other.state.value)
        if self.book.promises(claims.id):
            msg = "the identifier is promised to another move"
            raise IllegalInputError(msg, status="none")

    def _check_same(self, known: MoveRecord, move: Move) -> None:
        if known.move != move or known.side is not MoveSide.RECEIVING:
            msg = f"there is another move {move.id}; it needs an id of its own"
            raise IllegalInputError(msg, status=known.state.value)


def _zone(offset: str) -> tzinfo | None:
    return datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo


def _ends(claims: Claims) -> datetime | None:
    """Return the last instant on which the new certificate counts by its own words."""
    if claims.valid_until is None:
        return None
    return datetime.fromisoformat(f"{claims.valid_until.isoformat()}T23:59:59{claims.zone}")
