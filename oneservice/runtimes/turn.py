"""One turn of the pump: all mail that has come, decided case by case, not durable yet."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from oneservice.case import Input, OpenCase
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    IllegalInputError,
    JournalConflictError,
    JournalCorruptError,
    JournalKeyError,
    OneServiceError,
)
from oneservice.ports import Store, Write
from oneservice.runtimes.conflicts import refuse_moved
from oneservice.runtimes.hot import HotCase, Transition
from oneservice.runtimes.mail import Mail
from oneservice.workdays import WorkCalendar

__all__ = ["Turn"]

_log = logging.getLogger(__name__)

_OF_ONE_CASE = (
    CaseErasedError,
    CaseNotFoundError,
    IllegalInputError,
    JournalCorruptError,
    JournalKeyError,
)
"""What stops the news of one case, and must not stop those of the others on the same page."""


class Turn:
    """Gathers what one turn does to each case; nothing of it counts before it is durable."""

    def __init__(
        self,
        *,
        hot: Callable[[str], Awaitable[HotCase]],
        store: Store,
        calendar: WorkCalendar,
        callbacks: Mapping[str, str],
    ) -> None:
        self._hot = hot
        self._store = store
        self._calendar = calendar
        self._callbacks = callbacks
        self._keys: set[str] = set()
        self.transitions: dict[str, Transition] = {}

    async def take(self, mail: Mail) -> bool:
        """Decide the inputs of ``mail``; ``False``: it belongs to the next turn.

        By the next turn it is known what became of another one under the same key.

        Raises:
            OneServiceError: it does not fit; what it is told is in the error.
        """
        if mail.key is not None and not await self._is_first_under(mail.key):
            return False
        if mail.if_head is not None:
            hot = await self._hot(mail.inputs[0][0])
            pending = self.transitions.get(hot.case.id)
            await refuse_moved(hot, pending, mail.if_head, store=self._store)
        for case_id, given in mail.inputs:
            await self._take(mail, case_id, given)
        return True

    def compose(
        self, at: datetime, *, refuse: Callable[[str, OneServiceError], None]
    ) -> tuple[list[HotCase], list[Write]]:
        """Return the cases after this turn and what must be durable for them.

        What cannot be composed fails alone: ``refuse`` is told the case and why.
        """
        afters: list[HotCase] = []
        writes: list[Write] = []
        for case_id, transition in self.transitions.items():
            try:
                transition.compose(at)
                write, after = transition.write(at)
            except OneServiceError as error:
                refuse(case_id, error)
                continue
            afters.append(after)
            if write is not None:
                writes.append(write)
        return afters, writes

    async def _is_first_under(self, key: str) -> bool:
        if key in self._keys:
            return False
        if await self._store.case_of_key(key) is not None:
            msg = "a case was opened under this key already; ask for that one"
            raise JournalConflictError(msg)
        self._keys.add(key)
        return True

    async def _take(self, mail: Mail, case_id: str, given: Input) -> None:
        transition = self.transitions.get(case_id)
        try:
            if transition is None:
                transition = await self._transition(case_id, given, mail)
            transition.take(given)
        except _OF_ONE_CASE as error:
            if mail.cursor is None:
                raise
            _log.warning("news for case %s: %s", case_id, error.code)
            return
        transition.blobs.update(mail.blobs)
        transition.public.update(mail.public)
        self.transitions[case_id] = transition

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
                callbacks=self._callbacks,
            )
        before = await self._hot(case_id)
        return Transition(
            case_id=case_id,
            secret=before.secret,
            calendar=self._calendar,
            before=before,
            plan=before.plan,
            form=before.form,
            case=before.case,
            callbacks=self._callbacks,
        )
