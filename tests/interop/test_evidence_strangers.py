"""Trust lists before ``jose``, logs before sigstore's verifier: what makes a certificate count."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from oneservice.canonical import digest_bytes
from oneservice.certificates import (
    Cryptosuite,
    Curve,
    ListSigner,
    SigningKey,
    TrustDraft,
    TrustStore,
    VerifyingKey,
    decode_multikey,
    jwk_of,
)
from oneservice.tlog import TileLog
from oneservice.transparency import Entry, EntryKind, NoteSigner


def any_jwk(key: VerifyingKey) -> dict[str, str]:
    if key.curve is not Curve.ED25519:
        return jwk_of(key)
    _, raw = decode_multikey(key.multibase)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
    }


@pytest.fixture
def bureau() -> dict[str, SigningKey]:
    return {
        "bureau": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019),
        "audit": SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
        "university": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P384),
    }


def test_jose_checks_every_signature_of_our_trust_lists(
    strangers: Any, office: Any, bureau: dict[str, SigningKey]
) -> None:
    """A list signed by three, on three curves, and the root that names them."""
    draft = TrustDraft(
        territory="990000",
        publisher="https://trust.example/990000",
        threshold=2,
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in bureau.items()
        ),
        issuers=office.trusting().issuers,
    )
    edition = draft.edition(
        after=None, issued_at=office.now, expires_at=office.now + timedelta(days=365)
    )
    for key in bureau.values():
        edition = edition.by(key, at=office.now)
    document = json.loads(TrustStore.of(edition).dump())
    jwks = {key.public_multibase: any_jwk(key.public_key) for key in bureau.values()}
    for signed in (document, *document["roots"]):
        answer = strangers.ask("jose.general", text=json.dumps(signed), jwks=jwks)
        assert answer["accepted"], answer
        assert len(set(answer["signers"])) >= 2
        assert set(answer["signers"]) <= set(jwks)
    for bent in (
        {**document, "payload": document["roots"][0]["payload"]},
        {**document, "signatures": [{**document["signatures"][0], "signature": "AAAA"}]},
        {**document, "signatures": document["roots"][0]["signatures"]},
    ):
        assert not strangers.accepts("jose.general", text=json.dumps(bent), jwks=jwks)
    others = dict(zip(jwks, [*list(jwks.values())[1:], jwks[next(iter(jwks))]], strict=True))
    assert not strangers.accepts("jose.general", text=json.dumps(document), jwks=others)


def test_sigstore_finds_our_certificates_in_our_log(
    strangers: Any, office: Any, tmp_path: Path
) -> None:
    """The checkpoint's signature and the way from an entry to the root, as sigstore reads both."""
    signer = NoteSigner.generate("990101.example/log")
    spki = Ed25519PublicKey.from_public_bytes(signer.key.public).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    entries = [
        Entry(
            kind=EntryKind.CERTIFICATE,
            digest=digest_bytes(office.issue(number=f"JY{number:014}").dump()),
            salt=f"salt-of-entry-number-{number:011}",
        ).encode()
        for number in range(300)
    ]
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries)
        log.publish(log.sign().note.dump())
        proofs = {index: log.prove(index) for index in (0, 1, 127, 128, 255, 256, 299)}
    for index, proof in proofs.items():
        question = {
            "entry": base64.b64encode(entries[index]).decode(),
            "index": index,
            "hashes": [base64.b64encode(one).decode() for one in proof.hashes],
            "checkpoint": proof.checkpoint.decode(),
            "key": base64.b64encode(spki).decode(),
            "id": base64.b64encode(signer.key.id).decode(),
            "name": signer.key.name,
        }
        answer = strangers.ask("log.check", **question)
        assert answer == {"accepted": True}, (index, answer)
        elsewhere = base64.b64encode(entries[index ^ 2]).decode()
        bent = question["checkpoint"].replace("\n300\n", "\n301\n")
        for change in (
            {"entry": elsewhere},
            {"index": index ^ 1},
            {"hashes": question["hashes"][:-1]},
            {"checkpoint": bent},
        ):
            assert not strangers.accepts("log.check", **{**question, **change}), change.keys()
