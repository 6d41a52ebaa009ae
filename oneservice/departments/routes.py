"""The resources of the protocol, by method and path (section 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from oneservice.canonical import Digest, digest_bytes
from oneservice.departments.capabilities import Capabilities, capabilities_json
from oneservice.departments.exchange import CALLER, Answer, Request, problem_answer
from oneservice.departments.reading import changes_json, status_json
from oneservice.departments.register import StoredDocument
from oneservice.departments.wire import (
    ANSWER_DEADLINE_S,
    BASE_PATH,
    CONTENT_DIGEST_HEADER,
    DOCUMENT_DEADLINE_S,
    JSON_TYPE,
    MAX_EVENTS,
    MAX_WAIT_S,
    PAGE_EVENTS,
    SUPPORTED_VERSIONS,
    VERSION_HEADER,
    digest_from_path,
    is_id,
    matches_content_digest,
)
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from oneservice.departments.feed import Feed
    from oneservice.departments.gate import Gate
    from oneservice.departments.office import Office
    from oneservice.departments.pace import Pace
    from oneservice.departments.recording import Filed

__all__ = ["MAX_UPLOADS", "Routes"]

MAX_UPLOADS: Final = 4
"""Documents that are read at once: each may take ``document_bytes`` of memory."""

Handle: TypeAlias = "Callable[[Routes, Request, str, tuple[str, ...]], Awaitable[Answer]]"
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}(?:\s*;[\x20-\x7e]{0,128})?", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(slots=True, kw_only=True)
class Routes:
    """Answers requests of callers that were told apart already."""

    office: Office
    feed: Feed
    describe: Callable[[], Capabilities]
    settle: Callable[[], Awaitable[None]]
    body_bytes: int
    document_bytes: int
    pace: Pace
    body_deadline_s: float = ANSWER_DEADLINE_S
    document_deadline_s: float = DOCUMENT_DEADLINE_S
    _uploads: int = field(default=0)

    async def answer(self, request: Request, gate: Gate) -> Answer:
        """Answer one request; raises ``ProtocolProblemError`` for all that is not fine.

        Args:
            request: its body unread.
            gate: tells callers apart.
        """
        methods, names = _resource(request.below)
        handle = methods.get(request.method)
        if handle is None:
            msg = f"this resource knows {', '.join(sorted(methods))}"
            error = ProtocolProblemError(msg, problem="method-not-allowed")
            allow = (("Allow", ", ".join(sorted(methods))),)
            return problem_answer(error, trace=request.trace, headers=allow)
        if request.headers.get(VERSION_HEADER.lower()) not in SUPPORTED_VERSIONS:
            raise ProtocolProblemError(
                f"{VERSION_HEADER} must be one of {', '.join(SUPPORTED_VERSIONS)}",
                problem="unsupported-version",
                members={"supported": list(SUPPORTED_VERSIONS)},
            )
        caller = await gate.caller(request)
        request.scope[CALLER] = caller
        with self.pace.admitted(caller):
            return await handle(self, request, caller, names)

    async def capabilities(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /capabilities``."""
        del caller, names
        body = capabilities_json(self.describe())
        etag = f'"{digest_bytes(body)}"'
        if request.matches(etag):
            return Answer(status=304, headers=(("ETag", etag),))
        return Answer(status=200, body=body, headers=(("ETag", etag),))

    async def file(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /submissions/{id}``."""
        data = await self._json(request)
        await self.settle()
        return await self._filed(await self.office.file(caller, names[0], data))

    async def supplement(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /submissions/{id}/supplements/{sid}``."""
        data = await self._json(request)
        await self.settle()
        return await self._filed(await self.office.supplement(caller, names[0], names[1], data))

    async def withdraw(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /submissions/{id}/withdrawals/{wid}``."""
        data = await self._json(request)
        await self.settle()
        return await self._filed(await self.office.withdraw(caller, names[0], names[1], data))

    async def status(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /submissions/{id}?after={seq}``."""
        after = request.integer("after", 0, most=MAX_EVENTS)
        await self.settle()
        stored = await self.feed.find(caller, names[0])
        etag = f'"{stored.head_digest}"'
        if request.matches(etag):
            return Answer(status=304, headers=(("ETag", etag),))
        body = status_json(await self.feed.status(stored, after=after))
        return Answer(status=200, body=body, headers=(("ETag", etag),))

    async def changes(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /changes?after={cursor}&limit=&wait=``."""
        del names
        page = await self.feed.wait(
            caller,
            request.query().get("after"),
            limit=max(1, request.integer("limit", PAGE_EVENTS, most=PAGE_EVENTS)),
            wait_s=request.integer("wait", 0, most=MAX_WAIT_S),
            settle=self.settle,
        )
        return Answer(status=200, body=changes_json(page))

    async def put_document(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``PUT /documents/{digest}``."""
        digest = digest_from_path(names[0])
        media_type = request.headers.get("content-type", "application/octet-stream")
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise ProtocolProblemError("Content-Type cannot be read", problem="media-type")
        if self._uploads >= MAX_UPLOADS:
            msg = f"{MAX_UPLOADS} documents are being taken in already"
            raise ProtocolProblemError(msg, problem="unavailable")
        self._uploads += 1
        try:
            data = await request.body(
                limit=self.document_bytes, deadline_s=self.document_deadline_s
            )
        finally:
            self._uploads -= 1
        _refuse_other_digest(request, data)
        if digest_bytes(data) != digest:
            msg = "the bytes that came do not have the digest in the path; nothing was kept"
            error = ProtocolProblemError(msg, problem="digest-mismatch")
            return problem_answer(error, status=422, trace=request.trace)
        document = StoredDocument(digest=digest, media_type=media_type, data=data)
        is_new = await self.office.scribe.register.put_document(caller, document)
        return Answer(status=201 if is_new else 200, headers=(("ETag", f'"{digest}"'),))

    async def head_document(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``HEAD /documents/{digest}``."""
        del request
        digest = digest_from_path(names[0])
        found = await self.office.scribe.register.document_size(caller, digest)
        if found is None:
            raise _no_document()
        media_type, size = found
        headers = (*_document_headers(digest), ("Content-Length", str(size)))
        return Answer(status=200, media_type=media_type, headers=headers)

    async def get_document(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /documents/{digest}``, whole or one range (RFC 9110 section 14)."""
        digest = digest_from_path(names[0])
        found = await self.office.scribe.register.document(caller, digest)
        if found is None:
            raise _no_document()
        headers = _document_headers(digest)
        size = len(found.data)
        wanted = _range(request.headers.get("range", ""), size)
        if wanted is None:
            return Answer(status=200, body=found.data, media_type=found.media_type, headers=headers)
        first, last = wanted
        if first > last:
            error = ProtocolProblemError("no byte of it is in this range", problem="range")
            whole = (("Content-Range", f"bytes */{size}"),)
            return problem_answer(error, trace=request.trace, headers=whole)
        part = ("Content-Range", f"bytes {first}-{last}/{size}")
        return Answer(
            status=206,
            body=found.data[first : last + 1],
            media_type=found.media_type,
            headers=(*headers, part),
        )

    async def _json(self, request: Request) -> bytes:
        """Read a JSON body; its digest must be that of its header, where there is one."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        coding = request.headers.get("content-encoding", "identity").strip().lower()
        if media_type != JSON_TYPE or coding != "identity":
            msg = f"the body must be {JSON_TYPE}, not compressed"
            raise ProtocolProblemError(msg, problem="media-type")
        data = await request.body(limit=self.body_bytes, deadline_s=self.body_deadline_s)
        _refuse_other_digest(request, data)
        return data

    async def _filed(self, filed: Filed) -> Answer:
        page = await self.feed.status(filed.stored, after=0)
        return Answer(
            status=201 if filed.is_new else 200,
            body=status_json(page),
            headers=(("ETag", f'"{filed.stored.head_digest}"'),),
        )


_RESOURCES: Final[tuple[tuple[tuple[str, ...], Mapping[str, Handle]], ...]] = (
    (("capabilities",), {"GET": Routes.capabilities}),
    (("submissions", "*"), {"GET": Routes.status, "PUT": Routes.file}),
    (("submissions", "*", "supplements", "*"), {"PUT": Routes.supplement}),
    (("submissions", "*", "withdrawals", "*"), {"PUT": Routes.withdraw}),
    (("changes",), {"GET": Routes.changes}),
    (
        ("documents", "*"),
        {"GET": Routes.get_document, "HEAD": Routes.head_document, "PUT": Routes.put_document},
    ),
)


def _resource(below: str) -> tuple[Mapping[str, Handle], tuple[str, ...]]:
    """Return the methods of a resource and the ids in its path."""
    segments = tuple(below.split("/")[1:])
    for pattern, methods in _RESOURCES:
        if len(pattern) == len(segments) and all(
            want in ("*", have) for want, have in zip(pattern, segments, strict=True)
        ):
            names = tuple(have for want, have in zip(pattern, segments, strict=True) if want == "*")
            if not all(is_id(name) for name in names):
                msg = "an id in the path is not 1 to 96 of A-Z a-z 0-9 . _ -"
                raise ProtocolProblemError(msg, problem="malformed")
            return methods, names
    msg = f"the resources stand under {BASE_PATH}"
    raise ProtocolProblemError(msg, problem="unknown-path")


def _refuse_other_digest(request: Request, data: bytes) -> None:
    """Refuse a body that is not the one its header names; a signature covers the header only."""
    claimed = request.headers.get(CONTENT_DIGEST_HEADER.lower())
    if claimed is not None and not matches_content_digest(claimed, data):
        msg = f"{CONTENT_DIGEST_HEADER} does not fit the body that came"
        raise ProtocolProblemError(msg, problem="digest-mismatch")


def _document_headers(digest: Digest) -> tuple[tuple[str, str], ...]:
    # An applicant's drawing may be active content: no browser should ever run it from here.
    return (
        ("ETag", f'"{digest}"'),
        ("Accept-Ranges", "bytes"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Disposition", "attachment"),
    )


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte; first beyond last if no byte fits; ``None`` for the whole.

    Several ranges, and units that we do not know, count as none (RFC 9110 section 14.2).
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:
        return (max(0, size - int(match[2])), size - 1) if int(match[2]) else (size, size - 1)
    first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if match[2] and int(match[2]) < first:
        return None
    return (first, last) if first < size else (size, size - 1)


def _no_document() -> ProtocolProblemError:
    msg = "no such document of this caller; upload it"
    return ProtocolProblemError(msg, problem="unknown-document")
