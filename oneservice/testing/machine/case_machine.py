"""The machine: whatever departments, people and time do, the core and the paper agree."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from oneservice.case import BundleSigned, SubmissionState, TimePassed, Wake, outstanding
from oneservice.testing.machine.comparing import disagreements
from oneservice.testing.machine.department_rules import DepartmentRules
from oneservice.testing.machine.live import SHA
from oneservice.testing.machine.people_rules import PeopleRules
from oneservice.testing.machine.sharing_rules import SharingRules

__all__ = ["CaseMachine"]

_MILLISECOND: Final = timedelta(milliseconds=1)


class CaseMachine(DepartmentRules, PeopleRules, SharingRules):
    """Every history of a case, compared with the naive model after every rule.

    Subclass it for your own catalog: ``steps`` from ``oneservice.case.step_specs(plan)``,
    ``calendar`` with your region's days, ``abroad`` with the departments that are other regions'
    engines (without any, no rule about borders runs), and add rules of your own. ``TestCase`` of
    the subclass is what pytest runs.
    """

    @rule(days=st.integers(0, 40))
    def wait(self, days: int) -> None:
        """Days pass, and the case is woken: exactly what has ended is recorded."""
        self.wake(self.now + timedelta(days=days))

    @rule(is_just_before=st.booleans())
    def wait_to_the_edge(self, *, is_just_before: bool) -> None:
        """The next clock of the file ends: at the instant it is late, a millisecond before not."""
        edge = self.paper.next_due(self.live.hearing)
        if edge is not None:
            self.wake(edge - _MILLISECOND if is_just_before else edge)

    wait_to_the_next_edge = rule(is_just_before=st.just(False))(
        lambda self, **given: self.wait_to_the_edge(**given)
    )

    def wake(self, at: datetime) -> None:
        """Tell the case and the clerk that it is ``at``, or now if that has passed."""
        hearing = self.live.hearing
        self.now = at = max(self.now, at.astimezone(UTC))
        self.live.give(TimePassed(at=at))
        late = [
            one
            for one in outstanding(self.live.case, self.calendar)
            if isinstance(one, Wake) and one.not_before <= at
        ]
        assert not late, "what has passed wakes again"
        self.paper.pass_time(at, hearing)
        self.settle()

    @precondition(lambda self: self.paper.is_ready_to_seal)
    @rule()
    def seal(self) -> None:
        """The engine's seal hands out all results."""
        self.live.give(
            BundleSigned(
                at=self.later(1), certificate_id="urn:b", certificate=SHA, over_seq=1, over_head=SHA
            )
        )
        self.paper.seal()
        self.settle()

    @invariant()
    def core_and_paper_agree(self) -> None:
        """The whole point."""
        if hasattr(self, "live"):
            found = disagreements(self.live.case, self.paper)
            assert not found, "; ".join(found)

    @invariant()
    def replay_is_the_same(self) -> None:
        """The journal is all there is."""
        if hasattr(self, "live"):
            self.live.check_replay()

    @invariant()
    def only_the_truth_is_held(self) -> None:
        """What is held is a beginning of what was really signed."""
        for name in getattr(self, "names", ()):
            held = self.live.case.sub_cases[name].digests
            assert held == tuple(one.digest for one in self.history_of(name)[: len(held)])

    @invariant()
    def refusals_are_the_departments_own(self) -> None:
        """Nobody is refused by us: not by silence, not by a failure, not by a lie."""
        against = (SubmissionState.REFUSED, SubmissionState.NOT_ACCEPTED)
        for name in getattr(self, "names", ()):
            sub = self.live.case.sub_cases[name]
            if str(sub.status) in against:
                assert sub.submission is not None
                assert sub.submission.state in against

    def teardown(self) -> None:
        """Read the journal's bytes back."""
        if hasattr(self, "live"):
            self.live.check_journal()
