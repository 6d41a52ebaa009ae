"""Colours, sizes and fonts of the SVG pictures, and one line of small text.

Dark on pale: each pair of text and ground has a contrast of 7:1 or more (WCAG 2.2, 1.4.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from oneservice.plan.drawing import Mood

__all__ = [
    "CRITICAL",
    "FONTS",
    "INK",
    "LINE",
    "MARGIN",
    "MOODS",
    "SMALL_SIZE",
    "SOFT_INK",
    "label",
]

MARGIN = 36.0
SMALL_SIZE = 12.0
INK, SOFT_INK, LINE, CRITICAL = "#152033", "#46546a", "#64748b", "#9a3412"
FONTS = (
    "'Noto Sans','Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','PingFang SC',"
    "'Microsoft YaHei','WenQuanYi Zen Hei','Segoe UI',Helvetica,Arial,sans-serif"
)
MOODS: Mapping[Mood, tuple[str, str, str]] = {
    Mood.WAITING: ("○", "#334155", "#e8edf3"),
    Mood.RUNNING: ("▶", "#1e3a8a", "#dbeafe"),
    Mood.ATTENTION: ("!", "#713f12", "#fef3c7"),
    Mood.GOOD: ("✓", "#14532d", "#dcfce7"),
    Mood.BAD: ("✕", "#7f1d1d", "#fee2e2"),
}
"""For each mood its sign, its ink and its ground."""


def label(text: str, x: float, y: float) -> str:
    """Return one line of small text beside the boxes."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SMALL_SIZE:.0f}" fill="{SOFT_INK}">'
        f"{escape(text)}</text>"
    )
