"""The inspectors' diaries: who goes out when, alone or with the other offices of one case.

A joint visit (一同勘验) needs an inspector of each office at the same time. It is arranged by the
office that is ready first, for all whose applications of the case are in; who is ready later finds
it in the diary, or finds the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oneservice.simulation.offices_chance import Draw
from oneservice.simulation.offices_files import File
from oneservice.simulation.offices_hours import OfficeHours
from oneservice.simulation.offices_queues import Queue

__all__ = ["Visits"]

_MINUTE_S = 60
Visit = tuple[int, int]
"""First and last second of a visit, since 1970."""


class Visits:
    """Books visits in the diaries of ``inspectors``, a queue by department.

    Args:
        hours: of all offices.
        files: all applications by submission id, shared with the caller.
        inspectors: shared with the caller, who may put another queue in a place.
        groups: steps that are seen together.
    """

    def __init__(
        self,
        hours: OfficeHours,
        files: Mapping[str, File],
        inspectors: Mapping[str, Queue],
        groups: Iterable[tuple[str, ...]],
    ) -> None:
        self.made = 0
        self._hours = hours
        self._known = files
        self._inspectors = inspectors
        self._group_of = {step: group for group in groups for step in group}
        self._expected: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self._shared: dict[tuple[str, tuple[str, ...]], Visit] = {}

    def expect(self, file: File) -> None:
        """Note an application that may be seen together with others of its case."""
        group = self._group_of.get(file.request.step_id)
        if group is not None and _is_seen(file):
            self._expected.setdefault((file.request.case_id, group), []).append(file.id)

    def book(self, file: File, at: int) -> Visit | None:
        """Return the visit for ``file``, which is ready; ``None``: it was seen already."""
        group = self._group_of.get(file.request.step_id)
        if group is None:
            return self._booked(at, _minutes(file), (file.department,))
        key = file.request.case_id, group
        visit = self._shared.get(key)
        if visit is not None:
            return visit if visit[1] > at else None
        expected = (self._known.get(name) for name in self._expected.pop(key, ()))
        others = [one for one in expected if one is not None and one.is_open]
        minutes = max(map(_minutes, (file, *others)))
        offices = sorted({file.department, *(one.department for one in others)})
        self._shared[key] = visit = self._booked(at, minutes, offices)
        return visit

    def _booked(self, at: int, minutes: int, offices: Iterable[str]) -> Visit:
        self.made += 1
        desk = self._hours.desk_time(at)
        queues = [self._inspectors[name] for name in offices]
        length = minutes * _MINUTE_S
        start = desk
        while (later := max(queue.earliest(start, length) for queue in queues)) > start:
            start = later  # the one who is free last says when; is everybody free then?
        for queue in queues:
            queue.take(desk, start, length)
        begins = max(at, self._hours.instant(start))
        return begins, max(begins, self._hours.instant(start + length))


def _is_seen(file: File) -> bool:
    step = file.step
    return step.inspection is not None and not step.is_on_the_spot and not file.is_on_papers


def _minutes(file: File) -> int:
    inspection = file.step.inspection
    return 0 if inspection is None else inspection.minutes.draw(file.luck[Draw.INSPECTION])
