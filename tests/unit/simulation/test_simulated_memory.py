"""What is folded again after a crash: handed over only where the bytes are those that were read."""

from __future__ import annotations

import pytest

from oneservice.case import fold_records
from oneservice.simulation import FaultKind, Settings, run_world
from oneservice.simulation.audit import Auditor
from oneservice.simulation.chance import Chance
from oneservice.simulation.loop import SimulatedLoop, run
from oneservice.simulation.remembering import remembering
from oneservice.simulation.world import World

ALONE = Settings(cases=3, seed=11, kinds=frozenset(), days=1)


def lived(settings: Settings) -> World:
    async def main(loop: SimulatedLoop) -> World:
        world = World(settings, loop)
        await world.live()
        return world

    return run(main)


def auditor_and_case() -> tuple[Auditor, str, tuple[bytes, ...]]:
    world = lived(ALONE)
    assert world.violation is None
    (case_id, _, _), *_ = world.auditor.heads()
    return world.auditor, case_id, tuple(world.auditor.lines(case_id))


def test_the_same_bytes_are_the_same_case() -> None:
    auditor, case_id, lines = auditor_and_case()
    assert auditor.folded(case_id, lines) == fold_records(case_id, lines)
    copies = tuple(bytes(bytearray(line)) for line in lines)
    assert auditor.folded(case_id, copies) == fold_records(case_id, lines)


def test_other_bytes_are_folded_by_nobody_but_the_engine() -> None:
    auditor, case_id, lines = auditor_and_case()
    assert auditor.folded(case_id, lines[:-1]) is None
    assert auditor.folded(case_id, (*lines[:-1], lines[-1] + b" ")) is None
    assert auditor.folded("c0", lines) is None


def test_some_histories_are_folded_from_their_bytes_all_the_same() -> None:
    asked: list[str] = []

    class Reader:
        def folded(self, case_id: str, lines: tuple[bytes, ...]) -> None:
            assert lines
            asked.append(case_id)

    _, case_id, lines = auditor_and_case()
    whole = fold_records(case_id, lines)
    fold = remembering(Reader(), Chance(1, "folds"))
    for end in range(1, len(lines) + 1):
        fold(case_id, lines[:end])
    assert fold(case_id, lines) == whole
    assert 0 < len(asked) < len(lines) + 1


def test_what_is_handed_over_changes_no_byte_of_any_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same world, with every case folded from its bytes after each crash."""
    kinds = frozenset({FaultKind.CRASH, FaultKind.TORN_WRITE, FaultKind.LOST_WRITE})
    settings = Settings(cases=25, seed=5, kinds=kinds, scale=5)
    usual = run_world(settings)
    assert usual.counts["crashes"] > 5
    monkeypatch.setattr(Auditor, "folded", lambda *_: None)
    assert run_world(settings).digest == usual.digest
