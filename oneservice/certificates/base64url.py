"""base64url without padding: one spelling for each byte string, and all others refused.

Python's own decoder lets padding, line breaks, foreign symbols and stray bits at the end pass: one
signature then has many spellings, and a digest over the text covers only one of them.

References:
    RFC 7515, section 2; RFC 4648, sections 3.5 and 5.
"""

from __future__ import annotations

import binascii
from typing import Final

from oneservice.errors import MalformedCertificateError

__all__ = ["decode_base64url", "encode_base64url"]

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def encode_base64url(data: bytes) -> str:
    """Return ``data`` in base64url without padding."""
    text = binascii.b2a_base64(data, newline=False).translate(_TO_URL)
    return text.rstrip(b"=").decode("ascii")


def decode_base64url(text: str, *, what: str) -> bytes:
    """Return the bytes that ``text`` states.

    Args:
        text: base64url without padding.
        what: names the text in the message.

    Raises:
        MalformedCertificateError: padding, white space, a foreign symbol, or bits after the end.
    """
    try:
        plain = text.encode("ascii").translate(_FROM_URL)
        data = binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        data = b""
    if encode_base64url(data) != text:
        msg = f"{what} is not base64url without padding, in its one spelling"
        raise MalformedCertificateError(msg)
    return data
