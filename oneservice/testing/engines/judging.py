"""Trying the statements, one after another, and the report of it."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oneservice.conformance import Report, Result, Statement, Verdict
from oneservice.errors import EnvironmentalError
from oneservice.testing.engines import (  # noqa: F401 - they register their statements
    filing,
    hints,
    histories,
    law,
    papers,
    security,
    trouble,
)
from oneservice.testing.engines.stage import EngineTrial
from oneservice.testing.engines.table import (
    StatementBrokenError,
    UntellableError,
    all_engine_statements,
)

if TYPE_CHECKING:
    from oneservice.testing.engines.subject import EngineUnderTest

__all__ = ["engine_statements", "judge_engine", "judge_engine_statement"]

_SHOWN_WHERE_IT_HOLDS: Final = 1
_SHOWN_WHERE_IT_BREAKS: Final = 3
_AT_LONGEST_S: Final = 180.0


def engine_statements(only: Iterable[str] = ()) -> tuple[Statement, ...]:
    """Return the E statements, all or those named.

    Raises:
        EnvironmentalError: a name is none of them.
    """
    known = {one.number: one for one in all_engine_statements()}
    wanted = tuple(only)
    strange = [one for one in wanted if one not in known]
    if strange:
        msg = f"{', '.join(strange)}: no E statement; they are {', '.join(known)}"
        raise EnvironmentalError(msg)
    return tuple(one for one in known.values() if not wanted or one.number in wanted)


async def judge_engine(
    subject: EngineUnderTest,
    *,
    only: Iterable[str] = (),
    folder: Path | None = None,
    on_result: Callable[[Result], None] | None = None,
) -> Report:
    """Try every E statement of the protocol against an engine, between faulty departments.

    Args:
        subject: the engine.
        only: numbers of statements; all by default.
        folder: an empty one for the engine's files; a temporary one by default.
        on_result: is told each result as soon as it is known.

    Returns:
        The report, its results by number; write it with :func:`oneservice.conformance.as_json`
        and its neighbours.

    Raises:
        EnvironmentalError: a number is none of a statement.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            return await judge_engine(subject, only=only, folder=Path(made), on_result=on_result)
    loop = asyncio.get_running_loop()
    began_s, results = loop.time(), []
    for statement in engine_statements(only):
        result = await judge_engine_statement(subject, statement, folder)
        results.append(result)
        if on_result is not None:
            on_result(result)
    step_id, department = next(iter(subject.steps.items()))
    return Report(
        url=f"engine:{subject.name}",
        department=department,
        step_id=step_id,
        run=secrets.token_hex(4),
        results=tuple(results),
        seconds=loop.time() - began_s,
    )


async def judge_engine_statement(
    subject: EngineUnderTest, statement: Statement, folder: Path
) -> Result:
    """Try one statement against an engine; see :func:`judge_engine`."""
    trial = EngineTrial(subject, folder, statement.number)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    verdict, why, shown = Verdict.PASS, "", None
    try:
        async with asyncio.timeout(_AT_LONGEST_S):
            await statement.attempt(trial)
    except StatementBrokenError as error:
        verdict, why, shown = Verdict.FAIL, str(error), error.asked
    except UntellableError as error:
        verdict, why = Verdict.NOT_APPLICABLE, str(error)
    except Exception as error:  # noqa: BLE001 - an engine that falls over under a fault has failed
        verdict, why = Verdict.FAIL, f"the engine fell over ({type(error).__name__}: {error})"
    most = _SHOWN_WHERE_IT_HOLDS if verdict is Verdict.PASS else _SHOWN_WHERE_IT_BREAKS
    asked = trial.asked
    if shown is not None:
        asked = [one for one in asked if one.number <= shown.number]
    return Result(
        statement=statement,
        verdict=verdict,
        why=why,
        exchanges=tuple(one.exchange for one in asked[-most:]),
        seconds=loop.time() - began_s,
    )
