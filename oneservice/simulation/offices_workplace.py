"""Where the work of the offices waits: at desks, in inspectors' diaries, on the agenda.

What is done, and when it is ready, others decide (``offices_bureau.py``, ``offices_course.py``);
here it gets its turn among the rest of an office's work. Instants are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oneservice.simulation.offices_agenda import ANY_LINE, Agenda, Entry
from oneservice.simulation.offices_files import Errand, File
from oneservice.simulation.offices_hours import OfficeHours
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.offices_queues import Queue
from oneservice.simulation.offices_visits import Visits

__all__ = ["Workplace"]

_MINUTE_S: Final = 60


class Workplace:
    """The files, desks, inspectors and the agenda of all offices of a region.

    Args:
        parameters: how the offices work.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.hours = OfficeHours(parameters.calendar)
        self.files: dict[str, File] = {}
        """All applications, by submission id."""
        names = sorted(parameters.departments)
        self.desks = {name: Queue(parameters.office(name).desks) for name in names}
        self.inspectors = {name: Queue(parameters.office(name).inspectors) for name in names}
        self.visits = Visits(self.hours, self.files, self.inspectors, parameters.joint_inspections)
        self._agenda = Agenda()

    # --- what is to be done ----------------------------------------------------------------------

    def plan(self, file: File, at: int, errand: Errand) -> None:
        """Note ``errand`` for ``at``; it is void once the course of the application has turned."""
        self._agenda.note(at, file.request.submission_id, file.line, errand)

    def plan_whatever_comes(self, file: File, at: int, errand: Errand) -> None:
        """Note ``errand`` for ``at``; it stands whatever turns the course takes."""
        self._agenda.note(at, file.request.submission_id, ANY_LINE, errand)

    def plan_at_desk(self, file: File, at: int, minutes: int, errand: Errand) -> None:
        """Queue at the office's desks for so many minutes of work, then do ``errand``."""
        if not minutes:
            self.plan(file, at, errand)
            return
        hours = self.hours
        length = minutes * _MINUTE_S
        begins = self.desks[file.department].book(hours.desk_time(at), length)
        self.plan(file, max(at, hours.instant(begins + length)), errand)

    def due(self, now: int) -> tuple[File, int, Errand] | None:
        """Take out what is to be done first by ``now``: for which application, when, and what."""
        due, files = self._agenda.due, self.files
        while (entry := due(now)) is not None:
            at, _, name, line, errand = entry
            file = files.get(name)
            if file is not None and line in (file.line, ANY_LINE):
                return file, at, errand
        return None

    @property
    def next_at(self) -> int | None:
        """When something is to be done next."""
        return self._agenda.next_at

    # --- backups ---------------------------------------------------------------------------------

    def agenda_of(self, department: str) -> tuple[Entry, ...]:
        """Return what one office has noted to do."""
        return self._agenda.of(self._names_of(department))

    def put_back(
        self,
        department: str,
        files: Mapping[str, File],
        agenda: tuple[Entry, ...],
        staff: tuple[Queue, Queue],
    ) -> None:
        """Put an older state in the place of one office's: files, agenda, desks and inspectors."""
        names = self._names_of(department)
        self._agenda.replace(names, agenda)
        for name in names:
            del self.files[name]
        self.files.update(files)
        self.desks[department], self.inspectors[department] = staff

    def _names_of(self, department: str) -> frozenset[str]:
        return frozenset(one.id for one in self.files.values() if one.department == department)
