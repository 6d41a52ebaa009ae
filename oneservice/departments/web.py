"""The web for other rooms: bounded exchanges with servers that nobody in particular vouches for.

It stands on the same network layer as the client and the notifications (:mod:`transport_wire`,
:mod:`webhook_network`): bytes are counted below the HTTP library, names are resolved and judged
before a connection is made, redirects are not followed, one deadline spans it all.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

import httpcore

from oneservice.departments.transport_wire import Wire, WireLimitError
from oneservice.departments.webhook_network import AddressRefusedError, JudgedNetwork
from oneservice.departments.wire import MAX_HEADER_BYTES, MAX_URL_BYTES
from oneservice.errors import WebUnavailableError
from oneservice.ports.web import WebAnswer, WebRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

__all__ = ["GuardedWeb"]

_CONNECTIONS: Final = 16
_IDLE_S: Final = 60.0
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_STANDING: Final = {"Accept-Encoding": "gzip, identity", "User-Agent": "oneservice"}


class GuardedWeb:
    """Implements :class:`oneservice.ports.Web`; close with :meth:`aclose`, or use it as a context.

    Args:
        is_internal: the operator named every address himself: machines of private networks and
            plain ``http`` count, too. Never so for addresses out of other people's documents.
        ssl_context: what certificates are judged by; the system's authorities by default.
    """

    def __init__(
        self, *, is_internal: bool = False, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._is_internal = is_internal
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or ssl.create_default_context(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_S,
            network_backend=JudgedNetwork(is_internal=is_internal),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def exchange(self, request: WebRequest) -> WebAnswer:
        """Return the answer to ``request``, whatever its status.

        Raises:
            WebUnavailableError: the address must not be asked, or gave no whole answer within the
                limits.
        """
        place = self._place(request)
        wire = Wire(MAX_HEADER_BYTES)
        try:
            with wire.watching():
                async with asyncio.timeout(request.deadline_s):
                    return await self._exchange(request, wire)
        except _FOREIGN as error:
            # The libraries' own words may quote what was received: ours do not.
            raise WebUnavailableError(f"{place}: {_why(error)}") from None

    async def _exchange(self, request: WebRequest, wire: Wire) -> WebAnswer:
        headers = list((_STANDING | dict(request.headers)).items())
        async with self._pool.stream(
            request.method, request.url, headers=headers, content=request.body or None
        ) as response:
            wire.expect_body(request.max_bytes)
            body = bytearray()
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > request.max_bytes:
                    raise WireLimitError
            told = _headers(response.headers)
            whole = _unpacked(bytes(body), told.pop("content-encoding", ""), request.max_bytes)
            return WebAnswer(status=response.status, headers=told, body=whole)

    def _place(self, request: WebRequest) -> str:
        """Return what names the server in errors: no path or query, which may be a secret.

        Raises:
            WebUnavailableError: this may not be asked at all.
        """
        try:
            parts = urlsplit(request.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        schemes = {"https", "http"} if self._is_internal else {"https"}
        is_plain = request.url.isascii() and request.url.isprintable() and " " not in request.url
        if not host or not is_plain or len(request.url) > MAX_URL_BYTES:
            msg = f"an address is an absolute URL of at most {MAX_URL_BYTES} ASCII characters"
            raise WebUnavailableError(msg)
        if parts.scheme not in schemes or parts.username is not None or parts.fragment:
            msg = f"{host}: asked by {' or '.join(sorted(schemes))} only, without user or fragment"
            raise WebUnavailableError(msg)
        if request.method not in _METHODS:
            msg = f"{host}: {request.method} is not a method that is spoken here"
            raise WebUnavailableError(msg)
        return parts.netloc


_FOREIGN: Final[tuple[type[Exception], ...]] = (
    AddressRefusedError,
    WireLimitError,
    httpcore.ConnectionNotAvailable,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,  # TimeoutError, everything of ssl and of name resolution
    ExceptionGroup,
    UnicodeError,  # a name that cannot be written as one
    zlib.error,
)
"""Every root of what the libraries raise: a test walks their exceptions."""

_WHYS: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((AddressRefusedError,), "its name leads to an address that may not be asked from here"),
    ((WireLimitError,), "its answer is larger than such an answer may be"),
    ((zlib.error,), "its answer is packed in a way that was not asked for, or damaged"),
    ((ssl.SSLCertVerificationError,), "its TLS certificate does not verify"),
    ((ssl.SSLError,), "TLS could not be agreed upon"),
    ((TimeoutError, httpcore.TimeoutException), "no whole answer in time"),
    ((httpcore.ProtocolError,), "its answer is no HTTP, or was cut off"),
)


def _why(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        for kinds, text in _WHYS:
            if isinstance(cause, kinds):
                return text
        cause = cause.__cause__ or cause.__context__
    return "it cannot be reached"


def _headers(raw: Sequence[tuple[bytes, bytes]] | Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _unpacked(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Return what was packed; a small file that unpacks to a large one is cut off while it does."""
    if encoding.strip().lower() in {"", "identity"}:
        return body
    if encoding.strip().lower() != "gzip":
        raise zlib.error
    unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS)
    whole = unpacking.decompress(body, max_bytes + 1)
    if len(whole) > max_bytes:
        raise WireLimitError
    if not unpacking.eof or unpacking.unused_data:
        raise zlib.error
    return whole
