"""An evidence file that others may hold for ten years: it must go on giving the full report.

Run this file as a script to write the golden files anew, and say in the
changelog why they moved. The keys were thrown away.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oneservice.canonical import canonical
from oneservice.certificates import (
    CheckName,
    CheckResult,
    Evidence,
    Policy,
    TrustStore,
    Verdict,
    examine,
    read_policy,
)

HERE = Path(__file__).resolve().parent
AT = datetime(2027, 3, 1, tzinfo=UTC)


def test_a_file_and_a_key_are_enough() -> None:
    """No trust list, no network: who signed the enclosed list is all that the auditor knows."""
    evidence = Evidence.parse((HERE / "permit.evidence.json").read_bytes())
    root = (HERE / "root.txt").read_text(encoding="ascii").strip()
    report = examine(evidence, trust=evidence.trust(root=root), at=AT, policy=Policy.archive())
    assert report.verdict is Verdict.VALID, report.message
    results = {one.name: one.result for one in report.checks}
    asked = Policy.archive().asks | {CheckName.WITNESSED}
    assert {name for name, one in results.items() if one is CheckResult.PASS} == {
        *asked,
        "trust_list",
    }
    assert [name for name in results if name in set(CheckName)] == list(CheckName)


def test_the_bytes_are_the_file() -> None:
    data = (HERE / "permit.evidence.json").read_bytes()
    assert Evidence.parse(data).dump() == data
    assert canonical(json.loads(data)) == data


def test_without_a_list_of_ones_own_nothing_is_certain() -> None:
    data = (HERE / "permit.evidence.json").read_bytes()
    report = examine(data, trust=None, at=AT)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "indeterminate")
    listed = next(one for one in report.checks if one.name == "trust_list")
    assert listed.result is CheckResult.PASS


def test_the_presentation_of_the_same_claims() -> None:
    trust = TrustStore.parse((HERE / "trust-list.json").read_bytes())
    data = (HERE / "permit.sd-jwt.evidence.json").read_bytes()
    assert Evidence.parse(data).dump() == data
    policy = read_policy(json.loads((HERE / "policy.json").read_bytes()))
    report = examine(data, trust=trust, at=AT, policy=policy)
    assert report.verdict is Verdict.VALID, report.message


def _write() -> None:
    from oneservice.canonical import digest_bytes  # noqa: PLC0415
    from oneservice.certificates import EnclosedList, Enclosures, Publication  # noqa: PLC0415
    from oneservice.transparency import EntryKind  # noqa: PLC0415
    from tests.unit.certificates.evidence.conftest import Country  # noqa: PLC0415

    country = Country()
    signer = country.holder
    trust = country.trust.signed(
        key=signer, signer_id="https://990100.example/trust", created=country.trust.issued_at
    )
    certificate = country.certificate()
    names = ("audit", "university")
    token = country.lists(issued_at=AT - timedelta(hours=1))[Publication.TOKEN]
    listed = country.logged(digest_bytes(token), *names, kind=EntryKind.STATUS_LIST, at=AT)
    lists = (EnclosedList(data=token, log_proof=listed),)
    shown = country.sd_jwt()
    text = shown.token.text.encode("ascii")
    for name, document, digest in (
        ("permit.evidence.json", certificate, certificate.digest),
        ("permit.sd-jwt.evidence.json", shown, digest_bytes(text)),
    ):
        proofs = (country.logged(digest, *names),)
        enclosed = Enclosures(log_proofs=proofs, status_lists=lists)
        (HERE / name).write_bytes(Evidence.of(document, enclosed, trust=trust).dump())
    (HERE / "trust-list.json").write_bytes(trust.dump())
    (HERE / "root.txt").write_text(signer.public_multibase + "\n", encoding="ascii")
    policy = {
        "format": "oneservice-policy/1",
        "name": "everything",
        "require": [
            "archive",
            {"status_known": {"max_age_days": 1}},
            {"any_of": [{"witnessed": {"at_least": 2, "by": ["audit-office", "university"]}}]},
        ],
    }
    (HERE / "policy.json").write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
