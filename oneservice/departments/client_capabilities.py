"""A department's capabilities, kept and revalidated: hourly, and before they end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from oneservice.departments.capabilities import parse_capabilities
from oneservice.departments.wire import parse_instant
from oneservice.errors import DepartmentError, ProtocolProblemError

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.departments.capabilities import Capabilities
    from oneservice.departments.client_exchange import Exchanges

__all__ = ["KnownCapabilities"]

FRESH_FOR: Final = timedelta(hours=1)


class KnownCapabilities:
    """What one department said of itself last. Its keys are shown to people, never trusted."""

    def __init__(self, way: Exchanges) -> None:
        self._way = way
        self._known: Capabilities | None = None
        self._etag = ""
        self._fresh_until: datetime | None = None
        self._asking = asyncio.Lock()

    async def current(self) -> Capabilities:
        """Return the capabilities, asked for again where an hour or their validity has passed.

        What is known and still valid serves when the department cannot be asked.

        Raises:
            DepartmentError: nothing valid is known, and nothing can be had.
        """
        async with self._asking:
            now = self._way.clock.now()
            if self._known is not None and self._fresh_until is not None:
                if now < self._fresh_until:
                    return self._known
                if _is_valid(self._known, now):
                    return await self._revalidated(self._known, now)
            return await self._asked(now)

    def forget(self) -> None:
        """Ask again next time: an answer showed that they have changed."""
        self._fresh_until = None
        self._etag = ""

    async def require(self, feature: str) -> None:
        """Raise ``feature-not-offered`` unless the department lists ``feature`` (P-05)."""
        if feature not in (await self.current()).features:
            call = self._way.call("GET", "capabilities")
            raise call.broken(
                f"the feature {feature} is not offered; not sent", "feature-not-offered"
            )

    async def _revalidated(self, known: Capabilities, now: datetime) -> Capabilities:
        try:
            return await self._asked(now)
        except DepartmentError:
            return known

    async def _asked(self, now: datetime) -> Capabilities:
        call = self._way.call("GET", "capabilities")
        request = self._way.request(call, "capabilities", if_none_match=self._etag)
        answer = await self._way.exchange(request)
        if answer.status != 304 or self._known is None:  # noqa: PLR2004 - HTTP's own numbers
            self._way.refuse_unless(answer, call, {200})
            try:
                found = parse_capabilities(answer.body, max_bytes=self._way.endpoint.status_bytes)
            except ProtocolProblemError as error:
                raise call.broken(f"the capabilities: {error}", error.problem) from None
            if found.department != self._way.department:
                raise call.broken("these are another department's", "wrong-department")
            self._known, self._etag = found, answer.headers.get("etag", "")
            self._way.announced(found.limits)
        self._fresh_until = _fresh_until(self._known, now)
        return self._known


def _is_valid(known: Capabilities, now: datetime) -> bool:
    return known.valid_until is None or now < parse_instant(known.valid_until)


def _fresh_until(known: Capabilities, now: datetime) -> datetime:
    """Return when to ask again: in an hour, earlier where the validity ends earlier."""
    hourly = now + FRESH_FOR
    if known.valid_until is None:
        return hourly
    return min(hourly, parse_instant(known.valid_until))
