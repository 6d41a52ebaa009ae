"""Where: administrative regions, matched by prefix.

A code has 6 digits (province, city, county: two each), 9 with a town, 12 with a village. A level
that is all zeros says "the whole of the level above". Codes retire, so nothing here has a table.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NewType

from oneservice.errors import IdentifierError

__all__ = [
    "NATIONAL",
    "RegionCode",
    "parse_region",
    "region_chain",
    "region_contains",
    "region_prefix",
]

RegionCode = NewType("RegionCode", str)
"""Administrative region (行政区划代码), 6, 9 or 12 digits."""

NATIONAL: Final = RegionCode("000000")
"""The whole country."""

_LENGTHS: Final = frozenset({6, 9, 12})
_DIGITS: Final = frozenset("0123456789")
_LEVEL_ENDS: Final = (2, 4, 6, 9, 12)


def parse_region(text: str) -> RegionCode:
    """Return ``text`` as a region code.

    A town straight under a city is allowed: some cities have no counties.

    Raises:
        IdentifierError: not 6, 9 or 12 digits, or levels below a province that is 00.

    References:
        GB/T 2260-2007; GB/T 10114-2003 for towns and villages.
    """
    if len(text) not in _LENGTHS or not set(text) <= _DIGITS:
        msg = "a region code has 6 digits, 9 with the town, 12 with the village"
        raise IdentifierError(msg, kind="region")
    if text.startswith("00") and text.strip("0"):
        msg = "a region code that begins with 00 is the whole country and has only zeros"
        raise IdentifierError(msg, kind="region")
    return RegionCode(text)


@lru_cache(maxsize=8192)
def region_prefix(code: RegionCode) -> str:
    """Return ``code`` without the levels that are all zeros: ``990100`` gives ``9901``.

    The country gives an empty text. A region lies in another when its prefix begins with the
    other's.
    """
    end = len(code)
    for start, stop in reversed(tuple(zip((0, *_LEVEL_ENDS), _LEVEL_ENDS, strict=False))):
        if stop <= end and code[start:stop].strip("0"):
            return code[:stop]
    return ""


def region_contains(outer: RegionCode, inner: RegionCode) -> bool:
    """Say whether ``inner`` lies in ``outer``, or is the same region."""
    return region_prefix(inner).startswith(region_prefix(outer))


def region_chain(code: RegionCode) -> tuple[RegionCode, ...]:
    """Return the regions that contain ``code``, from the country down to itself.

    ``990101`` gives ``000000``, ``990000``, ``990100``, ``990101``. Each region is in its shortest
    form (``990101000000`` ends in ``990101``), and levels that ``code`` lacks are not made up.
    """
    prefix = region_prefix(code)
    chain = dict.fromkeys([NATIONAL])
    for end in _LEVEL_ENDS:
        if end <= len(prefix):
            level = region_prefix(RegionCode(prefix[:end]))
            chain[RegionCode(level.ljust(6, "0"))] = None
    return tuple(chain)
