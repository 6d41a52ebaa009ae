"""The code on a face (QR): the certificate itself where it fits, else where to look for it.

Text of the code, all of it in the 45 signs that QR writes densest::

    ONESVC1:C<base45>   the certificate: canonical JSON, deflated (RFC 1951)
    ONESVC1:P<base45>   a pointer: canonical JSON of identifier, digest and, where known, an address

Whoever scans the first kind and holds a trust list needs nothing else, no network and no server.
The second kind names the very certificate by its digest, so that a bundle, a wallet or a register
can be asked for it and cannot pass another one off.

References:
    RFC 9285 (base45); ISO/IEC 18004 (alphanumeric mode); GB/T 36905 asks for a code on the face.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from oneservice.canonical import Digest, canonical, parse_object
from oneservice.certificates import MAX_CERTIFICATE_BYTES, Certificate
from oneservice.errors import MalformedCertificateError, OneServiceError

__all__ = ["MAX_CODE", "FaceCode", "code_text", "is_whole", "read_code"]

MAX_CODE: Final = 2_200
"""Characters that a printed code of 45 mm still holds for a telephone's camera (version 30, L)."""
_HEAD: Final = "ONESVC1:"
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE: Final = {sign: value for value, sign in enumerate(_SIGNS)}
_BYTES: Final = {3: 2, 2: 1}
"""Bytes in a group of so many signs; a single sign can hold none."""
_RAW_DEFLATE: Final = -15
_MAX_POINTER: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceCode:
    """What a scanned code says. ``certificate`` is parsed, not believed; ``None``: a pointer."""

    certificate_id: str
    digest: Digest
    certificate: Certificate | None = None
    address: str | None = None


def code_text(certificate: Certificate, *, address: str | None = None) -> str:
    """Return the text of the code for ``certificate``.

    Args:
        certificate: carried whole if the text stays within :data:`MAX_CODE`.
        address: where a bundle can be asked for; written into pointers only.
    """
    pack = zlib.compressobj(9, wbits=_RAW_DEFLATE)
    whole = f"{_HEAD}C{_encode(pack.compress(certificate.dump()) + pack.flush())}"
    if len(whole) <= MAX_CODE:
        return whole
    pointer = {"id": certificate.id, "digest": certificate.digest}
    if address is not None:
        pointer["at"] = address
    return f"{_HEAD}P{_encode(canonical(pointer))}"


def is_whole(text: str) -> bool:
    """Say whether a code that :func:`code_text` made carries the certificate itself."""
    return text.startswith(f"{_HEAD}C")


def read_code(text: str) -> FaceCode:
    """Return what a scanned code says.

    Raises:
        MalformedCertificateError: it is no code of ours, is damaged, or holds no certificate.
    """
    kind, body = text[len(_HEAD) : len(_HEAD) + 1], text[len(_HEAD) + 1 :]
    if not text.startswith(_HEAD) or kind not in {"C", "P"}:
        msg = "the code is none of ours: it does not begin with ONESVC1:C or ONESVC1:P"
        raise MalformedCertificateError(msg)
    data = _decode(body)
    if kind == "C":
        certificate = Certificate.parse(_inflated(data))
        return FaceCode(
            certificate_id=certificate.id, digest=certificate.digest, certificate=certificate
        )
    return _pointer(data)


def _pointer(data: bytes) -> FaceCode:
    try:
        found = parse_object(data, max_bytes=_MAX_POINTER)
    except OneServiceError as error:
        msg = f"the code's pointer cannot be read: {error}"
        raise MalformedCertificateError(msg) from error
    values = [found.get(name) for name in ("id", "digest", "at")]
    if not all(isinstance(one, str) for one in values[:2]) or not isinstance(values[2], str | None):
        msg = "the code's pointer names no certificate"
        raise MalformedCertificateError(msg)
    return FaceCode(
        certificate_id=found["id"], digest=Digest(found["digest"]), address=found.get("at")
    )


def _inflated(data: bytes) -> bytes:
    """Return the bytes packed in ``data``, and never more than a certificate may have."""
    pack = zlib.decompressobj(wbits=_RAW_DEFLATE)
    try:
        found = pack.decompress(data, MAX_CERTIFICATE_BYTES)
    except zlib.error:
        found = b""
    if not found or not pack.eof or pack.unused_data:
        msg = "the code is damaged: what is packed in it does not come out whole"
        raise MalformedCertificateError(msg)
    return found


def _encode(data: bytes) -> str:
    pairs = (data[at : at + 2] for at in range(0, len(data), 2))
    return "".join(_signs(int.from_bytes(pair, "big"), 3 if len(pair) > 1 else 2) for pair in pairs)


def _signs(value: int, count: int) -> str:
    found = []
    for _ in range(count):
        value, rest = divmod(value, 45)
        found.append(_SIGNS[rest])
    return "".join(found)


def _decode(text: str) -> bytes:
    groups = (text[at : at + 3] for at in range(0, len(text), 3))
    try:
        return b"".join(
            sum(_VALUE[sign] * 45**place for place, sign in enumerate(group)).to_bytes(
                _BYTES[len(group)], "big"
            )
            for group in groups
        )
    except (KeyError, OverflowError):
        msg = "the code is damaged: it is no base45 text"
        raise MalformedCertificateError(msg) from None
