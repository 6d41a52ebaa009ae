"""Values out of a few: options, yes and no; and lists of texts."""

from __future__ import annotations

import re
from typing import Final

from oneservice.values.expected import Expected
from oneservice.values.kinds import Option, ValueKind
from oneservice.values.noise import tidy_code, written
from oneservice.values.problems import MAX_ITEMS, ProblemCode, entry_problem, problem
from oneservice.values.readings import Change, Reading, accepted, refused
from oneservice.values.wordings import read_text

__all__ = ["read_choice", "read_list", "read_yes_or_no"]

_YES: Final = frozenset(
    {"是", "有", "对", "同意", "真", "yes", "y", "true", "t", "on", "1", "√", "✓"}
)
_NO: Final = frozenset(
    {
        "否",
        "不是",
        "无",
        "没有",
        "不",
        "不同意",
        "假",
        "no",
        "n",
        "false",
        "f",
        "off",
        "0",
        "×",
        "✗",
    }
)
_BETWEEN: Final = re.compile("[、，,；;\r\n]+")
_HEADS: Final = re.compile(r"^(?:[-*•·]|\(?[0-9]{1,2}[.)、])\s+")


def read_yes_or_no(raw: object, expected: Expected) -> Reading:
    """Read a yes or a no, in words of both languages. The numbers 1 and 0 are no answer."""
    del expected
    kind = ValueKind.BOOL
    if isinstance(raw, bool):
        return accepted(kind, raw)
    text = written(raw) if raw is None or isinstance(raw, str) else ProblemCode.NOT_YES_OR_NO
    if isinstance(text, ProblemCode):
        return refused(kind, text)
    word = _folded(text)
    if word in _YES or word in _NO:
        return accepted(kind, word in _YES, {Change.FORMAT})
    return refused(kind, ProblemCode.NOT_YES_OR_NO)


def read_choice(raw: object, expected: Expected) -> Reading:
    """Read one of ``expected.options``: its value, or its title in either language."""
    kind = ValueKind.CHOICE
    options = expected.options
    text = written(raw) if raw is None or isinstance(raw, str) else ProblemCode.NOT_AN_OPTION
    if text is ProblemCode.MISSING:
        return refused(kind, text)
    if isinstance(text, str):
        if any(one.value == text for one in options):
            return accepted(kind, text)
        word = _folded(text)
        # The same title may stand on two options; then it names neither.
        meant = {one.value for one in options if word in _names(one)}
        if len(meant) == 1:
            return accepted(kind, meant.pop(), {Change.FORMAT})
    return refused(kind, problem(ProblemCode.NOT_AN_OPTION, options))


def read_list(raw: object, expected: Expected) -> Reading:
    """Read a list of texts; one text is taken apart at commas, semicolons and line ends."""
    kind = ValueKind.LIST
    items: list[object]
    changes: set[Change] = set()
    if isinstance(raw, str):
        text = written(raw)
        if isinstance(text, ProblemCode):
            return refused(kind, text)
        parts = [part.strip() for part in _BETWEEN.split(text)]
        items = [_HEADS.sub("", part) for part in parts if part]
        changes.add(Change.FORMAT)
    elif isinstance(raw, (list, tuple)):
        items = list(raw)
    else:
        return refused(kind, ProblemCode.MISSING if raw is None else ProblemCode.NOT_A_LIST)
    if not items:
        return refused(kind, ProblemCode.MISSING)
    if len(items) > MAX_ITEMS:
        return refused(kind, ProblemCode.TOO_MANY)
    return _read_items(items, expected, changes)


def _read_items(items: list[object], expected: Expected, changes: set[Change]) -> Reading:
    values: list[str] = []
    for number, item in enumerate(items, start=1):
        reading = read_text(item, expected)
        if reading.problem is not None:
            return refused(ValueKind.LIST, entry_problem(number, reading.problem), changes)
        values.append(reading.value)
        changes.update(reading.changes)
    return accepted(ValueKind.LIST, values, changes)


def _names(option: Option) -> set[str]:
    return {_folded(option.value), _folded(option.title.zh), _folded(option.title.en)}


def _folded(text: str) -> str:
    """Return ``text`` as two people would call it the same word."""
    return tidy_code(text, upper=False)[0].casefold()
