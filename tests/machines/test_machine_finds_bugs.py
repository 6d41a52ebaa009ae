"""The machine is worth what it finds: rules of the core are broken one by one, and it says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from oneservice.case import attempts, clocks, commands, limits, people, reported_facts, settling
from oneservice.testing import CaseMachine
from oneservice.testing.machine import SAMPLE_STEPS

QUICK = settings(
    max_examples=800,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
Break = Callable[[pytest.MonkeyPatch], None]


def there_is_no_grace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "CORRECTION_GRACE_WORKING_DAYS", 0)


def silence_grants_while_an_answer_is_awaited(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "is_silent", lambda _: True)


def consents_are_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people.People, "lacking", lambda *_: ())


def requirements_are_not_waited_for(patch: pytest.MonkeyPatch) -> None:
    def is_ready(_case: Any, sub: Any) -> bool:
        return sub.status == "waiting"

    patch.setattr(commands, "is_ready", is_ready)


def a_refusal_is_filed_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(attempts, "_why_not_filed_again", lambda *_: None)


def a_pause_ends_a_day_early(patch: pytest.MonkeyPatch) -> None:
    whole = reported_facts._closed

    def closed(sub: Any, at: Any) -> Any:
        return whole(sub, at - timedelta(days=1))

    patch.setattr(reported_facts, "_closed", closed)


def no_extension_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(limits, "_lawful", lambda *_, **__: None)


def the_light_turns_a_day_late(patch: pytest.MonkeyPatch) -> None:
    whole = limits.near_on

    def near_on(*given: Any) -> Any:
        day = whole(*given)
        return day and day + timedelta(days=1)

    patch.setattr(clocks, "near_on", near_on)


def what_cannot_come_is_kept_waiting(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settling, "_blocked", lambda _: None)


def a_withdrawn_case_is_rejected(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settling, "_outcome", lambda _: "rejected")


# A bug in one clock is found sooner where there is one clock: the steps that each is tried with.
BROKEN: list[tuple[Break, tuple[str, ...]]] = [
    (there_is_no_grace, ("first",)),
    (silence_grants_while_an_answer_is_awaited, ("second",)),
    (consents_are_not_waited_for, ("first", "behind")),
    (requirements_are_not_waited_for, ("first", "behind")),
    (a_refusal_is_filed_again, ("first",)),
    (a_pause_ends_a_day_early, ("first",)),
    (no_extension_counts, ("first",)),
    (the_light_turns_a_day_late, ("first",)),
    (what_cannot_come_is_kept_waiting, ("first", "behind")),
    (a_withdrawn_case_is_rejected, ("first",)),
]


@pytest.mark.parametrize(
    ("broken", "names"), BROKEN, ids=lambda one: getattr(one, "__name__", "with")
)
def test_each_broken_rule_is_found(
    monkeypatch: pytest.MonkeyPatch, broken: Break, names: tuple[str, ...]
) -> None:
    class Small(CaseMachine):
        steps = tuple(one for one in SAMPLE_STEPS if one.id in names)

    broken(monkeypatch)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Small, settings=QUICK)
