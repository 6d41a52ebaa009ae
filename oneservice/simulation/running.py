"""Running a province: many worlds, each from a seed of its own, and the sum of what they showed."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from typing import Any, Final

from oneservice.simulation.audit import Violation
from oneservice.simulation.chance import Chance
from oneservice.simulation.faults import FaultKind
from oneservice.simulation.loop import SimulatedLoop, run
from oneservice.simulation.regions_wire import WireLoop
from oneservice.simulation.regions_world import RegionsWorld
from oneservice.simulation.settings import Manner, Settings
from oneservice.simulation.world import World

__all__ = ["Province", "ProvinceReport", "WorldReport", "districts", "run_world", "simulate"]

_SEED_BITS: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """What to simulate.

    Attributes:
        cases: applicants in all.
        seed: whence everything follows.
        kinds: which faults may happen.
        days: over how many virtual days people come and faults begin, in each district.
        manner: how offices work.
        scale: how much more often than usual each fault happens.
        district_cases: applicants of one district; each district is a world of its own.
        jobs: processes; the result does not hang on their number.
        regions: how many regions each world has; with several, a district is their common world.
    """

    cases: int
    seed: int
    kinds: frozenset[FaultKind] = frozenset(FaultKind)
    days: int = 20
    manner: Manner = Manner.TYPICAL
    scale: int = 1
    district_cases: int = 250
    jobs: int = 1
    regions: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldReport:
    """What one world showed.

    Attributes:
        settings: with which it can be lived again.
        ends: how many cases ended in which way; of several regions also how many did not, and why,
            so that all who came are in it.
        faults: how many of each kind were injected.
        fault_ids: each of them, by which a smaller run names it.
        counts: retries, incidents, halts, resumes, crashes, dispatches, exchanges and so on.
        checks: how often each invariant was looked at.
        virtual_days: from the first visit to the last end.
        digest: of the heads of all journals: equal digests, equal histories.
        violation: the invariant that did not hold; ``None``: all did.
    """

    settings: Settings
    ends: Mapping[str, int]
    faults: Mapping[str, int]
    fault_ids: tuple[str, ...]
    counts: Mapping[str, int]
    checks: Mapping[str, int]
    virtual_days: int
    digest: str
    violation: Violation | None


@dataclass(slots=True, kw_only=True)
class ProvinceReport:
    """The sum over worlds. ``failed`` is the first world in which an invariant did not hold."""

    cases: int = 0
    worlds: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    virtual_days: int = 0
    failed: WorldReport | None = None
    _digest: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """The digest over all journals of all worlds, in their order."""
        return f"sha256:{self._digest.hexdigest()}"

    def add(self, world: WorldReport) -> None:
        """Take one more world."""
        visits = world.settings.visits
        self.cases += world.settings.cases if visits is None else len(visits)
        self.worlds += 1
        self.ends.update(world.ends)
        self.faults.update(world.faults)
        self.counts.update(world.counts)
        self.checks.update(world.checks)
        self.virtual_days += world.virtual_days
        self._digest.update(world.digest.encode())
        if world.violation is not None and self.failed is None:
            self.failed = world

    def as_json(self) -> dict[str, Any]:
        """Return the report as stable JSON: the same run gives the same bytes."""
        return {
            "cases": self.cases,
            "worlds": self.worlds,
            "virtual_days": self.virtual_days,
            "ends": dict(sorted(self.ends.items())),
            "faults": dict(sorted(self.faults.items())),
            "counts": dict(sorted(self.counts.items())),
            "checks": dict(sorted(self.checks.items())),
            "digest": self.digest,
        }


def districts(province: Province) -> Iterator[Settings]:
    """Yield the settings of each world of ``province``."""
    chance = Chance(province.seed, "province")
    left, number = province.cases, 0
    while left > 0:
        number += 1
        cases = min(left, province.district_cases)
        left -= cases
        yield Settings(
            cases=cases,
            seed=chance.number(f"district {number}") & _SEED_BITS,
            kinds=province.kinds,
            days=province.days,
            manner=province.manner,
            scale=province.scale,
            regions=province.regions,
        )


def simulate(province: Province) -> Iterator[WorldReport]:
    """Live through all worlds of ``province`` and yield what each showed, in order.

    Stops behind the first world in which an invariant did not hold.
    """
    for report in _reports(province):
        yield report
        if report.violation is not None:
            return


def _reports(province: Province) -> Iterator[WorldReport]:
    worlds = list(districts(province))
    if province.jobs == 1 or len(worlds) == 1:
        yield from map(run_world, worlds)
        return
    # Spawned, not forked: a world must not see what another one left in memory.
    with ProcessPoolExecutor(province.jobs, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(run_world, worlds)
        finally:
            pool.shutdown(cancel_futures=True)


def run_world(settings: Settings) -> WorldReport:
    """Live through one world and say what it showed; a defect of ours is a violation, too."""
    if settings.regions > 1:
        return _run_regions(settings)

    async def main(loop: SimulatedLoop) -> WorldReport:
        world = World(settings, loop)
        try:
            await world.live()
        except Exception as error:  # noqa: BLE001 - whatever it is, the seed must be told
            world.violation = _defect(error)
        return _report(world)

    with _quiet():
        return run(main)


def _run_regions(settings: Settings) -> WorldReport:
    """Live through a world of several regions."""
    loop = WireLoop()

    async def main(_: SimulatedLoop) -> WorldReport:
        world = RegionsWorld(settings, loop)
        try:
            await world.live()
        except Exception as error:  # noqa: BLE001 - as above
            world.violation = _defect(error)
        return _report_of_regions(world)

    with _quiet():
        return run(main, loop)


def _report_of_regions(world: RegionsWorld) -> WorldReport:
    houses = world.houses.values()
    heads = [f"{one.region} {line}" for one in houses for line in one.auditor.heads()]
    return WorldReport(
        settings=world.settings,
        ends=world.ends(),
        faults=world.plan.by_kind(),
        fault_ids=tuple(one.id for one in world.plan.injected),
        counts=dict(world.counts()),
        checks=dict(world.checks()),
        virtual_days=(world.clock.now() - world.started_at) // timedelta(days=1),
        digest=f"sha256:{hashlib.sha256(''.join(heads).encode()).hexdigest()}",
        violation=world.violation,
    )


def _report(world: World) -> WorldReport:
    counts = world.auditor.counts | Counter(
        crashes=world.crashes,
        dispatches=world.dispatches,
        exchanges=world.exchanges,
        commits=world.commits,
        erased=sum(row.erasure is not None for row in world.tables.rows.values()),
        records=world.auditor.checks["journal-verifies"],
    )
    lines = "".join(f"{name} {seq} {head}\n" for name, seq, head in world.auditor.heads())
    return WorldReport(
        settings=world.settings,
        ends=Counter(world.people.ended.values()),
        faults=world.plan.by_kind(),
        fault_ids=tuple(one.id for one in world.plan.injected),
        counts=dict(counts),
        checks=dict(world.auditor.checks),
        virtual_days=(world.clock.now() - world.started_at) // timedelta(days=1),
        digest=f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}",
        violation=world.violation,
    )


def _defect(error: Exception) -> Violation:
    where: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        where.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    text = f"{type(error).__name__}: {error} at {' > '.join(where[-4:])}"
    return Violation(invariant="nothing-breaks", case_id="-", problem=text)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the engine's warnings to ourselves: here faults are the daily bread."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
