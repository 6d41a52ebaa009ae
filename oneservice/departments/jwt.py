"""JSON Web Tokens, as far as OAuth 2.0 with ``private_key_jwt`` needs them (RFC 7515, 7519, 7523).

Two algorithms, ES256 and Ed25519 (RFC 9864; its older name EdDSA is read too), compact form only,
and the algorithm is that of the registered key, never one that the token chooses. That is little
enough to need no library beside ``cryptography``; encryption, JWK sets and ``none`` do not exist.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.departments.verifying import ECDSA_P256, ED25519, VerifyingKey
from oneservice.errors import MalformedJsonError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.signing import EventKey

__all__ = ["sign_jwt", "verify_jwt"]

MAX_BYTES: Final = 8 * 1024
"""Longest token that is read: it travels in a header section of 16 KiB."""
_SKEW: Final = timedelta(seconds=60)
_NAMES: Final = {ECDSA_P256: ("ES256",), ED25519: ("Ed25519", "EdDSA")}


def sign_jwt(claims: Mapping[str, Any], key: EventKey, *, kind: str = "JWT") -> str:
    """Return the token that states ``claims``.

    Args:
        claims: instants as whole seconds since 1970.
        key: signs; its id becomes ``kid``.
        kind: the header's ``typ``.
    """
    header = {"alg": _NAMES[key.alg][0], "kid": key.keyid, "typ": kind}
    signed = f"{_encoded(canonical(header))}.{_encoded(canonical(claims))}"
    return f"{signed}.{_encoded(key.sign(signed.encode('ascii')))}"


def verify_jwt(
    token: str,
    *,
    keys: Mapping[str, VerifyingKey],
    issuer: str | None,
    audience: str,
    now: datetime,
) -> Mapping[str, Any]:
    """Return the claims of a token that counts here and now.

    Args:
        token: compact form.
        keys: of the issuer, by key id.
        issuer: who must have issued it; ``None`` where the key says so already.
        audience: whom it must be for.
        now: aware present instant; clocks may differ by 60 s.

    Raises:
        ProtocolProblemError: ``unauthenticated``; the text names the rule, never the token.
    """
    header, claims, signature, signed = _parts(token)
    name = header.get("kid")  # RFC 7515 section 4.1.4: a text, so the number 12 is not the key "12"
    key = keys.get(name) if isinstance(name, str) else None
    if key is None or not key.covers(now):
        raise _refused("its key is not registered here, or does not count now")
    if header.get("alg") not in _NAMES.get(key.alg, ()) or "crit" in header:
        raise _refused("its algorithm is not that of its key, or it has critical extensions")
    if not key.holds(signature, signed):
        raise _refused("its signature does not hold")
    heard = claims.get("aud")
    if audience not in (heard if isinstance(heard, list) else [heard]):
        raise _refused("it is for somebody else")
    if issuer is not None and claims.get("iss") != issuer:
        raise _refused("it is from another issuer")
    _refuse_wrong_time(claims, now)
    return claims


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    pieces = token.split(".")
    if len(token) > MAX_BYTES or len(pieces) != 3 or not token.isascii():  # noqa: PLR2004 - RFC 7515
        raise _refused("it has not three parts, or is too long")
    try:
        header, claims, signature = (_decoded(one) for one in pieces)
        return (
            parse_object(header),
            parse_object(claims),
            signature,
            f"{pieces[0]}.{pieces[1]}".encode("ascii"),
        )
    except (binascii.Error, ValueError, MalformedJsonError):
        raise _refused("it cannot be read") from None


def _refuse_wrong_time(claims: Mapping[str, Any], now: datetime) -> None:
    present, skew = now.timestamp(), _SKEW.total_seconds()
    if not _is_seconds(claims.get("exp")) or claims["exp"] <= present - skew:
        raise _refused("it has expired, or never says when it does")
    for name in ("nbf", "iat"):
        if name in claims and (not _is_seconds(claims[name]) or claims[name] > present + skew):
            raise _refused("it is from the future")


def _is_seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decoded(text: str) -> bytes:
    if "=" in text:
        raise ValueError(text)
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _refused(rule: str) -> ProtocolProblemError:
    msg = f"the token: {rule}"
    return ProtocolProblemError(msg, problem="unauthenticated")
