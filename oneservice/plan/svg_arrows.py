"""The arrows of the SVG picture, and the legend that explains them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from oneservice.catalog import StepKind, Text
from oneservice.plan.drawing import Arrow
from oneservice.plan.layout import Layout, Point
from oneservice.plan.lettering import text_width
from oneservice.plan.svg_style import CRITICAL, LINE, MARGIN, OUTLINES, SMALL_SIZE, Outline, label
from oneservice.plan.wording import Language, in_language

__all__ = ["LEGEND_ROW", "arrow_svg", "legend", "markers"]

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


def legend(kinds: Collection[StepKind], y: float, language: Language, mark: str) -> list[str]:
    """Return lines that say what the arrows mean, and the outlines of the ``kinds`` in the picture.

    The second line is empty where all steps are ordinary ones.
    """
    parts, x = [], MARGIN
    for text, style in _ARROWS:
        word = in_language(text, language)
        parts.append(f'<path d="M{x:.1f} {y:.1f}h34" fill="none" {style.format(mark=mark)}/>')
        parts.append(label(word, x + 42, y + 4))
        x += 42 + text_width(word, SMALL_SIZE) + 26
    x = MARGIN
    for kind, text in _KINDS.items():
        if kind in kinds:
            word = in_language(text, language)
            parts += [_sample(OUTLINES[kind], x, y + LEGEND_ROW), label(word, x + 42, y + 26)]
            x += 42 + text_width(word, SMALL_SIZE) + 26
    return parts


LEGEND_ROW = 22.0
_ARROWS = (
    (
        Text(zh="关键路径：此处延误，全件延误", en="critical path: late here, late for all"),
        f'stroke="{CRITICAL}" stroke-width="3.2" marker-end="url(#c{{mark}})"',
    ),
    (
        Text(zh="须先办结", en="waits for"),
        f'stroke="{LINE}" stroke-width="1.6" marker-end="url(#a{{mark}})"',
    ),
    (
        Text(zh="结果后补", en="result handed in later"),
        f'stroke="{LINE}" stroke-width="1.6" stroke-dasharray="6 5" marker-end="url(#a{{mark}})"',
    ),
)
_KINDS = {
    StepKind.FOLLOW_UP: Text(zh="办结后核查", en="check after the decision"),
    StepKind.EXTERNAL: Text(zh="第三方办理，不计入承诺", en="by others, not counted"),
    StepKind.NOTIFY: Text(zh="只告知，不审批", en="is told, decides nothing"),
}


def _sample(outline: Outline, x: float, y: float) -> str:
    dashes = f' stroke-dasharray="{outline.dashes}"' if outline.dashes else ""
    rounding = f"{3.3 * outline.rounding:.1f}"
    return (
        f'<rect x="{x:.1f}" y="{y - 8:.1f}" width="34" height="16" rx="{rounding}" '
        f'fill="{outline.ground}" stroke="{LINE}" stroke-width="1.4"{dashes}/>'
    )
