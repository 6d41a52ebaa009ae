"""Telling subscribers of facts: what is owed is derived from how far the telling has come.

Theory of operation. All facts stand in one order. A subscriber is a position in it; what is owed is
what comes later, so there is no outbox, and whatever piles up goes out together, in order. Only
after an answer the position moves, durably: a crash in between repeats a message, and a receiver
knows repeats by their positions. Each subscriber is served by a task of its own and gets one
message at a time: whoever is slow holds up nobody else, and no case waits for any of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias, runtime_checkable

from oneservice.errors import CaseError, JournalKeyError, JournalUnavailableError, OneServiceError
from oneservice.ports import Fact, Store, Subscriptions
from oneservice.runtimes.driver import Driver
from oneservice.runtimes.notifying_subscribers import Sent, Subscriber, note_name

__all__ = ["MOST_NEWS", "News", "Notifier"]

_log = logging.getLogger(__name__)

MOST_NEWS: Final = 500
"""Facts in one message."""
LOOK_S: Final = 1.0
"""Real seconds between two looks for facts: one look-up in an index, however many subscribers."""
AFTER_TROUBLE_S: Final = 30.0
"""Real seconds of rest for a subscriber whose position cannot be made durable: each try would be
one more repeat."""
_PAGE: Final = 1_000
_SKIPPED_KEPT: Final = 10_000
"""So many facts that a subscriber does not want are read again after a restart, at the most."""


@runtime_checkable
class _TellingStore(Store, Subscriptions, Protocol):
    """A store that knows the order of its facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A fact, and where its case stood when this was put together; ``None``: it cannot be told."""

    fact: Fact
    status: str | None


Send: TypeAlias = Callable[[Subscriber, tuple[News, ...]], Awaitable[Sent]]


class Notifier:
    """Sends what is owed to all subscribers of one engine; it alone writes their positions.

    Args:
        driver: whose store and clock.
        send: sends one message; never raises for what the network does.
    """

    def __init__(self, driver: Driver, send: Send) -> None:
        self._driver = driver
        self._send = send
        self._known: dict[str, Subscriber] | None = None
        self._loading = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._reached: dict[str, int] = {}  # up to where nothing is owed; in memory only
        self._under_way: dict[str, asyncio.Task[int]] = {}
        self._resting: dict[str, float] = {}
        self._held: set[str] = set()  # those that an operator changes just now

    async def subscribers(self) -> tuple[Subscriber, ...]:
        """Return all subscribers, by id.

        Raises:
            JournalUnavailableError: the store keeps none, or is closed.
        """
        known = await self._all()
        return tuple(known[name] for name in sorted(known))

    async def change(
        self, subscription_id: str, make: Callable[[Subscriber | None], Subscriber | None]
    ) -> Subscriber | None:
        """Replace a subscriber by what ``make`` makes of it; ``None`` forgets it.

        A message that is under way is given up: the receiver may get it once more.
        """
        async with self._changing:
            known = await self._all()
            self._held.add(subscription_id)
            try:
                await self._stop(subscription_id)
                made = make(known.get(subscription_id))
                if made is None:
                    await self._store.unsubscribe(subscription_id)
                    await self._store.commit((), {note_name(subscription_id): None})
                    known.pop(subscription_id, None)
                else:
                    await self._keep(made, has_new_note=True)
            finally:
                self._held.discard(subscription_id)
            self._reached.pop(subscription_id, None)
            self._resting.pop(subscription_id, None)
            return made

    async def newest_position(self) -> int:
        """Return the position of the last fact, found in some forty look-ups."""
        low, step = 0, 1
        while await self._is_any_after(low + step):
            low, step = low + step, step * 2
        high = low + step
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if await self._is_any_after(middle) else (low, middle)
        return low

    async def next_due(self) -> datetime | None:
        """Return when the next pause ends; ``None``: nobody is waited for."""
        rows = [one.subscription for one in (await self._all()).values()]
        times = [row.not_before for row in rows if row.state == "active"]
        return min((one for one in times if one is not None), default=None)

    async def send_due(self) -> int:
        """Send all that is owed and due now; return how many messages were tried.

        Raises:
            JournalError: a position could not be made durable.
        """
        self._resting.clear()
        tasks = await self._start_due()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        for one in found:
            if isinstance(one, Exception):  # no cancellation: an operator changed a subscriber
                raise one
        return sum(one for one in found if isinstance(one, int))

    async def run(self) -> None:
        """Send whatever is owed, as soon as it is due, until cancelled.

        Raises:
            JournalUnavailableError: the engine was closed, or its store keeps no subscribers.
        """
        _telling(self._driver.store)
        try:
            while True:
                self._driver.refuse_closed()
                try:
                    await self._start_due()
                except OneServiceError as error:
                    _log.error("notifications wait: %s: %s", error.code, error)
                await asyncio.sleep(LOOK_S)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Give up what is under way; it is sent again by whoever runs next."""
        for name in list(self._under_way):
            await self._stop(name)

    # --- who is owed what --------------------------------------------------------------------

    async def _start_due(self) -> list[asyncio.Task[int]]:
        """Start serving whoever is owed something; return all that is under way then."""
        self._driver.refuse_closed()
        now, real_s = self._driver.now(), asyncio.get_running_loop().time()
        due = [
            name
            for name, one in (await self._all()).items()
            if one.is_due(now)
            and name not in self._under_way
            and self._resting.get(name, 0.0) <= real_s
        ]
        quiet = [self._reached[name] for name in due if name in self._reached]
        if quiet and not await self._is_any_after(min(quiet)):
            due = [name for name in due if name not in self._reached]
        for name in due:
            if name not in self._under_way and name not in self._held:
                task = asyncio.create_task(self._serve(name), name=f"oneservice-notify-{name}")
                task.add_done_callback(lambda done, name=name: self._served(name, done))  # type: ignore[misc]
                self._under_way[name] = task
        return list(self._under_way.values())

    async def _serve(self, name: str) -> int:
        """Send to one subscriber until nothing is owed, or it does not take it."""
        count = 0
        while True:
            subscriber = (await self._all())[name]
            facts, position = await self._owed(subscriber)
            if not facts:
                self._reached[name] = position
                if position - subscriber.subscription.position >= _SKIPPED_KEPT:
                    await self._keep(subscriber.told(position))
                return count
            sent = await self._send(subscriber, await self._news(facts))
            count += 1
            now = self._driver.now()
            after = subscriber.answered(sent, position=position, now=now)
            await self._keep(after, has_new_note=after.note != subscriber.note)
            _tell(after, sent)
            if not sent.is_taken:
                return count

    def _served(self, name: str, task: asyncio.Task[int]) -> None:
        self._under_way.pop(name, None)
        if task.cancelled() or (error := task.exception()) is None:
            return
        self._resting[name] = asyncio.get_running_loop().time() + AFTER_TROUBLE_S
        told = (
            f"{error.code}: {error}" if isinstance(error, OneServiceError) else type(error).__name__
        )
        _log.error("subscriber %s waits: %s", name, told)

    async def _owed(self, subscriber: Subscriber) -> tuple[list[Fact], int]:
        """Return the facts of the next message, and how far it reaches."""
        position = max(subscriber.subscription.position, self._reached.get(subscriber.id, 0))
        found: list[Fact] = []
        while True:
            page = await self._store.recorded_after(position, _PAGE)
            for fact in page:
                if subscriber.wants(fact.kind):
                    if len(found) == MOST_NEWS:
                        return found, position
                    found.append(fact)
                position = fact.position
            if len(page) < _PAGE:
                return found, position

    async def _news(self, facts: list[Fact]) -> tuple[News, ...]:
        status = {name: await self._status(name) for name in {fact.case_id for fact in facts}}
        return tuple(News(fact=fact, status=status[fact.case_id]) for fact in facts)

    async def _status(self, case_id: str) -> str | None:
        try:
            stored = await self._store.stored(case_id)
        except (CaseError, JournalKeyError):
            return None  # its key is not at hand: the fact itself can be told all the same
        return None if stored is None else stored.status

    # --- what is kept ------------------------------------------------------------------------

    @property
    def _store(self) -> _TellingStore:
        return _telling(self._driver.store)

    async def _all(self) -> dict[str, Subscriber]:
        if self._known is None:
            async with self._loading:
                if self._known is None:
                    self._known = {
                        row.id: Subscriber.of(row, await self._store.cursor(note_name(row.id)))
                        for row in await self._store.subscriptions()
                    }
        return self._known

    async def _keep(self, subscriber: Subscriber, *, has_new_note: bool = False) -> None:
        """Make ``subscriber`` durable: the note first, for the row decides whether it counts."""
        if has_new_note:
            await self._store.commit((), {note_name(subscriber.id): subscriber.note})
        await self._store.subscribe(subscriber.subscription)
        known = await self._all()
        known[subscriber.id] = subscriber

    async def _is_any_after(self, position: int) -> bool:
        return bool(await self._store.recorded_after(position, 1))

    async def _stop(self, name: str) -> None:
        task = self._under_way.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _telling(store: Store) -> _TellingStore:
    if not isinstance(store, _TellingStore):
        msg = "this engine's store keeps no subscribers; open it with Engine.embedded"
        raise JournalUnavailableError(msg)
    return store


def _tell(after: Subscriber, sent: Sent) -> None:
    if after.reason:
        _log.error("subscriber %s is %s: %s", after.id, after.subscription.state, after.reason)
    elif not sent.is_taken:
        row = after.subscription
        _log.warning(
            "subscriber %s, try %d: %s; again at %s", row.id, row.tries, sent, row.not_before
        )
