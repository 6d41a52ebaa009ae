"""What offices have noted to do, in order of time."""

from __future__ import annotations

from collections.abc import Collection
from heapq import heapify, heappop, heappush
from typing import Final

from oneservice.simulation.offices_files import Errand

__all__ = ["ANY_LINE", "Agenda", "Entry"]

ANY_LINE: Final = -1
"""The line of an errand that stands whatever turns the application's course takes."""

Entry = tuple[int, int, str, int, Errand]
"""When, a number that keeps the order, the application, its line, and what is to be done."""


class Agenda:
    """Errands by their instants, in seconds since 1970; of one instant, the older note first."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._number = 0

    @property
    def next_at(self) -> int | None:
        """When something is to be done next."""
        return self._entries[0][0] if self._entries else None

    def note(self, at: int, name: str, line: int, errand: Errand) -> None:
        """Note that ``errand`` is to be done ``at`` an instant for the application ``name``."""
        self._number += 1
        heappush(self._entries, (at, self._number, name, line, errand))

    def due(self, now: int) -> Entry | None:
        """Take out what is to be done first, if its time has come by ``now``."""
        entries = self._entries
        return heappop(entries) if entries and entries[0][0] <= now else None

    def of(self, names: Collection[str]) -> tuple[Entry, ...]:
        """Return what is noted for the applications ``names``."""
        return tuple(one for one in self._entries if one[2] in names)

    def replace(self, names: Collection[str], entries: tuple[Entry, ...]) -> None:
        """Put ``entries`` in the place of all that is noted for ``names``."""
        self._entries = [*(one for one in self._entries if one[2] not in names), *entries]
        heapify(self._entries)
