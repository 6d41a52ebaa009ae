"""What the machine knows of borders finds bugs: rules are broken, and a short history meets each.

By chance such a history is long in coming (a correction, a narrower consent, an answer); here the
machine's own rules are called in the order that meets the bug, and the paper disagrees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from oneservice.case import EventType, Submission, advance, deliveries, operating, people
from oneservice.testing import CaseMachine
from oneservice.testing.machine import SAMPLE_STEPS
from oneservice.testing.strategies import plain_event

TWO = 0
THREE = 1
MORE, LESS = ("name", "phone"), ("name",)
Break = Callable[[pytest.MonkeyPatch], None]
History = Callable[["Border"], None]


class Border(CaseMachine):
    """One step of an office elsewhere; what is done is compared with the paper at once."""

    steps = tuple(one for one in SAMPLE_STEPS if one.id == "second")
    abroad = ("two", "three")

    def told(self, *kinds: EventType) -> None:
        submission = Submission(submission_id=self.submission_of("second") or "")
        for kind in kinds:
            event = plain_event(submission, kind, at=self.later(1))
            submission = advance(submission, event)
            self.history_of("second").append(event)
        self.tell(0, 0, len(kinds), is_fresh=True)

    def corrected(self) -> None:
        self.told(EventType.RECEIVED, EventType.CORRECTION_REQUESTED)

    def let_go(self) -> None:
        """What was filed turns out never to have arrived: nobody has the step."""
        self.never_heard_of_it(0)
        self.core_and_paper_agree()
        assert self.paper.steps["second"].state == "waiting"


def comes_home(machine: Border) -> None:
    machine.share_nothing(TWO)
    machine.let_go()
    machine.give_to_another(TWO, goes_home=True)
    machine.core_and_paper_agree()
    assert machine.paper.steps["second"].state == "filing"


def goes_on_to_another_region(machine: Border) -> None:
    machine.share_nothing(TWO)
    machine.let_go()
    machine.give_to_another(THREE, goes_home=False)
    machine.core_and_paper_agree()
    assert machine.paper.steps["second"].state == "waiting"
    machine.share(THREE, LESS)
    machine.core_and_paper_agree()
    assert machine.paper.steps["second"].state == "filing"


def is_answered_with_less(machine: Border) -> None:
    machine.share(TWO, MORE)
    machine.corrected()
    machine.share(TWO, LESS)
    machine.answer_with(TWO, MORE)
    machine.answer_with(TWO, LESS)
    machine.core_and_paper_agree()


def is_answered_with_what_the_partner_leaves(machine: Border) -> None:
    machine.share(TWO, MORE)
    machine.partner_agrees(LESS)
    machine.corrected()
    machine.answer_with(TWO, MORE)
    machine.core_and_paper_agree()


def is_answered_in_a_quarrel(machine: Border) -> None:
    machine.share(TWO, MORE)
    machine.partner_agrees(None)
    machine.corrected()
    machine.partner_quarrels()
    machine.answer_with(TWO, LESS)
    machine.core_and_paper_agree()


def a_no_follows_a_step_home(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people.Consent, "binds", lambda one, name, _: one.covers(name))


def nobody_is_asked_on_the_way(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(operating, "await_consents", lambda *_: None)


def an_answer_tells_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deliveries, "_refuse_unshared", lambda *_: None)


def only_the_own_word_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people.Consent, "is_of_everybody", property(lambda _: False))


def one_word_is_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people.People, "keeping_back", people.People.unshared)


MET: list[tuple[Break, History]] = [
    (a_no_follows_a_step_home, comes_home),
    (nobody_is_asked_on_the_way, goes_on_to_another_region),
    (an_answer_tells_all, is_answered_with_less),
    (only_the_own_word_counts, is_answered_with_what_the_partner_leaves),
    (one_word_is_enough, is_answered_in_a_quarrel),
]


def opened() -> Border:
    machine: Any = Border()
    machine.open()
    return machine  # type: ignore[no-any-return]


@pytest.mark.parametrize("history", [history for _, history in MET])
def test_the_core_keeps_the_border(history: History) -> None:
    machine = opened()
    history(machine)
    machine.teardown()


@pytest.mark.parametrize(("broken", "history"), MET)
def test_each_broken_rule_is_met(
    monkeypatch: pytest.MonkeyPatch, broken: Break, history: History
) -> None:
    broken(monkeypatch)
    with pytest.raises(AssertionError):
        history(opened())
