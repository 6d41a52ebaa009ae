"""What a stranger's verification says of a seal: rules, mandate, log, in one report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    CheckResult,
    Cryptosuite,
    Enclosures,
    Entitlement,
    ListedKey,
    ListedLog,
    Policy,
    SealedUnder,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    Verdict,
    add_proof,
    examine,
)
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import NoteSigner

OPENING = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SINCE = OPENING - timedelta(days=365)
CLERK = "village-clerk:990101-03"
POLICY = Policy.standard().also(SealedUnder(), name="sealed")


class Keeper:
    """A log that is opened for each use."""

    def __init__(self, folder: Path) -> None:
        pem = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022).to_pem(None)
        self.folder, self.signer = folder, NoteSigner.from_pem(pem, name="990101.example/log")
        TileLog.create(folder, self.signer).close()

    async def enter(self, entries: Any) -> Any:
        tiles = TileLog(self.folder, self.signer)
        async with LogKeeper(tiles) as keeper, EntryLog(keeper) as log:
            return await log.enter(entries)


@pytest.fixture
def story(office: Callable[..., Any], tmp_path: Path) -> Any:
    """A clerk's seal under a mandate, logged, and the trust list of the region."""
    log = Keeper(tmp_path / "log")
    at = office(log=log)
    at.book.mandate(at.mandate(), at=OPENING)
    asked = at.document()
    request = at.lock.request(asked, requester=CLERK, mandate_id="m:1")
    at.found = asyncio.run(at.lock.seal(asked, request))
    issuer = at.issuer
    at.trust = TrustStore(
        territory="990101",
        version=1,
        issued_at=SINCE,
        expires_at=OPENING + timedelta(days=365),
        issuers=(
            TrustedIssuer(
                id=issuer.id,
                name={"en": "County"},
                region="990101",
                keys=(
                    ListedKey.for_certificates(
                        issuer.id, at.key.public_multibase, valid_from=SINCE
                    ),
                ),
                entitlements=(Entitlement(type="food_permit", region="990101", valid_from=SINCE),),
            ),
        ),
        logs=(ListedLog(origin="990101.example/log", vkey=log.signer.key.vkey, valid_from=SINCE),),
        seals=at.listed(),
    )
    return at


def report(at: Any, receipt: Any, *, trust: TrustStore | None = None, **changes: Any) -> Any:
    found = examine(
        canonical({**at.found.document, **changes}),
        trust=trust or at.trust,
        at=OPENING + timedelta(days=10),
        policy=POLICY,
        enclosures=Enclosures(seal_receipt=receipt),
    )
    (check,) = [one for one in found.checks if one.name == "seal"]
    return found, check


def test_a_village_clerks_seal_stands_in_the_report(story: Any) -> None:
    found, check = report(story, story.found.receipt.as_json())
    assert check.result is CheckResult.PASS, check.evidence
    assert check.evidence["requester"] == CLERK
    assert check.evidence["mandate"] == "m:1"
    assert check.evidence["mandate_granted_by"] == "county:registrar"
    assert check.evidence["log"] == "990101.example/log"
    assert check.at == OPENING
    assert found.verdict is Verdict.VALID


def test_no_receipt_no_verdict(story: Any) -> None:
    found, check = report(story, None)
    assert check.result is CheckResult.NOT_CHECKED
    assert found.verdict is Verdict.INDETERMINATE


def test_a_receipt_of_another_document_fails(story: Any) -> None:
    asked = story.document(2)
    other = asyncio.run(
        story.lock.seal(asked, story.lock.request(asked, requester=CLERK, mandate_id="m:1"))
    )
    found, check = report(story, other.receipt.as_json())
    assert check.result is CheckResult.FAIL
    assert found.verdict is Verdict.INVALID


def test_a_seal_that_the_list_does_not_know_cannot_be_judged(story: Any) -> None:
    found, check = report(
        story, story.found.receipt.as_json(), trust=replace(story.trust, seals=())
    )
    assert check.result is CheckResult.NOT_CHECKED
    assert found.verdict is Verdict.INDETERMINATE


def test_a_use_that_no_log_holds_proves_nothing(story: Any) -> None:
    """Who stole the key writes the rest of a receipt himself: rules are public, records paper."""
    bare = replace(story.found.receipt, log_proof=None, log_salt=None)
    found, check = report(story, bare.as_json())
    assert check.result is CheckResult.NOT_CHECKED
    assert "does not show that a log holds" in check.evidence["why"]
    assert check.evidence["requester"] == CLERK, "what it says is told all the same"
    assert found.verdict is Verdict.INDETERMINATE
    found, check = report(story, story.found.receipt.as_json(), trust=replace(story.trust, logs=()))
    assert found.verdict is Verdict.INDETERMINATE
    assert check.result is CheckResult.NOT_CHECKED


def test_a_receipt_of_another_day_does_not_bring_back_the_rules_of_that_day(story: Any) -> None:
    """A key in wrong hands signs today, and a receipt says that it was when rules were lax."""
    words = {name: one for name, one in story.found.document.items() if name != "proof"}
    signed_later = add_proof(
        words,
        key=story.key,
        verification_method=story.lock.key_id,
        created=OPENING + timedelta(days=5),
    )
    found, check = report(story, story.found.receipt.as_json(), proof=signed_later["proof"])
    assert check.result is CheckResult.FAIL
    assert (found.verdict, found.reason) == (Verdict.INVALID, "forged")


def test_a_receipt_that_nobody_asked_for_and_no_log_holds_stands_in_no_way(story: Any) -> None:
    bare = replace(story.found.receipt, log_proof=None, log_salt=None)
    found = examine(
        canonical(story.found.document),
        trust=story.trust,
        at=OPENING + timedelta(days=10),
        enclosures=Enclosures(seal_receipt=bare.as_json()),
    )
    assert found.verdict is Verdict.VALID
