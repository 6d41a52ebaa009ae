"""The E statements as tests: subclass :class:`EngineKit`, and each statement is a test of yours."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from oneservice.conformance import Verdict, exchange_text
from oneservice.testing.engines.judging import engine_statements, judge_engine_statement

if TYPE_CHECKING:
    from oneservice.conformance import Result
    from oneservice.testing.engines.subject import EngineUnderTest

__all__ = ["EngineKit", "result_text"]


def result_text(result: Result) -> str:
    """Return a result for people: why, the clause, the cure, and the exchanges that show it."""
    statement = result.statement
    told = [
        f"{statement.number} {statement.title}",
        result.why,
        f"Protocol, section {statement.clause}. {statement.cure}",
        *(exchange_text(one) for one in result.exchanges),
    ]
    return "\n\n".join(one for one in told if one)


class EngineKit:
    """Every statement of the protocol that binds an engine; give :meth:`subject`.

    A statement that cannot be told of the engine is skipped, with its reason.
    """

    def subject(self) -> EngineUnderTest:
        """Return the engine."""
        raise NotImplementedError

    @pytest.mark.parametrize("number", [one.number for one in engine_statements()])
    def test_statement(self, number: str, tmp_path: Path) -> None:
        """The engine keeps the statement."""
        statement = engine_statements((number,))[0]
        result = asyncio.run(judge_engine_statement(self.subject(), statement, tmp_path))
        if result.verdict is Verdict.NOT_APPLICABLE:
            pytest.skip(result.why)
        if result.verdict is Verdict.FAIL:
            pytest.fail(result_text(result), pytrace=False)
