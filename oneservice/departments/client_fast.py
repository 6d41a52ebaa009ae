"""The fast transport: HTTP/1.1 on plain asyncio with a parser in C (extra ``fast``).

Theory of operation: a connection carries one exchange at a time and goes back to the idle ones only
after a whole answer to a whole request. In every other case (an error, the deadline, a
cancellation, a byte too many) it is aborted, so nothing can leak or be mixed up. Nothing is sent
twice, nothing is followed, decompressed, kept as a cookie or taken from the environment: what is
not here need not be switched off. Errors mean what they mean in the stock transport.
"""

from __future__ import annotations

import asyncio
import ipaddress
import select
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from oneservice.departments.client_fast_reply import BrokenHttpError, LostError, Reply
from oneservice.departments.client_line import DEFAULT_HEADERS, IDLE_S, lost, why_unreachable
from oneservice.departments.transport_wire import Wire, WireLimitError

if TYPE_CHECKING:
    from oneservice.departments.client_answers import Answer, Call
    from oneservice.departments.client_line import Request
    from oneservice.errors import DepartmentError

__all__ = ["FastLine"]

_PIECE: Final = 256 * 1024
"""How much of a large body is handed to the network at a time."""
_HAPPY_EYEBALLS_S: Final = 0.25
_PORTS: Final = {"http": 80, "https": 443}


class _Origin(NamedTuple):
    """Whom a connection leads to."""

    is_tls: bool
    host: str
    port: int


class FastLine:
    """Connections to one department; arguments as :class:`HttpLine` takes them."""

    def __init__(self, ssl_context: ssl.SSLContext, *, connections: int, header_bytes: int) -> None:
        self._ssl_context = ssl_context
        self._most_idle = connections
        self._header_bytes = header_bytes
        self._all: set[_Connection] = set()
        self._idle: list[_Connection] = []

    async def exchange(self, request: Request, *, headers: Mapping[str, str]) -> Answer:
        """Send ``request`` once and return the whole answer: see :class:`Line`."""
        wire = Wire(self._header_bytes)
        try:
            async with asyncio.timeout(request.deadline_s):
                return await self._exchange(request, headers, wire)
        except TimeoutError:
            raise lost(request.call, wire, "no whole answer within the deadline") from None
        except (BrokenHttpError, LostError, WireLimitError, OSError) as error:
            raise _ours(request.call, wire, error) from None

    async def aclose(self) -> None:
        """Close all connections."""
        open_ones = tuple(self._all)
        for one in open_ones:
            one.abort()
        for one in open_ones:
            await one.closed.wait()

    async def _exchange(self, request: Request, headers: Mapping[str, str], wire: Wire) -> Answer:
        origin, head = _composed(request, headers)
        connection = self._idle_one(origin) or await self._connected(origin)
        reply = Reply(request, wire, asyncio.get_running_loop().create_future())
        try:
            answer = await connection.ask(reply, wire, head, request.content or b"")
        except BaseException:
            reply.close()
            connection.abort()
            raise
        reply.close()
        if reply.is_reusable and len(self._idle) < self._most_idle:
            connection.rest()
            self._idle.append(connection)
        else:
            connection.abort()
        return answer

    def _idle_one(self, origin: _Origin) -> _Connection | None:
        """Return the idle connection that was used last, and drop those that idled too long."""
        now_s = asyncio.get_running_loop().time()
        while self._idle:
            found = self._idle.pop()
            if found.is_usable(origin, now_s):
                return found
            found.abort()
        return None

    async def _connected(self, origin: _Origin) -> _Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(origin, self._all),
            origin.host,
            origin.port,
            ssl=self._ssl_context if origin.is_tls else None,
            # An address has no rival, and a race that is cancelled leaves its winner open.
            happy_eyeballs_delay=None if _is_address(origin.host) else _HAPPY_EYEBALLS_S,
        )
        return connection


