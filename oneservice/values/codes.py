"""National codes as people type them: grouped, in small letters, with an O for a zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from oneservice.errors import IdentifierError
from oneservice.identifiers import (
    RegionCode,
    parse_citizen_number,
    parse_credit_code,
    parse_organisation_code,
    parse_region,
    region_contains,
)
from oneservice.values.expected import Expected
from oneservice.values.kinds import ValueKind
from oneservice.values.noise import tidy_code, written
from oneservice.values.problems import ProblemCode
from oneservice.values.readings import Reading, accepted, refused
from oneservice.values.slips import LOOKALIKES_OF_DIGITS, one_slip, suggestion_for

__all__ = ["read_citizen_number", "read_credit_code", "read_organisation_code", "read_region"]

_DIGITS: Final = "0123456789"
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GROUPING: Final = " -./·_"
_OLD_LENGTH: Final = 15
_REGION_LENGTHS: Final = (6, 9, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """A kind of code with a check character. ``modulus``: how rarely a wrong one fits."""

    kind: ValueKind
    alphabet: str
    length: int
    modulus: int
    misreads: bool
    parse: Callable[[str], str]
    shape: ProblemCode
    check: ProblemCode

    def read(self, text: str) -> str | ProblemCode:
        """Return the code in normal form, or what is wrong with ``text``."""
        if len(text) != self.length or not set(text) <= set(self.alphabet):
            return self.shape
        try:
            return str(self.parse(text))
        except IdentifierError:
            return self.check


_CREDIT_CODE: Final = _Checked(
    kind=ValueKind.CREDIT_CODE,
    alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY",
    length=18,
    modulus=31,
    misreads=True,
    parse=parse_credit_code,
    shape=ProblemCode.CREDIT_CODE_SHAPE,
    check=ProblemCode.CREDIT_CODE_CHECK,
)
_ORGANISATION_CODE: Final = _Checked(
    kind=ValueKind.ORGANISATION_CODE,
    alphabet=_DIGITS + _CAPITALS,
    length=9,
    modulus=11,
    misreads=True,
    parse=parse_organisation_code,
    shape=ProblemCode.ORGANISATION_CODE_SHAPE,
    check=ProblemCode.ORGANISATION_CODE_CHECK,
)
_CITIZEN_NUMBER: Final = _Checked(
    kind=ValueKind.CITIZEN_NUMBER,
    alphabet=_DIGITS + "X",
    length=18,
    modulus=11,
    misreads=False,
    parse=parse_citizen_number,
    shape=ProblemCode.CITIZEN_NUMBER_SHAPE,
    check=ProblemCode.CITIZEN_NUMBER_CHECK,
)


def read_credit_code(raw: object, expected: Expected) -> Reading:
    """Read a unified social credit code (GB 32100-2015)."""
    del expected
    return _read_checked(raw, _CREDIT_CODE)


def read_organisation_code(raw: object, expected: Expected) -> Reading:
    """Read an organisation code (GB 11714-1997); the normal form has no hyphen."""
    del expected
    return _read_checked(raw, _ORGANISATION_CODE)


def read_citizen_number(raw: object, expected: Expected) -> Reading:
    """Read a citizen number (GB 11643-1999).

    A number of 15 digits is refused without a suggestion: its century is a guess, and two people
    may have shared it.
    """
    del expected
    text = written(raw)
    if isinstance(text, str):
        bare, changes = tidy_code(text, drop=_GROUPING)
        if len(bare) == _OLD_LENGTH and set(bare) <= set(_DIGITS):
            return refused(_CITIZEN_NUMBER.kind, ProblemCode.CITIZEN_NUMBER_OLD, changes)
    return _read_checked(raw, _CITIZEN_NUMBER)


def read_region(raw: object, expected: Expected) -> Reading:
    """Read a region code (GB/T 2260, GB/T 10114); it must lie in ``expected.region`` if given."""
    kind = ValueKind.REGION
    text = written(raw)
    if isinstance(text, ProblemCode):
        return refused(kind, text)
    bare, changes = tidy_code(text, drop=_GROUPING)
    try:
        code = parse_region(bare)
    except IdentifierError:
        # Without a check character only letters that never stand in a number are a known slip.
        tried = {}
        if len(bare) in _REGION_LENGTHS and set(bare) - set(_DIGITS) <= LOOKALIKES_OF_DIGITS:
            tried = one_slip(bare, alphabet=_DIGITS, length=len(bare), misreads=False)
        suggestion = suggestion_for(tried, lambda one: _inside(one, expected.region))
        return refused(kind, ProblemCode.REGION_SHAPE, changes, suggestion=suggestion)
    if expected.region is not None and not region_contains(expected.region, code):
        return refused(kind, ProblemCode.OUTSIDE_REGION, changes)
    return accepted(kind, str(code), changes)


def _inside(text: str, region: RegionCode | None) -> str:
    code = parse_region(text)
    if region is not None and not region_contains(region, code):
        msg = "this region lies outside the one that is due"
        raise IdentifierError(msg, kind="region")
    return code


def _read_checked(raw: object, code: _Checked) -> Reading:
    text = written(raw)
    if isinstance(text, ProblemCode):
        return refused(code.kind, text)
    bare, changes = tidy_code(text, drop=_GROUPING)
    found = code.read(bare)
    if not isinstance(found, ProblemCode):
        return accepted(code.kind, found, changes)
    tried = one_slip(bare, alphabet=code.alphabet, length=code.length, misreads=code.misreads)
    suggestion = suggestion_for(tried, code.parse, modulus=code.modulus)
    return refused(code.kind, found, changes, suggestion=suggestion)
