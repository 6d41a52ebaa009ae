"""Documents by digest (protocol section 8): bytes in, bytes out, each caller its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.departments.exchange import Answer, Request, problem_answer, refuse_other_digest
from oneservice.departments.register import StoredDocument
from oneservice.departments.wire import (
    CONTENT_DIGEST_HEADER,
    DOCUMENT_DEADLINE_S,
    content_digest_of,
    digest_from_path,
    instant_text,
)
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.recording import Scribe

__all__ = ["MAX_UPLOADS", "DocumentRoutes"]

MAX_UPLOADS: Final = 4
"""Documents that are read at once: each may take ``document_bytes`` of memory."""

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,64}/[\w.+-]{1,64}(?:\s*;[\x20-\x7e]{0,128})?", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(slots=True, kw_only=True)
class DocumentRoutes:
    """``PUT``, ``HEAD`` and ``GET`` of ``/documents/{digest}``."""

    scribe: Scribe
    document_bytes: int
    document_deadline_s: float = DOCUMENT_DEADLINE_S
    _uploads: int = field(default=0)

    async def put(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
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
        refuse_other_digest(request, data)
        if digest_bytes(data) != digest:
            msg = "the bytes that came do not have the digest in the path; nothing was kept"
            error = ProtocolProblemError(msg, problem="digest-mismatch")
            return problem_answer(error, status=422, trace=request.trace)
        document = StoredDocument(digest=digest, media_type=media_type, data=data)
        is_new = await self.scribe.register.put_document(
            caller, document, at=instant_text(self.scribe.clock())
        )
        return Answer(status=201 if is_new else 200, headers=(("ETag", f'"{digest}"'),))

    async def head(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``HEAD /documents/{digest}``."""
        del request
        digest = digest_from_path(names[0])
        found = await self.scribe.register.document_size(caller, digest)
        if found is None:
            raise _no_document()
        media_type, size = found
        own = [("Content-Length", str(size))]
        if size:  # What GET says of itself, without the bytes (RFC 9110 section 9.3.2).
            own.append((CONTENT_DIGEST_HEADER, content_digest_of(digest)))
        headers = (*_document_headers(digest), *own)
        return Answer(status=200, media_type=media_type, headers=headers)

    async def get(self, request: Request, caller: str, names: tuple[str, ...]) -> Answer:
        """``GET /documents/{digest}``, whole or one range (RFC 9110 section 14)."""
        digest = digest_from_path(names[0])
        found = await self.scribe.register.document(caller, digest)
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
