"""Free texts of the exchange that have a shape: laws, limits, fees, lists of names.

Each pair reads what it writes. Texts by other hands are read as far as they go; what is lost then
is kept beside the model, see ``keeping``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from oneservice.catalog import LegalBasis, Limit, LimitUnit, Text

__all__ = [
    "HOURS_OF_A_NATURAL_DAY",
    "HOURS_OF_A_WORKING_DAY",
    "limit_of",
    "listed",
    "prices_in",
    "read_laws",
    "same_in_both",
    "split_names",
    "unit_code",
    "write_laws",
]

HOURS_OF_A_WORKING_DAY: Final = 8
HOURS_OF_A_NATURAL_DAY: Final = 24
_LAW: Final = re.compile(
    r"《(?P<law>.+)》(?P<article>[^《》（]*)(?:（(?P<since>\d{4}-\d{2}-\d{2})起）)?"
)
_PRICE: Final = re.compile(r"(?P<title>[^：:]+)[：:]\s*(?P<amount>\d{1,9}(?:\.\d{1,2})?)\s*元")
_LIMIT_UNITS: Final = {"WD": LimitUnit.WORKING_DAYS, "ND": LimitUnit.NATURAL_DAYS}
_HOURS: Final = {
    "WH": (LimitUnit.WORKING_DAYS, HOURS_OF_A_WORKING_DAY),
    "NH": (LimitUnit.NATURAL_DAYS, HOURS_OF_A_NATURAL_DAY),
}
_LONGEST_DAYS: Final = 3650


def same_in_both(words: str) -> Text:
    """Return ``words``, which are Chinese, in both languages: the exchange has no other."""
    return Text(zh=words, en=words)


def write_laws(laws: Iterable[LegalBasis]) -> str | None:
    """Return one law per line, as in ``《食品安全法》第三十五条（2021-04-29起）``."""
    lines = (
        f"《{one.law.zh}》{one.article}" + (f"（{one.since}起）" if one.since else "")
        for one in laws
    )
    return "\n".join(lines) or None


def read_laws(text: str | None) -> tuple[LegalBasis, ...]:
    """Return the laws named in ``text``, one per line; a line of another form names a law whole."""
    return tuple(_law(line.strip()) for line in (text or "").splitlines() if line.strip())


def _law(line: str) -> LegalBasis:
    match = _LAW.fullmatch(line)
    since = _day(match["since"]) if match and match["since"] else None
    if match is None or (match["since"] and since is None):
        return LegalBasis(law=same_in_both(line))
    return LegalBasis(law=same_in_both(match["law"]), article=match["article"], since=since)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def unit_code(limit: Limit) -> str:
    """Return the exchange's unit for ``limit``."""
    return next(code for code, unit in _LIMIT_UNITS.items() if unit is limit.unit)


def limit_of(count: int | None, unit: str | None) -> Limit | None:
    """Return a limit in days; hours round up to whole days. ``None``: no limit, or none of ours."""
    if count is None:
        return None
    if unit in _HOURS:
        days_unit, hours = _HOURS[unit]
        count = -(-count // hours)
    else:
        known = _LIMIT_UNITS.get(unit or "WD")
        if known is None:
            return None
        days_unit = known
    return Limit(days=count, unit=days_unit) if count <= _LONGEST_DAYS else None


def listed(names: Iterable[str]) -> str | None:
    """Return names in one cell, as Chinese lists them."""
    return "、".join(names) or None


def split_names(text: str | None) -> tuple[str, ...]:
    """Return the names that ``text`` lists."""
    parts = re.split(r"[、，,;；\n]", text or "")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def prices_in(text: str | None) -> tuple[tuple[str, Decimal], ...] | None:
    """Return titles and amounts from lines ``工本费：10.00元``; ``None`` for other words."""
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    found = [_PRICE.fullmatch(line) for line in lines]
    prices = [(match["title"].strip(), Decimal(match["amount"])) for match in found if match]
    is_plain = len(prices) == len(lines) and all(title for title, _ in prices)
    return tuple(prices) if prices and is_plain else None
