"""Prose, names and addresses: what can be tidied without touching what is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from oneservice.values.expected import Expected
from oneservice.values.kinds import ValueKind
from oneservice.values.noise import HAN, Tidied, close_up, tidy_line, tidy_prose, written
from oneservice.values.problems import ProblemCode
from oneservice.values.readings import Change, Reading, accepted, refused

__all__ = ["read_address", "read_firm_name", "read_person_name", "read_text"]

_MAX_NAME: Final = 120
"""Characters; the longest firm names on the public register stay below."""
_HAS_HAN: Final = re.compile(f"[{HAN}]")
_NAME_DOTS: Final = str.maketrans(dict.fromkeys("•‧∙⋅・･●", "·"))
_DOT_IN_NAME: Final = re.compile(rf"(?<=[{HAN}]) ?[.．·] ?(?=[{HAN}])")
_BRACKETS: Final = str.maketrans("()", "（）")
_NARROW_BRACKETS: Final = str.maketrans("（）", "()")
_BESIDE_HAN: Final = re.compile(rf"(?<=[{HAN}（），、；：]) | (?=[{HAN}（），、；：])")
_DASH: Final = re.compile(
    r"(?:(?<=[0-9号栋幢座楼层])|(?<=[A-Za-z])(?<![A-Za-z]{2})) ?[‐‑‒–—－−] ?(?=[0-9])"
)
"""A dash in a door number: 3－2－501 or A－101. A tilde is a range and stays."""
_HASH: Final = re.compile(r"(?<=[0-9])[#＃]")
_NAME_MARKS: Final = frozenset(" ·'’-.")
_PRIVATE: Final = "Co"


def read_text(raw: object, expected: Expected) -> Reading:
    """Read prose; lines and Chinese punctuation stay as they are."""
    del expected
    text = _prose(raw)
    if isinstance(text, ProblemCode):
        return refused(ValueKind.TEXT, text)
    tidied, changes = tidy_prose(text)
    return _finish(ValueKind.TEXT, tidied, changes)


def read_person_name(raw: object, expected: Expected) -> Reading:
    """Read a person's name.

    Spaces between Chinese characters are there to fill a column and go; every dot in the name of a
    minority becomes ``·`` (U+00B7), as on the card.
    """
    del expected
    kind = ValueKind.PERSON_NAME
    text = _prose(raw)
    if isinstance(text, ProblemCode):
        return refused(kind, text)
    line, changes = tidy_line(text)
    name, more = _settled(line, _uniform_name)
    changes |= more
    if name and (len(name) > _MAX_NAME or not _is_name(name)):
        return refused(kind, _private(name) or ProblemCode.NOT_A_NAME, changes)
    return _finish(kind, name, changes)


def read_firm_name(raw: object, expected: Expected) -> Reading:
    """Read the name of a firm; brackets in a Chinese name are wide, as on the licence."""
    del expected
    kind = ValueKind.FIRM_NAME
    text = _prose(raw)
    if isinstance(text, ProblemCode):
        return refused(kind, text)
    line, changes = tidy_line(text)
    name, more = _settled(line, _uniform_brackets)
    changes |= more
    if name and (len(name) > _MAX_NAME or not any(map(str.isalpha, name))):
        return refused(kind, ProblemCode.NOT_A_NAME, changes)
    return _finish(kind, name, changes)


def read_address(raw: object, expected: Expected) -> Reading:
    """Read an address: 12号3室 with no spaces, 3-2-501 with plain hyphens, 3# as 3号."""
    del expected
    kind = ValueKind.ADDRESS
    text = _prose(raw)
    if isinstance(text, ProblemCode):
        return refused(kind, text)
    line, changes = tidy_line(text)
    address, more = _settled(line, _uniform_address)
    changes |= more
    if address and not any(map(str.isalpha, address)):
        return refused(kind, ProblemCode.NOT_AN_ADDRESS, changes)
    return _finish(kind, address, changes)


def _prose(raw: object) -> str | ProblemCode:
    return written(raw) if raw is None or isinstance(raw, str) else ProblemCode.WRONG_TYPE


def _settled(line: str, step: Callable[[str], str]) -> Tidied:
    """Apply ``step`` until it changes nothing: one mended sign may bring two others together.

    It ends, as each step shortens the text or brings a character to its last form.
    """
    settled = line
    while (after := step(settled)) != settled:
        settled = after
    changes = set()
    if settled.replace(" ", "") != line.replace(" ", ""):
        changes.add(Change.PUNCTUATION)
    if settled.count(" ") != line.count(" "):
        changes.add(Change.SPACES)
    return settled, frozenset(changes)


def _uniform_name(text: str) -> str:
    return close_up(_DOT_IN_NAME.sub("·", text.translate(_NAME_DOTS)))


def _uniform_brackets(text: str) -> str:
    if _HAS_HAN.search(text) is None:
        return text.translate(_NARROW_BRACKETS)
    return _BESIDE_HAN.sub("", text.translate(_BRACKETS))


def _uniform_address(text: str) -> str:
    address = _DASH.sub("-", _uniform_brackets(text))
    return _HASH.sub("号", address) if _HAS_HAN.search(address) else address


def _is_name(name: str) -> bool:
    letters = sum(one.isalpha() for one in name)
    return (
        letters > 0
        and all(
            one.isalpha() or one in _NAME_MARKS or unicodedata.category(one)[0] in "MC"
            for one in name
        )
        and _private(name) is None
    )


def _private(text: str) -> ProblemCode | None:
    """Characters that each machine shows in its own way do not survive the way to a register."""
    if not text.isascii() and any(unicodedata.category(one) == _PRIVATE for one in text):
        return ProblemCode.PRIVATE_CHARACTER
    return None


def _finish(kind: ValueKind, text: str, changes: frozenset[Change]) -> Reading:
    if not text:
        return refused(kind, ProblemCode.MISSING, changes)
    if private := _private(text):
        return refused(kind, private, changes)
    return accepted(kind, text, changes)
