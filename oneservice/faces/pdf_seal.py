"""The seal on a PDF: a PAdES signature that readers of PDF know without us.

It vouches for the sheet as a whole. What counts in law and in :mod:`oneservice.certificates` is the
certificate inside; a reader that shows a green mark here has checked the sheet only.

References:
    ETSI EN 319 142-1 (PAdES baseline B-B; with a time-stamping authority B-T).
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oneservice.errors import FileUnusableError, KeyUnusableError
from oneservice.faces.picture import missing_extra

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PdfSeal", "sealed_pdf"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PdfSeal:
    """What seals PDFs: a private key (PEM) and its X.509 certificate with its chain (PEM)."""

    key: bytes
    certificates: bytes
    password: bytes | None = None


def sealed_pdf(
    pdf: bytes,
    seal: PdfSeal,
    *,
    reason: str = "",
    timestamps: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return ``pdf`` with a PAdES signature over all of it.

    Args:
        pdf: a face.
        seal: key and certificate; RSA, P-256, P-384 or Ed25519.
        reason: written into the signature, such as the office's name.
        timestamps: asks an authority: takes an RFC 3161 request, returns the response (DER).

    Raises:
        KeyUnusableError: key or certificate cannot be opened, or do not belong together.
        FileUnusableError: the extra ``faces`` is not installed, or ``pdf`` is none.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
        from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - an extra
        from pyhanko.sign import signers  # noqa: PLC0415 - an extra
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise missing_extra("a sealed PDF") from None
    meta = signers.PdfSignatureMetadata(
        field_name="Seal",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason or None,
    )
    signer = _signer(seal)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    except PdfError as error:
        msg = f"this is no PDF that can be sealed: {error}"
        raise FileUnusableError(msg) from error
    out = signers.sign_pdf(
        writer, meta, signer=signer, timestamper=_stamper(timestamps) if timestamps else None
    )
    return bytes(out.getbuffer())


def _signer(seal: PdfSeal) -> Any:
    from asn1crypto import keys, pem, x509  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - only where sealed
    from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415 - an extra
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415 - an extra

    try:
        opened = serialization.load_pem_private_key(seal.key, seal.password)
        private = opened.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        chain = [x509.Certificate.load(der) for _, _, der in pem.unarmor(seal.certificates, True)]
        own, *others = chain
        public = opened.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        belongs = own.public_key.dump() == public
    except (ValueError, TypeError) as error:
        msg = "the PDF's seal cannot be opened: a PEM key, its password and its certificate are due"
        raise KeyUnusableError(msg) from error
    if not belongs:
        msg = "the certificate of the PDF's seal is for another key"
        raise KeyUnusableError(msg)
    make_store: Any = SimpleCertificateStore
    store = make_store()
    store.register_multiple(others)
    return SimpleSigner(
        signing_cert=own, signing_key=keys.PrivateKeyInfo.load(private), cert_registry=store
    )


def _stamper(ask: Callable[[bytes], bytes]) -> Any:
    from asn1crypto import tsp  # noqa: PLC0415 - an extra
    from pyhanko.sign.timestamps import TimeStamper  # noqa: PLC0415 - an extra

    class Asked(TimeStamper):
        """Hands the request to the caller's own line: sockets are none of this room's business."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            answer = await asyncio.to_thread(ask, req.dump())
            return tsp.TimeStampResp.load(answer)

    make: Any = Asked
    return make()
