"""What the office of a step calls its fields and materials, where the plan has to tell them apart.

One id may mean two things in two regions; a plan that has both gives the other region's an id of
its own (``m_photo@980200``). The office knows nothing of that: filings and answers name the part as
its own catalog does. What the office says of it is taken back to the plan's id where it is folded
into the case (:meth:`StepSpec.planned_id`), so people who look at a case see the right title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oneservice.catalog import catalog_part_id, is_told_apart
from oneservice.plan import PlannedStep

__all__ = [
    "office_fields",
    "office_materials",
    "planned_name",
    "told_apart_in",
]


def told_apart_in(step: PlannedStep) -> tuple[str, ...]:
    """Return the fields and materials of ``step`` that have another id than at its office."""
    return tuple(filter(is_told_apart, (*step.fields, *step.materials)))


def planned_name(step: PlannedStep, name: str) -> str:
    """Return the id in the plan of what the office of ``step`` calls ``name``.

    As it is where the step has no such part: a filing may name a whole group, or an office what
    nobody declares.
    """
    parts = (*step.fields, *step.materials)
    if name in parts:
        return name
    return next((one for one in parts if catalog_part_id(one) == name), name)


def _as_office_names(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``named``, by field or material, under the names that the office knows."""
    return {catalog_part_id(name): value for name, value in named.items()}


def office_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a filing under the names that the office knows, in groups, too."""
    return {
        name: [_as_office_names(row) for row in value] if _is_group(value) else value
        for name, value in _as_office_names(values).items()
    }


def _is_group(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def office_materials(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the materials of a message under the names that the office knows."""
    return [{**row, "material": catalog_part_id(str(row["material"]))} for row in rows]
