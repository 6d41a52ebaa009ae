"""The bits of status lists: packing, compressing, and unpacking within limits.

Two standards, two orders: a Token Status List counts from the least significant bit of a byte, a
Bitstring Status List from the most significant one. A register is held in the first form, two bits
an entry, and the second is derived from it by tables, a byte at a time.

References:
    Token Status List (draft-ietf-oauth-status-list), section 4.1; W3C Bitstring Status List 1.1,
    sections 3.3 and 3.4; RFC 1950, RFC 1952.
"""

from __future__ import annotations

import zlib
from typing import Final

from oneservice.errors import MalformedCertificateError

__all__ = [
    "MAX_LIST_BYTES",
    "MIN_ENTRIES",
    "bit_at",
    "compress",
    "decompress",
    "derive_bitstring",
    "value_at",
]

MIN_ENTRIES: Final = 131_072
"""Fewer entries would tell too much about each (W3C Bitstring Status List 1.1, section 6.1)."""
MAX_LIST_BYTES: Final = 33_554_432
"""A list may unpack to 32 MiB; a small file that wants more is a bomb."""
_ZLIB: Final = 15
_GZIP: Final = 31
"""``wbits`` of zlib: this window, with the frame of RFC 1950, or that of RFC 1952."""
_WIDTHS: Final = (1, 2, 4, 8)


def value_at(values: bytes | bytearray, width: int, index: int) -> int | None:
    """Return entry ``index`` of a Token Status List; ``None``: the list is not that long.

    Args:
        values: unpacked.
        width: bits of an entry: 1, 2, 4 or 8.
        index: from 0.
    """
    per_byte = 8 // width
    place, offset = divmod(index, per_byte)
    if not 0 <= place < len(values):
        return None
    return values[place] >> (offset * width) & ((1 << width) - 1)


def bit_at(values: bytes | bytearray, index: int) -> int | None:
    """Return entry ``index`` of a Bitstring Status List; ``None``: the list is not that long."""
    place, offset = divmod(index, 8)
    if not 0 <= place < len(values):
        return None
    return values[place] >> (7 - offset) & 1


def derive_bitstring(values: bytes | bytearray, value: int) -> bytes:
    """Return the bitstring in which just the entries of ``value`` are set.

    Args:
        values: of two bits each, as a Token Status List packs them; an even number of bytes.
        value: 1, 2 or 3.
    """
    table = _halves(value)
    high = values[0::2].translate(table).translate(_SHIFTED)
    low = values[1::2].translate(table)
    both = int.from_bytes(high, "big") | int.from_bytes(low, "big")
    return both.to_bytes(len(low), "big")


def compress(values: bytes | bytearray, *, gzip: bool) -> bytes:
    """Return ``values`` packed: the same bytes for the same values, with no time stamp in them.

    The highest level, as the standard recommends: a list is packed once and fetched by thousands.
    With one entry in a hundred set it takes some ten times as long as the usual level, and saves a
    sixth of the bytes.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP if gzip else _ZLIB)
    return packer.compress(values) + packer.flush()


def decompress(data: bytes, *, gzip: bool) -> bytes:
    """Return what ``data`` unpacks to.

    Raises:
        MalformedCertificateError: another format, cut short, more than one stream, anything after
            the end, or more than :data:`MAX_LIST_BYTES`.
    """
    unpacker = zlib.decompressobj(_GZIP if gzip else _ZLIB)
    try:
        values = unpacker.decompress(data, MAX_LIST_BYTES + 1)
    except zlib.error:
        values = b""
    if len(values) > MAX_LIST_BYTES:
        msg = f"a status list unpacks to more than {MAX_LIST_BYTES} bytes"
        raise MalformedCertificateError(msg)
    if not unpacker.eof or unpacker.unused_data:
        name = "gzip" if gzip else "zlib"
        msg = f"a status list is no single, whole {name} stream"
        raise MalformedCertificateError(msg)
    return values


def is_width(width: object) -> bool:
    """Say whether entries may have ``width`` bits."""
    return type(width) is int and width in _WIDTHS


def _halves(value: int) -> bytes:
    """Return the table from four entries in a byte to four bits, first entry first."""
    return bytes(
        sum(8 >> entry for entry in range(4) if byte >> (2 * entry) & 3 == value)
        for byte in range(256)
    )


_SHIFTED: Final = bytes((byte << 4) & 0xFF for byte in range(256))
