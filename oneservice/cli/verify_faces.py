"""Certificates that come as a face: a sheet of PDF, or the text of a code that somebody scanned."""

from __future__ import annotations

from typing import Final

from oneservice.certificates import MAX_CERTIFICATE_BYTES
from oneservice.errors import MalformedCertificateError, StatusUnknownError
from oneservice.relying import Paper, read_paper

__all__ = ["CODE", "PDF", "carrier_of", "read_face_or_paper", "unwrapped"]

PDF: Final = "pdf"
CODE: Final = "code"
_HEADS: Final = {b"%PDF": PDF, b"ONESVC1:": CODE}


def carrier_of(data: bytes) -> str | None:
    """Return in what a certificate is wrapped (:data:`PDF`, :data:`CODE`); ``None``: in nothing."""
    return next((kind for head, kind in _HEADS.items() if data.startswith(head)), None)


def unwrapped(data: bytes) -> bytes:
    """Return the certificate that a face carries, and anything else as it is.

    What a sheet *shows* is judged by nobody: only the certificate inside it is signed.

    Raises:
        MalformedCertificateError: the PDF or the code holds no certificate, or is damaged.
        StatusUnknownError: the code only points to a certificate.
    """
    match carrier_of(data):
        case "pdf":
            from oneservice.faces import certificate_in_pdf  # noqa: PLC0415 - few bring a PDF

            return certificate_in_pdf(data)
        case "code":
            return _scanned(data)
        case _:
            return data


def read_face_or_paper(paper: Paper) -> bytes:
    """Return the bytes to judge; a reader for :func:`oneservice.relying.verify_many`.

    Raises:
        FileUnusableError: the file cannot be read.
        VerificationError: as :func:`unwrapped`.
    """
    return unwrapped(read_paper(paper))


def _scanned(data: bytes) -> bytes:
    from oneservice.faces import read_code  # noqa: PLC0415 - few bring a code

    if len(data) > MAX_CERTIFICATE_BYTES or not data.isascii():
        msg = "the code is damaged: it is too long, or no base45 text"
        raise MalformedCertificateError(msg)
    found = read_code(data.decode("ascii").rstrip("\r\n"))
    if found.certificate is not None:
        return found.certificate.dump()
    msg = f"only a pointer: ask for the certificate with the digest {found.digest}"
    # Its address is a stranger's word, and nothing is fetched here: who shows the code can bring
    # the certificate as well.
    raise StatusUnknownError(msg)
