"""Colours, sizes and fonts of the SVG pictures, and one line of small text.

Dark on pale: each pair of text and ground has a contrast of 7:1 or more (WCAG 2.2, 1.4.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from oneservice.catalog import StepKind
from oneservice.plan.drawing import Mood

__all__ = [
    "CRITICAL",
    "FONTS",
    "INK",
    "LINE",
    "MARGIN",
    "MOODS",
    "OUTLINES",
    "PLAIN",
    "SMALL_SIZE",
    "SOFT_INK",
    "Outline",
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


class Outline(NamedTuple):
    """How the box of a kind of step looks; ``rounding`` is a share of the box's usual one."""

    rounding: float
    dashes: str
    ground: str


PLAIN = Outline(1.0, "", "#f8fafc")
OUTLINES: Mapping[StepKind, Outline] = {
    StepKind.FOLLOW_UP: Outline(1.0, "7 5", "#f8fafc"),
    StepKind.EXTERNAL: Outline(0.0, "2 4", "#eef1f5"),
    StepKind.NOTIFY: Outline(2.4, "", "#ffffff"),
}
"""Kinds that are told apart by their outline; all others are :data:`PLAIN`."""


def label(text: str, x: float, y: float) -> str:
    """Return one line of small text beside the boxes."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SMALL_SIZE:.0f}" fill="{SOFT_INK}">'
        f"{escape(text)}</text>"
    )
