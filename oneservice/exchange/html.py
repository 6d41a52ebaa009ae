"""Markup that cannot be injected into: texts are escaped because they are texts.

:func:`tag` takes children of two types. :class:`Html` was made here and goes in as it is; any other
text comes from a catalog or a plan and is escaped. Forgetting to escape is not possible, so nobody
needs to remember.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["Html", "joined", "link", "tag", "text", "unbroken"]

_SAFE_ADDRESS: Final = re.compile(r"https://[^\s\"'<>\\]+")
_VOID: Final = frozenset({"meta", "br", "hr"})
_WHOLE: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"|\d{4}年\d{1,2}月\d{1,2}日"
    r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December) \d{4}"
    r"|第[一二三四五六七八九十百]{1,7}条|art\. \d+"
    r"|“[^“”\s]{1,6}”"
    r"|\d+(?:\.\d+)? (?:个(?:工作日|自然日|字段)|元|次|件|(?:working|natural) days?)"
)
"""Days, articles, numbers with their unit, short words in quotes: torn apart at the end of a line
they are misread."""


class Html(str):
    """Markup made in this room. Everything else is text."""

    __slots__ = ()


def text(words: str) -> Html:
    """Return ``words`` escaped; signs that steer terminals, cursors or reading direction are gone.

    Such signs have no place in titles, and a turned direction can make one text look like another.
    """
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if _is_control(sign) else sign for sign in str.__str__(words)
    )
    return Html(html.escape(shown, quote=True))


def tag(name: str, /, *children: str, **attributes: str) -> Html:
    """Return an element. ``class_`` and ``for_`` lose their underscore, others get hyphens."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Return ``parts`` as one piece of markup; texts among them are escaped."""
    return Html(str(text(between)).join(_marked(part) for part in parts))


def unbroken(words: str) -> Html:
    """Return ``words`` with each day, article, quoted word, number and unit on one line."""
    if isinstance(words, Html):
        return words
    parts: list[str] = []
    end = 0
    for found in _WHOLE.finditer(words):
        parts += [words[end : found.start()], tag("span", found[0], class_="nb")]
        end = found.end()
    return joined((*parts, words[end:]))


def link(address: str, words: str) -> Html:
    """Return a link to an address of the web; any other address stays text."""
    if not _SAFE_ADDRESS.fullmatch(address):
        return text(words)
    return tag("a", words, href=address, rel="noreferrer")


def _marked(part: str) -> str:
    return str.__str__(part if isinstance(part, Html) else text(part))


def _is_control(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] == "C" or category in {"Zl", "Zp"}
