"""Whose key made a cosignature, in which days; and how many must agree on the age of a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from oneservice.canonical import digest_bytes
from oneservice.certificates import (
    CertificateState,
    Enclosures,
    Policy,
    Publication,
    StatusKnown,
    Verdict,
    Witnessed,
)
from oneservice.certificates.enclosures import EnclosedList
from oneservice.transparency import EntryKind, NoteSigner, SignatureType

STANDARD = Policy.standard()
SIGNED = datetime(2026, 10, 14, 2, tzinfo=UTC)
ROTATED = SIGNED - timedelta(days=30)


def _rotated(country: Any) -> tuple[NoteSigner, Any]:
    """Let the audit office have a new key since ``ROTATED``; return it and the trust list."""
    old = next(one for one in country.trust.witnesses if one.name.startswith("audit"))
    fresh = NoteSigner.generate(old.name, type=SignatureType.COSIGNATURE_V1)
    retired = replace(old, valid_until=ROTATED)
    added = replace(old, vkey=fresh.key.vkey, valid_from=ROTATED)
    return fresh, replace(country.trust, witnesses=(retired, added))


def _judged(country: Any, trust: Any, *signers: NoteSigner) -> Any:
    certificate = country.certificate(status=None)
    keys = {str(place): signer for place, signer in enumerate(signers)}
    country.witnesses |= keys
    proof = country.logged(certificate.digest, *keys, at=SIGNED)
    enclosed = Enclosures(log_proofs=(proof,))
    policy = STANDARD.also(Witnessed())
    return country.report(certificate, policy=policy, enclosures=enclosed, trust=trust)


def test_a_retired_key_vouches_for_nothing_in_the_days_of_its_successor(country: Any) -> None:
    """A finding names the witness, and he is listed today; the key that he threw away is not."""
    _, trust = _rotated(country)
    report = _judged(country, trust, country.witnesses["audit"])
    assert report.verdict is Verdict.INDETERMINATE
    assert "no witness has cosigned" in report.message


def test_the_new_key_counts_whatever_the_old_one_adds(country: Any) -> None:
    fresh, trust = _rotated(country)
    assert _judged(country, trust, fresh).verdict is Verdict.VALID
    report = _judged(country, trust, country.witnesses["audit"], fresh)
    assert report.verdict is Verdict.VALID
    (check,) = [one for one in report.checks if one.name == "witnessed"]
    assert [one["at"] for one in check.evidence["witnesses"]] == ["2026-10-14T02:01:00Z"]


def test_one_witness_does_not_date_a_list_where_two_must_agree(country: Any) -> None:
    """The list's key was stolen; a single witness may be in league with the thief."""
    at = datetime(2027, 3, 1, tzinfo=UTC)
    issued = at - timedelta(hours=1)
    certificate = country.certificate()
    token = country.lists(CertificateState.GOOD, issued_at=issued)[Publication.TOKEN]

    def report(*names: str) -> Any:
        seen = country.logged(
            digest_bytes(token),
            *names,
            kind=EntryKind.STATUS_LIST,
            at=issued + timedelta(minutes=5),
        )
        own = country.logged(certificate.digest, "audit", "university")
        enclosed = Enclosures(
            log_proofs=(own,), status_lists=(EnclosedList(data=token, log_proof=seen),)
        )
        policy = STANDARD.also(Witnessed(at_least=2), StatusKnown())
        return country.report(certificate, policy=policy, enclosures=enclosed, at=at)

    country.key_days = {"compromised_at": at + timedelta(days=1)}
    assert report("audit", "university").verdict is Verdict.VALID
    alone = report("audit")
    assert alone.verdict is Verdict.INDETERMINATE
    assert "stolen" in alone.message


def test_one_witness_does_not_date_a_head_of_a_stolen_log_where_two_must_agree(
    country: Any,
) -> None:
    certificate = country.certificate(status=None)
    country.log_days = {"compromised_at": SIGNED + timedelta(days=9)}
    policy = STANDARD.also(Witnessed(at_least=2))
    for names, verdict in (
        (("audit", "university"), Verdict.VALID),
        (("audit",), Verdict.INDETERMINATE),
    ):
        enclosed = Enclosures(log_proofs=(country.logged(certificate.digest, *names),))
        report = country.report(certificate, policy=policy, enclosures=enclosed)
        assert report.verdict is verdict
        (check,) = [one for one in report.checks if one.name == "logged"]
        assert ("pass" if verdict is Verdict.VALID else "not_checked") == str(check.result)
