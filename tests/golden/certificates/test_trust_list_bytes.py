"""A list of format 2 that others hold for ten years: three editions, one change of signers.

Run this file as a script to write the golden file anew, and say in the changelog why it moved.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from oneservice.certificates import (
    Curve,
    Entitlement,
    ListedAuthority,
    ListedKey,
    ListedLog,
    ListedSeal,
    ListedWitness,
    ListSigner,
    RecognitionLevel,
    RecognitionRule,
    SigningKey,
    TrustDraft,
    TrustedIssuer,
    TrustMemory,
    TrustPeer,
    TrustStore,
    check_successor,
)

FILE = Path(__file__).resolve().parent / "trust-list-2.json"
FIRST_ROOT = "sha256:6cc01cc8528e4ac60cf240b8b31943f060e28a8b284c002a807483b86d54a211"
OPENED = datetime(2026, 1, 1, tzinfo=UTC)
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def throw_away_key(name: str, curve: Curve) -> SigningKey:
    """Derive a key from its name: known to everybody, good for nothing but this file."""
    seed = hashlib.sha256(name.encode()).digest()
    if curve is Curve.ED25519:
        return SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    kind = ec.SECP256R1() if curve is Curve.P256 else ec.SECP384R1()
    return SigningKey(ec.derive_private_key(int.from_bytes(seed, "big"), kind))


KEYS = {
    "data-bureau": throw_away_key("data-bureau", Curve.P256),
    "audit-office": throw_away_key("audit-office", Curve.ED25519),
    "university": throw_away_key("university", Curve.P384),
    "court": throw_away_key("court", Curve.ED25519),
}
SIGNERS = tuple(
    ListSigner(name=name, public_key_multibase=key.public_multibase) for name, key in KEYS.items()
)
OFFICE = "https://certificates.example/990101/health"


def draft() -> TrustDraft:
    key = throw_away_key("health", Curve.P256)
    return TrustDraft(
        territory="990000",
        publisher="https://trust.example/990000",
        threshold=2,
        signers=SIGNERS[:3],
        issuers=(
            TrustedIssuer(
                id=OFFICE,
                name={"zh": "卫生健康局", "en": "Health"},
                region="990101",
                department="health",
                keys=(ListedKey.for_certificates(OFFICE, key.public_multibase, valid_from=OPENED),),
                entitlements=(
                    Entitlement(type="health-certificate", region="990101", valid_from=OPENED),
                ),
            ),
        ),
        logs=(ListedLog(origin="PeterNeumann", vkey=VKEY, valid_from=OPENED),),
        witnesses=(
            ListedWitness(
                name="PeterNeumann",
                vkey=VKEY,
                role="audit-office",
                region="980000",
                valid_from=OPENED,
            ),
        ),
        timestamp_authorities=(
            ListedAuthority(name="time.example", certificate="MAA=", valid_from=OPENED),
        ),
        seals=(
            ListedSeal(
                id="urn:seal:village-9",
                key_id=f"{OFFICE}#{key.public_multibase}",
                policy_digest="sha256:" + 64 * "a",
                valid_from=OPENED,
            ),
        ),
        recognition=(
            RecognitionRule(
                issuer_region="980000",
                type="health-certificate",
                accepted_in="990000",
                valid_from=OPENED,
                minimum_level=RecognitionLevel.SEALED,
                legal_basis={"zh": "跨省通办协议", "en": "Agreement"},
            ),
        ),
        peers=(
            TrustPeer(
                territory="980000",
                url="https://trust.example/980000/list.json",
                threshold=1,
                keys=(KEYS["court"].public_multibase,),
                valid_from=OPENED,
            ),
        ),
    )


def editions() -> list[TrustStore]:
    """Return three editions; with the second, the court takes the place of the bureau."""
    found: list[TrustStore] = []
    of_month = (
        (1, draft(), ("data-bureau", "audit-office")),
        (2, replace(draft(), signers=SIGNERS[1:]), ("data-bureau", "audit-office", "court")),
        (3, replace(draft(), signers=SIGNERS[1:]), ("university", "court")),
    )
    for month, content, names in of_month:
        issued_at = datetime(2026, month, 1, tzinfo=UTC)
        edition = content.edition(
            after=found[-1] if found else None,
            issued_at=issued_at,
            next_update_at=datetime(2026, month + 1, 1, tzinfo=UTC),
            expires_at=datetime(2026, month + 3, 1, tzinfo=UTC),
        )
        for name in names:
            edition = edition.by(KEYS[name], at=issued_at)
        found.append(TrustStore.of(edition))
    return found


def test_bytes_of_a_list_did_not_move() -> None:
    assert FILE.read_bytes() == editions()[-1].dump()


def test_what_was_listed_then_is_read_now() -> None:
    store = TrustStore.parse(FILE.read_bytes(), root=FIRST_ROOT)
    first, second, third = editions()
    assert first.roots[0].digest == FIRST_ROOT
    assert (store.version, len(store.roots)) == (3, 2)
    assert check_successor(first, store) == check_successor(second, store) == ()
    assert TrustMemory().admit(first)[1].admit(store)[0].is_pinned
    assert store.digest == third.digest


if __name__ == "__main__":
    FILE.write_bytes(editions()[-1].dump())
    print(editions()[0].roots[0].digest)
