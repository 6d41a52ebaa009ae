"""What is fuzzed of trust lists: the file, what its signers sign, drafts, and memories.

Behind a signature no fuzzer ever gets; so one reader is given what *should* be signed, and signs
it, as signers who are careless or in league would.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from parsers import Parser

from oneservice.canonical import canonical, parse_object
from oneservice.certificates import (
    Entitlement,
    ListedKey,
    ListedLog,
    ListSigner,
    RecognitionLevel,
    RecognitionRule,
    SignedEdition,
    SigningKey,
    TrustDraft,
    TrustedIssuer,
    TrustMemory,
    TrustStore,
)
from oneservice.errors import MalformedJsonError, TrustListError

__all__ = ["TRUST_PARSERS"]

SINCE, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
KEYS = tuple(
    SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2)
)
DRAFT = TrustDraft(
    territory="990000",
    publisher="https://trust.example",
    threshold=2,
    signers=tuple(
        ListSigner(name=f"signer-{n}", public_key_multibase=key.public_multibase)
        for n, key in enumerate(KEYS)
    ),
    issuers=(
        TrustedIssuer(
            id="https://o.example",
            name={"zh": "局"},
            region="990101",
            keys=(
                ListedKey.for_certificates(
                    "https://o.example", KEYS[0].public_multibase, valid_from=SINCE
                ),
            ),
            entitlements=(Entitlement(type="food_permit", region="990101", valid_from=SINCE),),
        ),
    ),
    logs=(ListedLog(origin="l", vkey="l+00000000+AQ==", valid_from=SINCE),),
    recognition=(
        RecognitionRule(
            issuer_region="980000",
            type="food_permit",
            accepted_in="990000",
            valid_from=SINCE,
            minimum_level=RecognitionLevel.SEALED,
            legal_basis={"zh": "协议"},
        ),
    ),
)
BLANK = DRAFT.edition(after=None, issued_at=SINCE, expires_at=ENDS)
ROOTS = BLANK.by(KEYS[0], at=SINCE).by(KEYS[1], at=SINCE).roots


def _signed(payload: bytes) -> bytes:
    edition = SignedEdition(payload=payload, roots=ROOTS)
    for key in KEYS:
        edition = edition.by(key, at=SINCE)
    return edition.dump()


def _whole(data: bytes) -> None:
    """What is read is written as it was read."""
    store = TrustStore.parse(data)
    if parse_object(store.dump()) != parse_object(data):
        raise AssertionError(data)


def _agreed(data: bytes) -> None:
    """Whatever its signers sign: refused, or understood to the last byte."""
    store = TrustStore.parse(_signed(data))
    if SignedEdition.parse(store.dump()).payload != data:
        raise AssertionError(data)


def _drafted(data: bytes) -> Any:
    draft = TrustDraft.of(parse_object(data))
    draft.try_out()
    if TrustDraft.of(draft.as_json()) != draft:
        raise AssertionError(data)


LIST = _signed(BLANK.payload)
TRUST_PARSERS: dict[str, Parser] = {
    "trust-list": Parser(read=_whole, good=(LIST,), errors=(TrustListError,), is_metered=False),
    "trust-list-signed": Parser(
        read=_agreed, good=(BLANK.payload,), errors=(TrustListError,), is_metered=False
    ),
    "trust-draft": Parser(
        read=_drafted,
        good=(canonical(DRAFT.as_json()),),
        errors=(TrustListError, MalformedJsonError),
        is_metered=False,
    ),
    "trust-memory": Parser(
        read=TrustMemory.parse,
        good=(TrustMemory().admit(TrustStore.parse(LIST))[1].dump(),),
        errors=(TrustListError,),
        is_metered=False,
    ),
}
