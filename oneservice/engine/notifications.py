"""Telling other systems that cases moved: ``engine.notifications``.

Who is told is registered by an operator, never by a message. What is told names cases, kinds of
facts and instants, and nothing of a person; the guide is ``docs/notifications.md``.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from oneservice.case import Actor, refuse_order
from oneservice.departments import (
    CaseNews,
    Ed25519EventKey,
    Notification,
    notification_json,
    refuse_address,
)
from oneservice.engine.subscribers import (
    SubscriberStatus,
    illegal,
    new_key,
    refuse_wrong,
    signing_key,
    status_of,
)
from oneservice.ports import Subscription
from oneservice.runtimes import Driver, News, Notifier, Sent, Subscriber

if TYPE_CHECKING:
    from oneservice.departments import WebhookLine

__all__ = ["Notifications"]

_log = logging.getLogger(__name__)

MOST_SUBSCRIBERS: Final = 200
"""Each has a task, a connection and a message of its own in memory when all fall behind at once."""
_Make: TypeAlias = Callable[[Subscriber | None], Subscriber]


class Notifications:
    """Registers subscribers and tells them of facts; :meth:`run` beside ``engine.run()``.

    Attributes:
        ssl_context: what subscribers' certificates are judged by; the system's authorities by
            default. Set it before anything is sent.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._notifier = Notifier(driver, self._send)
        self._lines: dict[str, WebhookLine] = {}
        self._talks = 0
        self.ssl_context: ssl.SSLContext | None = None

    # --- who is told -------------------------------------------------------------------------

    async def subscribe(
        self,
        subscription_id: str,
        url: str,
        *,
        by: Actor,
        why: str,
        kinds: Iterable[str] = (),
        key: Ed25519EventKey | None = None,
        after: int | None = None,
        is_internal: bool = False,
    ) -> SubscriberStatus:
        """Register a subscriber, or register it anew; it is active then.

        Args:
            subscription_id: your name for it: ``[A-Za-z0-9._-]{1,64}``.
            url: ``https://HOST/…`` without user name, query or fragment.
            by: the operator.
            why: the reason, for the record; it names no person.
            kinds: tell only of facts of these :data:`FACT_KINDS`; of all by default.
            key: signs what is sent. By default the one that it has, or a new one; to change keys,
                give the receiver the public half of the new one first, then call this.
            after: the position after which it is told. By default where it stood, and a new one
                hears of what happens from now on; 0 tells everything.
            is_internal: the address is one of your own network, and may be private; on this machine
                plain HTTP is allowed.

        Raises:
            EndpointInvalidError: it may not be called.
            IllegalInputError: no such id, kind or position, or too many subscribers.
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
            JournalError: it could not be made durable.
        """
        refuse_order(by, why)
        refuse_address(url, is_internal=is_internal)
        wanted = frozenset(kinds)
        refuse_wrong(subscription_id, wanted, after, key)
        others = {one.id for one in await self._notifier.subscribers()} - {subscription_id}
        if len(others) >= MOST_SUBSCRIBERS:
            raise illegal(f"there are {MOST_SUBSCRIBERS} subscribers; remove one first")
        newest = await self._notifier.newest_position() if after is None else after

        def make(known: Subscriber | None) -> Subscriber:
            signing = key or (signing_key(known) if known else new_key(subscription_id))
            stood = newest if known is None else known.subscription.position
            return Subscriber(
                subscription=Subscription(
                    id=subscription_id,
                    url=url,
                    keyid=signing.keyid,
                    secret=signing.private.private_bytes_raw(),
                    position=stood if after is None else after,
                ),
                kinds=wanted,
                is_internal=is_internal,
                ordered=_ordered(by, why),
            )

        return await self._change(subscription_id, make)

    async def pause(self, subscription_id: str, *, by: Actor, why: str) -> SubscriberStatus:
        """Send nothing to a subscriber until :meth:`resume`; nothing that is owed is lost.

        Raises:
            IllegalInputError: there is none of that id, or it has ended.
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
        """
        refuse_order(by, why)
        return await self._change(
            subscription_id, lambda known: _wanting(known).suspended(_ordered(by, why))
        )

    async def resume(self, subscription_id: str, *, by: Actor, why: str) -> SubscriberStatus:
        """Send to a paused subscriber again, from where it stood.

        Raises:
            IllegalInputError: there is none of that id, or it answered 410: who asked for no more
                must be registered anew.
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
        """
        refuse_order(by, why)
        return await self._change(
            subscription_id, lambda known: _wanting(known).resumed(_ordered(by, why))
        )

    async def unsubscribe(self, subscription_id: str, *, by: Actor, why: str) -> None:
        """Forget a subscriber and its key; harmless to repeat.

        Raises:
            NotAllowedError: ``by`` is no operator, or ``why`` is empty.
        """
        refuse_order(by, why)
        await self._notifier.change(subscription_id, lambda _known: None)
        await _hang_up(self._taken_down(subscription_id))
        _log.warning("subscriber %s was removed by %s", subscription_id, by)

    async def subscribers(self) -> tuple[SubscriberStatus, ...]:
        """Return all subscribers, by id."""
        return tuple(status_of(one) for one in await self._notifier.subscribers())

    # --- telling -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell of facts as they happen until cancelled: a task beside ``engine.run()``.

        Raises:
            JournalUnavailableError: the engine was closed, or its store keeps no subscribers.
        """
        async with self._talking():
            await self._notifier.run()

    async def send_due(self) -> int:
        """Send all that is owed and due now; return how many messages were tried.

        For a scheduler of your own, and for tests.

        Raises:
            JournalError: how far it came could not be made durable; it is sent again.
        """
        async with self._talking():
            return await self._notifier.send_due()

    async def next_due(self) -> datetime | None:
        """Return when a subscriber who failed is tried again next; ``None``: none did."""
        return await self._notifier.next_due()

    async def _send(self, subscriber: Subscriber, news: tuple[News, ...]) -> Sent:
        line = self._line(subscriber)
        changes = tuple(
            CaseNews(
                position=one.fact.position,
                case_id=one.fact.case_id,
                seq=one.fact.seq,
                at=one.fact.at,
                kind=one.fact.kind,
                status=one.status,
            )
            for one in news
        )
        body = notification_json(Notification(subscription=subscriber.id, changes=changes))
        answer = await line.send(body, now=self._driver.now())
        return Sent(
            status=answer.status, retry_after_s=answer.retry_after_s, problem=answer.problem
        )

    def _line(self, subscriber: Subscriber) -> WebhookLine:
        found = self._lines.get(subscriber.id)
        if found is not None:
            return found
        from oneservice.departments import WebhookLine  # noqa: PLC0415 - an HTTP library with it

        if self.ssl_context is None:
            self.ssl_context = ssl.create_default_context()
        line = self._lines[subscriber.id] = WebhookLine(
            subscriber.subscription.url,
            signing_key(subscriber),
            is_internal=subscriber.is_internal,
            ssl_context=self.ssl_context,
        )
        return line

    async def _change(self, subscription_id: str, make: _Make) -> SubscriberStatus:
        """Change a subscriber; what is sent from then on goes over a line of its own."""
        stale: list[WebhookLine] = []

        def remade(known: Subscriber | None) -> Subscriber:
            made = make(known)  # may refuse; nothing is under way meanwhile
            stale.extend(self._taken_down(subscription_id))
            return made

        made = await self._notifier.change(subscription_id, remade)
        assert made is not None  # noqa: S101 - only `unsubscribe` forgets
        await _hang_up(stale)
        return status_of(made)

    def _taken_down(self, subscription_id: str) -> list[WebhookLine]:
        line = self._lines.pop(subscription_id, None)
        return [] if line is None else [line]

    @asynccontextmanager
    async def _talking(self) -> AsyncIterator[None]:
        """Hold connections open for as long as anybody sends."""
        self._talks += 1
        try:
            yield
        finally:
            self._talks -= 1
            if not self._talks:
                lines = list(self._lines.values())
                self._lines.clear()
                await _hang_up(lines)


async def _hang_up(lines: Iterable[WebhookLine]) -> None:
    await asyncio.gather(*(line.aclose() for line in lines))


def _wanting(known: Subscriber | None) -> Subscriber:
    if known is None:
        raise illegal("there is no subscriber of that id")
    if known.subscription.state == "ended":
        raise illegal("it answered 410 and wants no more; subscribe it anew if it does")
    return known


def _ordered(by: Actor, why: str) -> str:
    return f"{by}: {why.strip()}"
