"""Whose signature it is: public keys that somebody decided to trust, of events and of messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from oneservice.transparency import has_small_order

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["ECDSA_P256", "ED25519", "P256_BYTES", "VerifyingKey"]

ED25519: Final = "ed25519"
ECDSA_P256: Final = "ecdsa-p256-sha256"
P256_BYTES: Final = 32
"""Of r, of s, and of a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A public key of the far side that somebody on our side decided to trust.

    An engine trusts departments' event keys with it, a department the keys by which callers sign
    their requests. ``public_key`` is raw: 32 bytes of Ed25519, or a point of P-256 (compressed or
    not). It counts for what was recorded, or sent, from ``not_before`` to ``not_after``, both
    included.
    """

    keyid: str
    alg: str
    public_key: bytes
    not_before: datetime | None = None
    not_after: datetime | None = None

    def covers(self, instant: datetime) -> bool:
        """Say whether the key counts at ``instant``."""
        return (self.not_before is None or self.not_before <= instant) and (
            self.not_after is None or instant <= self.not_after
        )

    def holds(self, signature: bytes, data: bytes) -> bool:
        """Say whether ``signature`` over ``data`` is this key's; ``False`` for an unusable key."""
        try:
            _checker(self.alg, self.public_key)(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


_Check: TypeAlias = Callable[[bytes, bytes], None]


@lru_cache(maxsize=256)
def _checker(alg: str, public_key: bytes) -> _Check:
    """Return what checks signatures under a raw key; ``ValueError`` if it is no such key."""
    if alg == ED25519:
        if has_small_order(public_key):
            msg = "no key: anybody could sign in its name"
            raise ValueError(msg)
        return ed25519.Ed25519PublicKey.from_public_bytes(public_key).verify
    if alg == ECDSA_P256:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
        return lambda signature, data: _check_p256(point, signature, data)
    msg = "an algorithm that is not spoken here"
    raise ValueError(msg)


def _check_p256(point: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> None:
    if len(signature) != 2 * P256_BYTES:
        raise InvalidSignature
    r = int.from_bytes(signature[:P256_BYTES], "big")
    s = int.from_bytes(signature[P256_BYTES:], "big")
    point.verify(encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
