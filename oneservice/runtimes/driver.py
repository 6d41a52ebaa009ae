"""The driver: takes inputs, makes what follows durable, then performs what the case still owes.

Theory of operation. Everything that happens is *mail*: inputs for cases, with a future for whoever
waits. One pump takes all mail that has come, decides it case by case, writes all transitions in
one commit, and only then shows the new states, answers the futures and starts the commands that
the states owe. A command's answer is mail again. Nothing is remembered beside the journal: after a
crash the same states owe the same commands, with the same ids and the same stored bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from oneservice.canonical import Digest, parse_object
from oneservice.case import (
    Case,
    Command,
    Deliver,
    Form,
    Input,
    IssueBundle,
    OpenCase,
    Prepare,
    Read,
    TimePassed,
    Wake,
    fold_records,
)
from oneservice.errors import (
    CaseNotFoundError,
    IllegalInputError,
    JournalCorruptError,
    JournalError,
    OneServiceError,
)
from oneservice.plan import parse_plan
from oneservice.ports import Clock, Departments, Signer, Store, Write
from oneservice.runtimes.hot import HotCase, Transition
from oneservice.runtimes.performing import deliver, read_status
from oneservice.runtimes.sealing import seal_bundle
from oneservice.workdays import WorkCalendar

__all__ = ["Driver", "Mail"]

_log = logging.getLogger(__name__)

HOT_CASES: Final = 10_000
"""Cases kept in memory; the others are rows, folded again when somebody asks."""
_PLAN_BYTES: Final = 16_777_216
DUE_AT_ONCE: Final = 500
"""Cases that one look at the due-time index wakes."""


@dataclass(slots=True, kw_only=True)
class Mail:
    """Inputs that belong together, and what must be durable with them."""

    inputs: Sequence[tuple[str, Input]]
    blobs: Mapping[Digest, bytes] = field(default_factory=dict)
    cursor: tuple[str, str | None] | None = None
    secret: str = ""
    key: str | None = None
    form: Form | None = None
    answered: tuple[str, ...] | None = None
    future: asyncio.Future[None] | None = None


class Driver:
    """Carries cases out, on a store, departments, a signer and a clock; an async context."""

    def __init__(
        self,
        *,
        store: Store,
        departments: Departments,
        signer: Signer,
        clock: Clock,
        calendar: WorkCalendar,
    ) -> None:
        self.store = store
        self.departments = departments
        self.clock = clock
        self._signer = signer
        self._calendar = calendar
        self._hot: OrderedDict[str, HotCase] = OrderedDict()
        self._mail: list[Mail] = []
        self._has_mail = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._in_flight: dict[tuple[str, ...], asyncio.Task[None]] = {}
        self._trouble: BaseException | None = None
        self._pump: asyncio.Task[None] | None = None
        self.open_business: dict[str, set[str]] = {}

    async def __aenter__(self) -> Self:
        """Start taking mail."""
        self._pump = asyncio.create_task(self._pump_mail(), name="oneservice-pump")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop at once; what is in flight is asked for again after the next start."""
        tasks = [task for task in (self._pump, *self._in_flight.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what the engine asks --------------------------------------------------------------

    def now(self) -> datetime:
        """Return the present in whole milliseconds, as the journal keeps it."""
        instant = self.clock.now()
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000)

    async def give(self, case_id: str, given: Input, **also: object) -> Case:
        """Return the case after ``given``; it is durable then.

        Raises:
            IllegalInputError: the input does not fit; nothing changed.
            JournalError: it could not be made durable; nothing changed.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.post(Mail(inputs=((case_id, given),), future=future, **also))  # type: ignore[arg-type]
        await future
        return (await self.hot(case_id)).case

    async def hot(self, case_id: str) -> HotCase:
        """Return the case as far as it is durable.

        Raises:
            CaseNotFoundError: there is none of that id.
            JournalCorruptError: its history is damaged.
        """
        found = self._hot.get(case_id)
        if found is None:
            found = await self._load(case_id)
            self._keep(found)
        return found

    def post(self, mail: Mail) -> None:
        """Put ``mail`` into the box; the pump takes it in its next turn."""
        self._mail.append(mail)
        self._is_idle.clear()
        self._has_mail.set()

    async def touch_due(self) -> bool:
        """Wake the cases that are due now; say whether there were any."""
        due = await self.store.due(self.now(), DUE_AT_ONCE)
        for case_id in due:
            self.post(Mail(inputs=((case_id, TimePassed(at=self.now())),)))
        return bool(due)

    async def idle(self) -> None:
        """Return when no mail waits and nothing is in flight.

        Raises:
            JournalError: something could not be made durable (a full disk, say).
        """
        await self._is_idle.wait()
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            raise trouble

    # --- the pump ----------------------------------------------------------------------------

    async def _pump_mail(self) -> None:
        while True:
            await self._has_mail.wait()
            self._has_mail.clear()
            try:
                while self._mail:
                    mails, self._mail = self._mail, []
                    await self._turn(mails)
            except BaseException as error:
                self._trouble = error
                self._is_idle.set()
                raise
            self._note_idle()

    def _note_idle(self) -> None:
        if not self._mail and not self._in_flight:
            self._is_idle.set()

    async def _turn(self, mails: Sequence[Mail]) -> None:
        transitions: dict[str, Transition] = {}
        taken: list[Mail] = []
        for mail in mails:
            if mail.answered is not None:
                self._in_flight.pop(mail.answered, None)
            try:
                await self._take(mail, transitions)
            except OneServiceError as error:
                self._fail(mail, error)
            else:
                taken.append(mail)
        at = self.now()
        written: list[tuple[Write | None, HotCase]] = []
        for transition in transitions.values():
            transition.compose(at)
            written.append(transition.write(at))
        writes = [write for write, _ in written if write is not None]
        cursors = dict(mail.cursor for mail in taken if mail.cursor is not None)
        try:
            if writes or cursors:
                await self.store.commit(writes, cursors)
        except JournalError as error:
            for case_id in transitions:
                self._hot.pop(case_id, None)
            for mail in taken:
                self._fail(mail, error)
            return
        for _, after in written:
            self._keep(after)
        for mail in taken:
            if mail.future is not None and not mail.future.done():
                mail.future.set_result(None)
        for transition in transitions.values():
            self._release(transition.case_id, transition.owed, at)

    async def _take(self, mail: Mail, transitions: dict[str, Transition]) -> None:
        for case_id, given in mail.inputs:
            transition = transitions.get(case_id)
            try:
                if transition is None:
                    transition = await self._transition(case_id, given, mail)
                transition.take(given)
            except (CaseNotFoundError, IllegalInputError, JournalCorruptError) as error:
                if mail.cursor is None:
                    raise
                # One damaged case must not stop the news of all the others.
                _log.warning("news for case %s: %s", case_id, error.code)
                continue
            transition.blobs.update(mail.blobs)
            transitions[case_id] = transition

    async def _transition(self, case_id: str, given: Input, mail: Mail) -> Transition:
        if isinstance(given, OpenCase) and mail.form is not None:
            return Transition(
                case_id=case_id,
                secret=mail.secret,
                calendar=self._calendar,
                before=None,
                plan=given.plan,
                form=mail.form,
                key=mail.key,
            )
        before = await self.hot(case_id)
        return Transition(
            case_id=case_id,
            secret=before.secret,
            calendar=self._calendar,
            before=before,
            plan=before.plan,
            form=before.form,
            case=before.case,
        )

    def _fail(self, mail: Mail, error: OneServiceError) -> None:
        if mail.future is not None:
            if not mail.future.done():
                mail.future.set_exception(error)
        elif not isinstance(error, IllegalInputError):
            self._trouble = error

    def _keep(self, hot: HotCase) -> None:
        case = hot.case
        self._hot[case.id] = hot
        self._hot.move_to_end(case.id)
        if len(self._hot) > HOT_CASES:
            self._hot.popitem(last=False)
        for sub in case.sub_cases.values():
            is_open = sub.submission is not None and not sub.is_decided and sub.halted is None
            known = self.open_business.setdefault(sub.spec.department, set())
            (known.add if is_open else known.discard)(f"{case.id}.{sub.id}")

    async def _load(self, case_id: str) -> HotCase:
        stored = await self.store.stored(case_id)
        if stored is None:
            msg = f"there is no case {case_id[:60]!r} here"
            raise CaseNotFoundError(msg)
        case, seq, head = fold_records(case_id, await self.store.records(case_id))
        if seq != stored.seq:
            msg = f"case {case_id}: {seq} of {stored.seq} records are left; restore a backup"
            raise JournalCorruptError(msg)
        return HotCase(
            case=case,
            seq=seq,
            head=head,
            secret=stored.secret,
            plan=parse_plan(
                parse_object(await self._blob(case_id, case.plan), max_bytes=_PLAN_BYTES)
            ),
            form=Form.parse(await self._blob(case_id, case.form)),
            next_due=stored.next_due,
        )

    async def _blob(self, case_id: str, digest: Digest) -> bytes:
        data = await self.store.blob(case_id, digest)
        if data is None:
            msg = f"case {case_id}: the bytes of {digest} are gone; restore a backup"
            raise JournalCorruptError(msg)
        return data

    # --- commands ------------------------------------------------------------------------------

    def _release(self, case_id: str, owed: Iterable[Command], at: datetime) -> None:
        for command in owed:
            if isinstance(command, (Wake, Prepare)):
                continue
            if not isinstance(command, IssueBundle) and (command.not_before or at) > at:
                continue
            key = _key(case_id, command)
            if key not in self._in_flight:
                self._in_flight[key] = asyncio.create_task(self._perform(case_id, command, key))

    async def _perform(
        self, case_id: str, command: Deliver | Read | IssueBundle, key: tuple[str, ...]
    ) -> None:
        try:
            mail = await self._answer(case_id, command)
            mail.answered = key
            self.post(mail)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            # A fault of ours, or the end of the world in a crash test: never silent.
            self._in_flight.pop(key, None)
            self._trouble = error
            self._is_idle.set()
            if not isinstance(error, Exception):
                raise

    async def _answer(self, case_id: str, command: Deliver | Read | IssueBundle) -> Mail:
        if isinstance(command, Deliver):
            given = await deliver(
                case_id, command, departments=self.departments, store=self.store, now=self.now
            )
            return Mail(inputs=((case_id, given),))
        if isinstance(command, Read):
            given = await read_status(command, departments=self.departments, now=self.now)
            return Mail(inputs=((case_id, given),))
        hot = await self.hot(case_id)
        signed, document = await seal_bundle(hot, signer=self._signer, at=self.now())
        return Mail(inputs=((case_id, signed),), blobs={signed.certificate: document})


def _key(case_id: str, command: Deliver | Read | IssueBundle) -> tuple[str, ...]:
    if isinstance(command, IssueBundle):
        return (case_id, "bundle")
    if isinstance(command, Read):
        return (case_id, "read", command.submission_id)
    return (case_id, "deliver", command.message_id)
