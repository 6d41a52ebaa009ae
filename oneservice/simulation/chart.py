"""A comparison as one SVG file: printable, readable aloud and on a phone, without scripts.

Three panels one below the other, each with a row for things as they are and one for each change:
how long cases take, how many are on time, and how busy the busiest office is. Every bar has its
figure beside it, so nothing is told by length or colour alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Final

from oneservice.plan import Language
from oneservice.simulation.chart_parts import (
    ACCENT,
    BAD,
    FONTS,
    INK,
    LIGHT,
    SOFT_INK,
    bar,
    line,
    mark,
    text,
)
from oneservice.simulation.whatif import Comparison, Outlook
from oneservice.simulation.whatif_figures import Estimate, OfficeLoad
from oneservice.simulation.whatif_words import (
    as_it_is,
    busiest,
    effect_words,
    estimate_words,
    say,
    setting_words,
    step_moves,
)

__all__ = ["to_chart"]

_WIDTH: Final = 560.0
_MARGIN: Final = 20.0
_ROOM: Final = _WIDTH - 2 * _MARGIN
_ROW: Final = 58.0
_TALL_ROW: Final = 74.0
"""A row with a note below its bar."""
_BAR: Final = 16.0
_NOTE: Final = 13
"""Letters of a note."""
_HEAD: Final = 40.0
_GAP: Final = 26.0
_FIGURES: Final = 150.0
"""Room on the right for the figures of a row."""
_SCALE: Final = _ROOM - _FIGURES
_FULL_PERCENT: Final = Decimal(100)
_BUSY_PERCENT: Final = Decimal(90)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What all panels draw from."""

    comparison: Comparison
    language: Language
    longest: Decimal

    def days_x(self, days: Decimal) -> float:
        return _MARGIN + float(days / self.longest) * _SCALE

    def percent_x(self, percent: Decimal) -> float:
        return _MARGIN + float(min(percent, _FULL_PERCENT) / _FULL_PERCENT) * _SCALE


_DrawRow = Callable[[_Sheet, Outlook, float], Iterator[str]]


def to_chart(comparison: Comparison, *, language: Language = "zh") -> str:
    """Return ``comparison`` as an SVG document.

    Args:
        comparison: what was compared.
        language: of all texts; changes stay in the words in which they were given.
    """
    longest = max(one.figures.p90_days.value for one in comparison.outlooks)
    promised = Decimal(comparison.promised_tenths) / 10
    sheet = _Sheet(comparison, language, max(longest, promised, Decimal(1)))
    notes = setting_words(comparison, language)
    parts: list[str] = []
    y = _MARGIN + 24
    title = comparison.title.zh if language == "zh" else comparison.title.en
    parts.append(text(_clipped(title, 22), _MARGIN, y, size=22, weight=700))
    for note in _wrapped(notes, 14):
        y += 21
        parts.append(text(note, _MARGIN, y, size=14, fill=SOFT_INK))
    for name, row in (("days", _days_row), ("on_time", _on_time_row), ("busiest", _busiest_row)):
        y += _GAP + 16
        parts += _panel(sheet, name, y, row)
        y += _HEAD - 16 + sum(_height(name, one) for one in comparison.outlooks)
    for note in _wrapped(say("chart_note", language), 13):
        y += 19
        parts.append(text(note, _MARGIN, y, size=13, fill=SOFT_INK))
    return "\n".join([*_opening(sheet, title, y + _MARGIN), *parts, "</svg>"]) + "\n"


