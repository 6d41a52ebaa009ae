"""One certificate in many situations: each has its own verdict and its own true reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    AnyOf,
    CertificateState,
    Cryptosuite,
    EnclosedList,
    Enclosures,
    Entitlement,
    HeldBy,
    Logged,
    Policy,
    PublishedStatus,
    RecognisedIn,
    Report,
    SealedUnder,
    SigningKey,
    StatusKnown,
    TimeProven,
    TimestampedBy,
    Verdict,
    Witnessed,
    combine,
)
from oneservice.transparency import NoteSigner

if TYPE_CHECKING:
    from tests.unit.certificates.evidence.conftest import Country

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
OFFICE = "https://certificates.example/990101/market-regulation"
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
AT = datetime(2027, 3, 1, tzinfo=UTC)
STANDARD = Policy.standard()
GOOD, REVOKED = CertificateState.GOOD, CertificateState.REVOKED

Situation = Callable[["Country"], Report]
SITUATIONS: dict[str, tuple[Situation, str | None]] = {}


def situation(reason: str | None) -> Callable[[Situation], Situation]:
    """Register a situation and the one reason that is true of it; ``None``: it is valid."""

    def add(make: Situation) -> Situation:
        SITUATIONS[make.__name__] = (make, reason)
        return make

    return add


@situation(None)
def good_with_a_register(c: Country) -> Report:
    return c.report(c.certificate(), status=c.status())


@situation(None)
def names_no_list_and_needs_none(c: Country) -> Report:
    return c.report(c.certificate(status=None))


@situation("malformed")
def cut_off(c: Country) -> Report:
    return c.report(c.certificate().dump()[:-2], status=c.status())


@situation("malformed")
def a_member_stands_twice(c: Country) -> Report:
    return c.report(c.certificate().dump()[:-1] + b',"id":"urn:x:1"}', status=c.status())


@situation("forged")
def a_word_was_changed(c: Country) -> Report:
    document = c.certificate().document
    document["credentialSubject"]["holderName"] = "Eve"
    return c.report(canonical(document), status=c.status())


@situation("unknown_cryptosuite")
def another_cryptosuite(c: Country) -> Report:
    document = c.certificate().document
    document["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    return c.report(canonical(document), status=c.status())


@situation("indeterminate")
def the_key_is_not_at_hand(c: Country) -> Report:
    document = c.certificate().document
    document["proof"]["verificationMethod"] = "https://certificates.example/990101/x#key-1"
    return c.report(canonical(document), trust=None)


@situation("not_yet_valid")
def before_its_first_day(c: Country) -> Report:
    at = datetime(2026, 10, 1, tzinfo=UTC)
    return c.report(c.certificate(), at=at, status=c.status(issued_at=at))


@situation("expired")
def after_its_last_day(c: Country) -> Report:
    at = datetime(2032, 1, 1, tzinfo=UTC)
    return c.report(c.certificate(), at=at, status=c.status(issued_at=at))


@situation("revoked")
def taken_back(c: Country) -> Report:
    return c.report(c.certificate(), status=c.status(REVOKED))


@situation("suspended")
def held_for_now(c: Country) -> Report:
    return c.report(c.certificate(), status=c.status(CertificateState.SUSPENDED))


@situation("revoked")
def taken_back_by_an_enclosed_list(c: Country) -> Report:
    token = next(iter(c.lists(REVOKED).values()))
    return c.report(
        c.certificate(), enclosures=Enclosures(status_lists=(EnclosedList(data=token),))
    )


@situation("revoked")
def the_newer_of_two_lists_counts(c: Country) -> Report:
    certificate = c.certificate()
    newer = c.status(REVOKED, issued_at=AT - timedelta(minutes=1))
    return c.report(certificate, status=newer, enclosures=c.enclosures(certificate, "audit"))


@situation("indeterminate")
def no_register_is_at_hand(c: Country) -> Report:
    return c.report(c.certificate())


@situation("indeterminate")
def the_list_is_too_old(c: Country) -> Report:
    return c.report(c.certificate(), status=c.status(issued_at=AT - timedelta(days=9)))


@situation("indeterminate")
def the_list_is_of_a_later_day(c: Country) -> Report:
    return c.report(c.certificate(), status=c.status(issued_at=AT + timedelta(days=1)))


@situation("indeterminate")
def the_list_is_forged(c: Country) -> Report:
    other = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    return c.report(c.certificate(), status=c.status(REVOKED, key=other))


@situation("indeterminate")
def the_list_is_older_than_the_policy_allows(c: Country) -> Report:
    return c.report(
        c.certificate(), status=c.status(), policy=STANDARD.also(StatusKnown(max_age_s=60))
    )


@situation("indeterminate")
def a_register_must_answer_also_where_none_is_named(c: Country) -> Report:
    return c.report(c.certificate(status=None), policy=STANDARD.also(StatusKnown()))


@situation("unknown_issuer")
def nobody_lists_the_issuer(c: Country) -> Report:
    certificate = c.certificate()
    c.key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    return c.report(certificate, status=c.status())


@situation("unknown_issuer")
def the_key_was_retired_before(c: Country) -> Report:
    c.key_days = {"valid_until": SIGNED - timedelta(days=1)}
    return c.report(c.certificate(status=None))


@situation(None)
def the_key_was_rotated_after(c: Country) -> Report:
    c.key_days = {"valid_until": SIGNED + timedelta(days=1)}
    return c.report(c.certificate(status=None))


@situation("unknown_issuer")
def signed_with_a_stolen_key(c: Country) -> Report:
    c.key_days = {"compromised_at": SIGNED - timedelta(days=1)}
    return c.report(c.certificate(status=None))


@situation("indeterminate")
def the_key_was_stolen_later_and_nothing_dates_it(c: Country) -> Report:
    c.key_days = {"compromised_at": SIGNED + timedelta(days=9)}
    return c.report(c.certificate(status=None))


@situation(None)
def the_key_was_stolen_later_and_a_witness_dates_it(c: Country) -> Report:
    c.key_days = {"compromised_at": SIGNED + timedelta(days=9)}
    certificate = c.certificate(status=None)
    proof = c.logged(certificate.digest, "audit")
    return c.report(certificate, enclosures=Enclosures(log_proofs=(proof,)))


@situation("indeterminate")
def the_key_was_stolen_before_any_witness_saw_it(c: Country) -> Report:
    c.key_days = {"compromised_at": SIGNED + timedelta(days=9)}
    certificate = c.certificate(status=None)
    proof = c.logged(certificate.digest, "audit", at=SIGNED + timedelta(days=10))
    return c.report(certificate, enclosures=Enclosures(log_proofs=(proof,)))


@situation("unknown_issuer")
def a_thief_dates_it_back_but_was_seen_before_the_key(c: Country) -> Report:
    c.key_days = {"valid_from": SIGNED}
    certificate = c.certificate(status=None)
    proof = c.logged(certificate.digest, "audit", at=SIGNED - timedelta(days=1))
    return c.report(certificate, enclosures=Enclosures(log_proofs=(proof,)))


@situation("not_entitled")
def not_its_business(c: Country) -> Report:
    c.entitlement = Entitlement(type="fire_check", region="990100", valid_from=OPENED)
    return c.report(c.certificate(), status=c.status())


@situation("trust_list")
def the_trust_list_ran_out(c: Country) -> Report:
    c.expires_at = datetime(2027, 1, 1, tzinfo=UTC)
    return c.report(c.certificate(status=None))


@situation("indeterminate")
def nobody_is_trusted(c: Country) -> Report:
    return c.report(c.certificate(), trust=None)


@situation(None)
def recognised_by_a_rule(c: Country) -> Report:
    trust = combine((c.trust, c.neighbour(c.rule())))
    policy = STANDARD.also(RecognisedIn(region="980201"))
    return c.report(c.certificate(status=None), trust=trust, policy=policy)


@situation("not_recognised")
def no_rule_lets_it_count(c: Country) -> Report:
    trust = combine((c.trust, c.neighbour(c.rule(type="fire_check"))))
    policy = STANDARD.also(RecognisedIn(region="980201"))
    return c.report(c.certificate(status=None), trust=trust, policy=policy)


@situation("not_recognised")
def the_rule_has_ended(c: Country) -> Report:
    ended = c.rule(valid_until=AT - timedelta(days=1))
    policy = STANDARD.also(RecognisedIn(region="980201"))
    trust = combine((c.trust, c.neighbour(ended)))
    return c.report(c.certificate(status=None), trust=trust, policy=policy)


@situation("indeterminate")
def the_accepting_regions_list_is_not_at_hand(c: Country) -> Report:
    """Our own list may not say what counts elsewhere."""
    c.rules = (c.rule(),)
    policy = STANDARD.also(RecognisedIn(region="980201"))
    return c.report(c.certificate(status=None), policy=policy)


@situation("trust_list")
def the_accepting_regions_list_ran_out(c: Country) -> Report:
    old = c.neighbour(expires_at=AT - timedelta(days=1))
    policy = STANDARD.also(RecognisedIn(region="980201"))
    trust = combine((c.trust, old))
    return c.report(c.certificate(status=None), trust=trust, policy=policy)


@situation("trust_list")
def the_accepting_regions_list_ran_out_with_a_rule(c: Country) -> Report:
    """A later edition may have ended the rule; both languages say so."""
    old = c.neighbour(c.rule(), expires_at=AT - timedelta(days=1))
    policy = STANDARD.also(RecognisedIn(region="980201"))
    trust = combine((c.trust, old))
    report = c.report(c.certificate(status=None), trust=trust, policy=policy)
    words = next(one for one in report.checks if one.name == "recognised").evidence["words"]
    assert words["en"] == report.message
    assert "expired" in words["en"]
    assert "过期" in words["zh"]
    return report


@situation(None)
def logged_and_witnessed_as_asked(c: Country) -> Report:
    certificate = c.certificate()
    policy = STANDARD.also(Logged(), Witnessed(at_least=2, by=("audit-office", "university")))
    enclosed = c.enclosures(certificate, "audit", "university")
    return c.report(certificate, enclosures=enclosed, policy=policy)


@situation("indeterminate")
def not_logged_though_asked(c: Country) -> Report:
    return c.report(c.certificate(status=None), policy=STANDARD.also(Logged()))


@situation("indeterminate")
def too_few_witnesses(c: Country) -> Report:
    certificate = c.certificate()
    enclosed = c.enclosures(certificate, "audit", "neighbour")
    policy = STANDARD.also(Witnessed(at_least=2, by=("audit-office", "university")))
    return c.report(certificate, enclosures=enclosed, policy=policy)


@situation("log_proof")
def the_log_proof_is_of_another_certificate(c: Country) -> Report:
    certificate, other = c.certificate(status=None), c.certificate(holder_name="Wang")
    proof = c.logged(other.digest, "audit")
    return c.report(certificate, enclosures=Enclosures(log_proofs=(proof,)))


@situation(None)
def the_log_is_nobodys_and_nobody_asked(c: Country) -> Report:
    certificate = c.certificate(status=None)
    proof = c.logged(certificate.digest, log=NoteSigner.generate("stranger.example/log"))
    return c.report(certificate, enclosures=Enclosures(log_proofs=(proof,)))


@situation("indeterminate")
def the_log_is_nobodys_and_somebody_asked(c: Country) -> Report:
    certificate = c.certificate(status=None)
    proof = c.logged(certificate.digest, log=NoteSigner.generate("stranger.example/log"))
    enclosed = Enclosures(log_proofs=(proof,))
    return c.report(certificate, enclosures=enclosed, policy=STANDARD.also(Logged()))


@situation("log_proof")
def another_key_in_the_name_of_the_log(c: Country) -> Report:
    """A signature by a known key's name and id that does not hold cannot be passed over."""
    certificate = c.certificate(status=None)
    proof = c.logged(certificate.digest)
    head, _, signature = proof.text.rpartition(" ")
    flipped = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    broken = type(proof)(text=f"{head} {flipped}", salt=proof.salt)
    return c.report(certificate, enclosures=Enclosures(log_proofs=(broken,)))


