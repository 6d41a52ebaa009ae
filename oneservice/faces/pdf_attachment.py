"""The certificate inside a PDF: who has the sheet as a file has the real thing as well."""

from __future__ import annotations

import io
from typing import Any, Final

from oneservice.certificates import MAX_CERTIFICATE_BYTES, Certificate
from oneservice.errors import MalformedCertificateError
from oneservice.faces.picture import missing_extra

__all__ = ["ATTACHMENT_NAME", "attached", "certificate_in_pdf"]

ATTACHMENT_NAME: Final = "certificate.json"


_MAX_UNPACKED: Final = 16_777_216
"""Of one stream: the largest certificate many times over, and a small file cannot fill memory."""


def attached(pdf: bytes, certificate: Certificate) -> bytes:
    """Return ``pdf`` with the certificate's bytes embedded, as the source of what it shows."""
    try:
        from pyhanko.pdf_utils import embed, generic, incremental_writer  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise missing_extra("a PDF") from None
    writer: Any = incremental_writer.IncrementalPdfFileWriter(io.BytesIO(pdf))
    stream = embed.EmbeddedFileObject.from_file_data(
        writer, data=certificate.dump(), mime_type="application/vc"
    )
    embed.embed_file(
        writer,
        embed.FileSpec(
            file_spec_string=ATTACHMENT_NAME,
            file_name=ATTACHMENT_NAME,
            embedded_data=stream,
            description="the electronic certificate that this page shows",
            af_relationship=generic.pdf_name("/Source"),
        ),
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def certificate_in_pdf(pdf: bytes) -> bytes:
    """Return the certificate that a face carries, as bytes to be examined like any other.

    Raises:
        MalformedCertificateError: no PDF, or there is no certificate in it, or more than one.
    """
    try:
        from pyhanko.pdf_utils.decode_limits import (  # noqa: PLC0415 - an extra
            DecodeLimits,
            DocumentDecodeBudget,
            StreamDecodeLimits,
        )
        from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise missing_extra("reading a PDF") from None
    limits = DecodeLimits(
        per_stream=StreamDecodeLimits(max_output_size=_MAX_UNPACKED),
        document_budget=DocumentDecodeBudget(base_allowance=2 * _MAX_UNPACKED, max_ratio=1),
    )
    try:
        found = _named(PdfFileReader(io.BytesIO(pdf), strict=False, decode_limits=limits))
    except Exception as error:
        msg = f"the PDF cannot be read ({type(error).__name__}); ask for the certificate itself"
        raise MalformedCertificateError(msg) from error
    if len(found) != 1 or len(found[0]) > MAX_CERTIFICATE_BYTES:
        msg = f"the PDF holds {len(found)} files named {ATTACHMENT_NAME}; a face holds one"
        raise MalformedCertificateError(msg)
    return found[0]


def _named(reader: Any) -> list[bytes]:
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    specs = [names[at + 1] for at in range(0, len(names), 2) if names[at] == ATTACHMENT_NAME]
    return [data for spec in specs for data in _spellings(spec.get_object()["/EF"])]


def _spellings(files: Any) -> set[bytes]:
    """Return what different readers take for the one file: some look at UF first, some at F."""
    return {bytes(files[name].get_object().data) for name in ("/F", "/UF") if name in files}
