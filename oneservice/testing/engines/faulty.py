"""A department over real HTTP that keeps the protocol, until a statement has it break it.

Theory of operation. It behaves by default: files, tells, feeds, keeps documents. A statement hands
it an ``intrusion``, which sees every request first and may answer it in any way, or not at all.
What it was asked is remembered in order, with the engine's own time.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, digest_bytes
from oneservice.departments import Ed25519EventKey, EventKey, VerifyingKey
from oneservice.testing.engines.asked import Asked, read_request
from oneservice.testing.engines.book import Book

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FaultyDepartment", "Intrusion", "Present"]

Intrusion = Callable[[Asked], Awaitable[bool]]
"""Answers a request and returns ``True``, or returns ``False`` and leaves it to the department."""

ROOT: Final = "/oneservice/v1"
_LARGEST_LINE: Final = 16 * 1_048_576
_FOUND: Final = 200
_NEW: Final = 201


class Present:
    """The engine's present, once there is an engine; before, the instant at which it will open."""

    def __init__(self, start: datetime) -> None:
        self.source: Callable[[], datetime] = lambda: start

    def now(self) -> datetime:
        """Return the present."""
        return self.source()


class FaultyDepartment:
    """One department on loopback.

    Attributes:
        course: the events that follow the receipt of an application at once.
        intrusion: sees every request first.
        features: listed in the capabilities.
        also_listed: keys that the capabilities list beside its own.
        asked: all requests so far, as they came.
    """

    def __init__(self, department: str, step_id: str, present: Present) -> None:
        self.department, self.step_id = department, step_id
        self.key = Ed25519EventKey.generate(f"{department}-event")
        self.book = Book(department, self.key, present.now)
        self.course: tuple[str, ...] = ("accepted", "granted")
        self.intrusion: Intrusion | None = None
        self.features: tuple[str, ...] = ("documents",)
        self.capabilities: dict[str, Any] = {}
        self.also_listed: tuple[EventKey, ...] = ()
        self.opinion: dict[str, Any] = {}
        self.asked: list[Asked] = []
        self.busy = self.most_busy = self.connections = self.port = 0
        self.scheme = "http"
        self._present = present
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """Its base address."""
        return f"{self.scheme}://127.0.0.1:{self.port}{ROOT}"

    @property
    def trusted(self) -> VerifyingKey:
        """The public half of the key that signs its events."""
        return _public(self.key)

    @property
    def filings(self) -> list[Asked]:
        """The requests that filed an application, in order."""
        return [one for one in self.asked if one.is_filing]

    def submissions(self) -> list[str]:
        """Return the ids under which something was filed, in their order."""
        return list(self.book.filed)

    # --- serving ---

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """Listen on a free port of the loopback address."""
        self.scheme = "http" if tls is None else "https"
        server = await asyncio.start_server(
            self._handle, "127.0.0.1", 0, ssl=tls, limit=_LARGEST_LINE
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            await self.drop()
            await server.wait_closed()

    async def drop(self) -> None:
        """Break every connection that is open."""
        tasks = [one for one in self._tasks if one is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server's handler is one
        self._tasks.add(task)
        self.connections += 1
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
        try:
            with suppress(asyncio.CancelledError, ssl.SSLError, *gone):
                while not writer.is_closing():
                    await self._next(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _next(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read_request(reader, writer, now=self._present.now, root=ROOT)
        self.asked.append(asked)
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            if self.intrusion is None or not await self.intrusion(asked):
                await self.behave(asked)
        finally:
            self.busy -= 1

    # --- what a department does ---

    async def behave(self, asked: Asked) -> None:
        """Answer as the protocol says."""
        match asked.method, asked.parts:
            case "GET", ["capabilities"]:
                await asked.answer(_FOUND, self.said(), {"ETag": '"1"'})
            case "PUT", ["submissions", submission_id]:
                await self._file(asked, submission_id)
            case "GET", ["submissions", submission_id]:
                await self._status(asked, submission_id)
            case "PUT", ["submissions", submission_id, what, message_id]:
                await self._other(asked, submission_id, what, message_id)
            case "GET", ["changes"]:
                await asked.answer(_FOUND, self.book.page(asked.query.get("after")))
            case _, ["documents", name]:
                await self._document(asked, name)
            case _:
                await asked.problem(404, "unknown-path")

    def said(self) -> bytes:
        """Return the capabilities."""
        document: dict[str, Any] = {
            "protocol": ["1.0"],
            "department": {"id": self.department, "name": {"en": self.department}},
            "steps": [{"step_id": self.step_id}],
            "features": list(self.features),
            "limits": {},
            "keys": [_listed(one) for one in (self.key, *self.also_listed)],
        }
        return canonical(document | self.capabilities)

    async def _file(self, asked: Asked, submission_id: str) -> None:
        known = self.book.filed.get(submission_id)
        if known is not None and known.body != asked.body:
            await asked.problem(409, "submission-conflict")
            return
        self.take_in(submission_id, asked.body)
        status = self.book.status(submission_id, **self.opinion)
        await asked.answer(_FOUND if known else _NEW, status)

    def take_in(self, submission_id: str, body: bytes) -> None:
        """Record an application, and what is decided on the spot; once."""
        if submission_id not in self.book.filed:
            self.book.file(submission_id, body)
            for kind in self.course:
                self.book.tell(submission_id, kind)

    async def _status(self, asked: Asked, submission_id: str) -> None:
        if submission_id not in self.book.filed:
            await asked.problem(404, "unknown-submission")
            return
        after = int(asked.query.get("after", "0"))
        await asked.answer(_FOUND, self.book.status(submission_id, after, **self.opinion))

    async def _other(self, asked: Asked, submission_id: str, what: str, message_id: str) -> None:
        filing = self.book.filed.get(submission_id)
        if filing is None:
            await asked.problem(404, "unknown-submission")
            return
        known = filing.others.get(message_id)
        if known is None:
            if filing.state not in {"received", "accepted", "correction_requested", "suspended"}:
                await asked.problem(409, "not-open", state=filing.state, head=filing.head)
                return
            filing.others[message_id] = asked.body
            if what == "withdrawals":
                named = {"withdrawal_id": message_id}
                digest = digest_bytes(asked.body)
                self.book.tell(
                    submission_id, "withdrawal_requested", request_digest=digest, **named
                )
                self.book.tell(submission_id, "withdrawn", **named)
        await asked.answer(_FOUND if known else _NEW, self.book.status(submission_id))

    async def _document(self, asked: Asked, name: str) -> None:
        held = self.book.documents
        if "documents" not in self.features:
            await asked.problem(404, "unknown-path")
        elif asked.method == "PUT":
            is_known = name in held
            held[digest_bytes(asked.body).replace(":", "-")] = asked.body
            await asked.answer(_FOUND if is_known else _NEW)
        elif name in held:
            await asked.answer(_FOUND, held[name], {"Content-Type": "application/pdf"})
        else:
            await asked.problem(404, "unknown-document")


def _public(key: EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


def _listed(key: EventKey) -> Mapping[str, Any]:
    text = base64.b64encode(key.public_key).decode()
    return {"keyid": key.keyid, "alg": key.alg, "public_key": text, "use": ["event", "callback"]}
