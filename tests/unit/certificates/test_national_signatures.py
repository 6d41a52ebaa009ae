"""SM2 and SM3: the standards' own examples, and signatures beside a certificate."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from oneservice.certificates import encode_base58
from oneservice.certificates.national import (
    DetachedSignature,
    check_detached,
    decode_sm2_key,
    encode_sm2_key,
    signed_words,
)
from oneservice.certificates.national_curve import (
    SM2_CURVE,
    EllipticCurve,
    message_digest,
    sm3,
    verifies,
)
from oneservice.errors import (
    ForgedCertificateError,
    MalformedCertificateError,
    UnknownCryptosuiteError,
    UnknownIssuerError,
)


def _cases(vectors: Path, name: str) -> Any:
    return json.loads((vectors / "sm2-sm3" / name).read_text(encoding="utf-8"))


def _worked(case: dict[str, Any]) -> tuple[EllipticCurve, tuple[int, int], int]:
    curve = EllipticCurve(**{name: int(value, 16) for name, value in case["curve"].items()})
    private = int(case["private"], 16)
    return curve, _multiplied(curve, private), private


def _multiplied(curve: EllipticCurve, times: int) -> tuple[int, int]:
    """A naive affine product, so that the fast one is not its own judge."""
    point: tuple[int, int] | None = None
    doubled: tuple[int, int] | None = (curve.gx, curve.gy)
    while times:
        if times & 1:
            point = _sum(curve, point, doubled)
        doubled = _sum(curve, doubled, doubled)
        times >>= 1
    assert point is not None
    return point


def _sum(
    curve: EllipticCurve, one: tuple[int, int] | None, other: tuple[int, int] | None
) -> tuple[int, int] | None:
    if one is None or other is None:
        return one or other
    p, (x1, y1), (x2, y2) = curve.p, one, other
    if x1 == x2 and (y1 + y2) % p == 0:
        return None
    slope = (
        (3 * x1 * x1 + curve.a) * pow(2 * y1, -1, p)
        if one == other
        else (y2 - y1) * pow(x2 - x1, -1, p)
    ) % p
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p


def _signed(curve: EllipticCurve, private: int, digest: bytes, chance: int) -> tuple[int, int]:
    """GB/T 32918.2, section 6.1: never use a fixed chance for anything but tests."""
    x, _ = _multiplied(curve, chance)
    r = (int.from_bytes(digest, "big") + x) % curve.n
    s = pow(1 + private, -1, curve.n) * (chance - r * private) % curve.n
    return r, s


def test_sm3(vectors: Path) -> None:
    for case in _cases(vectors, "sm3.json"):
        assert sm3(bytes.fromhex(case["message_hex"])).hex() == case["digest_hex"]


def test_the_worked_examples_of_both_standards(vectors: Path) -> None:
    """Also the one on a curve that no library offers."""
    for case in _cases(vectors, "sm2-signatures.json"):
        curve, public, private = _worked(case)
        digest = message_digest(
            case["message"].encode(), public, identity=case["id"].encode(), curve=curve
        )
        stated = int(case["r"], 16), int(case["s"], 16)
        assert curve.holds(public)
        assert _signed(curve, private, digest, int(case["k"], 16)) == stated
        assert verifies(digest, stated, public, curve=curve)
        assert not verifies(digest, stated[::-1], public, curve=curve)
        if "e" in case:
            assert digest.hex() == case["e"]
            assert curve == SM2_CURVE


def test_prehashed_signatures(vectors: Path) -> None:
    found = _cases(vectors, "evppkey_sm2-prehashed.json")
    private = int.from_bytes(_private_octets(found["private_key_pem"]), "big")
    public = _multiplied(SM2_CURVE, private)
    for case in found["cases"]:
        digest = bytes.fromhex(case["e"])
        signature = decode_dss_signature(bytes.fromhex(case["signature"]))
        assert verifies(digest, signature, public)
        assert not verifies(digest[:-1] + bytes((digest[-1] ^ 1,)), signature, public)


def _private_octets(pem: str) -> bytes:
    der = base64.b64decode("".join(pem.splitlines()[1:-1]))
    start = der.index(b"\x04\x20") + 2  # the OCTET STRING of the private key
    return der[start : start + 32]


_PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
_DOCUMENT = {"id": "urn:example:1", "name": "示例", "proof": {"type": "DataIntegrityProof"}}


@pytest.fixture
def key() -> tuple[int, int]:
    return _multiplied(SM2_CURVE, _PRIVATE)


@pytest.fixture
def beside(key: tuple[int, int]) -> DetachedSignature:
    digest = message_digest(signed_words(_DOCUMENT), key, identity=b"1234567812345678")
    r, s = _signed(SM2_CURVE, _PRIVATE, digest, 0x59276E27D506861A)
    value = encode_base58(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return DetachedSignature(alg="SM2-SM3", key=encode_sm2_key(key), value=value)


def test_a_signature_beside_a_certificate(beside: DetachedSignature) -> None:
    found = check_detached(DetachedSignature.of(beside.as_json()), _DOCUMENT, keys={beside.key})
    assert found.key == beside.key
    without = {name: value for name, value in _DOCUMENT.items() if name != "proof"}
    assert check_detached(beside, without, keys={beside.key}) == found


def test_each_no_has_its_own_reason(beside: DetachedSignature, key: tuple[int, int]) -> None:
    other = encode_sm2_key(_multiplied(SM2_CURVE, 7))
    with pytest.raises(ForgedCertificateError):
        check_detached(beside, {**_DOCUMENT, "name": "别人"}, keys={beside.key})
    with pytest.raises(ForgedCertificateError):
        check_detached(beside, _DOCUMENT, keys={beside.key}, identity="ALICE123@YAHOO.COM")
    with pytest.raises(UnknownIssuerError):
        check_detached(beside, _DOCUMENT, keys={other})
    swapped = DetachedSignature(alg=beside.alg, key=other, value=beside.value)
    with pytest.raises(ForgedCertificateError):
        check_detached(swapped, _DOCUMENT, keys={other})
    unknown = DetachedSignature(alg="SM9", key=beside.key, value=beside.value)
    with pytest.raises(UnknownCryptosuiteError):
        check_detached(unknown, _DOCUMENT, keys={beside.key})
    assert decode_sm2_key(beside.key) == key


@pytest.mark.parametrize(
    "signature", [(0, 1), (1, 0), (SM2_CURVE.n, 1), (1, SM2_CURVE.n), (1, SM2_CURVE.n - 1)]
)
def test_numbers_out_of_range_verify_nothing(
    signature: tuple[int, int], key: tuple[int, int]
) -> None:
    assert not verifies(b"\x00" * 32, signature, key)


def test_a_key_off_the_curve_is_refused(key: tuple[int, int]) -> None:
    assert not verifies(b"\x01" * 32, (1, 1), (key[0], key[1] ^ 1))
    x = next(x for x in range(2, 100) if SM2_CURVE.lift(x, is_odd=True) is None)
    for data in (
        b"\x86\x24\x02" + x.to_bytes(32, "big"),
        b"\x86\x24\x05" + key[0].to_bytes(32, "big"),
        b"\x80\x24\x02" + key[0].to_bytes(32, "big"),
        b"\x86\x24\x02" + SM2_CURVE.p.to_bytes(32, "big"),
    ):
        with pytest.raises(MalformedCertificateError):
            decode_sm2_key(encode_base58(data))
