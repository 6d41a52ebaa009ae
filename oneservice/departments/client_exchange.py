"""One exchange with a department from beginning to end: turn, credentials, signature, judgement.

Deadlines and the pace per minute are real seconds of the event loop; the circuit, ``Retry-After``
and the life of tokens follow the :class:`Clock` of the engine, which schedules its repeats by it.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Collection
from typing import Final

from oneservice.departments.capabilities import ServiceLimits
from oneservice.departments.client import HttpLine
from oneservice.departments.client_answers import Answer, Call, error_in
from oneservice.departments.client_deprecation import Deprecation, deprecation_in
from oneservice.departments.client_endpoint import DepartmentEndpoint, is_path_id
from oneservice.departments.client_line import Line, Request, Transport
from oneservice.departments.client_tokens import FORM_TYPE, Tokens
from oneservice.departments.client_turns import Turns
from oneservice.departments.tracing import TRACE_HEADER, next_traceparent
from oneservice.departments.wire import (
    CONTENT_DIGEST_HEADER,
    JSON_TYPE,
    VERSION,
    VERSION_HEADER,
    content_digest,
)
from oneservice.errors import EndpointInvalidError
from oneservice.ports import Clock

__all__ = ["Exchanges"]

_log = logging.getLogger(__name__)

_TOKEN_ANSWER_BYTES: Final = 64 * 1024


class Exchanges:
    """All exchanges with one department; close with :meth:`aclose`."""

    def __init__(
        self,
        department: str,
        endpoint: DepartmentEndpoint,
        *,
        clock: Clock,
        ssl_context: ssl.SSLContext,
        transport: Transport = Transport.STOCK,
    ) -> None:
        self.department = department
        self.endpoint = endpoint
        self.clock = clock
        self._turns = Turns(endpoint.in_flight, endpoint.per_minute, clock)
        self._line = _line(
            transport,
            ssl_context,
            connections=endpoint.in_flight,
            header_bytes=endpoint.header_bytes,
        )
        self._tokens: Tokens | None = None
        self._token_line: Line | None = None
        if endpoint.credentials is not None:
            self._tokens = Tokens(endpoint.credentials, clock, self._post_form)
            self._token_line = _line(
                transport,
                endpoint.credentials.ssl_context or ssl_context,
                connections=1,
                header_bytes=endpoint.header_bytes,
            )
        self.deprecation: Deprecation | None = None

    @property
    def width(self) -> int:
        """How many requests may be under way at present, of ``in_flight``."""
        return self._turns.width

    def announced(self, limits: ServiceLimits) -> None:
        """Lower the pace to what the department says that it takes (protocol section 14)."""
        self._turns.announced(limits.in_flight, limits.per_minute)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._line.aclose()
        if self._token_line is not None:
            await self._token_line.aclose()

    def call(self, method: str, what: str, *ids: str) -> Call:
        """Return a call's name, which holds no id that a path could not carry unchanged.

        Raises:
            DepartmentContractError: an id is not one.
        """
        call = Call(department=self.department, method=method, what=" ".join((what, *ids)))
        if not all(is_path_id(one) for one in ids):
            raise self.call(method, what).broken(
                "an id is not 1 to 96 of A-Z a-z 0-9 . _ -; not sent", "malformed"
            )
        return call

    def refuse_unless(self, answer: Answer, call: Call, done: Collection[int]) -> None:
        """Raise what an answer means whose status is none of ``done``."""
        if answer.status not in done:
            raise error_in(call, answer, now=self.clock.now())

    async def exchange(self, request: Request) -> Answer:
        """Wait for a turn, ask, and return the answer; 429 and 5xx are raised.

        What is held open or large has a deadline of its own, and says nothing about the pace.
        """
        call = request.call
        is_ordinary = request.deadline_s == self.endpoint.deadline_s
        async with self._turns.turn(
            call,
            self._probe,
            name=f"{call.method} {request.url}",
            kind=f"{call.method} {call.what.partition(' ')[0]}" if is_ordinary else "",
        ):
            return await self._ask(request)

    async def _probe(self) -> None:
        """Ask for something harmless; whatever is answered, the department is there again."""
        await self._ask(self.request(self.call("GET", "capabilities"), "capabilities"))

    async def _ask(self, request: Request) -> Answer:
        # Signed as late as this: a signature holds for minutes, a turn may take as long to come.
        headers = self._headers(request)
        if self._tokens is None:
            answer = await self._line.exchange(request, headers=headers)
        else:
            answer = await self._ask_with_token(request, headers, self._tokens)
        self._hear(answer)
        if answer.status >= 500 or answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
            raise error_in(request.call, answer, now=self.clock.now())
        return answer

    def _hear(self, answer: Answer) -> None:
        """Keep what an answer says beside its meaning: what is left of the pace, an end to come."""
        self._turns.heard(answer.headers)
        found = deprecation_in(answer.headers)
        if found is not None and found != self.deprecation:
            self.deprecation = found
            _log.warning(
                "%s: this major version is deprecated%s",
                self.department,
                f", it may be gone after {found.sunset_at:%Y-%m-%d}" if found.sunset_at else "",
            )

    async def _ask_with_token(
        self, request: Request, headers: dict[str, str], tokens: Tokens
    ) -> Answer:
        """Ask with a token, and once more with a new one if that one is refused."""
        token = await tokens.token(self.department)
        answer = await self._line.exchange(request, headers=headers | _bearer(token))
        if answer.status != 401:  # noqa: PLR2004 - HTTP's own numbers
            return answer
        tokens.forget(token)
        token = await tokens.token(self.department)
        return await self._line.exchange(request, headers=self._headers(request) | _bearer(token))

    async def _post_form(self, call: Call, url: str, form: bytes) -> Answer:
        assert self._token_line is not None  # noqa: S101 - made together with the tokens
        request = Request(
            call=call,
            url=url,
            content=form,
            media_type=FORM_TYPE,
            limit_bytes=_TOKEN_ANSWER_BYTES,
            deadline_s=self.endpoint.deadline_s,
        )
        return await self._token_line.exchange(request, headers={"Content-Type": FORM_TYPE})

    def request(
        self,
        call: Call,
        *parts: str,
        query: str = "",
        content: bytes | None = None,
        media_type: str = JSON_TYPE,
        limit_bytes: int | None = None,
        deadline_s: float | None = None,
        if_none_match: str = "",
    ) -> Request:
        """Return a request for the resource at ``parts``, with the endpoint's limits."""
        endpoint = self.endpoint
        return Request(
            call=call,
            url=endpoint.url(*parts, query=query),
            content=content,
            media_type=None if content is None else media_type,
            limit_bytes=endpoint.status_bytes if limit_bytes is None else limit_bytes,
            deadline_s=endpoint.deadline_s if deadline_s is None else deadline_s,
            if_none_match=if_none_match,
        )

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {
            VERSION_HEADER: VERSION,
            CONTENT_DIGEST_HEADER: content_digest(request.content or b""),
        }
        headers[TRACE_HEADER] = next_traceparent()
        if request.media_type is not None:
            headers["Content-Type"] = request.media_type
        if request.if_none_match:
            headers["If-None-Match"] = request.if_none_match
        signer = self.endpoint.signer
        if signer is not None:
            headers |= signer.headers(
                method=request.call.method,
                url=request.url,
                headers=headers,
                created_at=self.clock.now(),
            )
        return headers


def _line(
    transport: Transport, ssl_context: ssl.SSLContext, *, connections: int, header_bytes: int
) -> Line:
    """Return a line of that kind.

    Raises:
        EndpointInvalidError: it needs an extra that is not installed.
    """
    if Transport(transport) is Transport.STOCK:
        return HttpLine(ssl_context, connections=connections, header_bytes=header_bytes)
    try:
        from oneservice.departments.client_fast import FastLine  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "the fast transport needs the extra 'fast': pip install -e '.[fast]'"
        raise EndpointInvalidError(msg) from error
    return FastLine(ssl_context, connections=connections, header_bytes=header_bytes)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
