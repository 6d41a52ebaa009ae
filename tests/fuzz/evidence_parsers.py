"""What is fuzzed of verification: every file that an auditor may be handed, and policies.

The good inputs are the golden files, so that a fuzzer begins behind the first checks.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from parsers import Parser

from oneservice.canonical import canonical, parse
from oneservice.certificates import (
    Bundle,
    Certificate,
    Enclosures,
    Evidence,
    Policy,
    TrustStore,
    Verdict,
    document_kind,
    examine,
    policy_document,
    read_policy,
)
from oneservice.errors import MalformedJsonError, PolicyInvalidError, VerificationError

__all__ = ["EVIDENCE_PARSERS"]

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
AT = datetime(2027, 3, 1, tzinfo=UTC)
FILES = {
    name: (GOLDEN / folder / name).read_bytes()
    for folder, name in (
        ("certificates", "certificate-ecdsa.json"),
        ("certificates", "certificate-eddsa.json"),
        ("certificates", "bundle.json"),
        ("certificates", "journal.jsonl"),
        ("evidence", "permit.evidence.json"),
        ("evidence", "permit.sd-jwt.evidence.json"),
        ("evidence", "policy.json"),
    )
}
TRUST = TrustStore.parse((GOLDEN / "evidence" / "trust-list.json").read_bytes())
EVIDENCE = Evidence.parse(FILES["permit.evidence.json"])
SHORT = Evidence(
    certificate=EVIDENCE.certificate,
    enclosures=Enclosures(log_proofs=EVIDENCE.enclosures.log_proofs),
)
"""Short enough that the fuzzer does not cut it off."""
ENCLOSED = EVIDENCE.enclosures.as_json()


GOOD = [Evidence.parse(one).certificate for name, one in FILES.items() if "evidence" in name]


def _certificate(data: bytes) -> None:
    """What is read is written in the one form that there is, and reads back the same."""
    read = Certificate.parse(data)
    if Certificate.parse(read.dump()) != read:
        raise AssertionError(data)


def _bundle(data: bytes) -> None:
    read = Bundle.parse(data)
    if Bundle.parse(read.dump()).dump() != read.dump():
        raise AssertionError(data)


def _evidence(data: bytes) -> None:
    read = Evidence.parse(data)
    if Evidence.parse(read.dump()).dump() != read.dump():
        raise AssertionError(data)


def _enclosures(data: bytes) -> None:
    read = Enclosures.of(parse(data))
    if Enclosures.of(read.as_json()) != read:
        raise AssertionError(data)


def _policy(data: bytes) -> None:
    """A policy that can be read asks for a signature, and survives being written down."""
    read = read_policy(parse(data))
    if read.refuses_all or read_policy(policy_document(read)) != read:
        raise AssertionError(data)


def _report(data: bytes) -> None:
    """Whatever it is, the answer is a report, and never a yes under a list that does not say so."""
    document_kind(data)
    strict = Policy.archive()
    for trust in (None, TRUST):
        report = examine(data, trust=trust, at=AT, policy=strict)
        canonical(report.as_json())
        if report.verdict is Verdict.VALID and data not in FILES.values():
            judged = Evidence.parse(data)
            if judged.certificate not in GOOD:
                raise AssertionError(data)


EVIDENCE_PARSERS: dict[str, Parser] = {
    "certificate": Parser(
        read=_certificate,
        good=(FILES["certificate-ecdsa.json"], FILES["certificate-eddsa.json"]),
        errors=(VerificationError,),
    ),
    "bundle": Parser(
        read=_bundle, good=(FILES["bundle.json"],), errors=(VerificationError,), is_metered=False
    ),
    "evidence": Parser(
        read=_evidence,
        good=(SHORT.dump(), FILES["permit.sd-jwt.evidence.json"]),
        errors=(VerificationError,),
        is_metered=False,
    ),
    "enclosures": Parser(
        read=_enclosures,
        good=(canonical(ENCLOSED), canonical({"log_proofs": ENCLOSED["log_proofs"]})),
        errors=(VerificationError, MalformedJsonError),
    ),
    "policy": Parser(
        read=_policy,
        good=(FILES["policy.json"], canonical(policy_document(Policy.archive()))),
        errors=(PolicyInvalidError, MalformedJsonError),
    ),
    "any-file": Parser(
        read=_report, good=(*FILES.values(), SHORT.dump()), errors=(), is_metered=False
    ),
}
