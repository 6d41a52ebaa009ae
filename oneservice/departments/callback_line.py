"""Sending one callback over HTTP, with the client that engines use: bounded in time and bytes."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from oneservice.departments.calling_back import Rang, Ring
from oneservice.departments.client import HttpLine, Request
from oneservice.departments.client_answers import Call, retry_after_s
from oneservice.departments.message_signatures import CALLBACK_TAG, MessageSigner
from oneservice.departments.wire import (
    CONTENT_DIGEST_HEADER,
    JSON_TYPE,
    MAX_HEADER_BYTES,
    VERSION,
    VERSION_HEADER,
    content_digest,
)
from oneservice.errors import DepartmentError

if TYPE_CHECKING:
    from oneservice.departments.signing import EventKey

__all__ = ["CallbackLine"]

DEADLINE_S: Final = 10.0
_ANSWER_BYTES: Final = 64 * 1024
_CONNECTIONS: Final = 8


class CallbackLine:
    """Sends callbacks signed with the department's key; close with :meth:`aclose`."""

    def __init__(
        self,
        key: EventKey,
        now: Callable[[], datetime],
        *,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self._signer = MessageSigner(key=key, tag=CALLBACK_TAG)
        self._now = now
        self._line = HttpLine(
            ssl_context or ssl.create_default_context(),
            connections=_CONNECTIONS,
            header_bytes=MAX_HEADER_BYTES,
        )

    async def send(self, ring: Ring) -> Rang:
        """Send one callback; whatever the network does becomes status 0."""
        headers = {
            VERSION_HEADER: VERSION,
            CONTENT_DIGEST_HEADER: content_digest(ring.body),
            "Content-Type": JSON_TYPE,
        }
        now = self._now()
        headers |= self._signer.headers(
            method="POST", url=ring.url, headers=headers, created_at=now
        )
        request = Request(
            call=Call(department=ring.caller, method="POST", what="callback"),
            url=ring.url,
            content=ring.body,
            media_type=JSON_TYPE,
            limit_bytes=_ANSWER_BYTES,
            deadline_s=DEADLINE_S,
        )
        try:
            answer = await self._line.exchange(request, headers=headers)
        except DepartmentError:
            return Rang(status=0)
        wait_s = retry_after_s(answer.headers, now=now) if "retry-after" in answer.headers else 0
        return Rang(status=answer.status, retry_after_s=wait_s)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._line.aclose()
