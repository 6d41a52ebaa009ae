"""Laws of SD-JWTs: nothing that is flipped, dropped, added or moved goes unnoticed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.certificates import (
    Claims,
    Cryptosuite,
    DisclosureProfile,
    Entitlement,
    ListedKey,
    SdJwt,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    Verdict,
    examine_presentation,
    issue_sd_jwt,
    read_claims_payload,
)
from oneservice.certificates.base64url import decode_base64url, encode_base64url
from oneservice.certificates.disclosures import reveal
from oneservice.certificates.sd_jwt_issuing import conceal
from oneservice.errors import MalformedCertificateError, VerificationError

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 3, 1, 4, tzinfo=UTC)
OFFICE = "https://o.example"
ASKED = {"audience": "https://landlord.example", "nonce": "n-0S6"}
KEY, HOLDER = (SigningKey.generate(Cryptosuite.ECDSA_JCS_2019) for _ in range(2))
KID = f"{OFFICE}#{KEY.public_multibase}"
TRUST = TrustStore(
    territory="990100",
    version=1,
    issued_at=SINCE,
    expires_at=SINCE + timedelta(days=4000),
    issuers=(
        TrustedIssuer(
            id=OFFICE,
            name={"zh": "局"},
            region="990101",
            keys=(ListedKey.for_certificates(OFFICE, KEY.public_multibase, valid_from=SINCE),),
            entitlements=(Entitlement(type="food_permit", region="990101", valid_from=SINCE),),
        ),
    ),
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.=\n{é"


def salts() -> Iterator[str]:
    return (encode_base64url(sha256(str(n).encode()).digest()[:16]) for n in range(10_000))


def claims(**changes: Any) -> Claims:
    return Claims(
        **{
            "id": "urn:c:1",
            "type": "food_permit",
            "title": {"zh": "证"},
            "issuer_id": OFFICE,
            "issuer_name": {"zh": "局"},
            "issuer_region": "990101",
            "holder_name": "Li's Noodles",
            "holder_code": "92990101MA99000523",
            "valid_from": date(2026, 10, 14),
            "valid_until": date(2031, 10, 13),
            "conditions": ("No raw fish.",),
            "result": {"seats": 40, "area_m2": "82.5"},
            **changes,
        }
    )


def issue(**changes: Any) -> SdJwt:
    return issue_sd_jwt(
        claims(**changes),
        key=KEY,
        key_id=KID,
        issued_at=datetime(2026, 10, 14, 3, tzinfo=UTC),
        salts=salts(),
        holder_key=HOLDER.public_key,
    )


BOUND = issue().bound(key=HOLDER, at=NOW, **ASKED).dump().decode()


def reason(text: str) -> str | None:
    report = examine_presentation(text, trust=TRUST, at=NOW, **ASKED)
    assert (report.verdict is Verdict.VALID) == (report.reason is None)
    return report.reason


def test_unbent_it_is_good() -> None:
    assert reason(BOUND) is None


@given(st.integers(0, len(BOUND) - 1), st.sampled_from(ALPHABET))
@settings(max_examples=300)
def test_no_letter_can_be_another(place: int, letter: str) -> None:
    if BOUND[place] != letter:
        assert reason(BOUND[:place] + letter + BOUND[place + 1 :]) is not None


@given(st.integers(0, len(BOUND) - 1))
@settings(max_examples=120)
def test_no_letter_can_be_dropped_or_doubled(place: int) -> None:
    assert reason(BOUND[:place] + BOUND[place + 1 :]) is not None
    assert reason(BOUND[:place] + BOUND[place] + BOUND[place:]) is not None


@given(st.permutations(range(len(BOUND.split("~")))))
def test_no_part_can_be_moved_or_dropped(order: list[int]) -> None:
    parts = BOUND.split("~")
    if order != list(range(len(parts))):
        assert reason("~".join(parts[n] for n in order)) is not None
        assert reason("~".join(parts[n] for n in order[:-1])) is not None


@given(st.sampled_from(["iss", "vct", "iat", "nbf", "exp", "cnf", "_sd", "title"]), st.booleans())
def test_no_member_can_be_dropped_or_added(name: str, drop: bool) -> None:  # noqa: FBT001
    token, _, rest = BOUND.partition("~")
    head, body, signature = token.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "==="))
    payload = {k: v for k, v in payload.items() if k != name} if drop else {**payload, "extra": 1}
    bent = f"{head}.{encode_base64url(json.dumps(payload).encode())}.{signature}~{rest}"
    assert reason(bent) in {"forged", "malformed"}


@given(st.text(max_size=200) | st.text(alphabet=ALPHABET, max_size=200))
def test_whatever_the_text_the_answer_is_a_report(text: str) -> None:
    assert reason(text) in {"malformed", "indeterminate"}
    assert reason(text + "~") in {"malformed", "indeterminate"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=6).filter(lambda n: n not in RESERVED), inner, max_size=4
        )
    ),
    max_leaves=12,
)
RESERVED = {"_sd", "...", "_sd_alg", "iss", "aud", "nbf", "exp", "cnf", "vct", "status"}
OBJECTS = st.dictionaries(st.text(max_size=6).filter(lambda n: n not in RESERVED), JSON, max_size=5)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, Mapping):
        entries: Any = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    else:
        return
    for step, inner in entries:
        yield (*path, step)
        yield from places(inner, (*path, step))


@given(OBJECTS, st.data())
@settings(max_examples=150)
def test_what_is_hidden_and_shown_is_what_it_was(payload: dict[str, Any], data: Any) -> None:
    everywhere = list(places(payload))
    hidden = (
        tuple(data.draw(st.lists(st.sampled_from(everywhere), unique=True))) if everywhere else ()
    )
    decoys = data.draw(st.integers(0, 2))
    made = conceal(payload, hidden, salts(), decoys=decoys)
    assert len(made.disclosures) == len(hidden)
    whole = reveal(made.payload, made.disclosures)
    assert whole.claims == payload
    assert set(whole.places) == set(hidden)
    bare = reveal(made.payload, ()).claims
    assert not set(bare) & {path[0] for path in hidden if len(path) == 1}
    if made.disclosures:
        shuffled = data.draw(st.permutations(made.disclosures))
        assert reveal(made.payload, shuffled).claims == payload
        with pytest.raises(MalformedCertificateError):
            reveal(made.payload, (*made.disclosures, made.disclosures[0]))


@given(
    st.sets(st.sampled_from(["holder_name", "holder_code", "certificate_id", "conditions"])),
)
def test_only_what_was_chosen_is_shown(chosen: set[str]) -> None:
    shown = issue().disclosing(*((name,) for name in chosen))
    hidden = {"holder_name", "holder_code", "certificate_id"} - chosen
    assert not hidden & shown.claims.keys()
    for name in chosen:
        assert shown.claims[name]
    report = examine_presentation(shown.dump(), trust=TRUST, at=NOW)
    assert report.verdict is Verdict.VALID


@given(
    st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=20),
    st.dates(date(1990, 1, 1), date(2200, 1, 1)),
    st.none() | st.integers(0, 9000),
    st.sampled_from(["+08:00", "-11:30", "+00:00", "+14:00"]),
    OBJECTS,
)
def test_claims_make_the_round_trip(
    name: str, start: date, days: int | None, zone: str, result: dict[str, Any]
) -> None:
    until = None if days is None else start + timedelta(days=days)
    stated = claims(holder_name=name, valid_from=start, valid_until=until, zone=zone, result=result)
    issued = issue_sd_jwt(
        stated, key=KEY, key_id=KID, issued_at=NOW, salts=salts(), profile=DisclosureProfile()
    )
    assert read_claims_payload(SdJwt.parse(issued.dump()).claims) == stated


@given(st.binary(max_size=60))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = encode_base64url(data)
    assert decode_base64url(text, what="it") == data
    for other in (text + "=", text + "\n", " " + text, text + "A"):
        try:
            assert decode_base64url(other, what="it") != data
        except VerificationError:
            continue
