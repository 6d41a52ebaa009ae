"""Forged and illegal SD-JWTs, each refused for its true reason.

Popular libraries accept many of these. Each case bends one thing about a presentation that is good
without it, which the first test shows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from oneservice.certificates import SigningKey, jwk_of
from oneservice.certificates.sd_jwt import MAX_SD_JWT_BYTES

OTHER = "https://certificates.example/990101/fire-rescue"
VERIFIER, NONCE = "https://landlord.example", "n-0S6_WzA2Mj"
SALT: Final = "_26bc4LT-ac6q2KI6cBW5es"
NAME: Final = [SALT, "holder_name", "Li's Noodles"]

Bend = Callable[[Any], str]
CASES: Final[list[tuple[str, str, Bend]]] = []
BOUND: Final[list[tuple[str, str, Bend]]] = []


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest())


def case(name: str, reason: str, bend: Bend) -> None:
    CASES.append((name, reason, bend))


def bound(name: str, reason: str, bend: Bend) -> None:
    BOUND.append((name, reason, bend))


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}


def header(name: str, reason: str, *drop: str, **change: Any) -> None:
    case(
        f"header: {name}",
        reason,
        lambda w: w.token(header={**without(w.header, *drop), **change}) + "~",
    )


def payload(name: str, reason: str, *drop: str, **change: Any) -> None:
    case(
        f"payload: {name}",
        reason,
        lambda w: w.token(payload={**without(w.payload, *drop), **change}) + "~",
    )


def shown(name: str, *disclosures: Any, **change: Any) -> None:
    case(f"disclosures: {name}", "malformed", lambda w: w.hiding(*disclosures, **change))


def secret(key: SigningKey, data: bytes) -> bytes:
    """A MAC with the public key as the secret: the oldest confusion of JWTs."""
    public = json.dumps(jwk_of(key.public_key)).encode()
    return hmac.new(public, data, hashlib.sha256).digest()


def twice(text: str) -> str:
    """The first disclosure once more."""
    return text + text.split("~")[1] + "~"


def stripped(text: str) -> str:
    """Without the first disclosure."""
    return text.replace(text.split("~")[1] + "~", "")


# --- the header -------------------------------------------------------------------------------
case(
    "none, no signature",
    "forged",
    lambda w: w.token(header={**w.header, "alg": "none"}, sign=lambda _: b"") + "~",
)
case(
    "none, with a signature", "forged", lambda w: w.token(header={**w.header, "alg": "none"}) + "~"
)
case(
    "none, spelt differently",
    "forged",
    lambda w: w.token(header={**w.header, "alg": "NonE"}, sign=lambda _: b"") + "~",
)
case(
    "MAC with the public key",
    "forged",
    lambda w: (
        w.token(header={**w.header, "alg": "HS256"}, sign=lambda data: secret(w.key, data)) + "~"
    ),
)
header("HS512", "forged", alg="HS512")
header("RS256", "unknown_cryptosuite", alg="RS256")
header("EdDSA", "unknown_cryptosuite", alg="EdDSA")
header("ES256K", "unknown_cryptosuite", alg="ES256K")
header("es256 in small letters", "unknown_cryptosuite", alg="es256")
header("ES384 by a P-256 key", "forged", alg="ES384")
header("no algorithm", "malformed", "alg")
header("an algorithm that is no text", "malformed", alg=256)
header("a key id that is no text", "malformed", kid=12)
header("a key id that is nothing", "malformed", kid=None)
header("a content type that is no text", "malformed", cty=["JWT"])
header("a chain that is no list", "malformed", x5c="MIIB")
header("an empty chain", "malformed", x5c=[])
header("a chain of numbers", "malformed", x5c=[1])
header("a fingerprint that is no text", "malformed", **{"x5t#S256": 5})
header("no type", "malformed", "typ")
header("a type that is no text", "malformed", typ=["dc+sd-jwt"])
header("a plain JWT", "malformed", typ="JWT")
header("the older type", "malformed", typ="vc+sd-jwt")
header("a key binding", "malformed", typ="kb+jwt")
header("a status list", "malformed", typ="statuslist+jwt")
header("type in capitals", "malformed", typ="DC+SD-JWT")
header("demands extensions", "malformed", crit=["exp"])
header("unencoded payload", "malformed", b64=False)
header("compressed", "malformed", zip="DEF")
header("a place to fetch keys", "malformed", jku="https://thief.example/jwks.json")
header("a place to fetch certificates", "malformed", x5u="https://thief.example/chain.pem")
case(
    "brings its own key",
    "malformed",
    lambda w: w.token(header={**w.header, "jwk": jwk_of(w.thief.public_key)}, key=w.thief) + "~",
)
case(
    "names the thief's key as the office's",
    "unknown_issuer",
    lambda w: (
        w.token(
            header={**w.header, "kid": w.kid.partition("#")[0] + "#" + w.thief.public_multibase},
            key=w.thief,
        )
        + "~"
    ),
)
case(
    "signed by another office",
    "forged",
    lambda w: (
        w.token(header={**w.header, "kid": f"{OTHER}#{w.other.public_multibase}"}, key=w.other)
        + "~"
    ),
)
case(
    "a key id that nobody lists",
    "unknown_issuer",
    lambda w: w.token(header={**w.header, "kid": "12"}, key=w.thief) + "~",
)
case(
    "no key id, the thief's key",
    "forged",
    lambda w: w.token(header=without(w.header, "kid"), key=w.thief) + "~",
)
case(
    "duplicate member in the header",
    "malformed",
    lambda w: (
        w.token(
            header=b'{"alg":"none","alg":"ES256","typ":"dc+sd-jwt","kid":"' + w.kid.encode() + b'"}'
        )
        + "~"
    ),
)
case("a header that is an array", "malformed", lambda w: w.token(header=b'["ES256"]') + "~")
case("a header that is no JSON", "malformed", lambda w: w.token(header=b"{'alg':'ES256'}") + "~")


# --- the signature ----------------------------------------------------------------------------
def resigned(change: Callable[[bytes], bytes]) -> Bend:
    return lambda w: w.token(sign=lambda data: change(w.key.sign(data))) + "~"


def as_der(raw: bytes) -> bytes:
    r, s = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))
    return encode_dss_signature(r, s)


case("a flipped bit of the signature", "forged", resigned(lambda s: s[:-1] + bytes([s[-1] ^ 1])))
case("a signature in DER", "forged", resigned(as_der))
case("an empty signature", "forged", resigned(lambda _: b""))
case("a longer signature", "forged", resigned(lambda s: s + b"\0"))
case("the psychic signature", "forged", resigned(lambda s: bytes(len(s))))
case("halves swapped", "forged", resigned(lambda s: s[32:] + s[:32]))
case("signed by the thief", "forged", lambda w: w.token(key=w.thief) + "~")
case("signed by the holder", "forged", lambda w: w.token(key=w.holder) + "~")


def swapped(position: int, change: Callable[[str], str]) -> Bend:
    """Bend one of the three parts after signing."""

    def bend(w: Any) -> str:
        parts = w.token().split(".")
        parts[position] = change(parts[position])
        return ".".join(parts) + "~"

    return bend


def stray_bits(text: str) -> str:
    """Another spelling of the same bytes: a bit after the end."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


