"""Access tokens of an engine: OAuth 2.0 client credentials with ``private_key_jwt`` (RFC 7523).

A token is fetched when it is first needed, kept until shortly before it ends, and fetched once
more when a department refuses it. All of that has no effect at the department: whatever goes wrong
with the token server, the call was certainly not made.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from oneservice.canonical import parse_object
from oneservice.departments.addresses import is_callable_address
from oneservice.departments.client_answers import Answer, Call, error_in
from oneservice.departments.jwt import sign_jwt
from oneservice.errors import (
    DepartmentError,
    DepartmentUnknownOutcomeError,
    EndpointInvalidError,
    MalformedJsonError,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from oneservice.departments.signing import EventKey
    from oneservice.ports import Clock

__all__ = ["ASSERTION_TYPE", "FORM_TYPE", "ClientCredentials", "Tokens"]

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
_ASSERTION_LIFETIME: Final = timedelta(seconds=60)
_DEFAULT_LIFETIME_S: Final = 300
_LONGEST_LIFETIME_S: Final = 86_400
_MARGIN: Final = timedelta(seconds=30)
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")  # RFC 6750 section 2.1
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """How an engine gets tokens for one department.

    Attributes:
        token_url: the token endpoint.
        client_id: our name there.
        key: signs the assertions; its public half is registered there.
        scopes: what is asked for.
        resource: which department the token is for (RFC 8707), where the server wants it named.
        audience: of the assertion; the token endpoint by default.
        ssl_context: trust anchors of the token server, and our certificate for bound tokens;
            ``None`` takes those of the department.

    Raises:
        EndpointInvalidError: the address must not be used.
    """

    token_url: str
    client_id: str
    key: EventKey
    scopes: tuple[str, ...] = ()
    resource: str | None = None
    audience: str | None = None
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not is_callable_address(self.token_url):
            raise EndpointInvalidError(
                "a token endpoint is https://HOST/… without user name, query or fragment"
            )

    def form(self, now: datetime) -> bytes:
        """Return the body of a token request, with a fresh assertion."""
        issued = int(now.timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience or self.token_url,
            "iat": issued,
            "exp": issued + int(_ASSERTION_LIFETIME.total_seconds()),
            "jti": secrets.token_urlsafe(16),
        }
        members = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": sign_jwt(claims, self.key),
            "scope": " ".join(self.scopes),
            "resource": self.resource or "",
        }
        return urlencode({name: value for name, value in members.items() if value}).encode("ascii")


class Tokens:
    """The token of the moment; ``post`` sends a form to the token endpoint."""

    def __init__(
        self,
        credentials: ClientCredentials,
        clock: Clock,
        post: Callable[[Call, str, bytes], Awaitable[Answer]],
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._post = post
        self._fetching = asyncio.Lock()
        self._token = ""
        self._fresh_until: datetime | None = None

    async def token(self, department: str) -> str:
        """Return a token that is good for a while.

        Raises:
            DepartmentUnavailableError: none can be had now.
            DepartmentContractError: ``unauthenticated``: the token server refuses us.
        """
        async with self._fetching:  # many callers, one fetch
            now = self._clock.now()
            if self._fresh_until is None or now >= self._fresh_until:
                self._token, lifetime = await self._fetch(department, now)
                # Long ones are renewed shortly before they end, short ones after half their time.
                self._fresh_until = now + max(lifetime - _MARGIN, lifetime / 2)
            return self._token

    def forget(self, token: str) -> None:
        """Fetch a new one next time, if ``token`` is still the one of the moment."""
        if token == self._token:
            self._fresh_until = None

    async def _fetch(self, department: str, now: datetime) -> tuple[str, timedelta]:
        call = Call(department=department, method="POST", what="token endpoint")
        try:
            form = self._credentials.form(now)
            answer = await self._post(call, self._credentials.token_url, form)
        except DepartmentUnknownOutcomeError as error:
            raise call.unavailable(f"no token, so nothing was sent: {error}") from None
        if answer.status != _OK:
            raise _refusal(call, answer, now)
        try:
            document = parse_object(answer.body)
        except MalformedJsonError:
            raise call.broken("the token server's answer is no JSON", "malformed") from None
        token, kind = document.get("access_token"), document.get("token_type")
        if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
            raise call.broken("the token server gave no token", "malformed")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise call.broken("the token server gave another kind of token", "malformed")
        lasts = document.get("expires_in")
        seconds = lasts if isinstance(lasts, int) and lasts > 0 else _DEFAULT_LIFETIME_S
        return token, timedelta(seconds=min(seconds, _LONGEST_LIFETIME_S))


def _refusal(call: Call, answer: Answer, now: datetime) -> DepartmentError:
    if answer.status in {400, 401, 403}:  # RFC 6749 section 5.2
        return call.broken(
            f"the token server refuses us ({answer.status}): is our key registered there?",
            "unauthenticated",
        )
    error = error_in(call, answer, now=now)
    if isinstance(error, DepartmentUnknownOutcomeError):
        return call.unavailable(f"no token: the token server answered {answer.status}")
    return error
