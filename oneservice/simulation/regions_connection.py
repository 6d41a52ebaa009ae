"""One simulated connection, and the bytes of HTTP/1.1 that go over it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final, NoReturn

__all__ = [
    "HttpRequest",
    "NearEnd",
    "as_bytes",
    "bent",
    "plain_answer",
    "pushed_back",
    "retraced",
    "whole_request",
]

_END: Final = b"\r\n\r\n"
_TRACE: Final = b"traceparent"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it came off the wire."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class NearEnd(asyncio.Transport):
    """The caller's end of a connection; one request goes over it.

    Args:
        protocol: the caller's.
        sent: is given each request that is whole.
    """

    def __init__(
        self, protocol: asyncio.Protocol, sent: Callable[[NearEnd, HttpRequest], None]
    ) -> None:
        super().__init__()
        self._protocol = protocol
        self._sent = sent
        self._bytes = bytearray()
        self._is_closing = False
        self.carrying: asyncio.Task[None] | None = None
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes; a whole request goes on its way."""
        self._bytes += data
        request = None if self._is_closing else whole_request(self._bytes)
        if request is not None:
            self._bytes.clear()
            self._sent(self, request)

    def give(self, data: bytes) -> None:
        """Let ``data`` arrive, and the connection end."""
        if not self._is_closing:
            if data:
                self._protocol.data_received(data)
            self._protocol.eof_received()

    def lose(self, error: Exception) -> None:
        """Let the connection break."""
        if not self._is_closing:
            self._is_closing = True
            self._protocol.connection_lost(error)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return a socket that is none."""
        return _NO_SOCKET if name == "socket" else default

    def is_closing(self) -> bool:
        """Say whether it has ended."""
        return self._is_closing

    def abort(self) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """End it."""
        if not self._is_closing:
            self._is_closing = True
            self._protocol.connection_lost(None)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: nothing is buffered."""

    def pause_reading(self) -> None:
        """Do nothing: little is ever read."""

    def resume_reading(self) -> None:
        """Do nothing: see above."""


class _NoSocket:
    """What libraries ask of a socket: nothing, for there is none; so no connection is kept."""

    family = 0

    def fileno(self) -> int:
        return -1

    def getpeername(self) -> NoReturn:
        raise OSError

    def getsockname(self) -> NoReturn:
        raise OSError


_NO_SOCKET: Final = _NoSocket()


def whole_request(data: bytearray) -> HttpRequest | None:
    """Return the request in ``data`` once all of it is there; our own client wrote it."""
    head, found, body = bytes(data).partition(_END)
    if not found:
        return None
    first, *lines = head.split(b"\r\n")
    headers = tuple(
        (name.lower(), value.strip()) for name, _, value in (one.partition(b":") for one in lines)
    )
    length = int(dict(headers).get(b"content-length", b"0"))
    if len(body) < length:
        return None
    method, target, _ = first.decode("ascii").split(" ")
    return HttpRequest(method=method, target=target, headers=headers, body=body)


def retraced(request: HttpRequest, number: int) -> HttpRequest:
    """Return ``request`` in a trace that follows from ``number``, 64 bits.

    Callers name traces by chance, and answers repeat the name. A bit that is turned in it on the
    way back is a letter in one run and no JSON in the next. No signature covers it.
    """
    trace = f"00-{number + 1:032x}-{number | 1:016x}-00".encode()
    headers = tuple((name, trace if name == _TRACE else value) for name, value in request.headers)
    return replace(request, headers=headers)


def as_bytes(parts: Sequence[Mapping[str, Any]]) -> bytes:
    """Return what an app sent as the bytes of an answer."""
    start, *rest = parts
    head = [f"HTTP/1.1 {start['status']} {HTTPStatus(start['status']).phrase}".encode()]
    head += [name + b": " + value for name, value in start["headers"]]
    return (
        b"\r\n".join([*head, b"connection: close"])
        + _END
        + b"".join(one.get("body", b"") for one in rest)
    )


def plain_answer(status: int, body: bytes, *more: bytes) -> bytes:
    """Return an answer that no app gave."""
    head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *more]
    head += [f"content-length: {len(body)}".encode(), b"connection: close"]
    return b"\r\n".join(head) + _END + body


def pushed_back(seconds: int) -> bytes:
    """Return what says: not now, come again in so many seconds."""
    return plain_answer(503, b"{}", f"retry-after: {seconds}".encode())


def bent(answer: bytes, number: int) -> bytes:
    """Return ``answer`` with one bit of its body turned; of none, of its head."""
    start = answer.find(_END) + len(_END)
    start = 0 if start >= len(answer) else start
    at = start + number % (len(answer) - start)
    bent = bytearray(answer)
    bent[at] ^= 1 << (number >> 32) % 8
    return bytes(bent)
