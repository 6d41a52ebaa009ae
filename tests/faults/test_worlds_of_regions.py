"""Several regions in one simulated world: nothing lost, nothing doubled, both sides tell the same.

The seeded bugs are federations as a tired engineer might write them: the worlds find each.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oneservice.case import Prepare, commands, deliveries, reports
from oneservice.certificates import MoveState
from oneservice.cli.program import program
from oneservice.departments import Granted, Received
from oneservice.federation import owing, pumping, taking
from oneservice.federation.views import Owed
from oneservice.identifiers import submission_id
from oneservice.runtimes import Forgotten, moving_out
from oneservice.simulation import (
    FaultKind,
    Province,
    ProvinceReport,
    Settings,
    invariants,
    replay_text,
    replayed,
    run_world,
    shrink,
    simulate,
)
from oneservice.simulation.faults import AT_BORDER, AT_DISK, BETWEEN_REGIONS

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
"""Of a country in which each fault strikes at least once."""
STRUCK = (
    "cases across borders",
    "certificates moved",
    "clocks wrong by hours",
    "disagreements that were reported",
    "forgotten filings that were told",
    "instants compared",
    "keys changed",
    "lost with a backup",
    "parted",
    "parted one way",
    "regions left",
    "restored from an old backup",
    "unreached",
    "waiting for a region that left",
    "went dark",
)
Patch = pytest.MonkeyPatch
NONE: frozenset[FaultKind] = frozenset()


def lived(province: Province) -> ProvinceReport:
    report = ProvinceReport()
    for world in simulate(province):
        report.add(world)
    assert report.failed is None, (
        f"{report.failed.violation}\n{replay_text(report.failed.settings)}"
    )
    return report


def test_three_regions_under_every_fault() -> None:
    """Each fault really struck, and each invariant was really looked at."""
    report = lived(Province(cases=60, seed=SEED, district_cases=20, days=8, regions=3))
    assert report.cases == sum(report.ends.values()) == 60
    assert report.ends["gone with an old backup"] == report.counts["lost with a backup"]
    happened = set(report.faults)
    assert {str(one) for one in (*BETWEEN_REGIONS, *AT_BORDER, *AT_DISK)} <= happened
    for what in (*STRUCK, "crashes", "halts", "resumes", "retries", "incidents"):
        assert report.counts[what] > 0, what
    assert report.counts["disagreements"] == report.counts["disagreements that were reported"]
    unseen = set(invariants(regions=3)) - set(invariants()) - set(report.checks)
    assert not unseen, f"never looked at: {unseen}"


def test_without_faults_regions_agree_at_once() -> None:
    report = lived(Province(cases=6, seed=5, kinds=NONE, days=4, regions=3))
    assert report.counts["disagreements"] == report.counts["crashes"] == 0
    assert report.counts["unreached"] == report.counts["halts"] == 0
    assert report.counts["cases across borders"] >= 12
    assert report.counts["certificates moved"] + report.counts["certificates kept"] == 2


def test_two_processes_live_the_same_regions() -> None:
    """Byte for byte, whatever order their sets have, and whatever real keys and nonces are."""
    command = [sys.executable, "-m", "oneservice", "simulate", "--regions", "3", "--json"]
    command += ["--cases", "2", "--days", "2", "--times", "2", "--seed", "9"]
    told = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, capture_output=True, check=False, env=environment, cwd=ROOT, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told.append(done.stdout)
    assert told[0] == told[1]
    assert json.loads(told[0])["faults"]


def test_a_world_of_regions_is_one_line_and_back() -> None:
    world = Settings(cases=9, seed=3, regions=3, days=4, visits=frozenset({2}))
    assert replayed(replay_text(world)) == world
    assert run_world(world).digest == run_world(replayed(replay_text(world))).digest
    many = replay_text(replace(world, regions=99))
    done = CliRunner().invoke(program, ["simulate", "--replay", many])
    assert done.exit_code == 2


# --- seeded bugs ---------------------------------------------------------------------------------


def every_repeat_opens_a_case(patch: Patch) -> None:
    """The key under which a case is opened is another one each time."""
    numbers = count()
    patch.setattr(taking, "case_key", lambda key: f"federation/{'/'.join(key)}/{next(numbers)}")


def received_without_a_case(patch: Patch) -> None:
    """The counter says that it has the application, and opens nothing."""

    async def application(*_: Any) -> Received:
        return Received()

    patch.setattr(taking.Taking, "application", application)


def what_was_open_is_forgotten_by_a_crash(patch: Patch) -> None:
    """After a start nobody looks at what was left undone."""

    async def load(*_: Any) -> None:
        return

    patch.setattr(pumping.Pump, "load", load)


def told_as_of_now(patch: Patch) -> None:
    """What happened is told as if it had happened when it is told."""
    real = pumping.owed

    def owed(*given: Any, **more: Any) -> Any:
        found = real(*given, **more)
        return None if found is None else replace(found, at=None)

    patch.setattr(pumping, "owed", owed)


def a_refusal_is_told_as_a_grant(patch: Patch) -> None:
    """Somebody mixed up the two ends of a case."""
    patch.setattr(owing, "denial", lambda _: Owed(outcomes=(Granted(),)))


def the_log_lacks_what_was_filed(patch: Patch) -> None:
    """What another region handed in about a person is not noted."""

    async def note(*_: Any) -> None:
        return

    patch.setattr(taking.Taking, "_note", note)


def the_log_lacks_what_was_given(patch: Patch) -> None:
    """Results leave, and the person cannot read where to."""

    async def note(*_: Any) -> None:
        return

    patch.setattr(pumping.Pump, "_note_given", note)


def another_history_is_no_news(patch: Patch) -> None:
    """A region that was restored from an old backup is taken for one that is slow."""
    patch.setattr(reports, "_rewritten", lambda *_: None)
    patch.setattr(reports, "not_found", lambda *_: None)


def what_was_forgotten_is_not_told(patch: Patch) -> None:
    """News of a case that is not here are taken for another engine's."""

    async def look(*_: Any) -> dict[str, str | None]:
        return {}

    patch.setattr(Forgotten, "look", look)


