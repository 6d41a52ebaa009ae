"""The boxes of the SVG picture: what is written in them, and how it fits."""

from __future__ import annotations

from html import escape

from oneservice.catalog import StepKind
from oneservice.plan.drawing import Box, mood_of, state_word
from oneservice.plan.layout import Point
from oneservice.plan.lettering import text_width, wrap
from oneservice.plan.models import PlannedStep
from oneservice.plan.svg_style import (
    CRITICAL,
    INK,
    LINE,
    MOODS,
    OUTLINES,
    PLAIN,
    SMALL_SIZE,
    SOFT_INK,
)
from oneservice.plan.terms import DueDate
from oneservice.plan.wording import Language, in_language, limit_text

__all__ = ["BOX_WIDTH", "STATE_ROOM", "Lettered", "box_svg", "day_text", "sentence"]

BOX_WIDTH = 226.0
STATE_ROOM = 28.0
"""Height that a state needs at the foot of a box."""
_PADDING = 14.0
_ROUNDING = 10.0
_TITLE_SIZE = 15.0
_BOLD = 1.05
"""How much wider bold letters are."""
_TITLE_LINE = 19.0
_SMALL_LINE = 17.0
_PILL_HEIGHT = 22.0
_WEEKDAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh": "一二三四五六日"}


class Lettered:
    """The texts of a box, broken into lines."""

    __slots__ = ("department", "details", "height", "title")

    def __init__(self, box: Box, language: Language) -> None:
        room = BOX_WIDTH - 2 * _PADDING
        step = box.step
        title = in_language(step.title, language)
        if box.count > 1:
            title += f" ×{box.count}"
        elif step.instance is not None:
            title += f" #{step.instance}"
        self.title = wrap(title, _TITLE_SIZE * _BOLD, room, 3)
        office = in_language(step.department_name, language)
        self.department = wrap(office, SMALL_SIZE, room, 2)
        self.details = _details(step, language)
        small = len(self.department) + len(self.details)
        self.height = len(self.title) * _TITLE_LINE + small * _SMALL_LINE + 22


def box_svg(
    box: Box, text: Lettered, at: Point, height: float, language: Language, *, has_states: bool
) -> str:
    """Return the box with its upper left corner ``at`` a place; all boxes are of one ``height``."""
    step = box.step
    border = CRITICAL if step.is_critical else LINE
    weight = "2.8" if step.is_critical else "1.4"
    outline = OUTLINES.get(step.kind, PLAIN)
    fill = "#fff8f3" if step.is_critical else outline.ground
    dashes = f' stroke-dasharray="{outline.dashes}"' if outline.dashes else ""
    rounding = f"{_ROUNDING * outline.rounding:.0f}"
    shape = f'width="{BOX_WIDTH:.0f}" height="{height:.1f}" rx="{rounding}"'
    parts = [f'<g transform="translate({at.x:.1f} {at.y:.1f})">']
    if box.count > 1:
        parts.append(
            f'<rect x="5" y="5" {shape} fill="{fill}" stroke="{border}" stroke-width="1.2"/>'
        )
    parts.append(f'<rect {shape} fill="{fill}" stroke="{border}" stroke-width="{weight}"{dashes}/>')
    # Boxes are of one height; a shorter text stands in the middle of the room above the state.
    y = 24.0 + (height - (STATE_ROOM if has_states else 0) - text.height) / 2
    for line in text.title:
        parts.append(_text(line, y, _TITLE_SIZE, INK, weight="600"))
        y += _TITLE_LINE
    for line in text.department:
        parts.append(_text(line, y, SMALL_SIZE, SOFT_INK))
        y += _SMALL_LINE
    promise, due = text.details
    parts.append(_text(promise, y, SMALL_SIZE, INK))
    parts.append(_text(due, y + _SMALL_LINE, SMALL_SIZE, INK, weight="600"))
    if box.states:
        parts.append(_pills(box, height - _PILL_HEIGHT - 10, language))
    return "\n".join([*parts, "</g>"])


def _text(line: str, y: float, size: float, colour: str, *, weight: str = "400") -> str:
    return (
        f'<text x="{_PADDING:.0f}" y="{y:.1f}" font-size="{size:.0f}" font-weight="{weight}" '
        f'fill="{colour}">{escape(line)}</text>'
    )


def _pills(box: Box, y: float, language: Language) -> str:
    """Return the states of a box as pills in a row; what has no room is summed up."""
    parts, x = [], _PADDING
    for index, (state, count) in enumerate(box.states):
        sign, ink, paper = MOODS[mood_of(state)]
        words = f"{sign} {_state_text(state, count, box, language)}"
        width = text_width(words, SMALL_SIZE) + 16
        is_last = index == len(box.states) - 1
        if x + width + (0 if is_last else 30) > BOX_WIDTH - _PADDING / 2 and index:
            words, ink, paper, width = f"+{len(box.states) - index}", INK, "#e8edf3", 34
            is_last = True
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_PILL_HEIGHT:.0f}" '
            f'rx="11" fill="{paper}" stroke="{ink}" stroke-width="0.8"/>'
            f'<text x="{x + 9:.1f}" y="{y + 15.5:.1f}" font-size="{SMALL_SIZE:.0f}" '
            f'fill="{ink}">{escape(words)}</text>'
        )
        x += width + 6
        if is_last:
            break
    return "\n".join(parts)


def sentence(box: Box, language: Language) -> str:
    """Return what a box shows as one sentence, for those who hear the picture."""
    step = box.step
    title = in_language(step.title, language)
    office = in_language(step.department_name, language)
    promise, due = _details(step, language)
    comma = "，" if language == "zh" else ", "
    times = [f"×{box.count}"] if box.count > 1 else []
    states = [_state_text(state, count, box, language) for state, count in box.states]
    critical = [{"zh": "关键路径", "en": "critical path"}[language]] if step.is_critical else []
    return comma.join([title, *times, office, promise, due, *critical, *states])


def _details(step: PlannedStep, language: Language) -> tuple[str, str]:
    """Return the promise and the due day in words."""
    due = day_text(step.due, language)
    promise = limit_text(step.promised, language)
    if step.kind is StepKind.EXTERNAL:
        if language == "zh":
            return f"约 {promise}", "第三方用时不计入承诺"
        return f"about {promise}", "by others, not counted"
    return (promise, f"{due}前") if language == "zh" else (promise, f"due {due}")


def day_text(due: DueDate, language: Language) -> str:
    """Return the day with its weekday, and whether it is provisional."""
    weekday = _WEEKDAYS[language][due.on.weekday()]
    if language == "zh":
        return f"{due.on}（周{weekday}{'，暂定' if due.is_provisional else ''}）"
    return f"{due.on} ({weekday}{', provisional' if due.is_provisional else ''})"


def _state_text(state: str, count: int, box: Box, language: Language) -> str:
    word = in_language(state_word(state), language)
    return f"{word} {count}" if box.count > 1 else word
