"""A plan as mermaid text: the picture that lives in issues, wikis and README files."""

from __future__ import annotations

from collections.abc import Mapping

from oneservice.plan.drawing import Arrow, Box, mood_of, state_word, to_drawing
from oneservice.plan.models import Plan
from oneservice.plan.wording import Language, in_language

__all__ = ["to_mermaid"]

_CLASSES = (
    "    classDef critical stroke:#9a3412,stroke-width:3px",
    "    classDef waiting fill:#f1f5f9,color:#1e293b",
    "    classDef running fill:#dbeafe,color:#1e3a8a",
    "    classDef attention fill:#fef3c7,color:#78350f",
    "    classDef good fill:#dcfce7,color:#14532d",
    "    classDef bad fill:#fee2e2,color:#7f1d1d",
)


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
    lines += _CLASSES
    lines += [
        f"    class {_name(box.id)} {mood_of(box.states[0][0])}"
        for box in drawing.boxes
        if len(box.states) == 1
    ]
    lines += [
        f"    class {_name(box.id)} critical" for box in drawing.boxes if box.step.is_critical
    ]
    thick = [str(n) for n, arrow in enumerate(drawing.arrows) if arrow.is_critical]
    if thick:
        lines.append(f"    linkStyle {','.join(thick)} stroke:#9a3412,stroke-width:3px")
    return "\n".join(lines) + "\n"


def _node(box: Box, language: Language) -> str:
    times = f" ×{box.count}" if box.count > 1 else ""
    parts = [
        in_language(box.step.title, language) + times,
        in_language(box.step.department_name, language),
        f"{box.step.due.on}",
    ]
    for state, count in box.states:
        word = in_language(state_word(state), language)
        parts.append(f"{word} {count}" if box.count > 1 else word)
    return f'    {_name(box.id)}("{"<br/>".join(_text(part) for part in parts)}")'


def _edge(arrow: Arrow) -> str:
    line = "-.->" if arrow.is_soft else "-->"
    return f"    {_name(arrow.source)} {line} {_name(arrow.target)}"


def _name(box_id: str) -> str:
    """Return an id that mermaid reads as one: a hyphen would start an arrow, "end" a keyword."""
    return "s_" + box_id.replace("-", "_n")


def _text(text: str) -> str:
    """Return ``text`` with what mermaid or HTML would read as its own as entities."""
    return "".join(f"#{ord(sign)};" if sign in '"#<>&;`' else sign for sign in text)
