"""What web servers of issuers answer, read with other people's software."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jws as stranger_jws
from joserfc.jwk import KeySet

from oneservice.certificates import (
    Cryptosuite,
    Curve,
    DisclosureProfile,
    ListedKey,
    SigningKey,
    holds_integrity,
    integrity_of,
    issuer_metadata,
    issuer_metadata_path,
    jwk_set,
    type_metadata,
)
from oneservice.errors import KeyUnusableError

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def listed(key: SigningKey, **days: Any) -> ListedKey:
    entry = ListedKey.for_certificates("https://o.example", key.public_multibase, valid_from=SINCE)
    return replace(entry, **days)


def test_a_stranger_verifies_with_the_published_keys(workshop: Any) -> None:
    issuer = workshop.trust.issuers[0]
    published = issuer_metadata(issuer)
    assert published["issuer"] == issuer.id
    keys = KeySet.import_key_set(json.loads(json.dumps(published["jwks"])))
    issued = workshop.issue().token
    assert stranger_jws.deserialize_compact(issued.text, keys, algorithms=["ES256"]).headers() == (
        issued.header
    )
    linked = issuer_metadata(issuer, jwks_uri="https://o.example/jwks.json")
    assert linked == {"issuer": issuer.id, "jwks_uri": "https://o.example/jwks.json"}


def test_which_keys_are_published(workshop: Any) -> None:
    make = SigningKey.generate
    rotated, stolen = (make(Cryptosuite.ECDSA_JCS_2019) for _ in range(2))
    longer = make(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P384)
    keys = (
        listed(rotated, valid_until=datetime(2026, 2, 1, tzinfo=UTC)),
        listed(stolen, compromised_at=datetime(2026, 3, 1, tzinfo=UTC)),
        listed(longer),
        listed(make(Cryptosuite.EDDSA_JCS_2022)),
    )
    issuer = replace(workshop.trust.issuers[0], keys=keys)
    told = jwk_set(issuer)["keys"]
    assert [(one["kid"], one["alg"]) for one in told] == [
        (keys[0].id, "ES256"),
        (keys[2].id, "ES384"),
    ]


@pytest.mark.parametrize(
    ("issuer", "path"),
    [
        ("https://example.com", "/.well-known/jwt-vc-issuer"),
        ("https://example.com/", "/.well-known/jwt-vc-issuer"),
        ("https://example.com/tenant/1234", "/.well-known/jwt-vc-issuer/tenant/1234"),
        ("https://example.com/tenant/1234/", "/.well-known/jwt-vc-issuer/tenant/1234"),
    ],
)
def test_where_they_are_looked_for(issuer: str, path: str) -> None:
    assert issuer_metadata_path(issuer) == path


@pytest.mark.parametrize("issuer", ["http://a.example", "did:web:a", "https://a.example?x=1"])
def test_where_nobody_looks(issuer: str) -> None:
    with pytest.raises(KeyUnusableError, match="HTTPS"):
        issuer_metadata_path(issuer)


def test_a_type_says_what_may_be_kept_back() -> None:
    profile = DisclosureProfile(hidden=(("holder_name",), ("conditions", "*"), ("result", "*")))
    told = type_metadata(
        "food_permit", title={"zh": "食品经营许可证", "en": "Food permit"}, profile=profile
    )
    assert told["vct"] == "urn:oneservice:certificate:food_permit"
    assert told["name"] == "Food permit"
    assert [one["locale"] for one in told["display"]] == ["en", "zh"]
    assert {tuple(one["path"]) for one in told["claims"]} == {
        ("holder_name",),
        ("conditions", None),
    }
    assert "extends" in type_metadata("x", title={"zh": "证"}, extends="urn:more:general")


def test_integrity_is_that_of_the_web() -> None:
    """The example of W3C Subresource Integrity, section 3.1, with SHA-256."""
    assert integrity_of(b"") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_a_pinned_type_document_is_told_from_another(workshop: Any) -> None:
    document = json.dumps(type_metadata("food_permit", title={"en": "Food permit"})).encode()
    profile = DisclosureProfile(vct_integrity=integrity_of(document))
    assert DisclosureProfile.of(profile.as_json()) == profile
    issued = workshop.issue(profile=profile)
    pinned = issued.claims["vct#integrity"]
    assert workshop.reason(issued.dump()) == "valid"
    assert holds_integrity(pinned, document)
    assert holds_integrity(f"sha256-AAAA {pinned}?x", document)
    assert not holds_integrity(pinned, document + b" ")
    assert not holds_integrity("md5-1B2M2Y8AsgTpgAmY7PhCfg==", b"")
    assert not holds_integrity(f"{pinned} sha512-AAAA", document), "the strongest kind counts"
    assert not holds_integrity("", document)
