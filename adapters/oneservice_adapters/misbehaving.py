"""An office that misbehaves on purpose: late, busy, cut off in the middle of an answer, or twice.

Wraps the office's app, so that what an engine meets is what a network and an overloaded server do
to a right answer; nothing untrue is ever signed. Which request is hit follows from seed and count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, fields
from itertools import count
from typing import Any, Final, TypeAlias

from oneservice.departments import problem_json
from oneservice.errors import AdapterError
from oneservice_adapters.chance import draw

__all__ = ["Faults", "Misbehaving", "parse_faults"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_LONGEST_DELAY_MS: Final = 3000
_PER_CENT: Final = 100
_LONGEST_S: Final = 86_400
_IN_SECONDS: Final = frozenset({"crash", "rewind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often an office misbehaves.

    Args:
        delay: per cent of requests whose answer is held back, three seconds at most.
        unavailable: per cent that are answered 503 with ``Retry-After``, and not looked at.
        lost: per cent that are carried out, and the connection is cut in the answer.
        duplicate: per cent that are carried out twice, as after a repeat that nobody saw.
        crash: seconds between two kills of the process, on average; 0: none. The supervisor's.
        rewind: seconds between two restorations of an old register, likewise.
    """

    delay: int = 0
    unavailable: int = 0
    lost: int = 0
    duplicate: int = 0
    crash: int = 0
    rewind: int = 0

    def __str__(self) -> str:
        """Return what :func:`parse_faults` reads."""
        every = {one.name: getattr(self, one.name) for one in fields(self)}
        return ",".join(f"{name}={value}" for name, value in every.items() if value) or "none"

    @property
    def hits_requests(self) -> bool:
        """Whether any request is hit at all."""
        return any((self.delay, self.unavailable, self.lost, self.duplicate))


_USUAL: Final = Faults(delay=20, unavailable=10, lost=5, duplicate=10, crash=60, rewind=300)


def parse_faults(text: str) -> Faults:
    """Return the faults that ``text`` names.

    Args:
        text: ``none``, ``all``, or kinds with commas between, each with or without a figure:
            ``lost,delay=50,crash=30``. Figures are per cent of requests; for ``crash`` and
            ``rewind`` they are seconds.

    Raises:
        AdapterError: an unknown kind, or a figure that is none.
    """
    if text.strip() in {"", "none"}:
        return Faults()
    if text.strip() == "all":
        return _USUAL
    pairs = [one.strip().partition("=") for one in text.split(",")]
    return Faults(**{name: _figure(name, figure) for name, _, figure in pairs})


def _figure(name: str, text: str) -> int:
    known = [one.name for one in fields(Faults)]
    if name not in known:
        msg = f"there is no fault {name!r}; choose among {', '.join(known)}, or all, or none"
        raise AdapterError(msg)
    if not text:
        return int(getattr(_USUAL, name))
    most = _LONGEST_S if name in _IN_SECONDS else _PER_CENT
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= most):
        unit = "seconds" if name in _IN_SECONDS else "per cent of requests"
        msg = f"{name}={text}: a figure is a number of {unit}, from 1 to {most}"
        raise AdapterError(msg)
    return int(text)


class Misbehaving:
    """An ASGI app around an office's; everything but HTTP passes through untouched."""

    def __init__(self, app: Any, faults: Faults, *, seed: int = 0) -> None:
        self._app = app
        self._faults = faults
        self._seed = seed
        self._numbers = count(1)

    def __getattr__(self, name: str) -> Any:
        """Return what the office's app has: a server opens and drains it by name."""
        return getattr(self._app, name)

    @property
    def base_url(self) -> str | None:
        """The address that callers' signatures cover; the wrapped app's."""
        found: str | None = self._app.base_url
        return found

    @base_url.setter
    def base_url(self, value: str | None) -> None:
        self._app.base_url = value

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or do to it what chance wants."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = next(self._numbers)
        if self._hits("delay", number, self._faults.delay):
            wait_ms = draw(self._seed, str(number), "delay_ms", 200, _LONGEST_DELAY_MS)
            await asyncio.sleep(wait_ms / 1000)
        if self._hits("unavailable", number, self._faults.unavailable):
            await _busy(send)
            return
        if self._hits("duplicate", number, self._faults.duplicate):
            receive = await self._first(scope, receive)
        if self._hits("lost", number, self._faults.lost):
            await self._app(scope, receive, _Cut(send))
            return
        await self._app(scope, receive, send)

    def _hits(self, kind: str, number: int, share: int) -> bool:
        return draw(self._seed, str(number), kind, 1, _PER_CENT) <= share

    async def _first(self, scope: Message, receive: Receive) -> Receive:
        """Carry the request out with nobody listening; return it once more."""
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        await self._app(dict(scope), _again(messages, receive), _unheard)
        return _again(messages, receive)


def _again(messages: list[Message], after: Receive) -> Receive:
    """Return a reader of the messages that came before, and then of what comes."""
    left = iter(messages)

    async def receive() -> Message:
        found = next(left, None)
        return await after() if found is None else found

    return receive


async def _unheard(message: Message) -> None:
    """Take an answer that nobody gets."""


class _Cut:
    """Sends the head of an answer and no body, so that the server must cut the connection."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [one for one in message["headers"] if one[0].lower() != b"content-length"]
            await self._send({**message, "headers": [*headers, (b"content-length", b"1048576")]})


async def _busy(send: Send) -> None:
    body = problem_json("unavailable", detail="this office is told to misbehave; ask again")
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"1"),
        (b"oneservice-version", b"1.0"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
