"""Histories of a province under every fault: all that has an effect in law follows by the rules."""

from __future__ import annotations

from collections import Counter

from oneservice.case import Recorded, read_record
from oneservice.relying import Replayed, replay_records
from oneservice.simulation import Settings
from oneservice.simulation.loop import SimulatedLoop, run
from oneservice.simulation.world import World

_BY_MESSAGES = {
    "delivery_reset",
    "head_seen",
    "incident_raised",
    "report_refused",
    "sub_case_halted",
}
"""What rests on answers that were no protocol's: no journal keeps those."""


def _read(case_id: str, lines: list[bytes]) -> list[Recorded]:
    found: list[Recorded] = []
    for seq, line in enumerate(lines, 1):
        prev = found[-1].digest if found else None
        found.append(read_record(line, case_id=case_id, seq=seq, prev=prev))
    return found


def test_the_rules_lead_to_every_history_of_a_faulty_province() -> None:
    async def main(loop: SimulatedLoop) -> World:
        world = World(Settings(cases=80, seed=11, days=20), loop)
        await world.live()
        return world

    world = run(main)
    assert world.violation is None
    results: Counter[str] = Counter()
    for case_id, row in world.tables.rows.items():
        if row.erasure is not None:
            continue
        told = replay_records(
            case_id,
            _read(case_id, row.lines),
            plans={world.offer.plan.digest: world.offer.plan},
            calendar=world.calendar,
        )
        assert told.stopped_at is None
        assert not told.of(Replayed.NOT_BY_THE_RULES), [
            (one.seq, one.event.kind) for one in told.of(Replayed.NOT_BY_THE_RULES)
        ]
        assert {one.event.kind for one in told.of(Replayed.TAKEN)} <= _BY_MESSAGES
        assert {one.event.kind for one in told.of(Replayed.PLAN_MISSING)} <= {"migrated"}
        results.update(str(one.result) for one in told.records)
    assert results["decided"] > 1_500
    assert results["taken"] < 0.05 * results["decided"]
