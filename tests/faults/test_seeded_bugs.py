"""Bugs that a tired engineer might write into the core: the simulator finds each of them.

Every bug is one changed rule, applied from outside for one test. The count tells after how many
cases it was found; a thousand is the promise.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from oneservice.case import (
    Case,
    DepartmentReported,
    EventType,
    Prepare,
    SubmissionState,
    submissions,
)
from oneservice.cli.program import program
from oneservice.identifiers import submission_id
from oneservice.simulation import Province, ProvinceReport, run_world, shrink, simulate

WITHIN = 1_000

Patch = pytest.MonkeyPatch


def correction_does_not_pause(patch: Patch) -> None:
    """A correction after acceptance leaves the clock running (against its policy)."""

    def changed(real: Any) -> Any:
        def without_pause(*given: Any) -> dict[str, Any]:
            changes = real(*given)
            changes.pop("pauses", None)
            return changes

        return without_pause

    for table in _tables_of_facts():
        fact = table[EventType.CORRECTION_REQUESTED]
        patch.setitem(table, EventType.CORRECTION_REQUESTED, changed(fact))


def silence_ends_a_day_early(patch: Patch) -> None:
    """Deemed acceptance counts the day of receipt."""

    def changed(real: Any) -> Any:
        return lambda calendar, start: real(calendar, start) - timedelta(days=1)

    _change(patch, "deemed_acceptance", changed)


def unknown_is_filed_anew(patch: Patch) -> None:
    """What may have arrived is filed again under a fresh id, to be on the safe side."""

    def changed(real: Any) -> Any:
        def anew(sub: Any, *_: Any) -> Any:
            delivery = sub.deliveries[-1]
            if delivery.effect != "unknown" or delivery.message != "submission":
                return real(sub, delivery)
            case_id, name, _ = delivery.submission_id.split(".")
            fresh = submission_id(case_id, name, sub.attempt + 1)
            return Prepare(
                sub_case_id=sub.id,
                message="submission",
                message_id=fresh,
                submission_id=fresh,
                attempt=sub.attempt + 1,
            )

        return anew

    def due(real: Any) -> Any:
        return lambda sub, message: (
            (message.message == "submission" and message.attempt == sub.attempt + 1)
            or real(sub, message)
        )

    _change(patch, "_next_send", changed)
    _change(patch, "_is_due", due)


def news_count_twice(patch: Patch) -> None:
    """An event that comes again is applied again."""

    def apply(draft: Any, sub: Any, given: Any) -> None:
        if given.events:
            draft.add(
                DepartmentReported(at=given.at, sub_case_id=sub.id, events=tuple(given.events))
            )

    _change(patch, "_apply", lambda _: apply)
    _change(patch, "_refuse_wrong_place", lambda _: lambda *_: None)
    for kind, row in submissions.TRANSITIONS.items():
        anywhere = dict.fromkeys([None, *SubmissionState], next(iter(row.values())))
        patch.setitem(submissions.TRANSITIONS, kind, anywhere)


def late_refusal_takes_back(patch: Patch) -> None:
    """A refusal that comes after the grant is believed."""
    row = dict(submissions.TRANSITIONS[EventType.REFUSED])
    row[SubmissionState.GRANTED] = SubmissionState.REFUSED
    patch.setitem(submissions.TRANSITIONS, EventType.REFUSED, row)


def bundle_does_not_wait(patch: Patch) -> None:
    """Results are handed out as soon as there is one."""

    def some_are_in(case: Case) -> bool:
        return any(one.is_granted for one in case.sub_cases.values())

    _change(patch, "results_are_in", lambda _: some_are_in)


def rewound_head_is_ignored(patch: Patch) -> None:
    """A department that forgot what it signed is taken for one that has no news."""

    def changed(real: Any) -> Any:
        def only_other_events(sub: Any, given: Any) -> Any:
            found = real(sub, given)
            return None if found is not None and found.startswith("rewound") else found

        return only_other_events

    _change(patch, "_rewritten", changed)


SEEDED: tuple[Callable[[Patch], None], ...] = (
    correction_does_not_pause,
    silence_ends_a_day_early,
    unknown_is_filed_anew,
    news_count_twice,
    late_refusal_takes_back,
    bundle_does_not_wait,
    rewound_head_is_ignored,
)


def _change(patch: Patch, name: str, changed: Callable[[Any], Any]) -> None:
    """Give every module of the core that has a rule of that name a changed one."""
    modules = [
        module
        for path, module in sorted(sys.modules.items())
        if path.startswith("oneservice.case.") and name in vars(module)
    ]
    assert modules, f"no rule of the core is called {name} any more; name the new one here"
    for module in modules:
        patch.setattr(module, name, changed(getattr(module, name)))


def _tables_of_facts() -> list[Any]:
    """Return the tables that say what a department's event means for its step."""
    found = {
        id(value): value
        for path, module in sorted(sys.modules.items())
        if path.startswith("oneservice.case.")
        for value in list(vars(module).values())
        if isinstance(value, dict) and callable(value.get(EventType.CORRECTION_REQUESTED))
    }
    assert found, "no table of facts is left in the core"
    return list(found.values())


def _found(cases: int = WITHIN) -> ProvinceReport:
    report = ProvinceReport()
    for world in simulate(Province(cases=cases, seed=7, district_cases=50)):
        report.add(world)
    return report


@pytest.mark.parametrize("bug", SEEDED, ids=lambda bug: bug.__name__)
def test_a_seeded_bug_is_found(bug: Callable[[Patch], None], monkeypatch: Patch) -> None:
    bug(monkeypatch)
    report = _found()
    assert report.failed is not None, f"not found in {report.cases} cases"
    assert report.failed.violation is not None
    print(f"{bug.__name__}: {report.failed.violation.invariant} within {report.cases} cases")


def test_without_a_bug_nothing_is_found() -> None:
    assert _found(200).failed is None


def test_a_failing_world_shrinks_to_a_few_lines(monkeypatch: Patch) -> None:
    unknown_is_filed_anew(monkeypatch)
    failed = _found().failed
    assert failed is not None
    small = shrink(failed, most_runs=60)
    assert small.violation is not None
    assert failed.violation is not None
    assert small.violation.invariant == failed.violation.invariant
    assert len(small.settings.visits or ()) == 1
    assert len(small.fault_ids) == 1
    assert run_world(small.settings).digest == small.digest


def test_people_are_told_what_broke_and_how_to_see_it_again(monkeypatch: Patch) -> None:
    unknown_is_filed_anew(monkeypatch)
    command = ["simulate", "--cases", "100", "--seed", "7", "--district", "50"]
    told = CliRunner().invoke(program, command)
    assert told.exit_code == 1
    assert "Broken: unknown-is-never-tried-anew" in told.output
    replay = next(line for line in told.output.splitlines() if "--replay" in line)
    again = CliRunner().invoke(program, [*shlex.split(replay)[1:], "--no-shrink", "--json"])
    assert again.exit_code == 1
    failure = json.loads(again.output)["failure"]
    assert failure["invariant"] == "unknown-is-never-tried-anew"
    assert len(failure["faults"]) == 1
