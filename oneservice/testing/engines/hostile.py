"""Answers that are none: what a broken or hostile department can do to whoever listens."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked

__all__ = ["HOSTILE", "MOST_TAKEN", "Hostile"]

Hostile = Callable[["Asked", list[int], str], Awaitable[None]]
"""Answers; counts in the first entry of the list how many bytes went out; may name a trap."""

_MIB: Final = 1024 * 1024
MOST_TAKEN: Final = 24 * _MIB
"""Far more than a status document may have, and room for what two sockets hold between them."""
_OFFERED: Final = 64
_HEAD: Final = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
_CHUNKED: Final = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_BLANKS: Final = b" " * (_MIB // 4)


async def _flood(asked: Asked, taken: list[int], piece: bytes) -> None:
    for _ in range(_OFFERED * _MIB // len(piece) + 1):
        await asked.send(piece)
        taken[0] += len(piece)


async def _drip(asked: Asked, taken: list[int], _: str) -> None:
    for one in _HEAD + b"Content-Length: 300\r\n\r\n" + b" " * 300:
        await asked.send(bytes([one]), pause_s=0.1)
        taken[0] += 1


async def _endless_headers(asked: Asked, taken: list[int], _: str) -> None:
    await asked.send(_HEAD)
    await _flood(asked, taken, b"X-More: of the same\r\n" * 4000)


async def _slow_headers(asked: Asked, taken: list[int], _: str) -> None:
    await asked.send(_HEAD)
    for _number in range(600):
        await asked.send(b"X-More: of the same\r\n", pause_s=0.05)
        taken[0] += 21


async def _endless_continue(asked: Asked, taken: list[int], _: str) -> None:
    await _flood(asked, taken, b"HTTP/1.1 100 Continue\r\n\r\n" * 4000)


async def _huge_by_length(asked: Asked, taken: list[int], _: str) -> None:
    await asked.send(_HEAD + b"Content-Length: %d\r\n\r\n" % (_OFFERED * _MIB))
    await _flood(asked, taken, _BLANKS)


async def _huge_by_chunks(asked: Asked, taken: list[int], _: str) -> None:
    await asked.send(_CHUNKED)
    await _flood(asked, taken, b"%x\r\n" % len(_BLANKS) + _BLANKS + b"\r\n")


async def _huge_until_closed(asked: Asked, taken: list[int], _: str) -> None:
    await asked.send(_HEAD + b"Connection: close\r\n\r\n")
    await _flood(asked, taken, _BLANKS)


async def _compressed(asked: Asked, taken: list[int], _: str) -> None:
    press = zlib.compressobj(wbits=31)
    bomb = b"".join(press.compress(_BLANKS) for _ in range(4 * _OFFERED)) + press.flush()
    taken[0] = len(bomb)
    await asked.answer(201, bomb, {"Content-Encoding": "gzip"})


async def _truncated(asked: Asked, taken: list[int], _: str) -> None:
    await asked.send(_HEAD + b'Content-Length: 4000\r\n\r\n{"submission_id":')
    taken[0] = 17
    asked.writer.close()


async def _redirected(asked: Asked, taken: list[int], trap: str) -> None:
    taken[0] = 0
    await asked.answer(307, b"", {"Location": trap})


async def _moved(asked: Asked, taken: list[int], trap: str) -> None:
    taken[0] = 0
    await asked.answer(302, b"", {"Location": trap})


async def _another_tongue(asked: Asked, taken: list[int], _: str) -> None:
    taken[0] = 40
    await asked.send(b"220 mail.example ESMTP ready\r\n" * 2)
    asked.writer.close()


async def _a_page(asked: Asked, taken: list[int], _: str) -> None:
    page = b"<!doctype html><title>Maintenance</title>"
    taken[0] = len(page)
    await asked.answer(200, page, {"Content-Type": "text/html"})


async def _no_document(asked: Asked, taken: list[int], _: str) -> None:
    taken[0] = 2
    await asked.answer(201, b"{}")


HOSTILE: Final[Mapping[str, Hostile]] = {
    "one byte at a time": _drip,
    "endless header fields": _endless_headers,
    "slow endless header fields": _slow_headers,
    "endless 100 Continue": _endless_continue,
    "64 MiB by Content-Length": _huge_by_length,
    "64 MiB in chunks": _huge_by_chunks,
    "64 MiB until the connection closes": _huge_until_closed,
    "a compressed bomb": _compressed,
    "a truncated answer": _truncated,
    "307 to elsewhere": _redirected,
    "302 to elsewhere": _moved,
    "another protocol": _another_tongue,
    "a page for people": _a_page,
    "201 without its members": _no_document,
}
