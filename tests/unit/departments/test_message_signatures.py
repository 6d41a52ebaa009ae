"""Signed messages: the vectors (P-84) of protocol and RFC, a stranger's library, forgeries."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import http_message_signatures as stranger
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from oneservice.departments import (
    CALLBACK_TAG,
    REQUEST_TAG,
    EcdsaEventKey,
    Ed25519EventKey,
    MessageSigner,
    Target,
    VerifyingKey,
    verify_message,
)
from oneservice.departments.message_signatures import COMPONENTS, signature_base
from oneservice.departments.structured import (
    Date,
    DisplayString,
    InnerList,
    StructuredFieldError,
    parse_dictionary,
    written,
)
from oneservice.departments.wire import content_digest
from oneservice.errors import AdapterError, ProtocolProblemError

NOW = datetime.fromtimestamp(1795222800, UTC)
URL = "https://dept.example/oneservice/v1/submissions/c42.food_permit.1"
BODY = b'{"step_id":"food_permit"}'
KEY = Ed25519EventKey(
    keyid="region-a-2026", private=ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
)
HEADERS = {"Content-Digest": content_digest(BODY), "OneService-Version": "1.0"}
VECTOR = "TiTlmdGFPFhL8U8arlcI8BymcVB3NFEIiZyqLm0dzBKm/WXuvak3kMFWuTLlr6erG1FDH7IB8QXnVGJQK9hZAQ=="


def public(key: Any) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


def signed(
    signer: MessageSigner | None = None, *, url: str = URL, method: str = "PUT", **others: str
) -> dict[str, str]:
    chosen = signer or MessageSigner(key=KEY)
    headers = {**HEADERS, **others}
    made = chosen.headers(method=method, url=url, headers=headers, created_at=NOW)
    return {name.lower(): value for name, value in (headers | dict(made)).items()}


def judged(fields: dict[str, str], **changed: Any) -> str:
    asked: dict[str, Any] = {
        "target": Target.of("PUT", URL),
        "keys": {KEY.keyid: public(KEY)},
        "tag": REQUEST_TAG,
        "now": NOW,
    } | changed
    target = asked.pop("target")
    try:
        return verify_message(target, fields, **asked).keyid
    except ProtocolProblemError as error:
        return error.problem


def test_p84_the_vector_is_made_and_verifies() -> None:
    signer = MessageSigner(key=KEY, nonce=lambda: "bm9uY2Utbm9uY2Utbm9uY2U")
    fields = signed(signer)
    assert HEADERS["Content-Digest"] == "sha-256=:Zv3CqZlONsDkL6dCNddCM+BeBfXDFYypoxZN3XTyWgY=:"
    assert fields["signature"] == f"oneservice=:{VECTOR}:"
    assert fields["signature-input"] == (
        'oneservice=("@method" "@authority" "@path" "@query" "content-digest" '
        '"oneservice-version");created=1795222800;expires=1795223100;'
        'nonce="bm9uY2Utbm9uY2Utbm9uY2U";keyid="region-a-2026";alg="ed25519";'
        'tag="oneservice-request"'
    )
    assert judged(fields) == KEY.keyid


@pytest.mark.parametrize("make", [Ed25519EventKey.generate, EcdsaEventKey.generate])
def test_both_algorithms_any_order_of_parameters_more_components(make: Any) -> None:
    key = make("k1")
    assert judged(signed(MessageSigner(key=key)), keys={"k1": public(key)}) == "k1"
    mixed = (
        '("oneservice-version" "content-digest" "traceparent" "@query" "@path" "@authority" '
        f'"@method");tag="{REQUEST_TAG}";keyid="k1";expires=1795222900;created=1795222800'
    )
    names = tuple(mixed[2 : mixed.index('")')].split('" "'))
    fields = {name.lower(): value for name, value in HEADERS.items()} | {"traceparent": "00-a-b-01"}
    values = Target.of("PUT", URL).values() | fields
    value = base64.b64encode(key.sign(signature_base(names, values, mixed))).decode()
    loose = mixed.replace('" "', '"   "').replace(";tag", ";  tag")  # optional white space
    fields |= {"signature-input": f"a={loose}", "signature": f"a=:{value}:"}
    assert judged(fields, keys={"k1": public(key)}) == "k1"
    assert judged(fields | {"traceparent": "00-c-d-01"}, keys={"k1": public(key)}) == (
        "signature-invalid"
    )


def _jwk(key: dict[str, str]) -> VerifyingKey:
    def raw(name: str) -> bytes:
        return base64.urlsafe_b64decode(key[name] + "==")

    if key["kty"] == "OKP":
        return VerifyingKey(keyid=key["kid"], alg="ed25519", public_key=raw("x"))
    point = b"\x04" + raw("x") + raw("y")
    return VerifyingKey(keyid=key["kid"], alg="ecdsa-p256-sha256", public_key=point)


def test_rfc_9421_appendix_b(vectors: Path) -> None:
    document = json.loads((vectors / "rfc9421" / "appendix-b.json").read_bytes())
    seen = 0
    for case in document["cases"]:
        member = parse_dictionary(case["signature_input"])[case["label"]]
        assert isinstance(member, InnerList)
        assert f'"@signature-params": {member}' == case["signature_base"].splitlines()[-1]
        value = parse_dictionary(case["signature"])[case["label"]]
        assert isinstance(value, bytes)
        key = document["keys"][dict(member.parameters)["keyid"]]
        if key["kty"] in {"OKP", "EC"}:
            seen += 1
            base = case["signature_base"].encode()
            assert _jwk(key).holds(value, base)
            assert not _jwk(key).holds(value, base + b" ")
            values = dict(
                line[1:].split('": ', 1) for line in case["signature_base"].splitlines()[:-1]
            )
            assert signature_base(tuple(values), values, str(member)) == base
    assert seen == 2


class _Message:
    """A request as the other library sees it."""

    def __init__(self, headers: dict[str, str], url: str = URL) -> None:
        self.method, self.url, self.headers = "PUT", url, dict(headers)
        self.body = BODY


def _algorithm(key: Any) -> Any:
    algorithms = stranger.algorithms
    return algorithms.ED25519 if key.alg == "ed25519" else algorithms.ECDSA_P256_SHA256


class _Resolver(stranger.HTTPSignatureKeyResolver):
    def __init__(self, key: Any) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:
        assert key_id == self._key.keyid
        return self._key.private.public_key()

    def resolve_private_key(self, key_id: str) -> Any:
        assert key_id == self._key.keyid
        return self._key.private


@pytest.mark.parametrize(
    "key", [KEY, EcdsaEventKey(keyid="p", private=ec.generate_private_key(ec.SECP256R1()))]
)
@pytest.mark.parametrize("query", ["", "?after=3&wait=25", "?a=%20b"])
def test_another_library_verifies_ours_and_we_verify_its(key: Any, query: str) -> None:
    url = URL + query
    created = datetime.now(tz=UTC).replace(microsecond=0)  # noqa: TID251 - the library reads the clock
    ours = MessageSigner(key=key)
    made = ours.headers(method="PUT", url=url, headers=HEADERS, created_at=created)
    verifier = stranger.HTTPMessageVerifier(
        signature_algorithm=_algorithm(key), key_resolver=_Resolver(key)
    )
    results = verifier.verify(_Message({**HEADERS, **made}, url), expect_tag=REQUEST_TAG)
    assert set(results[0].covered_components) >= {f'"{name}"' for name in COMPONENTS}
    message = _Message(HEADERS, url)
    signer = stranger.HTTPMessageSigner(
        signature_algorithm=_algorithm(key), key_resolver=_Resolver(key)
    )
    signer.sign(
        message,
        key_id=key.keyid,
        created=created,
        expires=created + timedelta(seconds=300),
        nonce="n",
        tag=REQUEST_TAG,
        covered_component_ids=COMPONENTS,
        body=BODY,
        use_existing_digest=True,
    )
    fields = {name.lower(): value for name, value in message.headers.items()}
    verified = verify_message(
        Target.of("PUT", url), fields, keys={key.keyid: public(key)}, tag=REQUEST_TAG, now=created
    )
    assert verified.keyid == key.keyid


def with_input(change: Any) -> dict[str, str]:
    """Change the signature input and sign the changed one, so that only the rule is broken."""
    text = change(signed(MessageSigner(key=KEY, nonce=None))["signature-input"])
    label, _, parameters = text.partition("=")
    fields = {name.lower(): value for name, value in HEADERS.items()}
    names = tuple(part.strip('"') for part in parameters[1 : parameters.index(")")].split())
    values = Target.of("PUT", URL).values() | fields
    base = signature_base(tuple(n for n in names if n in values), values, parameters)
    value = base64.b64encode(KEY.sign(base)).decode()
    return fields | {"signature-input": text, "signature": f"{label}=:{value}:"}


@pytest.mark.parametrize(
    "change",
    [
        *(
            lambda text, name=name: text.replace(f'"{name}" ', "").replace(f' "{name}"', "")
            for name in COMPONENTS
        ),
        lambda text: text.replace(REQUEST_TAG, CALLBACK_TAG),
        lambda text: text.replace(f';tag="{REQUEST_TAG}"', ""),
        lambda text: text.replace('alg="ed25519"', 'alg="ecdsa-p256-sha256"'),
        lambda text: text.replace('alg="ed25519"', 'alg="hmac-sha256"'),
        lambda text: text.replace('alg="ed25519"', "alg=ed25519"),
        lambda text: text.replace(";created=1795222800", ""),
        lambda text: text.replace(";expires=1795223100", ""),
        lambda text: text.replace("expires=1795223100", "expires=1795223101"),
        lambda text: text.replace("expires=1795223100", "expires=1795222800"),
        lambda text: text.replace("created=1795222800", 'created="1795222800"'),
        lambda text: text.replace("created=1795222800", "created=1795222800.5"),
        lambda text: text.replace(';keyid="region-a-2026"', ""),
        lambda text: text.replace('"@method"', '"@method";req'),
        lambda text: text.replace('"@method"', '"@method" "@method"'),
        lambda text: text.replace('"@method"', '"@method" "x-not-there"'),
        lambda text: text.replace(";created", ";created=1;created"),
    ],
)
def test_p77_a_signature_of_another_shape_is_invalid(change: Any) -> None:
    assert judged(with_input(lambda text: text)) == KEY.keyid
    assert judged(with_input(change)) == "signature-invalid"


def test_p77_two_signatures_of_the_kind_none_and_strangers() -> None:
    fields = signed()
    twice = {
        name: f"{fields[name]}, {fields[name].replace('oneservice=', 'b=', 1)}"
        for name in ("signature-input", "signature")
    }
    assert judged(fields | twice) == "signature-invalid"
    again = {name: f"{fields[name]}, {fields[name]}" for name in ("signature-input", "signature")}
    assert judged(fields | again) == "signature-invalid"
    callback = signed(MessageSigner(key=KEY, tag=CALLBACK_TAG))
    beside = {
        name: f"{callback[name].replace('oneservice=', 'proxy=', 1)}, {fields[name]}"
        for name in ("signature-input", "signature")
    }
    assert judged(fields | beside) == KEY.keyid  # others' signatures are not ours to judge
    assert judged(callback) == "signature-invalid"
    for name in ("signature-input", "signature"):
        assert judged({k: v for k, v in fields.items() if k != name}) == "signature-missing"
        assert judged(fields | {name: "("}) == "signature-invalid"
    assert judged(fields | {"signature": "other=:AAAA:"}) == "signature-invalid"
    assert judged(fields | {"signature": "oneservice=AAAA"}) == "signature-invalid"
    assert judged(fields, keys={}) == "unknown-key"


@pytest.mark.parametrize(
    "target",
    [
        Target.of("GET", URL),
        Target.of("PUT", URL.replace("dept.", "evil.")),
        Target.of("PUT", f"{URL}1"),
        Target.of("PUT", f"{URL}?a"),
        Target.of("PUT", URL.replace("dept.example", "dept.example:8443")),
    ],
)
def test_p77_another_target_is_invalid(target: Target) -> None:
    assert judged(signed(), target=target) == "signature-invalid"


def test_the_default_port_and_capitals_are_one_authority() -> None:
    same = URL.replace("dept.example", "DEPT.example:443")
    assert Target.of("PUT", same) == Target.of("PUT", URL)
    assert Target.of("GET", "http://[::1]:80?x").values() == {
        "@method": "GET", "@authority": "[::1]", "@path": "/", "@query": "?x",
    }  # fmt: skip


@given(data=st.data())
def test_p77_any_changed_byte_is_invalid(data: st.DataObject) -> None:
    fields = signed()
    name = data.draw(st.sampled_from(sorted(fields)))
    place = data.draw(st.integers(0, len(fields[name]) - 1))
    letter = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = fields[name][:place] + letter + fields[name][place + 1 :]
    verdict = judged(fields | {name: changed})
    if changed == fields[name]:
        assert verdict == KEY.keyid
    elif "keyid=" in changed and f'keyid="{KEY.keyid}"' not in changed:
        assert verdict in {"unknown-key", "signature-invalid"}
    elif verdict == KEY.keyid:  # the label, in one field or both, and padding bits, say nothing
        assert parse_dictionary(changed).keys() == {"oneservice"}
    else:
        assert verdict in {"signature-invalid", "signature-missing"}


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (-121, "clock-skew"),
        (-61, "clock-skew"),
        (-60, "ok"),
        (0, "ok"),
        (360, "ok"),
        (361, "clock-skew"),
        (3600, "clock-skew"),
    ],
)
def test_p78_time(seconds: int, verdict: str) -> None:
    now = NOW + timedelta(seconds=seconds)
    assert judged(signed(), now=now).replace(KEY.keyid, "ok") == verdict


def test_p78_the_server_says_its_time_and_only_to_holders_of_keys() -> None:
    late = NOW + timedelta(hours=1)
    with pytest.raises(ProtocolProblemError) as caught:
        verify_message(
            Target.of("PUT", URL),
            signed(),
            keys={KEY.keyid: public(KEY)},
            tag=REQUEST_TAG,
            now=late,
        )
    assert caught.value.members == {"server_time": "2026-11-21T02:00:00Z"}
    forged = signed(MessageSigner(key=Ed25519EventKey.generate(KEY.keyid)))
    assert judged(forged, now=late) == "signature-invalid"


def test_p79_rotation() -> None:
    old, new = Ed25519EventKey.generate("k-2026"), EcdsaEventKey.generate("k-2027")
    ends = VerifyingKey(
        keyid=old.keyid, alg=old.alg, public_key=old.public_key, not_after=NOW + timedelta(days=1)
    )
    both = {old.keyid: ends, new.keyid: public(new)}
    for key in (old, new):
        assert judged(signed(MessageSigner(key=key)), keys=both) == key.keyid
    assert judged(signed(MessageSigner(key=old)), keys={new.keyid: public(new)}) == "unknown-key"
    # Signed in time, and presented when the key counts no more.
    withdrawn = {old.keyid: VerifyingKey(**{**_fields_of(ends), "not_after": NOW - timedelta(1)})}
    assert judged(signed(MessageSigner(key=old)), keys=withdrawn) == "unknown-key"


def _fields_of(key: VerifyingKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in VerifyingKey.__slots__}


def test_a_lifetime_beyond_the_protocol_is_refused() -> None:
    for seconds in (0, 301):
        with pytest.raises(AdapterError):
            MessageSigner(key=KEY, lifetime_s=seconds)
    assert "private" not in repr(MessageSigner(key=KEY))


@pytest.mark.parametrize(
    "text",
    [
        *("", "a=", "A=1", "a=(", 'a=("b"', 'a=("b"c)', "a=1,", "a=1 b=2", "a=:====:"),
        *('a="\\x"', "a=1.", "a=.5", "a=1.2345", "a=1234567890123.0", "a=--1", "a=@1.5", "a=@"),
        *('a=%"%C3%BC"', 'a=%"%ff"', 'a=%"%4"', 'a=%"ü"', "a=%x", 'a=%"'),
        *('a="é"', "a=1234567890123456", "a=();b;b", "a=1, a=2"),
        *("a=?2", "\ta=1"),
    ],
)
def test_fields_beyond_the_grammar_are_refused(text: str) -> None:
    with pytest.raises(StructuredFieldError):
        parse_dictionary(text)


BARE = [
    ("1.5", Decimal("1.5"), "1.5"),
    ("-0.50", Decimal("-0.5"), "-0.5"),
    ("-0.0", Decimal(0), "0.0"),
    ("999999999999.999", Decimal("999999999999.999"), "999999999999.999"),
    ("007.0", Decimal(7), "7.0"),
    ("@1659578233", Date(1659578233), "@1659578233"),
    ("@-62135596800", Date(-62135596800), "@-62135596800"),
    ('%"f%c3%bc%c3%bc %25%22"', DisplayString('füü %"'), '%"f%c3%bc%c3%bc %25%22"'),
    ('%""', DisplayString(""), '%""'),
]


@pytest.mark.parametrize(("text", "value", "canonical"), BARE)
def test_every_kind_of_bare_item_is_read_and_written(text: str, value: Any, canonical: str) -> None:
    """RFC 9651 sections 4.1.5, 4.1.10 and 4.1.11, with the examples of sections 3.3.7 and 3.3.8."""
    assert parse_dictionary(f"a={text}, b;c={text}") == {"a": value, "b": True}
    assert written(value) == canonical
    found = parse_dictionary(f"a=(1 {text};d={text});e={text}")["a"]
    assert str(found) == f"(1 {canonical};d={canonical});e={canonical}"


@pytest.mark.parametrize("kind", ["created=1795222800.25", "seen=@1795222800", 'by=%"caf%c3%a9"'])
def test_what_a_proxy_signs_beside_us_is_its_own_affair(kind: str) -> None:
    fields = signed()
    beside = fields | {
        "signature-input": f'{fields["signature-input"]}, proxy=("@method";{kind});{kind};tag="p"',
        "signature": f"proxy=:AAAA:;{kind}, {fields['signature']}",
    }
    assert judged(beside) == KEY.keyid
    # In the one that is ours an instant stays what it must be: whole seconds.
    ours = with_input(lambda text: text.replace("created=1795222800", "created=@1795222800"))
    assert judged(ours) == "signature-invalid"
    assert judged(with_input(lambda text: f"{text};{kind.replace('created', 'x')}")) == KEY.keyid


@given(st.text(alphabet='ab=();:"\\,?01%@ \t@-.A*', max_size=60))
def test_any_text_is_a_dictionary_or_refused(text: str) -> None:
    try:
        parse_dictionary(text)
    except StructuredFieldError:
        return
