"""A public key in the forms that other people's programs want."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from oneservice.canonical import digest_bytes
from oneservice.certificates import Cryptosuite, Curve, VerifyingKey, decode_multikey, jwk_of

__all__ = ["PublicForms", "public_forms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicForms:
    """One public key, four times.

    Args:
        suite: Data Integrity cryptosuite of its proofs.
        multikey: as certificates and trust lists write it.
        jwk: as JOSE writes it.
        pem: SubjectPublicKeyInfo in PEM, as OpenSSL reads it.
        spki_digest: SHA-256 of the SubjectPublicKeyInfo, its usual fingerprint.
    """

    suite: Cryptosuite
    multikey: str
    jwk: dict[str, str]
    pem: str
    spki_digest: str

    def as_json(self) -> dict[str, Any]:
        """Return the forms as JSON."""
        return {
            "suite": self.suite.value,
            "multikey": self.multikey,
            "jwk": self.jwk,
            "pem": self.pem,
            "spki_digest": self.spki_digest,
        }


def public_forms(multikey: str) -> PublicForms:
    """Return the forms of a public key.

    Raises:
        MalformedCertificateError: no Multikey of a kind that we speak.
    """
    found = VerifyingKey.from_multibase(multikey)
    curve, point = decode_multikey(multikey)
    key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
    if curve is Curve.ED25519:
        key = ed25519.Ed25519PublicKey.from_public_bytes(point)
        x = base64.urlsafe_b64encode(point).decode("ascii").rstrip("=")
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": x}
    else:
        named = ec.SECP256R1() if curve is Curve.P256 else ec.SECP384R1()
        key = ec.EllipticCurvePublicKey.from_encoded_point(named, point)
        jwk = jwk_of(found)
    return PublicForms(
        suite=found.suite,
        multikey=multikey,
        jwk=jwk,
        pem=key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii"),
        spki_digest=digest_bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    )
