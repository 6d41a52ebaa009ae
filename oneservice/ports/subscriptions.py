"""Telling others of facts: the facts in one order, and who has heard how many of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

__all__ = ["Fact", "Subscription", "Subscriptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One durable fact, told without its contents: what a subscriber may be told of.

    ``position`` counts the facts of all cases in the order in which they became durable, from 1.
    """

    position: int
    case_id: str
    seq: int
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who is told of new facts, and how far the telling has come.

    ``secret`` signs what is sent and is stored wrapped; ``url``, whose path may be a secret, is
    stored encrypted under it. ``position`` is the last fact that arrived, ``tries`` counts failures
    since, ``not_before`` is when to try again, ``state`` is ``active``, or ``ended`` where the far
    side asked for no more (410), or ``paused`` by people.
    """

    id: str
    url: str
    keyid: str
    secret: bytes = field(repr=False)
    position: int = 0
    tries: int = 0
    not_before: datetime | None = None
    state: Literal["active", "paused", "ended"] = "active"


class Subscriptions(Protocol):
    """What telling others of facts stands on: the facts in one order, and durable cursors."""

    async def recorded_after(self, position: int, limit: int) -> tuple[Fact, ...]:
        """Return at most ``limit`` facts after ``position``, in the order they became durable."""
        ...

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, by id, but those whose key is not at hand."""
        ...

    async def subscribe(self, subscription: Subscription) -> None:
        """Keep ``subscription``; one with its id is replaced as a whole."""
        ...

    async def unsubscribe(self, subscription_id: str) -> None:
        """Forget a subscription and its secret; harmless to repeat."""
        ...
