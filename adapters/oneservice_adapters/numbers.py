"""Numbers that offices print and sign under: right check digits, fictional regions."""

from __future__ import annotations

from typing import Final

from oneservice.departments import Submission
from oneservice.identifiers import credit_code_check_digit, organisation_code_check_digit

__all__ = ["TYPE_AUTHORITY", "business_code", "food_permit_number", "lettered", "office_code"]

TYPE_AUTHORITY: Final = "11990000MB9900013U"
"""The fictional authority that defines certificate types (domain page, section 8)."""
_FORMATS: Final = {"seller": "1", "catering": "2", "canteen": "3"}


def office_code(region: str, code_no: int) -> str:
    """Return the credit code of an office; for 990101 those of the domain page, section 8."""
    return _credit_code(f"11{region}", f"MB99{code_no:04d}")


def business_code(region: str, submission: Submission, serial: int) -> str:
    """Return the credit code that a new business gets: 92 for sole traders, else 91."""
    is_company = submission.fields.get("subject_type") == "company"
    return _credit_code(f"{'91' if is_company else '92'}{region}", f"MC{serial:06d}")


def food_permit_number(region: str, submission: Submission, serial: int) -> str:
    """Return ``JY`` and 14 digits: main format, region, six of sequence, check.

    References:
        Domain page, section 4.6; check digit by ISO/IEC 7064 MOD 11,10 (GB/T 17710).
    """
    kind = _FORMATS.get(str(submission.fields.get("main_format")), "2")
    body = f"{kind}{region}{serial:06d}"
    return f"JY{body}{_mod_11_10(body)}"


def lettered(letters: str) -> _Lettered:
    """Return a rule for plain numbers: letters, region, six digits of sequence."""
    return _Lettered(letters)


class _Lettered:
    def __init__(self, letters: str) -> None:
        self._letters = letters

    def __call__(self, region: str, submission: Submission, serial: int) -> str:
        del submission
        return f"{self._letters}{region}{serial:06d}"


def _credit_code(head: str, stem: str) -> str:
    body = f"{head}{stem}{organisation_code_check_digit(stem)}"
    return body + credit_code_check_digit(body)


def _mod_11_10(digits: str) -> int:
    product = 10
    for digit in digits:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (11 - product) % 10
