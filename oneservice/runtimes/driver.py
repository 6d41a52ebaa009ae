"""The driver: takes inputs, makes what follows durable, then performs what the case still owes.

Theory of operation. Everything that happens is *mail*: inputs for cases, with a future for whoever
waits. One pump takes all mail that has come, decides it case by case, writes all transitions in
one commit, and only then shows the new states, answers the futures and starts the commands that
the states owe. A command's answer is mail again. Nothing is remembered beside the journal: after a
crash the same states owe the same commands, with the same ids and the same stored bytes.

What fails, fails for its own case: mail that does not fit, a damaged history, a message that cannot
be composed. Only a store that cannot write stops all cases, and then nothing has happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Self

from oneservice.case import Case, TimePassed, fold_records
from oneservice.errors import (
    CaseErasedError,
    IllegalInputError,
    JournalError,
    JournalLockedError,
    JournalUnavailableError,
    OneServiceError,
)
from oneservice.ports import Clock, Departments, Erasure, Signer, Store
from oneservice.runtimes.erasing import new_erasure, noted_erasure
from oneservice.runtimes.errands import Errands, Noting
from oneservice.runtimes.hot import HotCase
from oneservice.runtimes.mail import EraseOrder, Mail
from oneservice.runtimes.memory import Fold, Memory
from oneservice.runtimes.turn import Turn
from oneservice.runtimes.waking import openable, wake_for_calendar
from oneservice.workdays import WorkCalendar, versions_of

__all__ = ["Driver"]

_log = logging.getLogger(__name__)

DUE_AT_ONCE: Final = 500
"""Cases that one look at the due-time index wakes."""


class Driver:
    """Carries cases out, on a store, departments, a signer and a clock; an async context.

    ``callbacks`` are the names by which departments know our address for hints, by department.
    ``border`` is told of messages before they are sent. ``notes`` become durable with the first
    case, or whatever else is written first.
    """

    def __init__(
        self,
        *,
        store: Store,
        departments: Departments,
        signer: Signer,
        clock: Clock,
        calendar: WorkCalendar,
        trust_list: bytes | None = None,
        fold: Fold = fold_records,
        callbacks: Mapping[str, str] | None = None,
        border: Noting | None = None,
        notes: Mapping[str, str | None] | None = None,
    ) -> None:
        self.store = store
        self.departments = departments
        self.clock = clock
        self._calendar = calendar
        self._callbacks = callbacks or {}
        self._memory = Memory(store, fold)
        self._errands = Errands(
            store=store,
            departments=departments,
            signer=signer,
            trust_list=trust_list,
            now=self.now,
            hot=self.hot,
            post=self.post,
            give_up=self._give_up,
            border=border,
        )
        self.when_erased: list[Callable[[str], None]] = []
        """Told the id of every case that is erased, so that nothing of it is left in memory."""
        self.when_moved: list[Callable[[str], object]] = []
        """Told the id of every case that moved, once that is durable; it must not raise."""
        self._box: list[Mail] = []
        self._notes = dict(notes or {})
        self._stirred = asyncio.Event()
        self._has_mail = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._trouble: BaseException | None = None
        self._death: BaseException | None = None
        self._pump: asyncio.Task[None] | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        """Start taking mail."""
        self._notes |= await wake_for_calendar(self.store, versions_of(self._calendar), self.now())
        await self._memory.find_cold()
        self._pump = asyncio.create_task(self._pump_mail(), name="oneservice-pump")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop at once; what is in flight is asked for again after the next start."""
        if self._death is None:
            self._death = _closed()
        tasks = [task for task in (self._pump, *self._errands.tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for mail in self._box:
            mail.fail(self._death)
        self._is_closed = True

    def refuse_closed(self) -> None:
        """Refuse whatever is asked of an engine whose block has ended.

        Raises:
            JournalUnavailableError: it was closed.
        """
        if self._is_closed:
            msg = "the engine is closed; ask inside its 'async with' block"
            raise JournalUnavailableError(msg)

    # --- what the engine asks --------------------------------------------------------------

    def now(self) -> datetime:
        """Return the present in whole milliseconds, as the journal keeps it."""
        instant = self.clock.now()
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)

    async def give(self, mail: Mail) -> Case:
        """Return the case of ``mail`` after it; it is durable then.

        Raises:
            IllegalInputError: the input does not fit; nothing changed.
            JournalError: it could not be made durable; nothing changed.
        """
        self.refuse_closed()
        mail.future = asyncio.get_running_loop().create_future()
        self.post(mail)
        await mail.future
        return (await self.hot(mail.inputs[0][0])).case

    async def erase(self, order: EraseOrder) -> Erasure:
        """Erase a case as an operator orders it, and return what is kept of that.

        Repeating it is harmless: it makes sure that the bytes are gone, and returns the first one.

        Raises:
            CaseNotFoundError: there is no such case.
            IllegalInputError: it is open, and the order does not force it.
            JournalError: it could not be done; ask again.
        """
        self.refuse_closed()
        mail = Mail(inputs=(), erase=order)
        mail.future = asyncio.get_running_loop().create_future()
        self.post(mail)
        await mail.future
        return await noted_erasure(self.store, order.case_id)

    async def hot(self, case_id: str) -> HotCase:
        """Return the case as far as it is durable; raises as :meth:`Memory.case` does."""
        self.refuse_closed()
        return await self._memory.case(case_id)

    def has_open_business(self, department: str) -> bool:
        """Say whether ``department`` has something of ours to decide."""
        return self._memory.has_open_business(department)

    def open_steps(self, department: str) -> tuple[tuple[str, str], ...]:
        """Return case and sub-case of what ``department`` has to decide, as far as it is known."""
        return self._memory.open_steps(department)

    def post(self, mail: Mail) -> None:
        """Put ``mail`` into the box; the pump takes it in its next turn."""
        if self._death is not None:
            mail.fail(self._death)
            return
        self._box.append(mail)
        self._is_idle.clear()
        self._has_mail.set()

    async def take_news(self, mail: Mail) -> bool:
        """Post a page of news and say whether it is durable; why not, :meth:`idle` tells."""
        self.refuse_closed()
        mail.future = asyncio.get_running_loop().create_future()
        self.post(mail)
        try:
            await mail.future
        except OneServiceError as error:
            self._trouble = self._trouble or error
            return False
        return True

    async def tick(self) -> int:
        """Wake every case that is due now, some at a time; return how many wakings that took.

        Cases that are not due cost nothing, however many there are.

        Raises:
            JournalError: something could not be made durable.
        """
        woken = 0
        while count := await self.touch_due():
            woken += count
            await self.idle()
        return woken

    async def touch_due(self) -> int:
        """Wake at most :data:`DUE_AT_ONCE` cases that are due now; return how many were."""
        now = self.now()
        due = await self.store.due(now, DUE_AT_ONCE)
        for case_id in await openable(due, hot=self.hot, store=self.store, now=now):
            self.post(Mail(inputs=((case_id, TimePassed(at=self.now())),)))
        return len(due)

    def stir(self) -> None:
        """Wake whoever waits in :meth:`wait_until`: what is due next may have changed."""
        self._stirred.set()

    async def wait_until(self, instant: datetime | None) -> None:
        """Return when ``instant`` has come, or earlier when anything became durable meanwhile."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._stirred.wait())]
        if instant is not None:
            waits.append(asyncio.create_task(self.clock.wait_until(instant)))
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in done:
                wait.result()  # a clock that cannot be read says so
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._stirred.clear()

    async def idle(self) -> None:
        """Return when no mail waits and nothing is in flight.

        Raises:
            JournalError: something could not be made durable (a full disk, say).
        """
        await self._is_idle.wait()
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, self._death
            raise trouble

    # --- the pump ----------------------------------------------------------------------------

    async def _pump_mail(self) -> None:
        mails: list[Mail] = []
        try:
            while True:
                await self._has_mail.wait()
                self._has_mail.clear()
                while self._box:
                    mails, self._box = self._box, []
                    await self._turn(mails)
                if not self._errands.tasks:
                    self._is_idle.set()
        except BaseException as error:
            # The end, by a fault of ours or a cancellation: nobody may wait for ever.
            if not isinstance(error, asyncio.CancelledError):
                self._death = error
            self._trouble = self._death = self._death or _closed()
            for mail in (*mails, *self._box):
                mail.fail(self._death)
            self._is_idle.set()
            raise

    async def _turn(self, mails: Sequence[Mail]) -> None:
        """Decide all of ``mails``, make it durable at once, then let it be seen."""
        for mail in mails:
            if mail.erase is not None:
                await self._erase(mail, mail.erase)
        turn = Turn(
            hot=self.hot, store=self.store, calendar=self._calendar, callbacks=self._callbacks
        )
        taken = [mail for mail in mails if mail.erase is None and await self._took(mail, turn)]
        at = self.now()

        def refuse(case_id: str, error: OneServiceError) -> None:
            for mail in [one for one in taken if _is_only_for(one, case_id)]:
                taken.remove(mail)
                self._fail(mail, error)

        afters, writes = turn.compose(at, refuse=refuse)
        cursors = dict(mail.cursor for mail in taken if mail.cursor is not None)
        for mail in taken:
            cursors |= mail.notes
        try:
            if writes or cursors:
                await self.store.commit(writes, {**self._notes, **cursors})
                self._notes = {}
        except JournalError as error:
            for case_id in turn.transitions:
                self._memory.drop(case_id)
            for mail in taken:
                self._fail(mail, error)
            return
        self.stir()
        for after in afters:
            self._memory.keep(after)
        for mail in taken:
            mail.succeed()
        for after in afters:
            self._errands.start(after, turn.transitions[after.case.id].owed, at)
            for tell in self.when_moved:
                tell(after.case.id)

    async def _erase(self, mail: Mail, order: EraseOrder) -> None:
        """Erase a case between two turns: no transition of it is under way then."""
        try:
            erasure = await self.store.erasure(order.case_id)
            if erasure is None:
                erasure = new_erasure(await self.hot(order.case_id), order, self.now())
            await self.store.erase(erasure)
        except OneServiceError as error:
            if isinstance(error, JournalLockedError):
                self._forget(order.case_id)  # it is erased; only the log still holds it
            elif isinstance(error, JournalError):
                self._memory.forget(order.case_id)  # it may be erased all the same
            mail.fail(error)
        else:
            self._forget(order.case_id)
            mail.succeed()

    def _forget(self, case_id: str) -> None:
        self._memory.forget(case_id)
        for tell in self.when_erased:
            tell(case_id)

    async def _took(self, mail: Mail, turn: Turn) -> bool:
        if mail.answered is not None:
            self._errands.done(mail.answered)
        try:
            if not await turn.take(mail):
                self._box.append(mail)
                return False
        except OneServiceError as error:
            self._fail(mail, error)
            return False
        return True

    def _fail(self, mail: Mail, error: OneServiceError) -> None:
        if not mail.fail(error) and not isinstance(error, (CaseErasedError, IllegalInputError)):
            self._trouble = error

    def _give_up(self, error: BaseException) -> None:
        """Take what no case can be told of: whoever waits for :meth:`idle` hears of it."""
        self._trouble = error
        self._is_idle.set()


def _closed() -> JournalUnavailableError:
    msg = "the engine was closed before this was durable; open it and ask again"
    return JournalUnavailableError(msg)


def _is_only_for(mail: Mail, case_id: str) -> bool:
    """Say whether ``mail`` is of this case; a page of a feed is of many, and goes on without it."""
    return mail.cursor is None and any(name == case_id for name, _ in mail.inputs)
