"""Data Integrity proofs against the W3C vectors, in both directions where a suite allows it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from oneservice.canonical import canonical
from oneservice.certificates import (
    Certificate,
    CheckResult,
    Cryptosuite,
    Policy,
    SigningKey,
    Verdict,
    VerifyingKey,
    add_proof,
    check_proof,
    decode_base58,
    encode_base58,
    examine,
    verify,
)
from oneservice.certificates.proofs import hash_data
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    StatusUnknownError,
    UnknownCryptosuiteError,
    VerificationError,
)

SPOKEN = ["ecdsa-jcs-2019-p256", "ecdsa-jcs-2019-p384", "eddsa-jcs-2022"]
AT = datetime(2026, 11, 21, tzinfo=UTC)


def load(vectors: Path, name: str) -> dict[str, Any]:
    return json.loads((vectors / "w3c-data-integrity" / f"{name}.json").read_bytes())


def secret_key(vector: dict[str, Any]) -> SigningKey:
    keys = vector["keys"]
    secret = decode_base58(keys.get("secretKeyMultibase") or keys["privateKeyMultibase"])[2:]
    if vector["proof_config"]["cryptosuite"] == "eddsa-jcs-2022":
        return SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(secret))
    kind = ec.SECP256R1() if len(secret) == 32 else ec.SECP384R1()
    return SigningKey(ec.derive_private_key(int.from_bytes(secret, "big"), kind))


@pytest.mark.parametrize("name", SPOKEN)
def test_every_text_and_hash_on_the_way_is_theirs(vectors: Path, name: str) -> None:
    vector = load(vectors, name)
    key = VerifyingKey.from_multibase(vector["keys"]["publicKeyMultibase"])
    make = hashlib.sha384 if name.endswith("p384") else hashlib.sha256
    for canon, hashed, value in (
        ("proof_canonical", "proof_hash", vector["proof_config"]),
        ("document_canonical", "document_hash", vector["unsigned"]),
    ):
        assert canonical(value).decode() == vector[canon]
        assert make(canonical(value)).hexdigest() == vector[hashed]
    data = hash_data(vector["proof_config"], vector["unsigned"], key.curve)
    assert data.hex() == vector["combined_hash"]
    assert decode_base58(vector["proof_value"]).hex() == vector["signature_hex"]
    assert encode_base58(bytes.fromhex(vector["signature_hex"])) == vector["proof_value"]
    assert key.verifies(bytes.fromhex(vector["signature_hex"]), data)


@pytest.mark.parametrize("name", SPOKEN)
def test_what_they_signed_verifies_here(vectors: Path, name: str) -> None:
    vector = load(vectors, name)
    key = VerifyingKey.from_multibase(vector["keys"]["publicKeyMultibase"])
    check_proof(vector["signed"], key)
    certificate = Certificate.parse(json.dumps(vector["signed"], indent=2).encode())
    policy = Policy.dangerously_believe_any_issuer()
    assert verify(certificate, trust=None, at=AT, policy=policy).certificate == certificate
    report = examine(certificate, trust=None, at=AT)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "indeterminate")
    assert certificate.type == "AlumniCredential"
    with pytest.raises(MalformedCertificateError):
        _ = certificate.claims


@pytest.mark.parametrize("name", SPOKEN)
def test_what_we_sign_is_theirs_where_the_suite_is_deterministic(vectors: Path, name: str) -> None:
    vector = load(vectors, name)
    key, config = secret_key(vector), vector["proof_config"]
    assert key.public_multibase == vector["keys"]["publicKeyMultibase"]
    signed = add_proof(
        vector["unsigned"],
        key=key,
        verification_method=config["verificationMethod"],
        created=datetime.fromisoformat(config["created"]),
    )
    check_proof(signed, key.public_key)
    ours, theirs = dict(signed["proof"]), dict(vector["signed"]["proof"])
    if key.suite is Cryptosuite.EDDSA_JCS_2022:
        assert signed == vector["signed"]
    del ours["proofValue"], theirs["proofValue"]
    assert ours == theirs


def test_an_unknown_suite_is_neither_a_pass_nor_a_failure(vectors: Path) -> None:
    vector = load(vectors, "eddsa-rdfc-2022-unsupported")
    policy = Policy.dangerously_believe_any_issuer()
    data = canonical(vector["signed"])
    report = examine(data, trust=None, at=AT, policy=policy)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "unknown_cryptosuite")
    assert {check.result for check in report.checks[1:]} == {CheckResult.NOT_CHECKED}
    with pytest.raises(UnknownCryptosuiteError):
        verify(Certificate.parse(data), trust=None, at=AT, policy=policy)


CHANGES: list[tuple[str, type[VerificationError]]] = [
    ("document['name'] = 'Doctor'", ForgedCertificateError),
    ("document['added'] = True", ForgedCertificateError),
    ("del document['description']", ForgedCertificateError),
    ("document['type'].reverse()", ForgedCertificateError),
    ("document['@context'].append('https://evil.example/words')", ForgedCertificateError),
    ("document['@context'].reverse(); proof['@context'].reverse()", ForgedCertificateError),
    ("del proof['@context']", ForgedCertificateError),
    ("proof['created'] = '2023-02-24T23:36:39Z'", ForgedCertificateError),
    ("proof['proofPurpose'] = 'authentication'", ForgedCertificateError),
    ("proof['expires'] = '2099-01-01T00:00:00Z'", ForgedCertificateError),
    ("proof['added'] = 1", ForgedCertificateError),
    ("proof['cryptosuite'] = OTHER", ForgedCertificateError),
    ("proof['cryptosuite'] = 'ecdsa-rdfc-2019'", UnknownCryptosuiteError),
    ("proof['type'] = 'Ed25519Signature2020'", UnknownCryptosuiteError),
    ("del proof['cryptosuite']", MalformedCertificateError),
    ("del proof['proofValue']", MalformedCertificateError),
    ("del proof['verificationMethod']", MalformedCertificateError),
    ("proof['verificationMethod'] = 'no url'", MalformedCertificateError),
    ("proof['verificationMethod'] = {'id': 'https://a.example'}", MalformedCertificateError),
    ("proof['created'] = '2023-02-24'", MalformedCertificateError),
    ("proof['proofValue'] = 'u' + proof['proofValue'][1:]", MalformedCertificateError),
    ("proof['proofValue'] = proof['proofValue'] + '0'", MalformedCertificateError),
    ("proof['proofValue'] = proof['proofValue'][:-2]", MalformedCertificateError),
    ("del document['proof']", MalformedCertificateError),
    ("document['proof'] = 'z3'", MalformedCertificateError),
    ("document['proof'] = [proof]", StatusUnknownError),
    ("document['proof'] = [proof, proof]", StatusUnknownError),
    ("proof['previousProof'] = 'urn:x:1'", StatusUnknownError),
]


@pytest.mark.parametrize("name", SPOKEN)
@pytest.mark.parametrize(("change", "error"), CHANGES, ids=[change for change, _ in CHANGES])
def test_every_change_has_its_true_reason(
    vectors: Path, name: str, change: str, error: type[VerificationError]
) -> None:
    vector = load(vectors, name)
    document = vector["signed"]
    proof = document["proof"]
    other = "eddsa-jcs-2022" if name.startswith("ecdsa") else "ecdsa-jcs-2019"
    exec(change, {"document": document, "proof": proof, "OTHER": other})  # noqa: S102 - the table above
    key = VerifyingKey.from_multibase(vector["keys"]["publicKeyMultibase"])
    with pytest.raises(VerificationError) as caught:
        check_proof(document, key)
    assert type(caught.value) is error


def test_what_cannot_be_signed_is_refused() -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    method = "https://a.example#k"
    noon = datetime(2026, 1, 1, tzinfo=UTC)
    signed = add_proof({"a": 1}, key=key, verification_method=method, created=noon)
    assert "@context" not in signed["proof"]
    check_proof(signed, key.public_key)
    for document in (signed, {"a": 2**60}, {"a": float("nan")}, {"a": "\ud800"}, {"a": object()}):
        with pytest.raises(MalformedCertificateError):
            add_proof(document, key=key, verification_method=method, created=noon)
    with pytest.raises(MalformedCertificateError):
        add_proof({}, key=key, verification_method=method, created=noon.replace(tzinfo=None))
