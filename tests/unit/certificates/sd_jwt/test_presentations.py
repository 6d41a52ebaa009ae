"""From claims to a presentation and back: what is shown, what is kept, who may rely on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws as stranger_jws
from joserfc.jwk import ECKey
from sd_jwt.verifier import SDJWTVerifier

from oneservice.certificates import (
    Cryptosuite,
    Curve,
    DisclosureProfile,
    EnclosedList,
    Enclosures,
    ListIssuer,
    Policy,
    Publication,
    PublishedStatus,
    SdJwt,
    SigningKey,
    StatusEntry,
    combine,
    examine,
    jwk_of,
    key_of_jwk,
    read_claims_payload,
    verify_presentation,
    write_status_lists,
)
from oneservice.errors import (
    CertificateRevokedError,
    HolderUnprovenError,
    KeyUnusableError,
    MalformedCertificateError,
    PolicyInvalidError,
)

NOW = datetime(2027, 3, 1, 4, tzinfo=UTC)
VERIFIER, NONCE = "https://landlord.example", "n-0S6_WzA2Mj"


def test_all_shown_the_claims_come_back(workshop: Any, placed: StatusEntry) -> None:
    for changes in (
        {},
        {"status": placed},
        {"valid_until": None, "number": None, "zone": "-03:30"},
    ):
        issued = workshop.issue(**changes)
        read = SdJwt.parse(issued.dump())
        assert read == issued
        again = read_claims_payload(read.claims)
        assert again == read_claims_payload(issued.claims)
        for name, value in changes.items():
            assert getattr(again, name) == value
    assert read_claims_payload(workshop.issue().claims) == workshop.claims


def test_the_same_input_gives_the_same_bytes(workshop: Any) -> None:
    assert workshop.issue().dump() == workshop.issue().dump()


def test_a_shop_is_shown_without_the_owners_number(workshop: Any) -> None:
    shown = workshop.issue().disclosing(("holder_name",), ("result", "seats"), ("conditions", 1))
    bound = shown.bound(key=workshop.holder, audience=VERIFIER, nonce=NONCE, at=NOW)
    told = verify_presentation(
        bound.dump(), trust=workshop.trust, at=NOW, audience=VERIFIER, nonce=NONCE
    ).claims
    assert told["holder_name"] == "Li's Noodles"
    assert told["result"] == {"seats": 40}
    assert told["conditions"] == ["Hot food only."]
    assert "holder_code" not in told
    assert b"92990101MA99000523" not in bound.dump()
    assert len(shown.disclosures) == 3


def test_a_path_brings_all_within_it(workshop: Any) -> None:
    profile = DisclosureProfile(hidden=(("result",), ("result", "*"), ("result", "premises", "*")))
    issued = workshop.issue(profile=profile)
    assert len(issued.disclosures) == 5
    deep = issued.disclosing(("result", "premises", "floor"))
    assert [one.name for one in deep.disclosures] == ["floor", "premises", "result"]
    assert deep.claims["result"] == {"premises": {"floor": 2}}
    assert issued.disclosing(("result",)).claims == issued.claims
    assert "result" not in issued.disclosing().claims


@pytest.mark.parametrize("path", [("nothing",), ("result", "stars"), ("conditions", 9), ("iss", 0)])
def test_what_is_not_there_cannot_be_shown(workshop: Any, path: tuple[Any, ...]) -> None:
    with pytest.raises(MalformedCertificateError, match="nothing to disclose"):
        workshop.issue().disclosing(path)


def test_decoys_hide_how_much_is_kept_back(workshop: Any) -> None:
    profile = DisclosureProfile(hidden=(("holder_name",), ("result", "seats")), decoys=7)
    issued = workshop.issue(profile=profile)
    payload = issued.token.payload
    assert (len(payload["_sd"]), len(payload["result"]["_sd"])) == (8, 8)
    assert payload["_sd"] == sorted(payload["_sd"])
    assert workshop.reason(issued) == "valid"


def test_a_certificate_that_hides_nothing_has_no_digests(workshop: Any) -> None:
    issued = workshop.issue(profile=DisclosureProfile())
    assert not issued.disclosures
    assert not {"_sd", "_sd_alg"} & issued.token.payload.keys()
    assert workshop.reason(issued.dump()) == "valid"


@pytest.mark.parametrize(
    "hidden",
    [
        ("iss",),
        ("exp",),
        ("cnf",),
        ("cnf", "jwk"),
        ("status",),
        ("vct",),
        ("issuer_region",),
        ("is_sandbox",),
    ],
)
def test_what_decides_is_never_hidden(
    workshop: Any, placed: StatusEntry, hidden: tuple[str, ...]
) -> None:
    with pytest.raises(MalformedCertificateError, match="never is"):
        workshop.issue(profile=DisclosureProfile(hidden=(hidden,)), status=placed)


@pytest.mark.parametrize(
    "salts", [iter(()), iter(["short"] * 99), iter(["_26bc4LT-ac6q2KI6cBW5es"] * 99)]
)
def test_salts_are_long_fresh_and_enough(workshop: Any, salts: Any) -> None:
    with pytest.raises(MalformedCertificateError, match="salt"):
        workshop.issue(salts=salts)


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_reserved_names_are_no_claims(workshop: Any, name: str) -> None:
    with pytest.raises(MalformedCertificateError, match="reserved"):
        workshop.issue(result={name: 1})


def test_profiles_are_data(workshop: Any) -> None:
    profile = DisclosureProfile(hidden=(("result", "*"), ("holder_name",)), decoys=3, vct="urn:x:1")
    assert DisclosureProfile.of(profile.as_json()) == profile
    assert DisclosureProfile.of({"hidden": []}) == DisclosureProfile()
    assert workshop.issue(profile=profile).type == "urn:x:1"
    for bent in (
        {},
        {"hidden": "holder_name"},
        {"hidden": [[]]},
        {"hidden": [[1.5]]},
        {"hidden": [], "decoys": 65},
        {"hidden": [], "decoys": True},
        {"hidden": [], "vct": 1},
        {"hidden": [], "shown": []},
    ):
        with pytest.raises(MalformedCertificateError):
            DisclosureProfile.of(bent)


@pytest.mark.parametrize("zone", ["+08:00", "+14:00", "+00:00", "-05:00"])
def test_papers_without_end_are_dated_9999(workshop: Any, zone: str) -> None:
    """That date is customary for what is valid without end; west of it time itself ends before."""
    endless: dict[str, Any] = {"valid_until": date(9999, 12, 31), "zone": zone}
    if zone.startswith("+") and zone != "+00:00":
        assert read_claims_payload(workshop.issue(**endless).claims).valid_until == date(
            9999, 12, 31
        )
        return
    with pytest.raises(MalformedCertificateError):
        workshop.issue(**endless)


def test_ed25519_seals_sign_no_jwt(workshop: Any) -> None:
    edwards = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    with pytest.raises(KeyUnusableError, match="ES256"):
        workshop.issue().bound(key=edwards, audience=VERIFIER, nonce=NONCE, at=NOW)
    with pytest.raises(KeyUnusableError, match="ES256"):
        workshop.issue(holder_key=edwards.public_key)


def test_p384_signs_with_its_own_algorithm(workshop: Any) -> None:
    longer = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P384)
    issued = workshop.issue(holder_key=longer.public_key)
    bound = issued.bound(key=longer, audience=VERIFIER, nonce=NONCE, at=NOW)
    assert bound.key_binding is not None
    assert bound.key_binding.algorithm == "ES384"
    assert workshop.reason(bound.dump(), audience=VERIFIER, nonce=NONCE) == "valid"
    assert key_of_jwk(jwk_of(longer.public_key)) == longer.public_key


@pytest.mark.parametrize(
    "said",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"alg": "ES384"},
        {"alg": "ECDH-ES"},
        {"use": 1},
    ],
)
def test_a_key_for_something_else_proves_no_holder(workshop: Any, said: dict[str, Any]) -> None:
    """RFC 7517 sections 4.2 to 4.4: what the key is for, where the JWK says so."""
    jwk = jwk_of(workshop.holder.public_key)
    fit = {"use": "sig", "key_ops": ["verify"], "alg": "ES256", "kid": "1", "ext": True}
    assert key_of_jwk(jwk | fit) == workshop.holder.public_key
    with pytest.raises(MalformedCertificateError, match="for something else"):
        key_of_jwk(jwk | said)


@pytest.mark.parametrize("odd", [None, 1, [], {}, ["P-256"], "p-256"])
def test_a_curve_that_is_no_name_is_malformed(workshop: Any, odd: Any) -> None:
    for name in ("crv", "kty", "x", "y"):
        with pytest.raises(MalformedCertificateError):
            key_of_jwk(jwk_of(workshop.holder.public_key) | {name: odd})


def test_naive_instants_are_none(workshop: Any) -> None:
    naive = datetime(2027, 1, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="zone"):
        workshop.issue(issued_at=naive)
    with pytest.raises(ValueError, match="zone"):
        workshop.issue().bound(key=workshop.holder, audience=VERIFIER, nonce=NONCE, at=naive)
    assert workshop.reason(workshop.issue(), at=naive) == "indeterminate"


def test_a_presentation_is_for_its_occasion_only(workshop: Any) -> None:
    asked = {"audience": VERIFIER, "nonce": NONCE}
    bound = workshop.issue().bound(key=workshop.holder, **asked, at=NOW)
    assert workshop.reason(bound, **asked) == "valid"
    assert workshop.reason(bound, **asked, at=NOW + timedelta(minutes=6)) == "holder_unproven"
    assert workshop.reason(bound, **asked, at=NOW - timedelta(minutes=2)) == "holder_unproven"
    less = bound.disclosing(("holder_name",))
    assert less.key_binding is None
    with pytest.raises(HolderUnprovenError):
        verify_presentation(less, trust=workshop.trust, at=NOW, **asked)
    with pytest.raises(PolicyInvalidError, match="both"):
        workshop.examine(bound, audience=VERIFIER)


def test_a_report_names_every_check(workshop: Any) -> None:
    report = workshop.examine(workshop.issue())
    assert [check.name for check in report.checks][:5] == [
        "parse",
        "proof",
        "key_listed",
        "key_valid",
        "issuer_entitled",
    ]
    told = {check.name: check for check in report.checks}
    assert told["proof"].evidence["algorithm"] == "ES256"
    assert told["holder"].result == "not_checked"
    unread = workshop.examine(b"?")
    assert len(unread.checks) == len(report.checks)


def test_who_trusts_nobody_can_tell_nothing(workshop: Any) -> None:
    assert workshop.reason(workshop.issue(), trust=None) == "indeterminate"
    assert workshop.reason(workshop.issue(), policy=Policy()) == "indeterminate"


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ({"valid_until": datetime(2026, 10, 1, tzinfo=UTC)}, "unknown_issuer"),
        ({"valid_until": datetime(2026, 11, 1, tzinfo=UTC)}, "valid"),
        ({"valid_from": datetime(2026, 11, 1, tzinfo=UTC)}, "unknown_issuer"),
        ({"compromised_at": datetime(2026, 10, 1, tzinfo=UTC)}, "unknown_issuer"),
        ({"compromised_at": datetime(2026, 11, 1, tzinfo=UTC)}, "indeterminate"),
    ],
)
def test_keys_have_days(workshop: Any, days: dict[str, Any], reason: str) -> None:
    dated = type(workshop)(key=workshop.key, holder=workshop.holder, listed=days)
    assert dated.reason(dated.issue()) == reason


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(2026, 10, 13, 15, 59, 59, tzinfo=UTC), "not_yet_valid"),
        (datetime(2026, 10, 13, 16, tzinfo=UTC), "valid"),
        (datetime(2031, 10, 13, 15, 59, 59, tzinfo=UTC), "valid"),
        (datetime(2031, 10, 13, 16, tzinfo=UTC), "expired"),
    ],
)
def test_days_begin_and_end_in_the_issuers_zone(workshop: Any, at: datetime, reason: str) -> None:
    assert workshop.reason(workshop.issue(), at=at) == reason


def test_a_list_says_that_it_was_taken_back(workshop: Any, placed: StatusEntry) -> None:
    issued = workshop.issue(status=placed)
    issuer = ListIssuer(id=workshop.claims.issuer_id, key=workshop.key, key_id=workshop.kid)
    reasons = {}
    for value in (0, 1, 2, 3):
        values = bytearray(131_072 // 4)
        values[placed.index >> 2] |= value << (2 * (placed.index & 3))
        lists = write_status_lists(
            bytes(values),
            uri=placed.uri,
            issuer=issuer,
            issued_at=NOW - timedelta(hours=1),
            expires_at=NOW + timedelta(days=1),
            ttl_s=3600,
        )
        status = PublishedStatus.of(lists.values(), trust=workshop.trust)
        reasons[value] = workshop.reason(issued, status=status)
        if value == 1:
            with pytest.raises(CertificateRevokedError):
                verify_presentation(issued, trust=workshop.trust, at=NOW, status=status)
    assert reasons == {0: "valid", 1: "revoked", 2: "suspended", 3: "indeterminate"}
    assert workshop.reason(issued) == "indeterminate"


def test_a_list_may_come_along(workshop: Any, placed: StatusEntry) -> None:
    issued = workshop.issue(status=placed)
    lists = write_status_lists(
        bytes(131_072 // 4),
        uri=placed.uri,
        issuer=ListIssuer(id=workshop.claims.issuer_id, key=workshop.key, key_id=workshop.kid),
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=1),
        ttl_s=3600,
    )
    enclosed = Enclosures(status_lists=(EnclosedList(data=lists[Publication.TOKEN]),))
    assert workshop.reason(issued, enclosures=enclosed) == "valid"
    assert workshop.reason(issued, enclosures=enclosed, at=NOW + timedelta(days=2)) == (
        "indeterminate"
    )
    report = examine(issued.dump(), trust=workshop.trust, at=NOW, enclosures=enclosed)
    assert report.reason is None


def test_strangers_read_what_we_write(workshop: Any) -> None:
    """The reference implementation and joserfc take our certificates, and refuse bent ones."""
    from jwcrypto.jwk import JWK  # noqa: PLC0415 - comes with sd-jwt

    issued = workshop.issue().disclosing(("holder_name",), ("result", "seats"))
    bound = issued.bound(key=workshop.holder, audience=VERIFIER, nonce=NONCE, at=NOW)
    public = jwk_of(workshop.key.public_key)
    told = SDJWTVerifier(
        bound.dump().decode(), lambda _issuer, _header: JWK(**public), VERIFIER, NONCE
    ).get_verified_payload()
    assert told == bound.claims
    key = ECKey.import_key({**public})
    assert stranger_jws.deserialize_compact(issued.token.text, key, algorithms=["ES256"])
    with pytest.raises(Exception, match=r".*"):
        SDJWTVerifier(
            bound.dump().decode().replace("~", "~WyJ4Il0~", 1),
            lambda _issuer, _header: JWK(**jwk_of(workshop.thief.public_key)),
        )


def test_a_p384_seal_issues_es384(workshop: Any, placed: StatusEntry) -> None:
    seal = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P384)
    longer = type(workshop)(key=seal, holder=workshop.holder)
    issued = longer.issue(status=placed)
    assert issued.token.algorithm == "ES384"
    lists = write_status_lists(
        bytes(131_072 // 4),
        uri=placed.uri,
        issuer=ListIssuer(id=longer.claims.issuer_id, key=seal, key_id=longer.kid),
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=1),
        ttl_s=3600,
    )
    for trust in (longer.trust, combine([longer.trust])):
        status = PublishedStatus.of([lists[Publication.TOKEN]], trust=trust)
        assert longer.reason(issued.dump(), trust=trust, status=status) == "valid"