@situation("indeterminate")
def the_logs_key_was_stolen_and_no_witness_dates_the_head(c: Country) -> Report:
    c.log_days = {"compromised_at": SIGNED + timedelta(days=1)}
    certificate = c.certificate(status=None)
    enclosed = Enclosures(log_proofs=(c.logged(certificate.digest),))
    return c.report(certificate, enclosures=enclosed, policy=STANDARD.also(Logged()))


@situation(None)
def the_logs_key_was_stolen_after_a_witness_saw_the_head(c: Country) -> Report:
    c.log_days = {"compromised_at": SIGNED + timedelta(days=1)}
    certificate = c.certificate(status=None)
    enclosed = Enclosures(log_proofs=(c.logged(certificate.digest, "audit"),))
    return c.report(certificate, enclosures=enclosed, policy=STANDARD.also(Logged()))


@situation("indeterminate")
def the_only_witness_lost_its_key(c: Country) -> Report:
    c.witness_days = {"audit": {"compromised_at": AT}}
    certificate = c.certificate(status=None)
    enclosed = Enclosures(log_proofs=(c.logged(certificate.digest, "audit"),))
    return c.report(certificate, enclosures=enclosed, policy=STANDARD.also(TimeProven()))


@situation("indeterminate")
def the_time_is_proven_too_late_for_the_policy(c: Country) -> Report:
    certificate = c.certificate(status=None)
    enclosed = Enclosures(log_proofs=(c.logged(certificate.digest, "audit"),))
    policy = STANDARD.also(TimeProven(within_s=60))
    return c.report(certificate, enclosures=enclosed, policy=policy)


