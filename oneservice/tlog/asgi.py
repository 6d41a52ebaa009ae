"""A log and a witness as plain ASGI applications: static files, and one call.

Any server runs them. Neither knows who asks: everything in a log is public, and what a witness is
asked must be signed by a log that it knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from oneservice.errors import LogMalformedError, OneServiceError
from oneservice.tlog.witness_wire import MAX_REQUEST_BYTES, WitnessAnswer
from oneservice.transparency import parse_tile_path

if TYPE_CHECKING:
    from oneservice.tlog.folder import LogFolder
    from oneservice.tlog.witness import Witness

__all__ = ["LogSite", "WitnessSite"]

_log = logging.getLogger(__name__)

_Scope: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TEXT: Final = "text/plain; charset=utf-8"
_READ: Final = b"GET, HEAD"
_FRESH: Final = "no-cache"
_FOREVER: Final = "public, max-age=31536000, immutable"
_BODY_S: Final = 10.0
"""Seconds in which a body must have come."""


class LogSite:
    """Serves ``checkpoint`` and ``tile/…`` of a log's folder, and nothing else in it.

    Args:
        folder: of the log; who writes it may be another process.
    """

    def __init__(self, folder: LogFolder) -> None:
        self._folder = folder

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Serve one connection scope (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            is_read = scope["method"] in {"GET", "HEAD"}
            found = await self._found(_path(scope)) if is_read else _NOT_ALLOWED
            await _send(send, *found, is_head=scope["method"] == "HEAD", allow=_READ)

    async def _found(self, path: str) -> tuple[WitnessAnswer, str]:
        try:
            if path == "checkpoint":
                data = await asyncio.to_thread(self._folder.checkpoint)
                media_type, caching = _TEXT, _FRESH
            else:
                # A path that has exactly one spelling: nothing above or beside the tiles.
                tile = parse_tile_path(path)
                data = await asyncio.to_thread(self._folder.find, tile)
                media_type, caching = "application/octet-stream", _FOREVER
        except LogMalformedError:
            data = None
        except OneServiceError as error:
            _log.error("a file of the log cannot be read: %s", error)
            return WitnessAnswer.refusal(503, "try again later"), _FRESH
        if data is None:
            return WitnessAnswer.refusal(404, "there is no such file in the log"), _FRESH
        return WitnessAnswer(status=200, body=data, media_type=media_type), caching


class WitnessSite:
    """Serves ``POST add-checkpoint``, and ``GET <origin hash>/checkpoint`` for monitors."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Serve one connection scope (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            answer = await self._answer(scope, receive)
            if answer is not None:
                allow = b"POST" if _path(scope) == "add-checkpoint" else _READ
                is_head = scope["method"] == "HEAD"
                await _send(send, answer, _FRESH, is_head=is_head, allow=allow)

    async def _answer(self, scope: _Scope, receive: _Receive) -> WitnessAnswer | None:
        path, method = _path(scope), scope["method"]
        name, _, rest = path.partition("/")
        try:
            if path == "add-checkpoint" and method == "POST":
                body = await _body(receive)
                if body is None:
                    return None
                return await asyncio.to_thread(self._witness.add_checkpoint, body)
            if rest == "checkpoint" and method in {"GET", "HEAD"}:
                data = await asyncio.to_thread(self._witness.checkpoint, name)
                if data is not None:
                    return WitnessAnswer(status=200, body=data)
        except TimeoutError:
            return WitnessAnswer.refusal(408, "the request did not come in time")
        except OneServiceError as error:
            _log.error("the witness's memory cannot be used: %s", error)
            return WitnessAnswer.refusal(503, "try again later")
        if path == "add-checkpoint" or rest == "checkpoint":
            is_wrong_way = (path == "add-checkpoint") != (method == "POST")
            if is_wrong_way:
                return _NOT_ALLOWED[0]
        return WitnessAnswer.refusal(404, "nothing was cosigned under this name")


_NOT_ALLOWED: Final = (WitnessAnswer.refusal(405, "this is not asked in this way"), _FRESH)


def _path(scope: _Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).removeprefix("/")


async def _body(receive: _Receive) -> bytes | None:
    """Return the body, a little more than too much where it is too large, ``None`` if they left.

    Raises:
        TimeoutError: it does not end.
    """
    body = bytearray()
    async with asyncio.timeout(_BODY_S):
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return None
            body += event.get("body", b"")
            if not event.get("more_body") or len(body) > MAX_REQUEST_BYTES:
                return bytes(body)


async def _send(
    send: _Send, answer: WitnessAnswer, caching: str, *, is_head: bool, allow: bytes
) -> None:
    headers = [
        (b"content-type", answer.media_type.encode("ascii")),
        (b"content-length", b"%d" % len(answer.body)),
        (b"cache-control", caching.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
    ]
    if answer.status == 405:  # noqa: PLR2004 - HTTP's own number
        headers.append((b"allow", allow))  # RFC 9110, section 15.5.6: what this resource knows
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})


async def _lifespan(receive: _Receive, send: _Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
