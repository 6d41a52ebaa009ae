"""One step as a clerk keeps it on paper: what was heard, and where it stands after that.

Nothing here is shared with the core: the protocol's table is written out anew, and every number is
counted from the file as it lies there. It is slow on purpose; where it and the core disagree, one
of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from oneservice.canonical import read_instant
from oneservice.case import DepartmentEvent, StepSpec
from oneservice.testing.machine.paper_days import Stop, day_of

__all__ = ["PaperStep"]

GRANTED: Final = ("granted", "granted_pending_material")
"""States of a step that let those behind it begin."""
_ENDED: Final = ("granted", "refused", "not_accepted", "withdrawn", "lapsed", "not_applicable")
_BECOMES: Final[Mapping[str, str]] = {
    "received": "received",
    "accepted": "accepted",
    "correction_requested": "correction_requested",
    "suspended": "suspended",
    "resumed": "accepted",
    "granted": "granted",
    "granted_pending_material": "granted_pending_material",
    "material_received": "granted",
    "refused": "refused",
    "not_accepted": "not_accepted",
    "withdrawn": "withdrawn",
    "lapsed": "lapsed",
}
"""Where the department says that it stands; what is not here moves nothing."""


@dataclass(slots=True)
class PaperStep:
    """The file of one step. ``said`` is the department's word, ``state`` what counts."""

    spec: StepSpec
    attempt: int = 0
    state: str = "waiting"
    said: str = ""
    told: int = 0
    is_filed: bool = False
    is_doubted: bool = False
    """A consent changed before the filing was confirmed: if it did not arrive, it is let go."""
    was_dropped: bool = False
    accepted_there: bool = False
    notice_from: datetime | None = None
    accepted_at: datetime | None = None
    silent_until: datetime | None = None
    """Silence that meant acceptance ended then."""
    clock_from: datetime | None = None
    decided_at: datetime | None = None
    extension: tuple[int, date, bool] | None = None
    """Working days, the day of the decision, and whether approver, reason and notice are there."""
    stops: list[Stop] = field(default_factory=list)
    correction: tuple[str, str, datetime] | None = None
    promises: list[tuple[str, date | None, datetime]] = field(default_factory=list)
    suspended: tuple[datetime, date | None] | None = None
    withdrawal: str = "no"
    halted_at: datetime | None = None
    passed: set[str] = field(default_factory=set)
    is_near: bool = False
    overdue: set[str] = field(default_factory=set)
    rung: int = 0
    rung_at: datetime | None = None
    is_ladder_spent: bool = False
    silence_at: datetime | None = None
    is_revoked: bool = False
    earlier: list[datetime] = field(default_factory=list)
    """When earlier attempts were accepted."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing moves it any more."""
        return self.state in _ENDED

    @property
    def stands(self) -> bool:
        """Whether there is a grant, and nobody took it back."""
        return self.state == "granted" and not self.is_revoked

    @property
    def opens_the_next(self) -> bool:
        """Whether steps behind it may begin."""
        return self.state in GRANTED and not self.is_revoked

    @property
    def start(self) -> datetime | None:
        """When its limits began."""
        return self.clock_from or self.accepted_at

    @property
    def awaited(self) -> set[str]:
        """What is waited for now; what has come, and is asked for again, has a wait of its own."""
        found = {f"promise:{material}" for material, _, _ in self.promises}
        if self.correction is not None:
            found.add(f"correction:{self.correction[0]}")
        if self.suspended is not None:
            found.add(f"suspension:{self.suspended[0].isoformat()}")
        return found | ({"operator:halted"} if self.halted_at is not None else set())

    def find_nothing(self) -> None:
        """The department knows nothing of the filing: it is sent again, but not a doubted one."""
        if not self.is_doubted:
            return
        self.is_doubted = self.is_filed = False
        self.state = "waiting"
        if self.withdrawal in ("asked", "sent"):
            self.state, self.withdrawal = "withdrawn", "sent"

    def hear(self, event: DepartmentEvent) -> None:
        """Put the department's next event into the file."""
        self.told += 1
        self.is_doubted = False
        at = min(read_instant(event.at), read_instant(event.recorded_at))
        if event.type == "correction_received":
            self.said = "accepted" if self.accepted_there else "received"
        else:
            self.said = _BECOMES.get(event.type, self.said)
        if self.silence_at is None or event.type not in _TOO_LATE:
            self._note(event, at)  # nothing is owed on what silence has granted
        self.overdue &= self.awaited
        if self.silence_at is None and self.said:
            is_accepted_by_silence = self.said == "received" and self.silent_until is not None
            self.state = "accepted" if is_accepted_by_silence else self.said

    def _note(self, event: DepartmentEvent, at: datetime) -> None:
        data = event.data
        match event.type:
            case "received":
                self.notice_from = at
            case "accepted":
                self._accepted(event, at)
            case "correction_requested":
                self.correction = (data["correction_id"], data["due_on"], at)
                if self.accepted_at is not None and self.spec.correction == "pause":
                    self.stops.append((day_of(at), None))
            case "correction_received":
                self.correction, self.notice_from = None, at
                self._go_on(at)
            case "suspended":
                self.suspended = (at, _day(data["expected_until"]))
                if all(data[one].strip() for one in ("kind", "by_law", "notice_no")):
                    self.stops.append((day_of(at), None))
            case "resumed":
                self.suspended = None
                self._go_on(at)
            case "extended":
                lawful = all(str(data[one]).strip() for one in ("approved_by", "notice_no"))
                self.extension = (data["working_days"], day_of(at), lawful)
            case "withdrawal_refused":
                self.withdrawal = "refused"
            case "result_revoked":
                self.is_revoked = True
            case "progress" | "withdrawal_requested" | "result_replaced":
                return
            case _ if not event.type.startswith("x_"):
                self._decided(event, at)
            case _:
                return  # a note

    def _accepted(self, event: DepartmentEvent, at: datetime) -> None:
        self.accepted_there, self.correction = True, None
        spoke_in_time = (
            self.silent_until is not None and read_instant(event.recorded_at) < self.silent_until
        )
        if self.accepted_at is None or spoke_in_time:
            self.accepted_at, self.silent_until, self.stops = at, None, []
        else:
            self._go_on(at)
        if event.data["how"] == "tolerance":
            self._promised(event.data.get("tolerated", ()), at)

    def _decided(self, event: DepartmentEvent, at: datetime) -> None:
        self.correction = None
        self._go_on(at)
        if self.silence_at is None:  # otherwise silence has decided, and that stands
            self.decided_at = at
        is_pending = event.type == "granted_pending_material"
        self._promised(event.data["pending"] if is_pending else (), at)

    def _promised(self, rows: Any, at: datetime) -> None:
        self.promises = list(_rows(rows, at))
        self.overdue = {one for one in self.overdue if not one.startswith("promise:")}

    def _go_on(self, at: datetime) -> None:
        day = day_of(at)
        self.stops = [(first, last or max(day, first)) for first, last in self.stops]

    def begin_again(self) -> PaperStep:
        """Return the file of the next attempt."""
        before = [self.accepted_at] if self.accepted_at is not None else []
        return PaperStep(
            spec=self.spec,
            attempt=self.attempt,
            clock_from=self.clock_from,
            earlier=[*self.earlier, *before],
        )


_TOO_LATE: Final = frozenset({"correction_requested", "suspended", "extended"})


def _rows(rows: Any, at: datetime) -> Iterator[tuple[str, date | None, datetime]]:
    for row in rows:
        if isinstance(row, Mapping):
            yield str(row["material"]), _day(row.get("until")), at
        else:
            yield str(row), None, at


def _day(text: Any) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
