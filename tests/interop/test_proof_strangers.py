"""Data Integrity proofs: three more programs that share no line with us or with each other.

``did-webvh`` (its keys are Rust, its canonical JSON ``jsoncanon``), ``apsig`` of the Fediverse
(``jcs``), and ``openssl`` after twenty lines of the standard library.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from oneservice.certificates import Curve, encode_multikey, examine

Document = dict[str, Any]
CONTEXT = "https://www.w3.org/ns/credentials/v2"


VERIFIERS = [
    *(("did-webvh", curve) for curve in ("P-256", "P-384", "Ed25519")),
    *(("openssl", curve) for curve in ("P-256", "P-384", "Ed25519")),
    ("apsig", "Ed25519"),  # the only one that it knows
]


@pytest.mark.parametrize(("name", "curve"), VERIFIERS)
def test_ours_are_accepted_and_tampered_ones_refused(
    name: str, curve: str, an_office: Any, place: Any, proof_verifiers: Any
) -> None:
    if name not in proof_verifiers:
        pytest.skip(f"{name} is not installed")
    verifier, office = proof_verifiers[name], an_office(curve)
    original, key = office.issue(status=place).document, office.key.public_key
    assert verifier(original, key)
    assert not verifier(original, an_office(curve).key.public_key)
    for member, value in (
        ("validUntil", "2099-12-31T23:59:59+08:00"),
        ("credentialStatus", []),
        ("isSandbox", True),
        ("id", "urn:gbt-36904:2"),
        ("added", 1),
    ):
        assert not verifier({**original, member: value}, key), member
    for member, value in (
        ("created", "2026-01-02T00:00:00Z"),
        ("verificationMethod", office.id + "#other"),
        ("proofPurpose", "authentication"),
    ):
        bent = {**original, "proof": {**original["proof"], member: value}}
        assert not verifier(bent, key), member
    dropped = {name: value for name, value in original.items() if name != "credentialSubject"}
    assert not verifier(dropped, key)


def credential(office: Any) -> Document:
    return {
        "@context": [CONTEXT],
        "type": ["VerifiableCredential", "FoodPermit"],
        "issuer": office.id,
        "credentialSubject": {"name": "李记面馆 \U0001f35c", "seats": 40, "area": 82.5, "n": None},
    }


def judged(office: Any, document: Document, key: str) -> str:
    report = examine(json.dumps(document).encode(), trust=office.trusting(key), at=office.now)
    return report.reason or "valid"


@pytest.mark.parametrize("algorithm", ["p256", "p384", "ed25519"])
def test_what_did_webvh_signs_is_accepted(office: Any, algorithm: str) -> None:
    """Its proofs have no ``@context`` of their own, as the cryptosuites allow."""
    askar = pytest.importorskip("did_webvh.askar", reason="did-webvh is not installed")
    proving = pytest.importorskip("did_webvh.core.proof")
    key, document = askar.AskarSigningKey.generate(algorithm), credential(office)
    multikey = str(key.multikey)
    signed_at = office.signed_at
    proof = proving.di_jcs_sign(document, key, kid=f"{office.id}#{multikey}", timestamp=signed_at)
    assert judged(office, {**document, "proof": proof}, multikey) == "valid"
    assert judged(office, {**document, "proof": proof}, office.key.public_multibase) == (
        "unknown_issuer"
    )
    bent = {**document, "credentialSubject": {"name": "Wu"}, "proof": proof}
    assert judged(office, bent, multikey) == "forged"


def test_what_apsig_signs_is_accepted(office: Any) -> None:
    sign = pytest.importorskip("apsig.proof.sign", reason="apsig is not installed")
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    multikey = encode_multikey(Curve.ED25519, raw)
    document = sign.ProofSigner(private).sign(
        credential(office),
        {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": f"{office.id}#{multikey}",
            "proofPurpose": "assertionMethod",
            "created": office.signed_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    )
    assert judged(office, document, multikey) == "valid"
    document["credentialSubject"]["seats"] = 41
    assert judged(office, document, multikey) == "forged"
