"""Simulated cases under all faults, against one reading of the journals that they leave behind.

The floor is what nobody can leave out who looks at histories at all: to prove and fold each record
once. The rest is the engine that wrote them, the faults, the offices, and the auditor, who reads
every record once himself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.measuring import Pair
from oneservice.case import fold_records
from oneservice.simulation import Manner, Province, districts
from oneservice.simulation.loop import SimulatedLoop, run
from oneservice.simulation.world import World

__all__ = ["measure"]

_CASES: Final = 200
_DAYS: Final = {Manner.PROMPT: 2, Manner.TYPICAL: 20}
"""Prompt offices serve crowds, so that commits hold many cases; usual ones see some each day."""
_AIM_PER_SECOND: Final = 1000


def measure() -> Iterator[Pair]:
    """Yield faulted 8-step cases at offices that grant at once, and at such as take their time."""
    for manner in (Manner.PROMPT, Manner.TYPICAL):
        yield _measured(manner)


def _measured(manner: Manner) -> Pair:
    province = Province(
        cases=_CASES, seed=1, manner=manner, days=_DAYS[manner], district_cases=_CASES
    )
    settings = next(districts(province))

    async def main(loop: SimulatedLoop) -> World:
        world = World(settings, loop)
        await world.live()
        return world

    logging.disable(logging.WARNING)  # of faults, of which there are enough
    started_ns = time.process_time_ns()
    world = run(main)
    ours_us = (time.process_time_ns() - started_ns) / 1000 / _CASES
    logging.disable(logging.NOTSET)
    assert world.violation is None, world.violation
    started_ns = time.process_time_ns()
    for name, row in world.tables.rows.items():
        if row.erasure is None:  # an erased case has nothing left to fold
            fold_records(name, row.lines)
    floor_us = (time.process_time_ns() - started_ns) / 1000 / _CASES
    records = world.auditor.checks["journal-verifies"]
    is_met = ours_us < 1e6 / _AIM_PER_SECOND
    return Pair(
        name=f"faulted 8-step cases, {manner} offices",
        ours_us=ours_us,
        floor_us=floor_us,
        floor="proving and folding their journals once",
        facts={
            "cases": _CASES,
            "records_per_case": round(records / _CASES, 1),
            "commits": world.commits,
            "exchanges": world.exchanges,
            "crashes": world.crashes,
            "faults": len(world.plan.injected),
            "aim_per_second": _AIM_PER_SECOND,
            "is_aim_met": is_met,
        },
    )
