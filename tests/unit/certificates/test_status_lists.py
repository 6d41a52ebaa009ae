"""Status lists: official encodings, both standards from one register, and when nothing is told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from oneservice.canonical import canonical
from oneservice.certificates import (
    Certificate,
    CertificateState,
    Cryptosuite,
    Entitlement,
    ListIssuer,
    Publication,
    PublishedStatus,
    SigningKey,
    StatusEntry,
    StatusList,
    add_proof,
    examine,
    jwk_of,
    read_references,
    write_status_lists,
)
from oneservice.certificates.base64url import decode_base64url
from oneservice.certificates.jose import sign_jws
from oneservice.certificates.status_bits import bit_at, decompress, value_at
from oneservice.errors import MalformedCertificateError, VerificationError

URI = "https://certificates.example/990101/status/1"
AT = datetime(2027, 3, 1, 4, tzinfo=UTC)
PLACE = StatusEntry(uri=URI, index=94_567)
GOOD, SUSPENDED, REVOKED = CertificateState


@pytest.fixture
def office(make_office: Callable[..., Any]) -> Any:
    return make_office("market-regulation")


def issuer_of(office: Any) -> ListIssuer:
    return ListIssuer(
        id=office.id, key=office.key, key_id=f"{office.id}#{office.key.public_multibase}"
    )


def values(value: int = 0, index: int = PLACE.index, entries: int = 131_072) -> bytes:
    made = bytearray(entries // 4)
    made[index >> 2] |= value << (2 * (index & 3))
    return bytes(made)


def lists(office: Any, value: int = 0, **changes: Any) -> dict[Publication, bytes]:
    asked: dict[str, Any] = {
        "uri": URI,
        "issuer": issuer_of(office),
        "issued_at": AT - timedelta(hours=1),
        "expires_at": AT + timedelta(hours=1),
        "ttl_s": 600,
    }
    return write_status_lists(values(value), **{**asked, **changes})


def state(certificate: Certificate, office: Any, *documents: bytes, **more: Any) -> Any:
    at = more.pop("at", AT)
    source = PublishedStatus.of(documents, trust=more.pop("trust", office.trust), **more)
    found = source.status_of(certificate, at=at)
    assert (found is None) == bool(source.why_unknown(certificate, at=at))
    return source.why_unknown(certificate, at=at) if found is None else found.state


# --- official encodings -----------------------------------------------------------------------


def test_the_official_encodings(vectors: Path) -> None:
    cases = json.loads((vectors / "token-status-list" / "encodings.json").read_bytes())
    assert [case["bits"] for case in cases] == [1, 2, 4, 8]
    for case in cases:
        packed = decode_base64url(case["status_list"]["lst"], what="list")
        unpacked, width = decompress(packed, gzip=False), case["bits"]
        assert len(unpacked) * 8 // width == case["entries"]
        stated = dict(map(tuple, case["not_zero"]))
        for index, value in stated.items():
            assert value_at(unpacked, width, index) == value
        set_ = sum(byte.bit_count() for byte in unpacked)
        assert set_ == sum(value.bit_count() for value in stated.values())
        assert value_at(unpacked, width, case["entries"]) is None
        assert value_at(unpacked, width, -1) is None


def test_the_small_examples_of_the_text(vectors: Path) -> None:
    examples = json.loads((vectors / "token-status-list" / "examples.json").read_bytes())
    token = examples["status_list_jwt_raw.md"].replace("\n", "")
    read = StatusList.parse(token.encode())
    assert (read.uri, read.key_id) == ("https://example.com/statuslists/1", "12")
    stated = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    assert [read.value(index) for index in range(17)] == [*stated, None]
    two = json.loads(examples["status_list_encoding2_json.md"].partition("encoded:")[2])
    unpacked = decompress(decode_base64url(two["lst"], what="list"), gzip=False)
    assert [value_at(unpacked, 2, index) for index in range(12)] == [
        1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3,
    ]  # fmt: skip


def test_the_official_bitstring(vectors: Path) -> None:
    examples = json.loads((vectors / "bitstring-status-list" / "examples.json").read_bytes())
    shown = [one["json"] for one in examples if "json" in one]
    listed = next(one for one in shown if "BitstringStatusListCredential" in one["type"])
    encoded = listed["credentialSubject"]["encodedList"]
    unpacked = decompress(decode_base64url(encoded[1:], what="list"), gzip=True)
    assert len(unpacked) * 8 == 131_072
    assert {bit_at(unpacked, index) for index in (0, 94_567, 131_071)} == {0}
    references = read_references(examples[0]["json"]["credentialStatus"])
    assert [(one.publication.value, one.index) for one in references] == [
        ("revocation", 94_567),
        ("suspension", 23_452),
    ]


# --- entries in certificates ------------------------------------------------------------------


def test_a_certificate_names_one_index_in_three_lists(office: Any) -> None:
    certificate = office.issue(status=PLACE)
    written = certificate.document["credentialStatus"]
    assert [one["type"] for one in written] == [
        "TokenStatusListEntry",
        "BitstringStatusListEntry",
        "BitstringStatusListEntry",
    ]
    assert certificate.claims.status == PLACE
    assert read_references(written) == PLACE.references
    for bend in (
        lambda w: w[:2],
        lambda w: [w[0], w[1], {**w[2], "statusListIndex": "5"}],
        lambda w: [{**w[0], "idx": 5}, *w[1:]],
        lambda w: [{**w[0], "idx": "94567"}, *w[1:]],
        lambda w: [{**w[0], "uri": "list"}, *w[1:]],
        lambda w: [*w, {"type": "X"}],
    ):
        document = {k: v for k, v in certificate.document.items() if k != "proof"}
        document["credentialStatus"] = bend(written)
        with pytest.raises(MalformedCertificateError):
            Certificate.of(
                add_proof(document, key=office.key, verification_method="urn:k", created=AT)
            )


@pytest.mark.parametrize(
    "entry",
    [
        "x",
        [1],
        [{}] * 9,
        {"type": "TokenStatusListEntry", "uri": URI},
        {"type": "TokenStatusListEntry", "uri": URI, "idx": -1},
        {"type": "TokenStatusListEntry", "uri": URI, "idx": True},
        {"type": "TokenStatusListEntry", "uri": URI, "idx": 2**27},
        {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1"},
        *(
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": index,
                "statusListCredential": URI,
            }
            for index in (1, "-1", "+1", " 1", "1_0", "١", "1" * 10, "", None)
        ),
    ],
)
def test_misshapen_places_are_refused(entry: Any) -> None:
    with pytest.raises(MalformedCertificateError):
        read_references(entry)


def test_places_of_other_kinds_are_let_pass() -> None:
    for entry in (
        {"type": "RevocationList2020Status"},
        {"type": "BitstringStatusListEntry", "statusPurpose": "message"},
        {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusSize": 2},
    ):
        assert read_references(entry) == ()


# --- one register, both standards -------------------------------------------------------------


@pytest.mark.parametrize(("value", "due"), [(0, GOOD), (1, REVOKED), (2, SUSPENDED)])
def test_both_publications_say_the_same(office: Any, value: int, due: CertificateState) -> None:
    certificate, made = office.issue(status=PLACE), lists(office, value)
    token, *pair = (made[one] for one in Publication)
    assert state(certificate, office, token) == due
    assert state(certificate, office, *pair) == due
    assert state(certificate, office, token, *pair) == due
    report = examine(
        certificate,
        trust=office.trust,
        at=AT,
        status=PublishedStatus.of([token], trust=office.trust),
    )
    assert (report.reason or "valid") == {0: "valid", 1: "revoked", 2: "suspended"}[value]
    evidence = next(one for one in report.checks if one.name == "status").evidence["register"]
    assert evidence["list"] == URI
    assert evidence["index"] == PLACE.index


def test_a_stranger_reads_the_token(office: Any) -> None:
    key = ECKey.import_key({**jwk_of(office.key.public_key)})
    token = jwt.decode(lists(office, 1)[Publication.TOKEN].decode(), key, algorithms=["ES256"])
    assert token.header["typ"] == "statuslist+jwt"
    assert token.claims["sub"] == URI
    assert token.claims["ttl"] == 600
    assert token.claims["status_list"]["bits"] == 2


def test_one_bitstring_alone_tells_only_a_certain_no(office: Any) -> None:
    certificate = office.issue(status=PLACE)
    for value, publication, due in (
        (1, Publication.REVOCATION, REVOKED),
        (2, Publication.SUSPENSION, SUSPENDED),
    ):
        assert state(certificate, office, lists(office, value)[publication]) == due
    told = state(certificate, office, lists(office)[Publication.REVOCATION])
    assert "no suspension list" in told


def test_the_same_register_gives_the_same_bytes(office: Any) -> None:
    assert lists(office, 1) == lists(office, 1)


# --- history ----------------------------------------------------------------------------------


def test_each_moment_has_its_own_edition(office: Any) -> None:
    certificate = office.issue(status=PLACE)
    start = datetime(2027, 1, 1, tzinfo=UTC)
    history = [0, 2, 0, 1]
    editions = [
        lists(
            office,
            value,
            issued_at=start + timedelta(days=number),
            expires_at=start + timedelta(days=number, hours=30),
        )[Publication.TOKEN]
        for number, value in enumerate(history)
    ]
    at = {number: start + timedelta(days=number, hours=5) for number in range(-1, 6)}
    told = {
        n: state(certificate, office, *reversed(editions), at=moment) for n, moment in at.items()
    }
    assert [told[n] for n in range(4)] == [GOOD, SUSPENDED, GOOD, REVOKED]
    assert "had been issued by then" in told[-1]
    assert "spoke until" in told[5]
    assert told[4] == REVOKED or "spoke until" in told[4]


def test_the_newer_publication_counts(office: Any) -> None:
    certificate = office.issue(status=PLACE)
    earlier = lists(office, 2)
    later = lists(office, 0, issued_at=AT - timedelta(minutes=5))
    pair = [earlier[Publication.REVOCATION], earlier[Publication.SUSPENSION]]
    assert state(certificate, office, *pair, later[Publication.TOKEN]) == GOOD
    assert state(certificate, office, *pair, lists(office, 0)[Publication.TOKEN]) == SUSPENDED


def test_two_lists_of_one_moment_that_differ_tell_nothing(office: Any) -> None:
    certificate = office.issue(status=PLACE)
    both = [lists(office, value)[Publication.TOKEN] for value in (0, 1)]
    assert "differ" in state(certificate, office, *both)
    assert state(certificate, office, both[0], both[0]) == GOOD


# --- cannot tell ------------------------------------------------------------------------------


def test_what_is_too_old_elsewhere_or_out_of_range_tells_nothing(office: Any) -> None:
    certificate, token = office.issue(status=PLACE), lists(office, 1)[Publication.TOKEN]
    week = timedelta(days=7)
    assert "spoke until" in state(certificate, office, token, at=AT + week)
    assert "issued by then" in state(certificate, office, token, at=AT - week)
    assert "too old" in state(certificate, office, token, max_age=timedelta(minutes=1))
    elsewhere = lists(office, 1, uri=URI + "0")[Publication.TOKEN]
    assert "of that place" in state(certificate, office, elsewhere)
    beyond = office.issue(status=replace(PLACE, index=131_072))
    assert "131072 entries" in state(beyond, office, token)
    application = lists(office, 3)[Publication.TOKEN]
    assert "only to its issuer" in state(certificate, office, application)
    assert "names no status list" in state(office.issue(), office, token)
    assert "of that place" in state(certificate, office)


def test_a_list_of_another_purpose_does_not_answer(office: Any) -> None:
    """A bitstring under the URL of the revocation list that says it is about suspension."""
    certificate = office.issue(status=PLACE)
    document = json.loads(lists(office, 1)[Publication.REVOCATION])
    del document["proof"]
    document["credentialSubject"]["statusPurpose"] = "suspension"
    method = issuer_of(office).key_id
    signed = add_proof(document, key=office.key, verification_method=method, created=AT)
    assert "of that place" in state(certificate, office, canonical(signed))


def test_only_the_issuer_or_whom_the_list_entitles_takes_back(
    office: Any, make_office: Callable[..., Any]
) -> None:
    certificate, other = office.issue(status=PLACE), make_office("registry")
    token = lists(other, 1)[Publication.TOKEN]
    assert "does not name" in state(certificate, office, token)
    office.others = (other.entry,)
    assert "another issuer" in state(certificate, office, token)
    right = Entitlement(
        type="status-list", region="990000", valid_from=datetime(2026, 1, 1, tzinfo=UTC)
    )
    office.others = (replace(other.entry, entitlements=(right,)),)
    assert state(certificate, office, token) == REVOKED
    office.others = (replace(other.entry, entitlements=(replace(right, region="980000"),)),)
    assert "another issuer" in state(certificate, office, token)


def test_keys_of_lists_have_days(office: Any) -> None:
    certificate, token = office.issue(status=PLACE), lists(office, 1)[Publication.TOKEN]
    day = timedelta(days=1)
    for days, due in (
        ({"valid_until": AT - day}, "did not use"),
        ({"valid_until": AT}, REVOKED),
        ({"compromised_at": AT - day}, "stolen"),
        ({"compromised_at": AT}, "stolen"),
    ):
        office.keys = (office.listed(**days),)
        told = state(certificate, office, token)
        assert told == due or due in str(told)
    proven = {StatusList.parse(token).digest: AT - timedelta(minutes=30)}
    assert state(certificate, office, token, proven=proven) == REVOKED
    late = {StatusList.parse(token).digest: AT + timedelta(minutes=30)}
    assert "stolen" in state(certificate, office, token, proven=late)


def test_a_forged_list_is_no_news_about_the_certificate(office: Any) -> None:
    certificate, thief = office.issue(status=PLACE), SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    forger = replace(issuer_of(office), key=thief)
    for document in lists(office, 1, issuer=forger).values():
        assert "cannot be believed" in state(certificate, office, document) or "of that place" in (
            state(certificate, office, document)
        )
    assert "does not name" in state(
        certificate, office, lists(office, 1)[Publication.TOKEN], trust=None
    )
    report = examine(
        certificate,
        trust=office.trust,
        at=AT,
        status=PublishedStatus.of(lists(office, 1, issuer=forger).values(), trust=office.trust),
    )
    assert report.reason == "indeterminate"


def test_a_forged_list_does_not_hide_the_true_one(
    office: Any, make_office: Callable[..., Any]
) -> None:
    certificate, true = office.issue(status=PLACE), lists(office, 1)[Publication.TOKEN]
    thief = replace(issuer_of(office), key=SigningKey.generate(Cryptosuite.ECDSA_JCS_2019))
    other = make_office("registry")
    office.others = (other.entry,)
    newer = {"issued_at": AT - timedelta(minutes=1)}
    for junk in (
        lists(office, 0, issuer=thief, **newer),
        lists(office, 0, issuer=thief),
        lists(other, 0, **newer),
        lists(make_office("nobody"), 0, **newer),
    ):
        assert state(certificate, office, junk[Publication.TOKEN], true) == REVOKED
        assert state(certificate, office, true, junk[Publication.TOKEN]) == REVOKED


def test_foreign_credentials_with_one_purpose_are_answered(office: Any) -> None:
    document = {k: v for k, v in office.issue().document.items() if k not in ("proof", "id")}
    document["type"] = ["VerifiableCredential", "Alien"]
    document["credentialStatus"] = PLACE.as_json()[1]
    method = issuer_of(office).key_id
    alien = Certificate.of(
        add_proof(document, key=office.key, verification_method=method, created=AT)
    )
    made = lists(office, 2)
    assert state(alien, office, made[Publication.REVOCATION]) == GOOD
    assert state(alien, office, lists(office, 1)[Publication.REVOCATION]) == REVOKED


# --- reading ----------------------------------------------------------------------------------


def token_with(office: Any, *drop: str, typ: str = "statuslist+jwt", **change: Any) -> bytes:
    text = lists(office)[Publication.TOKEN].decode()
    claims = json.loads(base64.urlsafe_b64decode(text.split(".")[1] + "==="))
    kept = {name: value for name, value in {**claims, **change}.items() if name not in drop}
    return sign_jws(kept, key=office.key, typ=typ, key_id=issuer_of(office).key_id).text.encode()


@pytest.mark.parametrize(
    ("drop", "change"),
    [
        (("sub",), {}),
        (("iat",), {}),
        (("status_list",), {}),
        ((), {"sub": "list"}),
        ((), {"iss": "office"}),
        ((), {"iat": "now"}),
        ((), {"exp": True}),
        ((), {"ttl": 0}),
        ((), {"ttl": "1"}),
        ((), {"typ": "JWT"}),
        ((), {"status_list": []}),
        ((), {"status_list": {"bits": 3, "lst": "eNrbuRgAAhcBXQ"}}),
        ((), {"status_list": {"bits": True, "lst": "eNrbuRgAAhcBXQ"}}),
        ((), {"status_list": {"bits": 1, "lst": 5}}),
        ((), {"status_list": {"bits": 1, "lst": "eNrbuRgAAhcBXQ=="}}),
        ((), {"status_list": {"bits": 1, "lst": "H4sIAAAAAAAA"}}),
    ],
    ids=str,
)
def test_misshapen_tokens_are_refused(
    office: Any, drop: tuple[str, ...], change: dict[str, Any]
) -> None:
    with pytest.raises(MalformedCertificateError):
        StatusList.parse(token_with(office, *drop, **change))


def test_a_key_of_a_token_is_named_by_a_text(office: Any) -> None:
    claims = StatusList.parse(token_with(office))._signed.payload  # type: ignore[union-attr]
    numbered = sign_jws(claims, key=office.key, typ="statuslist+jwt", key_id=12)  # type: ignore[arg-type]
    with pytest.raises(MalformedCertificateError, match="kid"):
        StatusList.parse(numbered.text.encode())


def test_a_token_without_end_speaks_as_long_as_it_may_be_kept(office: Any) -> None:
    read = StatusList.parse(token_with(office, "exp"))
    assert read.expires_at - read.issued_at == timedelta(seconds=600)
    undated = StatusList.parse(token_with(office, "exp", "ttl"))
    assert undated.expires_at - undated.issued_at == timedelta(days=1)


def test_time_has_an_end(office: Any) -> None:
    late = StatusList.parse(token_with(office, "exp", iat=253_402_300_799))
    assert late.expires_at.year == 9999
    for bent in ({"iat": 253_402_300_800}, {"iat": -1}, {"ttl": 1e300}):
        with pytest.raises(MalformedCertificateError):
            StatusList.parse(token_with(office, **bent))
    document = json.loads(lists(office)[Publication.REVOCATION])
    del document["validUntil"]
    document["validFrom"] = "9999-12-31T23:59:59Z"
    assert StatusList.parse(json.dumps(document).encode()).expires_at.year == 9999


@pytest.mark.parametrize(
    "bend",
    [
        lambda d: d.pop("id"),
        lambda d: d.pop("issuer"),
        lambda d: d.update(type=["VerifiableCredential"]),
        lambda d: d.update({"@context": ["https://example.org"]}),
        lambda d: d["credentialSubject"].update(type="X"),
        lambda d: d["credentialSubject"].update(statusPurpose="refresh"),
        lambda d: d["credentialSubject"].update(encodedList="z123"),
        lambda d: d["credentialSubject"].update(encodedList="u123"),
        lambda d: d["credentialSubject"].update(encodedList=1),
        lambda d: d.update(validUntil="tomorrow"),
        lambda d: d.pop("proof"),
    ],
)
def test_misshapen_credentials_are_refused(office: Any, bend: Callable[[Any], Any]) -> None:
    document = json.loads(lists(office)[Publication.REVOCATION])
    bend(document)
    with pytest.raises(VerificationError):
        StatusList.parse(json.dumps(document).encode())


def test_short_lists_and_short_lives_are_not_written(office: Any) -> None:
    for asked in ({"expires_at": AT - timedelta(hours=2)}, {"ttl_s": 0}):
        with pytest.raises(MalformedCertificateError):
            lists(office, **asked)
    with pytest.raises(MalformedCertificateError):
        write_status_lists(
            bytes(16),
            uri=URI,
            issuer=issuer_of(office),
            issued_at=AT,
            expires_at=AT + timedelta(1),
            ttl_s=1,
        )
