"""The check ``seal`` of a report: a real lock, and its receipt beside the certificate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    Certificate,
    CheckResult,
    Enclosures,
    Entitlement,
    ListedKey,
    Policy,
    Report,
    SealedUnder,
    TrustedIssuer,
    TrustStore,
    examine,
)

OPENING = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SEAL = "https://county.example/seals/permits"
SINCE = OPENING - timedelta(days=365)
POLICY = Policy.standard().also(SealedUnder(seals=(SEAL,)))
Opens = Callable[..., Any]


def trust_of(office: Any, **changes: Any) -> TrustStore:
    key = ListedKey.for_certificates(
        office.issuer.id, office.key.public_multibase, valid_from=SINCE
    )
    right = Entitlement(type="food_permit", region="990101", valid_from=SINCE)
    issuer = TrustedIssuer(
        id=office.issuer.id,
        name=office.issuer.name,
        region="990101",
        keys=(key,),
        entitlements=(right,),
    )
    given: dict[str, Any] = {
        "territory": "990100",
        "version": 1,
        "issued_at": SINCE,
        "expires_at": OPENING + timedelta(days=3650),
        "issuers": (issuer,),
        "seals": office.listed(),
    }
    return TrustStore(**given | changes)


def sealed(office: Any, number: int = 1) -> tuple[Certificate, Any]:
    asked = office.document(number)
    request = office.lock.request(asked, requester="county:registrar")
    found = asyncio.run(office.lock.seal(asked, request))
    return Certificate.of(found.document), found.receipt


def report(certificate: Certificate, receipt: Any, trust: TrustStore, **asked: Any) -> Report:
    enclosed = Enclosures.of({"seal_receipt": receipt.as_json()})
    at = OPENING + timedelta(days=1)
    return examine(
        certificate, **{"trust": trust, "at": at, "policy": POLICY, "enclosures": enclosed, **asked}
    )


def check_of(found: Report) -> Any:
    return next(one for one in found.checks if one.name == "seal")


def test_a_receipt_shows_who_might_seal_and_what_it_leaves_open(office: Opens) -> None:
    at = office(daily_count=3)
    certificate, receipt = sealed(at)
    found = report(certificate, receipt, trust_of(at))
    assert found.reason is None, found.message
    check = check_of(found)
    assert check.result is CheckResult.PASS
    assert check.evidence["requester"] == "county:registrar"
    assert any("count of that day" in one for one in check.evidence["not_judged"])
    assert check.at == OPENING


def test_a_receipt_is_looked_at_even_if_nobody_asks(office: Opens) -> None:
    at = office()
    certificate, receipt = sealed(at)
    _, other = sealed(at, 2)
    standard = Policy.standard()
    assert report(certificate, receipt, trust_of(at), policy=standard).reason is None
    found = report(certificate, other, trust_of(at), policy=standard)
    assert (found.reason, check_of(found).result) == ("forged", CheckResult.FAIL)


def test_a_seal_that_nobody_lists_proves_nothing(office: Opens) -> None:
    at = office()
    certificate, receipt = sealed(at)
    unlisted = trust_of(at, seals=())
    assert report(certificate, receipt, unlisted).reason == "indeterminate"
    assert report(certificate, receipt, unlisted, policy=Policy.standard()).reason is None


def test_rules_that_the_list_does_not_name_are_no_rules(office: Opens) -> None:
    at = office()
    certificate, receipt = sealed(at)
    other = replace(at.listed()[0], policy_digest="sha256:" + "0" * 64)
    assert report(certificate, receipt, trust_of(at, seals=(other,))).reason == "unknown_issuer"


@pytest.mark.parametrize("seals", [("https://county.example/seals/other",)])
def test_the_policy_may_name_the_seal(office: Opens, seals: tuple[str, ...]) -> None:
    at = office()
    certificate, receipt = sealed(at)
    asked = Policy.standard().also(SealedUnder(seals=seals))
    assert report(certificate, receipt, trust_of(at), policy=asked).reason == "indeterminate"


def test_a_changed_receipt_is_told_apart(office: Opens) -> None:
    at = office()
    certificate, receipt = sealed(at)
    words = receipt.as_json()
    words["record"]["at"] = "2026-09-28T02:00:00Z"
    enclosed = Enclosures.of({"seal_receipt": words})
    found = report(certificate, receipt, trust_of(at), enclosures=enclosed)
    assert found.reason in {"forged", "malformed"}
