"""Bundles of real offices: their certificates bear identifiers of GB/T 36904, named without URN."""

from __future__ import annotations

from datetime import UTC, date, datetime

from oneservice.case import StepSpec, SubCase, SubCaseStatus
from oneservice.certificates import Claims, Cryptosuite, SigningKey, issue
from oneservice.relying.audit_findings import _decided

ID = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3"


def test_a_decision_is_held_against_the_identifier_as_bundles_name_it() -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    at = datetime(2026, 10, 14, 3, tzinfo=UTC)
    claims = Claims(
        id=ID,
        type="food_permit",
        title={"zh": "食品经营许可证"},
        issuer_id="https://office.example/issuer",
        issuer_name={"zh": "局"},
        issuer_region="990101",
        holder_name="李记面馆",
        valid_from=date(2026, 10, 14),
    )
    paper = issue(
        claims,
        key=key,
        verification_method=f"{claims.issuer_id}#{key.public_multibase}",
        created=at,
    )
    assert paper.document["id"] == f"urn:gbt-36904:{ID}"
    spec = StepSpec(
        id="food_permit",
        step_id="food_permit",
        department="market-regulation",
        kind="decision",
        requires=(),
        promised_days=8,
        promised_unit="working_days",
        statutory_days=20,
        statutory_unit="working_days",
        correction="pause",
        on_overdue="none",
    )
    sub = SubCase(
        spec=spec,
        status=SubCaseStatus.GRANTED,
        decided_at=at,
        outcome={"certificate": paper.document},
    )
    assert _decided(sub)["certificate_id"] == ID == paper.id
    broken = SubCase(
        spec=spec, status=SubCaseStatus.GRANTED, decided_at=at, outcome={"certificate": {"id": 7}}
    )
    assert _decided(broken)["certificate_id"] is None
