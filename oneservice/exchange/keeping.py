"""Nothing is lost on the way: each side keeps for the other what only the other knows.

Theory of operation. A record and a model overlap; neither holds all of the other. Importing
compares the record with what exporting the fresh model would give, and keeps every difference
together with the value that *would* have stood there. Exporting puts a kept cell back only where
the fresh value is still that one: what somebody changed in the meantime wins over what was kept.
So ``export(import(record)) == record`` holds by construction, and an edit is never masked.

The other way round one extra column, :data:`LUGGAGE`, carries the model as canonical JSON. Whoever
receives it uses the model for every member whose cells still say the same, and the cells for the
others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

from oneservice.canonical import JsonObject, JsonValue, canonical, parse_object
from oneservice.errors import MalformedJsonError
from oneservice.exchange.columns import Cell
from oneservice.exchange.records import Record, cells_of

__all__ = ["LUGGAGE", "Instead", "Kept", "Note", "keep", "pack", "put_back", "unpack"]

LUGGAGE: Final = "x_oneservice"
"""The extra column that carries what the exchange has no field for; others may drop it."""
_R = TypeVar("_R", bound=Record)
Groups: TypeAlias = Collection[tuple[str, ...]]
"""Fields that say one thing together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A cell as it came, and the value that the model alone would have put there."""

    written: Cell | JsonValue
    stands_for: Cell | JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a record says beyond the model: cells and extra columns, by name."""

    cells: Mapping[str, Instead] = field(default_factory=dict)
    extra: Mapping[str, Instead] = field(default_factory=dict)
    has_luggage: bool = False

    def of(self, name: str) -> Cell | JsonValue:
        """Return a kept cell as it came, ``None`` where nothing was kept."""
        kept = self.cells.get(name) or self.extra.get(name)
        return kept.written if kept is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that an import could not say in the model: in which field, and what to do."""

    field: str
    text: str


def keep(record: _R, fresh: _R, groups: Groups) -> Kept:
    """Return what ``record`` says that ``fresh``, the export of its import, does not.

    Args:
        record: as it came.
        fresh: what the model alone gives.
        groups: fields that say one thing together, such as a number and its unit.
    """
    theirs, ours = cells_of(record), cells_of(fresh)
    cells = {
        name: Instead(written=theirs[name], stands_for=ours[name])
        for group in _all_groups(theirs, groups)
        if any(not _same(theirs[name], ours[name]) for name in group)
        for name in group
    }
    names = sorted({*record.extra, *fresh.extra})
    extra = {
        name: Instead(written=record.extra.get(name), stands_for=fresh.extra.get(name))
        for name in names
        if not _same(record.extra.get(name), fresh.extra.get(name))
        or (name in record.extra) != (name in fresh.extra)
    }
    return Kept(cells=cells, extra=extra, has_luggage=LUGGAGE in record.extra)


def put_back(fresh: _R, kept: Kept, groups: Groups) -> _R:
    """Return ``fresh`` with what was kept, where its place still holds what it stood for.

    A group goes back whole or not at all: "9 hours" must not come back as "9 days".
    """
    ours = cells_of(fresh)
    cells: dict[str, Any] = {
        name: kept.cells[name].written
        for group in _all_groups(ours, groups)
        if all(
            name in kept.cells and _same(ours[name], kept.cells[name].stands_for) for name in group
        )
        for name in group
    }
    extra = dict(fresh.extra)
    for name, instead in kept.extra.items():
        if _same(fresh.extra.get(name), instead.stands_for):
            extra[name] = instead.written
    return dataclasses.replace(fresh, **cells, extra=extra)


def _all_groups(names: Iterable[str], groups: Groups) -> tuple[tuple[str, ...], ...]:
    """Return ``groups``, and every field in none of them as a group of its own."""
    grouped = {name for group in groups for name in group}
    return (*groups, *((name,) for name in names if name not in grouped))


def pack(model: JsonObject) -> str:
    """Return ``model`` as the text of the luggage column."""
    return canonical(model).decode("utf-8")


def unpack(record: Record) -> JsonObject | None:
    """Return the model that travels with ``record``; ``None`` where none does, or none readable."""
    text = record.extra.get(LUGGAGE)
    if not isinstance(text, str):
        return None
    try:
        return parse_object(text.encode("utf-8"))
    except (MalformedJsonError, UnicodeEncodeError):
        return None


def _same(one: object, other: object) -> bool:
    """Compare cells strictly: ``True`` is not 1."""
    return type(one) is type(other) and one == other