for place, part in enumerate(("header", "payload", "signature")):
    case(f"{part}: padding", "malformed", swapped(place, lambda text: text + "="))
    case(
        f"{part}: a line break",
        "malformed",
        swapped(place, lambda text: text[:8] + "\n" + text[8:]),
    )
    case(f"{part}: a space", "malformed", swapped(place, lambda text: text + " "))
for place, part in enumerate(("header", "payload")):
    case(f"{part}: the other alphabet", "malformed", swapped(place, lambda text: text[:-2] + "+/"))


def other_alphabet(w: Any) -> str:
    """The same bytes of the signature, spelt in the alphabet that is not for URLs."""
    for number in itertools.count():
        signed, _, text = w.token(payload={**w.payload, "jti": f"urn:x:{number}"}).rpartition(".")
        if not {"-", "_"}.isdisjoint(text):  # letters and digits are alike in both alphabets
            return f"{signed}.{text.replace('-', '+').replace('_', '/')}~"
    raise AssertionError


case("signature: the other alphabet", "malformed", other_alphabet)
case("signature: stray bits", "malformed", swapped(2, stray_bits))
case(
    "payload changed",
    "forged",
    swapped(
        1, lambda text: b64(base64.urlsafe_b64decode(text + "===").replace(b"990101", b"990102"))
    ),
)
case(
    "payload re-encoded",
    "forged",
    swapped(
        1,
        lambda text: b64(
            json.dumps(json.loads(base64.urlsafe_b64decode(text + "===")), indent=1).encode()
        ),
    ),
)


