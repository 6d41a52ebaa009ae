"""Elliptic-curve keys as JSON Web Keys: those of holders, and those that issuers publish.

References:
    RFC 7517; RFC 7518, sections 3.4 and 6.2.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from oneservice.certificates.base64url import decode_base64url, encode_base64url
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.multibase import Curve, decode_multikey, encode_multikey
from oneservice.errors import KeyUnusableError, MalformedCertificateError

__all__ = ["jwk_of", "key_of_jwk"]

_CURVES: Final[dict[str, ec.EllipticCurve]] = {
    Curve.P256: ec.SECP256R1(),
    Curve.P384: ec.SECP384R1(),
}
_NAMES: Final = tuple(_CURVES)
"""To look up what a stranger wrote, which may be no text and then has no hash."""
_ALGORITHMS: Final[dict[str, str]] = {Curve.P256: "ES256", Curve.P384: "ES384"}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def jwk_of(key: VerifyingKey) -> dict[str, str]:
    """Return ``key`` as a public JWK.

    Raises:
        KeyUnusableError: an Ed25519 key; JOSE is spoken here with P-256 and P-384 only.
    """
    if key.curve not in _CURVES:
        msg = f"a key on {key.curve} signs no JWT here; ES256 needs P-256, ES384 needs P-384"
        raise KeyUnusableError(msg)
    x, y = _coordinates(key.multibase)
    return {"kty": "EC", "crv": str(key.curve), "x": x, "y": y}


def key_of_jwk(jwk: object) -> VerifyingKey:
    """Return the public key that ``jwk`` states.

    Raises:
        MalformedCertificateError: no key on P-256 or P-384, a coordinate in another length or
            spelling, no point of the curve, a key that says it is for something else than checking
            ES256 or ES384, or a *private* key: that one is everybody's by now.
    """
    if not isinstance(jwk, Mapping) or jwk.get("kty") != "EC" or jwk.get("crv") not in _NAMES:
        msg = "the JWK is no elliptic-curve key on P-256 or P-384"
        raise MalformedCertificateError(msg)
    if _PRIVATE & jwk.keys():
        msg = "the JWK carries a private key, so whoever read it can sign with it"
        raise MalformedCertificateError(msg)
    if not _is_to_verify(jwk):
        msg = "the JWK is for something else than to check signatures on its curve"
        raise MalformedCertificateError(msg)
    x, y = jwk.get("x"), jwk.get("y")
    if not isinstance(x, str) or not isinstance(y, str):
        msg = "the JWK lacks a coordinate"
        raise MalformedCertificateError(msg)
    return _load(jwk["crv"], x, y)


def _is_to_verify(jwk: Mapping[str, Any]) -> bool:
    """Say whether nothing in ``jwk`` forbids to check signatures (RFC 7517 sections 4.2 to 4.4)."""
    uses = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("use", "sig") == "sig"
        and isinstance(uses, list)
        and "verify" in uses
        and jwk.get("alg", _ALGORITHMS[jwk["crv"]]) == _ALGORITHMS[jwk["crv"]]
    )


@functools.lru_cache(maxsize=4096)
def _coordinates(multibase: str) -> tuple[str, str]:
    curve, point = decode_multikey(multibase)
    public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve], point)
    numbers, size = public.public_numbers(), len(point) - 1
    x, y = (encode_base64url(one.to_bytes(size, "big")) for one in (numbers.x, numbers.y))
    return x, y


@functools.lru_cache(maxsize=4096)
def _load(name: str, x: str, y: str) -> VerifyingKey:
    curve = _CURVES[name]
    size = (curve.key_size + 7) // 8
    coordinates = [decode_base64url(one, what="a coordinate of the JWK") for one in (x, y)]
    if any(len(one) != size for one in coordinates):
        msg = f"a coordinate of a {name} key has {size} bytes"
        raise MalformedCertificateError(msg)
    x_number, y_number = (int.from_bytes(one, "big") for one in coordinates)
    try:
        public = ec.EllipticCurvePublicNumbers(x_number, y_number, curve).public_key()
    except ValueError:
        msg = f"the JWK is no point of {name}"
        raise MalformedCertificateError(msg) from None
    point = public.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    )
    return VerifyingKey.from_multibase(encode_multikey(Curve(name), point))
