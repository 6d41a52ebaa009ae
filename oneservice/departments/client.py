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
from dataclasses import dataclass
from enum import Enum, auto
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpcore
import httpx

from oneservice.departments.client_answers import Answer, Call
from oneservice.departments.transport_wire import GuardedNetwork, Wire, WireLimitError
from oneservice.departments.wire import JSON_TYPE, PROBLEM_TYPE
from oneservice.errors import DepartmentError

__all__ = ["HttpLine", "Request"]

_IDLE_S: Final = 60.0
"""We drop idle connections before departments may (75 s): a drop under a request is *unknown*."""
_HEADERS: Final = {
    "Accept": f"{JSON_TYPE}, {PROBLEM_TYPE}",
    "Accept-Encoding": "identity",
    "User-Agent": "oneservice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request and what its answer may cost.

    Attributes:
        call: names the exchange in errors.
        url: absolute; whatever is variable in it is quoted already.
        content: the body, or ``None``.
        media_type: of the body.
        limit_bytes: largest body of an answer that is read.
        deadline_s: real seconds from connecting to the last byte.
        if_none_match: the entity tag of what is known already, or empty.
    """

    call: Call
    url: str
    content: bytes | None
    media_type: str | None
    limit_bytes: int
    deadline_s: float
    if_none_match: str = ""


class HttpLine:
    """Connections to one department, and what can go wrong on them; close with :meth:`aclose`.

    The caller must never ask for more than ``connections`` exchanges at a time: the pool of the
    library is no place to queue (see :mod:`client_slots`).

    Args:
        ssl_context: what certificates are judged by.
        connections: size of the pool.
        header_bytes: largest header section that is read, interim answers included.
    """

    def __init__(self, ssl_context: ssl.SSLContext, *, connections: int, header_bytes: int) -> None:
        self._header_bytes = header_bytes
        self._http = httpx.AsyncClient(
            transport=_GuardedTransport(ssl_context, connections),
            headers=_HEADERS,
            # No cookies: a department could follow callers by them, or fill our memory.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=None,  # noqa: S113 - one deadline spans the whole exchange
            trust_env=False,
            follow_redirects=False,
        )

    async def exchange(self, request: Request, *, headers: Mapping[str, str]) -> Answer:
        """Send ``request`` with ``headers`` and return the whole answer, whatever its status.

        Raises:
            DepartmentUnavailableError: certainly no effect.
            DepartmentUnknownOutcomeError: sent, and no whole answer.
            DepartmentContractError: an answer that is too large, compressed or no HTTP.
        """
        wire = Wire(self._header_bytes)
        with _translated(request.call, wire), wire.watching():
            async with asyncio.timeout(request.deadline_s):
                response = await self._http.send(
                    self._http.build_request(
                        request.call.method, request.url, headers=headers, content=request.content
                    ),
                    stream=True,
                )
                try:
                    return await _whole(request.call, response, wire, request.limit_bytes)
                finally:
                    await response.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()


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
            keepalive_expiry=_IDLE_S,
            network_backend=GuardedNetwork(),
        )


async def _whole(call: Call, response: httpx.Response, wire: Wire, limit_bytes: int) -> Answer:
    """Read an answer to its end, unless it is larger than it may be, or compressed."""
    wire.expect_body(limit_bytes)
    headers = {name.lower(): value for name, value in response.headers.items()}
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise call.broken("the answer is compressed, which was not asked for", "compressed")
    declared = headers.get("content-length", "0")
    if call.method != "HEAD" and declared.isdecimal() and int(declared[:18]) > limit_bytes:
        raise call.broken(f"the answer announces more than {limit_bytes} bytes", "oversize")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit_bytes:
            raise call.broken(f"the answer has more than {limit_bytes} bytes", "oversize")
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
        raise _lost(call, wire, "no whole answer within the deadline") from None
    except WireLimitError:
        raise call.broken("more bytes arrived than an answer may have", "oversize") from None
    except _FOREIGN as error:
        raise _ours(call, wire, error) from None


def _ours(call: Call, wire: Wire, error: Exception) -> DepartmentError:
    meaning = next(
        (_MEANINGS[kind] for kind in type(error).__mro__ if kind in _MEANINGS), _Meaning.LOST
    )
    name = type(error).__name__
    match meaning:
        case _Meaning.NO_EFFECT:
            return call.unavailable(f"not sent: {_reason(error)}")
        case _Meaning.NONSENSE if not wire.was_closed:
            return call.broken(f"the rules of HTTP were broken ({name})", "malformed")
        case _Meaning.LOST | _Meaning.NONSENSE:
            return _lost(call, wire, f"the connection broke ({name})")


def _lost(call: Call, wire: Wire, text: str) -> DepartmentError:
    return call.lost(text) if wire.was_sent else call.unavailable(f"not sent: {text}")


def _reason(error: BaseException | None) -> str:
    """Say why a connection could not be made; a certificate that does not verify is named."""
    cause = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"its TLS certificate does not verify ({cause.verify_message}); somebody may be in "
                "between: tell both sides, never switch verification off"
            )
        if isinstance(cause, ssl.SSLError):
            return f"TLS could not be agreed upon ({cause.reason})"
        cause = cause.__cause__ or cause.__context__
    return f"it cannot be reached ({type(error).__name__})"
