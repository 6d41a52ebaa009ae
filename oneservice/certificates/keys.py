"""Keys: one small class to sign with, one to verify with; no key material ever shows.

ECDSA signatures are deterministic (RFC 6979): a seal that signs the same words again after a crash
makes the same bytes, and no weak source of chance can leak the key.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from oneservice.certificates.multibase import Curve, decode_multikey, encode_multikey
from oneservice.errors import KeyUnusableError, MalformedCertificateError
from oneservice.transparency import has_small_order

__all__ = ["Cryptosuite", "SigningKey", "VerifyingKey"]


class Cryptosuite(StrEnum):
    """The Data Integrity cryptosuites that we speak; both sign RFC 8785 bytes."""

    ECDSA_JCS_2019 = "ecdsa-jcs-2019"
    EDDSA_JCS_2022 = "eddsa-jcs-2022"


_SUITES: Final = {
    Curve.P256: Cryptosuite.ECDSA_JCS_2019,
    Curve.P384: Cryptosuite.ECDSA_JCS_2019,
    Curve.ED25519: Cryptosuite.EDDSA_JCS_2022,
}
_SIGNATURE_BYTES: Final = {Curve.P256: 64, Curve.P384: 96, Curve.ED25519: 64}
_EC_CURVES: Final[dict[Curve, ec.EllipticCurve]] = {
    Curve.P256: ec.SECP256R1(),
    Curve.P384: ec.SECP384R1(),
}
_EC_HASHES: Final[dict[Curve, hashes.HashAlgorithm]] = {
    Curve.P256: hashes.SHA256(),
    Curve.P384: hashes.SHA384(),
}
_SIGN_WITH: Final = {
    curve: ec.ECDSA(algorithm, deterministic_signing=True)
    for curve, algorithm in _EC_HASHES.items()
}
_VERIFY_WITH: Final = {curve: ec.ECDSA(algorithm) for curve, algorithm in _EC_HASHES.items()}

_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A public key. ``multibase`` is its Multikey form and tells everything."""

    multibase: str
    curve: Curve
    _key: _PublicKey = field(repr=False, compare=False)
    _check: Callable[[bytes, bytes], None] = field(init=False, repr=False, compare=False)
    """Raises :class:`InvalidSignature`; of which kind the key is, was asked once."""

    def __post_init__(self) -> None:
        """Choose how to check."""
        key = self._key
        if isinstance(key, ed25519.Ed25519PublicKey):
            object.__setattr__(self, "_check", key.verify)
        else:
            object.__setattr__(self, "_check", _ecdsa_check(key, _VERIFY_WITH[self.curve]))

    @property
    def suite(self) -> Cryptosuite:
        """The suite that proofs by this key name."""
        return _SUITES[self.curve]

    @property
    def signature_bytes(self) -> int:
        """How long a signature is: r and s of equal length, or R and S."""
        return _SIGNATURE_BYTES[self.curve]

    @classmethod
    def from_multibase(cls, text: str) -> VerifyingKey:
        """Return the key that a ``publicKeyMultibase`` states; loaded once, then remembered.

        Raises:
            MalformedCertificateError: not a Multikey of a kind we speak, or no point of its curve.
        """
        return _load(text)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Say whether ``signature`` over ``data`` was made with this key."""
        if len(signature) != self.signature_bytes:
            return False
        try:
            self._check(signature, data)
        except InvalidSignature:
            return False
        return True


@functools.lru_cache(maxsize=4096)
def _load(text: str) -> VerifyingKey:
    curve, data = decode_multikey(text)
    key: _PublicKey
    try:
        if curve is Curve.ED25519:
            if has_small_order(data):
                msg = "the Multikey is no key: anybody could sign in its name (small order)"
                raise MalformedCertificateError(msg)
            key = ed25519.Ed25519PublicKey.from_public_bytes(data)
        else:
            key = ec.EllipticCurvePublicKey.from_encoded_point(_EC_CURVES[curve], data)
    except (ValueError, UnsupportedAlgorithm):
        msg = f"the Multikey is no point of {curve}"
        raise MalformedCertificateError(msg) from None
    return VerifyingKey(multibase=text, curve=curve, _key=key)


def _ecdsa_check(
    point: ec.EllipticCurvePublicKey, algorithm: ec.ECDSA
) -> Callable[[bytes, bytes], None]:
    """Return what checks r and s of equal length, one after the other."""

    def check(signature: bytes, data: bytes) -> None:
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        point.verify(encode_dss_signature(r, s), data, algorithm)

    return check


class SigningKey:
    """A private key. Nothing but a signature, the public key and an encrypted PEM leaves it."""

    __slots__ = ("_key", "curve", "public_multibase")

    curve: Curve
    public_multibase: str

    def __init__(self, key: _PrivateKey) -> None:
        self._key = key
        self.curve = _curve_of(key)
        self.public_multibase = encode_multikey(self.curve, _public_bytes(key.public_key()))

    def __repr__(self) -> str:
        return f"<SigningKey {self.suite} {self.public_multibase}>"

    @classmethod
    def generate(cls, suite: Cryptosuite, *, curve: Curve | None = None) -> SigningKey:
        """Return a fresh key for ``suite``; ``curve`` asks for P-384 instead of P-256.

        Raises:
            KeyUnusableError: ``curve`` does not belong to ``suite``.
        """
        if curve is None:
            curve = Curve.P256 if suite is Cryptosuite.ECDSA_JCS_2019 else Curve.ED25519
        if _SUITES[curve] is not suite:
            msg = f"{suite} does not use {curve}; choose one of its own curves"
            raise KeyUnusableError(msg)
        if curve is Curve.ED25519:
            return cls(ed25519.Ed25519PrivateKey.generate())
        return cls(ec.generate_private_key(_EC_CURVES[curve]))

    @classmethod
    def from_pem(cls, data: bytes, password: bytes | None = None) -> SigningKey:
        """Return the key in ``data`` (PKCS #8 or SEC 1 PEM).

        Raises:
            KeyUnusableError: no PEM, another password, or a kind of key that we do not use.
        """
        try:
            key = serialization.load_pem_private_key(data, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            msg = "the key cannot be opened: not a PEM private key, or locked by another password"
            raise KeyUnusableError(msg) from None
        if not isinstance(key, (ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)):
            msg = "the key is of a kind that we do not use; P-256, P-384 or Ed25519 is due"
            raise KeyUnusableError(msg)
        return cls(key)

    def to_pem(self, password: bytes | None) -> bytes:
        """Return the key as PKCS #8 PEM, encrypted with ``password``; ``None``: in the clear.

        Raises:
            KeyUnusableError: the password is empty, which would protect nothing.
        """
        if password == b"":
            msg = "an empty password protects nothing; give one, or None for a key in the clear"
            raise KeyUnusableError(msg)
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            protection = serialization.BestAvailableEncryption(password)
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )

    @property
    def suite(self) -> Cryptosuite:
        """The suite that proofs by this key name."""
        return _SUITES[self.curve]

    @property
    def public_key(self) -> VerifyingKey:
        """The other half, to verify with."""
        return VerifyingKey.from_multibase(self.public_multibase)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``: r and s (RFC 6979), or R and S (RFC 8032)."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(data)
        r, s = decode_dss_signature(self._key.sign(data, _SIGN_WITH[self.curve]))
        half = _SIGNATURE_BYTES[self.curve] // 2
        return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def _curve_of(key: _PrivateKey) -> Curve:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Curve.ED25519
    for curve, known in _EC_CURVES.items():
        if key.curve.name == known.name:
            return curve
    msg = f"the key is on {key.curve.name}; P-256, P-384 or Ed25519 is due"
    raise KeyUnusableError(msg)


def _public_bytes(key: _PublicKey) -> bytes:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
