"""SD-JWTs and status tokens: ours before ``@sd-jwt/sd-jwt-vc``, PyPI's ``sd-jwt`` and ``jose``.

The forged ones are those of ``tests/unit``: what must be refused stands in one place.
"""

from __future__ import annotations

import base64
import json
import runpy
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from jwcrypto.jwk import JWK  # comes with sd-jwt
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from oneservice.certificates import (
    PublishedStatus,
    SdJwt,
    examine_presentation,
    jwk_of,
    key_of_jwk,
)
from oneservice.errors import MalformedCertificateError

VERIFIER, NONCE = "https://landlord.example", "n-0S6_WzA2Mj"
UNIT = Path(__file__).resolve().parents[1] / "unit" / "certificates" / "sd_jwt"
BROKEN = {"malformed", "forged"}


def seconds(office: Any) -> int:
    return int(office.now.timestamp())


def flipped(text: str, part: int) -> str:
    """Change one letter in the middle of one of the parts of an SD-JWT's token."""
    token, tilde, rest = text.partition("~")
    parts = token.split(".")
    middle = len(parts[part]) // 2
    letter = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + letter + parts[part][middle + 1 :]
    return ".".join(parts) + tilde + rest


def altered(token: str, **changes: Any) -> str:
    """Change members of the payload, and leave the signature as it is."""
    header, payload, signature = token.split(".")
    stated = json.loads(base64.urlsafe_b64decode(payload + "==="))
    changed = json.dumps({**stated, **changes}).encode()
    return f"{header}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}.{signature}"


# --- ours before the library for JavaScript ---------------------------------------------------


def test_ours_are_accepted(strangers: Any, lister: Any) -> None:
    office, issued = lister, lister.sd_jwt()
    answer = strangers.ask(
        "sdjwt.verify",
        text=issued.dump().decode(),
        jwk=jwk_of(office.key.public_key),
        now=seconds(office),
    )
    assert answer["accepted"], answer
    assert answer["claims"] == issued.claims


def test_our_presentations_are_accepted(strangers: Any, office: Any) -> None:
    shown = office.sd_jwt().disclosing(("holder_name",), ("result", "seats"), ("conditions",))
    bound = shown.bound(key=office.holder, audience=VERIFIER, nonce=NONCE, at=office.now)
    question = {
        "jwk": jwk_of(office.key.public_key),
        "now": seconds(office),
        "nonce": NONCE,
    }
    text = bound.dump().decode()
    answer = strangers.ask("sdjwt.verify", text=text, **question)
    assert answer["accepted"], answer
    assert answer["claims"] == bound.claims
    assert answer["binding"]["aud"] == VERIFIER
    assert "holder_code" not in answer["claims"]

    token, *disclosures, binding = text.split("~")
    refused = {
        "another nonce": (text, {"nonce": "another"}),
        "no binding": (shown.dump().decode(), {}),
        "the binding of another selection": ("~".join((token, *disclosures[1:], binding)), {}),
        "the header": (flipped(text, 0), {}),
        "the payload": (flipped(text, 1), {}),
        "the signature": (flipped(text, 2), {}),
        "another issuer's key": (text, {"jwk": jwk_of(office.holder.public_key)}),
    }
    for name, (bent, change) in refused.items():
        assert not strangers.accepts("sdjwt.verify", text=bent, **{**question, **change}), name
    told = [
        reason(office, bent, nonce=change.get("nonce", NONCE)) for bent, change in refused.values()
    ]
    assert told[:3] == ["holder_unproven"] * 3
    assert set(told[3:6]) <= BROKEN  # which of the two hangs on the letter that was flipped


