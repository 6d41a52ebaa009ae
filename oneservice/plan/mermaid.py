"""A plan as mermaid text: the picture that lives in issues, wikis and README files."""

from __future__ import annotations

from collections.abc import Mapping

from oneservice.catalog import StepKind
from oneservice.plan.drawing import Arrow, Box, Drawing, mood_of, state_word, to_drawing
from oneservice.plan.models import Plan, PlannedStep
from oneservice.plan.wording import Language, in_language

__all__ = ["to_mermaid"]

_CLASSES = (
    "    classDef critical stroke:#9a3412,stroke-width:3px",
    "    classDef waiting fill:#f1f5f9,color:#1e293b",
    "    classDef running fill:#dbeafe,color:#1e3a8a",
    "    classDef attention fill:#fef3c7,color:#78350f",
    "    classDef good fill:#dcfce7,color:#14532d",
    "    classDef bad fill:#fee2e2,color:#7f1d1d",
    "    classDef followup stroke-dasharray:7 5",
    "    classDef external stroke-dasharray:2 4,fill:#eef1f5",
)

_HELD = "    classDef held stroke-dasharray:2 2,fill:#ecfdf5,color:#14532d"
"""Only where something is held: other pictures stay as they were."""
_KINDS = {StepKind.FOLLOW_UP: "followup", StepKind.EXTERNAL: "external"}
_SHAPES = {StepKind.EXTERNAL: ("[", "]"), StepKind.NOTIFY: ("([", "])")}
"""Square: work of others; like a pill: somebody is told. All others are rounded, and slanted is a
certificate that somebody holds already."""


def to_mermaid(
    plan: Plan, *, states: Mapping[str, str] | None = None, language: Language = "en"
) -> str:
    """Return ``plan`` as a mermaid flowchart.

    Args:
        plan: the plan.
        states: state word by sub-case id.
        language: of the texts in the boxes.
    """
    drawing = to_drawing(plan, states)
    lines = ["flowchart LR"]
    lines += [_node(box, language) for box in drawing.boxes]
    lines += [_edge(arrow) for arrow in drawing.arrows]
    held = _held(plan, drawing, language)
    lines += held
    lines += _CLASSES
    lines += [
        f"    class {_name(box.id)} {mood_of(box.states[0][0])}"
        for box in drawing.boxes
        if len(box.states) == 1
    ]
    lines += [
        f"    class {_name(box.id)} {_KINDS[box.step.kind]}"
        for box in drawing.boxes
        if box.step.kind in _KINDS
    ]
    lines += [
        f"    class {_name(box.id)} critical" for box in drawing.boxes if box.step.is_critical
    ]
    thick = [str(n) for n, arrow in enumerate(drawing.arrows) if arrow.is_critical]
    if held:
        lines.append(_HELD)
    if thick:
        lines.append(f"    linkStyle {','.join(thick)} stroke:#9a3412,stroke-width:3px")
    return "\n".join(lines) + "\n"


def _held(plan: Plan, drawing: Drawing, language: Language) -> list[str]:
    """Return what is held in the place of results, each with arrows to who uses it."""
    boxes = {box.id for box in drawing.boxes}
    lines = []
    for material in plan.materials:
        if not material.spared_by:
            continue
        count = len(material.spared_by)
        title = in_language(material.title, language) + (f" ×{count}" if count > 1 else "")
        words = _text(title), "已持有" if language == "zh" else "held already"
        name = _name(material.id)
        lines.append(f'    {name}[/"{"<br/>".join(words)}"/]:::held')
        users = (one if one in boxes else one.partition("-")[0] for one in material.steps)
        lines += [f"    {name} -.-> {_name(user)}" for user in dict.fromkeys(users)]
    return lines


def _node(box: Box, language: Language) -> str:
    times = f" ×{box.count}" if box.count > 1 else ""
    parts = [
        in_language(box.step.title, language) + times,
        in_language(box.step.department_name, language),
        _due(box.step, language),
    ]
    for state, count in box.states:
        word = in_language(state_word(state), language)
        parts.append(f"{word} {count}" if box.count > 1 else word)
    opening, closing = _SHAPES.get(box.step.kind, ("(", ")"))
    words = "<br/>".join(_text(part) for part in parts)
    return f'    {_name(box.id)}{opening}"{words}"{closing}'


def _due(step: PlannedStep, language: Language) -> str:
    if step.kind is StepKind.EXTERNAL:
        return "第三方，不计入承诺" if language == "zh" else "by others, not counted"
    return f"{step.due.on}"


def _edge(arrow: Arrow) -> str:
    line = "-.->" if arrow.is_soft else "-->"
    return f"    {_name(arrow.source)} {line} {_name(arrow.target)}"


def _name(box_id: str) -> str:
    """Return an id that mermaid reads as one: a hyphen would start an arrow, "end" a keyword."""
    return "s_" + box_id.replace("-", "_n")


def _text(text: str) -> str:
    """Return ``text`` in one line, with what mermaid or HTML would read as its own as entities.

    ``%%`` would begin a comment or, with braces, a directive that sets up the whole page.
    """
    line = " ".join(text.split())
    return "".join(f"#{ord(sign)};" if sign in '"#<>&;`%' else sign for sign in line)
