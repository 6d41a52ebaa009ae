"""The sweep itself: a story is told without a fault, then once for every point, and compared.

What may differ, and why: a restart reads the departments' feeds at once, where the life before it
would have waited for their turn. So it may *hear* of a correction some hours earlier, the answer to
it goes out earlier, and the dates, certificates and digests that follow from it move with it.
Everything else must be the same: states, ids, messages, the events of each step in their order.
"""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import parse_object
from oneservice.case import Bundle, Case, fold_records
from oneservice.certificates import Verdict, examine_bundle, verify_chain
from oneservice.engine import Engine
from oneservice.errors import JournalConflictError, JournalFullError
from oneservice.sandbox import SimulatedCrash
from oneservice.testing.crashes.torn import Files
from oneservice.testing.crashes.watch import Fault, Point, Watch
from oneservice.testing.crashes.worlds import SandboxWorld, World

__all__ = ["End", "Story", "Sweep", "comparable", "crash_sweep"]

Story = Callable[[Engine], Awaitable[Case]]
"""Carries a case from its opening to where it ends.

It is told again from its beginning after each fault, so it submits under a ``key`` and looks at the
case before it acts on it, as every client should.
"""
MakeWorld = Callable[[Path], World]

_TELLINGS: Final = 4
"""How often a story is told in one life: a full disk breaks it off once."""
_RECORD_BYTES: Final = 16_777_216


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a story ended: the case, its journal, and the effects outside."""

    case: Case
    journal: tuple[bytes, ...]
    effects: Mapping[str, int]
    lives: int

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What departments told, as (sub-case id, event type): of each step in its order."""
        records = [parse_object(line, max_bytes=_RECORD_BYTES) for line in self.journal]
        reports = [one["data"] for one in records if one["kind"] == "department_reported"]
        told = [
            (report["sub_case_id"], event["type"])
            for report in reports
            for event in report["events"]
        ]
        return tuple(sorted(told, key=lambda one: one[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What was swept: ``clean`` is how the story ends, ``points`` where a fault happened."""

    clean: End
    points: tuple[Point, ...]


def crash_sweep(
    story: Story,
    folder: Path,
    *,
    world: MakeWorld = SandboxWorld,
    faults: Collection[Fault] = tuple(Fault),
    every: int = 1,
    same: Callable[[Case], object] | None = None,
) -> Sweep:
    """Tell ``story`` once, then once for each point with a fault there; every end must be the same.

    Each time the case must end in the same state, every effect outside must have taken place once,
    each step must have been told the same events in the same order, the journal must verify and
    fold to the case, and the bundle, if there is one, must be valid.

    Args:
        story: what happens.
        folder: an empty one (pytest's ``tmp_path``); each world gets a folder of its own in it.
        world: what makes a world in a folder; simulated departments and SQLite by default.
        faults: which faults to try at each point.
        every: only every n-th point; 1 for all.
        same: what of a case must be equal; :func:`comparable` by default.

    Raises:
        AssertionError: some end differs, or a point was not met again; the text names it.
    """
    same = same or comparable
    clean, watch = _live(folder / "clean", story, None, world)
    points = [one for one in watch.points if one.fault in faults][::every]
    for number, point in enumerate(points, 1):
        end, met = _live(folder / f"{number}", story, point, world)
        _check(clean, end, point, is_met=met.is_met, same=same)
    return Sweep(clean=clean, points=tuple(points))


def _live(folder: Path, story: Story, point: Point | None, make: MakeWorld) -> tuple[End, Watch]:
    """Tell ``story`` through one fault at most, on the same files and the same clock."""
    folder.mkdir(parents=True)
    world = make(folder)
    files = Files(world.store_path)
    watch = Watch(point, files=files)
    lives = 1
    try:
        try:
            case, journal = asyncio.run(_life(world, story, watch, point))
        except SimulatedCrash:
            files.leave()
            lives = 2
            case, journal = asyncio.run(_life(world, story, Watch(files=files), point))
        end = End(case=case, journal=journal, effects=dict(world.effects()), lives=lives)
    finally:
        world.close()
    return end, watch


async def _one_life(world: World, story: Story, watch: Watch) -> tuple[Case, tuple[bytes, ...]]:
    async with world.engine(watch) as engine:
        case = await _told(engine, story, watch)
        if case.bundle is not None and engine.trust is not None:
            bundle = await engine.bundle(case.id)
            report = examine_bundle(bundle.dump(), trust=engine.trust, at=engine.now())
            assert report.verdict is Verdict.VALID, report
        return case, await engine.journal(case.id)


async def _life(
    world: World, story: Story, watch: Watch, point: Point | None
) -> tuple[Case, tuple[bytes, ...]]:
    """Live, and say what to look for where the story, told again, opens its case a second time."""
    try:
        return await _one_life(world, story, watch)
    except JournalConflictError as error:
        if point is None:
            raise
        msg = f"told again after {point}: {error}; does the story submit under a key?"
        raise AssertionError(msg) from error


async def _told(engine: Engine, story: Story, watch: Watch) -> Case:
    for _ in range(_TELLINGS):
        watch.ids.begin()
        try:
            return await story(engine)
        except JournalFullError:
            if not watch.make_space():
                raise
    msg = "the story was broken off again and again, although there was space"
    raise AssertionError(msg)


def _check(
    clean: End, end: End, point: Point, *, is_met: bool, same: Callable[[Case], object]
) -> None:
    assert is_met, f"{point} was not met again: what happens hangs on something else"
    differ = list(_differences(same(clean.case), same(end.case)))
    assert not differ, f"another end after {point}: {'; '.join(differ[:5])}"
    assert set(end.effects.values()) <= {1}, f"an effect took place twice after {point}"
    assert end.effects == clean.effects, f"other effects after {point}"
    assert end.told == clean.told, f"other events after {point}"
    records = [parse_object(line, max_bytes=_RECORD_BYTES) for line in end.journal]
    verify_chain(records)
    assert fold_records(end.case.id, end.journal)[0] == end.case, f"another fold after {point}"


def _differences(wanted: Any, found: Any, place: str = "case") -> Iterator[str]:
    """Tell where two ends differ: the whole of either would fill a screen."""
    if wanted == found:
        return
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in {**wanted, **found}:
            yield from _differences(wanted.get(key), found.get(key), f"{place}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    else:
        yield f"{place} is {str(found)[:80]}, not {str(wanted)[:80]}"


_MOVES: Final = re.compile(r"\d{4}-\d\d-\d\d(T.*)?|sha256:[0-9a-f]{64}|urn:.*")
"""Texts that move when something is heard of at another hour."""


def comparable(case: Case) -> object:
    """Return everything of ``case`` that no instant, no day and no digest is part of."""
    return _comparable(case)


_COUNTS: Final = frozenset({(Case, "seq"), (Bundle, "over_seq")})
"""Numbers of records: how many there are hangs on what a commit took together."""


def _comparable(value: Any) -> Any:
    if isinstance(value, date):  # datetimes too
        return "moves"
    if isinstance(value, str):
        return "moves" if _MOVES.fullmatch(value) else value
    if is_dataclass(value):
        return {
            one.name: _comparable(getattr(value, one.name))
            for one in fields(value)
            if (type(value), one.name) not in _COUNTS
        }
    if isinstance(value, Mapping):
        return {key: _comparable(one) for key, one in value.items() if key != "certificate"}
    if isinstance(value, (Sequence, frozenset, set)):
        return [_comparable(one) for one in value]
    return value
