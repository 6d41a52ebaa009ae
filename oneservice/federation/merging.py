"""One correction request from what several offices of a case ask for (一次性告知), and its answers.

Which open correction a merged request covers is not remembered but seen: it names everything that
the correction asks for, and took effect no earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from oneservice.canonical import read_instant
from oneservice.case import Correction, DepartmentEvent, EventType
from oneservice.departments import CorrectionItem, CorrectionRequested
from oneservice.errors import OneServiceError

__all__ = ["asked_again", "covered_by", "is_covered", "merged", "parts_of"]

_FIELDS: Final = "/fields/"


def merged(corrections: Sequence[Correction]) -> CorrectionRequested:
    """Return one request for everything that ``corrections`` ask for, each thing once."""
    items: dict[str, CorrectionItem] = {}
    for correction in corrections:
        for row in correction.items:
            items.setdefault(_name(row), _item(row))
    days = [day for one in corrections if (day := _day(one.due_on)) is not None]
    return CorrectionRequested(
        items=tuple(items.values()),
        is_complete_list=all(one.is_complete_list for one in corrections),
        due_on=min(days, default=None),
    )


def asked_again(problems: Mapping[str, str], materials: Iterable[str]) -> CorrectionRequested:
    """Return a request for what a form still lacks.

    Args:
        problems: by place, as :class:`FormIncompleteError` names them; never a value.
        materials: ids of what is a material and no field.
    """
    papers = {*materials}
    items = []
    for place, problem in problems.items():
        name = place.partition("[")[0]
        if name in papers:
            items.append(CorrectionItem(material=name, note=problem))
        else:
            where = f"/{place.replace('.', '/')}" if "." in place and "[" not in place else name
            items.append(CorrectionItem(field=where, note=problem))
    return CorrectionRequested(items=tuple(items))


def is_covered(correction: Correction, history: Iterable[DepartmentEvent]) -> bool:
    """Say whether one of the requests in ``history`` covers ``correction``."""
    return any(
        _covers(event, correction)
        for event in history
        if event.type == EventType.CORRECTION_REQUESTED
    )


def covered_by(
    correction_id: str, history: Iterable[DepartmentEvent], corrections: Iterable[Correction]
) -> tuple[Correction, ...]:
    """Return those of ``corrections`` that the request of that id covers."""
    event = next(
        (
            one
            for one in history
            if one.type == EventType.CORRECTION_REQUESTED
            and one.data["correction_id"] == correction_id
        ),
        None,
    )
    if event is None:
        return ()
    return tuple(one for one in corrections if _covers(event, one))


def parts_of(correction: Correction) -> frozenset[str]:
    """Return the ids of the fields and materials that ``correction`` asks for."""
    fields = (one.removeprefix(_FIELDS) for one in correction.fields if one.startswith(_FIELDS))
    return frozenset((*correction.materials, *fields))


def _covers(event: DepartmentEvent, correction: Correction) -> bool:
    if correction.asked_at is not None and correction.asked_at > read_instant(event.at):
        return False
    named = {_name(row) for row in event.data["items"]}
    return named >= {_name(row) for row in correction.items}


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("material") or row.get("pointer") or "")


def _item(row: Mapping[str, Any]) -> CorrectionItem:
    law = row.get("by_law")
    return CorrectionItem(
        material=row.get("material"),
        field=None if row.get("material") else row.get("pointer") or "/",
        problem=str(row.get("problem") or "missing"),
        note=row.get("text") or "",
        by_law=law if isinstance(law, str) else None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except (ValueError, OneServiceError):
        return None
