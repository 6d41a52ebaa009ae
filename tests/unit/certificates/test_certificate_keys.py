"""Keys and their texts: official vectors, strict encodings, nothing secret in sight."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from oneservice.certificates import (
    Cryptosuite,
    Curve,
    SigningKey,
    VerifyingKey,
    decode_base58,
    decode_multikey,
    encode_base58,
    encode_multikey,
)
from oneservice.errors import KeyUnusableError, MalformedCertificateError

KINDS = [
    (Cryptosuite.ECDSA_JCS_2019, Curve.P256, "zDna", 64),
    (Cryptosuite.ECDSA_JCS_2019, Curve.P384, "z82", 96),
    (Cryptosuite.EDDSA_JCS_2022, Curve.ED25519, "z6Mk", 64),
]


@given(st.binary(max_size=100))
def test_base58_goes_there_and_back(data: bytes) -> None:
    assert decode_base58(encode_base58(data), length=len(data)) == data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("z", b""),
        ("z1", b"\0"),
        ("z11", b"\0\0"),
        ("z2NEpo7TZRRrLZSi2U", b"Hello World!"),  # draft-msporny-base58, section 5
        ("z11233QC4", b"\x00\x00\x28\x7f\xb4\xcd"),
    ],
)
def test_base58_vectors(text: str, data: bytes) -> None:
    assert decode_base58(text) == data
    assert encode_base58(data) == text


@pytest.mark.parametrize(
    "text", ["", "u2NEpo7", "2NEpo7", "z0", "zO", "zI", "zl", "z+", "z é", "z1\n", "z" * 400]
)
def test_other_bases_and_symbols_are_refused(text: str) -> None:
    with pytest.raises(MalformedCertificateError):
        decode_base58(text, length=None)


@pytest.mark.parametrize(("suite", "curve", "prefix", "length"), KINDS)
def test_a_key_signs_and_its_other_half_verifies(
    suite: Cryptosuite, curve: Curve, prefix: str, length: int
) -> None:
    key = SigningKey.generate(suite, curve=curve)
    signature = key.sign(b"words")
    assert (key.suite, key.curve, len(signature)) == (suite, curve, length)
    assert key.public_multibase.startswith(prefix)
    public = VerifyingKey.from_multibase(key.public_multibase)
    assert public.verifies(signature, b"words")
    assert not public.verifies(signature, b"other words")
    assert not public.verifies(signature[:-1], b"words")
    assert not public.verifies(b"", b"words")
    assert key.sign(b"words") == signature  # after a crash the same words give the same bytes


@pytest.mark.parametrize(("suite", "curve", "prefix", "length"), KINDS)
def test_a_key_survives_its_encrypted_file(
    suite: Cryptosuite, curve: Curve, prefix: str, length: int
) -> None:
    key = SigningKey.generate(suite, curve=curve)
    pem = key.to_pem(b"open sesame")
    assert SigningKey.from_pem(pem, b"open sesame").public_multibase == key.public_multibase
    assert SigningKey.from_pem(key.to_pem(None)).sign(b"x") == key.sign(b"x")
    for password in (None, b"wrong"):
        with pytest.raises(KeyUnusableError):
            SigningKey.from_pem(pem, password)
    with pytest.raises(KeyUnusableError):
        key.to_pem(b"")
    assert SigningKey.from_pem(pem, b"open sesame").public_multibase.startswith(prefix)
    assert len(SigningKey.from_pem(pem, b"open sesame").sign(b"x")) == length


def test_nothing_secret_shows() -> None:
    for suite in Cryptosuite:
        key = SigningKey.generate(suite)
        shown = f"{key!r} {key}"
        assert key.public_multibase in shown
        secret = key._key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        assert not any(secret[at : at + 8].hex() in shown for at in range(30, 40))
        with pytest.raises(TypeError):
            vars(key)  # slots: no dictionary that a debugger or a logger would print


def test_keys_of_other_kinds_are_refused() -> None:
    def pem(key: object) -> bytes:
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    for foreign in (
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP256K1()),
    ):
        with pytest.raises(KeyUnusableError):
            SigningKey.from_pem(pem(foreign))
    with pytest.raises(KeyUnusableError):
        SigningKey.from_pem(b"no key at all")
    with pytest.raises(KeyUnusableError):
        SigningKey.generate(Cryptosuite.EDDSA_JCS_2022, curve=Curve.P256)


def test_multikeys_are_read_strictly() -> None:
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019).public_multibase
    curve, data = decode_multikey(key)
    assert encode_multikey(curve, data) == key
    off_curve = encode_base58(b"\x80\x24\x02" + b"\xff" * 32)
    for text in (
        off_curve,
        encode_base58(b"\x80\x24" + data[:-1]),
        encode_base58(b"\x80\x24" + data + b"\0"),
        encode_base58(b"\xe7\x01" + data),  # secp256k1-pub
        encode_base58(b"\x86\x26" + data),  # p256-priv
        "u" + key[1:],
        key[1:],
        "z",
    ):
        with pytest.raises(MalformedCertificateError):
            VerifyingKey.from_multibase(text)
    with pytest.raises(MalformedCertificateError):
        encode_multikey(Curve.ED25519, data)


@pytest.mark.parametrize(
    ("file", "curve"),
    [
        ("ecdsa_secp256r1_sha256_p1363_test.json", Curve.P256),
        ("ed25519_test.json", Curve.ED25519),
    ],
)
def test_wycheproof(vectors: Path, file: str, curve: Curve) -> None:
    """Every signature that must be refused is refused, through the class that verifies here."""
    groups = json.loads((vectors / "wycheproof" / file).read_bytes())["testGroups"]
    judged = 0
    for group in groups:
        key = VerifyingKey.from_multibase(encode_multikey(curve, _public(group, curve)))
        for case in group["tests"]:
            answer = key.verifies(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            assert answer is (case["result"] == "valid"), (case["tcId"], case["comment"])
            judged += 1
    assert judged == {Curve.P256: 262, Curve.ED25519: 151}[curve]


def _public(group: dict, curve: Curve) -> bytes:
    if curve is Curve.ED25519:
        return bytes.fromhex(group["publicKey"]["pk"])
    point = bytes.fromhex(group["publicKey"]["uncompressed"])
    return bytes([2 + point[-1] % 2]) + point[1:33]


@pytest.mark.parametrize("public", [bytes(32), b"\1" + bytes(31), bytes(31) + b"\x80"])
def test_a_key_in_whose_name_anybody_could_sign_is_none(public: bytes) -> None:
    """The primitive accepts an all-zero signature under the first of these, over any text."""
    with pytest.raises(MalformedCertificateError, match="small order"):
        VerifyingKey.from_multibase(encode_multikey(Curve.ED25519, public))
