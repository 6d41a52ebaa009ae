"""Signatures by national algorithms (SM2 with SM3), beside the proof and never inside it.

Verifiers treat sets of proofs in different ways, so a second signature stands next to the
certificate: over the same words in the same canonical form, readable without any extra.

References:
    certificates page, section 1; GB/T 32918.2-2016; GM/T 0009-2012 section 10 (the default
    identity); multicodec table (``sm2-pub``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from oneservice.canonical import canonical
from oneservice.certificates.multibase import decode_base58, encode_base58
from oneservice.certificates.national_curve import (
    SM2_CURVE,
    Point,
    message_digest,
    verifies,
)
from oneservice.certificates.seal_reading import members, read_text
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    MalformedJsonError,
    UnknownCryptosuiteError,
    UnknownIssuerError,
)

__all__ = [
    "DEFAULT_IDENTITY",
    "SM2_SM3",
    "DetachedSignature",
    "NationalBackend",
    "NationalFinding",
    "NationalKey",
    "PlainSm2",
    "check_detached",
    "decode_sm2_key",
    "encode_sm2_key",
    "sign_detached",
    "signed_words",
]

SM2_SM3: Final = "SM2-SM3"
DEFAULT_IDENTITY: Final = "1234567812345678"
"""The distinguishing identifier where parties agreed on none (GM/T 0009-2012, section 10)."""
_CODEC: Final = b"\x86\x24"
"""``sm2-pub`` (0x1206) as an unsigned varint."""
_HALF: Final = 32
_COMPRESSED: Final = 33
_WHERE: Final = "detached signature"


class NationalBackend(Protocol):
    """Whatever verifies SM2: :class:`PlainSm2`, or the faster one of ``oneservice.seals``."""

    def verifies(self, public: Point, signature: bytes, data: bytes, *, identity: bytes) -> bool:
        """Say whether ``signature`` (r and s, 32 bytes each) over ``data`` is by ``public``."""
        ...


class NationalKey(Protocol):
    """A private SM2 key, wherever it is kept."""

    @property
    def public_multibase(self) -> str:
        """The public half (:func:`encode_sm2_key`)."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return r and s, 32 bytes each, over ``data`` with SM3 and the default identity."""
        ...


class PlainSm2:
    """SM2 in plain integers: some milliseconds a signature, nothing to install."""

    def verifies(self, public: Point, signature: bytes, data: bytes, *, identity: bytes) -> bool:
        """Say whether ``signature`` over ``data`` is by ``public``."""
        r, s = (int.from_bytes(part, "big") for part in (signature[:_HALF], signature[_HALF:]))
        return verifies(message_digest(data, public, identity=identity), (r, s), public)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachedSignature:
    """A signature that lies beside a certificate.

    Args:
        alg: ``SM2-SM3``; another name is neither a pass nor a failure.
        key: the public key (:func:`encode_sm2_key`).
        value: r and s in multibase base58btc.
    """

    alg: str
    key: str
    value: str

    def as_json(self) -> dict[str, Any]:
        """Return the signature as it stands in a bundle."""
        return {"alg": self.alg, "key": self.key, "value": self.value}

    @classmethod
    def of(cls, entry: object) -> DetachedSignature:
        """Return the signature that JSON states.

        Raises:
            MalformedCertificateError: it is none.
        """
        found = members(entry, "alg", "key", "value", where=_WHERE)
        alg, key, value = (read_text(found, name, where=_WHERE) for name in ("alg", "key", "value"))
        return cls(alg=alg, key=key, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalFinding:
    """A detached signature that holds: by which algorithm, and whose key."""

    alg: str
    key: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as evidence of a check."""
        return {"alg": self.alg, "key": self.key}


def signed_words(document: Mapping[str, Any]) -> bytes:
    """Return the bytes that a detached signature covers: the canonical form without the proof.

    Raises:
        MalformedCertificateError: the document has no canonical form.
    """
    try:
        return canonical({name: value for name, value in document.items() if name != "proof"})
    except MalformedJsonError as error:
        raise MalformedCertificateError(str(error)) from None


def sign_detached(document: Mapping[str, Any], *, key: NationalKey) -> DetachedSignature:
    """Return a signature by ``key`` over the words of ``document``."""
    value = encode_base58(key.sign(signed_words(document)))
    return DetachedSignature(alg=SM2_SM3, key=key.public_multibase, value=value)


def check_detached(
    signature: DetachedSignature,
    document: Mapping[str, Any],
    *,
    keys: Collection[str],
    backend: NationalBackend | None = None,
    identity: str = DEFAULT_IDENTITY,
) -> NationalFinding:
    """Return what ``signature`` shows about ``document``; raise if it shows nothing.

    Args:
        signature: as it came along.
        document: the certificate, with or without its proof.
        keys: public keys of the issuer, from a source that the caller trusts.
        backend: verifies; :class:`PlainSm2` where none is given.
        identity: the signer's distinguishing identifier.

    Raises:
        UnknownCryptosuiteError: another algorithm.
        MalformedCertificateError: key or value is not what it should be.
        UnknownIssuerError: the key is none of ``keys``.
        ForgedCertificateError: the signature does not cover the document.
    """
    if signature.alg != SM2_SM3:
        msg = "the detached signature is by an algorithm that is not spoken here"
        raise UnknownCryptosuiteError(msg)
    public = decode_sm2_key(signature.key)
    value = decode_base58(signature.value, length=2 * _HALF)
    if signature.key not in keys:
        msg = "the detached signature is by a key that nobody vouches for"
        raise UnknownIssuerError(msg)
    verifier = backend or PlainSm2()
    if not verifier.verifies(
        public, value, signed_words(document), identity=identity.encode("utf-8")
    ):
        msg = "the detached signature does not cover the certificate: one of them was changed"
        raise ForgedCertificateError(msg)
    return NationalFinding(alg=signature.alg, key=signature.key)


def encode_sm2_key(public: Point) -> str:
    """Return an SM2 public key in the manner of a Multikey: its codec and the compressed point."""
    x, y = public
    return encode_base58(_CODEC + bytes((2 + y % 2,)) + x.to_bytes(_HALF, "big"))


def decode_sm2_key(text: str) -> Point:
    """Return the point that ``text`` states.

    Raises:
        MalformedCertificateError: another kind of key, or no point of the curve.
    """
    data = decode_base58(text, length=len(_CODEC) + _COMPRESSED)
    sign, x = data[2], int.from_bytes(data[3:], "big")
    point = SM2_CURVE.lift(x, is_odd=sign == 3) if sign in (2, 3) else None  # noqa: PLR2004
    if not data.startswith(_CODEC) or point is None:
        msg = "not the key of an SM2 signer, or no point of its curve"
        raise MalformedCertificateError(msg)
    return point