# --- the payload ------------------------------------------------------------------------------
def raw(name: str, reason: str, make: Callable[[bytes], bytes]) -> None:
    case(
        f"payload: {name}",
        reason,
        lambda w: w.token(payload=make(json.dumps(w.payload).encode())) + "~",
    )


raw("duplicate member", "malformed", lambda p: p[:-1] + b',"iss":"https://thief.example"}')
raw("duplicate member within", "malformed", lambda p: p[:-1] + b',"x":{"a":1,"a":2}}')
raw("NaN", "malformed", lambda p: p[:-1] + b',"x":NaN}')
raw("a lone surrogate", "malformed", lambda p: p[:-1] + b',"x":"\\ud800"}')
raw("no UTF-8", "malformed", lambda p: p[:-1] + b',"x":"\xff"}')
raw("a byte order mark", "malformed", lambda p: b"\xef\xbb\xbf" + p)
raw("a number beyond all doubt", "malformed", lambda p: p[:-1] + b',"x":9007199254740993}')
raw("an array", "malformed", lambda p: b"[" + p + b"]")
raw("nested deeply", "malformed", lambda p: p[:-1] + b',"x":' + b"[" * 40 + b"]" * 40 + b"}")
raw("words after the end", "malformed", lambda p: p + b" {}")
payload("no type", "malformed", "vct")
payload("a type that is no text", "malformed", vct=["urn:oneservice:certificate:food_permit"])
payload("no issuer", "malformed", "iss")
payload("an issuer that is no URL", "malformed", iss="market regulation")
payload("an issuer that is no text", "malformed", iss={"id": "https://a.example"})
payload("a subject that is no text", "malformed", sub=12)
payload("a name of its own that is no text", "malformed", jti=[])
payload("an issuer that nobody lists", "forged", iss=OTHER)
payload("a type that it may not issue", "not_entitled", vct="urn:oneservice:certificate:fire")
payload("another's type of the same name", "not_entitled", vct="https://thief.example/food_permit")
payload("a region that it may not serve", "not_entitled", issuer_region="980101")
payload("a region that is none", "malformed", issuer_region="somewhere")
payload("an end in words", "malformed", exp="2031-10-14")
payload("an end that is a truth", "malformed", exp=True)
payload("an end before time", "malformed", exp=-1)
payload("an end beyond time", "malformed", exp=10**17)
payload("an end before its beginning", "malformed", exp=1_700_000_000)
payload("it has ended", "expired", nbf=1_700_000_000, exp=1_800_000_000)
payload("it has not begun", "not_yet_valid", nbf=1_850_000_000)
payload("signed when no key was listed", "unknown_issuer", iat=1_600_000_000)
payload("addressed to somebody", "malformed", aud=VERIFIER)
payload("a hash that is broken", "malformed", _sd_alg="md5")
payload("a hash in capitals", "malformed", _sd_alg="SHA-256")
payload("a hash that is no text", "malformed", _sd_alg=256)
payload("a hash named within", "malformed", x={"_sd_alg": "sha-256"})
payload("digests that are no array", "malformed", _sd="abc")
payload("a digest that is no text", "malformed", _sd=[1])
payload("nothing hidden, and said so", "malformed", _sd=[])
payload("a digest twice", "malformed", _sd=["abc", "abc"])
payload("a digest in two places", "malformed", _sd=["abc"], x={"_sd": ["abc"]})
payload("an ellipsis as a name", "malformed", **{"...": "abc"})
payload("an ellipsis with company", "malformed", x=[{"...": "abc", "y": 1}])
payload("an ellipsis that is no digest", "malformed", x=[{"...": 1}])
payload("further types that are none", "malformed", aka_vcts=[])
payload(
    "further types that repeat the type",
    "malformed",
    aka_vcts=["urn:oneservice:certificate:food_permit"],
)
payload("a pin that is none", "malformed", **{"vct#integrity": "md5-1B2M2Y8AsgTpgAmY7PhCfg=="})
payload("a status that is no object", "malformed", status="https://lists.example/1")
payload("a status without index", "malformed", status={"status_list": {"uri": "https://a.example"}})
payload(
    "a status before the first",
    "malformed",
    status={"status_list": {"uri": "https://a.example", "idx": -1}},
)
payload(
    "a status list that is not at hand",
    "indeterminate",
    status={"status_list": {"uri": "https://a.example", "idx": 1}},
)
payload("a confirmation that is no object", "malformed", cnf="key")

