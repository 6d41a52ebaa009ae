"""A case with its papers as files, made once by the rooms themselves, for the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oneservice.canonical import canonical, digest, sealed_digest
from oneservice.certificates import (
    Bundle,
    Certificate,
    Claims,
    Component,
    Cryptosuite,
    Entitlement,
    JournalHead,
    ListedKey,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    bundle_claims,
    issue,
)
from oneservice.cli import program

ISSUER = "https://990101.example/market-regulation"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 2, tzinfo=UTC)
OFFICE = {"zh": "示例市市场监督管理局", "en": "Market Regulation Bureau of Sample City"}


def claims(**changes: Any) -> Claims:
    return Claims(
        **{
            "id": "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3",
            "type": "food_permit",
            "title": {"zh": "食品经营许可证", "en": "Food business permit"},
            "issuer_id": ISSUER,
            "issuer_name": OFFICE,
            "issuer_region": "990101",
            "holder_name": "李记面馆",
            "holder_code": "92990101MA99000523",
            "number": "JY29901010000018",
            "valid_from": date(2026, 10, 14),
            "valid_until": date(2031, 10, 13),
            **changes,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """A folder with a certificate, its bundle and journal, and the trust list that vouches."""

    folder: Path
    key: SigningKey

    @property
    def certificate(self) -> Path:
        return self.folder / "food_permit.json"

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.json"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def trust(self) -> Path:
        return self.folder / "trust-list.json"

    @staticmethod
    def records(count: int) -> list[dict[str, Any]]:
        return journal_records(count)

    def issued(self, **changes: Any) -> Certificate:
        return issue(
            claims(**changes),
            key=self.key,
            verification_method=f"{ISSUER}#{self.key.public_multibase}",
            created=SIGNED,
        )


def journal_records(count: int) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for seq in range(1, count + 1):
        envelope = {
            "v": 1,
            "case_id": "c-1",
            "seq": seq,
            "at": f"2026-10-{seq:02}T01:00:00Z",
            "prev": records[-1]["digest"] if records else None,
            "kind": "noted",
        }
        salt, data = f"{seq:032x}", {"note": "something happened"}
        own = digest({**envelope, "data_digest": sealed_digest(salt, data)})
        records.append({**envelope, "salt": salt, "data": data, "digest": own})
    return records


def trust_list(key: SigningKey) -> TrustStore:
    issuer = TrustedIssuer(
        id=ISSUER,
        name=OFFICE,
        region="990101",
        department="market-regulation",
        keys=(ListedKey.for_certificates(ISSUER, key.public_multibase, valid_from=SINCE),),
        entitlements=tuple(
            Entitlement(type=kind, region="990101", valid_from=SINCE)
            for kind in ("food_permit", "case_bundle")
        ),
    )
    store = TrustStore(
        territory="990101",
        version=1,
        issued_at=SINCE,
        expires_at=datetime(2036, 1, 1, tzinfo=UTC),
        issuers=(issuer,),
    )
    return store.signed(key=key, signer_id="https://990101.example/trust", created=SINCE)


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    """Return the papers of one concluded case, freshly written."""
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    made = Papers(folder=tmp_path, key=key)
    trust = trust_list(key)
    certificate = made.issued()
    records = journal_records(4)
    body = {"format": "oneservice-plan/1", "thing": "restaurant"}
    plan = {**body, "digest": digest(body)}
    head = JournalHead(case_id="c-1", seq=4, head=records[-1]["digest"])
    sealed = issue(
        bundle_claims(
            id="https://990101.example/bundles/c-1",
            title={"zh": "一件事办结凭证", "en": "Bundle of the case"},
            issuer_id=ISSUER,
            issuer_name=OFFICE,
            issuer_region="990101",
            holder_name="李记面馆",
            holder_code="92990101MA99000523",
            plan_digest=plan["digest"],
            journal=head,
            components=[
                Component(
                    sub_case_id="food_permit",
                    decision="granted",
                    decided_on=date(2026, 10, 14),
                    certificate_id=certificate.id,
                    digest=certificate.digest,
                )
            ],
            concluded_on=date(2026, 10, 14),
        ),
        key=key,
        verification_method=f"{ISSUER}#{key.public_multibase}",
        created=SIGNED,
    )
    bundle = Bundle.of(sealed, certificates=[certificate], plan=plan, journal=records, trust=trust)
    made.certificate.write_bytes(certificate.dump())
    made.bundle.write_bytes(bundle.dump())
    made.journal.write_bytes(b"".join(canonical(record) + b"\n" for record in records))
    made.trust.write_bytes(trust.dump())
    return made


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function that runs the command line in this process, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    runner = CliRunner()

    def invoke(*arguments: object, stdin: bytes | None = None) -> Result:
        words = [str(one) for one in arguments]
        result = runner.invoke(program, words, prog_name="oneservice", input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
