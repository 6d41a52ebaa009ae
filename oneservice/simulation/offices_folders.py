"""What an office keeps of an application, and what a backup of offices holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent
from oneservice.simulation.offices_agenda import Entry
from oneservice.simulation.offices_files import File
from oneservice.simulation.offices_queues import Queue

__all__ = ["Folder", "OfficesBackup"]


@dataclass(slots=True)
class Folder:
    """One application's papers: what came in under which id, and what was said."""

    department: str
    body: bytes
    events: list[DepartmentEvent] = field(default_factory=list)
    messages: dict[str, Digest] = field(default_factory=dict)

    def copy(self) -> Folder:
        """Return the folder as it stands, for a backup."""
        return Folder(self.department, self.body, list(self.events), dict(self.messages))


@dataclass(frozen=True, slots=True)
class OfficesBackup:
    """The state of some offices at an instant; see :meth:`Offices.restore`."""

    at: datetime
    departments: tuple[str, ...]
    files: Mapping[str, File]
    folders: Mapping[str, Folder]
    agendas: Mapping[str, tuple[Entry, ...]]
    feeds: Mapping[str, tuple[tuple[str, int], ...]]
    staff: Mapping[str, tuple[Queue, Queue]]
