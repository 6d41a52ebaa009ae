"""A plan as one SVG file: printable, readable aloud, without scripts or outside references.

Nothing is told by colour alone: the critical path is thicker and marked, a state has a sign and a
word, a follow-up a dashed border. The text is real text; the description says in sentences what
the picture shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from oneservice.catalog import Text
from oneservice.errors import DependencyCycleError
from oneservice.plan.drawing import Arrow, Drawing, to_drawing
from oneservice.plan.graph import generations
from oneservice.plan.layout import Layout, arrange
from oneservice.plan.lettering import clip, wrap
from oneservice.plan.models import Plan
from oneservice.plan.svg_arrows import LEGEND_ROW, arrow_svg, legend, markers
from oneservice.plan.svg_boxes import BOX_WIDTH, STATE_ROOM, Lettered, box_svg, day_text, sentence
from oneservice.plan.svg_style import FONTS, INK, MARGIN, OUTLINES, SMALL_SIZE, SOFT_INK, label
from oneservice.plan.wording import Language, in_language

__all__ = ["to_svg"]

_COLUMN_GAP = 84.0
_ROW_GAP = 22.0
_MIN_WIDTH = 900.0
_HEADER_HEIGHT = 74.0


def to_svg(
    plan: Plan, *, states: Mapping[str, str] | None = None, language: Language = "zh"
) -> str:
    """Return ``plan`` as an SVG document.

    Args:
        plan: the plan.
        states: state word by sub-case id (``granted``, ``in_review``); boxes then show them.
        language: of all texts.
    """
    drawing = to_drawing(plan, states)
    texts = {box.id: Lettered(box, language) for box in drawing.boxes}
    height = max((text.height for text in texts.values()), default=0.0)
    if states:
        height += STATE_ROOM
    layout = _layout(drawing, height)
    width = max(layout.width + 2 * MARGIN, _MIN_WIDTH)
    left = (width - layout.width) / 2
    footer = _footer(plan, language, width)
    bottom = MARGIN + _HEADER_HEIGHT + layout.height + 34
    kinds = {box.step.kind for box in drawing.boxes}
    below = bottom + 40 + (LEGEND_ROW if kinds & OUTLINES.keys() else 0)
    total = below + len(footer) * 20 + MARGIN / 2
    mark = plan.digest[-8:] + language
    parts = [
        *_opening(plan, drawing, language, (width, total), mark),
        *_header(plan, language, width),
        f'<g transform="translate({left:.1f} {MARGIN + _HEADER_HEIGHT:.1f})">',
        *(arrow_svg(arrow, layout, mark) for arrow in _critical_last(drawing.arrows)),
        *(
            box_svg(
                box,
                texts[box.id],
                layout.boxes[box.id],
                height,
                language,
                has_states=bool(states),
            )
            for box in drawing.boxes
        ),
        "</g>",
        *legend(kinds, bottom, language, mark),
        *_lines(footer, below),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _layout(drawing: Drawing, height: float) -> Layout:
    arrows = list(dict.fromkeys((arrow.source, arrow.target) for arrow in drawing.arrows))
    return arrange(_columns(drawing), arrows, box=(BOX_WIDTH, height), gaps=(_COLUMN_GAP, _ROW_GAP))


def _columns(drawing: Drawing) -> list[tuple[str, ...]]:
    """Return the boxes in columns, each as far to the right as what waits for it allows.

    As late as possible, not as early: what waits for nothing then stands beside its own kind and
    next to what waits for it, and few arrows jump over columns. Boxes without any arrow come first.
    """
    try:
        layers = generations(_waited_for_by(drawing, with_soft=True))
    except DependencyCycleError:  # results that two steps give each other later: no order in it
        layers = generations(_waited_for_by(drawing, with_soft=False))
    joined = {end for arrow in drawing.arrows for end in (arrow.source, arrow.target)}
    loose = tuple(box.id for box in drawing.boxes if box.id not in joined)
    columns = [tuple(name for name in layer if name in joined) for layer in reversed(layers)]
    return [(*loose, *columns[0]), *columns[1:]] if columns else []


def _waited_for_by(drawing: Drawing, *, with_soft: bool) -> dict[str, tuple[str, ...]]:
    return {
        box.id: tuple(
            arrow.target
            for arrow in drawing.arrows
            if arrow.source == box.id and (with_soft or not arrow.is_soft)
        )
        for box in drawing.boxes
    }


def _opening(
    plan: Plan, drawing: Drawing, language: Language, size: tuple[float, float], mark: str
) -> list[str]:
    width, height = size
    stop = "。" if language == "zh" else ". "
    sentences = stop.join(sentence(box, language) for box in drawing.boxes)
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" '
        f'lang="{"zh-CN" if language == "zh" else "en"}" '
        f'aria-labelledby="t{mark} d{mark}" font-family="{escape(FONTS)}" fill="{INK}">'
    )
    return [
        root,
        f'<title id="t{mark}">{escape(in_language(plan.title, language))}</title>',
        f'<desc id="d{mark}">{escape(sentences)}</desc>',
        f"<defs>{markers(mark)}</defs>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]


def _header(plan: Plan, language: Language, width: float) -> list[str]:
    title = clip(in_language(plan.title, language), 24, width - 2 * MARGIN)
    head = f'<text x="{MARGIN:.0f}" y="{MARGIN + 18:.0f}" font-size="24" font-weight="700">'
    below = f'<text x="{MARGIN:.0f}" y="{MARGIN + 43:.0f}" font-size="14" fill="{SOFT_INK}">'
    return [
        f"{head}{escape(title)}</text>",
        f"{below}{escape(_summary(plan, language))}</text>",
    ]


def _summary(plan: Plan, language: Language) -> str:
    due = day_text(plan.due, language)
    days, cap = plan.promised_working_days, plan.joint_cap_due.on
    if language == "zh":
        promise = f"承诺 {days} 个工作日，{due}前办结"
        return f"{plan.on} 受理 · {promise} · 联合办理法定上限 {cap}"
    promise = f"{days} working day{'' if days == 1 else 's'} promised, due {due}"
    return f"accepted {plan.on} · {promise} · legal limit of joint handling {cap}"


def _critical_last(arrows: Sequence[Arrow]) -> list[Arrow]:
    """Return ``arrows`` so that no thin one is drawn over a thick one."""
    return sorted(arrows, key=lambda arrow: arrow.is_critical)


def _footer(plan: Plan, language: Language, width: float) -> list[str]:
    """Return what the picture does not show: the joint visit, skipped steps, the digest."""
    titles = {step.id: in_language(step.title, language) for step in plan.steps}
    zh = language == "zh"
    comma = "、" if zh else ", "
    lines = []
    visits = [visit.steps for visit in plan.appointments] or [plan.joint_inspection]
    for steps in visits:
        named = dict.fromkeys(titles[name] for name in steps)
        what = "现场勘验：" if zh else "one visit: "
        if len(steps) > 1:
            what = "一次联合勘验：" if zh else "one joint visit: "
        if named:
            lines.append(what + comma.join(named))
    off = _counted([one.title for one in plan.skipped if one.held is None], language)
    if off:
        lines.append(("按所答情形无需办理：" if zh else "not needed for these answers: ") + off)
    spared = _counted([one.title for one in plan.skipped if one.held is not None], language)
    if spared:
        lines.append(("已持有证照，无需再办：" if zh else "spared by what is held: ") + spared)
    room = width - 2 * MARGIN
    wrapped = [part for line in lines for part in wrap(line, SMALL_SIZE, room, 3)]
    return [*wrapped, f"{plan.thing} · {plan.region} · {plan.digest}"]


def _counted(titles: Sequence[Text], language: Language) -> str:
    """Return each of ``titles`` once, with how often it stands there."""
    counts = Counter(in_language(title, language) for title in titles)
    comma = "、" if language == "zh" else ", "
    return comma.join(f"{name} ×{count}" if count > 1 else name for name, count in counts.items())


def _lines(lines: Sequence[str], y: float) -> list[str]:
    return [label(line, MARGIN, y + index * 20) for index, line in enumerate(lines)]
