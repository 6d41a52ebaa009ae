"""Errands: the commands that durable states owe, each under way once, each answered with mail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Protocol, TypeAlias

from oneservice.canonical import digest_bytes
from oneservice.case import Command, Deliver, Input, IssueBundle, Prepare, Read, Wake
from oneservice.errors import CaseErasedError
from oneservice.ports import Departments, Signer, Store
from oneservice.runtimes.hot import HotCase
from oneservice.runtimes.mail import Mail
from oneservice.runtimes.performing import deliver, read_status
from oneservice.runtimes.sealing import seal_bundle

__all__ = ["Errands", "Noting"]

_Errand: TypeAlias = Deliver | Read | IssueBundle
_Key: TypeAlias = tuple[str, ...]


class Noting(Protocol):
    """Who is told of a message before it is sent, and of its answer before that counts."""

    async def sending(self, hot: HotCase, command: Deliver) -> None:
        """Take note that ``command`` is about to be sent."""
        ...

    async def answered(self, hot: HotCase, command: Deliver, given: Input) -> None:
        """Take note of what came of it."""
        ...


class Errands:
    """Calls under way. A key is in here from the start of its call until its answer is decided."""

    def __init__(
        self,
        *,
        store: Store,
        departments: Departments,
        signer: Signer,
        trust_list: bytes | None,
        now: Callable[[], datetime],
        hot: Callable[[str], Awaitable[HotCase]],
        post: Callable[[Mail], None],
        give_up: Callable[[BaseException], None],
        border: Noting | None = None,
    ) -> None:
        self._store = store
        self._border = border
        self._departments = departments
        self._signer = signer
        self._trust_list = {digest_bytes(trust_list): trust_list} if trust_list else {}
        self._now = now
        self._hot = hot
        self._post = post
        self._give_up = give_up
        self._under_way: dict[_Key, asyncio.Task[None]] = {}

    @property
    def tasks(self) -> Collection[asyncio.Task[None]]:
        """What is under way."""
        return self._under_way.values()

    def start(self, hot: HotCase, owed: Iterable[Command], at: datetime) -> None:
        """Start what ``hot`` owes at ``at`` and what is not under way yet."""
        for command in owed:
            if isinstance(command, (Wake, Prepare)):
                continue
            if not isinstance(command, IssueBundle) and (command.not_before or at) > at:
                continue
            key = _key(hot.case.id, command)
            if isinstance(command, Read) and _filing(key) in self._under_way:
                continue  # while it is being filed, a read could miss it; the answer comes first
            if key not in self._under_way:
                self._under_way[key] = asyncio.create_task(self._perform(hot, command, key))

    def done(self, key: _Key) -> None:
        """Forget an errand whose answer is being decided."""
        self._under_way.pop(key, None)

    async def _perform(self, hot: HotCase, command: _Errand, key: _Key) -> None:
        try:
            mail = await self._answer(hot, command)
            mail.answered = key
            self._post(mail)
        except asyncio.CancelledError:
            raise
        except CaseErasedError:
            self.done(key)  # erased while it was under way: nothing is owed any more
            self._post(Mail(inputs=()))  # a turn notices that nothing is under way
        except BaseException as error:
            # A seal that does not answer, a fault of ours, the end of a crash test: never silent.
            self.done(key)
            self._give_up(error)
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise

    async def _answer(self, hot: HotCase, command: _Errand) -> Mail:
        case_id = hot.case.id
        if isinstance(command, Deliver):
            if self._border is not None:
                await self._border.sending(hot, command)
            given = await deliver(
                case_id,
                command,
                body=hot.messages.get(command.request_digest),
                departments=self._departments,
                store=self._store,
                now=self._now,
            )
            if self._border is not None:
                await self._border.answered(hot, command, given)
            return Mail(inputs=((case_id, given),))
        if isinstance(command, Read):
            given = await read_status(command, departments=self._departments, now=self._now)
            return Mail(inputs=((case_id, given),))
        signed, document = await seal_bundle(
            await self._hot(case_id),
            signer=self._signer,
            trust_list=next(iter(self._trust_list), None),
            at=self._now(),
        )
        # The list of the day stays with the case: the bundle encloses it, whatever list is next.
        blobs = {signed.certificate: document, **self._trust_list}
        return Mail(inputs=((case_id, signed),), blobs=blobs, public=frozenset(self._trust_list))


def _filing(reading: _Key) -> _Key:
    """Return the key under which that which ``reading`` asks for is filed."""
    case_id, _, submission_id = reading
    return (case_id, "deliver", submission_id)


def _key(case_id: str, command: _Errand) -> _Key:
    if isinstance(command, IssueBundle):
        return (case_id, "bundle")
    if isinstance(command, Read):
        return (case_id, "read", command.submission_id)
    return (case_id, "deliver", command.message_id)