class _Connection(asyncio.Protocol):
    """One connection, in ``alive`` as long as it is open."""

    def __init__(self, origin: _Origin, alive: set[_Connection]) -> None:
        self.closed = asyncio.Event()
        self._origin = origin
        self._alive = alive
        self._transport: asyncio.Transport | None = None
        self._reply: Reply | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._idle_since_s = 0.0
        self._poller = select.poll()

    # --- what the line asks --------------------------------------------------------------------

    async def ask(self, reply: Reply, wire: Wire, head: bytes, body: bytes) -> Answer:
        """Send a request whose answer goes to ``reply``; return it.

        Raises:
            BrokenHttpError: it is no HTTP.
            LostError: the connection ended first.
            WireLimitError: too many bytes.
            DepartmentContractError: its head says what may not be.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            raise LostError
        self._reply = reply
        wire.was_sent = True
        transport.write(head + body[:_PIECE])
        for first in range(_PIECE, len(body), _PIECE):
            await self._can_write.wait()
            if reply.is_done:
                reply.leave_unread()  # answered already: the rest is of no interest
                break
            transport.write(body[first : first + _PIECE])
        return await reply.done

    def rest(self) -> None:
        """Wait for the next exchange."""
        self._reply = None
        self._idle_since_s = asyncio.get_running_loop().time()

    def is_usable(self, origin: _Origin, now_s: float) -> bool:
        """Say whether it leads there, is open, and has not idled so long that it may be dropped."""
        if self._transport is None or self._transport.is_closing() or origin != self._origin:
            return False
        # What waits and the loop has not read yet is mostly a farewell.
        return now_s - self._idle_since_s < IDLE_S and not self._poller.poll(0)

    def abort(self) -> None:
        """Close it at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    # --- what the event loop tells -------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - asyncio's own promise
        self._transport = transport
        self._poller.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
        self._alive.add(self)

    def data_received(self, data: bytes) -> None:
        if self._reply is None:
            self.abort()  # nobody asked: whoever sends now wants to answer what comes next
        else:
            self._reply.feed(data)

    def pause_writing(self) -> None:
        self._can_write.clear()

    def resume_writing(self) -> None:
        self._can_write.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._can_write.set()
        self._transport = None
        self._alive.discard(self)
        self.closed.set()
        if self._reply is not None:
            self._reply.ended(is_farewell=exc is None)


def _is_address(host: str) -> bool:
    """Say whether ``host`` is an address by itself, and no name that may have several."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _composed(request: Request, headers: Mapping[str, str]) -> tuple[_Origin, bytes]:
    """Return whom to ask, and the head of the request.

    Raises:
        BrokenHttpError: a header or the address holds what no line of a head may.
    """
    address = urlsplit(request.url)
    host, scheme = address.hostname or "", address.scheme
    origin = _Origin(scheme == "https", host, address.port or _PORTS[scheme])
    target = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    lines = [
        f"{request.call.method} {target} HTTP/1.1",
        f"Host: {address.netloc}",
        *(f"{name}: {value}" for name, value in (DEFAULT_HEADERS | dict(headers)).items()),
    ]
    if request.content is not None:
        lines.append(f"Content-Length: {len(request.content)}")
    if " " in target or not all(one.isascii() and one.isprintable() for one in lines):
        raise BrokenHttpError("request")
    return origin, "\r\n".join((*lines, "", "")).encode("ascii")


def _ours(call: Call, wire: Wire, error: Exception) -> DepartmentError:
    """Return what an exchange means that did not end well."""
    match error:
        case WireLimitError():
            return call.unread("more bytes arrived than an answer may have", "oversize")
        case BrokenHttpError() if not wire.was_closed:
            return call.unread(f"the rules of HTTP were broken ({error})", "malformed")
        case OSError() if not wire.was_sent:
            return call.unavailable(f"not sent: {why_unreachable(error)}")
        case _:
            return lost(call, wire, f"the connection broke ({type(error).__name__})")
