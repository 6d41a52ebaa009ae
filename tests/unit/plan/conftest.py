"""A small one-thing, made in the test, that can be bent in any direction."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.catalog import Department, EffectiveThing, Item, OneThing, Text
from oneservice.catalog.effective import effective_digest, rules_of
from oneservice.plan import Holdings, Plan, build_plan
from oneservice.workdays import national_calendar

MONDAY = date(2026, 9, 28)


def text(words: str) -> dict[str, str]:
    return {"zh": f"〔{words}〕", "en": words}


def days(count: int, unit: str = "working_days") -> dict[str, Any]:
    return {"days": count, "unit": unit}


def item(name: str, promised: int = 1, **more: Any) -> dict[str, Any]:
    unit = more.pop("unit", "working_days")
    return {
        "id": name,
        "title": text(name),
        "department": "office",
        "promised": days(promised, unit),
        **more,
    }


def question(name: str, kind: str = "bool", **more: Any) -> dict[str, Any]:
    return {"id": name, "question": text(name), "type": kind, **more}


def field(name: str, *steps: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": text(name), "type": "text", "steps": steps, **more}


def material(name: str, *steps: str, source: str = "applicant", **more: Any) -> dict[str, Any]:
    return {"id": name, "title": text(name), "steps": steps, "source": source, **more}


def make_thing(
    *,
    items: tuple[dict[str, Any], ...] = (),
    region: str = "990101",
    on: date = MONDAY,
    **parts: Any,
) -> EffectiveThing:
    """Return a definition of ``parts``; each step without an item of its own gets a short one."""
    declared = {entry["id"]: entry for entry in items}
    for step in parts.get("steps", ()):
        step.setdefault("item", step["id"])
        declared.setdefault(step["item"], item(step["item"]))
    thing = OneThing.model_validate(
        {
            "id": "thing",
            "title": text("thing"),
            "goal": text("goal"),
            "lead_department": "office",
            "situations": (),
            "fields": (),
            "materials": (),
            "steps": (),
            **parts,
        }
    )
    models = {name: Item.model_validate(entry) for name, entry in declared.items()}
    offices = {"office": Department(id="office", name=Text(zh="办公室", en="The office"))}
    return EffectiveThing(
        thing=thing,
        items=models,
        departments=offices,
        region=region,
        on=on,
        digest=effective_digest(thing, models, offices),
        layers=(),
        rules=rules_of(thing, models),
    )


class Kit:
    """Makers of definitions and plans, for tests that may not import this file."""

    monday = MONDAY
    days = staticmethod(days)
    item = staticmethod(item)
    question = staticmethod(question)
    field = staticmethod(field)
    material = staticmethod(material)
    thing = staticmethod(make_thing)

    @staticmethod
    def plan(
        answers: dict[str, Any] | None = None,
        *,
        on: date = MONDAY,
        holdings: Holdings | None = None,
        **parts: Any,
    ) -> Plan:
        """Return the plan of ``answers`` for a definition made of ``parts``."""
        thing = make_thing(**parts)
        return build_plan(
            thing,
            answers or {},
            on=on,
            calendar=national_calendar(),
            holdings=holdings or Holdings(),
        )


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit
