"""Small catalogs: departments, items and a one-thing with questions, requirements and papers."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from oneservice.canonical import canonical
from oneservice.catalog import Catalog, read_document

__all__ = ["catalogs"]

THING: Final = "drawn_thing"
_MOST_STEPS: Final = 5
_LAW: Final = [
    {
        "law": {"zh": "示例办法", "en": "Sample Measures"},
        "article": "第一条",
        "is_sample": True,
    }
]


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Draw a catalog of one one-thing, ``drawn_thing``, in force everywhere since 2020.

    It has up to five steps at up to three departments, requirements without a circle, steps that
    questions switch off, materials that must be brought, fields, and results handed out together.
    The linter finds no error in it.
    """
    count = draw(st.integers(1, _MOST_STEPS))
    offices = [f"office-{number}" for number in range(1, draw(st.integers(1, 3)) + 1)]
    steps = [draw(_steps(number)) for number in range(1, count + 1)]
    document = {
        "format": "oneservice-catalog/1",
        "region": "000000",
        "effective_from": "2020-01-01",
        "departments": [{"id": name, "name": _text(name)} for name in offices],
        "items": [
            *(draw(_items(number, offices)) for number in range(1, count + 1)),
            _item("hand_out", offices[0], promised=0),
        ],
        "things": [_thing(steps, offices[0], draw(st.booleans()))],
    }
    read, findings = read_document(canonical(document), file="drawn.yaml")
    if read is None:
        msg = f"the drawn catalog cannot be read: {findings}"
        raise AssertionError(msg)
    return Catalog(documents=(read,))


@st.composite
def _steps(draw: st.DrawFn, number: int) -> dict[str, Any]:
    earlier = [f"step_{index}" for index in range(1, number)]
    step: dict[str, Any] = {"id": f"step_{number}", "item": f"item_{number}"}
    requires = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
    if requires:
        step["requires"] = sorted(requires)
    if number > 1 and draw(st.booleans()):  # the first step is always there
        step["when"] = draw(st.sampled_from([f"wants_{number}", "size >= 50", "size < 300"]))
    return step


@st.composite
def _items(draw: st.DrawFn, number: int, offices: list[str]) -> dict[str, Any]:
    promised = draw(st.integers(0, 20))
    item = _item(f"item_{number}", draw(st.sampled_from(offices)), promised=promised)
    item["result"] = {"type": f"paper_{number}", "title": _text(f"paper {number}")}
    if draw(st.booleans()):
        item["statutory"] = {"days": promised + draw(st.integers(0, 20))}
    return item


def _item(name: str, office: str, *, promised: int) -> dict[str, Any]:
    return {
        "id": name,
        "title": _text(name),
        "department": office,
        "promised": {"days": promised},
        "legal_basis": _LAW,
    }


def _thing(steps: list[dict[str, Any]], lead: str, brings_papers: bool) -> dict[str, Any]:  # noqa: FBT001 - ours
    names = [step["id"] for step in steps]
    asked = [step["when"] for step in steps if step.get("when", "").startswith("wants_")]
    questions = [{"id": one, "question": _text(one), "type": "bool"} for one in asked]
    size = {"id": "size", "question": _text("size"), "type": "int", "minimum": 0, "maximum": 400}
    last = {"id": "bundle", "item": "hand_out", "kind": "bundle", "requires": names}
    thing: dict[str, Any] = {
        "id": THING,
        "title": _text("drawn"),
        "goal": _text("something may be done"),
        "lead_department": lead,
        "situations": [size, *questions],
        "steps": [*steps, last],
        "fields": [
            {"id": "name", "title": _text("name"), "type": "text", "steps": names},
            {"id": "phone", "title": _text("phone"), "type": "phone", "steps": names[:1]},
            {"id": "size_told", "title": _text("size told"), "type": "int", "answer": "size",
             "steps": names},
        ],
    }  # fmt: skip
    thing["materials"] = [
        {"id": f"m_{name}", "title": _text(f"for {name}"), "source": "applicant", "steps": [name]}
        for name in names
        if brings_papers
    ]
    return thing


def _text(words: str) -> dict[str, str]:
    return {"zh": f"示例：{words}", "en": words}
