"""A network layer below the HTTP library that counts bytes, so that no answer is endless.

Theory of operation: the HTTP library asks its network back end to connect, read and write. Ours
does what the stock one does and keeps account for the call under way, which it finds in a context
variable: whether anything was sent yet (if not, the call certainly had no effect), whether the far
side hung up, and how many bytes may still arrive. Until the head of the answer is complete these
are few, which stops endless headers and storms of interim answers, both of which the library would
follow for ever; then they are as many as the body may have, and some for framing.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

__all__ = ["GuardedNetwork", "Wire", "WireLimitError"]

_FRAMING: Final = 64 * 1024


class WireLimitError(Exception):
    """More bytes arrived than the answer may have; never leaves this room."""


class Wire:
    """The account of one exchange.

    Attributes:
        header_bytes: largest header section, interim answers included.
        was_sent: whether a byte of the request was handed to the network.
        was_closed: whether the far side hung up before its answer was complete.
        received: bytes that arrived so far.
    """

    def __init__(self, header_bytes: int) -> None:
        self.header_bytes = header_bytes
        self.was_sent = False
        self.was_closed = False
        self.received = 0
        self._left = header_bytes

    def expect_body(self, most: int) -> None:
        """From now on allow a body of ``most`` bytes, in chunks of whatever size is reasonable."""
        self._left = 2 * most + _FRAMING

    @property
    def is_exhausted(self) -> bool:
        """Whether more arrived than may, where the network pushes and cannot be asked for less."""
        return self._left < 0

    def allowance(self, wanted: int) -> int:
        """Return how many bytes may be read now; ``wanted`` at most."""
        if self._left <= 0:
            raise WireLimitError
        return min(wanted, self._left)

    def took(self, count: int) -> None:
        """Note that ``count`` bytes arrived; none means that the far side hung up."""
        self.received += count
        self._left -= count
        self.was_closed = self.was_closed or count == 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep this account for whatever the current task reads and writes."""
        token = _WIRE.set(self)
        try:
            yield
        finally:
            _WIRE.reset(token)


_WIRE: ContextVar[Wire | None] = ContextVar("oneservice_wire", default=None)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """The stock network back end with an account for each call."""

    def __init__(self) -> None:
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the library
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect as the stock back end does."""
        return _GuardedStream(
            await self._network.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    async def sleep(self, seconds: float) -> None:
        """Sleep as the stock back end does."""
        await self._network.sleep(seconds)


class _GuardedStream(httpcore.AsyncNetworkStream):
    """A connection that tells the account what it carries."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - theirs
        wire = _WIRE.get()
        if wire is None:
            return await self._stream.read(max_bytes, timeout)
        data = await self._stream.read(wire.allowance(max_bytes), timeout)
        wire.took(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - theirs
        if (wire := _WIRE.get()) is not None:
            wire.was_sent = True
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the library
    ) -> httpcore.AsyncNetworkStream:
        try:
            secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            # The library forgets the socket when a handshake is cancelled, as by our deadline.
            await self._stream.aclose()
            raise
        return _GuardedStream(secured)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
