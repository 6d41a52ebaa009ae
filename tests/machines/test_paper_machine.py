"""Every history of a case against the model on paper; ``poe soak`` varies the seeds."""

from __future__ import annotations

from hypothesis import settings

from oneservice.testing import CaseMachine

TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None, derandomize=True
)
