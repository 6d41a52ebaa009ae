"""Sending one notification: one connection per subscriber, bounded in time and bytes.

It stands on the network layer of the client (:mod:`transport_wire`), not on the client itself: an
answer here is a number and, at most, a wish when to come back, and the address must be judged
below everything that resolves names. Redirects are not followed, nothing in an answer is opened.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpcore

from oneservice.departments.client_answers import retry_after_s
from oneservice.departments.message_signatures import CALLBACK_TAG, MessageSigner
from oneservice.departments.transport_wire import Wire, WireLimitError
from oneservice.departments.webhook_network import AddressRefusedError, JudgedNetwork
from oneservice.departments.wire import (
    CONTENT_DIGEST_HEADER,
    JSON_TYPE,
    MAX_HEADER_BYTES,
    VERSION,
    VERSION_HEADER,
    content_digest,
)

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.departments.signing import EventKey

__all__ = ["WebhookAnswer", "WebhookLine"]

DEADLINE_S: Final = 10.0
"""From resolving the name to the last byte of the answer."""
_ANSWER_BYTES: Final = 64 * 1024
_IDLE_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAnswer:
    """How a notification was answered; ``status`` 0 for no answer, and ``problem`` says why."""

    status: int
    retry_after_s: int = 0
    problem: str = ""


class WebhookLine:
    """The way to one subscriber; close with :meth:`aclose`. One message at a time.

    Args:
        url: as it was registered.
        key: signs; its id is what the receiver knows.
        is_internal: whether addresses of private networks count.
        ssl_context: what certificates are judged by; the system's authorities by default.
    """

    def __init__(
        self,
        url: str,
        key: EventKey,
        *,
        is_internal: bool,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._signer = MessageSigner(key=key, tag=CALLBACK_TAG)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or ssl.create_default_context(),
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=_IDLE_S,
            network_backend=JudgedNetwork(is_internal=is_internal),
        )

    async def send(self, body: bytes, *, now: datetime) -> WebhookAnswer:
        """Send one notification; whatever the network does becomes an answer."""
        wire = Wire(MAX_HEADER_BYTES)
        try:
            with wire.watching():
                async with asyncio.timeout(DEADLINE_S):
                    return await self._exchange(body, wire, now)
        except _FOREIGN as error:
            return WebhookAnswer(status=0, problem=_problem(error))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._pool.aclose()

    async def _exchange(self, body: bytes, wire: Wire, now: datetime) -> WebhookAnswer:
        headers = self._headers(body, now)
        async with self._pool.stream("POST", self._url, headers=headers, content=body) as response:
            wire.expect_body(_ANSWER_BYTES)
            await response.aread()
            told = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            wait_s = retry_after_s(told, now=now) if "retry-after" in told else 0
            return WebhookAnswer(status=response.status, retry_after_s=wait_s)

    def _headers(self, body: bytes, now: datetime) -> list[tuple[str, str]]:
        signed = {VERSION_HEADER: VERSION, CONTENT_DIGEST_HEADER: content_digest(body)}
        signature = self._signer.headers(
            method="POST", url=self._url, headers=signed, created_at=now
        )
        plain = {
            "Content-Type": JSON_TYPE,
            "Accept-Encoding": "identity",
            "User-Agent": "oneservice",
        }
        return list((plain | signed | dict(signature)).items())


_FOREIGN: Final[tuple[type[Exception], ...]] = (
    AddressRefusedError,
    WireLimitError,
    httpcore.ConnectionNotAvailable,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,  # TimeoutError and everything of ssl and of name resolution is one
    ExceptionGroup,
    UnicodeError,  # a name that cannot be written as one
)
"""Every root of what the libraries raise: a test walks their exceptions."""


def _problem(error: BaseException) -> str:
    """Say in our own words what went wrong: libraries quote what they received."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case AddressRefusedError():
                return "its name leads to an address that is not public"
            case WireLimitError():
                return "its answer is too large"
            case ssl.SSLCertVerificationError():
                return "its TLS certificate does not verify"
            case ssl.SSLError():
                return "TLS could not be agreed upon"
            case TimeoutError() | httpcore.TimeoutException():
                return f"no whole answer within {DEADLINE_S:.0f} s"
            case httpcore.ProtocolError():
                return "its answer is no HTTP, or was cut off"
            case _:
                cause = cause.__cause__ or cause.__context__
    return "it cannot be reached"
