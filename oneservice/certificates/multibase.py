"""Multibase base58btc, and Multikey: how public keys and signatures are written in text.

Strict: one encoding only. Where base58 is due, base64url is refused, although some popular
verifiers take it: a signature that has two spellings makes two files of one certificate.

References:
    W3C Controlled Identifiers 1.0, sections 2.2.2 (Multikey), 2.4 (multibase), 2.5 (multicodec).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from oneservice.errors import MalformedCertificateError

__all__ = ["Curve", "decode_base58", "decode_multikey", "encode_base58", "encode_multikey"]

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_FOREIGN: Final = 255
_VALUES: Final = bytes(
    _ALPHABET.index(symbol) if symbol in _ALPHABET else _FOREIGN for symbol in map(chr, range(256))
)
"""The digit that each byte is."""
_PAIRS: Final = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
_HEADER: Final = "z"
_TEN_DIGITS: Final = 58**10
_MAX_SYMBOLS: Final = 256
"""A P-384 signature has 132; base58 takes quadratic time, so there must be a limit."""


class Curve(StrEnum):
    """The curves whose keys we read; the value is the name people use."""

    P256 = "P-256"
    P384 = "P-384"
    ED25519 = "Ed25519"


@dataclass(frozen=True, slots=True)
class _Form:
    codec: bytes
    """The multicodec of the public key as an unsigned varint."""
    length: int
    """Bytes of the public key: a compressed point, or 32 bytes for Ed25519."""


_FORMS: Final = {
    Curve.P256: _Form(b"\x80\x24", 33),
    Curve.P384: _Form(b"\x81\x24", 49),
    Curve.ED25519: _Form(b"\xed\x01", 32),
}


def encode_base58(data: bytes) -> str:
    """Return ``data`` in multibase base58btc: ``z`` and the digits."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:  # ten digits at a time, because to divide a small number is cheap; by pairs
        number, chunk = divmod(number, _TEN_DIGITS)
        for _ in range(5):
            chunk, rest = divmod(chunk, 58**2)
            digits.append(_PAIRS[rest])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _HEADER + "1" * zeros + "".join(reversed(digits)).lstrip("1")


def decode_base58(text: str, *, length: int | None = None) -> bytes:
    """Return the bytes that ``text`` states in multibase base58btc.

    Args:
        text: ``z`` and base58 digits.
        length: the number of bytes that is due; any other number is refused.

    Raises:
        MalformedCertificateError: another base, a foreign symbol, too long, or not ``length``.
    """
    if not text.startswith(_HEADER) or len(text) > _MAX_SYMBOLS:
        msg = "multibase base58btc is due ('z' and base58 digits)"
        raise MalformedCertificateError(msg)
    digits = text[1:]
    values = digits.encode("ascii", "replace").translate(_VALUES)
    if _FOREIGN in values:
        msg = "a symbol that base58 does not have, in a multibase text"
        raise MalformedCertificateError(msg)
    number = _number(values)
    zeros = len(digits) - len(digits.lstrip("1"))
    data = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if length is not None and len(data) != length:
        msg = f"a multibase text holds {len(data)} bytes, {length} are due"
        raise MalformedCertificateError(msg)
    return data


def _number(values: bytes) -> int:
    """Return the number whose base58 digits are ``values``.

    All neighbours are joined at once, each digit in a lane of its own of one long number: pairs of
    digits, then fours, then eights. Digit by digit takes three times as long, which a verifier of
    millions notices.
    """
    joined = int.from_bytes(values, "big")
    for width, odd, base in _JOINS:
        joined = (joined >> width & odd) * base + (joined & odd)
    eights = -(-len(values) // 8)
    number = 0
    for eight in struct.unpack(f">{eights}Q", joined.to_bytes(8 * eights, "big")):
        number = number * 58**8 + eight
    return number


_JOINS: Final = tuple(
    (width, int.from_bytes((b"\0" * (width // 8) + b"\xff" * (width // 8)) * 128, "big"), base)
    for width, base in ((8, 58), (16, 58**2), (32, 58**4))
)
"""Bits of a lane, a mask of every other lane, and what the higher digits of a pair weigh."""


def encode_multikey(curve: Curve, public_key: bytes) -> str:
    """Return a public key as the ``publicKeyMultibase`` of a Multikey.

    Args:
        curve: what kind of key it is.
        public_key: the compressed point, or the 32 bytes of an Ed25519 key.

    Raises:
        MalformedCertificateError: the key has another length than keys of ``curve`` have.
    """
    form = _FORMS[curve]
    if len(public_key) != form.length:
        msg = f"a {curve} key has {form.length} bytes, not {len(public_key)}"
        raise MalformedCertificateError(msg)
    return encode_base58(form.codec + public_key)


def decode_multikey(text: str) -> tuple[Curve, bytes]:
    """Return the curve and the bytes of a ``publicKeyMultibase``.

    Raises:
        MalformedCertificateError: not base58btc, another kind of key, or the wrong length.
    """
    data = decode_base58(text)
    for curve, form in _FORMS.items():
        if data.startswith(form.codec) and len(data) == len(form.codec) + form.length:
            return curve, data[len(form.codec) :]
    msg = "not the Multikey of a P-256, P-384 or Ed25519 public key"
    raise MalformedCertificateError(msg)
