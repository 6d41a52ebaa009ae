"""Every history of a case against the model on paper; the profile ``soak`` varies the seeds."""

from __future__ import annotations

from hypothesis import settings

from oneservice.testing import CaseMachine


class BorderMachine(CaseMachine):
    """The same, where one of the two departments is another region's engine."""

    abroad = ("two", "three")


TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(
    max_examples=max(200, settings.default.max_examples), stateful_step_count=40, deadline=None
)
TestBorderMachine = BorderMachine.TestCase
TestBorderMachine.settings = TestCaseMachine.settings
