"""Five different truths for "no", one for "cannot tell", and the time that counts for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    Certificate,
    CertificateState,
    CheckName,
    CheckResult,
    Cryptosuite,
    Entitlement,
    Policy,
    SigningKey,
    StatusFinding,
    TrustStore,
    Verdict,
    add_proof,
    encode_base58,
    examine,
    verify,
)
from oneservice.certificates.proofs import hash_data
from oneservice.errors import (
    CertificateRevokedError,
    CertificateSuspendedError,
    ExpiredCertificateError,
    ForgedCertificateError,
    IssuerNotEntitledError,
    NotYetValidError,
    StatusUnknownError,
    TrustListError,
    UnknownIssuerError,
    VerificationError,
)

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)  # as the fixture signs
AT = datetime(2027, 3, 1, tzinfo=UTC)
ROTATED = datetime(2028, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Register:
    """A status source that knows one thing."""

    state: CertificateState | None
    since: datetime = OPENED

    def status_of(self, certificate: Certificate, *, at: datetime) -> StatusFinding | None:
        assert certificate.id
        if self.state is None:
            return None
        state = self.state if at >= self.since else CertificateState.GOOD
        return StatusFinding(state=state, evidence={"list_version": 7})


def reason(certificate: Certificate, trust: TrustStore | None, at: datetime, **more: Any) -> str:
    """Return the one reason on which the report and the exception must agree."""
    report = examine(certificate, trust=trust, at=at, **more)
    if report.verdict is Verdict.VALID:
        assert report.reason is None
        assert verify(certificate, trust=trust, at=at, **more).report == report
        return "valid"
    with pytest.raises(VerificationError) as caught:
        verify(certificate, trust=trust, at=at, **more)
    assert (report.reason, report.message) == (caught.value.code, str(caught.value))
    return caught.value.code


def test_one_certificate_at_five_points_in_time(office: Any) -> None:
    certificate = office.issue()
    office.keys = (office.listed(valid_until=ROTATED),)
    revoked = Register(CertificateState.REVOKED, since=datetime(2030, 1, 1, tzinfo=UTC))
    answers = [
        reason(certificate, office.trust, at, status=revoked)
        for at in (
            datetime(2026, 10, 13, tzinfo=UTC),
            AT,
            ROTATED + timedelta(days=30),
            datetime(2030, 6, 1, tzinfo=UTC),
            datetime(2032, 1, 1, tzinfo=UTC),
        )
    ]
    assert answers == ["not_yet_valid", "valid", "valid", "revoked", "expired"]


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("2026-10-13T15:59:59Z", "not_yet_valid"),  # 23:59:59 the day before, in Beijing
        ("2026-10-13T16:00:00Z", "valid"),
        ("2026-10-14T00:00:00+08:00", "valid"),
        ("2031-10-13T15:59:59Z", "valid"),
        ("2031-10-13T23:59:59+08:00", "valid"),
        ("2031-10-13T16:00:00Z", "expired"),
    ],
)
def test_days_are_the_issuers_days(office: Any, at: str, answer: str) -> None:
    assert reason(office.issue(), office.trust, datetime.fromisoformat(at)) == answer


def test_without_an_end_it_never_expires(office: Any) -> None:
    certificate = office.issue(valid_until=None)
    assert reason(certificate, office.trust, datetime(2039, 12, 31, tzinfo=UTC)) == "valid"


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (CertificateState.SUSPENDED, CertificateSuspendedError),
        (CertificateState.REVOKED, CertificateRevokedError),
        (None, StatusUnknownError),
    ],
)
def test_status(
    office: Any, state: CertificateState | None, error: type[VerificationError]
) -> None:
    with pytest.raises(error):
        verify(office.issue(), trust=office.trust, at=AT, status=Register(state))
    good = Register(CertificateState.GOOD)
    verify(office.issue(), trust=office.trust, at=AT, status=good)


def test_a_named_status_list_that_is_not_at_hand_is_not_passed_over(office: Any) -> None:
    document = {name: v for name, v in office.issue().document.items() if name != "proof"}
    document["credentialStatus"] = {"id": "https://a.example/list#5", "type": "BitstringStatusList"}
    method = f"{office.id}#{office.key.public_multibase}"
    signed = add_proof(document, key=office.key, verification_method=method, created=SIGNED)
    certificate = Certificate.of(signed)
    assert reason(certificate, office.trust, AT) == "indeterminate"
    good = Register(CertificateState.GOOD)
    assert reason(certificate, office.trust, AT, status=good) == "valid"


def test_an_issuer_that_nobody_lists_is_unknown(
    office: Any, make_office: Callable[..., Any]
) -> None:
    assert reason(make_office().issue(), office.trust, AT) == "unknown_issuer"


def test_a_key_that_is_not_the_issuers_is_not_believed(office: Any) -> None:
    certificate = office.issue()
    office.keys = (
        replace(office, key=SigningKey.generate(Cryptosuite.ECDSA_JCS_2019), keys=()).listed(),
    )
    assert reason(certificate, office.trust, AT) == "unknown_issuer"


def test_another_office_cannot_sign_in_this_ones_name(
    office: Any, make_office: Callable[..., Any]
) -> None:
    other = make_office()
    certificate = other.issue(issuer_id=office.id)
    office.others = (other.entry,)
    with pytest.raises(ForgedCertificateError):
        verify(certificate, trust=office.trust, at=AT)


@pytest.mark.parametrize(
    ("days", "answer"),
    [
        ({"valid_from": SIGNED + timedelta(seconds=1)}, "unknown_issuer"),
        ({"valid_from": SIGNED}, "valid"),
        ({"valid_until": SIGNED}, "unknown_issuer"),
        ({"valid_until": SIGNED + timedelta(seconds=1)}, "valid"),
        ({"compromised_at": SIGNED}, "unknown_issuer"),
        ({"compromised_at": SIGNED - timedelta(days=9)}, "unknown_issuer"),
        # Only the thief's or the issuer's own clock says "before": nobody can tell.
        ({"compromised_at": SIGNED + timedelta(days=9)}, "indeterminate"),
    ],
)
def test_a_key_counts_in_its_own_days(office: Any, days: dict[str, Any], answer: str) -> None:
    certificate = office.issue()
    office.keys = (office.listed(**days),)
    assert reason(certificate, office.trust, AT) == answer
    check = examine(certificate, trust=office.trust, at=AT).checks[3]
    assert (check.name, check.at) == (CheckName.KEY_VALID, SIGNED)
    assert "issuer's own word" in check.evidence["clock"]


@pytest.mark.parametrize(
    "entitlement",
    [
        Entitlement(type="fire_check", region="990101", valid_from=OPENED),
        Entitlement(type="food_permit", region="980201", valid_from=OPENED),
        Entitlement(type="food_permit", region="990102", valid_from=OPENED),
        Entitlement(type="food_permit", region="990101", valid_from=SIGNED + timedelta(days=1)),
        Entitlement(type="food_permit", region="990101", valid_from=OPENED, valid_until=SIGNED),
    ],
)
def test_an_issuer_needs_the_right_for_type_place_and_day(
    office: Any, entitlement: Entitlement
) -> None:
    certificate = office.issue()
    office.entitlements = (entitlement,)
    with pytest.raises(IssuerNotEntitledError):
        verify(certificate, trust=office.trust, at=AT)
    office.entitlements = (
        *office.entitlements,
        Entitlement(type="food_permit", region="000000", valid_from=OPENED),
    )
    verify(certificate, trust=office.trust, at=AT)


def test_an_expired_list_cannot_tell_but_an_expired_certificate_is_expired(office: Any) -> None:
    certificate = office.issue()
    office.expires_at = datetime(2028, 1, 1, tzinfo=UTC)
    assert reason(certificate, office.trust, AT) == "valid"
    with pytest.raises(TrustListError):
        verify(certificate, trust=office.trust, at=datetime(2029, 1, 1, tzinfo=UTC))
    late = examine(certificate, trust=office.trust, at=datetime(2029, 1, 1, tzinfo=UTC))
    assert (late.verdict, late.reason) == (Verdict.INDETERMINATE, "trust_list")
    assert reason(certificate, office.trust, datetime(2033, 1, 1, tzinfo=UTC)) == "expired"


def test_an_expired_list_does_not_know_who_came_after_it(
    office: Any, make_office: Callable[..., Any]
) -> None:
    """Whoever was listed in a later edition is not "unknown" because this one is too old."""
    late = datetime(2030, 6, 1, tzinfo=UTC)
    stranger, fresh = make_office(), replace(office, key=make_office().key)
    for issuer in (stranger, fresh):
        known = issuer.issue(created=late)
        assert reason(known, office.trust, late) == "unknown_issuer"
        office.expires_at = datetime(2028, 1, 1, tzinfo=UTC)
        assert reason(known, office.trust, late) == "trust_list"
        office.expires_at = datetime(2040, 1, 1, tzinfo=UTC)
    office.expires_at = datetime(2028, 1, 1, tzinfo=UTC)
    # Of the days before it was published the list knew all there was to know.
    early = stranger.issue(created=OPENED)
    assert reason(early, office.trust, late) == "unknown_issuer"


def test_an_expired_list_does_not_know_what_was_entitled_after_it(office: Any) -> None:
    certificate = office.issue(type="drainage_permit")
    assert reason(certificate, office.trust, AT) == "not_entitled"
    office.expires_at = AT - timedelta(days=1)
    assert reason(certificate, office.trust, AT) == "trust_list"


def test_what_is_signed_later_did_not_exist_before(office: Any) -> None:
    certificate = office.issue(created=SIGNED + timedelta(days=5))
    assert reason(certificate, office.trust, SIGNED) == "not_yet_valid"
    assert reason(certificate, office.trust, AT) == "valid"


def test_a_proof_may_expire_before_the_certificate(office: Any) -> None:
    document = {name: v for name, v in office.issue().document.items() if name != "proof"}

    options = dict(office.issue().document["proof"])
    del options["proofValue"]
    options["expires"] = "2027-01-01T00:00:00Z"
    value = encode_base58(office.key.sign(hash_data(options, document, office.key.curve)))
    certificate = Certificate.of(document | {"proof": options | {"proofValue": value}})
    assert reason(certificate, office.trust, datetime(2026, 12, 1, tzinfo=UTC)) == "valid"
    assert reason(certificate, office.trust, AT) == "expired"


def test_nobody_trusted_nothing_told(office: Any) -> None:
    with pytest.raises(StatusUnknownError):
        verify(office.issue(), trust=None, at=AT)


@pytest.mark.parametrize(
    "policy",
    [
        Policy(),
        Policy.asking(CheckName.DATES),
        Policy.asking(CheckName.PARSE),
    ],
)
def test_an_empty_policy_refuses(office: Any, policy: Policy) -> None:
    report = examine(office.issue(), trust=office.trust, at=AT, policy=policy)
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "indeterminate")
    with pytest.raises(StatusUnknownError):
        verify(office.issue(), trust=office.trust, at=AT, policy=policy)


def test_the_dangerous_policy_still_wants_the_proof_and_the_dates(office: Any) -> None:
    policy = Policy.dangerously_believe_any_issuer()
    certificate = office.issue()
    assert reason(certificate, None, AT, policy=policy) == "valid"
    assert reason(certificate, None, datetime(2040, 1, 1, tzinfo=UTC), policy=policy) == "expired"
    changed = certificate.document | {"name": [{"@language": "en", "@value": "King"}]}
    assert reason(Certificate.of(changed), None, AT, policy=policy) == "forged"


@pytest.mark.parametrize("name", list(CheckName)[2:])
def test_what_is_asked_for_is_never_passed_over(
    office: Any, make_office: Callable[..., Any], name: CheckName
) -> None:
    """A policy that asks for one more thing gets it, or gets no certificate."""
    policy = Policy.asking(CheckName.PARSE, CheckName.PROOF, name)
    unlisted = examine(make_office().issue(), trust=office.trust, at=AT, policy=policy)
    no_need = {CheckName.DATES, CheckName.STATUS}
    assert (unlisted.verdict is Verdict.VALID) is (name in no_need)
    check = next(one for one in unlisted.checks if one.name == name)
    assert check.result is CheckResult.PASS or "reason" in check.evidence or name in no_need
    unasked = {CheckName.LOGGED, CheckName.WITNESSED, CheckName.TIME, CheckName.SEAL}
    listed = examine(office.issue(), trust=office.trust, at=AT, policy=policy)
    unmet = name in unasked | {CheckName.HOLDER, CheckName.RECOGNISED}
    assert listed.verdict is (Verdict.INDETERMINATE if unmet else Verdict.VALID)


def test_a_time_without_a_zone_is_no_time(office: Any) -> None:
    with pytest.raises(StatusUnknownError):
        verify(office.issue(), trust=office.trust, at=datetime(2027, 1, 1))  # noqa: DTZ001


def test_every_report_names_every_check_in_order(office: Any) -> None:
    changed = canonical(office.issue().document | {"id": "urn:x:other"})
    for data in (office.issue().dump(), changed, b"", b"{}"):
        report = examine(data, trust=office.trust, at=AT)
        assert [check.name for check in report.checks] == list(CheckName)
        written = report.as_json()
        json.dumps(written)
        assert all(set(one) == {"name", "result", "evidence"} for one in written["checks"])
        for check in report.checks:
            assert check.result is CheckResult.PASS or check.evidence["why"]


def test_after_a_failing_proof_nothing_else_is_judged(office: Any) -> None:
    changed = office.issue().document
    changed["credentialSubject"]["holderName"] = "Eve"
    report = examine(canonical(changed), trust=office.trust, at=datetime(2050, 1, 1, tzinfo=UTC))
    results = [check.result for check in report.checks]
    assert (report.verdict, report.reason) == (Verdict.INVALID, "forged")
    assert results[:2] == [CheckResult.PASS, CheckResult.FAIL]
    assert set(results[2:]) == {CheckResult.NOT_CHECKED}


def test_a_verified_certificate_says_what_it_rests_on(office: Any) -> None:
    verified = verify(office.issue(is_sandbox=True), trust=office.trust, at=AT)
    assert verified.claims.holder == "Li's Noodles"
    assert verified.claims.valid_until == date(2031, 10, 13)
    assert (verified.issuer, verified.at) == (office.entry, AT)
    assert verified.history_digest is None
    assert verified.report.checks[0].evidence["is_sandbox"] is True


@pytest.mark.parametrize(
    "error",
    [NotYetValidError, ExpiredCertificateError, UnknownIssuerError],
)
def test_reasons_are_told_apart(error: type[VerificationError]) -> None:
    codes = {kind.code for kind in VerificationError.__subclasses__()}
    assert error.code in codes
    assert len(codes) == len(VerificationError.__subclasses__())
