"""A province under all faults: no case lost, no effect doubled, and one seed is one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from oneservice.cli.program import program
from oneservice.errors import IllegalInputError
from oneservice.simulation import (
    FaultKind,
    Manner,
    Province,
    ProvinceReport,
    Settings,
    districts,
    invariants,
    kinds_named,
    replay_text,
    replayed,
    run_world,
    simulate,
)
from oneservice.simulation.faults import BETWEEN_REGIONS
from oneservice.simulation.loop import SimulatedLoop, run
from oneservice.simulation.world import World

ROOT = Path(__file__).resolve().parents[2]
FOLLOWED = ("crashes", "halts", "resumes", "retries", "incidents", "granted by silence")
BY_PEOPLE = (
    "bad ratings settled",
    "closed",
    "consents withdrawn",
    "continued at a window",
    "erased",
    "migrated",
    "rated",
    "reassigned",
)


def lived(province: Province) -> ProvinceReport:
    report = ProvinceReport()
    for world in simulate(province):
        report.add(world)
    assert report.failed is None, (
        f"{report.failed.violation}\n{replay_text(report.failed.settings)}"
    )
    return report


def test_offices_at_their_usual_pace_under_every_fault() -> None:
    report = lived(Province(cases=400, seed=2026, district_cases=100, scale=2))
    assert report.cases == 400
    assert sum(report.ends.values()) == 400
    kinds = {str(one) for one in FaultKind if one not in BETWEEN_REGIONS}
    assert set(report.faults) == kinds, "a kind of fault never happened"
    for what in (*FOLLOWED, *BY_PEOPLE):
        assert report.counts[what] > 0, what
    # A decision adopted from paper is rare here; it has a world of its own below.
    rare = {"nothing-breaks", "the-engine-comes-to-rest", "paper-counts-only-in-doubt"}
    unseen = set(invariants()) - set(report.checks) - rare
    assert not unseen, f"never looked at: {unseen}"


def test_offices_that_answer_nonsense_decide_on_paper() -> None:
    """Where answers get lost and lie, operators take decisions over from paper, and those hold.

    In the second province an office signs against a paper that an operator took over.
    """
    noise = frozenset({FaultKind.LIE, FaultKind.DROP_ANSWER, FaultKind.DUPLICATE})
    late = frozenset({FaultKind.LIE, FaultKind.DELAY, FaultKind.REORDER})
    for kinds in (noise, late):
        report = lived(
            Province(cases=300, seed=3, days=30, kinds=kinds, scale=15, district_cases=100)
        )
        assert report.checks["paper-counts-only-in-doubt"] == report.counts["adopted"] > 0


def test_a_hundred_thousand_dispatches_lose_and_double_nothing() -> None:
    """Many small worlds: a crash makes an engine fold what it knows, and here it knows little."""
    cases = 10_800
    province = Province(
        cases=cases, seed=1, manner=Manner.PROMPT, days=2, district_cases=100, jobs=2
    )
    report = lived(province)
    assert report.counts["dispatches"] >= 100_000
    assert sum(report.ends.values()) == cases


def test_without_faults_nothing_is_tried_twice() -> None:
    report = lived(Province(cases=60, seed=5, kinds=frozenset()))
    assert report.faults == {}
    assert report.counts["crashes"] == 0
    assert report.counts["halts"] == 0


def test_two_processes_live_the_same_run() -> None:
    """Byte for byte, whatever order their sets have."""
    command = [sys.executable, "-m", "oneservice", "simulate", "--cases", "80", "--seed", "9"]
    told = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [*command, "--json"], capture_output=True, check=True, env=environment, cwd=ROOT
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert json.loads(told[0])["digest"].startswith("sha256:")


def test_processes_change_nothing() -> None:
    province = Province(cases=40, seed=4, district_cases=20)
    assert lived(province).as_json() == lived(replace(province, jobs=2)).as_json()


def test_other_seeds_are_other_runs() -> None:
    digests = {lived(Province(cases=20, seed=seed)).digest for seed in (1, 2, 3)}
    assert len(digests) == 3


def test_a_world_is_one_line_and_back() -> None:
    whole = next(districts(Province(cases=30, seed=8)))
    assert replayed(replay_text(whole)) == whole
    some = replace(
        whole,
        kinds=kinds_named(["crash", "lie"]),
        visits=frozenset({3, 9}),
        only=frozenset({"crash@disk#4"}),
        fault_days=3,
        last_day=9,
        scale=2,
        manner=Manner.PROMPT,
    )
    assert replayed(replay_text(some)) == some
    assert run_world(replayed(replay_text(some))).digest == run_world(some).digest


def test_a_world_of_fewer_people_is_a_part_of_the_whole() -> None:
    """Ids and lucks of one applicant do not hang on who else comes: that is why worlds shrink."""
    whole = Settings(cases=12, seed=77, kinds=frozenset())
    alone = replace(whole, visits=frozenset({5}))
    assert run_world(alone).violation is None
    assert run_world(alone).ends == {"concluded": 1} or sum(run_world(alone).ends.values()) == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "no", '{"cases": "x", "seed": 1}', '{"cases":1}'])
def test_what_is_no_world_is_refused(text: str) -> None:
    with pytest.raises(IllegalInputError, match="no world"):
        replayed(text)


def test_unknown_faults_are_told_with_those_that_there_are() -> None:
    with pytest.raises(IllegalInputError, match="choose of all, none, refuse"):
        kinds_named(["earthquake"])


def test_the_command_tells_tables_and_the_list_of_invariants() -> None:
    done = CliRunner().invoke(program, ["simulate", "--cases", "15", "--seed", "3"])
    assert done.exit_code == 0, done.output
    assert "every invariant held" in done.output
    assert "cases per second" in done.output
    listed = CliRunner().invoke(program, ["simulate", "--invariants", "--json"])
    assert json.loads(listed.output)["invariants"] == invariants()
    wrong = CliRunner().invoke(program, ["simulate", "--faults", "earthquake"])
    assert wrong.exit_code == 2
    alone = CliRunner().invoke(program, ["simulate", "--faults", "crash,partition"])
    assert (alone.exit_code, "add --regions 3" in alone.output) == (2, True)


def test_a_department_that_lost_a_filing_for_good_is_noticed() -> None:
    """A backup from before the filing: no news, no head, and a case that would wait for ever."""

    async def main(loop: SimulatedLoop) -> World:
        world = World(Settings(cases=1, seed=3, kinds=frozenset(), last_day=60), loop)
        office = world.offices["bureau"]
        empty = office.snapshot()
        soon = world.clock.now() + timedelta(minutes=20)
        world.troubles._note(soon, lambda: office.restore(empty))
        await world.live()
        return world

    world = run(main)
    assert world.violation is None
    [(case_id, _, _)] = world.auditor.heads()
    case = world.auditor.followed(case_id)
    assert case is not None
    assert case.sub_cases["step_1"].digests
    assert case.sub_cases["step_1"].halted is not None
