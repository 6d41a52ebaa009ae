"""What somebody shows to everybody, and the door to a region's counter (ASGI).

Both listen from the start, so that addresses stay while what is behind them opens anew: a region
takes a new edition of the directory as it takes any new configuration.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeAlias

__all__ = ["Door", "OfficeLists", "PublicSite", "Shows"]

_Scope: TypeAlias = dict[str, Any]
_Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
_App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


class Shows(Protocol):
    """What is shown as long as it is open."""

    @property
    def sites(self) -> Mapping[str, _App]:
        """Sites by the first part of the path."""
        ...

    def letter(self, move_id: str) -> bytes | None:
        """Return the letter about a move; ``None``: there is nothing to tell yet."""
        ...

    def alarms(self) -> tuple[bytes, ...]:
        """Return every alarm that was raised here."""
        ...

    def status(self) -> bytes | None:
        """Return the status list that speaks now."""
        ...

    def status_proofs(self) -> bytes | None:
        """Return what proves that the log holds it."""
        ...

    def contradictions(self) -> bytes | None:
        """Return what other regions' lists say against themselves."""
        ...


class PublicSite:
    """Several small sites under one address, by the first part of the path.

    Args:
        files: shown as they stand on the disk, by that part; read each time.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(files)
        self.house: Shows | None = None

    async def __call__(self, scope: _Scope, receive: Any, send: _Send) -> None:
        """Serve one connection scope (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        name, _, rest = scope["path"].lstrip("/").partition("/")
        house = self.house
        if house is not None and name in house.sites:
            await house.sites[name]({**scope, "path": f"/{rest}", "root_path": ""}, receive, send)
        elif name in self._files:
            path = self._files[name]
            await _answer(send, path.read_bytes() if path.exists() else None)
        elif house is None:
            await _answer(send, None)
        else:
            await _answer(send, _said(house, name, rest))


class OfficeLists:
    """The status lists that a region's offices publish, and nothing else of their counters.

    Args:
        offices: by department.
    """

    def __init__(self, offices: Mapping[str, _App]) -> None:
        self._offices = dict(offices)

    async def __call__(self, scope: _Scope, receive: Any, send: _Send) -> None:
        """Serve one connection scope (ASGI)."""
        name, _, rest = scope["path"].lstrip("/").partition("/")
        is_list = rest.startswith("status/") and scope["method"] == "GET"
        if is_list and name in self._offices:
            await self._offices[name]({**scope, "path": f"/{rest}"}, receive, send)
        else:
            await _answer(send, None)


class Door:
    """The counter, while there is one."""

    def __init__(self) -> None:
        self.counter: _App | None = None

    async def __call__(self, scope: _Scope, receive: Any, send: _Send) -> None:
        """Serve one connection scope (ASGI)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif self.counter is None:
            await _answer(send, None, status=503)
        else:
            await self.counter(scope, receive, send)


def _said(house: Shows, name: str, rest: str) -> bytes | None:
    match name:
        case "moves":
            return house.letter(rest)
        case "alarms":
            return json.dumps([b64encode(one).decode("ascii") for one in house.alarms()]).encode()
        case "status":
            return house.status()
        case "status-proofs":
            return house.status_proofs()
        case "contradictions":
            return house.contradictions()
        case _:
            return None


async def _answer(send: _Send, body: bytes | None, *, status: int | None = None) -> None:
    found = 404 if body is None else 200
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    start = {"type": "http.response.start", "status": status or found, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body or b""})


async def _lifespan(receive: Any, send: _Send) -> None:
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
