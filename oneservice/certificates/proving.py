"""The first question about a W3C credential: are the words those that were signed, and by whom."""

from __future__ import annotations

from typing import Any, Final

from oneservice.certificates.certificate import Certificate
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.proofs import Proof, check_proof, read_proof
from oneservice.certificates.reliance import Trust
from oneservice.certificates.report import CheckName, Finding, failed, not_checked, passed
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    StatusUnknownError,
    VerificationError,
)

__all__ = ["check_proven"]

_MULTIKEY_SYMBOLS: Final = 40
"""A fragment that begins with z and is at least this long claims to be a key by itself."""


def check_proven(certificate: Certificate, trust: Trust | None) -> tuple[Proof | None, Finding]:
    """Check that the words are those that were signed; return the proof unless they are not.

    A proof whose key is not at hand is returned, too: what the list says of the issuer can still
    be told.
    """
    facts: dict[str, Any] = {}
    try:
        proof = read_proof(certificate.content)
        facts["cryptosuite"] = proof.suite.value
        facts["verification_method"] = proof.verification_method
        key, facts["key_from"] = _key(proof, trust)
        if key is None:
            msg = "the key is not at hand, so the signature could not be checked"
            unknown = StatusUnknownError(msg)
            return proof, not_checked(CheckName.PROOF, msg, error=unknown, **facts)
        check_proof(certificate.content, key, proof, written=certificate.dump())
    except StatusUnknownError as error:
        return None, not_checked(CheckName.PROOF, str(error), error=error)
    except VerificationError as error:
        return None, failed(CheckName.PROOF, error, **facts)
    return proof, passed(CheckName.PROOF, curve=key.curve.value, **facts)


def _key(proof: Proof, trust: Trust | None) -> tuple[VerifyingKey | None, str]:
    """Return the listed key; else the one that the proof's URL itself spells out."""
    listed = None if trust is None else trust.key(proof.verification_method)
    if listed is not None:
        return listed[1].key(), "trust list"
    fragment = proof.verification_method.partition("#")[2]
    if not fragment.startswith("z") or len(fragment) < _MULTIKEY_SYMBOLS:
        return None, "nowhere"
    try:
        return VerifyingKey.from_multibase(fragment), "the proof's own words"
    except MalformedCertificateError:
        msg = "the proof names a key that cannot exist"
        raise ForgedCertificateError(msg) from None
