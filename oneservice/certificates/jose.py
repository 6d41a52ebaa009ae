"""Signed JSON in the compact form (JWS), read strictly: ES256 and ES384, and nothing else.

Theory of operation: a header is the sender's word, so it chooses nothing. The type is asked for by
the caller, the key comes from a trust list or from a claim that was proven before, and the
algorithm must be the one of that key. Headers that bring a key along, demand extensions or change
what is signed are refused, because readers that honour them and readers that do not would see two
documents.

References:
    RFC 7515; RFC 8725 (best practices), sections 3.1, 3.2, 3.11; RFC 9864.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from oneservice.canonical import canonical, parse_object
from oneservice.certificates.base64url import decode_base64url, encode_base64url
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.multibase import Curve
from oneservice.certificates.proofs import ProvingKey
from oneservice.errors import (
    ForgedCertificateError,
    KeyUnusableError,
    MalformedCertificateError,
    MalformedJsonError,
    UnknownCryptosuiteError,
)

__all__ = ["Jws", "check_algorithm", "check_header", "check_jws", "read_jws", "sign_jws"]

_ALGORITHMS: Final = {Curve.P256: "ES256", Curve.P384: "ES384"}
_SPOKEN: Final = frozenset(_ALGORITHMS.values())
_UNSIGNED: Final = frozenset({"none", "hs256", "hs384", "hs512"})
"""Nobody's signature: anybody can write the first, every reader of a secret the others."""
_REFUSED: Final = {
    "crit": "demands extensions that are not spoken here",
    "b64": "changes what the signature covers",
    "jwk": "brings its own key; keys come from a list that the reader chose",
    "jku": "names a place to fetch keys from; keys come from a list that the reader chose",
    "x5u": "names a place to fetch keys from; keys come from a list that the reader chose",
    "zip": "compresses what is signed",
}
_TEXTS: Final = ("kid", "cty", "x5t", "x5t#S256")
"""Names and digests (RFC 7515 sections 4.1.4, 4.1.7, 4.1.8 and 4.1.10)."""
_PARTS: Final = 3
_MAX_DEPTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Jws:
    """A signed object, read and not yet believed.

    ``text`` is the whole of it as it came; ``algorithm`` is what its header claims.
    """

    text: str = field(repr=False)
    header: Mapping[str, Any]
    payload: Mapping[str, Any] = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)

    @property
    def key_id(self) -> str | None:
        """The ``kid`` of the header: which of the expected keys it should be.

        What :func:`check_header` was not asked about may be a number: it matches no key.
        """
        kid = self.header.get("kid")
        return None if kid is None else str(kid)

    @property
    def signed_bytes(self) -> bytes:
        """What the signature covers."""
        return self.text.rpartition(".")[0].encode("ascii")


def read_jws(text: str, *, typ: str, what: str, max_bytes: int) -> Jws:
    """Return the signed object that ``text`` states; its signature is not checked yet.

    Args:
        text: three parts in base64url.
        typ: the header's ``typ`` that is due, in its one spelling.
        what: names the object in messages.
        max_bytes: limit of each part, decoded.

    Raises:
        MalformedCertificateError: not so, or a header parameter that is refused here.
    """
    parts = text.split(".")
    if len(parts) != _PARTS or not text.isascii():
        _malformed(what, "has not three parts with dots between them")
    header = _object(parts[0], f"the header of {what}", max_bytes)
    for name, why in _REFUSED.items():
        if name in header:
            _malformed(what, f"has {name!r} in its header, which {why}")
    if header.get("typ") != typ:
        _malformed(what, f"is of another type than {typ}, so it was signed to say something else")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        _malformed(what, "names no algorithm")
    return Jws(
        text=text,
        header=header,
        payload=_object(parts[1], f"the payload of {what}", max_bytes),
        algorithm=algorithm,
        signature=decode_base64url(parts[2], what=f"the signature of {what}"),
    )


def check_jws(jws: Jws, key: VerifyingKey, *, what: str) -> None:
    """Return if ``key`` signed ``jws``; raise if not.

    Raises:
        ForgedCertificateError: another key, other words, another algorithm than the key's own, or
            one under which everybody can sign.
        UnknownCryptosuiteError: an algorithm that is not spoken here.
    """
    check_algorithm(jws, what=what)
    if _ALGORITHMS.get(key.curve) != jws.algorithm:
        msg = f"{what} claims {jws.algorithm}, but its key does not sign that way"
        raise ForgedCertificateError(msg)
    if not key.verifies(jws.signature, jws.signed_bytes):
        msg = f"the signature does not cover {what}: it was changed, or never signed by this key"
        raise ForgedCertificateError(msg)


def check_header(jws: Jws, *, what: str) -> None:
    """Refuse parameters of a header that are not of their kind.

    It stands apart from the reading, because an official vector of SD-JWT numbers its key.

    Raises:
        MalformedCertificateError: one that must be a text is none, or ``x5c`` is no list of texts.
    """
    for name in _TEXTS:
        if not isinstance(jws.header.get(name, ""), str):
            _malformed(what, f"has {name!r} in its header, which is no text")
    chain = jws.header.get("x5c", [""])
    if not isinstance(chain, list) or not chain or not all(isinstance(one, str) for one in chain):
        _malformed(what, "has 'x5c' in its header, which is no list of texts")


def check_algorithm(jws: Jws, *, what: str) -> None:
    """Refuse what is signed by nobody, or in a way that is not spoken here.

    Raises:
        ForgedCertificateError: ``none``, or a secret that every reader has.
        UnknownCryptosuiteError: neither ES256 nor ES384.
    """
    if jws.algorithm.lower() in _UNSIGNED:
        msg = f"{what} claims the algorithm {jws.algorithm!r}: anybody could have made it"
        raise ForgedCertificateError(msg)
    if jws.algorithm not in _SPOKEN:
        msg = f"{what} is signed by an algorithm that is not spoken here; ES256 and ES384 are"
        raise UnknownCryptosuiteError(msg)


def sign_jws(
    payload: Mapping[str, Any], *, key: ProvingKey, typ: str, key_id: str | None = None
) -> Jws:
    """Return ``payload`` signed by ``key``, in canonical form: the same input, the same bytes.

    Raises:
        KeyUnusableError: the key is neither on P-256 nor on P-384.
        MalformedCertificateError: the payload has no canonical form.
    """
    algorithm = _ALGORITHMS.get(key.curve)
    if algorithm is None:
        msg = f"a key on {key.curve} signs no JWT here; ES256 needs P-256, ES384 needs P-384"
        raise KeyUnusableError(msg)
    header = {"alg": algorithm, "typ": typ, **({"kid": key_id} if key_id else {})}
    try:
        signed = ".".join(encode_base64url(canonical(one)) for one in (header, payload))
    except MalformedJsonError as error:
        msg = f"the payload cannot be signed: {error}"
        raise MalformedCertificateError(msg) from error
    signature = key.sign(signed.encode("ascii"))
    return Jws(
        text=f"{signed}.{encode_base64url(signature)}",
        header=header,
        payload=payload,
        algorithm=algorithm,
        signature=signature,
    )


def _object(part: str, what: str, max_bytes: int) -> dict[str, Any]:
    try:
        return parse_object(
            decode_base64url(part, what=what),
            max_bytes=max_bytes,
            max_depth=_MAX_DEPTH,
            fractions=True,
        )
    except MalformedJsonError as error:
        msg = f"{what}: {error}"
        raise MalformedCertificateError(msg) from None


def _malformed(what: str, why: str) -> NoReturn:
    msg = f"{what} {why}"
    raise MalformedCertificateError(msg)