@situation("malformed")
def the_timestamp_is_none(c: Country) -> Report:
    certificate = c.certificate(status=None)
    return c.report(certificate, enclosures=Enclosures(timestamps=(b"0\x03\x02\x01\x00",)))


@situation("indeterminate")
def no_timestamp_though_asked(c: Country) -> Report:
    return c.report(c.certificate(status=None), policy=STANDARD.also(TimestampedBy()))


@situation("indeterminate")
def no_receipt_of_the_seal(c: Country) -> Report:
    return c.report(c.certificate(status=None), policy=STANDARD.also(SealedUnder()))


@situation("malformed")
def the_receipt_of_the_seal_is_none(c: Country) -> Report:
    certificate = c.certificate(status=None)
    return c.report(certificate, enclosures=Enclosures(seal_receipt={"format": "x"}))


@situation("indeterminate")
def a_credential_cannot_prove_its_holder(c: Country) -> Report:
    policy = STANDARD.also(HeldBy(audience="https://me.example", nonce="n1"))
    return c.report(c.certificate(status=None), policy=policy)


@situation(None)
def a_presentation_by_its_holder(c: Country) -> Report:
    shown = c.sd_jwt().bound(key=c.holder, audience="https://me.example", nonce="n1", at=AT)
    policy = STANDARD.also(HeldBy(audience="https://me.example", nonce="n1"))
    return c.report(shown.dump(), status=c.status(), policy=policy)