def test_another_library_accepts_them_too(strangers: Any, office: Any) -> None:
    """``@meeco/sd-jwt`` puts the claims together by code of its own."""
    issued = office.sd_jwt()
    shown = issued.disclosing(("holder_name",), ("result", "seats"))
    bound = shown.bound(key=office.holder, audience=VERIFIER, nonce=NONCE, at=office.now)
    question = {"jwk": jwk_of(office.key.public_key), "now": seconds(office)}
    whole = strangers.ask("meeco.verify", text=issued.dump().decode(), **question)
    assert whole == {"accepted": True, "claims": issued.claims}
    text, asked = bound.dump().decode(), {"nonce": NONCE, "audience": VERIFIER}
    answer = strangers.ask("meeco.verify", text=text, **question, **asked)
    assert answer == {"accepted": True, "claims": bound.claims}
    for part in range(3):
        assert not strangers.accepts("meeco.verify", text=flipped(text, part), **question, **asked)
    for change in ({"nonce": "another"}, {"audience": "https://other.example"}):
        assert not strangers.accepts("meeco.verify", text=text, **question, **{**asked, **change})


def reason(office: Any, text: str, *, nonce: str | None = None, **more: Any) -> str:
    asked = {} if nonce is None else {"audience": VERIFIER, "nonce": nonce}
    report = examine_presentation(
        text, trust=more.pop("trust", office.trusting()), at=office.now, **asked, **more
    )
    return report.reason or "valid"


def test_their_wallet_presents_ours(strangers: Any, office: Any) -> None:
    """The holder's wallet is theirs: it picks, binds, and we judge what it hands over."""
    sealed, holder = office.sd_jwt(), office.holder
    binding = {"iat": seconds(office), "aud": VERIFIER, "nonce": NONCE}
    frame = {"holder_name": True, "result": {"seats": True}, "conditions": {"0": True}}
    answer = strangers.ask(
        "sdjwt.bind",
        text=sealed.dump().decode(),
        frame=frame,
        holder=private_jwk(holder),
        binding=binding,
    )
    assert "text" in answer, answer
    assert reason(office, answer["text"], nonce=NONCE) == "valid"
    claims = SdJwt.parse(answer["text"]).claims
    assert claims["holder_name"] == "李记面馆"
    assert claims["result"] == {"seats": 40}
    assert claims["conditions"] == ["No raw fish."]
    assert not {"holder_code", "number"} & claims.keys()
    assert reason(office, flipped(answer["text"], 2), nonce=NONCE) == "forged"


def private_jwk(key: Any) -> dict[str, str]:
    value = key._key.private_numbers().private_value
    secret = base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
    return {**jwk_of(key.public_key), "d": secret}


# --- theirs before us -------------------------------------------------------------------------


def payload_of(office: Any) -> dict[str, Any]:
    now = seconds(office)
    return {
        "iss": office.id,
        "vct": "urn:theirs:food_permit",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 86_400,
        "holder_name": "李记面馆 \U0001f35c",
        "holder_code": "92990101MA99000523",
        "conditions": ["No raw fish.", "Hot food only."],
        "premises": {"floor": 2, "street": "示例路1号"},
    }


FRAME = {
    "_sd": ["holder_name", "holder_code"],
    "_sd_decoy": 3,
    "conditions": {"_sd": [0, 1]},
    "premises": {"_sd": ["street"]},
}


@pytest.mark.parametrize(("alg", "curve"), [("ES256", "P-256"), ("ES384", "P-384")])
def test_theirs_are_accepted(strangers: Any, office: Any, alg: str, curve: str) -> None:
    payload = payload_of(office)
    made = strangers.ask("sdjwt.issue", payload=payload, frame=FRAME, header={}, alg=alg)
    key = key_of_jwk({name: made["jwk"][name] for name in ("kty", "crv", "x", "y")})
    assert key.curve == curve
    trust = office.trusting(key.multibase)
    assert reason(office, made["text"], trust=trust) == "valid"
    told = SdJwt.parse(made["text"]).claims
    assert {name: told[name] for name in payload} == payload

    shown = strangers.ask(
        "sdjwt.present",
        text=made["text"],
        frame={"holder_name": True, "premises": {"street": True}},
        holder=made["holder"],
        binding={"iat": seconds(office), "aud": VERIFIER, "nonce": NONCE},
    )
    assert reason(office, shown["text"], trust=trust, nonce=NONCE) == "valid"
    claims = SdJwt.parse(shown["text"]).claims
    assert claims["premises"] == payload["premises"]
    assert "holder_code" not in claims
    assert claims["conditions"] == []

    token, _, *rest = shown["text"].split("~")
    bent = "~".join((token, *rest))
    assert reason(office, bent, trust=trust, nonce=NONCE) == "holder_unproven"
    for part in (1, 2):
        assert reason(office, flipped(shown["text"], part), trust=trust, nonce=NONCE) in BROKEN
    assert reason(office, made["text"]) == "forged"  # by a key that the list does not name


