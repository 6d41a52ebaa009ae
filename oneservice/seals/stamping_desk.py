"""The time-stamping authorities of an engine: asked one after the other until one has answered.

A timestamp proves the more the earlier it is, and none at all where its authority is away; so there
may be several. An answer that no listed authority made counts as none: whoever sits at the
address of an authority has not become one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from oneservice.errors import (
    EndpointInvalidError,
    StatusUnknownError,
    VerificationError,
    WebUnavailableError,
)
from oneservice.seals.stamping import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oneservice.certificates import ListedAuthority
    from oneservice.ports import Web

__all__ = ["StampingDesk"]

_AT_ONCE: Final = 4
"""Requests under way: certificates of one bundle are stamped together, authorities have limits."""
_PATIENCE_S: Final = 4.0
"""Real seconds for one authority: a second one must have its turn while a bundle waits."""


class StampingDesk:
    """Implements :class:`oneservice.ports.Timestamping`, for ``Vouchers(clock=…)`` of an engine.

    ``authorities`` may be set again when a newer trust list came.

    Args:
        urls: of authorities, the preferred one first; the one that answered last is asked first.
        web: makes the exchanges.
        authorities: those whose word counts, from the trust list; a stamp that no verifier would
            believe is not handed out.
        policy: object identifier of the rules that are wished for.

    Raises:
        EndpointInvalidError: there is no address, or one is no URL of HTTP.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        web: Web,
        authorities: Sequence[ListedAuthority],
        policy: str | None = None,
    ) -> None:
        for url in urls or ("",):
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                msg = f"{url[:160]!r} is no address of a timestamp authority; give its URL"
                raise EndpointInvalidError(msg)
        self.authorities = tuple(authorities)
        self._urls = list(urls)
        self._web = web
        self._policy = policy
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def stamp(self, data: bytes) -> bytes:
        """Return a token, DER, over the SHA-256 of ``data``, by the first authority that has one.

        Raises:
            StatusUnknownError: none gave a token that counts; the text says why, for each.
        """
        whys: list[str] = []
        async with self._turns:
            for url in tuple(self._urls):
                try:
                    token, _ = await stamp(
                        data,
                        url=url,
                        web=self._web,
                        authorities=self.authorities,
                        policy=self._policy,
                        deadline_s=_PATIENCE_S,
                    )
                except (VerificationError, WebUnavailableError) as error:
                    whys.append(f"{urlsplit(url).hostname}: {error}")
                    continue
                self._urls.sort(key=url.__ne__)  # stable: the one that answered comes first
                return token
        why = "; ".join(whys)
        msg = f"no timestamp authority gave a token that counts ({why}); ask later, or another"
        raise StatusUnknownError(msg)
