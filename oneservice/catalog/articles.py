"""Articles of laws: the numbers in ``第二十六条、第四十二条``, and how English cites them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["article_numbers", "cited_in_english"]

_ARTICLE: Final = re.compile(r"第([零〇一二三四五六七八九十百千]+|\d+)条")
_ARTICLES: Final = re.compile(rf"{_ARTICLE.pattern}(?:、{_ARTICLE.pattern})*")
_DIGITS: Final = {mark: number for number, mark in enumerate("零一二三四五六七八九")} | {"〇": 0}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}


def article_numbers(text: str) -> tuple[int, ...]:
    """Return the articles that ``text`` names, in its order."""
    return tuple(_number(found[1]) for found in _ARTICLE.finditer(text))


def cited_in_english(text: str) -> str:
    """Return ``art. 26 and 42``; what names more than articles, or none, stays as it is printed."""
    if not _ARTICLES.fullmatch(text):
        return text
    *first, last = map(str, article_numbers(text))
    return f"art. {', '.join(first)} and {last}" if first else f"art. {last}"


def _number(text: str) -> int:
    if text.isascii():
        return int(text)
    total, digit = 0, 0
    for mark in text:
        if mark in _UNITS:
            total += (digit or 1) * _UNITS[mark]
            digit = 0
        else:
            digit = _DIGITS[mark]
    return total + digit