def a_certificate_does_not_come_back(patch: Patch) -> None:
    """What the other office refused is noted as returned, and stays held."""

    async def forget(self: Any, known: Any) -> None:
        self.book.step(known, MoveState.RETURNED, at=self.office.clock.now())

    patch.setattr(moving_out.DepartureDesk, "_return", forget)


def unknown_is_filed_anew(patch: Patch) -> None:
    """What may have arrived over there is filed once more, under another id."""
    real, is_due = commands._next_send, deliveries._is_due

    def anew(sub: Any, *more: Any) -> Any:
        delivery = sub.deliveries[-1]
        if delivery.effect != "unknown" or delivery.message != "submission":
            return real(sub, *more)
        case_id, name, _ = delivery.submission_id.split(".")
        fresh = submission_id(case_id, name, sub.attempt + 1)
        return Prepare(
            sub_case_id=sub.id,
            message="submission",
            message_id=fresh,
            submission_id=fresh,
            attempt=sub.attempt + 1,
        )

    def due(sub: Any, message: Any) -> bool:
        is_fresh = message.message == "submission" and message.attempt == sub.attempt + 1
        return is_fresh or is_due(sub, message)

    patch.setattr(commands, "_next_send", anew)
    patch.setattr(deliveries, "_is_due", due)


SEEDED: tuple[tuple[Callable[[Patch], None], int, int, set[FaultKind]], ...] = (
    (every_repeat_opens_a_case, 2, 3, set()),
    (received_without_a_case, 2, 3, set()),
    (what_was_open_is_forgotten_by_a_crash, 2, 3, {FaultKind.DARK}),
    (told_as_of_now, 2, 3, set()),
    (a_refusal_is_told_as_a_grant, 2, 20, set()),
    (the_log_lacks_what_was_filed, 2, 3, set()),
    (the_log_lacks_what_was_given, 2, 3, set()),
    (another_history_is_no_news, 1, 9, {FaultKind.OLD_BACKUP}),
    (what_was_forgotten_is_not_told, 2, 6, {FaultKind.OLD_BACKUP}),
    (a_certificate_does_not_come_back, 2, 31, set()),
    (unknown_is_filed_anew, 2, 6, {FaultKind.DROP_ANSWER}),
)


@pytest.mark.parametrize(
    ("bug", "seed", "cases", "kinds"), SEEDED, ids=[one[0].__name__ for one in SEEDED]
)
def test_a_broken_federation_is_found(
    bug: Callable[[Patch], None],
    seed: int,
    cases: int,
    kinds: set[FaultKind],
    monkeypatch: Patch,
) -> None:
    bug(monkeypatch)
    report = run_world(broken_world(cases, kinds, seed=seed))
    assert report.violation is not None, f"not found in {cases} cases"
    print(f"{bug.__name__}: {report.violation.invariant}")


def broken_world(cases: int, kinds: set[FaultKind], *, seed: int = 2) -> Settings:
    return Settings(cases=cases, seed=seed, days=3, regions=3, scale=8, kinds=frozenset(kinds))


def test_a_failing_world_of_regions_shrinks_to_one_fault(monkeypatch: Patch) -> None:
    unknown_is_filed_anew(monkeypatch)
    failed = run_world(broken_world(6, {FaultKind.DROP_ANSWER, FaultKind.DUPLICATE}))
    small = shrink(failed, most_runs=40)
    assert failed.violation is not None
    assert small.violation is not None
    assert small.violation.invariant == failed.violation.invariant
    assert len(small.settings.visits or ()) == 1
    assert [one.partition("@")[0] for one in small.fault_ids] == ["drop_answer"]
    assert run_world(replayed(replay_text(small.settings))).digest == small.digest


def test_people_are_told_which_world_it_was(monkeypatch: Patch) -> None:
    the_log_lacks_what_was_filed(monkeypatch)
    command = ["simulate", "--regions", "3", "--cases", "3", "--days", "2", "--no-shrink"]
    told = CliRunner().invoke(program, command)
    assert told.exit_code == 1
    assert "Broken: what-crossed-was-agreed-to" in told.output
    replay = next(line for line in told.output.splitlines() if "--replay" in line)
    again = CliRunner().invoke(program, [*shlex.split(replay)[1:], "--no-shrink", "--json"])
    assert json.loads(again.output)["failure"]["invariant"] == "what-crossed-was-agreed-to"
    listed = CliRunner().invoke(program, ["simulate", "--regions", "2", "--invariants"])
    assert "the-two-instants-are-the-same" in listed.output
