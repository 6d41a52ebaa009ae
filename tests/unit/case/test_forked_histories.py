"""A department that goes on from an old backup signs a second history: by its chain it is seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import Resume, event_digest

OTHER = Digest("sha256:" + "7" * 64)
Begin = Callable[..., Any]


def forked(told: Any) -> Any:
    """Return ``told`` as it would follow another event than ours."""
    changed = dataclasses.replace(told, prev=OTHER)
    return dataclasses.replace(changed, digest=event_digest(changed))


@pytest.fixture
def life(begin: Begin) -> Any:
    found = begin()
    found.told("received", "09-28")
    found.told("accepted", "09-29")
    return found


def test_what_follows_another_event_than_ours_stops_the_step_with_evidence(life: Any) -> None:
    """Only what is new was asked for, so no event that we hold came along to be compared."""
    told = forked(life.signed("granted", "09-30"))
    (halted,) = life.give(life.read("permit", "09-30", told, held=2, is_fresh_read=True))
    assert halted.kind == "sub_case_halted"
    assert halted.problem == "rewritten: another event 2 than the one that we hold"
    assert halted.evidence == (told,)
    assert life.status() == "accepted"  # nothing of the other history is believed


def test_a_step_that_goes_on_stops_again_while_the_other_history_stands(
    life: Any, operator: Any
) -> None:
    told = forked(life.signed("granted", "09-30"))
    life.give(life.read("permit", "09-30", told, held=2))
    life.give(Resume(at=told_at(life), sub_case_id="permit", by=operator, why="asked"))
    life.give(life.read("permit", "10-09", told, held=2, is_fresh_read=True))
    assert str(life.sub().halted).startswith("rewritten")


def test_what_follows_our_own_event_is_believed(life: Any) -> None:
    life.told("granted", "09-30")
    assert life.status() == "granted"


def test_an_event_behind_a_gap_says_nothing_of_the_chain(life: Any) -> None:
    told = dataclasses.replace(forked(life.signed("progress", "09-30")), seq=5)
    life.give(life.read("permit", "09-30", told))
    assert life.sub().halted is None


def told_at(life: Any) -> Any:
    return life.events[-1].at
