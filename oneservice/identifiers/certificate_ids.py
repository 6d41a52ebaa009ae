"""What was granted: certificate identifiers, which name type, issuer, serial number and version.

The check character catches typing errors, and not even every swap of neighbours: it is never proof.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NewType

from oneservice.errors import IdentifierError
from oneservice.identifiers.organisations import CreditCode, parse_credit_code

__all__ = [
    "CertificateId",
    "CertificateIdParts",
    "certificate_id_check_digit",
    "format_certificate_id",
    "parse_certificate_id",
]

CertificateId = NewType("CertificateId", str)
"""Certificate identifier (电子证照标识) with its root and dots, as it is printed."""

_ROOT: Final = "1.2.156.3005.2"
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}
_SHAPE: Final = re.compile(
    re.escape(_ROOT)
    + r"\.(?P<type_authority>[0-9A-Z]{18})(?P<type_no>[0-9]{3})\.(?P<issuer>[0-9A-Z]{18})"
    r"\.(?P<serial>[0-9A-Z]{1,64})\.(?P<version>[0-9]{3})\.(?P<check>[0-9A-Z])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIdParts:
    """What a certificate identifier says.

    ``type_authority`` defined the type ``type_no`` (three digits); ``issuer`` granted. A change of
    content issues the next ``version`` (1 to 999) under the same ``serial``.
    """

    type_authority: CreditCode
    type_no: str
    issuer: CreditCode
    serial: str
    version: int


def certificate_id_check_digit(body: str) -> str:
    """Return the check character for type, issuer, serial and version without dots or root.

    Raises:
        IdentifierError: a character other than a digit or a capital letter.

    References:
        ISO/IEC 7064, hybrid system MOD 37,36.
    """
    product = 36
    for character in body:
        value = _VALUES.get(character)
        if value is None:
            msg = "the parts of a certificate identifier are digits and capital letters only"
            raise IdentifierError(msg, kind="certificate_id")
        product = ((product + value) % 36 or 36) * 2 % 37
    return _ALPHABET[(1 - product) % 36]


def format_certificate_id(
    *, type_authority: str, type_no: str, issuer: str, serial: str, version: int = 1
) -> CertificateId:
    """Return the identifier of a certificate, with its check character.

    Args:
        type_authority: credit code of the authority that defined the type.
        type_no: three digits, counted by that authority.
        issuer: credit code of the authority that grants.
        serial: 1 to 64 digits or capital letters, unique for type and issuer.
        version: 1 to 999.

    Raises:
        IdentifierError: a part is not as said above.

    References:
        GB/T 36904-2018.
    """
    stem = f"{type_authority}{type_no}.{issuer}.{serial}.{version:03d}"
    text = f"{_ROOT}.{stem}.{certificate_id_check_digit(stem.replace('.', ''))}"
    parse_certificate_id(text)
    return CertificateId(text)


def parse_certificate_id(text: str) -> CertificateIdParts:
    """Return what ``text`` says.

    Raises:
        IdentifierError: not of the form, a credit code in it is wrong, or the check character.

    References:
        GB/T 36904-2018.
    """
    match = _SHAPE.fullmatch(text)
    if match is None or match["version"] == "000":
        msg = (
            f"a certificate identifier is {_ROOT}.TYPE.ISSUER.SERIAL.VERSION.CHECK: a credit code "
            "and 3 digits, a credit code, 1 to 64 digits or capital letters, 001 to 999, one "
            "character; copy it from the certificate"
        )
        raise IdentifierError(msg, kind="certificate_id")
    if certificate_id_check_digit("".join(match.groups()[:-1])) != match["check"]:
        msg = (
            "the check character of this certificate identifier does not fit: something was "
            "mistyped; copy it from the certificate"
        )
        raise IdentifierError(msg, kind="certificate_id")
    return CertificateIdParts(
        type_authority=parse_credit_code(match["type_authority"]),
        type_no=match["type_no"],
        issuer=parse_credit_code(match["issuer"]),
        serial=match["serial"],
        version=int(match["version"]),
    )
