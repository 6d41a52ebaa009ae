"""A second opinion: submissions and limits as a clerk with a paper calendar would follow them.

Nothing here is shared with the core: the table of what may follow what is written out anew, and
days are counted one by one. It is slow and short on purpose; where it and the core disagree, one of
them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, cast

from oneservice.canonical import read_instant
from oneservice.case import DepartmentEvent
from oneservice.errors import CalendarUnknownError
from oneservice.workdays import WorkCalendar, legal_day

__all__ = ["NaiveStep", "counted_on"]

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_NOTICE_DAYS: Final = 5
_LONGEST_EXTENSION: Final = 10

# type -> "state before>state after"; "=": unchanged, "<": back to where it was before a correction
_RULES: Final = {
    "received": "none>received",
    "accepted": "received>accepted correction_requested>accepted",
    "not_accepted": "received>not_accepted correction_requested>not_accepted",
    "correction_requested": "received>correction_requested accepted>correction_requested",
    "correction_received": "correction_requested><",
    "suspended": "accepted>suspended",
    "resumed": "suspended>accepted",
    "extended": "accepted>=",
    "progress": "received>= accepted>= correction_requested>= suspended>=",
    "granted": "accepted>granted",
    "granted_pending_material": "accepted>granted_pending_material",
    "material_received": "granted_pending_material>granted",
    "refused": "accepted>refused correction_requested>refused",
    "withdrawal_requested": "received>= accepted>= correction_requested>= suspended>=",
    "withdrawal_refused": "received>= accepted>= correction_requested>= suspended>=",
    "withdrawn": "received>withdrawn accepted>withdrawn correction_requested>withdrawn"
    " suspended>withdrawn",
    "lapsed": "correction_requested>lapsed granted_pending_material>lapsed",
    "result_replaced": "granted>=",
    "result_revoked": "granted>=",
}
_ALLOWED: Final = {
    kind: dict(one.split(">") for one in row.split()) for kind, row in _RULES.items()
}


@dataclass(slots=True)
class NaiveStep:
    """One step as its department's events tell it.

    ``pauses`` are first and last day, both not counted; an open one has no last day.
    """

    pauses_for_corrections: bool
    state: str = "none"
    seq: int = 0
    notice_from: date | None = None
    accepted_on: date | None = None
    was_accepted: bool = False
    """By its own word; silence makes it count as accepted, and the office may still say so."""
    silent_until: date | None = None
    """The first day on which its silence meant acceptance; an older word counts all the same."""
    extension: tuple[int, date] | None = None
    """Working days, and the day on which they were granted."""
    pauses: list[tuple[date, date | None]] = field(default_factory=list)
    is_open: bool = True

    def hear(self, event: DepartmentEvent) -> str | None:
        """Take the next event; say what is wrong with it."""
        if event.seq != self.seq + 1:
            return f"event {event.seq} was taken after event {self.seq}"
        self.seq = event.seq
        if event.type.startswith("x_"):
            return None
        after = _ALLOWED.get(event.type, {}).get(self.state)
        if after is None:
            return f"{event.type} was taken in state {self.state}"
        day = legal_day(min(read_instant(event.at), read_instant(event.recorded_at)))
        self._count(event, day)
        if after == "<":
            self.state = "accepted" if self.was_accepted else "received"
        elif after != "=":
            self.state = after
        return None

    def notice_due(self, calendar: WorkCalendar) -> date | None:
        """Return the last day on which the office may say whether it accepts."""
        if self.state != "received" or self.notice_from is None:
            return None
        return counted_on(calendar, self.notice_from, _NOTICE_DAYS, "working_days", ())

    def due(self, calendar: WorkCalendar, days: int, unit: str) -> date | None:
        """Return the last day of a limit of ``days`` from acceptance; ``None`` while it stands."""
        if self.accepted_on is None or any(last is None for _, last in self.pauses):
            return None
        pauses = tuple(self.pauses)
        due = counted_on(calendar, self.accepted_on, days, unit, pauses)
        if self.extension is None:
            return due
        more, decided_on = self.extension
        if decided_on > due or not 1 <= more <= _LONGEST_EXTENSION:
            return due  # what is decided after the end, or is longer than the law, extends nothing
        return counted_on(calendar, self.accepted_on, days + more, unit, pauses)

    def _count(self, event: DepartmentEvent, day: date) -> None:
        match event.type:
            case "received":
                self.notice_from = day
            case "accepted":
                if self.silent_until and legal_day(read_instant(event.recorded_at)) < (
                    self.silent_until
                ):
                    self.accepted_on = None  # it had spoken in time; the news came late
                self.silent_until, self.was_accepted = None, True
                if self.accepted_on is None:
                    self.pauses.clear()
                self.accepted_on = self.accepted_on or day
                self._go_on(day)
            case "correction_requested":
                if self.accepted_on is not None and self.pauses_for_corrections:
                    self.pauses.append((day, None))
            case "correction_received":
                self.notice_from = day
                self._go_on(day)
            case "suspended":
                self.pauses.append((day, None))
            case "resumed":
                self._go_on(day)
            case "extended":
                self.extension = (int(event.data["working_days"]), day)
            case "progress" | "withdrawal_requested" | "withdrawal_refused":
                return
            case _:
                self._go_on(day)
                self.is_open = False

    def _go_on(self, day: date) -> None:
        self.pauses = [(first, max(first, last or day)) for first, last in self.pauses]


def _counted_on(
    calendar: WorkCalendar,
    start: date,
    days: int,
    unit: str,
    pauses: tuple[tuple[date, date | None], ...],
) -> date:
    """Return the day on which the count reaches ``days``, one day after the other."""
    if unit == "natural_days":
        return start + timedelta(days=days)
    day = start
    while days > 0:
        day += _ONE_DAY
        is_paused = any(first <= day <= (last or date.max) for first, last in pauses)
        if not is_paused and _is_worked(calendar, day):
            days -= 1
    return day


def _is_worked(calendar: WorkCalendar, day: date) -> bool:
    try:
        return calendar.is_working_day(day)
    except CalendarUnknownError:
        return day.weekday() < _SATURDAY


_Pauses = tuple[tuple[date, date | None], ...]
_Count = Callable[[WorkCalendar, date, int, str, _Pauses], date]
counted_on: _Count = cast("Any", lru_cache(maxsize=16_384)(_counted_on))
"""As :func:`_counted_on`, remembered: the cases of a day ask for the same few days."""
