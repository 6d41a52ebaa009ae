"""A subscriber as operators see it, its key, and what may be registered at all."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.case import Event
from oneservice.departments import Ed25519EventKey, VerifyingKey
from oneservice.errors import IllegalInputError
from oneservice.runtimes import Subscriber

__all__ = [
    "FACT_KINDS",
    "SubscriberStatus",
    "illegal",
    "new_key",
    "refuse_wrong",
    "signing_key",
    "status_of",
]

FACT_KINDS: Final = frozenset(
    str(one.__dataclass_fields__["kind"].default) for one in get_args(Event)
)
"""Kinds of facts that may be told, as journals name them."""
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEYID: Final = re.compile(r"[A-Za-z0-9._-]{1,96}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberStatus:
    """A subscriber as operators see it.

    Attributes:
        id: its name.
        url: where notifications go; not shown in logs, since its path may be a secret.
        key: what the receiver verifies with (``verify_notification``).
        kinds: of facts that are told; empty: all.
        is_internal: whether it may be a machine of the portal's own network.
        state: ``active``; ``paused`` until an operator resumes it; ``ended``: it answered 410.
        reason: why it is paused or ended.
        ordered: the last order of an operator about it: who gave it, and why.
        position: the last fact that arrived, or was none of its kinds.
        tries: failures since the last success.
        failing_since: aware instant of the first of them.
        not_before: aware instant of the next try.
    """

    id: str
    url: str = field(repr=False)
    key: VerifyingKey
    kinds: frozenset[str]
    is_internal: bool
    state: str
    reason: str
    ordered: str
    position: int
    tries: int
    failing_since: datetime | None
    not_before: datetime | None


def status_of(one: Subscriber) -> SubscriberStatus:
    """Return what operators see; the secret is not in it."""
    row = one.subscription
    signing = signing_key(one)
    return SubscriberStatus(
        id=row.id,
        url=row.url,
        key=VerifyingKey(keyid=signing.keyid, alg=signing.alg, public_key=signing.public_key),
        kinds=one.kinds,
        is_internal=one.is_internal,
        state=row.state,
        reason=one.reason,
        ordered=one.ordered,
        position=row.position,
        tries=row.tries,
        failing_since=one.failing_since,
        not_before=row.not_before,
    )


def signing_key(one: Subscriber) -> Ed25519EventKey:
    """Return the key that signs what a subscriber is sent."""
    private = Ed25519PrivateKey.from_private_bytes(one.subscription.secret)
    return Ed25519EventKey(keyid=one.subscription.keyid, private=private)


def new_key(subscription_id: str) -> Ed25519EventKey:
    """Return a new key, named after itself: two keys of one subscriber never share a name."""
    fresh = Ed25519EventKey.generate(subscription_id)
    name = hashlib.sha256(fresh.public_key).hexdigest()[:8]
    return replace(fresh, keyid=f"{subscription_id}-{name}")


def refuse_wrong(
    subscription_id: str,
    kinds: frozenset[str],
    after: int | None,
    key: Ed25519EventKey | None,
) -> None:
    """Refuse what cannot be registered.

    Raises:
        IllegalInputError: no such id, kind of fact, or position; a key whose id cannot be sent.
    """
    if _ID.fullmatch(subscription_id) is None:
        raise illegal("a subscriber's id is 1 to 64 of A-Z a-z 0-9 . _ -")
    if key is not None and _KEYID.fullmatch(key.keyid) is None:
        raise illegal("a key's id is 1 to 96 of A-Z a-z 0-9 . _ -")
    if unknown := sorted(kinds - FACT_KINDS):
        raise illegal(f"there are no facts of the kind {', '.join(unknown)[:200]}; see FACT_KINDS")
    if after is not None and after < 0:
        raise illegal("positions count from 1; after=0 tells everything")


def illegal(problem: str) -> IllegalInputError:
    """Return the refusal of an order that is of no case."""
    return IllegalInputError(problem, status="none")
