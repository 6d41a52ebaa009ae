"""What people meant where a text is not YAML: the slips of a keyboard, told as what to write."""

from __future__ import annotations

import re

import yaml

__all__ = ["FULL_WIDTH_COLON", "colon_at", "meant"]

FULL_WIDTH_COLON = ("'：' is a full-width colon", "write ':' and a space")
"""What is wrong, and what to do."""
_KEY = r"[ ]*(?:- +)*[A-Za-z_][A-Za-z0-9_-]*"
_SLIPS = (
    (re.compile(r"^ *(\t)"), "a tab", "indent with spaces"),
    (re.compile(rf"^{_KEY} *(：)"), *FULL_WIDTH_COLON),
    (re.compile(r"[{,] *[A-Za-z_][A-Za-z0-9_-]* *(：)"), *FULL_WIDTH_COLON),
    (
        re.compile(r"{[^}]*(，) *[A-Za-z_][A-Za-z0-9_-]*: "),
        "'，' is a full-width comma",
        "write ',' and a space",
    ),
    (re.compile(rf"^{_KEY}(:)[^\s:/]\S*$"), "no space after ':'", "write ':' and a space"),
    (
        re.compile(rf"^{_KEY}: +(!)"),
        "a rule that begins with '!' reads as a tag of YAML",
        "put the rule in quotes",
    ),
)
"""A line's pattern with what is wrong as its group, in the order of how sure one can be."""
_MOST_LINES = 200
"""Lines that are looked at: what was never closed may have begun far above."""


def meant(text: str, error: yaml.MarkedYAMLError) -> tuple[int, int, str, str] | None:
    """Return line and column (from 1) of a slip that explains ``error``, what it is and a remedy.

    None where the lines that the parser was reading show no slip of the kinds known here.
    """
    last = error.problem_mark
    if last is None:
        return None
    first = error.context_mark or last
    lines = text.split("\n")[max(first.line - 1, last.line - _MOST_LINES, 0) : last.line + 1]
    # The nearest line counts: those above it were read already.
    for number, line in zip(range(last.line + 1, 0, -1), reversed(lines), strict=False):
        for pattern, what, remedy in _SLIPS:
            match = pattern.search(line)
            if match is not None:
                return number, match.start(1) + 1, what, remedy
    return None


def colon_at(text: str, line: int, column: int) -> int | None:
    """Return the column of a full-width colon in the bare word that begins at a place, if any."""
    written = text.split("\n")[line - 1][column - 1 :]
    match = re.match(r"[A-Za-z_][A-Za-z0-9_-]* *(：)", written)
    return column + match.start(1) if match else None
