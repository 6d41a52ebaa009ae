"""Status lists as an engine fetches them: whole, from where certificates say that they stand.

References:
    Token Status List (draft-ietf-oauth-status-list), sections 8.1 and 8.4.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from oneservice.errors import WebUnavailableError
from oneservice.ports.web import WebRequest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oneservice.ports import Web

__all__ = ["FetchedLists"]

_log = logging.getLogger("oneservice.departments")

_MAX_BYTES: Final = 16_777_216
_KEPT: Final = 256
_ACCEPT: Final = "application/statuslist+jwt"
_OK: Final = 200


class FetchedLists:
    """Implements :class:`oneservice.ports.StatusLists` over the web.

    Args:
        web: how publishers are asked.
        at_home: where addresses are reached from here, by their beginning: a publisher in the same
            house, or on loopback.
    """

    def __init__(self, web: Web, *, at_home: Mapping[str, str] | None = None) -> None:
        self._web = web
        self._at_home = dict(at_home or {})
        self._kept: dict[tuple[str, int], bytes] = {}

    async def list_of(self, uri: str, *, at: datetime) -> bytes | None:
        """Return the list at ``uri`` that spoke at ``at``; the newest, where that is all there is.

        Which moment it speaks for stands in the list itself, under its signature.
        """
        second = int(at.timestamp())
        known = self._kept.get((uri, second))
        if known is not None:
            return known
        address = self._address(uri)
        found = await self._get(f"{address}{'&' if '?' in address else '?'}time={second}")
        if found is None:
            return await self._get(address)
        while len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[uri, second] = found
        return found

    async def _get(self, address: str) -> bytes | None:
        request = WebRequest(url=address, headers={"Accept": _ACCEPT}, max_bytes=_MAX_BYTES)
        try:
            answer = await self._web.exchange(request)
        except WebUnavailableError as error:
            _log.warning("a status list cannot be had: %s", error)
            return None
        return answer.body if answer.status == _OK else None

    def _address(self, uri: str) -> str:
        for begins, home in self._at_home.items():
            if uri.startswith(begins):
                return home + uri.removeprefix(begins)
        return uri
