"""Signatures of trust lists: JWS in general JSON serialization, several over one payload.

Strict in: the protected header has exactly the members that we write, so there is no ``crit``, no
``b64``, no key that a signature brings along; there are no unprotected headers; base64url has one
spelling. ``kid`` is the signer's public key itself (a Multikey), because a list of signers *is* a
list of public keys. ``typ`` keeps the signature of a list from being taken for that of a root.

References:
    RFC 7515, sections 3.3, 5.2 and 7.2.1; RFC 7518, section 3.4 (ES256, ES384); RFC 9864, section
    2.2 (Ed25519); RFC 8725, section 3.11 (explicit typing); RFC 7519, section 4.1.6 (iat).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from oneservice.canonical import canonical, parse_object
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.multibase import Curve
from oneservice.errors import MalformedCertificateError, OneServiceError, TrustListError

__all__ = ["ListKey", "ListSignature", "decode", "encode", "read_signatures", "sign"]

_ALGORITHMS: Final = {Curve.P256: "ES256", Curve.P384: "ES384", Curve.ED25519: "Ed25519"}
_HEADER: Final = frozenset({"alg", "iat", "kid", "typ"})
_MEMBERS: Final = frozenset({"protected", "signature"})
_MAX_SIGNATURES: Final = 128
_LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""


class ListKey(Protocol):
    """What signs a list: :class:`SigningKey` is one, a key in a token may be another."""

    @property
    def curve(self) -> Curve:
        """The curve, which decides about the algorithm."""
        ...

    @property
    def public_multibase(self) -> str:
        """The public key as a Multikey."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSignature:
    """A signature that holds: whose key, and when its owner says it was made."""

    key: str
    signed_at: datetime
    entry: Mapping[str, str]


def encode(data: bytes) -> str:
    """Return ``data`` in base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: object, what: str) -> bytes:
    """Return the bytes that ``text`` states, in the one spelling that they have.

    Raises:
        TrustListError: padding, another alphabet, or bits that belong to no byte.
    """
    if isinstance(text, str) and text.isascii():
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            data = b""
        if encode(data) == text:
            return data
    msg = f"its {what} is no base64url without padding"
    raise TrustListError(msg)


def sign(payload: bytes, *, key: ListKey, kind: str, at: datetime) -> dict[str, str]:
    """Return a member of ``signatures`` over ``payload``.

    Args:
        payload: what is signed.
        key: of the signer.
        kind: the ``typ`` of what is signed.
        at: aware instant that the signer claims; whole seconds are kept.
    """
    header = {
        "alg": _ALGORITHMS[key.curve],
        "iat": int(at.timestamp()),
        "kid": key.public_multibase,
        "typ": kind,
    }
    protected = encode(canonical(header))
    signature = key.sign(f"{protected}.{encode(payload)}".encode("ascii"))
    return {"protected": protected, "signature": encode(signature)}


def read_signatures(
    entries: Sequence[Any], payload: bytes, *, kind: str
) -> tuple[ListSignature, ...]:
    """Return the signatures over ``payload``, each checked against the key that it names.

    Whether those keys are the ones that are due is for the caller to say.

    Raises:
        TrustListError: one is malformed or does not hold, or a key signed twice.
    """
    if not isinstance(entries, list) or len(entries) > _MAX_SIGNATURES:
        msg = f"its signatures are no list of at most {_MAX_SIGNATURES}"
        raise TrustListError(msg)
    encoded = encode(payload)
    found = tuple(_read(entry, encoded, kind) for entry in entries)
    if len({one.key for one in found}) != len(found):
        msg = "a key signed it twice; one signer would count as two"
        raise TrustListError(msg)
    return found


def _read(entry: Any, payload: str, kind: str) -> ListSignature:
    if not isinstance(entry, dict) or entry.keys() != _MEMBERS:
        msg = "a signature has other members than 'protected' and 'signature'"
        raise TrustListError(msg)
    header, key = _header(decode(entry["protected"], "protected header"), kind)
    signed = f"{entry['protected']}.{payload}".encode("ascii")
    if not key.verifies(decode(entry["signature"], "signature"), signed):
        msg = f"the signature by {key.multibase} does not cover what is stated: it was changed"
        raise TrustListError(msg)
    moment = datetime.fromtimestamp(header["iat"], UTC)
    return ListSignature(key=key.multibase, signed_at=moment, entry=dict(entry))


def _header(data: bytes, kind: str) -> tuple[dict[str, Any], VerifyingKey]:
    try:
        header = parse_object(data, max_bytes=2048, max_depth=1)
        key = VerifyingKey.from_multibase(header["kid"])
    except (MalformedCertificateError, KeyError, AttributeError, TypeError):
        msg = "a signature names no key that could have made it (kid: a Multikey is due)"
        raise TrustListError(msg) from None
    except OneServiceError as error:
        msg = f"a protected header is unusable: {error}"
        raise TrustListError(msg) from None
    moment = header.get("iat")
    if header.keys() != _HEADER or type(moment) is not int or not 0 <= moment <= _LATEST:
        msg = "a protected header has other members than alg, iat, kid and typ"
        raise TrustListError(msg)
    if header["alg"] != _ALGORITHMS[key.curve] or header["typ"] != kind:
        msg = "a signature is of another algorithm than its key, or over another kind of document"
        raise TrustListError(msg)
    return header, key
