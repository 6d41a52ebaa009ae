"""The calls to one department: which request each makes, and what it returns."""

from __future__ import annotations

import re
import ssl
from typing import Final
from urllib.parse import quote

from oneservice.canonical import digest_bytes
from oneservice.departments.client_answers import (
    Answer,
    Call,
    problem_of,
    refuse_other_receipt,
    status_in,
)
from oneservice.departments.client_capabilities import KnownCapabilities
from oneservice.departments.client_deprecation import Deprecation
from oneservice.departments.client_endpoint import DepartmentEndpoint
from oneservice.departments.client_exchange import Exchanges
from oneservice.departments.client_features import FeatureClient
from oneservice.departments.client_feed import changes_in
from oneservice.departments.client_line import Transport
from oneservice.departments.wire import PAGE_EVENTS, digest_in_path
from oneservice.ports import ChangesPage, Clock, StatusPage

__all__ = ["DepartmentClient"]

_SLOWEST_UPLOAD: Final = 256 * 1024
"""Bytes per second that a document's deadline allows for (section 14: 60 s + size)."""
_KNOWN: Final = frozenset({200, 201})
_MEDIA_TYPE: Final = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+( *; *[\x21-\x7e ]+)?", re.ASCII)


class DepartmentClient:
    """The way to one department; methods as in :class:`oneservice.ports.Departments`."""

    def __init__(
        self,
        department: str,
        endpoint: DepartmentEndpoint,
        *,
        clock: Clock,
        ssl_context: ssl.SSLContext,
        transport: Transport = Transport.STOCK,
    ) -> None:
        self._keys = {key.keyid: key for key in endpoint.keys}
        self._way = Exchanges(
            department, endpoint, clock=clock, ssl_context=ssl_context, transport=transport
        )
        self._known = KnownCapabilities(self._way)
        self.features = FeatureClient(self._way, self._known)

    @property
    def deprecation(self) -> Deprecation | None:
        """What the department said last about the end of this major version."""
        return self._way.deprecation

    async def aclose(self) -> None:
        """Close all connections."""
        await self._way.aclose()

    async def submit(self, submission_id: str, body: bytes) -> StatusPage:
        """File ``body`` and return the whole history, which begins with the receipt for it."""
        call = self._way.call("PUT", "submission", submission_id)
        page = await self._put(call, ("submissions", submission_id), submission_id, body)
        refuse_other_receipt(call, page, digest_bytes(body))
        return page

    async def supplement(self, submission_id: str, supplement_id: str, body: bytes) -> StatusPage:
        """Hand in what was asked for."""
        call = self._way.call("PUT", "supplement", submission_id, supplement_id)
        parts = ("submissions", submission_id, "supplements", supplement_id)
        return await self._put(call, parts, submission_id, body)

    async def withdraw(self, submission_id: str, withdrawal_id: str, body: bytes) -> StatusPage:
        """Ask to withdraw."""
        call = self._way.call("PUT", "withdrawal", submission_id, withdrawal_id)
        parts = ("submissions", submission_id, "withdrawals", withdrawal_id)
        return await self._put(call, parts, submission_id, body)

    async def read(self, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the events after ``after``; ``None`` if it was never heard of.

        Only a 404 whose problem document says so counts: a wrong address must not look as if
        nothing had been filed.
        """
        call = self._way.call("GET", "submission", submission_id)
        request = self._way.request(call, "submissions", submission_id, query=f"after={after}")
        answer = await self._way.exchange(request)
        if answer.status == 404 and problem_of(answer) == "unknown-submission":  # noqa: PLR2004 - HTTP's own numbers
            return None
        self._way.refuse_unless(answer, call, {200})
        return self._status(call, answer, submission_id, after)

    async def changes(self, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed."""
        call = self._way.call("GET", "changes")
        endpoint = self._way.endpoint
        wait = f"&wait={endpoint.long_poll_s}" if await self._may_wait() else ""
        after = "" if cursor is None else f"after={quote(cursor, safe='')}&"
        request = self._way.request(
            call,
            "changes",
            query=f"{after}limit={PAGE_EVENTS}{wait}",
            limit_bytes=endpoint.changes_bytes,
            deadline_s=endpoint.deadline_s + endpoint.long_poll_s,
        )
        answer = await self._way.exchange(request)
        self._way.refuse_unless(answer, call, {200})
        return changes_in(call, answer, keys=self._keys, limit_bytes=endpoint.changes_bytes)

    async def _may_wait(self) -> bool:
        """Say whether the feed may be held open; an unlisted feature is never used (P-05)."""
        if not self._way.endpoint.long_poll_s:
            return False
        return "wait" in (await self._known.current()).features

    async def put_document(self, document: bytes, media_type: str) -> None:
        """Ask whether the department has these bytes, and send them if it has not."""
        name = digest_in_path(digest_bytes(document))
        ask, send = (
            self._way.call("HEAD", "document", name),
            self._way.call("PUT", "document", name),
        )
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise send.broken(
                "this is no media type that a header can carry; not sent", "media-type"
            )
        if len(document) > self._way.endpoint.document_bytes:
            raise send.broken(
                f"the document has {len(document)} bytes, {self._way.endpoint.document_bytes} are "
                "allowed; not sent",
                "too-large",
            )
        await self._known.require("documents")
        answer = await self._way.exchange(self._way.request(ask, "documents", name))
        if answer.status == 404:  # noqa: PLR2004 - HTTP's own numbers
            request = self._way.request(
                send,
                "documents",
                name,
                content=document,
                media_type=media_type,
                deadline_s=self._way.endpoint.document_deadline_s + len(document) / _SLOWEST_UPLOAD,
            )
            answer = await self._way.exchange(request)
            self._way.refuse_unless(answer, send, _KNOWN)
        self._way.refuse_unless(answer, ask, _KNOWN)

    async def _put(
        self, call: Call, parts: tuple[str, ...], submission_id: str, body: bytes
    ) -> StatusPage:
        if len(body) > self._way.endpoint.body_bytes:
            raise call.broken(
                f"the body has {len(body)} bytes, {self._way.endpoint.body_bytes} are allowed; "
                "not sent",
                "too-large",
            )
        answer = await self._way.exchange(self._way.request(call, *parts, content=body))
        if problem_of(answer) in {"unknown-step", "retired"}:
            self._known.forget()  # section 12: capabilities are read anew, a person plans again
        self._way.refuse_unless(answer, call, _KNOWN)
        return self._status(call, answer, submission_id, 0)

    def _status(self, call: Call, answer: Answer, submission_id: str, after: int) -> StatusPage:
        return status_in(
            call,
            answer,
            submission_id=submission_id,
            after=after,
            keys=self._keys,
            limit_bytes=self._way.endpoint.status_bytes,
        )
