"""Days as people write them: 2026-09-28, 2026年9月28日, 2026.9.28, 20260928."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from oneservice.errors import IdentifierError
from oneservice.values.expected import Expected
from oneservice.values.kinds import ValueKind
from oneservice.values.noise import tidy_code, written
from oneservice.values.problems import ProblemCode
from oneservice.values.readings import Change, Reading, Slip, Suggestion, accepted, refused
from oneservice.values.slips import LOOKALIKES_OF_DIGITS, one_slip, suggestion_for

__all__ = ["read_day"]

_KIND: Final = ValueKind.DATE
_DIGITS: Final = "0123456789"
_MARKS: Final = "-./年月日号 "
_YEAR_FIRST: Final = re.compile(
    r"([0-9]{4}) ?[-./年 ] ?([0-9]{1,2}) ?[-./月 ] ?([0-9]{1,2}) ?[日号]?"
)
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4})")
_SHORT_YEAR: Final = re.compile(r"'?[0-9]{2} ?[-./年 ] ?[0-9]{1,2} ?[-./月 ] ?[0-9]{1,2} ?[日号]?")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:.*")
_OPEN_ENDED: Final = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限", "long-term"})


def read_day(raw: object, expected: Expected) -> Reading:
    """Read a day; the normal form is ISO 8601. Instants are refused: their day needs a zone."""
    del expected
    if isinstance(raw, datetime):
        return refused(_KIND, ProblemCode.IS_INSTANT)
    if isinstance(raw, date):
        return accepted(_KIND, raw.isoformat())
    text = written(raw)
    if isinstance(text, ProblemCode):
        return refused(_KIND, text)
    bare, changes = tidy_code(text, upper=False)
    found = _day(bare)
    if isinstance(found, ProblemCode):
        return refused(_KIND, found, changes, suggestion=_suggest(bare, found))
    return accepted(_KIND, found, changes if found == bare else {*changes, Change.FORMAT})


def _day(text: str) -> str | ProblemCode:
    if text in _OPEN_ENDED:
        return ProblemCode.OPEN_ENDED
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        return _iso(*match.groups()) or ProblemCode.NO_SUCH_DAY
    if _YEAR_LAST.fullmatch(text):
        return ProblemCode.DATE_ORDER
    if _SHORT_YEAR.fullmatch(text):
        return ProblemCode.SHORT_YEAR
    return ProblemCode.IS_INSTANT if _INSTANT.fullmatch(text) else ProblemCode.NOT_A_DATE


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _suggest(text: str, what: ProblemCode) -> Suggestion | None:
    tried: dict[str, Slip] = {}
    if what is ProblemCode.DATE_ORDER and (match := _YEAR_LAST.fullmatch(text)):
        one, other, year = match.groups()
        # Two readings that are both days are two dates (unless day and month are the same number).
        for month, day in ((one, other), (other, one)):
            if found := _iso(year, month, day):
                tried[found] = Slip.ORDER
    elif what is ProblemCode.NOT_A_DATE:
        strange = {one for one in text if one not in _DIGITS + _MARKS}
        if strange <= LOOKALIKES_OF_DIGITS and any(one in _DIGITS for one in text):
            capitals = text.upper() if text.isascii() else text.replace("o", "O").replace("l", "L")
            if any(one not in _DIGITS + _MARKS for one in capitals):
                tried = one_slip(capitals, alphabet=_DIGITS + _MARKS, length=len(capitals))
    return suggestion_for(tried, _parse)


def _parse(text: str) -> str:
    found = _day(text)
    if isinstance(found, ProblemCode):
        msg = "not a day"
        raise IdentifierError(msg, kind="date")
    return found
