"""The table at which core and paper sit: one case, one file, one clock, and what was signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from oneservice.case import CaseOpened, DepartmentEvent, StatusRead, StepSpec
from oneservice.errors import IllegalInputError
from oneservice.testing.machine.live import SHA, LiveCase
from oneservice.testing.machine.paper_case import PaperCase
from oneservice.testing.machine.sample import SAMPLE_STEPS
from oneservice.testing.strategies import DAY_ONE
from oneservice.workdays import WorkCalendar, announced_calendar

__all__ = ["NUMBERS", "Table"]

NUMBERS: Final = st.integers(0, 31)
"""Which step a rule is about: the number is taken modulo the number of steps."""


class Table(RuleBasedStateMachine):
    """What every rule has at hand."""

    steps: ClassVar[tuple[StepSpec, ...]] = SAMPLE_STEPS
    calendar: ClassVar[WorkCalendar] = announced_calendar()
    start: ClassVar[datetime] = DAY_ONE
    promised_days: ClassVar[int] = 9
    """The promise of the whole case, in working days; -1: none."""
    joint_days: ClassVar[int] = 20
    """The cap of joint handling; -1: none."""
    case_id: ClassVar[str] = "c1"
    abroad: ClassVar[tuple[str, ...]] = ()
    """Departments of other regions: data go there on the applicant's own consent only."""

    @initialize()
    def open(self) -> None:
        """The applicant hands in the form."""
        opening = CaseOpened(
            at=self.start,
            thing="thing",
            region="990101",
            plan=SHA,
            definition=SHA,
            calendar=self.calendar.version,
            form=SHA,
            steps=self.steps,
            lead="lead",
            promised_days=self.promised_days,
            joint_days=self.joint_days,
        )
        self.now = self.start
        self.live = LiveCase(opening, self.calendar, case_id=self.case_id)
        self.paper = PaperCase.of(
            self.steps, self.calendar, promised=self.promised_days, joint=self.joint_days
        )
        self.signed: dict[str, list[DepartmentEvent]] = {}
        self.names = [one.id for one in self.steps if one.kind != "bundle"]
        self.supplements = 0
        self.settle()

    def later(self, hours: float) -> datetime:
        """Let ``hours`` pass on the clock; a consent that ran out is over for who comes next."""
        self.now += timedelta(hours=hours)
        self.paper.end_consents(self.now)
        return self.now

    def settle(self) -> None:
        """Let the engine and the clerk do what follows by itself."""
        self.paper.settle()
        self.live.compose(self.now)
        self.paper.file_what_may_begin()

    def name_of(self, number: int) -> str:
        """Return the step that ``number`` stands for."""
        return self.names[number % len(self.names)]

    def submission_of(self, name: str) -> str | None:
        """Return the id under which the step is filed now, if it is."""
        submission = self.live.case.sub_cases[name].submission
        return submission.submission_id if submission else None

    def history_of(self, name: str) -> list[DepartmentEvent]:
        """Return what the department really signed of the present attempt."""
        return self.signed.setdefault(self.submission_of(name) or "", [])

    def read(
        self,
        name: str,
        events: tuple[DepartmentEvent, ...],
        *,
        head: tuple[DepartmentEvent, ...],
        held: int = 0,
        is_fresh_read: bool = False,
    ) -> None:
        """Give the case an answer that shows ``events`` and a head, and let what follows follow."""
        self.live.give(
            StatusRead(
                at=self.now,
                sub_case_id=name,
                submission_id=self.submission_of(name) or "",
                state=None,
                head_seq=head[-1].seq if head else 0,
                head_digest=head[-1].digest if head else None,
                events=events,
                held=held,
                is_fresh_read=is_fresh_read,
            )
        )

    def allowed(self, given: Any) -> bool:
        """Give ``given``; say whether the case took it."""
        try:
            self.live.give(given)
        except IllegalInputError:
            return False
        return True
