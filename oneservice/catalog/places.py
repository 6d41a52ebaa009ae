"""Where each value of a catalog file stands: the same shape as the data, with line and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from oneservice.catalog.documents import CatalogDocument

__all__ = ["Path", "Place", "SourcedDocument"]

Path: TypeAlias = tuple[str | int, ...]
"""From the top of a file to a value: ``("things", 0, "steps", 3, "when")``."""


@dataclass(slots=True)
class Place:
    """Line and column (from 1) of a value, of its key, and of what is inside it.

    ``lead`` counts characters before the text itself (1 for an opening quote), or is None where
    characters of the value cannot be told from characters of the file (escapes, several lines).
    """

    line: int
    column: int
    key: tuple[int, int] | None = None
    lead: int | None = None
    inside: dict[str | int, Place] | None = None

    def find(self, path: Path) -> Place:
        """Return the place of ``path``, or of the nearest value above it."""
        place = self
        for part in path:
            below = place.inside.get(part) if place.inside else None
            if below is None:
                break
            place = below
        return place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourcedDocument:
    """A catalog file that was read: ``name`` below its root, ``file`` as it was opened.

    Whom it speaks for and what it declares are known at once; the parts themselves, and where each
    of their values stands, are made when they are asked for. Places of every value of a province
    would take more memory than the values; and mistakes, which need them, are few.
    """

    file: str
    name: str
    region: str
    effective_from: date
    effective_until: date | None
    names: Mapping[str, tuple[str, ...]]
    """By section (``departments``, ``items``, ``things``, ``overlays``) the ids in their order; of
    overlays the ids of the one-things that they change."""
    make_part: Callable[[str, int], Any]
    make_document: Callable[[], CatalogDocument]
    locate: Callable[[], Place]

    @property
    def document(self) -> CatalogDocument:
        """Everything that the file states."""
        return self.make_document()

    def part(self, section: str, index: int) -> Any:
        """Return one part of a section of :attr:`names`."""
        return self.make_part(section, index)

    def source(self, *path: str | int, at_key: bool = False, offset: int | None = None) -> str:
        """Return ``file:line:column`` of ``path``, of its key, or of a character inside it."""
        place = self.locate().find(path)
        line, column = place.line, place.column
        if at_key and place.key is not None:
            line, column = place.key
        elif offset is not None and place.lead is not None:
            column += place.lead + offset
        return f"{self.file}:{line}:{column}"