# --- disclosures ------------------------------------------------------------------------------
case(
    "disclosures: one too many",
    "malformed",
    lambda w: w.hiding(NAME) + b64(json.dumps([SALT, "holder_code", "9"]).encode()) + "~",
)
case(
    "disclosures: one twice",
    "malformed",
    lambda w: twice(w.hiding(NAME)),
)
case(
    "disclosures: a word changed",
    "malformed",
    lambda w: w.hiding(NAME).replace(
        b64(json.dumps(NAME).encode()), b64(json.dumps([SALT, "holder_name", "Wu"]).encode())
    ),
)
case(
    "disclosures: re-encoded",
    "malformed",
    lambda w: w.hiding(NAME).replace(
        b64(json.dumps(NAME).encode()), b64(json.dumps(NAME, separators=(",", ":")).encode())
    ),
)
shown("named _sd", [SALT, "_sd", ["abc"]])
shown("named like an element", [SALT, "...", "abc"])
shown("named _sd_alg", [SALT, "_sd_alg", "sha-256"])
shown("a name that is there already", [SALT, "x", 1], x=2)
shown("two of one name", [SALT, "x", 1], [SALT, "x", 2])
shown("an element for a member", [SALT, "x"])
shown("one part", [SALT])
shown("four parts", [SALT, "x", 1, 2])
shown("an object", {"salt": SALT, "name": "x", "value": 1})
shown("a name that is a number", [SALT, 1, 2])
shown("a name that is nothing", [SALT, None, 2])
shown("a salt that is a number", [1, "x", 2])
shown("no JSON", b64(b"[x]"))
shown("duplicate members", b64(b'["' + SALT.encode() + b'","x",{"a":1,"a":2}]'))
shown("NaN", b64(b'["' + SALT.encode() + b'","x",NaN]'))
shown("padding", b64(json.dumps([SALT, "xx", 1]).encode()) + "=")
shown(
    "a line break", b64(json.dumps(NAME).encode())[:9] + "\n" + b64(json.dumps(NAME).encode())[9:]
)
shown("empty", "")
shown("a hash named within", [SALT, "x", {"_sd_alg": "sha-256"}])
for protected in ("iss", "aud", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"):
    case(
        f"disclosures: hides {protected}",
        "malformed",
        lambda w, name=protected: "~".join(
            (
                w.token(
                    payload={
                        **without(w.payload, *([name] if name not in ("iss", "vct") else [])),
                        "_sd": [
                            digest(b64(json.dumps([SALT, name, w.payload.get(name, 1)]).encode()))
                        ],
                    }
                ),
                b64(json.dumps([SALT, name, w.payload.get(name, 1)]).encode()),
                "",
            )
        ),
    )
payload("hides part of the holder's key", "malformed", cnf={"_sd": ["abc"]})
payload("hides part of the status", "malformed", status={"status_list": {"_sd": ["abc"]}})
payload("hides a further type", "malformed", aka_vcts=[{"...": "abc"}])
case(
    "disclosures: a member for an element",
    "malformed",
    lambda w: w.hiding(NAME, _sd=[], x=[{"...": digest(b64(json.dumps(NAME).encode()))}]),
)
case(
    "disclosures: one digest refers to itself twice",
    "malformed",
    lambda w: w.hiding(NAME, x={"_sd": [digest(b64(json.dumps(NAME).encode()))]}),
)


def nested(w: Any, depth: int) -> str:
    """Disclosures in disclosures, each of which is legal by itself."""
    texts: list[str] = []
    value: Any = "x"
    for number in range(depth):
        texts.append(b64(json.dumps([f"{SALT}{number}", "x", value]).encode()))
        value = {"_sd": [digest(texts[-1])]}
    token = w.token(payload={**w.payload, **value})
    return "~".join((token, *reversed(texts), ""))


case("disclosures: nested deeply", "malformed", lambda w: nested(w, 900))
case("disclosures: too many", "malformed", lambda w: w.token() + "~" + "e30~" * 1025)

# --- the whole --------------------------------------------------------------------------------
case("no tilde at all", "malformed", lambda w: w.token())
case("a line break at the end", "malformed", lambda w: w.token() + "~\n")
case("a space at the beginning", "malformed", lambda w: " " + w.token() + "~")
case("two parts", "malformed", lambda w: w.token().rpartition(".")[0] + "~")
case("four parts", "malformed", lambda w: w.token() + ".e30~")
case("nothing", "malformed", lambda _: "")
case("only a tilde", "malformed", lambda _: "~")
case("too large", "malformed", lambda w: w.token() + "~" * MAX_SD_JWT_BYTES)
case("letters that are none", "malformed", lambda w: w.token() + "~é~")
case(
    "JSON serialization",
    "indeterminate",
    lambda w: json.dumps(
        {
            "payload": w.token().split(".")[1],
            "protected": w.token().split(".")[0],
            "signature": w.token().split(".")[2],
            "header": {"disclosures": []},
        }
    ),
)

# --- holding ----------------------------------------------------------------------------------
KB: Final = {"alg": "ES256", "typ": "kb+jwt"}
bound("none", "holder_unproven", lambda w: w.hiding(NAME))
bound(
    "for another verifier",
    "holder_unproven",
    lambda w: w.binding(w.hiding(NAME), aud="https://thief.example"),
)
bound(
    "for this verifier, differently spelt",
    "holder_unproven",
    lambda w: w.binding(w.hiding(NAME), aud=VERIFIER + "/"),
)
bound("for several verifiers", "malformed", lambda w: w.binding(w.hiding(NAME), aud=[VERIFIER]))
bound("for nobody", "malformed", lambda w: w.binding(w.hiding(NAME), aud=...))
bound("another word", "holder_unproven", lambda w: w.binding(w.hiding(NAME), nonce="old"))
bound("no word", "malformed", lambda w: w.binding(w.hiding(NAME), nonce=...))
bound(
    "an hour ago", "holder_unproven", lambda w: w.binding(w.hiding(NAME), iat=1_803_873_600 - 3600)
)
bound("tomorrow", "holder_unproven", lambda w: w.binding(w.hiding(NAME), iat=1_803_960_000))
bound("at no time", "malformed", lambda w: w.binding(w.hiding(NAME), iat=...))
bound("at a time that is a truth", "malformed", lambda w: w.binding(w.hiding(NAME), iat=True))
bound("it has ended", "holder_unproven", lambda w: w.binding(w.hiding(NAME), exp=1_803_873_000))
bound("it has not begun", "holder_unproven", lambda w: w.binding(w.hiding(NAME), nbf=1_803_960_000))
bound(
    "a disclosure was taken away",
    "holder_unproven",
    lambda w: stripped(w.binding(w.hiding(NAME))),
)
bound(
    "taken from another presentation",
    "holder_unproven",
    lambda w: w.hiding(NAME) + w.binding(w.hiding([SALT, "number", "1"])).rpartition("~")[2],
)
bound(
    "a hash of something else",
    "holder_unproven",
    lambda w: w.binding(w.hiding(NAME), sd_hash=digest("x")),
)
bound("a hash of nothing", "malformed", lambda w: w.binding(w.hiding(NAME), sd_hash=...))
bound("by the thief", "forged", lambda w: w.binding(w.hiding(NAME), key=w.thief))
bound("by the issuer", "forged", lambda w: w.binding(w.hiding(NAME), key=w.key))
bound(
    "by nobody",
    "forged",
    lambda w: w.binding(w.hiding(NAME), header={**KB, "alg": "none"}, sign=lambda _: b""),
)
bound(
    "by a MAC with the public key",
    "forged",
    lambda w: w.binding(
        w.hiding(NAME), header={**KB, "alg": "HS256"}, sign=lambda data: secret(w.holder, data)
    ),
)
bound(
    "by an algorithm not spoken",
    "unknown_cryptosuite",
    lambda w: w.binding(w.hiding(NAME), header={**KB, "alg": "EdDSA"}),
)
bound(
    "brings its own key",
    "malformed",
    lambda w: w.binding(
        w.hiding(NAME), header={**KB, "jwk": jwk_of(w.thief.public_key)}, key=w.thief
    ),
)
bound(
    "with a key id that is no text",
    "malformed",
    lambda w: w.binding(w.hiding(NAME), header={**KB, "kid": 12}),
)
bound("of no type", "malformed", lambda w: w.binding(w.hiding(NAME), header={"alg": "ES256"}))
bound(
    "of the certificate's type",
    "malformed",
    lambda w: w.binding(w.hiding(NAME), header={"alg": "ES256", "typ": "dc+sd-jwt"}),
)
bound(
    "duplicate members",
    "malformed",
    lambda w: w.binding(w.hiding(NAME), payload=b'{"aud":"a","aud":"b"}'),
)
bound(
    "to a certificate without key",
    "holder_unbound",
    lambda w: w.binding(w.token(payload=without(w.payload, "cnf")) + "~"),
)
bound(
    "to a key that is only named",
    "indeterminate",
    lambda w: w.binding(w.token(payload={**w.payload, "cnf": {"kid": "1"}}) + "~"),
)
bound(
    "to a key that everybody has",
    "malformed",
    lambda w: w.binding(
        w.token(payload={**w.payload, "cnf": {"jwk": {**jwk_of(w.holder.public_key), "d": "AAAA"}}})
        + "~"
    ),
)
bound(
    "to a point that is none",
    "malformed",
    lambda w: w.binding(
        w.token(
            payload={**w.payload, "cnf": {"jwk": {**jwk_of(w.holder.public_key), "y": "A" * 43}}}
        )
        + "~"
    ),
)
bound(
    "to a key of another kind",
    "malformed",
    lambda w: w.binding(
        w.token(payload={**w.payload, "cnf": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}})
        + "~"
    ),
)


