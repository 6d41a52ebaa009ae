"""Bytes that holders keep in their wallets: SD-JWTs, presentations and lists of that day.

Run this file as a script to write the golden files anew, and say in the changelog why they moved.
Lists are only read again: how tightly zlib packs is not ours to promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from oneservice.certificates import (
    CaseRecord,
    CertificateState,
    Claims,
    DisclosureProfile,
    Entitlement,
    ListedKey,
    ListIssuer,
    Publication,
    PublishedStatus,
    SdJwt,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    examine,
    examine_presentation,
    issue,
    issue_sd_jwt,
    read_claims_payload,
    write_status_lists,
)
from oneservice.certificates.sd_jwt_issuing import DEFAULT_PROFILE

HERE = Path(__file__).resolve().parent
OFFICE = "https://certificates.example/990101/market-regulation"
SIGNED = datetime(2026, 10, 14, 3, 30, tzinfo=UTC)
AT = datetime(2027, 3, 1, tzinfo=UTC)
ASKED = {"audience": "https://landlord.example", "nonce": "n-0S6_WzA2Mj"}
PLACE = StatusEntry(uri="https://certificates.example/990101/status/1", index=94_567)


def throw_away_key(name: str) -> SigningKey:
    """Derive a key from its name: known to everybody, good for nothing but these files."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    return SigningKey(ec.derive_private_key(seed, ec.SECP256R1()))


SEAL, HOLDER = throw_away_key("market-regulation"), throw_away_key("holder")
KEY_ID = f"{OFFICE}#{SEAL.public_multibase}"
CLAIMS = Claims(
    id="1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3",
    type="food_permit",
    title={"zh": "食品经营许可证", "en": "Food permit"},
    issuer_id=OFFICE,
    issuer_name={"zh": "市场监督管理局", "en": "Market regulation"},
    issuer_region="990101",
    holder_name="Li's Noodles 李记面馆",
    holder_code="92990101MA99000523",
    number="JY29901010000018",
    valid_from=date(2026, 10, 14),
    valid_until=date(2031, 10, 13),
    conditions=("No raw fish.", "Hot food only."),
    result={"area_m2": "82.5", "seats": 40},
    evidence=CaseRecord(case_id="c42", submission_id="c42.food_permit.1"),
    status=PLACE,
)


def trust() -> TrustStore:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    listed = ListedKey.for_certificates(OFFICE, SEAL.public_multibase, valid_from=since)
    right = Entitlement(type="food_permit", region="990101", valid_from=since)
    office = TrustedIssuer(
        id=OFFICE, name={"zh": "局"}, region="990101", keys=(listed,), entitlements=(right,)
    )
    return TrustStore(
        territory="990100",
        version=1,
        issued_at=since,
        expires_at=datetime(2040, 1, 1, tzinfo=UTC),
        issuers=(office,),
    )


def salts() -> Iterator[str]:
    return (hashlib.sha256(f"salt {number}".encode()).hexdigest()[:32] for number in range(99))


def issued() -> SdJwt:
    return issue_sd_jwt(
        CLAIMS,
        key=SEAL,
        key_id=KEY_ID,
        issued_at=SIGNED,
        salts=salts(),
        holder_key=HOLDER.public_key,
        profile=DisclosureProfile(hidden=DEFAULT_PROFILE.hidden, decoys=2),
    )


def golden() -> dict[str, bytes]:
    shown = issued().disclosing(("holder_name",), ("conditions", 1), ("result", "seats"))
    bound = shown.bound(key=HOLDER, at=AT, **ASKED)
    return {"permit.sd-jwt": issued().dump(), "presentation.sd-jwt": bound.dump()}


def lists() -> dict[str, bytes]:
    made = write_status_lists(
        bytes(131_072 // 4),
        uri=PLACE.uri,
        issuer=ListIssuer(id=OFFICE, key=SEAL, key_id=KEY_ID),
        issued_at=AT - timedelta(hours=1),
        expires_at=AT + timedelta(days=1),
        ttl_s=3600,
    )
    endings = dict(zip(Publication, ("jwt", "json", "json"), strict=True))
    return {f"status-{one}.{endings[one]}": document for one, document in made.items()}


@pytest.mark.parametrize("name", golden())
def test_bytes_did_not_move(name: str) -> None:
    assert golden()[name] == (HERE / name).read_bytes()


def test_what_was_handed_out_then_is_valid_now() -> None:
    status = PublishedStatus.of([(HERE / "status-token.jwt").read_bytes()], trust=trust())
    for name, asked in (("permit.sd-jwt", {}), ("presentation.sd-jwt", ASKED)):
        data = (HERE / name).read_bytes()
        report = examine_presentation(data, trust=trust(), at=AT, status=status, **asked)
        assert report.reason is None
    whole = SdJwt.parse((HERE / "permit.sd-jwt").read_bytes())
    assert read_claims_payload(whole.claims) == CLAIMS


def test_all_lists_of_that_day_say_the_same() -> None:
    status = PublishedStatus.of([(HERE / name).read_bytes() for name in lists()], trust=trust())
    paper = issue(CLAIMS, key=SEAL, verification_method=KEY_ID, created=SIGNED)
    for reference in PLACE.references:
        found = status.state_at([reference], issuer_id=OFFICE, at=AT)
        assert not isinstance(found, str)
        assert found.state is CertificateState.GOOD
    assert examine(paper, trust=trust(), at=AT, status=status).reason is None


if __name__ == "__main__":
    for file_name, content in {**golden(), **lists()}.items():
        (HERE / file_name).write_bytes(content)
