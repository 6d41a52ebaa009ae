"""A whole certificate against the bare primitive of ``cryptography`` over as many bytes.

Two floors: the primitive alone; and the primitive with what no format of this kind can do without,
strict parsing and canonical bytes, done by the same two functions and nothing around them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from benchmarks.measuring import Pair, compared
from oneservice.canonical import canonical, parse_object
from oneservice.certificates import (
    Certificate,
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    issue,
    verify,
)

__all__ = ["ISSUER", "NOW", "bare_check", "measure", "sample_claims", "sample_trust"]

NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
ISSUER = "https://market-regulation.example/issuer"


def measure() -> Iterator[Pair]:
    """Yield issue, verify, and parse and verify, for both cryptosuites."""
    for suite in (Cryptosuite.ECDSA_JCS_2019, Cryptosuite.EDDSA_JCS_2022):
        yield from _suite(suite)


def _suite(suite: Cryptosuite) -> Iterator[Pair]:
    key = SigningKey.generate(suite)
    claims, trust = sample_claims(), sample_trust(key)
    method = f"{ISSUER}#{key.public_multibase}"
    data = issue(claims, key=key, verification_method=method, created=NOW).dump()
    sign, check = _bare(suite)
    kilobytes = f"{len(data) / 1024:.1f} KiB"
    yield compared(
        f"issue {suite} ({kilobytes})",
        lambda: issue(claims, key=key, verification_method=method, created=NOW).dump(),
        sign,
        floor_name="bare signature",
        calls=100,
    )
    certificate = Certificate.parse(data)
    document = certificate.document
    yield compared(
        f"verify {suite} ({kilobytes})",
        lambda: verify(certificate, trust=trust, at=NOW),
        check,
        floor_name="bare verification",
        calls=100,
    )
    yield compared(
        f"parse and verify {suite} ({kilobytes})",
        lambda: verify(Certificate.parse(data), trust=trust, at=NOW),
        check,
        floor_name="bare verification",
        calls=100,
    )
    yield compared(
        f"issue {suite}, against direct code",
        lambda: issue(claims, key=key, verification_method=method, created=NOW).dump(),
        lambda: _issued_directly(document, sign),
        floor_name="bare signature, canonical bytes",
        calls=100,
    )
    yield compared(
        f"parse and verify {suite}, against direct code",
        lambda: verify(Certificate.parse(data), trust=trust, at=NOW),
        lambda: _read_directly(data, check),
        floor_name="bare verification, strict parse, canonical bytes",
        calls=100,
    )


def _issued_directly(document: Mapping[str, Any], sign: Callable[[], object]) -> bytes:
    _hashed(document)
    sign()
    return canonical(document)


def _read_directly(data: bytes, check: Callable[[], object]) -> None:
    _hashed(parse_object(data))
    check()


def _hashed(document: Mapping[str, Any]) -> bytes:
    """Hash options and document as the suites do: what the primitive goes on."""
    options = {name: value for name, value in document["proof"].items() if name != "proofValue"}
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    parts = (hashlib.sha256(canonical(one)).digest() for one in (options, unsecured))
    return b"".join(parts)


def bare_check(suite: Cryptosuite) -> Callable[[], object]:
    """Return what checks one signature with the primitive alone."""
    return _bare(suite)[1]


def _bare(suite: Cryptosuite) -> tuple[Callable[[], object], Callable[[], object]]:
    message = hashlib.sha256(b"options").digest() + hashlib.sha256(b"document").digest()
    if suite is Cryptosuite.EDDSA_JCS_2022:
        edwards = ed25519.Ed25519PrivateKey.generate()
        signature = edwards.sign(message)
        public = edwards.public_key()
        return lambda: edwards.sign(message), lambda: public.verify(signature, message)
    curve = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256())
    deterministic = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    proof = curve.sign(message, algorithm)
    point = curve.public_key()
    return (
        lambda: curve.sign(message, deterministic),
        lambda: point.verify(proof, message, algorithm),
    )


def sample_claims() -> Claims:
    return Claims(
        id="urn:oneservice:benchmark:1",
        type="food_permit",
        title={"zh": "食品经营许可证", "en": "Food business permit"},
        issuer_id=ISSUER,
        issuer_name={"zh": "示例一区市场监督管理局", "en": "Market Regulation Bureau"},
        issuer_region="990101",
        holder_name="李记面馆",
        holder_code="92990101MA99000523",
        number="JY29901010000018",
        valid_from=date(2026, 9, 28),
        valid_until=date(2031, 9, 27),
        conditions=("hot food only", "no raw seafood"),
        result={"projects": ["hot"], "premises": "示例市一区示例路1号", "area": "80"},
    )


def sample_trust(key: SigningKey) -> TrustStore:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    issuer = TrustedIssuer(
        id=ISSUER,
        name={"zh": "示例一区市场监督管理局", "en": "Market Regulation Bureau"},
        region="990101",
        keys=(ListedKey.for_certificates(ISSUER, key.public_multibase, valid_from=since),),
        entitlements=(Entitlement(type="food_permit", region="990101", valid_from=since),),
    )
    return TrustStore(
        territory="990101",
        version=1,
        issued_at=since,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        issuers=(issuer,),
    )
