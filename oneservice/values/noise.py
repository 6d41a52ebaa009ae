"""Noise that says nothing: width, invisible characters, spaces, the shape of a dash.

Theory of operation: NFKC as a whole is not safe here. It makes ``m2`` of ``㎡`` and ``82`` of
``8²``, and it narrows the punctuation of Chinese prose. So compatibility forms are folded one by
one where the narrow form is the same character to every reader: full-width letters and digits,
Kangxi radicals (a PDF writes 日 as one), the Roman ten for X. Names and prose then get NFC.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from oneservice.values.problems import MAX_LENGTH, ProblemCode
from oneservice.values.readings import Change

__all__ = [
    "HAN",
    "Tidied",
    "close_up",
    "tidy_code",
    "tidy_line",
    "tidy_prose",
    "written",
]

HAN: Final = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Chinese characters, as the inside of a character class."""

Tidied = tuple[str, frozenset[Change]]
"""A text and what was done to it."""

_LETTERS: Final = {
    code: code - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in range(first, last + 1)
}
_RADICALS: Final = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)
}
_PROSE: Final = str.maketrans(_LETTERS | _RADICALS)
_CODE: Final = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {"Ⅹ": "X", "ⅹ": "x", "￥": "¥"}
)
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣⁃", "-"))
# Joiners stay in prose and names: Uyghur and Mongolian are written with them.
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_JOINERS: Final = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_LINE_END: Final = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_WRAPPING: Final = " \"'“”‘’`.,;:。，；：、"
_CLOSED_UP: Final = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")


def written(raw: object) -> str | ProblemCode:
    """Return ``raw`` as text: text itself, or a whole number that stands for its digits."""
    if raw is None:
        return ProblemCode.MISSING
    if isinstance(raw, str):
        text = str.__str__(raw)
    elif isinstance(raw, int) and not isinstance(raw, bool):
        if raw.bit_length() > 128:  # noqa: PLR2004 - far above every code; printing it may be refused
            return ProblemCode.TOO_LONG
        text = str(int(raw))
    else:
        return ProblemCode.WRONG_TYPE
    if len(text) > MAX_LENGTH:
        return ProblemCode.TOO_LONG
    if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
        return ProblemCode.UNREADABLE
    return text if text.strip() else ProblemCode.MISSING


def tidy_code(text: str, *, drop: str = "", upper: bool = True, around: str = _WRAPPING) -> Tidied:
    """Return ``text`` as machines write it: narrow, no spaces around it, capitals.

    Args:
        text: what was typed.
        drop: characters that mean nothing inside, such as spaces and hyphens that group digits.
        upper: make capitals of a to z.
        around: characters that mean nothing at either end, such as the full stop of a sentence.
    """
    changes: set[Change] = set()
    text = _step(text, _JOINERS.sub("", _unseen(text)), Change.INVISIBLE, changes)
    text = _step(text, text.translate(_CODE), Change.WIDTH, changes)
    text = _step(text, " ".join(text.split()), Change.SPACES, changes)
    text = _step(text, text.translate(_DASHES), Change.PUNCTUATION, changes)
    text = _step(text, text.strip(around), Change.PUNCTUATION, changes)
    for one in drop:
        what = Change.SPACES if one == " " else Change.PUNCTUATION
        text = _step(text, text.replace(one, ""), what, changes)
    if upper:
        text = _step(text, "".join(map(_capital, text)), Change.CASE, changes)
    return text, frozenset(changes)


def tidy_prose(text: str) -> Tidied:
    """Return ``text`` with its lines kept: narrow letters and digits, single spaces, NFC."""
    changes: set[Change] = set()
    text = _step(text, _unseen(text), Change.INVISIBLE, changes)
    folded = unicodedata.normalize("NFC", text.translate(_PROSE))
    text = _step(text, folded, Change.WIDTH, changes)
    lines = [" ".join(line.split()) for line in _LINE_END.split(text)]
    text = _step(text, "\n".join(lines).strip(), Change.SPACES, changes)
    return text, frozenset(changes)


def tidy_line(text: str) -> Tidied:
    """Return ``text`` as one line, otherwise as :func:`tidy_prose`."""
    tidied, changes = tidy_prose(text)
    line = tidied.replace("\n", " ")
    line = " ".join(line.split())
    return line, changes if line == tidied else changes | {Change.SPACES}


def close_up(text: str) -> str:
    """Return ``text`` without single spaces between Chinese characters, which need none."""
    return _CLOSED_UP.sub("", text)


def _unseen(text: str) -> str:
    return _CONTROL.sub("", _UNSEEN.sub("", text))


def _capital(one: str) -> str:
    # Only a to z: the capital of other letters may be two letters.
    return one.upper() if one.isascii() else one


def _step(before: str, after: str, change: Change, changes: set[Change]) -> str:
    if after != before:
        changes.add(change)
    return after
