"""Electronic seals in the manner of GB/T 38540: a maker's seal, and signatures under it.

A maker signs the seal: its picture, its days, and the certificates that may use it. Who holds one
of those signs the SM3 digest of a document together with the seal. A reader trusts the maker; the
rest follows. The signer's own certificate authority is not asked: the maker's word stands for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from oneservice.canonical import Digest, digest_bytes, write_instant
from oneservice.certificates.national import DEFAULT_IDENTITY, NationalKey, PlainSm2
from oneservice.certificates.national_curve import Point, sm3
from oneservice.errors import (
    ExpiredCertificateError,
    ForgedCertificateError,
    IssuerNotEntitledError,
    MalformedCertificateError,
    NotYetValidError,
    OneServiceError,
    StatusUnknownError,
    UnknownCryptosuiteError,
    UnknownIssuerError,
)

if TYPE_CHECKING:
    from oneservice.certificates.national import NationalBackend

__all__ = ["EsealFinding", "SealPicture", "check_eseal", "make_eseal", "sign_eseal"]

_BYTES: Final = 4_194_304
"""A picture of some hundred kilobytes and four certificates."""
_VERSION: Final = 4
_HEADER: Final = "ES"
_SM2_SM3: Final = "1.2.156.10197.1.501"
_SM2_CURVE: Final = "1.2.156.10197.1.301"
_CERTS: Final = 1
_DIGESTS: Final = 2
_POINT: Final = 65
_HALF: Final = 32
_IDENTITY: Final = DEFAULT_IDENTITY.encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPicture:
    """What a seal looks like: ``kind`` such as ``PNG``, its bytes, and its size in millimetres."""

    kind: str
    data: bytes
    width_mm: int
    height_mm: int


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
    forms = _forms()
    verifier = backend or PlainSm2()
    with _reading():
        whole = forms.SignatureForm.load(_bounded(signature), strict=True)
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
        _check_holder(forms, seal["info"]["property"], signer)
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


def make_eseal(
    *,
    seal_id: str,
    name: str,
    vendor: str,
    picture: SealPicture,
    holders: tuple[bytes, ...],
    days: tuple[datetime, datetime],
    created: datetime,
    maker: bytes,
    key: NationalKey,
) -> bytes:
    """Return a seal (``SESeal`` of version 4, DER).

    Args:
        seal_id: the maker's id of it, ASCII.
        name: what is on it.
        vendor: who made the software, ASCII.
        picture: what it looks like.
        holders: certificates (DER) that may use it.
        days: first and last instant at which it is good.
        created: instant of making.
        maker: the maker's certificate (DER), and
        key: its key.
    """
    forms = _forms()
    info = forms.SealInfo(
        {
            "header": {"id": _HEADER, "version": _VERSION, "vid": vendor},
            "es_id": seal_id,
            "property": {
                "type": 1,
                "name": name,
                "cert_list_type": _CERTS,
                "cert_list": forms.AnySequence.load(forms.Certs(list(holders)).dump()),
                "created": _whole_second(created),
                "valid_from": _whole_second(days[0]),
                "valid_until": _whole_second(days[1]),
            },
            "picture": {
                "type": picture.kind,
                "data": picture.data,
                "width": picture.width_mm,
                "height": picture.height_mm,
            },
        }
    )
    words = {
        "info": info,
        "cert": maker,
        "algorithm": _SM2_SM3,
        "signature": _der(key.sign(info.dump())),
    }
    made: bytes = forms.SealForm(words).dump()
    return made


def sign_eseal(
    seal: bytes, data: bytes, *, about: str, at: datetime, holder: bytes, key: NationalKey
) -> bytes:
    """Return a signature under ``seal`` (``SES_Signature`` of version 4, DER).

    Args:
        seal: as its maker made it.
        data: the document.
        about: what the document is called, ASCII.
        at: instant of signing.
        holder: the signer's certificate (DER), one of those in the seal, and
        key: its key.

    Raises:
        MalformedCertificateError: ``seal`` is none.
    """
    forms = _forms()
    with _reading():
        words = forms.ToSign(
            {
                "version": _VERSION,
                "seal": forms.SealForm.load(_bounded(seal), strict=True),
                "at": _whole_second(at),
                "data_hash": sm3(data),
                "property_info": about,
            }
        )
        whole = {
            "to_sign": words,
            "cert": holder,
            "algorithm": _SM2_SM3,
            "signature": _der(key.sign(words.dump())),
        }
        made: bytes = forms.SignatureForm(whole).dump()
    return made


def _check_versions(words: Any, seal: Any) -> None:
    header = seal["info"]["header"]
    versions = (words["version"].native, header["version"].native)
    if header["id"].native != _HEADER or versions != (_VERSION, _VERSION):
        msg = "no electronic seal of version 4"
        raise MalformedCertificateError(msg)


def _check_signed(verifier: NationalBackend, form: Any, words: bytes, what: str) -> None:
    """Check the signature in ``form`` over ``words`` by the certificate in ``form``."""
    if form["algorithm"].dotted != _SM2_SM3:
        msg = f"{what} is not signed by SM2 with SM3"
        raise UnknownCryptosuiteError(msg)
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
    from asn1crypto import x509  # noqa: PLC0415 - an extra, as _forms says

    info = x509.Certificate.load(certificate, strict=True)["tbs_certificate"][
        "subject_public_key_info"
    ]
    curve, point = info["algorithm"]["parameters"], bytes(info["public_key"])
    is_sm2 = curve.name == "named" and curve.chosen.dotted == _SM2_CURVE
    if not is_sm2 or len(point) != _POINT or point[0] != 4:  # noqa: PLR2004 - uncompressed
        msg = "a certificate of the seal is not for SM2"
        raise UnknownCryptosuiteError(msg)
    return int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")


def _check_holder(forms: Any, about: Any, signer: bytes) -> None:
    kind, listed = about["cert_list_type"].native, about["cert_list"].dump()
    if kind == _CERTS:
        is_listed = signer in forms.Certs.load(listed).native
    elif kind == _DIGESTS:
        # Which digests makers use is not known here; SM3 is the one that goes with SM2.
        digests = forms.CertDigests.load(listed).native
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


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _der(raw: bytes) -> bytes:
    r, s = (int.from_bytes(part, "big") for part in (raw[:_HALF], raw[_HALF:]))
    return encode_dss_signature(r, s)


def _bounded(data: bytes) -> bytes:
    if len(data) > _BYTES:
        msg = f"an electronic seal of more than {_BYTES} bytes"
        raise MalformedCertificateError(msg)
    return data


@contextmanager
def _reading() -> Iterator[None]:
    """Turn whatever the parser says of foreign bytes into one error of ours."""
    try:
        yield
    except OneServiceError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        msg = f"no electronic seal of version 4 ({type(error).__name__})"
        raise MalformedCertificateError(msg) from None
    except RecursionError:
        msg = "an electronic seal that is nested too deeply"
        raise MalformedCertificateError(msg) from None


def _forms() -> Any:
    try:
        from oneservice.certificates import national_eseal_forms  # noqa: PLC0415 - an extra
    except ImportError:
        msg = "electronic seals cannot be read here: pip install -e '.[sm2]' brings what it needs"
        raise StatusUnknownError(msg) from None
    return national_eseal_forms
