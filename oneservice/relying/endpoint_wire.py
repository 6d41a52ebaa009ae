"""HTTP over ASGI for the endpoint: a body under limits, an answer, problem documents.

The problems are those of the adapter protocol, so that a caller needs one reader for both.

References:
    RFC 9457; adapter protocol, section 9.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from oneservice.canonical import canonical, parse_object
from oneservice.errors import MalformedJsonError, ProtocolProblemError

__all__ = [
    "PAPERS_TYPE",
    "PROBLEMS",
    "Answer",
    "Asked",
    "ClientGoneError",
    "Receive",
    "Scope",
    "Send",
    "asked_in",
    "problem_of",
    "query_of",
    "read_body",
]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    "malformed": (400, "The message cannot be read"),
    "unauthenticated": (401, "The caller is not known"),
    "unknown-path": (404, "There is nothing at this path"),
    "method-not-allowed": (405, "The resource does not know this method"),
    "slow-request": (408, "The request came too slowly"),
    "too-large": (413, "The message is larger than the limit"),
    "media-type": (415, "This media type is not taken here"),
    "too-many-requests": (429, "Too many requests"),
    "internal": (500, "The department lost its way"),
    "unavailable": (503, "Not available now"),
}
"""Those of the protocol that can come up here: status and title."""
_PREFIX: Final = "urn:oneservice:problem:"
_LATER: Final = frozenset({"too-many-requests", "unavailable"})
_UNREAD: Final = frozenset({"too-large", "slow-request", "unauthenticated", "too-many-requests"})
"""After these a part of the request may still be on its way, and is not waited for."""
_MOST_PARAMETERS: Final = 8
PAPERS_TYPE: Final = "application/vnd.oneservice.papers+json"
"""Media type of a paper with others beside it: ``{"paper": …, "beside": […]}``."""
_MOST_BESIDE: Final = 8
_MOST_BYTES: Final = 268_435_456


class ClientGoneError(Exception):
    """The caller hung up; nobody is left to answer. Never leaves the room."""


class Asked(NamedTuple):
    """The paper that is judged, and what came beside it: words and newer papers about its move."""

    paper: bytes
    beside: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that stands in memory."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def send(self, send: Send, *, is_head: bool) -> None:
        """Send it; ``HEAD`` gets the headers only."""
        headers = [
            (b"content-type", self.media_type.encode("ascii")),
            (b"content-length", b"%d" % len(self.body)),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if is_head else self.body})


def asked_in(body: bytes, media_type: str) -> Asked:
    """Return what a body asks about: one paper, or by :data:`PAPERS_TYPE` one with others beside.

    A paper is an object, or text: an SD-JWT, or an object as it stands in its file.

    Raises:
        ProtocolProblemError: ``malformed``.
    """
    if media_type != PAPERS_TYPE:
        return Asked(body)
    try:
        told = parse_object(body, max_bytes=_MOST_BYTES)
    except MalformedJsonError as error:
        raise ProtocolProblemError(str(error), problem="malformed") from None
    beside = told.get("beside", [])
    if not told.keys() <= {"paper", "beside"} or not isinstance(beside, list):
        msg = "the body is an object with 'paper' and a list 'beside'"
        raise ProtocolProblemError(msg, problem="malformed")
    if len(beside) > _MOST_BESIDE:
        msg = f"more than {_MOST_BESIDE} papers lie beside the one that is judged"
        raise ProtocolProblemError(msg, problem="malformed")
    return Asked(_paper(told.get("paper")), tuple(map(_paper, beside)))


def _paper(stated: object) -> bytes:
    match stated:
        case str():
            return stated.encode("utf-8")
        case dict():
            return canonical(stated)
        case _:
            msg = "a paper is an object, or the text of one"
            raise ProtocolProblemError(msg, problem="malformed")


def problem_of(error: ProtocolProblemError) -> Answer:
    """Return the problem document for ``error``, with the headers that its code demands."""
    status, title = PROBLEMS[error.problem]
    document = {
        **error.members,
        "type": _PREFIX + error.problem,
        "status": status,
        "title": title,
        "detail": str(error),
    }
    headers = []
    if error.problem in _LATER:
        headers.append((b"retry-after", b"1"))
    if error.problem == "unauthenticated":  # RFC 9110 section 15.5.2 demands the header
        headers.append((b"www-authenticate", b"Bearer"))
    if error.problem in _UNREAD:
        headers.append((b"connection", b"close"))
    return Answer(
        status=status,
        body=canonical(document),
        media_type="application/problem+json",
        headers=tuple(headers),
    )


def query_of(scope: Scope) -> dict[str, str]:
    """Return the parameters of the query.

    Raises:
        ProtocolProblemError: ``malformed``: one stands in it twice, or there are too many.
    """
    raw = scope.get("query_string", b"").decode("latin-1")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        pairs = [("", "")] * 2
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a parameter stands twice in the query, or there are too many"
        raise ProtocolProblemError(msg, problem="malformed")
    return found


async def read_body(scope: Scope, receive: Receive, *, limit: int, within_s: float) -> bytes:
    """Return the body, whatever the headers promise.

    Args:
        scope: of the request.
        receive: gives its parts.
        limit: most bytes; more are refused without reading on.
        within_s: for all of it together, so that a byte now and then gains nothing.

    Raises:
        ProtocolProblemError: ``too-large``, ``slow-request``, ``malformed``.
        ClientGoneError: the caller hung up.
    """
    declared = next((v for name, v in scope["headers"] if name == b"content-length"), b"0")
    if not declared.isdigit():
        msg = "Content-Length is no number"
        raise ProtocolProblemError(msg, problem="malformed")
    if len(declared) > len(str(limit)) or int(declared) > limit:
        raise _too_large(limit)
    found = bytearray()
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                found += message.get("body", b"")
                if len(found) > limit:
                    raise _too_large(limit)
                if not message.get("more_body", False):
                    return bytes(found)
    except TimeoutError:
        msg = f"the body did not come within {within_s:g} s"
        raise ProtocolProblemError(msg, problem="slow-request") from None


def _too_large(limit: int) -> ProtocolProblemError:
    msg = f"the body has more than the {limit} bytes that are taken here"
    return ProtocolProblemError(msg, problem="too-large", members={"limit": limit})
