"""Making electronic seals in the manner of GB/T 38540, and signing documents under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from oneservice.certificates.national import NationalKey
from oneservice.certificates.national_curve import sm3
from oneservice.certificates.national_eseal_library import (
    SEAL_HEADER,
    SEAL_VERSION,
    SM2_SM3_OID,
    bounded,
    forms,
    reading,
)

__all__ = ["SealPicture", "make_eseal", "sign_eseal"]

_CERTIFICATES: Final = 1
"""``certListType``: whole certificates, not their digests."""
_HALF: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPicture:
    """What a seal looks like: ``kind`` such as ``PNG``, its bytes, and its size in millimetres."""

    kind: str
    data: bytes
    width_mm: int
    height_mm: int


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
    asn1 = forms()
    info = asn1.SealInfo(
        {
            "header": {"id": SEAL_HEADER, "version": SEAL_VERSION, "vid": vendor},
            "es_id": seal_id,
            "property": {
                "type": 1,
                "name": name,
                "cert_list_type": _CERTIFICATES,
                "cert_list": asn1.AnySequence.load(asn1.Certs(list(holders)).dump()),
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
        "algorithm": SM2_SM3_OID,
        "signature": _der(key.sign(info.dump())),
    }
    made: bytes = asn1.SealForm(words).dump()
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
    asn1 = forms()
    with reading():
        words = asn1.ToSign(
            {
                "version": SEAL_VERSION,
                "seal": asn1.SealForm.load(bounded(seal), strict=True),
                "at": _whole_second(at),
                "data_hash": sm3(data),
                "property_info": about,
            }
        )
        whole = {
            "to_sign": words,
            "cert": holder,
            "algorithm": SM2_SM3_OID,
            "signature": _der(key.sign(words.dump())),
        }
        made: bytes = asn1.SignatureForm(whole).dump()
    return made


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _der(raw: bytes) -> bytes:
    r, s = (int.from_bytes(part, "big") for part in (raw[:_HALF], raw[_HALF:]))
    return encode_dss_signature(r, s)
