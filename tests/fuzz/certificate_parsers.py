"""What is fuzzed of certificates: the readers of what strangers hand over, and good inputs.

Not a test: :mod:`harness` runs it under libFuzzer. Keys are those of nobody, the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from evidence_parsers import EVIDENCE_PARSERS
from parsers import Parser
from trust_parsers import TRUST_PARSERS

from oneservice.canonical import canonical, parse
from oneservice.certificates import (
    Claims,
    Entitlement,
    ListedKey,
    ListIssuer,
    SdJwt,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    examine_presentation,
    issue_sd_jwt,
    read_references,
    write_status_lists,
)
from oneservice.certificates.disclosures import read_disclosure
from oneservice.certificates.status_lists import StatusList
from oneservice.errors import MalformedJsonError, VerificationError

__all__ = ["CERTIFICATE_PARSERS"]

OFFICE, URI = "https://o.example", "https://o.example/status/1"
ASKED = {"audience": "https://landlord.example", "nonce": "n-0S6"}
SINCE, NOW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, 4, tzinfo=UTC)
KEY, HOLDER = (SigningKey(ec.derive_private_key(n, ec.SECP256R1())) for n in (11, 13))
KID = f"{OFFICE}#{KEY.public_multibase}"
PLACE = StatusEntry(uri=URI, index=94_567)
TRUST = TrustStore(
    territory="990100",
    version=1,
    issued_at=SINCE,
    expires_at=SINCE + timedelta(days=4000),
    issuers=(
        TrustedIssuer(
            id=OFFICE,
            name={"zh": "局"},
            region="990101",
            keys=(ListedKey.for_certificates(OFFICE, KEY.public_multibase, valid_from=SINCE),),
            entitlements=(Entitlement(type="food_permit", region="990101", valid_from=SINCE),),
        ),
    ),
)


def _salts() -> Iterator[str]:
    return (sha256(str(number).encode()).hexdigest()[:32] for number in range(99))


def _issued() -> SdJwt:
    claims = Claims(
        id="urn:c:1",
        type="food_permit",
        title={"zh": "证"},
        issuer_id=OFFICE,
        issuer_name={"zh": "局"},
        issuer_region="990101",
        holder_name="Li's Noodles",
        valid_from=date(2026, 10, 14),
        conditions=("No raw fish.",),
        result={"seats": 40},
    )
    return issue_sd_jwt(
        claims,
        key=KEY,
        key_id=KID,
        issued_at=SINCE + timedelta(days=300),
        salts=_salts(),
        holder_key=HOLDER.public_key,
    )


def _whole(data: bytes) -> None:
    """What is read is written as it was read."""
    read = SdJwt.parse(data)
    if read.dump() != data or SdJwt.parse(read.dump()) != read:
        raise AssertionError(data)


def _report(data: bytes) -> None:
    """Whatever it is, the answer is a report; and of strangers' bytes it is never a yes."""
    report = examine_presentation(data, trust=TRUST, at=NOW, **ASKED)
    if report.error is None and data not in GOOD:
        raise AssertionError(data)


ISSUED = _issued()
GOOD = (ISSUED.bound(key=HOLDER, at=NOW, **ASKED).dump(),)
LISTS = tuple(
    write_status_lists(
        bytes(131_072 // 4),
        uri=URI,
        issuer=ListIssuer(id=OFFICE, key=KEY, key_id=KID),
        issued_at=NOW,
        expires_at=NOW + timedelta(days=1),
        ttl_s=3600,
    ).values()
)

CERTIFICATE_PARSERS: dict[str, Parser] = {
    **TRUST_PARSERS,
    **EVIDENCE_PARSERS,
    "sd-jwt": Parser(
        read=_whole, good=(ISSUED.dump(), *GOOD), errors=(VerificationError,), is_metered=False
    ),
    "presentation": Parser(read=_report, good=GOOD, errors=(), is_metered=False),
    "disclosure": Parser(
        read=lambda data: read_disclosure(data.decode("latin-1")),
        good=tuple(one.text.encode() for one in ISSUED.disclosures[:3]),
        errors=(VerificationError,),
    ),
    # A small file may unpack to 32 MiB, which is the limit that the reader names.
    "status-list": Parser(
        read=StatusList.parse, good=LISTS, errors=(VerificationError,), is_metered=False
    ),
    "status-entry": Parser(
        read=lambda data: read_references(parse(data)),
        good=(canonical(PLACE.as_json()),),
        errors=(VerificationError, MalformedJsonError),
    ),
}
