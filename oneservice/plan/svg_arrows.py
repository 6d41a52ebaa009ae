"""The arrows of the SVG picture, and the legend that explains them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from oneservice.plan.drawing import Arrow
from oneservice.plan.layout import Layout, Point
from oneservice.plan.lettering import text_width
from oneservice.plan.svg_style import CRITICAL, LINE, MARGIN, SMALL_SIZE, label
from oneservice.plan.wording import Language

__all__ = ["arrow_svg", "legend", "markers"]

_LOOP = 60.0
"""How far an arrow swings out that does not run to the right."""


def markers(mark: str) -> str:
    """Return the definitions of the arrow heads; ``mark`` keeps ids apart on one page."""
    return _marker(f"a{mark}", LINE, 8) + _marker(f"c{mark}", CRITICAL, 5)


def _marker(name: str, colour: str, size: int) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" '
        f'markerHeight="{size}" orient="auto"><path d="M0 0.5 10 5 0 9.5z" fill="{colour}"/>'
        "</marker>"
    )


def arrow_svg(arrow: Arrow, layout: Layout, mark: str) -> str:
    """Return ``arrow`` along its route; ``mark`` as in :func:`markers`."""
    path = _curve(layout.routes[arrow.source, arrow.target])
    style = f'stroke="{LINE}" stroke-width="1.6" marker-end="url(#a{mark})"'
    if arrow.is_critical:
        style = f'stroke="{CRITICAL}" stroke-width="3.2" marker-end="url(#c{mark})"'
    if arrow.is_soft:
        style += ' stroke-dasharray="6 5"'
    return f'<path d="{path}" fill="none" {style}/>'


def _curve(points: Sequence[Point]) -> str:
    """Return a path through ``points`` that is level at each of them."""
    path = f"M{points[0].x:.1f} {points[0].y:.1f}"
    for start, end in pairwise(points):
        if abs(start.y - end.y) < 0.5:  # noqa: PLR2004 - less than a pen's width: level
            path += f"L{end.x:.1f} {end.y:.1f}"
        else:
            is_back = end.x <= start.x
            bend = _LOOP if is_back else (end.x - start.x) / 2
            into = end.x + (bend if is_back else -bend)
            path += (
                f"C{start.x + bend:.1f} {start.y:.1f} {into:.1f} {end.y:.1f} "
                f"{end.x:.1f} {end.y:.1f}"
            )
    return path


def legend(y: float, language: Language, mark: str) -> list[str]:
    """Return one line that says what thick, thin, dashed and dotted mean."""
    words = {
        "zh": ("关键路径：此处延误，全件延误", "须先办结", "结果后补", "办结后核查"),
        "en": (
            "critical path: late here, late for all",
            "waits for",
            "result handed in later",
            "check after the decision",
        ),
    }[language]
    styles = (
        f'stroke="{CRITICAL}" stroke-width="3.2" marker-end="url(#c{mark})"',
        f'stroke="{LINE}" stroke-width="1.6" marker-end="url(#a{mark})"',
        f'stroke="{LINE}" stroke-width="1.6" stroke-dasharray="6 5" marker-end="url(#a{mark})"',
    )
    parts, x = [], MARGIN
    for word, style in zip(words, styles, strict=False):
        parts.append(f'<path d="M{x:.1f} {y:.1f}h34" fill="none" {style}/>')
        parts.append(label(word, x + 42, y + 4))
        x += 42 + text_width(word, SMALL_SIZE) + 26
    parts.append(
        f'<rect x="{x:.1f}" y="{y - 8:.1f}" width="28" height="16" rx="4" fill="#f8fafc" '
        f'stroke="{LINE}" stroke-width="1.4" stroke-dasharray="5 4"/>'
    )
    return [*parts, label(words[3], x + 36, y + 4)]