# --- status tokens ----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 1, 2])
def test_our_status_tokens_are_read(strangers: Any, office: Any, place: Any, value: int) -> None:
    token = office.lists(place, value)["token"].decode()
    jwk, now = jwk_of(office.key.public_key), seconds(office)
    around = [0, 3, 4, place.index - 1, place.index, place.index + 1, 131_071]
    read = strangers.ask("tokenlist.read", text=token, indices=around)
    assert read["length"] == 131_072
    assert read["values"] == [value if index == place.index else 0 for index in around]

    checked = strangers.ask("jose.verify", text=token, jwk=jwk, typ="statuslist+jwt", now=now)
    assert checked["accepted"], checked
    assert checked["payload"]["sub"] == place.uri
    for bent in (flipped(token, 2), altered(token, exp=now + 10**6), altered(token, ttl=9)):
        question = {"text": bent, "jwk": jwk, "typ": "statuslist+jwt", "now": now}
        assert not strangers.accepts("jose.verify", **question)
        source = PublishedStatus.of([bent.encode()], trust=office.trusting())
        assert "cannot be believed" in source.why_unknown(office.issue(status=place), at=office.now)

    issued = office.sd_jwt(status=place).dump().decode()
    question = {"text": issued, "jwk": jwk, "now": now}
    assert strangers.accepts("sdjwt.verify", list=token, **question) == (value == 0)
    assert not strangers.accepts("sdjwt.verify", **question)
    assert not strangers.accepts("sdjwt.verify", list=flipped(token, 2), **question)


@pytest.mark.parametrize(("value", "due"), [(0, "valid"), (1, "revoked"), (2, "suspended")])
def test_their_status_tokens_are_read_by_us(
    strangers: Any, office: Any, place: Any, value: int, due: str
) -> None:
    """Its header need not say which key signed; then those of its issuer are tried."""
    now, lister = seconds(office), type(office)()
    trust = office.trusting(office.key.public_multibase, lister.key.public_multibase)
    issued = office.sd_jwt(status=place).dump().decode()
    for header in ({"kid": lister.key_id}, {}):
        made = strangers.ask(
            "tokenlist.write",
            length=131_072,
            set={str(place.index): value},
            payload={"iss": office.id, "sub": place.uri, "iat": now - 60, "exp": now + 3600},
            header=header,
            jwk=private_jwk(lister.key),
        )
        status = PublishedStatus.of([made["text"].encode()], trust=trust)
        assert reason(office, issued, trust=trust, status=status) == due
        bent = PublishedStatus.of([altered(made["text"], ttl=9).encode()], trust=trust)
        assert reason(office, issued, trust=trust, status=bent) == "indeterminate"
        unlisted = PublishedStatus.of([made["text"].encode()], trust=office.trusting())
        assert reason(office, issued, trust=trust, status=unlisted) == "indeterminate"


@pytest.mark.parametrize("header", [{}, {"kid": "1"}, {"kid": "https://a.example#1"}], ids=str)
def test_a_list_that_joserfc_signed(office: Any, place: Any, header: dict[str, str]) -> None:
    """Where ``kid`` names no URL its issuer's keys are tried; a URL that nobody lists ends it."""
    claims = json.loads(base64.urlsafe_b64decode(_payload(office.lists(place, 1)["token"])))
    key = ECKey.import_key(private_jwk(office.key))
    head = {"alg": "ES256", "typ": "statuslist+jwt", **header}
    made = jwt.encode(head, claims, key).encode()
    source = PublishedStatus.of([made], trust=office.trusting())
    told = source.status_of(office.issue(status=place), at=office.now)
    if header.get("kid", "").startswith("https:"):
        assert told is None
    else:
        assert told is not None
        assert (str(told.state), told.evidence["list_signed_by"]) == ("revoked", office.key_id)
    anonymous = {name: value for name, value in claims.items() if name != "iss"}
    nobody = jwt.encode({"alg": "ES256", "typ": "statuslist+jwt"}, anonymous, key).encode()
    with pytest.raises(MalformedCertificateError, match="nor by whom"):
        PublishedStatus.of([nobody], trust=office.trusting())


