"""Every history of a case against the model on paper; the profile ``soak`` varies the seeds."""

from __future__ import annotations

from hypothesis import settings

from oneservice.testing import CaseMachine

TestCaseMachine = CaseMachine.TestCase
TestCaseMachine.settings = settings(
    max_examples=max(200, settings.default.max_examples), stateful_step_count=40, deadline=None
)