def _opening(sheet: _Sheet, title: str, height: float) -> list[str]:
    language = sheet.language
    stop = "。" if language == "zh" else ". "
    sentences = stop.join(
        f"{one.change or as_it_is(language)}: {effect_words(one, language)}"
        for one in sheet.comparison.outlooks
    )
    lang = "zh-CN" if language == "zh" else "en"
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" '
        f'width="{_WIDTH:.0f}" height="{height:.0f}" style="max-width:100%;height:auto" '
        f'role="img" lang="{lang}" aria-labelledby="wt wd" font-family="{escape(FONTS)}" '
        f'fill="{INK}">'
    )
    return [
        root,
        f'<title id="wt">{escape(title)}</title>',
        f'<desc id="wd">{escape(sentences)}</desc>',
        f'<rect width="{_WIDTH:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]


def _panel(sheet: _Sheet, name: str, y: float, row: _DrawRow) -> Iterator[str]:
    yield text(say(name, sheet.language), _MARGIN, y, size=17, weight=700)
    top = y + _HEAD - 16
    for outlook in sheet.comparison.outlooks:
        words = outlook.change or as_it_is(sheet.language)
        weight = 400 if outlook.change else 700
        yield text(_clipped(words, 15), _MARGIN, top + 12, weight=weight)
        yield from row(sheet, outlook, top + 20)
        top += _height(name, outlook)


def _height(name: str, outlook: Outlook) -> float:
    """Return the height of a row; of things as they are no difference is noted below the days."""
    has_note = name == "busiest" or (name == "days" and outlook.difference is not None)
    return _TALL_ROW if has_note else _ROW


def _days_row(sheet: _Sheet, outlook: Outlook, y: float) -> Iterator[str]:
    """A bar to the 90th percentile, a darker one to the median, a diamond for the mean."""
    figures, middle = outlook.figures, y + _BAR / 2
    yield bar(_MARGIN, y, sheet.days_x(figures.p90_days.value) - _MARGIN, _BAR, LIGHT)
    yield bar(_MARGIN, y, sheet.days_x(figures.median_days.value) - _MARGIN, _BAR, ACCENT)
    promised = Decimal(sheet.comparison.promised_tenths) / 10
    yield line(sheet.days_x(promised), y - 4, y + _BAR + 4, dashes="3 3", fill=BAD)
    yield mark(sheet.days_x(figures.mean_days.value), middle, 7, INK)
    numbers = f"{figures.median_days.value} · {figures.mean_days.value} · {figures.p90_days.value}"
    yield _number(numbers, y)
    if note := _difference_words(outlook, sheet.language):
        yield text(note, _MARGIN, y + _BAR + 16, size=13)


def _difference_words(outlook: Outlook, language: Language) -> str:
    """Return what a change does for certain: as many whole steps as fit, and how many more."""
    if outlook.difference is None:
        return ""
    is_sure = outlook.difference.mean_days.is_sure
    pieces = [
        *([] if is_sure else [say("uncertain_mean", language)]),
        *step_moves(outlook, language),
    ]
    comma = "，" if language == "zh" else ", "
    for count in range(len(pieces), 0, -1):
        rest = len(pieces) - count
        shown = [*pieces[:count], *([say("more", language).format(rest)] if rest else [])]
        if sum(map(_em, comma.join(shown))) <= _ROOM / _NOTE:
            return comma.join(shown)
    return _clipped(comma.join(pieces), _NOTE)


def _on_time_row(sheet: _Sheet, outlook: Outlook, y: float) -> Iterator[str]:
    return _share(sheet, outlook.figures.on_time_percent, y, is_bad=False)


def _busiest_row(sheet: _Sheet, outlook: Outlook, y: float) -> Iterator[str]:
    found = outlook.figures.bottleneck
    if found is None:
        yield text(say("enough", sheet.language), _MARGIN, y + _BAR - 3, size=14, fill=SOFT_INK)
        return
    is_bad = found.utilisation_percent.value >= _BUSY_PERCENT
    yield from _share(sheet, found.utilisation_percent, y, is_bad=is_bad)
    words = _office_words(sheet, found)
    yield text(_clipped(words, 13), _MARGIN, y + _BAR + 16, size=13, fill=SOFT_INK)


def _office_words(sheet: _Sheet, load: OfficeLoad) -> str:
    return busiest(sheet.comparison, load, sheet.language)


def _share(sheet: _Sheet, share: Estimate, y: float, *, is_bad: bool) -> Iterator[str]:
    yield bar(_MARGIN, y, _SCALE, _BAR, LIGHT)
    length = sheet.percent_x(share.value) - _MARGIN
    yield bar(_MARGIN, y, length, _BAR, BAD if is_bad else ACCENT)
    yield _number(f"{estimate_words(share)} %", y)


def _number(words: str, y: float) -> str:
    return text(words, _WIDTH - _MARGIN, y + _BAR - 3, weight=700, anchor="end")


def _em(sign: str) -> float:
    return 1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.53


def _clipped(words: str, size: int) -> str:
    """Return ``words``, cut with an ellipsis where they are wider than the sheet."""
    room = _ROOM / size
    if sum(map(_em, words)) <= room:
        return words
    while words and sum(map(_em, words)) + 1 > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _wrapped(words: str, size: int) -> list[str]:
    """Return ``words`` in lines that fit; Chinese breaks anywhere, other words at spaces."""
    room, lines, current = _ROOM / size, [], ""
    for piece in _pieces(words):
        if current and sum(map(_em, (current + piece).rstrip())) > room:
            lines.append(current.rstrip())
            current = piece.lstrip()
        else:
            current += piece
    return [*lines, current.rstrip()]


def _pieces(words: str) -> Iterator[str]:
    word = ""
    for sign in words:
        word += sign
        if sign == " " or _em(sign) == 1.0:
            yield word
            word = ""
    if word:
        yield word
