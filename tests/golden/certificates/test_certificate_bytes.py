"""Bytes that others hold for ten years: certificates, trust list, journal and bundle may not move.

Run this file as a script to write the golden files anew, and say in the changelog why they moved.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from oneservice.canonical import canonical, digest, digest_bytes, sealed_digest
from oneservice.certificates import (
    BUNDLE_TYPE,
    Bundle,
    CaseRecord,
    Certificate,
    Claims,
    Component,
    Curve,
    JournalSeal,
    SigningKey,
    TrustStore,
    Verdict,
    bundle_claims,
    controller_document,
    examine,
    examine_bundle,
    examine_journal,
    issue,
    verify_chain,
)

HERE = Path(__file__).resolve().parent
BASE = "https://certificates.example/990101"
SIGNED = datetime(2026, 10, 14, 3, 30, tzinfo=UTC)
AT = datetime(2027, 3, 1, tzinfo=UTC)


def throw_away_key(name: str, curve: Curve) -> SigningKey:
    """Derive a key from its name: known to everybody, good for nothing but these files."""
    seed = hashlib.sha256(name.encode()).digest()
    if curve is Curve.ED25519:
        return SigningKey(ed25519.Ed25519PrivateKey.from_private_bytes(seed))
    kind = ec.SECP256R1() if curve is Curve.P256 else ec.SECP384R1()
    return SigningKey(ec.derive_private_key(int.from_bytes(seed, "big"), kind))


KEYS = {
    "market-regulation": throw_away_key("market-regulation", Curve.P256),
    "fire-rescue": throw_away_key("fire-rescue", Curve.ED25519),
    "government-service-centre": throw_away_key("government-service-centre", Curve.P384),
    "list": throw_away_key("list", Curve.P256),
}
NAMES = {
    "market-regulation": {"zh": "市场监督管理局", "en": "Market regulation"},
    "fire-rescue": {"zh": "消防救援大队", "en": "Fire and rescue"},
    "government-service-centre": {"zh": "政务服务中心", "en": "Government service centre"},
}
TYPES = {
    "market-regulation": "food_permit",
    "fire-rescue": "fire_check",
    "government-service-centre": BUNDLE_TYPE,
}


def certificate(office: str, number: str, until: date | None) -> Certificate:
    claims = Claims(
        id=f"1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.{number}.001.3",
        type=TYPES[office],
        title={"zh": "食品经营许可证", "en": "Food permit"},
        issuer_id=f"{BASE}/{office}",
        issuer_name=NAMES[office],
        issuer_region="990101",
        holder_name="Li's Noodles 李记面馆",
        holder_code="92990101MA99000523",
        number=number,
        valid_from=date(2026, 10, 14),
        valid_until=until,
        conditions=("No raw fish.",),
        result={"main_format": "restaurant", "area_m2": "82.5"},
        evidence=CaseRecord(
            case_id="c42",
            submission_id=f"c42.{TYPES[office]}.1",
            request_digest=digest({"request": number}),
        ),
        is_sandbox=True,
    )
    key = KEYS[office]
    method = f"{BASE}/{office}#{key.public_multibase}"
    return issue(claims, key=key, verification_method=method, created=SIGNED)


def trust_store() -> TrustStore:
    """Open the list of format 1, which nobody writes any more and everybody still reads."""
    return TrustStore.parse((HERE / "trust-list.json").read_bytes())


def journal() -> list[dict[str, object]]:
    """Three records; the second was redacted for the applicant's sake."""
    records: list[dict[str, object]] = []
    prev = None
    contents = [
        ("opened", {"thing": "restaurant"}),
        ("applicant_named", {"name": "Li"}),
        ("granted", {"sub_case_id": "food_permit", "n": 2}),
    ]
    for seq, (kind, data) in enumerate(contents, start=1):
        salt = hashlib.sha256(f"salt {seq}".encode()).hexdigest()[:32]
        record: dict[str, object] = {
            "v": 1,
            "case_id": "c42",
            "seq": seq,
            "at": f"2026-10-14T01:00:0{seq}Z",
            "prev": prev,
            "kind": kind,
        }
        sealed = sealed_digest(salt, data)
        prev = digest(record | {"data_digest": sealed})
        kept = {"data_digest": sealed} if seq == 2 else {"salt": salt, "data": data}
        records.append(record | kept | {"digest": prev})
    return records


