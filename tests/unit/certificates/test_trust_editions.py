"""Editions: several signers, one file; a chain of roots; and nothing in it that means nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    Cryptosuite,
    DocumentKind,
    PastEdition,
    SignedEdition,
    SigningKey,
    TrustAnchor,
    TrustStore,
    document_kind,
    examine,
)
from oneservice.certificates.trust_editions import EDITION_TYPE
from oneservice.certificates.trust_jws import encode, sign
from oneservice.certificates.trust_roots import ROOT_TYPE
from oneservice.errors import TrustListError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


def test_signers_sign_apart_and_the_order_does_not_show(bureau: Any) -> None:
    blank = bureau.proposed()
    assert len(blank.lacking) == 2  # the root and the edition itself
    by = {name: blank.by(key, at=OPENED) for name, key in bureau.keys.items()}
    for one in by.values():
        with pytest.raises(TrustListError, match="not signed by enough"):
            TrustStore.parse(one.dump())
        assert SignedEdition.parse(one.dump()) == one
    there = by["bureau"].merged(by["university"]).merged(by["audit"])
    back = by["audit"].merged(by["university"]).merged(by["bureau"])
    assert there.dump() == back.dump()
    assert there.merged(by["audit"]) == there.by(bureau.keys["audit"], at=OPENED) == there
    store = TrustStore.parse(there.dump())
    assert (store.format, store.version, store.digest) == (2, 1, blank.digest)
    assert store.evidence["list_signers"] == "root 1: at least 2 of 3 signed"
    assert document_kind(store.dump()) is DocumentKind.TRUST_LIST


def test_copies_of_different_editions_are_never_put_together(bureau: Any) -> None:
    one, other = bureau.proposed(), bureau.proposed(day=1)
    with pytest.raises(TrustListError, match="different editions"):
        one.merged(other)


def test_only_signers_sign(bureau: Any) -> None:
    stranger = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    with pytest.raises(TrustListError, match="not belong to any signer"):
        bureau.proposed().by(stranger, at=OPENED)
    store = bureau.publish()
    document = dict(store.document)
    payload = SignedEdition.parse(store.dump()).payload
    more = sign(payload, key=stranger, kind=EDITION_TYPE, at=OPENED)
    document["signatures"] = [*document["signatures"], more]
    with pytest.raises(TrustListError, match="no signer of it"):
        TrustStore.parse(canonical(document))


def test_one_signer_never_counts_as_two(bureau: Any) -> None:
    key = bureau.keys["bureau"]
    edition = bureau.proposed().by(key, at=OPENED)
    twice = [
        sign(edition.payload, key=key, kind=EDITION_TYPE, at=OPENED + timedelta(days=day))
        for day in (0, 1)
    ]
    with pytest.raises(TrustListError, match="signed it twice"):
        SignedEdition.parse(canonical(edition.as_json() | {"signatures": twice}))


def test_signatures_of_a_root_are_none_of_an_edition(bureau: Any) -> None:
    edition = bureau.proposed()
    signed = [
        sign(edition.payload, key=key, kind=ROOT_TYPE, at=OPENED) for key in bureau.keys.values()
    ]
    with pytest.raises(TrustListError, match="another kind of document"):
        SignedEdition.parse(canonical(edition.as_json() | {"signatures": signed}))


def header_of(entry: dict[str, str]) -> dict[str, Any]:
    text = entry["protected"]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"alg": None},
        {"crit": ["exp"]},
        {"b64": False},
        {"jwk": {}},
        {"typ": "JWT"},
        {"kid": "https://trust.example/key"},
        {"kid": 5},
        {"iat": -1},
        {"iat": "now"},
        {"iat": True},
        {"iat": 2**50},
    ],
    ids=str,
)
def test_a_protected_header_says_just_what_we_write(bureau: Any, change: dict[str, Any]) -> None:
    """Signed by the right key over the right bytes, and refused all the same."""
    key, edition = bureau.keys["bureau"], bureau.proposed()
    entry = sign(edition.payload, key=key, kind=EDITION_TYPE, at=OPENED)
    protected = encode(canonical(header_of(entry) | change))
    signature = key.sign(f"{protected}.{encode(edition.payload)}".encode())
    forged = {"protected": protected, "signature": encode(signature)}
    with pytest.raises(TrustListError):
        SignedEdition.parse(canonical(edition.as_json() | {"signatures": [forged]}))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(header={}),
        lambda d: d.pop("roots"),
        lambda d: d.update(roots=[]),
        lambda d: d.update(roots=d["roots"] * 2),
        lambda d: d["roots"][0].update(header={}),
        lambda d: d["roots"][0].update(payload="e30"),
        lambda d: d["roots"][0].update(signatures={}),
        lambda d: d["signatures"][0].update(header={"alg": "none"}),
        lambda d: d["signatures"][0].update(signature=d["signatures"][0]["signature"] + "="),
        lambda d: d["signatures"][0].update(signature=d["signatures"][1]["signature"]),
        lambda d: d["signatures"].pop(),
        lambda d: d.update(signatures=d["signatures"] * 70),
        lambda d: d.update(signatures="x"),
        lambda d: d.update(payload=d["payload"] + "=="),
        lambda d: d.update(payload=d["payload"][:-1]),
        lambda d: d.update(payload=5),
    ],
)
def test_what_is_wrong_around_the_payload_is_refused(
    bureau: Any, change: Callable[[Any], object]
) -> None:
    document = json.loads(bureau.publish().dump())
    change(document)
    with pytest.raises(TrustListError):
        TrustStore.parse(canonical(document))


def test_new_signers_are_vouched_for_by_the_old_and_by_themselves(bureau: Any) -> None:
    first = bureau.publish()
    signers = (*bureau.draft.signers[1:], bureau.signer("ministry"))
    edition = bureau.proposed(day=10, signers=signers)
    assert [one.root.version for one in edition.roots] == [1, 2]
    for name in ("ministry", "university"):
        edition = edition.by(bureau.keys[name], at=OPENED)
    assert edition.lacking == ("root 2 has 1 of 2 signatures by the signers of root 1",)
    leaving = edition.by(bureau.keys["bureau"], at=OPENED)  # who leaves signs the root only
    assert leaving.signed_by == edition.signed_by
    second = TrustStore.of(leaving)
    for root in (first.roots[0].digest, first.roots[0].anchor, second.roots[1].digest):
        assert TrustStore.parse(second.dump(), root=root).is_pinned
    bureau.editions.append(second)
    third = bureau.publish("ministry", "audit", day=20)
    assert len(third.roots) == 2
    assert TrustStore.parse(third.dump(), root=first.roots[0].digest).is_pinned
    with pytest.raises(TrustListError, match="not signed by enough"):
        bureau.publish("university", day=30)


def test_a_chain_without_a_link_is_none(bureau: Any) -> None:
    bureau.publish()
    for day, name in ((1, "ministry"), (2, "court")):
        signers = (*bureau.draft.signers, bureau.signer(name))
        last = bureau.publish("bureau", "audit", day=day, signers=signers)
    document = json.loads(last.dump())
    for kept in ((0, 2), (1, 2), (2,), (0, 1), (1, 0, 2)):
        roots = [document["roots"][index] for index in kept]
        with pytest.raises(TrustListError):
            TrustStore.parse(canonical(document | {"roots": roots}))


def test_who_was_never_led_to_is_no_signer(bureau: Any, make_office: Any) -> None:
    """Somebody makes a list with the honest first root and a second one of his own."""
    honest = bureau.publish()
    thief = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    bureau.keys["thief"] = thief
    edition = bureau.proposed(day=5, signers=(bureau.signer("thief"),), threshold=1)
    edition = edition.by(thief, at=OPENED)
    assert len(edition.lacking) == 1
    with pytest.raises(TrustListError):
        TrustStore.of(edition)
    alone = replace(bureau.draft, issuers=(make_office("thief").entry,))
    bureau.draft, bureau.editions = alone, []
    own = bureau.publish("thief")
    for root in (honest.roots[0].digest, honest.roots[0].anchor, "z" + 40 * "1"):
        with pytest.raises(TrustListError, match="another key"):
            TrustStore.parse(own.dump(), root=root)


@pytest.mark.parametrize("threshold", [0, 4, -1])
def test_a_threshold_that_cannot_be_met_or_needs_nobody(bureau: Any, threshold: int) -> None:
    with pytest.raises(TrustListError):
        bureau.proposed(threshold=threshold)
    with pytest.raises(TrustListError):
        TrustAnchor(threshold=threshold, keys=frozenset())


def test_two_names_with_one_key_are_one_signer(bureau: Any) -> None:
    first = bureau.draft.signers[0]
    with pytest.raises(TrustListError, match="twice"):
        bureau.proposed(signers=(first, replace(first, name="other")))


def test_a_certificate_is_judged_by_a_list_of_format_2(office: Any, bureau: Any) -> None:
    store = bureau.publish(issuers=(office.entry,))
    at = datetime(2026, 10, 15, tzinfo=UTC)
    report = examine(office.issue(), trust=TrustStore.parse(store.dump()), at=at)
    assert report.verdict == "valid"
    assert report.checks[2].evidence["list_format"] == 2


def test_other_peoples_code_verifies_our_signatures(bureau: Any) -> None:
    """The edition and every root are JWS in general JSON serialization, to joserfc as well."""
    jws = pytest.importorskip("joserfc.jws", reason="joserfc is not installed")
    jwk = pytest.importorskip("joserfc.jwk")
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    store = bureau.publish("bureau", "audit", "university")
    algorithms = ["ES256", "ES384", "Ed25519"]
    registry = jws.JWSRegistry(algorithms=algorithms, strict_check_header=False)
    keys = {}
    for key in bureau.keys.values():
        pem = key.public_key._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        kind = "OKP" if key.curve == "Ed25519" else "EC"
        keys[key.public_multibase] = jwk.import_key(pem, kind)
    document = json.loads(store.dump())

    def find(obj: Any) -> Any:
        return keys[obj.headers()["kid"]]

    for one in (document, *document["roots"]):
        read = jws.deserialize_json(one, find, registry=registry)
        assert len(read.members) == len(one["signatures"]) >= 2
        assert json.loads(read.payload)["territory"] == "990000"
    wrong = document | {"payload": document["roots"][0]["payload"]}
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_json(wrong, find, registry=registry)


def test_a_number_cannot_run_ahead(bureau: Any) -> None:
    """Who jumps to the last number there is would make every honest edition look old."""
    bureau.publish()
    second = bureau.proposed(day=1)
    for wrong in (
        {"version": 2**53 - 1},
        {"past": (PastEdition(version=7, digest=second.digest),)},
        {"past": (*TrustStore.proposed(second).past, PastEdition(version=2, digest=second.digest))},
    ):
        with pytest.raises(TrustListError, match="earlier editions"):
            replace(TrustStore.proposed(second), **wrong).edition(second.roots)
