"""National signatures in reports: named with what they show, and false ones found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from oneservice.certificates import Certificate, CheckResult, Enclosures, Report, sign_detached
from oneservice.certificates.national import encode_sm2_key
from oneservice.certificates.national_curve import SM2_CURVE, message_digest

if TYPE_CHECKING:
    from tests.unit.certificates.evidence.conftest import Country

PRIVATE = 0x128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263


class PlainKey:
    """SM2 in plain integers with a fixed nonce: for one signature by a key of nobody."""

    nonce = 0x6CB28D99385C175C94F94E934817663FC176D925DD72B727260DBAAE1FB2F96F

    @property
    def point(self) -> tuple[int, int]:
        return times(PRIVATE)

    @property
    def public_multibase(self) -> str:
        return encode_sm2_key(self.point)

    def sign(self, data: bytes) -> bytes:
        n = SM2_CURVE.n
        hashed = message_digest(data, self.point, identity=b"1234567812345678")
        digest = int.from_bytes(hashed, "big")
        r = (digest + times(self.nonce)[0]) % n
        s = pow(1 + PRIVATE, -1, n) * (self.nonce - r * PRIVATE) % n
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def times(number: int) -> tuple[int, int]:
    """Multiply the base point, in the slow affine way."""
    p, found, doubled = SM2_CURVE.p, None, (SM2_CURVE.gx, SM2_CURVE.gy)
    while number:
        if number & 1:
            found = doubled if found is None else _sum(p, found, doubled)
        doubled = _sum(p, doubled, doubled)
        number >>= 1
    assert found is not None
    return found


def _sum(p: int, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, other
    if one == other:
        slope = (3 * x1 * x1 + SM2_CURVE.a) * pow(2 * y1, -1, p) % p
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, p) % p
    x = (slope * slope - x1 - x2) % p
    return x, (slope * (x1 - x) - y1) % p


def report(country: Country, certificate: Certificate, entry: dict[str, Any]) -> Report:
    enclosed = Enclosures.of({"national": [entry]})
    return country.report(certificate, enclosures=enclosed)


def test_a_signature_that_covers_the_words_is_named(country: Country) -> None:
    certificate = country.certificate(status=None)
    entry = sign_detached(certificate.content, key=PlainKey()).as_json()
    found = report(country, certificate, entry)
    assert found.reason is None
    check = found.checks[-1]
    assert (check.name, check.result) == ("national_signature", CheckResult.NOT_CHECKED)
    assert check.evidence["key"] == PlainKey().public_multibase
    assert "covers these words" in check.evidence["why"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": "z" + "1" * 64}, "forged"),
        ({"value": "u" + "1" * 64}, "malformed"),
        ({"key": "zDnaeasaPjdvEsw1LJ7sNBxjhCd3B3PSFP1AaukQXp7gZsvdA"}, "malformed"),
        ({"alg": "SM9"}, None),
    ],
)
def test_a_false_one_is_found_though_nobody_asked(
    country: Country, change: dict[str, str], reason: str | None
) -> None:
    certificate = country.certificate(status=None)
    entry = sign_detached(certificate.content, key=PlainKey()).as_json() | change
    assert report(country, certificate, entry).reason == reason


def test_one_of_another_certificate_is_false(country: Country) -> None:
    other = country.certificate(status=None, holder_name="Wang")
    entry = sign_detached(other.content, key=PlainKey()).as_json()
    assert report(country, country.certificate(status=None), entry).reason == "forged"
