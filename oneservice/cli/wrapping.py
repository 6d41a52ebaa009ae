"""Where a line breaks on a terminal: Latin text at spaces, Chinese text anywhere but before 、。）.

Terminals show Chinese signs two columns wide, and general wrappers break "9 个工作日" after the 9
only because a space stands there.
"""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["columns", "printable", "wrapped"]

_CLOSING: Final = frozenset("，。；：、！？）》”’」』】,.;:!?)]}%")
_OPENING: Final = frozenset("（《“‘「『【([{")


def printable(text: str) -> str:
    """Return ``text`` without anything that could move a cursor or turn the writing direction."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(sign) else sign for sign in text)


def columns(text: str) -> int:
    """Return how many columns ``text`` takes on a terminal."""
    return sum(map(_width, text))


def wrapped(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns (at least one sign each)."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and columns((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while columns(line.rstrip()) > width:
            room = _fitting(line, width)
            lines.append(line[:room])
            line = line[room:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> list[str]:
    """Split ``text`` where a line may break: after spaces and around each wide sign."""
    pieces: list[str] = []
    for before, sign in zip(" " + text, text, strict=False):
        may_break = (before == " " or _is_wide(before) or _is_wide(sign)) and sign != " "
        if pieces and (not may_break or sign in _CLOSING or before in _OPENING):
            pieces[-1] += sign
        elif pieces and before == " " and _is_number(pieces[-1]) and _is_wide(sign):
            pieces[-1] += sign  # "9 个": a count stays with what it counts
        else:
            pieces.append(sign)
    return pieces


def _is_number(piece: str) -> bool:
    return piece.strip().isdigit()


def _fitting(line: str, width: int) -> int:
    """Return how many signs of ``line`` fit; one at least, or nothing would ever be written."""
    used = 0
    for count, sign in enumerate(line):
        used += _width(sign)
        if used > width:
            return max(count, 1)
    return len(line)


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if _is_wide(sign) else 1


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _is_control(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] == "C" or category in ("Zl", "Zp")
