"""One correction request from what several offices of a case ask for (一次性告知), and its answers.

Which open corrections a merged request covers stands in the event itself, as ``covers``: a member
that other engines ignore and keep. So no clock is compared with another, and nothing is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from oneservice.case import Case, Correction, DepartmentEvent, EventType
from oneservice.departments import CorrectionItem, CorrectionRequested

__all__ = [
    "MergedRequest",
    "asked_again",
    "covered_by",
    "is_covered",
    "merged",
    "open_request",
    "parts_of",
]

_FIELDS: Final = "/fields/"
_PROMISES: Final = "promises."
"""A promise that is none is mended by the paper itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRequest(CorrectionRequested):
    """A request of several offices; ``covers`` names what each of them asked."""

    covers: tuple[str, ...] = ()

    def fact(self, context: Any) -> tuple[EventType, dict[str, Any]]:
        """Return the event's type and data."""
        kind, data = CorrectionRequested.fact(self, context)
        return kind, data | {"covers": list(self.covers)}


def merged(case: Case, corrections: Sequence[Correction]) -> MergedRequest:
    """Return one request for all that ``corrections`` of ``case`` ask for, each thing once."""
    items: dict[str, CorrectionItem] = {}
    for correction in corrections:
        for row in correction.items:
            items.setdefault(_name(row), _item(row))
    days = [day for one in corrections if (day := _day(one.due_on)) is not None]
    return MergedRequest(
        items=tuple(items.values()),
        is_complete_list=all(one.is_complete_list for one in corrections),
        due_on=min(days, default=None),
        covers=tuple(_mark(case, one) for one in corrections),
    )


def asked_again(
    problems: Mapping[str, str],
    materials: Iterable[str],
    *,
    case: Case | None = None,
    of: Iterable[Correction] = (),
) -> MergedRequest:
    """Return a request for what a form, or an answer, still lacks.

    Args:
        problems: by place, as :class:`FormIncompleteError` names them; never a value.
        materials: ids of what is a material and no field.
        case: of ``of``.
        of: the corrections that were not answered by it.
    """
    papers = {*materials}
    items = []
    for place, problem in problems.items():
        name = place.removeprefix(_PROMISES).partition("[")[0]
        if name in papers:
            items.append(CorrectionItem(material=name, note=problem))
        else:
            where = f"/{place.replace('.', '/')}" if "." in place and "[" not in place else name
            items.append(CorrectionItem(field=where, note=problem))
    covers = () if case is None else tuple(_mark(case, one) for one in of)
    return MergedRequest(items=tuple(items), covers=covers)


def is_covered(case: Case, correction: Correction, history: Iterable[DepartmentEvent]) -> bool:
    """Say whether one of the requests in ``history`` covers ``correction``."""
    mark = _mark(case, correction)
    return any(mark in _covers(event) for event in history)


def open_request(history: Iterable[DepartmentEvent]) -> DepartmentEvent | None:
    """Return the last request in ``history``; the caller knows that it is open."""
    asked = [one for one in history if one.type == EventType.CORRECTION_REQUESTED]
    return asked[-1] if asked else None


def covered_by(
    correction_id: str, history: Iterable[DepartmentEvent], case: Case
) -> tuple[Correction, ...]:
    """Return those open corrections of ``case`` that the request of that id covers."""
    marks = {
        mark
        for one in history
        if one.type == EventType.CORRECTION_REQUESTED and one.data["correction_id"] == correction_id
        for mark in _covers(one)
    }
    return tuple(one for one in case.corrections if _mark(case, one) in marks)


def parts_of(correction: Correction) -> frozenset[str]:
    """Return the ids of the fields and materials that ``correction`` asks for."""
    fields = (one.removeprefix(_FIELDS) for one in correction.fields if one.startswith(_FIELDS))
    return frozenset((*correction.materials, *fields))


def _mark(case: Case, correction: Correction) -> str:
    """Return what names ``correction`` for ever: offices count anew in each attempt."""
    submission = case.sub_cases[correction.sub_case_id].submission
    filed = submission.submission_id if submission is not None else correction.sub_case_id
    return f"{filed}/{correction.correction_id}"


def _covers(event: DepartmentEvent) -> tuple[str, ...]:
    if event.type != EventType.CORRECTION_REQUESTED:
        return ()
    return tuple(event.data.get("covers") or ())


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
    except ValueError:
        return None