def _payload(token: bytes) -> bytes:
    return token.split(b".")[1] + b"==="


# --- jose -------------------------------------------------------------------------------------


def test_jose_checks_our_issuer_signed_token(strangers: Any, lister: Any) -> None:
    office = lister
    token = office.sd_jwt().token.text
    question = {"jwk": jwk_of(office.key.public_key), "typ": "dc+sd-jwt", "now": seconds(office)}
    answer = strangers.ask("jose.verify", text=token, **question)
    assert answer["accepted"], answer
    assert answer["header"]["kid"] == office.key_id
    for part in range(3):
        assert not strangers.accepts("jose.verify", text=flipped(token, part), **question)
    assert not strangers.accepts("jose.verify", text=token, **{**question, "typ": "statuslist+jwt"})
    late = int((office.now + timedelta(days=4000)).timestamp())
    assert not strangers.accepts("jose.verify", text=token, **{**question, "now": late})


@pytest.mark.parametrize("alg", ["ES256", "ES384"])
def test_a_token_that_jose_signed_is_accepted(strangers: Any, office: Any, alg: str) -> None:
    made = strangers.ask(
        "jose.sign", payload=payload_of(office), header={"alg": alg, "typ": "dc+sd-jwt"}
    )
    trust = office.trusting(key_of_jwk(made["jwk"]).multibase)
    assert reason(office, made["text"] + "~", trust=trust) == "valid"
    for part in (1, 2):
        assert reason(office, flipped(made["text"], part) + "~", trust=trust) in BROKEN


@pytest.mark.parametrize(
    "kid", ["doc-signer-05-25-2022", "", "-yzZ2ilJ8Ozyj0QSVtvWF0dvz4hThqTGoxn"]
)
def test_a_key_named_by_its_issuer_alone(office: Any, kid: str) -> None:
    """``kid`` is a hint (RFC 7515, section 4.1.4), and most issuers name keys for themselves only.

    Such a name is no URL, so no list can hold it; the listed keys of the issuer are tried.
    """
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": kid}
    key = ECKey.import_key(private_jwk(office.key))
    made = jwt.encode(header, payload_of(office), key) + "~"
    report = examine_presentation(made, trust=office.trusting(), at=office.now)
    assert report.verdict == "valid", report.message
    (proof,) = (check for check in report.checks if check.name == "proof")
    assert proof.evidence["verification_method"] == office.key_id
    thief = ECKey.import_key(private_jwk(type(office)().key))
    forged = jwt.encode(header, payload_of(office), thief) + "~"
    assert reason(office, forged) == "unknown_issuer"
    elsewhere = {**payload_of(office), "iss": "https://elsewhere.example"}
    assert reason(office, jwt.encode(header, elsewhere, key) + "~") == "unknown_issuer"


def test_an_empty_list_of_digests_is_one(office: Any) -> None:
    """RFC 9901, section 4.2.4.1, allows it; SD-JWT VC forbids it only where nothing is hidden."""
    key = ECKey.import_key(private_jwk(office.key))
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": office.key_id}
    plain = {**payload_of(office), "_sd": []}
    hidden = {**plain, "conditions": [{"...": "A" * 43}], "_sd_alg": "sha-256"}
    assert reason(office, jwt.encode(header, hidden, key) + "~") == "valid"
    assert reason(office, jwt.encode(header, plain, key) + "~") == "malformed"


# --- the reference implementation in Python ---------------------------------------------------


