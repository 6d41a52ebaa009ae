"""SM2 verification and the digest that it signs, in plain integers; a reader installs nothing.

Everything here is public data (keys, signatures, documents), so running time tells nobody anything.
Signing is another matter and is left to a library (``oneservice.seals``).

References:
    GB/T 32918.1-2016 (curves), 32918.2-2016 (signatures; sections 5.5 and 7), 32918.5-2017 (the
    recommended curve), 32905-2016 (SM3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes

__all__ = ["SM2_CURVE", "EllipticCurve", "message_digest", "sm3", "verifies"]

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_INFINITY: Final[_Jacobian] = (1, 1, 0)


@dataclass(frozen=True, slots=True)
class EllipticCurve:
    """y² = x³ + ax + b over the integers modulo the prime p, with a base point of prime order n."""

    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int

    @property
    def octets(self) -> int:
        """How many bytes a coordinate has."""
        return (self.p.bit_length() + 7) // 8

    def holds(self, point: Point) -> bool:
        """Say whether ``point`` lies on the curve; there is no cofactor to think of."""
        x, y = point
        return (
            0 <= x < self.p
            and 0 <= y < self.p
            and (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0
        )

    def lift(self, x: int, *, is_odd: bool) -> Point | None:
        """Return the point with that x whose y is odd, or even; ``None``: there is none."""
        if x >= self.p:
            return None
        square = (x * x * x + self.a * x + self.b) % self.p
        y = pow(square, (self.p + 1) // 4, self.p)  # p = 3 (mod 4) for both curves used here
        if y * y % self.p != square:
            return None
        return x, y if y % 2 == is_odd else self.p - y


SM2_CURVE: Final = EllipticCurve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    a=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    gx=0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    gy=0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)
"""The curve of GB/T 32918.5-2017, which all SM2 keys in use are on."""


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest of ``data``."""
    hasher = hashes.Hash(hashes.SM3())
    hasher.update(data)
    return hasher.finalize()


def message_digest(
    data: bytes, public: Point, *, identity: bytes, curve: EllipticCurve = SM2_CURVE
) -> bytes:
    """Return what is signed for ``data``: it binds the signer's identity, curve and key.

    Args:
        data: the message.
        public: the signer's key.
        identity: the signer's distinguishing identifier, at most 8191 bytes.
        curve: of the key.
    """
    numbers = (curve.a, curve.b, curve.gx, curve.gy, *public)
    entity = (len(identity) * 8).to_bytes(2, "big") + identity
    entity += b"".join(number.to_bytes(curve.octets, "big") for number in numbers)
    return sm3(sm3(entity) + data)


def verifies(
    digest: bytes, signature: tuple[int, int], public: Point, *, curve: EllipticCurve = SM2_CURVE
) -> bool:
    """Say whether ``signature`` (r, s) over ``digest`` was made with the key of ``public``."""
    r, s = signature
    if not (0 < r < curve.n and 0 < s < curve.n and curve.holds(public)):
        return False
    t = (r + s) % curve.n
    if t == 0:
        return False
    found = _affine(curve, _twin(curve, s, (curve.gx, curve.gy), t, public))
    return found is not None and (int.from_bytes(digest, "big") + found[0]) % curve.n == r


def _twin(curve: EllipticCurve, s: int, base: Point, t: int, public: Point) -> _Jacobian:
    """Return ``s * base + t * public`` in one run over the bits (Shamir)."""
    first, second = (*base, 1), (*public, 1)
    both = _added(curve, first, second)
    choices = (_INFINITY, first, second, both)
    total = _INFINITY
    for bit in range(curve.n.bit_length() - 1, -1, -1):
        total = _doubled(curve, total)
        choice = (s >> bit & 1) | (t >> bit & 1) << 1
        if choice:
            total = _added(curve, total, choices[choice])
    return total


def _doubled(curve: EllipticCurve, point: _Jacobian) -> _Jacobian:
    x, y, z = point
    p = curve.p
    if not (y and z):
        return _INFINITY
    yy = y * y % p
    s = 4 * x * yy % p
    m = (3 * x * x + curve.a * pow(z, 4, p)) % p
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p


def _added(curve: EllipticCurve, one: _Jacobian, other: _Jacobian) -> _Jacobian:
    if not one[2]:
        return other
    if not other[2]:
        return one
    p = curve.p
    (x1, y1, z1), (x2, y2, z2) = one, other
    zz1, zz2 = z1 * z1 % p, z2 * z2 % p
    u1, u2 = x1 * zz2 % p, x2 * zz1 % p
    s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
    if u1 == u2:
        return _doubled(curve, one) if s1 == s2 else _INFINITY
    h, r = (u2 - u1) % p, (s2 - s1) % p
    hh = h * h % p
    hhh, v = h * hh % p, u1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return x3, (r * (v - x3) - s1 * hhh) % p, z1 * z2 * h % p


def _affine(curve: EllipticCurve, point: _Jacobian) -> Point | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, curve.p)
    square = inverse * inverse % curve.p
    return x * square % curve.p, y * square * inverse % curve.p
