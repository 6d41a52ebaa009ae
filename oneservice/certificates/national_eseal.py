"""Electronic seals in the manner of GB/T 38540: a maker's seal, and signatures under it.

A maker signs the seal: its picture, its days, and the certificates that may use it. Who holds one
of those signs the SM3 digest of a document together with the seal. A reader trusts the maker; the
rest follows. The signer's own certificate authority is not asked: the maker's word stands for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
)

from oneservice.canonical import Digest, digest_bytes, write_instant
from oneservice.certificates.national import DEFAULT_IDENTITY, PlainSm2
from oneservice.certificates.national_curve import Point, sm3
from oneservice.certificates.national_eseal_library import (
    SEAL_HEADER,
    SEAL_VERSION,
    SM2_SM3_OID,
    bounded,
    forms,
    reading,
)
from oneservice.errors import (
    ExpiredCertificateError,
    ForgedCertificateError,
    IssuerNotEntitledError,
    MalformedCertificateError,
    NotYetValidError,
    UnknownCryptosuiteError,
    UnknownIssuerError,
)

if TYPE_CHECKING:
    from oneservice.certificates.national import NationalBackend

__all__ = ["EsealFinding", "check_eseal"]

_SM2_CURVE: Final = "1.2.156.10197.1.301"
_CERTS: Final = 1
_DIGESTS: Final = 2
_POINT: Final = 65
_HALF: Final = 32
_IDENTITY: Final = DEFAULT_IDENTITY.encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class EsealFinding:
    """What a signature under an electronic seal shows.

    Args:
        seal_id: the maker's id of the seal.
        name: what is on it.
        at: instant of signing, by the signer's own word.
        signer: SHA-256 of the signer's certificate.
        maker: SHA-256 of the maker's certificate.
        about: what the signer calls the document.
    """

    seal_id: str
    name: str
    at: datetime
    signer: Digest
    maker: Digest
    about: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as evidence of a check."""
        return {
            "seal_id": self.seal_id,
            "name": self.name,
            "at": write_instant(self.at),
            "signer": self.signer,
            "maker": self.maker,
            "about": self.about,
        }


def check_eseal(
    signature: bytes,
    *,
    data: bytes,
    makers: Collection[Digest],
    backend: NationalBackend | None = None,
) -> EsealFinding:
    """Return what a signature under an electronic seal shows about ``data``.

    Args:
        signature: ``SES_Signature`` of version 4, DER.
        data: the document.
        makers: SHA-256 of the certificates of makers whose seals count.
        backend: verifies SM2; plain integers where none is given.

    Raises:
        MalformedCertificateError: it is none, or of another version.
        UnknownCryptosuiteError: signed by something else than SM2 with SM3.
        ForgedCertificateError: about another document, or changed.
        UnknownIssuerError: no such maker counts.
        IssuerNotEntitledError: the signer may not use this seal.
        NotYetValidError, ExpiredCertificateError: outside of the days of the seal.
        StatusUnknownError: the extra ``sm2`` is not installed.
    """
    asn1 = forms()
    verifier = backend or PlainSm2()
    with reading():
        whole = asn1.SignatureForm.load(bounded(signature), strict=True)
        words, seal = whole["to_sign"], whole["to_sign"]["seal"]
        _check_versions(words, seal)
        if words["data_hash"].native != sm3(data):
            msg = "the seal is on another document"
            raise ForgedCertificateError(msg)
        _check_signed(verifier, whole, words.dump(), "the document's signature")
        _check_signed(verifier, seal, seal["info"].dump(), "the seal")
        maker, signer = seal["cert"].native, whole["cert"].native
        if digest_bytes(maker) not in makers:
            msg = "the seal is by a maker that nobody vouches for"
            raise UnknownIssuerError(msg)
        _check_holder(asn1, seal["info"]["property"], signer)
        at = _moment(words["at"])
        _check_days(seal["info"]["property"], at)
        return EsealFinding(
            seal_id=seal["info"]["es_id"].native,
            name=seal["info"]["property"]["name"].native,
            at=at,
            signer=digest_bytes(signer),
            maker=digest_bytes(maker),
            about=words["property_info"].native,
        )


def _check_versions(words: Any, seal: Any) -> None:
    header = seal["info"]["header"]
    versions = (words["version"].native, header["version"].native)
    if header["id"].native != SEAL_HEADER or versions != (SEAL_VERSION, SEAL_VERSION):
        msg = "no electronic seal of version 4"
        raise MalformedCertificateError(msg)


def _check_signed(verifier: NationalBackend, form: Any, words: bytes, what: str) -> None:
    """Check the signature in ``form`` over ``words`` by the certificate in ``form``."""
    if form["algorithm"].dotted != SM2_SM3_OID:
        msg = f"{what} is not signed by SM2 with SM3"
        raise UnknownCryptosuiteError(msg)
    # A BIT STRING may say that its last bits do not count; then one signature has many spellings.
    if form["signature"].contents[:1] != b"\0":
        msg = f"{what} is no signature of whole bytes"
        raise MalformedCertificateError(msg)
    r, s = decode_dss_signature(form["signature"].native)
    try:
        value = r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")
    except OverflowError:
        value = b""
    public = _public_point(form["cert"].native)
    if not value or not verifier.verifies(public, value, words, identity=_IDENTITY):
        msg = f"{what} was changed, or was not signed by the certificate that it names"
        raise ForgedCertificateError(msg)


def _public_point(certificate: bytes) -> Point:
    from asn1crypto import x509  # noqa: PLC0415 - an extra, as `forms` says

    info = x509.Certificate.load(certificate, strict=True)["tbs_certificate"][
        "subject_public_key_info"
    ]
    curve, point = info["algorithm"]["parameters"], bytes(info["public_key"])
    is_sm2 = curve.name == "named" and curve.chosen.dotted == _SM2_CURVE
    if not is_sm2 or len(point) != _POINT or point[0] != 4:  # noqa: PLR2004 - uncompressed
        msg = "a certificate of the seal is not for SM2"
        raise UnknownCryptosuiteError(msg)
    return int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")


def _check_holder(asn1: Any, about: Any, signer: bytes) -> None:
    kind, listed = about["cert_list_type"].native, about["cert_list"].dump()
    if kind == _CERTS:
        is_listed = signer in asn1.Certs.load(listed).native
    elif kind == _DIGESTS:
        # Which digests makers use is not known here; SM3 is the one that goes with SM2.
        digests = asn1.CertDigests.load(listed).native
        is_listed = sm3(signer) in [one["value"] for one in digests]
    else:
        msg = "the seal lists its holders in a way that is not known here"
        raise MalformedCertificateError(msg)
    if not is_listed:
        msg = "the signer's certificate is none of those that may use the seal"
        raise IssuerNotEntitledError(msg)


def _check_days(about: Any, at: datetime) -> None:
    if at < _moment(about["valid_from"]):
        msg = "it was signed before the first day of the seal"
        raise NotYetValidError(msg)
    if at > _moment(about["valid_until"]):
        msg = "it was signed after the last day of the seal"
        raise ExpiredCertificateError(msg)


def _moment(found: Any) -> datetime:
    moment: datetime = found.native
    return moment.astimezone(UTC)
