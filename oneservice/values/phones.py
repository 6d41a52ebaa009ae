"""Telephone numbers: mobile and landline, with or without +86, and foreign ones.

Normal forms: ``13800000000``; ``0990-1234567`` or ``0990-1234567-801`` with an extension;
``4001234567``; ``+85212345678`` for other countries and for Hong Kong, Macao and Taiwan. Area codes
have three digits where they begin with 010 or 02 and four elsewhere, so a hyphen that was left out
can be set again. Numbers of service lines with five digits are nobody's contact number.
"""

from __future__ import annotations

import re
from typing import Final

from oneservice.errors import IdentifierError
from oneservice.values.expected import Expected
from oneservice.values.kinds import ValueKind
from oneservice.values.noise import tidy_code, written
from oneservice.values.problems import ProblemCode
from oneservice.values.readings import Change, Reading, Slip, accepted, refused
from oneservice.values.slips import LOOKALIKES_OF_DIGITS, one_slip, suggestion_for

__all__ = ["group_phone", "read_phone"]

_KIND: Final = ValueKind.PHONE
_BREAKS: Final = re.compile(r"[\s().\-/·_]+")
_NAMED_EXTENSION: Final = re.compile(r"(.+?)-?(?:转|分机|EXT|X|#)-?([0-9]{1,6})")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"(0(?:10|2[0-9])|0[3-9][0-9]{2})([2-9][0-9]{6,7}|1[0-9]{6,7})")
_WITH_EXTENSION: Final = re.compile(r"(0[0-9]{2,3}-?[0-9]{7,8})-([0-9]{1,6})")
_TOLL_FREE: Final = re.compile(r"[48]00[0-9]{7}")
_LOCAL: Final = re.compile(r"[2-8][0-9]{6,7}")
_FOREIGN: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""At most 15 digits with the country code (ITU-T E.164)."""
_EXTRA_ZERO: Final = re.compile(r"0(1[3-9][0-9]{9})")
_HOME: Final = "86"


def read_phone(raw: object, expected: Expected) -> Reading:
    """Read a telephone number."""
    del expected
    text = written(raw)
    if isinstance(text, ProblemCode):
        return refused(_KIND, text)
    bare, changes = tidy_code(text)
    found = _number(bare)
    if isinstance(found, ProblemCode):
        return _refused(bare, found, changes)
    dialled, has_code = found
    if has_code:
        changes |= {Change.COUNTRY_CODE}
    elif dialled != bare:
        changes |= {Change.FORMAT}
    return accepted(_KIND, dialled, changes - {Change.CASE})


def group_phone(number: str) -> str:
    """Return a number in normal form as people read it: mobile numbers in three groups."""
    if _MOBILE.fullmatch(number):
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number


def _refused(bare: str, what: ProblemCode, changes: frozenset[Change]) -> Reading:
    digits = _BREAKS.sub("", bare)
    tried: dict[str, Slip] = {}
    if match := _EXTRA_ZERO.fullmatch(digits.removeprefix("+86")):
        tried = {match[1]: Slip.EXTRA_ZERO}
    elif digits and {one for one in digits if not one.isdigit()} <= LOOKALIKES_OF_DIGITS:
        tried = one_slip(digits, alphabet="0123456789", length=len(digits), misreads=False)
        tried = {text: slip for text, slip in tried.items() if slip is not Slip.SWAPPED}
    return refused(_KIND, what, changes, suggestion=suggestion_for(tried, _parse))


def _parse(text: str) -> str:
    found = _number(text)
    if isinstance(found, ProblemCode):
        msg = "not a telephone number"
        raise IdentifierError(msg, kind="phone")
    return found[0]


def _number(text: str) -> tuple[str, bool] | ProblemCode:
    """Return the normal form and whether a country code 86 was taken off."""
    broken = _BREAKS.sub("-", text).strip("-")
    if not broken.isascii() and "转" not in broken and "分机" not in broken:
        return ProblemCode.NOT_A_PHONE
    broken, has_code = _without_home(broken)
    extension = ""
    for pattern in (_WITH_EXTENSION, _NAMED_EXTENSION):
        if match := pattern.fullmatch(broken):
            broken, extension = match[1], match[2]
            break
    found = _plain(broken.replace("-", ""), extension)
    return found if isinstance(found, ProblemCode) else (found, has_code)


def _without_home(broken: str) -> tuple[str, bool]:
    """Take +86, 0086 or a bare 86 before a mobile number off; 00 becomes +."""
    if broken.startswith("00"):
        broken = "+" + broken[2:].lstrip("-")
    if broken.startswith("+" + _HOME):
        rest = broken[3:].lstrip("-")
        is_area = not rest.startswith(("0", "400", "800")) and not _is_mobile(rest)
        return ("0" + rest if is_area else rest), True
    if broken.startswith(_HOME) and _is_mobile(broken[2:]):
        return broken[2:].lstrip("-"), True
    return broken, False


def _is_mobile(text: str) -> bool:
    return _MOBILE.fullmatch(text.replace("-", "")) is not None


def _plain(digits: str, extension: str) -> str | ProblemCode:
    if match := _LANDLINE.fullmatch(digits):
        return "-".join(part for part in (*match.groups(), extension) if part)
    if _TOLL_FREE.fullmatch(digits):
        return "-".join(part for part in (digits, extension) if part)
    if extension:
        return ProblemCode.NO_AREA_CODE if _LOCAL.fullmatch(digits) else ProblemCode.NOT_A_PHONE
    if _MOBILE.fullmatch(digits) or _FOREIGN.fullmatch(digits):
        return digits
    return ProblemCode.NO_AREA_CODE if _LOCAL.fullmatch(digits) else ProblemCode.NOT_A_PHONE
