"""Who a person is: citizen numbers; and how people are shown without being shown.

Masks never fail: what does not look as it should is hidden altogether.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NewType

from oneservice.errors import IdentifierError

__all__ = [
    "CitizenNumber",
    "citizen_birth_date",
    "citizen_number_check_digit",
    "mask_citizen_number",
    "mask_name",
    "mask_phone",
    "parse_citizen_number",
]

CitizenNumber = NewType("CitizenNumber", str)
"""Citizen identification number (公民身份号码), 18 characters; check and birth date verified."""

_DIGITS: Final = frozenset("0123456789")
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK: Final = "10X98765432"
_LENGTH: Final = 18
_HIDDEN: Final = "*" * 4
_SEPARATORS: Final = frozenset(" ·•・-")


def citizen_number_check_digit(body: str) -> str:
    """Return the check character for the first 17 digits of a citizen number.

    Raises:
        IdentifierError: not 17 digits.

    References:
        GB 11643-1999, which takes ISO 7064 MOD 11-2.
    """
    if len(body) != len(_WEIGHTS) or not set(body) <= _DIGITS:
        msg = (
            "a citizen number has 17 digits and a check character (a digit or capital X); numbers "
            "of 15 digits are no longer issued, use the one on the present card"
        )
        raise IdentifierError(msg, kind="citizen_number")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return _CHECK[total % 11]


def parse_citizen_number(text: str) -> CitizenNumber:
    """Return ``text`` as a citizen number; spaces and a small x are not mended.

    The region is not looked up: it is the one of the first registration and may long be retired.

    Raises:
        IdentifierError: wrong length or character, wrong check character, or no such birth date.

    References:
        GB 11643-1999.
    """
    if text[17:] != citizen_number_check_digit(text[:17]):
        msg = (
            "the check character of this citizen number does not fit: one digit was mistyped, or "
            "it has not 18 characters (the last may be a capital X); copy it from the card"
        )
        raise IdentifierError(msg, kind="citizen_number")
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        msg = "digits 7 to 14 of this citizen number are no date; copy it from the card"
        raise IdentifierError(msg, kind="citizen_number") from None
    return CitizenNumber(text)


def citizen_birth_date(number: CitizenNumber) -> date:
    """Return the date of birth that the number states."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def mask_citizen_number(text: str) -> str:
    """Return a form for display: digits 11 to 14, month and day of birth, become stars.

    References:
        Domain page, invariant 10.
    """
    if len(text) != _LENGTH:
        return _HIDDEN
    return f"{text[:10]}{_HIDDEN}{text[14:]}"


def mask_name(text: str) -> str:
    """Return the first character of a name and stars; spaces and middle dots keep their place."""
    shown = text.strip()
    if len(shown) <= 1:
        return "*"
    return shown[0] + "".join(one if one in _SEPARATORS else "*" for one in shown[1:])


def mask_phone(text: str) -> str:
    """Return a telephone number with the four digits before the last four hidden.

    Numbers shorter than 11 digits show their last two digits, those below 7 none.
    """
    places = [place for place, character in enumerate(text) if character in _DIGITS]
    if len(places) >= 11:  # noqa: PLR2004 - a mobile number, perhaps with its country code
        hidden = set(places[-8:-4])
    elif len(places) >= 7:  # noqa: PLR2004 - a landline without area code
        hidden = set(places[:-2])
    else:
        return _HIDDEN
    return "".join("*" if place in hidden else one for place, one in enumerate(text))
