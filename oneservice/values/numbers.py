"""Numbers with and without unit: 1,200 and 82.5㎡ and 5万元, exact to the last digit.

Decimals travel as text without needless zeros, so that two registers that mean the same number
write the same bytes; money has two places. A unit is taken off where it is the field's own; another
one is never converted, because the field would then state what nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final

from oneservice.errors import IdentifierError
from oneservice.values.expected import Expected
from oneservice.values.kinds import ValueKind
from oneservice.values.noise import tidy_code, written
from oneservice.values.problems import ProblemCode
from oneservice.values.readings import Change, Reading, Slip, Suggestion, accepted, refused
from oneservice.values.slips import LOOKALIKES_OF_DIGITS, one_slip, suggestion_for
from oneservice.values.units import COUNTERS, METRE_SQUARED, YUAN, is_unit, unit_of

__all__ = ["read_area", "read_decimal", "read_money", "read_whole"]

_SAFE_INTEGER: Final = 2**53 - 1
"""The largest whole number that has one canonical form (RFC 8785, I-JSON)."""
_MAX_DIGITS: Final = 30
_EXACT: Final = Context(prec=100)
"""Our own context: the caller's may round."""
_CENT: Final = Decimal("0.01")
_MINUS: Final = str.maketrans("−–—", "---")
_SHAPE: Final = re.compile(r"([^0-9.,+-]*)([+-]?)([0-9.,]*[0-9])(.*)", re.DOTALL)
_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA: Final = re.compile(r"[0-9]+,[0-9]{1,2}")
_DOT: Final = re.compile(r"(?<=[0-9])。(?=[0-9])")
_LETTERED: Final = re.compile(r"(?=.*[0-9])[0-9OoIl|.,]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A kind of number. ``places`` are always written; ``is_counted``: 人 and 个 may follow."""

    kind: ValueKind
    write: Callable[[Decimal], int | str | ProblemCode]
    unit: str = ""
    places: int = 0
    is_counted: bool = False
    may_be_negative: bool = True


def read_whole(raw: object, expected: Expected) -> Reading:
    """Read a whole number; the word of a count may stand behind it (3人)."""
    return _read(raw, _WHOLE, expected.unit)


def read_decimal(raw: object, expected: Expected) -> Reading:
    """Read a decimal number in ``expected.unit``."""
    return _read(raw, _DECIMAL, expected.unit)


def read_area(raw: object, expected: Expected) -> Reading:
    """Read a floor area in m²."""
    return _read(raw, _AREA, expected.unit)


def read_money(raw: object, expected: Expected) -> Reading:
    """Read an amount in yuan; 万元 and 亿元 are written out, which is exact."""
    return _read(raw, _MONEY, expected.unit)


def _read(raw: object, number: _Number, unit: str) -> Reading:
    if isinstance(raw, float):
        return refused(number.kind, ProblemCode.BINARY_FRACTION)
    if isinstance(raw, Decimal):
        return _finish(number, _limited(raw))
    text = written(raw)
    if isinstance(text, ProblemCode):
        is_huge = isinstance(raw, int) and text is ProblemCode.TOO_LONG
        return refused(number.kind, ProblemCode.TOO_LARGE if is_huge else text)
    bare, changes = tidy_code(text, upper=False, around=" ;；")
    dotted = _DOT.sub(".", bare).translate(_MINUS).rstrip("。")
    changes |= {Change.PUNCTUATION} if dotted != bare else set()
    amount, more = _amount(dotted, number, unit or number.unit)
    if isinstance(amount, ProblemCode):
        suggestion = _suggest(dotted, number, unit or number.unit)
        return refused(number.kind, amount, changes, suggestion=suggestion)
    reading = _finish(number, amount, changes | more)
    if reading.problem is None and not reading.changes and str(reading.value) != text:
        return accepted(number.kind, reading.value, {Change.FORMAT})
    return reading


def _finish(
    number: _Number, amount: Decimal | ProblemCode, changes: Collection[Change] = ()
) -> Reading:
    value = _value(number, amount)
    if isinstance(value, ProblemCode):
        return refused(number.kind, value, changes)
    return accepted(number.kind, value, changes)


def _value(number: _Number, amount: Decimal | ProblemCode) -> int | str | ProblemCode:
    if isinstance(amount, ProblemCode):
        return amount
    if amount < 0 and not number.may_be_negative:
        return ProblemCode.NEGATIVE
    return number.write(amount)


def _amount(
    text: str, number: _Number, unit: str
) -> tuple[Decimal | ProblemCode, frozenset[Change]]:
    """Return the number that ``text`` states in ``unit``, and what was taken off to get it."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return ProblemCode.NOT_A_NUMBER, frozenset()
    before, sign, digits, after = match.groups()
    power = _power(before.strip(), after.strip(), number, unit)
    if isinstance(power, ProblemCode):
        return power, frozenset()
    changes = {Change.UNIT} if before.strip() or after.strip() else set()
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
        changes.add(Change.PUNCTUATION)
    if _PLAIN.fullmatch(digits) is None:
        code = ProblemCode.GROUPING if "," in digits else ProblemCode.NOT_A_NUMBER
        return code, frozenset()
    found = _limited(Decimal(sign + digits))
    if isinstance(found, ProblemCode):
        return found, frozenset()
    if _has_needless_zeros(digits, number.places) or sign == "+":
        changes.add(Change.ZEROS)
    return _EXACT.scaleb(found, power), frozenset(changes)


def _power(before: str, after: str, number: _Number, unit: str) -> int | ProblemCode:
    """Return the power of ten in the unit; the problem of another unit or of stray text."""
    if before and (number.kind is not ValueKind.MONEY or unit_of(before) != (YUAN, 0)):
        return ProblemCode.OTHER_UNIT if is_unit(before) else ProblemCode.NOT_A_NUMBER
    if not after or (number.is_counted and after in COUNTERS):
        return 0
    named, power = unit_of(after)
    if unit and named == unit_of(unit)[0]:
        return power
    is_known = is_unit(after) or after in COUNTERS
    return ProblemCode.OTHER_UNIT if is_known else ProblemCode.NOT_A_NUMBER


def _has_needless_zeros(digits: str, places: int) -> bool:
    whole, _, fraction = digits.partition(".")
    is_padded = len(fraction) > places and fraction.endswith("0")
    return is_padded or (len(whole) > 1 and whole.startswith("0"))


def _limited(amount: Decimal) -> Decimal | ProblemCode:
    """Return ``amount`` unless writing it out would fill a page, or it is no number at all."""
    if not amount.is_finite():
        return ProblemCode.NOT_A_NUMBER
    exponent = amount.as_tuple().exponent
    digits = len(amount.as_tuple().digits)
    if not isinstance(exponent, int) or digits > _MAX_DIGITS or abs(exponent) > _MAX_DIGITS:
        return ProblemCode.TOO_LARGE
    return amount


def _suggest(text: str, number: _Number, unit: str) -> Suggestion | None:
    def parse(one: str) -> str:
        value = _value(number, _amount(one, number, unit)[0])
        if isinstance(value, ProblemCode):
            msg = "not such a number"
            raise IdentifierError(msg, kind="number")
        return str(value)

    tried: dict[str, Slip] = {}
    if _DECIMAL_COMMA.fullmatch(text):
        tried = {text.replace(",", "."): Slip.DECIMAL_COMMA}
    elif _LETTERED.fullmatch(text) and set(text) & LOOKALIKES_OF_DIGITS:
        capitals = text.upper()
        tried = one_slip(capitals, alphabet="0123456789.,", length=len(capitals))
    found = suggestion_for(tried, parse)
    if found is None or number.kind is not ValueKind.INT:
        return found
    return Suggestion(
        value=int(found.value), confidence=found.confidence, slip=found.slip, why=found.why
    )


def _write_whole(amount: Decimal) -> int | ProblemCode:
    if amount != _EXACT.to_integral_value(amount):
        return ProblemCode.NOT_WHOLE
    return int(amount) if -_SAFE_INTEGER <= amount <= _SAFE_INTEGER else ProblemCode.TOO_LARGE


def _write_decimal(amount: Decimal) -> str:
    return format(_EXACT.normalize(amount) if amount else Decimal(0), "f")


def _write_money(amount: Decimal) -> str | ProblemCode:
    cents = _EXACT.quantize(amount, _CENT)
    if cents != amount:
        return ProblemCode.TOO_PRECISE
    return format(cents or abs(cents), "f")


_WHOLE: Final = _Number(kind=ValueKind.INT, write=_write_whole, is_counted=True)
_DECIMAL: Final = _Number(kind=ValueKind.DECIMAL, write=_write_decimal)
_AREA: Final = _Number(
    kind=ValueKind.AREA, write=_write_decimal, unit=METRE_SQUARED, may_be_negative=False
)
_MONEY: Final = _Number(
    kind=ValueKind.MONEY, write=_write_money, unit=YUAN, places=2, may_be_negative=False
)