@situation("holder_unproven")
def a_presentation_for_somebody_else(c: Country) -> Report:
    shown = c.sd_jwt().bound(key=c.holder, audience="https://you.example", nonce="n1", at=AT)
    policy = STANDARD.also(HeldBy(audience="https://me.example", nonce="n1"))
    return c.report(shown.dump(), status=c.status(), policy=policy)


@situation("revoked")
def a_presentation_of_what_was_taken_back(c: Country) -> Report:
    return c.report(c.sd_jwt().dump(), status=c.status(REVOKED))


@situation("forged")
def a_presentation_with_a_changed_signature(c: Country) -> Report:
    head, tilde, rest = c.sd_jwt().dump().partition(b"~")
    changed = head[:-9] + (b"A" if head[-9:-8] != b"A" else b"B") + head[-8:]
    return c.report(changed + tilde + rest, status=c.status())


@situation("indeterminate")
def a_policy_that_asks_for_nothing(c: Country) -> Report:
    return c.report(c.certificate(status=None), policy=Policy())


@situation("indeterminate")
def a_policy_of_which_one_branch_needs_no_signature(c: Country) -> Report:
    policy = Policy(requires=AnyOf(STANDARD.requires, Logged()))
    return c.report(c.certificate(status=None), policy=policy)


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_has_its_own_reason(country: Country, name: str) -> None:
    make, due = SITUATIONS[name]
    report = make(country)
    assert report.reason == due, report.message
    unknown = {"indeterminate", "unknown_cryptosuite", "trust_list"}
    verdict = Verdict.VALID
    if due is not None:
        verdict = Verdict.INDETERMINATE if due in unknown else Verdict.INVALID
    assert report.verdict is verdict
    assert report.as_json()["verdict"] == verdict.value


