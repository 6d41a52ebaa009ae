"""Trying the statements: side by side where they do not disturb one another, the others after.

Theory of operation. Trials share nothing but the adapter: each has ids of its own. Those that wait
long begin first; those that use up what others need come alone, after them; those that kill the
adapter come last. What a trial finds is one of three: the statement holds, it is broken, or it
cannot be told with what the kit was given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oneservice.conformance import (  # noqa: F401 - they register their statements
    changes,
    decisions,
    discovery,
    documents,
    events,
    filing,
    papers,
    security,
    troubles,
    upkeep,
)
from oneservice.conformance.bench import Bench
from oneservice.conformance.breaking import BrokenError, NotApplicableError
from oneservice.conformance.statements import Need, Phase, Statement, all_statements
from oneservice.conformance.trial import Trial
from oneservice.conformance.verdicts import Result, Verdict
from oneservice.errors import EnvironmentalError

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.target import Target

__all__ = ["Report", "conform", "statements_of"]

_SIDE_BY_SIDE: Final = 6
_SHOWN_WHERE_IT_HOLDS: Final = 1
_SHOWN_WHERE_IT_BREAKS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of an adapter after a run; ``results`` by number."""

    url: str
    department: str
    step_id: str
    run: str
    results: tuple[Result, ...]
    seconds: float

    def of(self, verdict: Verdict) -> tuple[Result, ...]:
        """Return the results with this verdict."""
        return tuple(one for one in self.results if one.verdict is verdict)

    @property
    def is_conforming(self) -> bool:
        """Whether nothing is broken."""
        return not self.of(Verdict.FAIL)


def statements_of(only: Iterable[str] = ()) -> tuple[Statement, ...]:
    """Return the D statements, all or those named.

    Raises:
        EnvironmentalError: a name is none of them.
    """
    known = {one.number: one for one in all_statements()}
    wanted = tuple(only)
    strange = [one for one in wanted if one not in known]
    if strange:
        msg = f"{', '.join(strange)}: no D statement; they are {', '.join(known)}"
        raise EnvironmentalError(msg)
    return tuple(one for one in known.values() if not wanted or one.number in wanted)


async def conform(
    target: Target,
    *,
    only: Iterable[str] = (),
    on_result: Callable[[Result], None] | None = None,
) -> Report:
    """Try every D statement of the protocol against a live adapter.

    Args:
        target: the adapter, and what the kit may use.
        only: numbers of statements; all by default.
        on_result: is told each result as soon as it is known, in no order.

    Returns:
        The report, its results by number.

    Raises:
        EnvironmentalError: the adapter cannot be reached, or has nothing that could be tried.
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    chosen = statements_of(only)
    bench = await _begun(target)
    results = []
    for phase in Phase:
        several = _SIDE_BY_SIDE if phase is Phase.TOGETHER else 1
        results += await _phase(
            bench, [one for one in chosen if one.phase is phase], several, on_result
        )
    department = bench.capabilities.get("department")
    name = department.get("id") if isinstance(department, dict) else None
    return Report(
        url=bench.line.base_url,
        department=str(name or "-"),
        step_id=bench.step_id,
        run=bench.run,
        results=tuple(sorted(results, key=lambda one: one.statement.number)),
        seconds=loop.time() - began_s,
    )


async def _begun(target: Target) -> Bench:
    """Ask the adapter what it serves, and choose the step that is filed."""
    bench = Bench(target)
    found = await Trial(bench, "P-00").get("/capabilities")
    if found.status != 200:  # noqa: PLR2004 - fine
        problem = f" {found.code}" if found.code else ""
        msg = (
            f"GET {bench.line.base_url}/capabilities: {found.failure or found.status}{problem}; "
            "start the adapter, or mend its address or the caller's key"
        )
        raise EnvironmentalError(msg)
    try:
        bench.learn(found.document)
    except BrokenError as error:
        raise EnvironmentalError(f"{error}; is this the base address?") from None
    return bench


async def _phase(
    bench: Bench,
    chosen: list[Statement],
    several: int,
    on_result: Callable[[Result], None] | None,
) -> list[Result]:
    gate = asyncio.Semaphore(several)

    async def one(statement: Statement) -> Result:
        if statement.order == 0:  # they wait more than they work
            result = await _tried(bench, statement)
        else:
            async with gate:
                result = await _tried(bench, statement)
        if on_result is not None:
            on_result(result)
        return result

    ordered = sorted(chosen, key=lambda one: (one.order, one.number))
    return await asyncio.gather(*(one(statement) for statement in ordered))


async def _tried(bench: Bench, statement: Statement) -> Result:
    trial = Trial(bench, statement.number)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    verdict, why, shown = Verdict.PASS, "", None
    try:
        _refuse_needy(bench, statement)
        await statement.attempt(trial)
    except BrokenError as error:
        verdict, why, shown = Verdict.FAIL, str(error), error.exchange
    except (NotApplicableError, EnvironmentalError) as error:
        verdict, why = Verdict.NOT_APPLICABLE, str(error)
    except (LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        # The documents that come back may have any shape, in every place that a trial looks at.
        verdict = Verdict.FAIL
        why = f"the last answer has not the shape of the protocol ({type(error).__name__}: {error})"
    most = _SHOWN_WHERE_IT_HOLDS if verdict is Verdict.PASS else _SHOWN_WHERE_IT_BREAKS
    last = trial.exchanges[-most:] if shown is None else _until(trial, shown, most)
    return Result(
        statement=statement,
        verdict=verdict,
        why=why,
        exchanges=tuple(last),
        seconds=loop.time() - began_s,
    )


def _until(trial: Trial, shown: Exchange, most: int) -> list[Exchange]:
    """Return the exchanges that end with the one that shows it."""
    places = [place for place, one in enumerate(trial.exchanges, start=1) if one is shown]
    if not places:
        return [shown]
    return trial.exchanges[max(0, places[-1] - most) : places[-1]]


def _refuse_needy(bench: Bench, statement: Statement) -> None:
    target = bench.target
    has = {
        Need.SIGNATURE: target.caller.key is not None,
        Need.OTHER_CALLER: target.other is not None,
        Need.TEST_STEP: bench.has_test_step,
        Need.HOOK: target.hook is not None,
        Need.CALLBACK: bool(target.callbacks),
        Need.LOG: target.log is not None,
        Need.ROTATION: target.next_key is not None or target.withdrawn_key is not None,
    }
    for need in statement.needs:
        if not has[need]:
            raise NotApplicableError(need.value)