def test_the_reference_implementation_issues_and_we_accept(office: Any) -> None:
    issuer, holder = (JWK.generate(kty="EC", crv="P-256") for _ in range(2))
    payload = payload_of(office)
    hidden = {SDObj("holder_name"): payload.pop("holder_name"), **payload}
    issued = SDJWTIssuer(
        hidden,
        issuer,
        holder_key=holder,
        sign_alg="ES256",
        add_decoy_claims=True,
        extra_header_parameters={"typ": "dc+sd-jwt"},
    ).sd_jwt_issuance
    key = key_of_jwk({name: issuer[name] for name in ("kty", "crv", "x", "y")})
    trust = office.trusting(key.multibase)
    assert reason(office, issued, trust=trust) == "valid"
    wallet = SDJWTHolder(issued)
    wallet.create_presentation({"holder_name": True}, NONCE, VERIFIER, holder, "ES256")
    shown = wallet.sd_jwt_presentation
    if reason(office, shown, trust=trust, nonce=NONCE) != "valid":
        pytest.fail(shown)
    assert SdJwt.parse(shown).claims["holder_name"] == "李记面馆 \U0001f35c"
    assert reason(office, flipped(shown, 2), trust=trust, nonce=NONCE) == "forged"


# --- what must be refused ---------------------------------------------------------------------

FORM = ("malformed", "forged", "unknown_cryptosuite")
"""Reasons that lie in the token alone; the others (whom to trust, which day it is) hang on what a
library is told, and most libraries leave them to their caller."""
MADE = {"form": 152, "circumstances": 10, "holder": 32}
LET_THROUGH_BY = {
    "@sd-jwt/sd-jwt-vc": {"form": 102, "circumstances": 4, "holder": 10},
    "@meeco/sd-jwt with jose": {"form": 84, "circumstances": 5, "holder": 9},
    "sd-jwt 0.10.4": {"form": 98, "circumstances": 7, "holder": 8},
}
"""The table of docs/interop.md: whoever changes one of these changes that page, too."""
AT = 1_803_873_600  # 2027-03-01T04:00:00Z, the moment of the forged ones


def javascript(strangers: Any, made: Any, text: str, nonce: str | None) -> bool:
    more = {} if nonce is None else {"nonce": nonce}
    key = jwk_of(made.key.public_key)
    return strangers.accepts("sdjwt.verify", text=text, jwk=key, now=AT, **more)


def meeco(strangers: Any, made: Any, text: str, nonce: str | None) -> bool:
    more = {} if nonce is None else {"nonce": nonce, "audience": VERIFIER}
    key = jwk_of(made.key.public_key)
    return strangers.accepts("meeco.verify", text=text, jwk=key, now=AT, **more)


def reference(made: Any, text: str, nonce: str | None) -> bool:
    def key(_issuer: str, _header: Any) -> JWK:
        return JWK(**jwk_of(made.key.public_key))

    try:
        if nonce is None:
            SDJWTVerifier(text, key)
        else:
            SDJWTVerifier(text, key, VERIFIER, nonce)
    except Exception:  # noqa: BLE001 - it refuses with whatever it stumbles over
        return False
    return True


def test_what_each_lets_through(strangers: Any) -> None:
    """Of the forged and illegal ones we accept none; how many others accept is told in the docs."""
    forged = runpy.run_path(str(UNIT / "test_sd_jwt_forgeries.py"))
    made = runpy.run_path(str(UNIT / "conftest.py"))["Workshop"]()
    cases = [(reason, bend(made), None) for _, reason, bend in forged["CASES"]]
    cases += [(reason, bend(made), NONCE) for _, reason, bend in forged["BOUND"]]
    reference_version = f"sd-jwt {version('sd-jwt')}"
    asks: dict[str, Callable[[str, str | None], bool]] = {
        "@meeco/sd-jwt with jose": lambda text, nonce: meeco(strangers, made, text, nonce),
        "@sd-jwt/sd-jwt-vc": lambda text, nonce: javascript(strangers, made, text, nonce),
        reference_version: lambda text, nonce: reference(made, text, nonce),
    }
    number, let = dict.fromkeys(MADE, 0), {name: dict.fromkeys(MADE, 0) for name in asks}
    for due, text, nonce in cases:
        asked = {} if nonce is None else {"audience": VERIFIER, "nonce": nonce}
        assert made.reason(text, **asked) == due
        kind = "holder" if nonce else "form" if due in FORM else "circumstances"
        number[kind] += 1
        for name, accepts in asks.items():
            let[name][kind] += accepts(text, nonce)
    assert number == MADE
    for name, told in LET_THROUGH_BY.items():
        assert let.get(name, told) == told  # of another version nothing is told yet
