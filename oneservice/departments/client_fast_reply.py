"""One answer as it arrives: bytes pushed into a parser in C, counted, and left at the first doubt.

Theory of operation: a :class:`Reply` is made for each request and takes part in nothing else. Every
byte that arrives is counted by the :class:`Wire` before it is parsed; until the head is complete
the count allows for a head, interim answers included, then for the body. What is wrong is kept as
the one error by which the exchange ends, and nothing is parsed after it. After the last byte of the
answer nothing may follow: a connection on which something does is not used again, so that no
answer can ever be taken for the answer to the next request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools

from oneservice.departments.client_answers import Answer
from oneservice.departments.client_line import refuse_costly
from oneservice.departments.transport_wire import Wire, WireLimitError
from oneservice.errors import DepartmentError

if TYPE_CHECKING:
    import asyncio

    from oneservice.departments.client_line import Request

__all__ = ["BrokenHttpError", "LostError", "Reply"]

_SWITCHING: Final = 101
_FIRST_FINAL: Final = 200
_BODILESS: Final = frozenset({204, 304})


class BrokenHttpError(Exception):
    """What arrived is no HTTP; never leaves this room."""


class LostError(Exception):
    """The connection ended before the answer did; never leaves this room."""


class Reply:
    """The answer to one request; ``done`` gets it, or the error by which it ended.

    The methods named ``on_…`` are called by the parser.
    """

    def __init__(self, request: Request, wire: Wire, done: asyncio.Future[Answer]) -> None:
        self._call = request.call
        self._limit = request.limit_bytes
        self._wire = wire
        self.done = done
        self._status = 0
        self._headers: dict[str, str] = {}
        self._head_bytes = 0
        self._body = bytearray()
        self._has_head = False
        self._ends_with_connection = False
        self._is_followed = False
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._keeps_alive = False

    @property
    def is_done(self) -> bool:
        """Whether the answer, or the error by which it ended, is there."""
        return self.done.done()

    @property
    def is_reusable(self) -> bool:
        """Whether the connection may be used again: a whole answer, and not a byte more."""
        return self._keeps_alive and not self._is_followed

    def feed(self, data: bytes) -> None:
        """Take bytes that arrived."""
        if self._parser is None or self.is_done:
            self._is_followed = True
            return
        self._wire.took(len(data))
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # The parser's own words may quote what was received: its class only.
            self._fail(BrokenHttpError(type(error).__name__))
        if self._wire.is_exhausted:
            self._fail(WireLimitError())

    def ended(self, *, is_farewell: bool) -> None:
        """Take note that the connection ended: by a farewell of the far side, or broken.

        Only a farewell ends an answer that has no other end: a broken line may have lost the rest.
        """
        if self._has_head and self._ends_with_connection and is_farewell:
            self._finish()
        self._wire.was_closed = True
        self._fail(LostError())

    def leave_unread(self) -> None:
        """Take note that the request was not sent whole: its connection ends with it."""
        self._is_followed = True

    def close(self) -> None:
        """Part from the parser, which holds us as we hold it; nothing is taken any more."""
        self._parser = None
        self.done.cancel()

    # --- what the parser tells ---------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Take note of another answer behind a whole one."""
        self._is_followed = self._is_followed or self.is_done

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one that comes behind the body was never asked for."""
        if self._has_head:
            self._fail(BrokenHttpError("trailer"))
            return
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._wire.header_bytes:
            self._fail(WireLimitError())
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")
        before = self._headers.get(key)
        self._headers[key] = text if before is None else f"{before}, {text}"

    def on_headers_complete(self) -> None:
        """Judge the head, before a byte of the body is kept; interim heads are passed over."""
        if self._parser is None or self.is_done:
            return
        status = self._parser.get_status_code()
        if status < _FIRST_FINAL and status != _SWITCHING:
            self._headers.clear()
            return
        self._status, self._has_head = status, True
        self._keeps_alive = self._parser.should_keep_alive()
        if status == _SWITCHING or self._headers.get("transfer-encoding", "chunked") != "chunked":
            self._fail(BrokenHttpError("framing"))
            return
        try:
            refuse_costly(self._call, self._headers, self._limit)
        except DepartmentError as error:
            self._fail(error)
            return
        self._wire.expect_body(self._limit)
        is_framed = self._headers.keys() & {"content-length", "transfer-encoding"}
        self._ends_with_connection = not is_framed and status not in _BODILESS
        if self._call.method == "HEAD":
            self._finish()

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body."""
        if self.is_done:
            self._is_followed = True  # a body where none may be
        elif len(self._body) + len(data) > self._limit:
            self._fail(
                self._call.broken(f"the answer has more than {self._limit} bytes", "oversize")
            )
        else:
            self._body += data

    def on_message_complete(self) -> None:
        """Hand the whole answer over."""
        if self._has_head:
            self._finish()

    def _finish(self) -> None:
        if not self.is_done:
            self.done.set_result(
                Answer(status=self._status, headers=self._headers, body=bytes(self._body))
            )

    def _fail(self, error: Exception) -> None:
        self._keeps_alive = False
        if not self.is_done:
            self.done.set_exception(error)
