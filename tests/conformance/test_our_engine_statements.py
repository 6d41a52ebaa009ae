"""Our own engine among departments that misbehave: every E statement of the protocol."""

from __future__ import annotations

from oneservice.testing import EngineKit, EngineUnderTest, OurEngine


class TestOurEngine(EngineKit):
    def subject(self) -> EngineUnderTest:
        return OurEngine()
