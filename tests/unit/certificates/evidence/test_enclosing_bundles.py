"""Bundles that bring along what came beside their certificates (format /2)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from oneservice.canonical import canonical, digest, digest_bytes, sealed_digest
from oneservice.certificates import (
    Bundle,
    BundleReport,
    Certificate,
    CertificateState,
    Component,
    EnclosedList,
    Enclosures,
    Entitlement,
    Policy,
    Publication,
    StatusEntry,
    Verdict,
    bundle_claims,
    document_kind,
    issue,
    verify_chain,
)
from oneservice.errors import MalformedCertificateError
from oneservice.transparency import EntryKind

if TYPE_CHECKING:
    from tests.unit.certificates.evidence.conftest import Country

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
SEALED = SIGNED + timedelta(hours=2)
AT = datetime(2027, 3, 1, tzinfo=UTC)
OFFICE = "https://certificates.example/990101/market-regulation"
BUNDLES = Entitlement(type="case_bundle", region="990100", valid_from=OPENED)


def record() -> dict[str, Any]:
    made: dict[str, Any] = {
        "v": 1,
        "case_id": "c42",
        "seq": 1,
        "at": "2026-10-14T01:00:01Z",
        "prev": None,
        "kind": "opened",
    }
    salt, data = "0" * 32, {"thing": "restaurant"}
    own = digest(made | {"data_digest": sealed_digest(salt, data)})
    return made | {"salt": salt, "data": data, "digest": own}


def enclosing(country: Country, permit: Certificate) -> Enclosures:
    """A log proof, and the status list of the day of sealing."""
    token = country.lists(issued_at=SIGNED, days=1)[Publication.TOKEN]
    listed = country.logged(
        digest_bytes(token), "audit", kind=EntryKind.STATUS_LIST, at=SIGNED + timedelta(hours=1)
    )
    return Enclosures(
        log_proofs=(country.logged(permit.digest, "audit"),),
        status_lists=(EnclosedList(data=token, log_proof=listed),),
    )


def made(country: Country, *, bare: bool = False) -> Bundle:
    country.further = (BUNDLES,)
    trust = country.trust.signed(
        key=country.holder, signer_id="https://990100.example/trust", created=OPENED
    )
    permit, journal = country.certificate(), [record()]
    plan: dict[str, Any] = {"thing": "restaurant"}
    claims = bundle_claims(
        id="urn:oneservice:bundle:c42",
        title={"en": "Opening a restaurant"},
        issuer_id=OFFICE,
        issuer_name={"en": "Market regulation"},
        issuer_region="990101",
        holder_name="Li's Noodles",
        plan_digest=digest(plan),
        journal=verify_chain(journal),
        components=(
            Component(
                sub_case_id="food_permit",
                decision="granted",
                decided_on=date(2026, 10, 14),
                certificate_id=permit.id,
                digest=permit.digest,
            ),
        ),
        concluded_on=date(2026, 10, 14),
    )
    keystone = issue(claims, key=country.key, verification_method=country.method, created=SEALED)
    beside = {permit.digest: enclosing(country, permit), "sha256:" + "0" * 64: Enclosures()}
    return Bundle.of(
        keystone,
        certificates=(permit,),
        plan=plan | {"digest": digest(plan)},
        journal=journal,
        trust=trust,
        enclosures=None if bare else beside,
    )


def judged(country: Country, data: Any, **asked: Any) -> BundleReport:
    report = country.report(data, **asked)
    assert isinstance(report, BundleReport)
    return report


def test_what_came_beside_is_kept_and_judged(country: Country) -> None:
    bundle = made(country)
    data = bundle.dump()
    assert json.loads(data)["format"] == "oneservice-bundle/2"
    assert document_kind(data) == "bundle"
    assert Bundle.parse(data).dump() == data
    report = judged(country, data, at=SEALED)
    assert report.verdict is Verdict.VALID, report.message
    (part,) = report.components
    results = {one.name: one.result for one in part.report.checks}
    assert results["logged"] == results["status"] == results["time"] == "pass"
    assert {one.name: one.result for one in report.checks}["enclosures"] == "pass"


def test_without_anything_beside_it_is_the_format_of_old(country: Country) -> None:
    data = made(country, bare=True).dump()
    assert json.loads(data)["format"] == "oneservice-bundle/1"
    assert "enclosures" not in json.loads(data)


def test_later_it_is_still_the_record_of_its_day(country: Country) -> None:
    """Nobody has a list of today; on the day of the seal there was one, and it lies in the file."""
    bundle = made(country)
    report = judged(country, bundle)
    (part,) = report.components
    assert (report.verdict, part.is_state_unknown, part.has_ended) == (Verdict.VALID, True, False)
    assert part.report.reason == "indeterminate"
    current = judged(country, bundle, all_current=True)
    assert (current.verdict, current.reason) == (Verdict.INDETERMINATE, "indeterminate")
    bare = judged(country, made(country, bare=True))
    assert bare.verdict is Verdict.INDETERMINATE


def test_taken_back_since_and_good_when_it_was_sealed(country: Country) -> None:
    bundle = made(country)
    revoked = country.status(CertificateState.REVOKED)
    report = judged(country, bundle, status=revoked)
    (part,) = report.components
    assert (report.verdict, part.has_ended, part.report.reason) == (Verdict.VALID, True, "revoked")
    assert "food_permit (revoked)" in report.message


def test_taken_back_before_it_was_sealed(country: Country) -> None:
    bundle = made(country)
    before = country.status(CertificateState.REVOKED, issued_at=SIGNED + timedelta(hours=1))
    report = judged(country, bundle, status=before, at=SEALED)
    assert (report.verdict, report.reason) == (Verdict.INVALID, "revoked")


def test_a_policy_for_each_certificate_is_met_by_what_is_enclosed(country: Country) -> None:
    bundle = made(country)
    report = judged(country, bundle, policy=Policy.archive(), at=SEALED)
    assert report.components[0].report.verdict is Verdict.VALID
    assert report.reason == "indeterminate"  # nothing lies beside the bundle certificate itself


def test_what_belongs_to_no_certificate_of_the_file_is_found(country: Country) -> None:
    document = json.loads(made(country).dump())
    (beside,) = document["enclosures"].values()
    document["enclosures"]["sha256:" + "0" * 64] = beside
    report = judged(country, canonical(document), at=SEALED)
    assert report.reason == "forged"
    document["enclosures"] = {"sha256:" + "0" * 64: beside}
    assert judged(country, canonical(document), at=SEALED).reason == "forged"


@pytest.mark.parametrize("value", [{}, [], None, {"sha256:1": {}}, {"x": {"log_proofs": []}}])
def test_misshapen_enclosures_are_malformed(country: Country, value: Any) -> None:
    document = json.loads(made(country).dump())
    document["enclosures"] = value
    with pytest.raises(MalformedCertificateError):
        Bundle.parse(canonical(document))
    del document["enclosures"]
    with pytest.raises(MalformedCertificateError):
        Bundle.parse(canonical(document))


def test_a_proof_of_another_certificate_is_false_in_a_bundle_too(country: Country) -> None:
    bundle = made(country)
    (permit,) = bundle.certificates
    other = country.certificate(status=StatusEntry(uri=f"{OFFICE}/status/1", index=5))
    wrong = Enclosures(log_proofs=(country.logged(other.digest, "audit"),))
    changed = replace(bundle, enclosures={permit.digest: wrong})
    assert judged(country, changed, at=SEALED, status=country.status()).reason == "log_proof"
