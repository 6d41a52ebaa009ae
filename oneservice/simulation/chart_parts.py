"""The pieces of a chart: text, bars, marks. Dark text on light ground, no colour without a word."""

from __future__ import annotations

from html import escape
from typing import Final

__all__ = ["ACCENT", "BAD", "FONTS", "INK", "LIGHT", "SOFT_INK", "bar", "line", "mark", "text"]

INK: Final = "#152033"
SOFT_INK: Final = "#46546a"
ACCENT: Final = "#1e3a8a"
BAD: Final = "#9a3412"
LIGHT: Final = "#dbe3ee"
FONTS: Final = (
    "'Noto Sans','Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','PingFang SC',"
    "'Microsoft YaHei','WenQuanYi Zen Hei','Segoe UI',Helvetica,Arial,sans-serif"
)


def text(
    words: str,
    x: float,
    y: float,
    *,
    size: int = 15,
    fill: str = INK,
    weight: int = 400,
    anchor: str = "start",
) -> str:
    """Return one line of text with its baseline at ``y``."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def bar(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Return a filled bar; one of no width is still seen as a hair."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1.0):.1f}" height="{height:.1f}" '
        f'rx="2" fill="{fill}"/>'
    )


def line(x: float, top: float, bottom: float, *, dashes: str = "", fill: str = SOFT_INK) -> str:
    """Return an upright line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}" stroke="{fill}" '
        f'stroke-width="1.4"{dashed}/>'
    )


def mark(x: float, y: float, size: float, fill: str) -> str:
    """Return a diamond around (``x``, ``y``)."""
    return (
        f'<path d="M{x:.1f} {y - size:.1f}L{x + size:.1f} {y:.1f}L{x:.1f} {y + size:.1f}'
        f'L{x - size:.1f} {y:.1f}Z" fill="{fill}" stroke="#ffffff" stroke-width="1.2"/>'
    )