def test_unbent_they_are_good(workshop: Any) -> None:
    for text in (workshop.token() + "~", workshop.hiding(NAME), nested(workshop, 8)):
        assert workshop.reason(text) == "valid"
    no_kid = workshop.token(header=without(workshop.header, "kid")) + "~"
    assert workshop.reason(no_kid) == "valid"
    asked = {"audience": VERIFIER, "nonce": NONCE}
    assert workshop.reason(workshop.binding(workshop.hiding(NAME)), **asked) == "valid"
    assert workshop.reason(workshop.issue().dump()) == "valid"


def test_there_are_more_than_fifty_two() -> None:
    names = [name for name, *_ in (*CASES, *BOUND)]
    assert len(set(names)) == len(CASES) + len(
        {name for name, *_ in BOUND} - {n for n, *_ in CASES}
    )
    assert len(CASES) + len(BOUND) > 150


@pytest.mark.parametrize(("reason", "bend"), [one[1:] for one in CASES], ids=[c[0] for c in CASES])
def test_bent_they_are_refused(workshop: Any, reason: str, bend: Bend) -> None:
    text = bend(workshop)
    assert workshop.reason(text) == reason
    assert workshop.reason(text.encode()) == reason


@pytest.mark.parametrize(("reason", "bend"), [one[1:] for one in BOUND], ids=[c[0] for c in BOUND])
def test_who_does_not_hold_it_is_refused(workshop: Any, reason: str, bend: Bend) -> None:
    report = workshop.examine(bend(workshop), audience=VERIFIER, nonce=NONCE)
    assert report.reason == reason
