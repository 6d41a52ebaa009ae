"""Signatures of events: the protocol's vector (P-84), both algorithms, every kind of forgery."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent, EventSignature
from oneservice.departments import (
    EcdsaEventKey,
    Ed25519EventKey,
    VerifyingKey,
    event_key_from_pem,
    parse_event,
    sign_event,
    verify_event,
)
from oneservice.departments.wire import content_digest, matches_content_digest
from oneservice.errors import AdapterError, DepartmentContractError

VECTOR: dict[str, Any] = {
    "submission_id": "c42.food_permit.1",
    "seq": 1,
    "type": "received",
    "at": "2026-11-21T01:00:00Z",
    "recorded_at": "2026-11-21T01:00:00Z",
    "department": "330106-market-regulation",
    "data": {
        "receipt_no": "SJ-20261121-0007",
        "request_digest": "sha256:66fdc2a9994e36c0e42fa74235d74233e05e05f5c3158ca9a3164ddd74f25a06",
    },
    "prev": None,
    "digest": "sha256:bbfe42d2f0d54e3a74f2d471711dabec5188d207004f0249ca384bad81714f44",
    "signatures": [
        {
            "keyid": "dept-2026a",
            "alg": "ed25519",
            "value": "Zic9L26HRr+4evqmr7HMwlH8kFgMHVS4kvCBQeuhXDmpnvaeJfZRRyV5Q0zDS24c"
            "/naa7akwgjTYjLYqr/42BQ==",
        }
    ],
}
PUBLIC = base64.b64decode("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
TRUSTED = VerifyingKey(keyid="dept-2026a", alg="ed25519", public_key=PUBLIC)


def problem(event: DepartmentEvent, *keys: VerifyingKey) -> str | None:
    try:
        verify_event(event, {key.keyid: key for key in keys})
    except DepartmentContractError as error:
        return f"{error.problem}" if error.department == event.department else "department?"
    return None


def test_p84_the_vector_verifies_and_is_made_again() -> None:
    event = parse_event(VECTOR)
    assert problem(event, TRUSTED) is None
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key = Ed25519EventKey(keyid="dept-2026a", private=private)
    assert key.public_key == PUBLIC
    blank = replace(event, digest=Digest(""), signatures=())
    assert sign_event(blank, key) == event


@pytest.mark.parametrize("make", [Ed25519EventKey.generate, EcdsaEventKey.generate])
def test_both_algorithms_go_through_pem_and_hide_their_secret(make: Any) -> None:
    key = make("k1")
    again = event_key_from_pem(key.to_pem(), keyid="k1")
    assert (again.alg, again.public_key) == (key.alg, key.public_key)
    event = sign_event(parse_event(VECTOR), again)
    trusted = VerifyingKey(keyid="k1", alg=key.alg, public_key=key.public_key)
    assert problem(event, trusted) is None
    assert len(base64.b64decode(event.signatures[0].value)) == 64
    assert sign_event(event, key).signatures == event.signatures  # deterministic
    assert "PRIVATE" not in repr(key)
    assert str(key) == f"{type(key).__name__}(keyid='k1')"


def test_a_compressed_point_is_the_same_key() -> None:
    key = EcdsaEventKey.generate("k1")
    compressed = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public_key)
    from cryptography.hazmat.primitives.serialization import PublicFormat  # noqa: PLC0415

    point = compressed.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    event = sign_event(parse_event(VECTOR), key)
    assert problem(event, VerifyingKey(keyid="k1", alg=key.alg, public_key=point)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"submission_id": "c42.food_permit.2"},
        {"seq": 2},
        {"type": "progress"},
        {"at": "2026-11-21T01:00:01Z"},
        {"recorded_at": "2026-11-21T01:00:01Z"},
        {"department": "other"},
        {"data": {}},
        {"prev": VECTOR["digest"]},
        {"extra": {"x": 1}},
        {"digest": Digest("sha256:" + "0" * 64)},
    ],
)
def test_p33_any_change_is_found(change: dict[str, Any]) -> None:
    event = replace(parse_event(VECTOR), **change)
    assert problem(event, TRUSTED) == "bad-event-digest"


def signed_as(value: str, alg: str = "ed25519", keyid: str = "dept-2026a") -> DepartmentEvent:
    one = EventSignature(keyid=keyid, alg=alg, value=value)
    return replace(parse_event(VECTOR), signatures=(one,))


GOOD = VECTOR["signatures"][0]["value"]


@pytest.mark.parametrize("value", ["", "%", "AAAA", "B" + GOOD[1:], GOOD[:-4], "é"])
def test_a_signature_that_does_not_hold(value: str) -> None:
    assert problem(signed_as(value), TRUSTED) == "bad-event-signature"


def test_the_algorithm_is_that_of_the_key() -> None:
    assert problem(signed_as(GOOD, alg="none"), TRUSTED) == "bad-event-signature"
    odd = replace(TRUSTED, alg="hs256")
    assert problem(signed_as(GOOD, alg="hs256"), odd) == "bad-event-signature"
    assert problem(parse_event(VECTOR), replace(TRUSTED, public_key=b"x")) == "bad-event-signature"


def test_strangers_do_not_count() -> None:
    event = parse_event(VECTOR)
    assert problem(event) == "unknown-key"
    assert problem(replace(event, signatures=()), TRUSTED) == "unknown-key"
    stranger = EventSignature(keyid="stranger", alg="ed25519", value="AAAA")
    assert problem(replace(event, signatures=(stranger, *event.signatures)), TRUSTED) is None
    forged = EventSignature(keyid="dept-2026a", alg="ed25519", value="AAAA")
    both = replace(event, signatures=(*event.signatures, forged))
    assert problem(both, TRUSTED) == "bad-event-signature"


def test_p79_keys_count_for_their_time() -> None:
    event = parse_event(VECTOR)
    at = datetime(2026, 11, 21, 1, tzinfo=UTC)
    later = datetime(2026, 11, 21, 1, 0, 1, tzinfo=UTC)
    assert problem(event, replace(TRUSTED, not_before=at, not_after=at)) is None
    assert problem(event, replace(TRUSTED, not_before=later)) == "unknown-key"
    assert problem(replace(event), replace(TRUSTED, not_after=datetime(2026, 1, 1, tzinfo=UTC)))
    fresh = Ed25519EventKey.generate("dept-2026b")
    both = sign_event(event, fresh, Ed25519EventKey.generate("other"))
    new = VerifyingKey(keyid="dept-2026b", alg=fresh.alg, public_key=fresh.public_key)
    assert problem(both, TRUSTED, new) is None


def pem(private: Any, encryption: Any = None) -> bytes:
    return bytes(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    )


def test_pem_files_that_are_no_event_keys() -> None:
    secret = pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"pw"))
    assert event_key_from_pem(secret, keyid="k", password=b"pw").alg == "ed25519"
    bad = [
        (b"", None),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None),
        (secret, None),
        (secret, b"other"),
        (pem(rsa.generate_private_key(65_537, 2048)), None),
        (pem(ec.generate_private_key(ec.SECP384R1())), None),
    ]
    for data, password in bad:
        with pytest.raises(AdapterError, match="event key k"):
            event_key_from_pem(data, keyid="k", password=password)
    with pytest.raises(AdapterError, match="does not hold an Ed25519"):
        Ed25519EventKey.from_pem(EcdsaEventKey.generate("k").to_pem(), keyid="k")


@pytest.mark.parametrize("sign", [0, 128])
def test_a_key_under_which_anybody_signs_is_none(sign: int) -> None:
    """R = S = 0 and the neutral element hold for every message, if a verifier lets them."""
    neutral = bytes([1, *bytes(30), sign])
    signature = bytes([1, *bytes(63)])
    key = VerifyingKey(keyid="anybody", alg="ed25519", public_key=neutral)
    for message in (b"granted", b"refused"):
        assert not key.holds(signature, message)


def test_a_content_digest_is_said_once() -> None:
    right, wrong = content_digest(b"a"), content_digest(b"b")
    assert matches_content_digest(f"sha-512=:AAAA:, {right}", b"a")
    for twice in (f"{right}, {wrong}", f"{wrong}, {right}", f"{right},{right}"):
        assert not matches_content_digest(twice, b"a")
