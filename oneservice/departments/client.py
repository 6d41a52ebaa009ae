"""The one module that knows httpx: a bounded exchange with one department.

Theory of operation: a call goes out under one deadline for everything, and reads a bounded number
of bytes from a network layer that counts them. Whatever the library raises on the way is
translated in one place, into "certainly no effect", "effect unknown" or "breaks the protocol"
(section 12). What a whole answer means is none of its business: see :mod:`client_answers`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from typing import Final

import httpcore
import httpx

from oneservice.departments.client_answers import Answer, Call
from oneservice.departments.client_line import (
    DEFAULT_HEADERS,
    IDLE_S,
    Request,
    lost,
    refuse_costly,
    why_unreachable,
)
from oneservice.departments.transport_wire import GuardedNetwork, Wire, WireLimitError
from oneservice.errors import DepartmentError

__all__ = ["HttpLine", "Request"]


class HttpLine:
    """The stock transport: connections to one department over httpx.

    It stands on the transport of httpx and not on its client, which would merge addresses, keep
    cookies (a department could follow callers by them, or fill our memory) and follow redirects:
    all of that is not wanted, and costs as much as everything that we do.

    Args:
        ssl_context: what certificates are judged by.
        connections: size of the pool.
        header_bytes: largest header section that is read, interim answers included.
    """

    def __init__(self, ssl_context: ssl.SSLContext, *, connections: int, header_bytes: int) -> None:
        self._header_bytes = header_bytes
        self._transport = _GuardedTransport(ssl_context, connections)

    async def exchange(self, request: Request, *, headers: Mapping[str, str]) -> Answer:
        """Send ``request`` once and return the whole answer: see :class:`Line`."""
        wire = Wire(self._header_bytes)
        with _translated(request.call, wire), wire.watching():
            async with asyncio.timeout(request.deadline_s):
                response = await self._transport.handle_async_request(
                    httpx.Request(
                        request.call.method,
                        request.url,
                        headers=DEFAULT_HEADERS | dict(headers),
                        content=request.content,
                    )
                )
                try:
                    answer = await _whole(request.call, response, wire, request.limit_bytes)
                    if self._transport.has_more(response):
                        await response.extensions["network_stream"].aclose()
                    return answer
                finally:
                    await response.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._transport.aclose()


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """The stock transport over a network layer that counts bytes; HTTP/1.1, no proxy, no retry."""

    def __init__(self, ssl_context: ssl.SSLContext, connections: int) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        # The stock pool, never used so far, gives way to one whose network layer is ours; httpx
        # has no argument for that, httpcore has.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=IDLE_S,
            network_backend=GuardedNetwork(),
        )

    def has_more(self, response: httpx.Response) -> bool:
        """Say whether more has arrived than ``response``, all of which was read.

        The library keeps the connection, and would take what is left over for the answer to the
        next question. It tells nobody, so this looks into it; what cannot be seen counts as more.
        """
        stream = response.extensions["network_stream"]
        for one in self._pool.connections:
            inner = getattr(one, "_connection", None)
            if getattr(inner, "_network_stream", None) is stream:
                return bool(getattr(inner, "_h11_state").trailing_data[0])  # noqa: B009 - not ours
        return True


async def _whole(call: Call, response: httpx.Response, wire: Wire, limit_bytes: int) -> Answer:
    """Read an answer to its end, unless it is larger than it may be, or compressed."""
    wire.expect_body(limit_bytes)
    headers = {name.lower(): value for name, value in response.headers.items()}
    refuse_costly(call, headers, limit_bytes)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit_bytes:
            raise call.unread(f"the answer has more than {limit_bytes} bytes", "oversize")
    return Answer(status=response.status_code, headers=headers, body=bytes(body))


class _Meaning(Enum):
    """What an exception of the library tells about the call."""

    NO_EFFECT = auto()  # nothing was sent
    LOST = auto()  # unknown if anything was sent, else no effect
    NONSENSE = auto()  # the far side hung up: as LOST; else its answer breaks the protocol


_MEANINGS: Final[Mapping[type[Exception], _Meaning]] = {
    httpx.ConnectError: _Meaning.NO_EFFECT,
    httpx.ConnectTimeout: _Meaning.NO_EFFECT,
    httpx.PoolTimeout: _Meaning.NO_EFFECT,
    httpx.ProxyError: _Meaning.NO_EFFECT,
    httpx.UnsupportedProtocol: _Meaning.NO_EFFECT,
    httpx.ReadTimeout: _Meaning.LOST,
    httpx.WriteTimeout: _Meaning.LOST,
    httpx.TimeoutException: _Meaning.LOST,
    httpx.ReadError: _Meaning.LOST,
    httpx.WriteError: _Meaning.LOST,
    httpx.CloseError: _Meaning.LOST,
    httpx.NetworkError: _Meaning.LOST,
    httpx.TransportError: _Meaning.LOST,
    httpx.RequestError: _Meaning.LOST,
    httpx.HTTPError: _Meaning.LOST,
    httpx.StreamError: _Meaning.LOST,
    httpx.StreamConsumed: _Meaning.LOST,
    httpx.StreamClosed: _Meaning.LOST,
    httpx.ResponseNotRead: _Meaning.LOST,
    httpx.RequestNotRead: _Meaning.LOST,
    httpx.RemoteProtocolError: _Meaning.NONSENSE,
    httpx.LocalProtocolError: _Meaning.NONSENSE,
    httpx.ProtocolError: _Meaning.NONSENSE,
    httpx.DecodingError: _Meaning.NONSENSE,
    httpx.TooManyRedirects: _Meaning.NONSENSE,
    httpx.HTTPStatusError: _Meaning.NONSENSE,
    httpx.InvalidURL: _Meaning.NO_EFFECT,
    httpx.CookieConflict: _Meaning.NONSENSE,
}
"""Every exception class of the library, by its own name: a test fails on one that is missing."""
_FOREIGN: Final[tuple[type[Exception], ...]] = (*_MEANINGS, OSError, ExceptionGroup)


@contextmanager
def _translated(call: Call, wire: Wire) -> Iterator[None]:
    """Turn what the library raises into ours. Cancellation passes through untouched."""
    try:
        yield
    except TimeoutError:
        # The library's own exceptions in the chain may quote what was received: never shown.
        raise lost(call, wire, "no whole answer within the deadline") from None
    except WireLimitError:
        raise call.unread("more bytes arrived than an answer may have", "oversize") from None
    except _FOREIGN as error:
        raise _ours(call, wire, error) from None


def _ours(call: Call, wire: Wire, error: Exception) -> DepartmentError:
    meaning = next(
        (_MEANINGS[kind] for kind in type(error).__mro__ if kind in _MEANINGS), _Meaning.LOST
    )
    name = type(error).__name__
    match meaning:
        case _Meaning.NO_EFFECT:
            return call.unavailable(f"not sent: {why_unreachable(error)}")
        case _Meaning.NONSENSE if not wire.was_closed:
            return call.unread(f"the rules of HTTP were broken ({name})", "malformed")
        case _Meaning.LOST | _Meaning.NONSENSE:
            return lost(call, wire, f"the connection broke ({name})")
