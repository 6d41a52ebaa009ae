"""Data Integrity proofs: three more programs that share no line with us or with each other.

``did-webvh`` (its keys are Rust, its canonical JSON ``jsoncanon``), ``apsig`` of the Fediverse
(``jcs``), and ``openssl`` after twenty lines of the standard library.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from oneservice.certificates import Curve, decode_base58, encode_multikey, examine

Document = dict[str, Any]
Verifier = Callable[[Document, Any], bool]
CONTEXT = "https://www.w3.org/ns/credentials/v2"


def by_did_webvh(document: Document, key: Any) -> bool:
    proof = pytest.importorskip("did_webvh.core.proof", reason="did-webvh is not installed")
    try:
        proof.di_jcs_verify(document, document["proof"], {"publicKeyMultibase": key.multibase})
    except (ValueError, KeyError):
        return False
    return True


def by_apsig(document: Document, key: Any) -> bool:
    verify = pytest.importorskip("apsig.proof.verify", reason="apsig is not installed")
    try:
        verified = verify.ProofVerifier(key.multibase).verify_proof(copy.deepcopy(document))
    except (ValueError, KeyError):
        return False
    return verified is not None


def by_openssl(document: Document, key: Any, folder: Path) -> bool:
    """Canonical enough for certificates without fractions and with names below U+E000."""
    make, option = (
        (hashlib.sha384, "-sha384") if key.curve is Curve.P384 else (hashlib.sha256, "-sha256")
    )

    def hashed(value: Document) -> bytes:
        words = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return make(words.encode()).digest()

    document = copy.deepcopy(document)
    options = document.pop("proof")
    signature = decode_base58(options.pop("proofValue"))
    (folder / "data").write_bytes(hashed(options) + hashed(document))
    (folder / "key.pem").write_bytes(
        key._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    if key.curve is Curve.ED25519:
        command = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"]
        command += ["-in", "data", "-sigfile", "signature"]
    else:
        half = len(signature) // 2
        r, s = (int.from_bytes(one, "big") for one in (signature[:half], signature[half:]))
        signature = encode_dss_signature(r, s)
        command = ["dgst", option, "-verify", "key.pem", "-signature", "signature", "data"]
    (folder / "signature").write_bytes(signature)
    done = subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


VERIFIERS = [
    *(("did-webvh", curve) for curve in ("P-256", "P-384", "Ed25519")),
    *(("openssl", curve) for curve in ("P-256", "P-384", "Ed25519")),
    ("apsig", "Ed25519"),  # the only one that it knows
]


def verifier_of(name: str, folder: Path) -> Verifier:
    if name == "openssl":
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        return lambda document, key: by_openssl(document, key, folder)
    return {"did-webvh": by_did_webvh, "apsig": by_apsig}[name]


@pytest.mark.parametrize(("name", "curve"), VERIFIERS)
def test_ours_are_accepted_and_tampered_ones_refused(
    name: str, curve: str, an_office: Any, place: Any, tmp_path: Path
) -> None:
    verifier, office = verifier_of(name, tmp_path), an_office(curve)
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