def test_every_true_reason_of_a_no_is_there() -> None:
    reasons = {reason for _, reason in SITUATIONS.values()}
    assert reasons >= {
        "malformed",
        "forged",
        "expired",
        "not_yet_valid",
        "revoked",
        "suspended",
        "unknown_issuer",
        "not_entitled",
        "not_recognised",
        "holder_unproven",
        "indeterminate",
        "unknown_cryptosuite",
        "trust_list",
    }


ROTATED = datetime(2028, 1, 1, tzinfo=UTC)
MOMENTS = {
    "before": (datetime(2026, 10, 1, tzinfo=UTC), GOOD, "not_yet_valid"),
    "valid": (datetime(2027, 3, 1, tzinfo=UTC), GOOD, None),
    "key rotated": (datetime(2028, 6, 1, tzinfo=UTC), GOOD, None),
    "revoked": (datetime(2030, 6, 1, tzinfo=UTC), REVOKED, "revoked"),
    "expired": (datetime(2032, 1, 1, tzinfo=UTC), REVOKED, "expired"),
}


@pytest.mark.parametrize("form", ["credential", "presentation", "evidence"])
def test_five_points_in_time(country: Country, form: str) -> None:
    """The same certificate, its whole life in published lists, in each form."""
    country.key_days = {"valid_until": ROTATED}
    country.next_key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    fresh = {"key": country.next_key, "key_id": f"{OFFICE}#{country.next_key.public_multibase}"}
    certificate = country.certificate()
    document: Any = {
        "credential": certificate,
        "presentation": country.sd_jwt(),
        "evidence": country.evidence(certificate, "audit"),
    }[form]
    editions: list[bytes] = []
    for at, state, _ in MOMENTS.values():
        signer = fresh if at >= ROTATED else {}
        issued = at - timedelta(hours=1)
        editions += country.lists(state, issued_at=issued, **signer).values()
    register = PublishedStatus.of(editions, trust=country.trust)
    for name, (at, _, due) in MOMENTS.items():
        assert country.report(document, at=at, status=register).reason == due, name


def test_a_list_that_speaks_beyond_its_territory_is_told(country: Country) -> None:
    """The other region's list names our office; it is left out, and the report says so."""
    intruder = country.neighbour(issuers=country.trust.issuers)
    report = country.report(country.certificate(status=None), trust=combine((intruder,)))
    assert report.reason == "unknown_issuer"
    check = next(one for one in report.checks if one.name == "key_listed")
    assert "does not lie in 980200" in check.evidence["left_out"][0]["why"]
