"""Transport credentials: mutual TLS and OAuth 2.0 access tokens (protocol section 13).

Each is an ``authenticate`` function with a word for the capabilities. Shared passwords are none.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from oneservice.clocks import SystemClock
from oneservice.departments.jwt import verify_jwt
from oneservice.departments.tls import certificate_names, client_certificate
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.departments.callers import Callers
    from oneservice.departments.exchange import Scope
    from oneservice.departments.verifying import VerifyingKey

__all__ = ["AccessTokens", "AnyOf", "MutualTls"]


class MutualTls:
    """Knows a caller by its client certificate, which the TLS layer has verified.

    A proxy that ends TLS in front of the adapter hides the certificate: then write a function
    that reads what *your* proxy passes on, and let nobody else reach the port.
    """

    schemes: ClassVar[tuple[str, ...]] = ("mtls",)

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def __call__(self, scope: Scope) -> str | None:
        """Return the caller's id, or ``None``."""
        pem = client_certificate(scope)
        found = None if pem is None else self._callers.of_certificate(*certificate_names(pem))
        return None if found is None else found.id


class AccessTokens:
    """Knows a caller by a signed access token (RFC 9068) of an issuer that was agreed upon.

    Over mutual TLS a token counts only for the certificate that it is bound to (RFC 8705
    section 3); elsewhere a bound token does not count at all.

    Args:
        callers: who has which client id.
        issuer: the token's ``iss``.
        audience: the token's ``aud``: this department.
        keys: the issuer's keys, by key id.
        now: the present; the system's clock by default.
    """

    schemes: ClassVar[tuple[str, ...]] = ("oauth2",)

    def __init__(
        self,
        callers: Callers,
        *,
        issuer: str,
        audience: str,
        keys: Mapping[str, VerifyingKey],
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._callers = callers
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._now = now or SystemClock().now

    def __call__(self, scope: Scope) -> str | None:
        """Return the caller's id, or ``None``."""
        token = _bearer(scope)
        if token is None:
            return None
        try:
            claims = verify_jwt(
                token,
                keys=self._keys,
                issuer=self._issuer,
                audience=self._audience,
                now=self._now(),
            )
        except ProtocolProblemError:
            return None
        if not _is_bound(claims, client_certificate(scope)):
            return None
        found = self._callers.of_client(str(claims.get("client_id") or claims.get("sub")))
        return None if found is None else found.id


class AnyOf:
    """Asks several ways in turn; the first that knows the caller counts."""

    def __init__(self, *ways: MutualTls | AccessTokens) -> None:
        self._ways = ways
        self.schemes = tuple(scheme for way in ways for scheme in way.schemes)

    def __call__(self, scope: Scope) -> str | None:
        """Return the caller's id, or ``None``."""
        return next((found for way in self._ways if (found := way(scope)) is not None), None)


def _bearer(scope: Scope) -> str | None:
    given = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    scheme, _, token = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("",) * 3
    return token.strip() if scheme.lower() == "bearer" else None


def _is_bound(claims: Mapping[str, Any], pem: str | None) -> bool:
    confirmation = claims.get("cnf")
    wanted = confirmation.get("x5t#S256") if isinstance(confirmation, dict) else None
    if pem is None:
        return confirmation is None
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()
    return wanted == base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
