"""What a region shows to everybody: its log, its witness, its letters about moves, its alarms."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

__all__ = ["PublicSite"]

_Scope: TypeAlias = dict[str, Any]
_Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
_App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


class PublicSite:
    """Several small sites under one address, by the first part of the path (ASGI).

    Args:
        sites: by that part.
        letter: returns the letter about a move; ``None``: there is nothing to tell yet.
        alarms: returns every alarm that was raised here.
    """

    def __init__(
        self,
        sites: Mapping[str, _App],
        *,
        letter: Callable[[str], bytes | None] = lambda _: None,
        alarms: Callable[[], tuple[bytes, ...]] = lambda: (),
    ) -> None:
        self._sites = dict(sites)
        self._letter = letter
        self._alarms = alarms

    async def __call__(self, scope: _Scope, receive: Any, send: _Send) -> None:
        """Serve one connection scope (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        name, _, rest = scope["path"].lstrip("/").partition("/")
        if name in self._sites:
            await self._sites[name]({**scope, "path": f"/{rest}", "root_path": ""}, receive, send)
        elif name == "moves":
            await _answer(send, self._letter(rest))
        elif name == "alarms":
            told = [b64encode(one).decode("ascii") for one in self._alarms()]
            await _answer(send, json.dumps(told).encode("ascii"))
        else:
            await _answer(send, None)


async def _answer(send: _Send, body: bytes | None) -> None:
    status = 404 if body is None else 200
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body or b""})


async def _lifespan(receive: Any, send: _Send) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
