"""uvicorn's HTTP protocol with what the counter needs beside it.

Four things that uvicorn leaves open: a caller that sends its header section drop by drop, or
without end, is cut off (P-69); what is no HTTP is answered with a problem document like everything
else (P-64); a request that does not name its host once is no HTTP, whichever parser there is; and
the application is told whose certificate a TLS connection proved.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from oneservice.departments.problems import problem_json
from oneservice.departments.tls import TLS_EXTENSION
from oneservice.departments.wire import MAX_HEADER_BYTES, PROBLEM_TYPE, VERSION, VERSION_HEADER

if TYPE_CHECKING:
    from oneservice.departments.exchange import Receive, Scope, Send

__all__ = ["counter_protocol"]

HEAD_S: Final = 10.0
"""From the first byte of a header section, or from connecting, to its last."""
_HEAD_BYTES: Final = 2 * MAX_HEADER_BYTES
"""Twice what must be taken (section 14): the request line and its URL come on top."""


def counter_protocol() -> type[Any]:
    """Return the protocol class for ``uvicorn.Config(http=...)``.

    References:
        ASGI's TLS extension, https://asgi.readthedocs.io/en/latest/specs/tls.html
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - an extra

    return type("CounterProtocol", (_Manners, AutoHTTPProtocol), {})


class _Manners:
    """What the counter adds to uvicorn's protocol, whichever parser that has."""

    app: Any
    cycle: Any
    transport: Any
    headers: Any
    parser: Any
    server_state: Any
    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes: int = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        self._await_head()
        link = transport.get_extra_info("ssl_object")
        if link is not None:
            der = link.getpeercert(binary_form=True)
            chain = [ssl.DER_cert_to_PEM_cert(der)] if der else []
            told = {"client_cert_chain": chain, "server_cert": None}
            self.app = _told(self.app, told)

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)  # type: ignore[misc]
        if self.cycle is not before:
            self._stop_waiting()
        elif before is None or before.response_complete:
            # Most heads come whole, and cost no timer.
            self._await_head()
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES:
                self._hang_up()

    def on_headers_complete(self) -> None:
        """Look at the host as h11 does by itself; httptools calls this.

        References:
            RFC 9112 section 3.2.
        """
        named = sum(name == b"host" for name, _ in self.headers)
        if named > 1 or (not named and self.parser.get_http_version() == "1.1"):
            msg = "the host is named once"
            raise ValueError(msg)  # the parser makes it its own error
        super().on_headers_complete()  # type: ignore[misc]

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)  # type: ignore[misc]

    def send_400_response(self, msg: str) -> None:
        body = problem_json("malformed", detail=msg)
        usual = self.server_state.default_headers  # the date, which every 4xx tells
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            + "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in usual)
            + f"{VERSION_HEADER}: {VERSION}\r\nContent-Type: {PROBLEM_TYPE}\r\n"
            f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n"
            "Connection: close\r\n\r\n"
        )
        self._stop_waiting()
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_bytes = 0
            loop = asyncio.get_running_loop()
            self._head_timer = loop.call_later(HEAD_S, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _hang_up(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.close()


def _told(
    app: Callable[..., Awaitable[None]], extension: dict[str, Any]
) -> Callable[..., Awaitable[None]]:
    async def with_extension(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[TLS_EXTENSION] = extension
        await app(scope, receive, send)

    return with_extension
