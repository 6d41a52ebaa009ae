"""One request as it came in over the wire, and every way to answer it, right or wrong."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from oneservice.canonical import canonical, parse
from oneservice.conformance import Answer, Exchange, Sent
from oneservice.errors import MalformedJsonError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Asked", "read_request"]

_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_LARGEST: Final = 8 * 1_048_576
_NUMBERS: Final = itertools.count(1)


@dataclass(slots=True, kw_only=True, eq=False)
class Asked:
    """A request; ``at`` is the engine's time at which it came, ``root`` the path of the base."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: datetime
    root: str
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)
    answered: Answer | None = None
    failure: str = "no answer was given"
    number: int = field(default_factory=lambda: next(_NUMBERS))

    @property
    def path(self) -> str:
        """The resource below the base address, without a query."""
        return self.target.partition("?")[0].removeprefix(self.root)

    @property
    def query(self) -> dict[str, str]:
        """The members of the query."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def parts(self) -> list[str]:
        """The steps of the path."""
        return self.path.strip("/").split("/")

    @property
    def submission_id(self) -> str:
        """The submission that it is about; empty for none."""
        return self.parts[1] if self.parts[0] == "submissions" and len(self.parts) > 1 else ""

    @property
    def is_filing(self) -> bool:
        """Whether it files an application."""
        return self.method == "PUT" and self.parts[0] == "submissions" and len(self.parts) == 2  # noqa: PLR2004 - submissions/{id}

    @property
    def is_reading(self) -> bool:
        """Whether it reads one submission."""
        return self.method == "GET" and bool(self.submission_id)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object in the body; an empty one for none."""
        try:
            found = parse(self.body, max_bytes=_LARGEST)
        except MalformedJsonError:
            return {}
        return found if isinstance(found, dict) else {}

    def header(self, name: str) -> str:
        """Return a header field, or an empty text."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def exchange(self) -> Exchange:
        """The exchange for the report."""
        secret = frozenset({"authorization", "signature"})
        sent = Sent(
            method=self.method,
            path=self.target,
            headers=self.headers,
            body=self.body,
            secret=secret,
        )
        return Exchange(sent=sent, answer=self.answered, failure=self.failure)

    # --- answering ---

    async def answer(
        self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer whole and in order; a header field with an empty value is left out."""
        named = {
            "Content-Type": _JSON if status < 400 else _PROBLEM,  # noqa: PLR2004 - HTTP's own classes
            "Content-Length": str(len(body)),
            "OneService-Version": "1.0",
            **(headers or {}),
        }
        fields = tuple((name, value) for name, value in named.items() if value)
        self.answered = Answer(
            status=status,
            headers=tuple((name.lower(), value) for name, value in fields),
            body=body,
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        head = f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode()
        await self.send(head if self.method == "HEAD" else head + body)

    async def problem(
        self, status: int, code: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        """Answer with a problem document."""
        kind = f"urn:oneservice:problem:{code}"
        document = {"type": kind, "status": status, "title": code, **more}
        await self.answer(status, canonical(document), headers)

    async def send(self, *pieces: bytes, pause_s: float = 0.0) -> None:
        """Send raw bytes, piece by piece."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if pause_s:
                await asyncio.sleep(pause_s)

    async def silence(self) -> None:
        """Say nothing until the engine has hung up."""
        self.failure = "nothing was answered"
        await self.reader.read()
        self.writer.close()

    def reset(self) -> None:
        """Break the connection, as a machine that has lost its power."""
        self.failure = "the connection was reset"
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def read_request(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    now: Callable[[], datetime],
    root: str,
) -> Asked:
    """Return the next request of a connection.

    Raises:
        asyncio.IncompleteReadError: the engine has hung up.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = tuple((name, value.strip()) for name, _, value in (x.partition(":") for x in lines))
    sizes = [value for name, value in headers if name.lower() == "content-length"]
    body = await reader.readexactly(int(sizes[0]) if sizes else 0)
    return Asked(
        method=method,
        target=target,
        headers=headers,
        body=body,
        at=now(),  # when it has come: the wait for it may have been long
        root=root,
        reader=reader,
        writer=writer,
    )
