"""Who acts: unified social credit codes, and the organisation codes inside them.

A credit code is 18 characters: registering department (1), category (1), region (6), organisation
code (9, GB 11714), check character. The alphabet leaves out I, O, S, V and Z, which people misread.
"""

from __future__ import annotations

from typing import Final, NewType

from oneservice.errors import IdentifierError

__all__ = [
    "CreditCode",
    "OrganisationCode",
    "credit_code_check_digit",
    "organisation_code_check_digit",
    "organisation_code_of",
    "parse_credit_code",
    "parse_organisation_code",
]

CreditCode = NewType("CreditCode", str)
"""Unified social credit code (统一社会信用代码), 18 characters, check character verified."""
OrganisationCode = NewType("OrganisationCode", str)
"""Organisation code (组织机构代码), 9 characters without hyphen, check character verified."""

_DIGITS: Final = frozenset("0123456789")
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES: Final = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_VALUES: Final = {letter: value for value, letter in enumerate(_ORGANISATION_ALPHABET)}
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code_check_digit(body: str) -> str:
    """Return the check character for the first 17 characters of a credit code.

    Raises:
        IdentifierError: not 17 characters of the code's alphabet, or no digits in the region.

    References:
        GB 32100-2015: weights 3^i mod 31, check value (31 - sum mod 31) mod 31.
    """
    if len(body) != len(_CREDIT_WEIGHTS) or not _CREDIT_VALUES.keys() >= set(body):
        msg = (
            "a credit code has 18 characters, digits and capital letters without I, O, S, V and Z; "
            "copy it from the licence"
        )
        raise IdentifierError(msg, kind="credit_code")
    if not set(body[2:8]) <= _DIGITS:
        msg = "characters 3 to 8 of a credit code are the region's digits; copy it from the licence"
        raise IdentifierError(msg, kind="credit_code")
    total = sum(
        weight * _CREDIT_VALUES[character]
        for weight, character in zip(_CREDIT_WEIGHTS, body, strict=True)
    )
    return _CREDIT_ALPHABET[-total % 31]


def parse_credit_code(text: str) -> CreditCode:
    """Return ``text`` as a credit code; spaces and small letters are not mended.

    The region and the inner organisation code are not looked up or checked again: regions retire,
    and codes that were issued in spite of a rule are valid all the same.

    Raises:
        IdentifierError: wrong length or character, or the check character does not fit.

    References:
        GB 32100-2015.
    """
    if text[17:] != credit_code_check_digit(text[:17]):
        msg = (
            "the check character of this credit code does not fit: one character was mistyped or "
            "two were swapped, or it has not 18 characters; copy it from the licence"
        )
        raise IdentifierError(msg, kind="credit_code")
    return CreditCode(text)


def organisation_code_of(code: CreditCode) -> str:
    """Return characters 9 to 17 of a credit code: the organisation code, not checked again."""
    return code[8:17]


def organisation_code_check_digit(body: str) -> str:
    """Return the check character for the first 8 characters of an organisation code.

    Raises:
        IdentifierError: not 8 digits or capital letters.

    References:
        GB 11714-1997: 11 - sum mod 11, where 10 is written X and 11 is written 0.
    """
    if len(body) != len(_ORGANISATION_WEIGHTS) or not _ORGANISATION_VALUES.keys() >= set(body):
        msg = "an organisation code has 8 digits or capital letters and a check character"
        raise IdentifierError(msg, kind="organisation_code")
    total = sum(
        weight * _ORGANISATION_VALUES[character]
        for weight, character in zip(_ORGANISATION_WEIGHTS, body, strict=True)
    )
    return "0123456789X"[-total % 11]


def parse_organisation_code(text: str) -> OrganisationCode:
    """Return ``text`` as an organisation code; the hyphen of the printed form may stand or not.

    Raises:
        IdentifierError: wrong length or character, or the check character does not fit.

    References:
        GB 11714-1997.
    """
    body, check = text[:8], text[8:].removeprefix("-")
    if check != organisation_code_check_digit(body):
        msg = (
            "the check character of this organisation code does not fit: one character was "
            "mistyped, or it has not 9 characters; copy it from the certificate"
        )
        raise IdentifierError(msg, kind="organisation_code")
    return OrganisationCode(body + check)
