"""Bugs that a tired engineer might write into the core: the simulator finds each of them.

Every bug is one changed rule, applied from outside for one test. The count tells after how many
cases it was found; a thousand is the promise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from oneservice.case import (
    Case,
    DepartmentReported,
    EventType,
    Prepare,
    SubmissionState,
    commands,
    deliveries,
    limits,
    reported,
    reports,
    submissions,
)
from oneservice.identifiers import submission_id
from oneservice.simulation import Province, ProvinceReport, run_world, shrink, simulate
from oneservice.workdays import WorkCalendar

WITHIN = 1_000

Patch = pytest.MonkeyPatch


def correction_does_not_pause(patch: Patch) -> None:
    """A correction after acceptance leaves the clock running (against its policy)."""
    asked = reported._FACTS[EventType.CORRECTION_REQUESTED]

    def without_pause(*given: Any) -> dict[str, Any]:
        changes = asked(*given)
        changes.pop("pauses", None)
        return changes

    patch.setitem(reported._FACTS, EventType.CORRECTION_REQUESTED, without_pause)


def silence_ends_a_day_early(patch: Patch) -> None:
    """Deemed acceptance counts the day of receipt."""
    real = limits.deemed_acceptance

    def early(calendar: WorkCalendar, start: date) -> date:
        return real(calendar, start) - timedelta(days=1)

    patch.setattr(limits, "deemed_acceptance", early)


def unknown_is_filed_anew(patch: Patch) -> None:
    """What may have arrived is filed again under a fresh id, to be on the safe side."""
    real_send, real_due = commands._next_send, deliveries._is_due

    def anew(sub: Any, _: Any) -> Any:
        delivery = sub.deliveries[-1]
        if delivery.effect == "unknown" and delivery.message == "submission":
            case_id, name, _ = delivery.submission_id.split(".")
            fresh = submission_id(case_id, name, sub.attempt + 1)
            return Prepare(
                sub_case_id=sub.id,
                message="submission",
                message_id=fresh,
                submission_id=fresh,
                attempt=sub.attempt + 1,
            )
        return real_send(sub, delivery)

    def due(sub: Any, message: Any) -> bool:
        is_next = message.message == "submission" and message.attempt == sub.attempt + 1
        return is_next or real_due(sub, message)

    patch.setattr(commands, "_next_send", anew)
    patch.setattr(deliveries, "_is_due", due)


def news_count_twice(patch: Patch) -> None:
    """An event that comes again is applied again."""

    def apply(draft: Any, sub: Any, given: Any) -> None:
        if given.events:
            draft.add(
                DepartmentReported(at=given.at, sub_case_id=sub.id, events=tuple(given.events))
            )

    patch.setattr(reports, "_apply", apply)
    patch.setattr(submissions, "_refuse_wrong_place", lambda *_: None)
    patch.setattr(
        submissions,
        "TRANSITIONS",
        {
            kind: dict.fromkeys([None, *SubmissionState], next(iter(row.values())))
            for kind, row in submissions.TRANSITIONS.items()
        },
    )


def late_refusal_takes_back(patch: Patch) -> None:
    """A refusal that comes after the grant is believed."""
    row = dict(submissions.TRANSITIONS[EventType.REFUSED])
    row[SubmissionState.GRANTED] = SubmissionState.REFUSED
    patch.setitem(submissions.TRANSITIONS, EventType.REFUSED, row)


def bundle_does_not_wait(patch: Patch) -> None:
    """Results are handed out as soon as there is one."""

    def some_are_in(case: Case) -> bool:
        return any(one.is_granted for one in case.sub_cases.values())

    for module in _importers("results_are_in"):
        patch.setattr(module, "results_are_in", some_are_in)


def rewound_head_is_ignored(patch: Patch) -> None:
    """A department that forgot what it signed is taken for one that has no news."""
    real = reports._rewritten

    def only_other_events(sub: Any, given: Any) -> str | None:
        found = real(sub, given)
        return None if found is not None and found.startswith("rewound") else found

    patch.setattr(reports, "_rewritten", only_other_events)


SEEDED: tuple[Callable[[Patch], None], ...] = (
    correction_does_not_pause,
    silence_ends_a_day_early,
    unknown_is_filed_anew,
    news_count_twice,
    late_refusal_takes_back,
    bundle_does_not_wait,
    rewound_head_is_ignored,
)


def _importers(name: str) -> list[Any]:
    """Return the modules of the core that hold ``name``."""
    return [
        module
        for path, module in sorted(sys.modules.items())
        if path.startswith("oneservice.case.") and name in vars(module)
    ]


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
