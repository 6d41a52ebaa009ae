"""Data Integrity proofs over RFC 8785 bytes: ``ecdsa-jcs-2019`` and ``eddsa-jcs-2022``.

Theory of operation: what is signed is ``hash(proof options) + hash(document without proof)``, both
in canonical form, where the options are the proof without its value but with the document's
``@context``. SHA-384 for P-384, SHA-256 for the others.

One thing we do more strictly than the text of the suites: a proof's ``@context`` must *equal* the
document's, where the suites let the document have more at its end. Contexts added there are
covered by nothing, and change the meaning of the words for everyone who reads them as JSON-LD.

References:
    W3C Data Integrity ECDSA Cryptosuites 1.0, section 3.3; EdDSA Cryptosuites 1.0, section 3.3;
    VC Data Integrity 1.0, section 4.4 (verify proof).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from oneservice.canonical import canonical, write_instant
from oneservice.certificates.claims import is_url
from oneservice.certificates.keys import Cryptosuite, VerifyingKey
from oneservice.certificates.moments import read_moment
from oneservice.certificates.multibase import Curve, decode_base58, encode_base58
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    MalformedJsonError,
    StatusUnknownError,
    UnknownCryptosuiteError,
)

__all__ = ["Proof", "ProvingKey", "add_proof", "check_proof", "hash_data", "read_proof"]

PROOF_TYPE: Final = "DataIntegrityProof"
_DUE: Final = ("type", "verificationMethod", "proofPurpose", "proofValue")
_SUITES: Final = {suite.value: suite for suite in Cryptosuite}


class ProvingKey(Protocol):
    """What :func:`add_proof` needs of a key; :class:`SigningKey` is one, a token may be another."""

    @property
    def suite(self) -> Cryptosuite:
        """The suite that proofs by this key name."""
        ...

    @property
    def curve(self) -> Curve:
        """The curve, which decides about the hash."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A document's only proof, read but not yet believed.

    ``created`` and ``expires`` are what the signer claims. ``options`` is the proof without its
    value; ``value`` is the signature in multibase.
    """

    suite: Cryptosuite
    verification_method: str
    purpose: str
    created: datetime | None
    expires: datetime | None
    value: str
    options: Mapping[str, Any]


def add_proof(
    document: Mapping[str, Any],
    *,
    key: ProvingKey,
    verification_method: str,
    created: datetime,
    purpose: str = "assertionMethod",
) -> dict[str, Any]:
    """Return ``document`` with a proof by ``key``; the same input gives the same bytes.

    Args:
        document: JSON without a ``proof``.
        key: signs; its suite is the proof's.
        verification_method: URL under which readers find the public key.
        created: aware instant that the signer claims; written in UTC.
        purpose: what the key was used for (VC Data Integrity 1.0, section 2.3).

    Raises:
        MalformedCertificateError: there is a proof already, ``created`` is naive, or a value has
            no canonical form.
    """
    if "proof" in document:
        msg = "the document has a proof already; a second one would not cover the first"
        raise MalformedCertificateError(msg)
    try:
        options: dict[str, Any] = {
            "type": PROOF_TYPE,
            "cryptosuite": key.suite.value,
            "created": write_instant(created),
            "verificationMethod": verification_method,
            "proofPurpose": purpose,
        }
        if "@context" in document:
            options["@context"] = document["@context"]
        signature = key.sign(hash_data(options, document, key.curve))
    except (MalformedJsonError, ValueError) as error:
        msg = f"the document cannot be signed: {error}"
        raise MalformedCertificateError(msg) from error
    return {**document, "proof": options | {"proofValue": encode_base58(signature)}}


def hash_data(options: Mapping[str, Any], unsecured: Mapping[str, Any], curve: Curve) -> bytes:
    """Return what is signed: the hash of the options, then that of the document.

    Raises:
        MalformedJsonError: a value has no canonical form.
    """
    return _hash_forms(canonical(options), canonical(unsecured), curve)


def _hash_forms(options: bytes, unsecured: bytes, curve: Curve) -> bytes:
    make = hashlib.sha384 if curve is Curve.P384 else hashlib.sha256
    return make(options).digest() + make(unsecured).digest()


def read_proof(document: Mapping[str, Any]) -> Proof:
    """Return the proof of ``document``.

    Raises:
        MalformedCertificateError: there is none, or it lacks what every proof has.
        UnknownCryptosuiteError: another type or suite: neither a pass nor a failure.
        StatusUnknownError: a set or chain of proofs; verifiers disagree about what those mean.
    """
    proof = document.get("proof")
    if isinstance(proof, list) or (isinstance(proof, dict) and "previousProof" in proof):
        msg = "sets and chains of proofs are not judged here; verifiers treat them differently"
        raise StatusUnknownError(msg)
    if not isinstance(proof, dict):
        msg = "the document has no proof"
        raise MalformedCertificateError(msg)
    kind, method, purpose, value = [_text(proof, name) for name in _DUE]
    if not is_url(method):
        msg = "the proof's verificationMethod is no URL"
        raise MalformedCertificateError(msg)
    suite = _SUITES.get(_text(proof, "cryptosuite")) if kind == PROOF_TYPE else None
    if suite is None:
        msg = "the proof is of a type or cryptosuite that is not spoken here"
        raise UnknownCryptosuiteError(msg)
    options = proof.copy()
    del options["proofValue"]
    return Proof(
        suite=suite,
        verification_method=method,
        purpose=purpose,
        created=_moment(proof, "created"),
        expires=_moment(proof, "expires"),
        value=value,
        options=options,
    )


def check_proof(
    document: Mapping[str, Any],
    key: VerifyingKey,
    proof: Proof | None = None,
    *,
    written: bytes | None = None,
) -> None:
    """Return if ``key`` made the proof of ``document`` over just these words; raise if not.

    Args:
        document: with its proof.
        key: the public key that is due, from a source that the caller trusts.
        proof: what :func:`read_proof` gave for ``document``, where it is at hand.
        written: the canonical form of ``document``, where it is at hand.

    Raises:
        ForgedCertificateError: the proof does not cover what is stated.
        MalformedCertificateError, UnknownCryptosuiteError, StatusUnknownError: as
            :func:`read_proof`; or the value is no signature of that suite.
    """
    proof = proof or read_proof(document)
    if proof.purpose != "assertionMethod":
        msg = "the signature was not made to assert anything (proofPurpose)"
        raise ForgedCertificateError(msg)
    if key.suite is not proof.suite:
        msg = f"the proof claims {proof.suite}, but its key does not sign that way"
        raise ForgedCertificateError(msg)
    signature = decode_base58(proof.value, length=key.signature_bytes)
    if "@context" in proof.options and proof.options["@context"] != document.get("@context"):
        msg = "the document's @context is not the one that was signed"
        raise ForgedCertificateError(msg)
    try:
        secured = canonical(document["proof"])
        options = _without(document["proof"], "proofValue", secured, canonical(proof.value))
        unsecured = _without(document, "proof", written, secured)
        data = _hash_forms(options, unsecured, key.curve)
    except MalformedJsonError as error:
        raise MalformedCertificateError(str(error)) from error
    if not key.verifies(signature, data):
        msg = "the signature does not cover what is stated: it was changed, or never signed"
        raise ForgedCertificateError(msg)


def _without(value: Mapping[str, Any], name: str, written: bytes | None, member: bytes) -> bytes:
    """Return the canonical form of ``value`` without one member, cut out of the form at hand.

    Args:
        value: the object.
        name: of the member; ASCII letters.
        written: the canonical form of ``value``, if it is at hand.
        member: the canonical form of what stands under ``name``.

    The name with its quotes and its colon cannot stand within a text, for quotes are escaped there:
    where it stands only once, it is that of the member.
    """
    mark = b'"%s":' % name.encode("ascii")
    if written is None or written.count(mark) != 1:
        return canonical({key: item for key, item in value.items() if key != name})
    start = written.find(mark)
    before, after = written[:start], written[start + len(mark) + len(member) :]
    if before.endswith(b","):
        return before[:-1] + after
    return before + after.removeprefix(b",")


def _moment(proof: Mapping[str, Any], name: str) -> datetime | None:
    return read_moment(proof[name], where=f"proof.{name}") if name in proof else None


def _text(proof: Mapping[str, Any], name: str) -> str:
    value = proof.get(name)
    if not isinstance(value, str) or not value:
        msg = f"the proof has no {name}"
        raise MalformedCertificateError(msg)
    return value
