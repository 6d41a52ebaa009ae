"""One HTTP exchange over ASGI: the request as we read it, the answer as we send it.

Nothing here knows the protocol's resources. Bodies are read under a limit and a deadline, whatever
the headers promise; what we do not read we cut off (``Connection: close``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from oneservice.departments.problems import PROBLEMS, problem_json
from oneservice.departments.tracing import TRACE_HEADER, trace_id
from oneservice.departments.wire import (
    BASE_PATH,
    CONTENT_DIGEST_HEADER,
    JSON_TYPE,
    PROBLEM_TYPE,
    VERSION,
    VERSION_HEADER,
    content_digest,
    matches_content_digest,
)
from oneservice.errors import ProtocolProblemError

__all__ = [
    "CALLER",
    "Answer",
    "ClientGoneError",
    "Receive",
    "Request",
    "Scope",
    "Send",
    "problem_answer",
    "refuse_other_digest",
]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

CALLER: Final = "oneservice.caller"
"""Where a scope keeps who was let in, for the log."""
DEFAULT_RETRY_AFTER_S: Final = 1
_ALWAYS: Final = (VERSION_HEADER.lower().encode(), VERSION.encode())
_NOT_KEPT: Final = (b"cache-control", b"no-store")
"""What every answer says that does not say itself how long it may be kept."""
_UNREAD = frozenset({"too-large", "slow-request"})
"""Problems after which a part of the request may still be on its way."""


class ClientGoneError(Exception):
    """The caller hung up while it was sending; nobody is left to answer. Never leaves the room."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body was not read yet; of equal parameters in its query the last counts."""

    scope: Scope
    receive: Receive
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        """Return the request; the path is relative to where the app is mounted.

        White space around a field's value is no part of it, and not every server takes it away
        (RFC 9112 section 5.1). Where a slash came escaped, the path stays as it was sent: servers
        undo the escape, and another address would then be taken for ours (RFC 3986 section 2.2).
        """
        path, root = str(scope["path"]), str(scope.get("root_path", ""))
        sent: Any = scope.get("raw_path") or b""
        if b"%2f" in sent.lower():
            path = sent.decode("latin-1")
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1").strip(" \t")
            for name, value in scope["headers"]
        }
        is_mounted = bool(root) and path.startswith(f"{root}/")
        below = path.removeprefix(root) if is_mounted else path
        raw = scope.get("query_string", b"")
        query = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else {}
        return cls(scope, receive, below, headers, query)

    @property
    def below(self) -> str:
        """The path below the protocol's base path, wherever the app is mounted."""
        is_below = self.path.startswith(f"{BASE_PATH}/")
        return self.path.removeprefix(BASE_PATH) if is_below else self.path

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self.scope["method"])

    @property
    def trace(self) -> str | None:
        """The trace id of ``traceparent`` (W3C Trace Context), if there is a valid one."""
        return trace_id(self.headers.get(TRACE_HEADER, ""))

    def integer(self, name: str, default: int, *, most: int) -> int:
        """Return a query parameter as an integer from 0 to ``most`` (larger ones count as it).

        Raises:
            ProtocolProblemError: ``malformed``.
        """
        text = self.query.get(name)
        if text is None:
            return default
        if re.fullmatch(r"\d+", text, re.ASCII) is None:
            msg = f"the parameter {name} must be an integer of at least 0"
            raise ProtocolProblemError(msg, problem="malformed")
        digits = text.lstrip("0") or "0"
        return most if len(digits) > len(str(most)) else min(int(digits), most)

    def matches(self, etag: str) -> bool:
        """Say whether ``If-None-Match`` holds ``etag`` (RFC 9110 section 13.1.2)."""
        held = (one.strip() for one in self.headers.get("if-none-match", "").split(","))
        return any(one == "*" or one.removeprefix("W/") == etag for one in held)

    async def body(self, *, limit: int, deadline_s: float) -> bytes:
        """Read the body.

        Args:
            limit: most bytes; more are refused without reading on.
            deadline_s: for all of it together, so that a byte now and then gains nothing.

        Raises:
            ProtocolProblemError: ``too-large``, ``slow-request``, ``malformed``.
            ClientGoneError: the caller hung up.
        """
        declared = self.headers.get("content-length", "0")
        if not declared.isascii() or not declared.isdigit():
            msg = "Content-Length is no number"
            raise ProtocolProblemError(msg, problem="malformed")
        if len(declared) > len(str(limit)) or int(declared) > limit:
            raise _too_large(limit)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._read(limit)
        except TimeoutError:
            msg = f"the body did not come within {deadline_s:g} s"
            raise ProtocolProblemError(msg, problem="slow-request") from None

    async def _read(self, limit: int) -> bytes:
        found = bytearray()
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            found += message.get("body", b"")
            if len(found) > limit:
                raise _too_large(limit)
            if not message.get("more_body", False):
                return bytes(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that stands in memory."""

    status: int
    body: bytes = b""
    media_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()

    async def send(
        self, send: Send, *, is_head: bool, extra: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Send it, with ``extra`` headers; ``HEAD`` gets the headers only."""
        headers = [*self.headers, *extra]
        if self.status not in {204, 304}:
            if not any(name == "Content-Length" for name, _ in self.headers):
                headers.append(("Content-Length", str(len(self.body))))
            headers.append(("Content-Type", self.media_type))
        if (
            self.body and self.status != HTTPStatus.PARTIAL_CONTENT
        ):  # a part has no digest of the whole
            headers.append((CONTENT_DIGEST_HEADER, content_digest(self.body)))
        told = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        standing = [_ALWAYS]
        if not any(name == "Cache-Control" for name, _ in self.headers):
            standing.append(_NOT_KEPT)
        start = {"type": "http.response.start", "status": self.status}
        await send({**start, "headers": [*standing, *told]})
        await send({"type": "http.response.body", "body": b"" if is_head else self.body})


def problem_answer(
    error: ProtocolProblemError,
    *,
    status: int | None = None,
    trace: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    """Return the problem document for ``error``, with the headers that its code demands."""
    kind = PROBLEMS[error.problem]
    members = dict(error.members)
    if error.findings:
        members["errors"] = [
            {"pointer": pointer, "problem": rule} for pointer, rule in error.findings
        ]
    extra = list(headers)
    if kind.needs_retry_after:
        wait_s = getattr(error, "retry_after_s", DEFAULT_RETRY_AFTER_S)
        extra.append(("Retry-After", str(wait_s)))
    if kind.status == 401:  # noqa: PLR2004 - RFC 9110 section 15.5.2 demands the header
        extra.append(("WWW-Authenticate", "Bearer"))
    if error.problem in _UNREAD:
        extra.append(("Connection", "close"))
    return Answer(
        status=status or kind.status,
        body=problem_json(
            error.problem, status=status, detail=str(error), trace=trace, members=members
        ),
        media_type=PROBLEM_TYPE,
        headers=tuple(extra),
    )


def _too_large(limit: int) -> ProtocolProblemError:
    msg = f"the body has more than the {limit} bytes that are taken here"
    return ProtocolProblemError(msg, problem="too-large", members={"limit": limit})


def refuse_other_digest(request: Request, data: bytes) -> None:
    """Refuse a body that is not the one its header names; a signature covers the header only."""
    claimed = request.headers.get(CONTENT_DIGEST_HEADER.lower())
    if claimed is not None and not matches_content_digest(claimed, data):
        msg = f"{CONTENT_DIGEST_HEADER} does not fit the body that came"
        raise ProtocolProblemError(msg, problem="digest-mismatch")
