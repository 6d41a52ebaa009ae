"""The calls to one department: which request each makes, and what it returns.

Deadlines and the pace per minute are real seconds of the event loop; the circuit and
``Retry-After`` follow the :class:`Clock` of the engine, which schedules its repeats by it.
"""

from __future__ import annotations

import re
import ssl
from typing import Final
from urllib.parse import quote

from oneservice.canonical import digest_bytes
from oneservice.departments.client import HttpLine, Request
from oneservice.departments.client_answers import (
    Answer,
    Call,
    changes_in,
    error_in,
    problem_of,
    refuse_other_receipt,
    status_in,
)
from oneservice.departments.client_endpoint import DepartmentEndpoint, is_path_id
from oneservice.departments.client_tokens import FORM_TYPE, Tokens
from oneservice.departments.client_turns import Turns
from oneservice.departments.wire import (
    CONTENT_DIGEST_HEADER,
    JSON_TYPE,
    PAGE_EVENTS,
    VERSION,
    VERSION_HEADER,
    content_digest,
    digest_in_path,
)
from oneservice.ports import ChangesPage, Clock, StatusPage

__all__ = ["DepartmentClient"]

_SLOWEST_UPLOAD: Final = 256 * 1024
"""Bytes per second that a document's deadline allows for (section 14: 60 s + size)."""
_TOKEN_ANSWER_BYTES: Final = 64 * 1024
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
    ) -> None:
        self._department = department
        self._endpoint = endpoint
        self._clock = clock
        self._keys = {key.keyid: key for key in endpoint.keys}
        self._turns = Turns(endpoint.in_flight, endpoint.per_minute, clock)
        self._line = HttpLine(
            ssl_context,
            connections=endpoint.in_flight,
            header_bytes=endpoint.header_bytes,
        )
        self._tokens, self._token_line = None, None
        if endpoint.credentials is not None:
            self._tokens = Tokens(endpoint.credentials, clock, self._post_form)
            self._token_line = HttpLine(
                endpoint.credentials.ssl_context or ssl_context,
                connections=1,
                header_bytes=endpoint.header_bytes,
            )

    async def submit(self, submission_id: str, body: bytes) -> StatusPage:
        """File ``body`` and return the whole history, which begins with the receipt for it."""
        call = self._call("PUT", "submission", submission_id)
        page = await self._put(call, ("submissions", submission_id), submission_id, body)
        refuse_other_receipt(call, page, digest_bytes(body))
        return page

    async def supplement(self, submission_id: str, supplement_id: str, body: bytes) -> StatusPage:
        """Hand in what was asked for."""
        call = self._call("PUT", "supplement", submission_id, supplement_id)
        parts = ("submissions", submission_id, "supplements", supplement_id)
        return await self._put(call, parts, submission_id, body)

    async def withdraw(self, submission_id: str, withdrawal_id: str, body: bytes) -> StatusPage:
        """Ask to withdraw."""
        call = self._call("PUT", "withdrawal", submission_id, withdrawal_id)
        parts = ("submissions", submission_id, "withdrawals", withdrawal_id)
        return await self._put(call, parts, submission_id, body)

    async def read(self, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state and the events after ``after``; ``None`` if it was never heard of.

        Only a 404 whose problem document says so counts: a wrong address must not look as if
        nothing had been filed.
        """
        call = self._call("GET", "submission", submission_id)
        request = self._request(call, "submissions", submission_id, query=f"after={after}")
        answer = await self._exchange(request)
        if answer.status == 404 and problem_of(answer) == "unknown-submission":  # noqa: PLR2004 - HTTP's own numbers
            return None
        self._refuse_unless(answer, call, {200})
        return self._status(call, answer, submission_id, after)

    async def changes(self, *, cursor: str | None) -> ChangesPage:
        """Return the next page of the feed."""
        call = self._call("GET", "changes")
        endpoint = self._endpoint
        wait = f"&wait={endpoint.long_poll_s}" if endpoint.long_poll_s else ""
        after = "" if cursor is None else f"after={quote(cursor, safe='')}&"
        request = self._request(
            call,
            "changes",
            query=f"{after}limit={PAGE_EVENTS}{wait}",
            limit_bytes=endpoint.changes_bytes,
            deadline_s=endpoint.deadline_s + endpoint.long_poll_s,
        )
        answer = await self._exchange(request)
        self._refuse_unless(answer, call, {200})
        return changes_in(call, answer, keys=self._keys, limit_bytes=endpoint.changes_bytes)

    async def put_document(self, document: bytes, media_type: str) -> None:
        """Ask whether the department has these bytes, and send them if it has not."""
        name = digest_in_path(digest_bytes(document))
        ask, send = self._call("HEAD", "document", name), self._call("PUT", "document", name)
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise send.broken(
                "this is no media type that a header can carry; not sent", "media-type"
            )
        if len(document) > self._endpoint.document_bytes:
            raise send.broken(
                f"the document has {len(document)} bytes, {self._endpoint.document_bytes} are "
                "allowed; not sent",
                "too-large",
            )
        answer = await self._exchange(self._request(ask, "documents", name))
        if answer.status == 404:  # noqa: PLR2004 - HTTP's own numbers
            request = self._request(
                send,
                "documents",
                name,
                content=document,
                media_type=media_type,
                deadline_s=self._endpoint.document_deadline_s + len(document) / _SLOWEST_UPLOAD,
            )
            answer = await self._exchange(request)
            self._refuse_unless(answer, send, _KNOWN)
        self._refuse_unless(answer, ask, _KNOWN)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._line.aclose()
        if self._token_line is not None:
            await self._token_line.aclose()

    def _call(self, method: str, what: str, *ids: str) -> Call:
        call = Call(department=self._department, method=method, what=" ".join((what, *ids)))
        if not all(is_path_id(one) for one in ids):
            raise self._call(method, what).broken(
                "an id is not 1 to 96 of A-Z a-z 0-9 . _ -; not sent", "malformed"
            )
        return call

    async def _put(
        self, call: Call, parts: tuple[str, ...], submission_id: str, body: bytes
    ) -> StatusPage:
        if len(body) > self._endpoint.body_bytes:
            raise call.broken(
                f"the body has {len(body)} bytes, {self._endpoint.body_bytes} are allowed; "
                "not sent",
                "too-large",
            )
        answer = await self._exchange(self._request(call, *parts, content=body))
        self._refuse_unless(answer, call, _KNOWN)
        return self._status(call, answer, submission_id, 0)

    def _status(self, call: Call, answer: Answer, submission_id: str, after: int) -> StatusPage:
        return status_in(
            call,
            answer,
            submission_id=submission_id,
            after=after,
            keys=self._keys,
            limit_bytes=self._endpoint.status_bytes,
        )

    def _refuse_unless(self, answer: Answer, call: Call, done: set[int] | frozenset[int]) -> None:
        if answer.status not in done:
            raise error_in(call, answer, now=self._clock.now())

    async def _exchange(self, request: Request) -> Answer:
        """Wait for a turn, ask, and return the answer; 429 and 5xx are raised."""
        async with self._turns.turn(request.call, self._probe):
            return await self._ask(request)

    async def _probe(self) -> None:
        """Ask for something harmless; whatever is answered, the department is there again."""
        await self._ask(self._request(self._call("GET", "capabilities"), "capabilities"))

    async def _ask(self, request: Request) -> Answer:
        # Signed as late as this: a signature holds for minutes, a turn may take as long to come.
        headers = self._headers(request)
        if self._tokens is None:
            answer = await self._line.exchange(request, headers=headers)
        else:
            answer = await self._ask_with_token(request, headers, self._tokens)
        if answer.status >= 500 or answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
            raise error_in(request.call, answer, now=self._clock.now())
        return answer

    async def _ask_with_token(
        self, request: Request, headers: dict[str, str], tokens: Tokens
    ) -> Answer:
        """Ask with a token, and once more with a new one if that one is refused."""
        token = await tokens.token(self._department)
        answer = await self._line.exchange(request, headers=headers | _bearer(token))
        if answer.status != 401:  # noqa: PLR2004 - HTTP's own numbers
            return answer
        tokens.forget(token)
        token = await tokens.token(self._department)
        return await self._line.exchange(request, headers=self._headers(request) | _bearer(token))

    async def _post_form(self, call: Call, url: str, form: bytes) -> Answer:
        assert self._token_line is not None  # noqa: S101 - made together with the tokens
        request = Request(
            call=call,
            url=url,
            content=form,
            media_type=FORM_TYPE,
            limit_bytes=_TOKEN_ANSWER_BYTES,
            deadline_s=self._endpoint.deadline_s,
        )
        return await self._token_line.exchange(request, headers={"Content-Type": FORM_TYPE})

    def _request(
        self,
        call: Call,
        *parts: str,
        query: str = "",
        content: bytes | None = None,
        media_type: str = JSON_TYPE,
        limit_bytes: int | None = None,
        deadline_s: float | None = None,
    ) -> Request:
        endpoint = self._endpoint
        return Request(
            call=call,
            url=endpoint.url(*parts, query=query),
            content=content,
            media_type=None if content is None else media_type,
            limit_bytes=endpoint.status_bytes if limit_bytes is None else limit_bytes,
            deadline_s=endpoint.deadline_s if deadline_s is None else deadline_s,
        )

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {
            VERSION_HEADER: VERSION,
            CONTENT_DIGEST_HEADER: content_digest(request.content or b""),
        }
        if request.media_type is not None:
            headers["Content-Type"] = request.media_type
        signer = self._endpoint.signer
        if signer is not None:
            headers |= signer.headers(
                method=request.call.method,
                url=request.url,
                headers=headers,
                created_at=self._clock.now(),
            )
        return headers


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
