"""Secrets of the file itself: what callers' keys are digested with, and those of subscribers."""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Any, Final, Protocol, TypeVar

from oneservice.errors import JournalCorruptError, JournalKeyError
from oneservice.ports import KeyKeeper, Subscription, WrappedKey
from oneservice.runtimes.case_cipher import CaseCipher
from oneservice.runtimes.sqlite_sealing import transaction
from oneservice.runtimes.sqlite_times import instant, ms

__all__ = ["FileSecrets"]

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_KEYS: Final = "keys"
_SUBSCRIPTION: Final = "subscription/"
_DIGEST_LENGTH: Final = 16
_SEALED: Final = "sealed:"
"""Begins an address that is encrypted under its subscriber's secret; no URL begins so."""
_ADDRESS: Final = b"url"


class _Run(Protocol):
    def __call__(self, work: Callable[[], _T], /) -> Awaitable[_T]: ...


class FileSecrets:
    """Secrets by name, each wrapped by the key keeper."""

    def __init__(self, connection: sqlite3.Connection, keeper: KeyKeeper, run: _Run) -> None:
        self._connection = connection
        self._keeper = keeper
        self._run = run
        self._pepper: bytes | None = None
        self._making = asyncio.Lock()

    async def key_digest(self, key: str) -> bytes:
        """Return what is stored of a caller's own key: nobody can guess the key from it."""
        return (await self.key_digests())(key)

    async def key_digests(self) -> Callable[[str], bytes]:
        """Return the function that digests callers' keys."""
        async with self._making:  # two that ask at once must not make two
            pepper = self._pepper
            if pepper is None:
                pepper = self._pepper = await self._opened(_KEYS) or await self._fresh()
        return lambda key: blake2b(
            key.encode(), key=pepper, digest_size=_DIGEST_LENGTH, person=b"oneservice-key"
        ).digest()

    async def rewrap(self) -> None:
        """Wrap everything under the keeper's current key; seal addresses that lie in the clear."""
        rows = await self._rows("SELECT name, key_id, wrapped FROM secrets", ())
        for name, key_id, wrapped in rows:
            if key_id != self._keeper.key_id:
                held = WrappedKey(key_id=key_id, wrapped=wrapped)
                secret = await self._keeper.unwrap(held, context=_context(name))
                await self._run(self._storing(name, await self._wrapped(name, secret)))
        clear = await self._rows(
            "SELECT id FROM subscriptions WHERE substr(url, 1, ?) != ?", (len(_SEALED), _SEALED)
        )
        if clear:
            known = {one.id: one for one in await self.subscriptions()}
            for (name,) in clear:
                await self.subscribe(known[name])

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions, by id.

        One whose secret cannot be opened, because its key is not at hand, is left out and told in
        the log: the others are served meanwhile.
        """
        rows = await self._rows(
            "SELECT id, url, keyid, position, tries, not_before, state, key_id, wrapped"
            " FROM subscriptions JOIN secrets ON name = ? || id ORDER BY id",
            (_SUBSCRIPTION,),
        )
        found: list[Subscription] = []
        for row in rows:
            try:
                found.append(await self._subscription(row))
            except JournalKeyError as error:
                _log.error("subscriber %s is not served: %s", row[0], error)
        return tuple(found)

    async def subscribe(self, subscription: Subscription) -> None:
        """Keep ``subscription`` and its secret."""
        one, name = subscription, _SUBSCRIPTION + subscription.id
        wrapped = await self._wrapped(name, one.secret)
        not_before = ms(one.not_before) if one.not_before else None
        url = _sealed(name, one.secret, one.url)
        row = (one.id, url, one.keyid, one.position, one.tries, not_before, one.state)

        def keep() -> None:
            with transaction(self._connection):
                self._connection.execute(
                    "INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?)", row
                )
                self._storing(name, wrapped)()

        await self._run(keep)

    async def unsubscribe(self, subscription_id: str) -> None:
        """Forget a subscription and its secret."""

        def forget() -> None:
            with transaction(self._connection):
                self._connection.execute(
                    "DELETE FROM subscriptions WHERE id = ?", (subscription_id,)
                )
                self._connection.execute(
                    "DELETE FROM secrets WHERE name = ?", (_SUBSCRIPTION + subscription_id,)
                )

        await self._run(forget)

    async def _subscription(self, row: Any) -> Subscription:
        id_, url, keyid, position, tries, not_before, state, key_id, wrapped = row
        held = WrappedKey(key_id=key_id, wrapped=wrapped)
        name = _SUBSCRIPTION + id_
        secret = await self._keeper.unwrap(held, context=_context(name))
        return Subscription(
            id=id_,
            url=_unsealed(name, secret, url),
            keyid=keyid,
            secret=secret,
            position=position,
            tries=tries,
            not_before=None if not_before is None else instant(not_before),
            state=state,
        )

    async def _opened(self, name: str) -> bytes | None:
        rows = await self._rows("SELECT key_id, wrapped FROM secrets WHERE name = ?", (name,))
        if not rows:
            return None
        held = WrappedKey(key_id=rows[0][0], wrapped=rows[0][1])
        return await self._keeper.unwrap(held, context=_context(name))

    async def _fresh(self) -> bytes:
        pepper = secrets.token_bytes(32)
        await self._run(self._storing(_KEYS, await self._wrapped(_KEYS, pepper)))
        return pepper

    async def _wrapped(self, name: str, secret: bytes) -> WrappedKey:
        return await self._keeper.wrap(secret, context=_context(name))

    def _storing(self, name: str, wrapped: WrappedKey) -> Callable[[], object]:
        return lambda: self._connection.execute(
            "INSERT OR REPLACE INTO secrets VALUES (?, ?, ?)",
            (name, wrapped.key_id, wrapped.wrapped),
        )

    async def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        return await self._run(lambda: self._connection.execute(sql, values).fetchall())


def _context(name: str) -> str:
    """Return what the keeper binds a secret to; no case id has a colon in it."""
    return f"file:{name}"


def _sealed(name: str, secret: bytes, url: str) -> str:
    """Return an address as it lies on the disk: its path may be a secret.

    It is encrypted under the subscriber's own secret, since a key keeper wraps nothing longer than
    a key.
    """
    sealed = CaseCipher(_context(name), secret.hex()).seal(_ADDRESS, url.encode())
    return _SEALED + base64.b64encode(sealed).decode()


def _unsealed(name: str, secret: bytes, stored: str) -> str:
    """Return the address; one that was written before addresses were sealed stands there itself."""
    if not stored.startswith(_SEALED):
        return stored
    try:
        sealed = base64.b64decode(stored.removeprefix(_SEALED), validate=True)
    except ValueError as error:
        msg = f"{name}: its stored address was altered; restore a backup"
        raise JournalCorruptError(msg) from error
    return CaseCipher(_context(name), secret.hex()).open(_ADDRESS, sealed).decode()
