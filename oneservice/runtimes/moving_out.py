"""The desk from which certificates leave for another region.

Theory of operation. ``go_on`` looks at where a move stands, does what is owed next, and writes down
that it is done; it is called after every word, after a restart, and now and then. Each thing that
is owed can be done twice without harm: the register tells by the ground of its operations what this
move did to it already. In no order of crashes is a certificate good here after its release left
the house, for the register comes first and the notice second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from oneservice.certificates import (
    Act,
    CertificateRecord,
    LifeState,
    Move,
    MoveSide,
    MoveState,
    MoveWord,
    Notice,
    Operation,
)
from oneservice.errors import IllegalInputError
from oneservice.runtimes.moving_book import MoveRecord, MovingBook
from oneservice.runtimes.moving_office import MovingOffice
from oneservice.runtimes.status_register import StatusRegister
from oneservice.runtimes.status_rows import Done

__all__ = ["DepartureDesk"]

_WAITING: Final = frozenset({MoveState.HELD, MoveState.RELEASED})


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureDesk:
    """Gives certificates of one office away.

    Args:
        office: who speaks.
        book: where moves are written down.
        register: of the certificates; its own operations stay possible all the time.
        waits_for_lists: whether a release waits until no status list that called the certificate
            good is in force any more. Without it a reader of such a list may believe both papers
            until the list runs out.
    """

    office: MovingOffice
    book: MovingBook
    register: StatusRegister
    waits_for_lists: bool = True

    async def begin(self, move: Move) -> MoveRecord:
        """Write ``move`` down and hold the certificate; the same move again is the same one.

        Raises:
            IllegalInputError: the certificate is not good, is on the move already, or the office is
                not the one that gives it.
            JournalConflictError: another move has this id.
            JournalError: the disk failed; nothing happened.
        """
        known = self.book.record(move.id)
        if known is None:
            self._check(move)
            now = self.office.clock.now()
            known = MoveRecord(move=move, side=MoveSide.GIVING, state=MoveState.ASKED, since=now)
            self.book.begin(known, {})
        elif known.move != move or known.side is not MoveSide.GIVING:
            msg = f"there is another move {move.id}; give this one an id of its own"
            raise IllegalInputError(msg, status=known.state.value)
        return await self.go_on(move.id)

    async def hear(self, letter: bytes) -> MoveRecord:
        """Take in a word of the other office; hearing it twice changes nothing.

        Raises:
            VerificationError: it is not to be believed, or not yet.
            IllegalInputError: there is no such move, or the word contradicts what was said before.
        """
        notice = self.office.heard(letter)
        known = self._known(notice.move)
        if notice.word not in {MoveWord.PROMISE, MoveWord.ARRIVAL, MoveWord.REFUSAL}:
            msg = f"the word '{notice.word}' is not for the giving office"
            raise IllegalInputError(msg, status=known.state.value)
        if notice.word is MoveWord.ARRIVAL and notice.successor != known.successor:
            msg = "what arrived there is not what was released here"
            raise IllegalInputError(msg, status=known.state.value)
        if notice.word is not MoveWord.ARRIVAL or known.state is MoveState.RELEASED:
            self.book.keep(notice.move.id, notice.word, letter)
        await self._answered(notice, known)
        return await self.go_on(notice.move.id)

    async def give_up(self, move_id: str) -> MoveRecord:
        """End a move that was not released yet; the certificate counts here again.

        Raises:
            IllegalInputError: there is no such move, or it was released: then only the receiving
                office can refuse it.
        """
        known = await self.go_on(move_id)
        if known.state is MoveState.HELD:
            self.book.step(known, MoveState.RETURNING, at=self.office.clock.now())
            return await self.go_on(move_id)
        if known.state in {MoveState.RETURNED, MoveState.WITHDRAWN}:
            return known
        msg = "it was released; ask the receiving office to refuse it"
        raise IllegalInputError(msg, status=known.state.value)

    def letter(self, move_id: str) -> bytes | None:
        """Return what the other office should be told, as often as it asks."""
        known = self.book.record(move_id)
        if known is None or known.side is not MoveSide.GIVING:
            return None
        for word in (MoveWord.RELEASE, MoveWord.WITHDRAWAL):
            found = self.book.word(move_id, word)
            if found is not None:
                return found
        return None

    async def go_on(self, move_id: str) -> MoveRecord:
        """Do what is owed until something else must happen first; returns where it stands then.

        Raises:
            IllegalInputError: there is no such move.
            JournalError, EnvironmentalError: something failed on the way; ask again.
        """
        while True:
            known = self.book.record(move_id)
            if known is None:
                msg = f"there is no move {move_id} here"
                raise IllegalInputError(msg, status="none")
            if known.state.is_final or not await self._next(known):
                return known

    async def go_on_with_all(self) -> tuple[MoveRecord, ...]:
        """Do what is owed for every move that has not ended; after a restart, and now and then."""
        records = self.book.under_way()
        mine = [one for one in records if one.side is MoveSide.GIVING]
        return tuple([await self.go_on(one.move.id) for one in mine])

    def counts_nowhere_from(self, move_id: str) -> datetime | None:
        """Return from when no list in force calls the certificate good; ``None``: not held yet."""
        known = self.book.record(move_id)
        held = None if known is None else self._did(known.move, Operation.HOLD)
        if held is None:
            return None
        until = self.register.lists_run_out(held.at) if self.waits_for_lists else None
        return held.at if until is None else max(held.at, until)

    # --- one step each ---

    async def _next(self, known: MoveRecord) -> bool:
        """Do the next thing; says whether anything was done."""
        match known.state:
            case MoveState.ASKED:
                await self._hold(known)
            case MoveState.HELD:
                return await self._decide(known)
            case MoveState.RELEASING:
                await self._release(known)
            case MoveState.RETURNING:
                await self._return(known)
            case _:
                return False
        return True

    async def _hold(self, known: MoveRecord) -> None:
        now = self._now(known.move)
        if self._did(known.move, Operation.HOLD) is None:
            try:
                await self._perform(known.move, (Act(operation=Operation.HOLD, at=now),))
            except IllegalInputError as error:
                await self._withdraw(known, str(error))
                return
        self.book.step(known, MoveState.HELD, at=now)

    async def _decide(self, known: MoveRecord) -> bool:
        """Release it once it is promised there and good nowhere; returns whether that is so."""
        history = self.register.history(known.move.certificate)
        if history[-1].ground != known.move.ground:
            await self._withdraw(known, "something else was done to it meanwhile")
            return True
        quiet = self.counts_nowhere_from(known.move.id)
        promise = self.book.word(known.move.id, MoveWord.PROMISE)
        now = self.office.clock.now()
        if promise is None or quiet is None or now < quiet:
            return False
        successor = self.office.heard(promise).successor
        self.book.step(known, MoveState.RELEASING, at=now, successor=successor)
        return True

    async def _release(self, known: MoveRecord) -> None:
        now = self._now(known.move)
        done = self._did(known.move, Operation.TRANSFER_OUT)
        if done is None:
            out = Act(operation=Operation.TRANSFER_OUT, at=now, id=known.successor)
            try:
                await self._perform(known.move, (Act(operation=Operation.RELEASE, at=now), out))
            except IllegalInputError as error:
                await self._withdraw(known, str(error))
                return
        at = now if done is None else done.at
        record = self.register.record(known.move.certificate)
        until = None if record is None else record.valid_until
        notice = self._notice(known, MoveWord.RELEASE, at, valid_until=until)
        letter = await self.office.letter(notice, self.book)
        self.book.step(known, MoveState.RELEASED, at=now, words={MoveWord.RELEASE: letter})

    async def _return(self, known: MoveRecord) -> None:
        """Take it back: what was only held is released, what went out comes home."""
        now, move = self._now(known.move), known.move
        went_out = self._did(move, Operation.TRANSFER_OUT) is not None
        back = Operation.UNDO_TRANSFER if went_out else Operation.RELEASE
        history = self.register.history(move.certificate)
        is_ours = bool(history) and history[-1].ground == move.ground
        if is_ours and self._did(move, back) is None:
            # What was refused there is over there, whatever it would have been called.
            over = None
            if known.successor is not None:
                over = CertificateRecord(id=known.successor, state=LifeState.CANCELLED)
            act = Act(operation=back, at=now, counterpart=over)
            try:
                await self._perform(move, (act,))
            except IllegalInputError:
                if went_out and not self._ran_out(move):
                    raise
        words = {}
        if not went_out:
            notice = self._notice(known, MoveWord.WITHDRAWAL, now, reason="given up")
            words = {MoveWord.WITHDRAWAL: await self.office.letter(notice, self.book)}
        self.book.step(known, MoveState.RETURNED, at=now, words=words)

    async def _withdraw(self, known: MoveRecord, why: str) -> None:
        now = self._now(known.move)
        notice = self._notice(known, MoveWord.WITHDRAWAL, now, reason=why)
        letter = await self.office.letter(notice, self.book)
        self.book.step(known, MoveState.WITHDRAWN, at=now, words={MoveWord.WITHDRAWAL: letter})

    async def _answered(self, notice: Notice, known: MoveRecord) -> None:
        if notice.word is MoveWord.PROMISE or known.state.is_final:
            return
        now = self.office.clock.now()
        if notice.word is MoveWord.ARRIVAL and known.state is MoveState.RELEASED:
            self.book.step(known, MoveState.ARRIVED, at=now)
        elif notice.word is MoveWord.REFUSAL:
            if known.state in {MoveState.ASKED, MoveState.RELEASING}:
                known = await self.go_on(known.move.id)
            if known.state in _WAITING:
                self.book.step(known, MoveState.RETURNING, at=now)

    # --- looking ---

    def _check(self, move: Move) -> None:
        record = self.register.record(move.certificate)
        if move.giving != self.office.holder.id:
            msg = "another office gives this certificate; ask there"
            raise IllegalInputError(msg, status="none")
        if record is None or record.state is not LifeState.VALID:
            msg = "only a certificate that is good can move"
            raise IllegalInputError(msg, status="none" if record is None else record.state.value)
        if record.valid_until is not None and self.office.clock.now() > record.valid_until:
            msg = "its last day has passed; apply for a new one"
            raise IllegalInputError(msg, status=record.state.value)

    def _known(self, move: Move) -> MoveRecord:
        known = self.book.record(move.id)
        if known is None or known.move != move or known.side is not MoveSide.GIVING:
            msg = f"there is no such move {move.id} from here"
            raise IllegalInputError(msg, status="none")
        return known

    def _did(self, move: Move, operation: Operation) -> Done | None:
        """Return what this move did to the certificate already."""
        done = self.register.history(move.certificate)
        return next((d for d in done if d.ground == move.ground and d.operation is operation), None)

    def _ran_out(self, move: Move) -> bool:
        record = self.register.record(move.certificate)
        until = None if record is None else record.valid_until
        return until is not None and self._now(move) > until

    def _now(self, move: Move) -> datetime:
        """Return now, but not before the last thing that was done: clocks may be set back."""
        history = self.register.history(move.certificate)
        return max([self.office.clock.now(), *(one.at for one in history[-1:])])

    async def _perform(self, move: Move, acts: tuple[Act, ...]) -> None:
        await self.register.perform_in_turn(move.certificate, acts, ground=move.ground)

    def _notice(
        self,
        known: MoveRecord,
        word: MoveWord,
        at: datetime,
        *,
        valid_until: datetime | None = None,
        reason: str = "",
    ) -> Notice:
        return Notice(
            word=word,
            move=known.move,
            at=at,
            successor=known.successor,
            valid_until=valid_until,
            reason=reason,
        )