def bundle() -> Bundle:
    permit = certificate("market-regulation", "JY29901010000018", date(2031, 10, 13))
    check = certificate("fire-rescue", "XF2990101000001", None)
    plan = {"thing": "restaurant", "steps": ["food_permit", "fire_check", "signboard"]}
    plan["digest"] = digest(plan)
    trust, records = trust_store(), journal()
    day = date(2026, 10, 14)
    office = "government-service-centre"
    claims = bundle_claims(
        id="urn:oneservice:bundle:c42",
        title={"zh": "开办餐饮店", "en": "Opening a restaurant"},
        issuer_id=f"{BASE}/{office}",
        issuer_name=NAMES[office],
        issuer_region="990101",
        holder_name="Li's Noodles 李记面馆",
        holder_code="92990101MA99000523",
        plan_digest=digest({"thing": plan["thing"], "steps": plan["steps"]}),
        journal=verify_chain(records),
        components=(
            Component(
                sub_case_id="food_permit",
                decision="granted",
                decided_on=day,
                certificate_id=permit.id,
                digest=permit.digest,
            ),
            Component(
                sub_case_id="fire_check",
                decision="granted",
                decided_on=day,
                certificate_id=check.id,
                digest=check.digest,
            ),
            Component(sub_case_id="signboard", decision="refused", decided_on=day),
        ),
        concluded_on=day,
        trust_list_digest=digest_bytes(trust.dump()),
        is_sandbox=True,
    )
    key = KEYS[office]
    keystone = issue(
        claims,
        key=key,
        verification_method=f"{BASE}/{office}#{key.public_multibase}",
        created=SIGNED,
    )
    return Bundle.of(
        keystone, certificates=(permit, check), plan=plan, journal=records, trust=trust
    )


def golden() -> dict[str, bytes]:
    made = bundle()
    return {
        "certificate-ecdsa.json": made.certificates[0].dump(),
        "certificate-eddsa.json": made.certificates[1].dump(),
        "controller.json": canonical(controller_document(trust_store().issuers[0])),
        "trust-list.json": trust_store().dump(),
        "journal.jsonl": b"".join(canonical(record) + b"\n" for record in journal()),
        "bundle.json": made.dump(),
    }


@pytest.mark.parametrize("name", sorted(golden()))
def test_bytes_did_not_move(name: str) -> None:
    assert (HERE / name).read_bytes() == golden()[name]


def test_what_was_written_then_is_valid_now() -> None:
    root = KEYS["list"].public_multibase
    trust = TrustStore.parse((HERE / "trust-list.json").read_bytes(), root=root)
    for name in ("certificate-ecdsa.json", "certificate-eddsa.json"):
        data = (HERE / name).read_bytes()
        assert examine(data, trust=trust, at=AT).verdict is Verdict.VALID
        assert Certificate.parse(data).dump() == data
    report = examine_bundle((HERE / "bundle.json").read_bytes(), trust=trust, at=AT)
    assert (report.verdict, report.reason) == (Verdict.VALID, None)
    assert [one.sub_case_id for one in report.components] == ["food_permit", "fire_check"]
    seal = JournalSeal(head=verify_chain(journal()), by="us", name={"en": "Us"})
    journal_report = examine_journal((HERE / "journal.jsonl").read_bytes(), seals=[seal])
    assert journal_report.verdict is Verdict.VALID
    assert journal_report.checks[1].evidence["redacted"] == 1


if __name__ == "__main__":
    for file_name, content in golden().items():
        (HERE / file_name).write_bytes(content)
