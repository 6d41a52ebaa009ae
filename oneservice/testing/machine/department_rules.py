"""Departments sign, tell, repeat, reorder, lie and fall silent; messages are lost."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oneservice.case import (
    Deliver,
    DeliveryDidFail,
    EventType,
    NotFoundThere,
    ReportDidFail,
    Submission,
    advance,
    outstanding,
)
from oneservice.testing.machine.table import NUMBERS, Table
from oneservice.testing.strategies import department_events, legal_types, plain_event

__all__ = ["DepartmentRules"]

_STRAIGHT: Final = (
    "received",
    "accepted",
    "correction_received",
    "resumed",
    "granted",
    "material_received",
)
_LONG: Final = (
    "received",
    "accepted",
    "correction_requested",
    "correction_received",
    "suspended",
    "resumed",
    "extended",
)


class DepartmentRules(Table):
    """What departments do, and the way to them."""

    @rule(number=NUMBERS, hours=st.integers(0, 90), data=st.data())
    def sign(
        self,
        number: int,
        hours: int,
        data: st.DataObject,
        among: Collection[str] = tuple(EventType),
    ) -> None:
        """The department's own system moves on, legally; nobody hears of it yet."""
        name = self.name_of(number)
        identifier = self.submission_of(name)
        if identifier is None:
            return
        history = self.history_of(name)
        submission = Submission(submission_id=identifier)
        for one in history:
            submission = advance(submission, one)
        history.append(data.draw(department_events(submission, at=self.later(hours), among=among)))

    @rule(number=NUMBERS, first=st.integers(0, 6), count=st.integers(0, 8), is_fresh=st.booleans())
    def tell(self, number: int, first: int, count: int, *, is_fresh: bool) -> None:
        """Any window of the truth: news, repetitions, gaps, late answers."""
        name = self.name_of(number)
        if self.submission_of(name) is None:
            return
        history, step = tuple(self.history_of(name)), self.paper.steps[name]
        end = min(first + count, len(history))
        self.later(1)
        self.read(
            name,
            history[first:end],
            head=history if is_fresh else history[:end],
            held=step.told if is_fresh else 0,
            is_fresh_read=is_fresh,
        )
        if is_fresh and not history and step.halted_at is None:
            step.find_nothing()
        if step.halted_at is None and first <= step.told:
            for event in history[step.told : end]:
                step.hear(event)
        self.settle()

    @rule(number=NUMBERS, count=st.integers(1, 4), hours=st.integers(0, 50), data=st.data())
    def serve(self, number: int, count: int, hours: int, data: st.DataObject) -> None:
        """The ordinary case: the department acts, is read, and says all it has signed."""
        for _ in range(count):
            self.sign(number, hours, data)
        self.tell(number, 0, 1000, is_fresh=True)

    # Hypothesis takes all rules equally often; without these two few histories would get far.

    @rule(number=NUMBERS, count=st.integers(1, 3), hours=st.integers(0, 200), data=st.data())
    def go_straight(self, number: int, count: int, hours: int, data: st.DataObject) -> None:
        """The department goes the shortest way to a grant."""
        for _ in range(count):
            self.sign(number, hours, data, among=_STRAIGHT)
        self.tell(number, 0, 1000, is_fresh=True)

    @rule(number=NUMBERS, count=st.integers(1, 5), hours=st.integers(0, 90), data=st.data())
    def go_the_long_way(self, number: int, count: int, hours: int, data: st.DataObject) -> None:
        """The department asks, stops, goes on and extends, and does not decide."""
        for _ in range(count):
            self.sign(number, hours, data, among=_LONG)
        self.tell(number, 0, 1000, is_fresh=True)

    @precondition(lambda self: any(one.told for one in self.paper.steps.values()))
    @rule(number=NUMBERS, data=st.data())
    def tell_nonsense(self, number: int, data: st.DataObject) -> None:
        """An event that chains properly and that the table does not have changes nothing."""
        name = self.name_of(number)
        sub = self.live.case.sub_cases[name]
        history = tuple(self.history_of(name))
        if sub.submission is None or sub.submission.seq != len(history):
            return
        lawful = legal_types(sub.submission)
        strange = data.draw(st.sampled_from([one for one in EventType if one not in lawful]))
        event = plain_event(sub.submission, strange, at=self.later(1))
        self.read(name, (event,), head=(*history, event))
        self.settle()

    @precondition(lambda self: any(one.told > 1 for one in self.paper.steps.values()))
    @rule(number=NUMBERS, rewrites=st.booleans())
    def lie(self, number: int, *, rewrites: bool) -> None:
        """A restored backup: fewer events than we hold, or others under their numbers."""
        name = self.name_of(number)
        step, history = self.paper.steps[name], tuple(self.history_of(name))
        if step.told < 2 or step.halted_at is not None:  # noqa: PLR2004 - a beginning and a rest
            return
        at = self.later(1)
        if rewrites:
            first = Submission(submission_id=history[0].submission_id)
            first = advance(first, history[0])
            note = {"text": "another history"}
            other = plain_event(first, EventType.PROGRESS, at=at, label=note)
            self.read(name, (other,), head=(other,), held=step.told)
        else:
            self.read(name, history[:1], head=history[:1], held=step.told)
        step.halted_at = at
        self.settle()

    @precondition(lambda self: any(one.told for one in self.paper.steps.values()))
    @rule(number=NUMBERS, is_contract=st.booleans())
    def answer_badly(self, number: int, *, is_contract: bool) -> None:
        """A read fails: nothing of such an answer counts."""
        self.live.give(
            ReportDidFail(
                at=self.later(1),
                sub_case_id=self.name_of(number),
                problem="contract",
                is_contract=is_contract,
            )
        )
        self.settle()

    @rule(effect=st.sampled_from(["none", "unknown"]), pick=NUMBERS)
    def lose_a_message(self, effect: Literal["none", "unknown"], pick: int) -> None:
        """A send ends without an answer; it is sent again, or read first, and counts once."""
        due = [
            one for one in outstanding(self.live.case, self.calendar) if isinstance(one, Deliver)
        ]
        if not due:
            return
        command = due[pick % len(due)]
        self.live.give(
            DeliveryDidFail(
                at=self.later(1),
                sub_case_id=command.sub_case_id,
                message_id=command.message_id,
                effect=effect,
                problem="lost",
            )
        )
        self.settle()

    @precondition(lambda self: any(one.state == "filing" for one in self.paper.steps.values()))
    @rule(number=NUMBERS)
    def never_heard_of_it(self, number: int) -> None:
        """A read finds nothing: what was sent did not arrive."""
        name = self.name_of(number)
        identifier = self.submission_of(name)
        if identifier is None or self.history_of(name):
            return
        self.live.give(
            NotFoundThere(at=self.later(1), sub_case_id=name, submission_id=identifier, held=0)
        )
        if self.paper.steps[name].halted_at is None:
            self.paper.steps[name].find_nothing()
        self.settle()
