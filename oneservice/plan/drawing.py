"""What a drawing of a plan shows: boxes and arrows, before any picture of them.

A step with many instances is one box, arrows that follow from others are left out, and the state
of each box is put into one word. Both pictures, mermaid and SVG, are made from this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from oneservice.catalog import Text
from oneservice.plan.graph import essential
from oneservice.plan.models import Plan, PlannedStep

__all__ = ["MAX_SEPARATE", "Arrow", "Box", "Drawing", "Mood", "mood_of", "state_word", "to_drawing"]

MAX_SEPARATE = 4
"""More instances of one step than this become one box; a page has room for no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A step, or all instances of one; ``states`` counts its instances by state word."""

    id: str
    step: PlannedStep
    count: int
    states: tuple[tuple[str, int], ...]
    requires: tuple[str, ...]
    attaches: tuple[str, ...]
    """Sub-cases that any of the instances waits for, or gets a result of later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """``target`` waits for ``source``, or, where ``is_soft``, gets its result later."""

    source: str
    target: str
    is_soft: bool
    is_critical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Boxes in the plan's order, and arrows in the order of their targets."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


class Mood(StrEnum):
    """How a state looks; the pictures give each a sign and a colour."""

    WAITING = "waiting"
    RUNNING = "running"
    ATTENTION = "attention"
    GOOD = "good"
    BAD = "bad"


_STATES: Mapping[str, tuple[Mood, Text]] = {
    "waiting": (Mood.WAITING, Text(zh="等待", en="waiting")),
    "ready": (Mood.WAITING, Text(zh="待提交", en="ready")),
    "submitted": (Mood.RUNNING, Text(zh="已提交", en="submitted")),
    "received": (Mood.RUNNING, Text(zh="已接件", en="received")),
    "accepted": (Mood.RUNNING, Text(zh="已受理", en="accepted")),
    "in_review": (Mood.RUNNING, Text(zh="审查中", en="in review")),
    "correction_requested": (Mood.ATTENTION, Text(zh="待补正", en="correction asked for")),
    "suspended": (Mood.ATTENTION, Text(zh="特别程序", en="clock stopped")),
    "granted": (Mood.GOOD, Text(zh="准予", en="granted")),
    "granted_pending_material": (Mood.ATTENTION, Text(zh="容缺通过", en="granted, paper due")),
    "refused": (Mood.BAD, Text(zh="不予许可", en="refused")),
    "not_accepted": (Mood.BAD, Text(zh="不予受理", en="not accepted")),
    "withdrawn": (Mood.BAD, Text(zh="已撤回", en="withdrawn")),
    "lapsed": (Mood.BAD, Text(zh="已失效", en="lapsed")),
    "not_applicable": (Mood.WAITING, Text(zh="无需办理", en="not needed")),
}


def mood_of(state: str) -> Mood:
    """Return how ``state`` looks; a state that we do not know looks as if it waited."""
    return _STATES[state][0] if state in _STATES else Mood.WAITING


def state_word(state: str) -> Text:
    """Return ``state`` in words for people; one that we do not know stands as it is."""
    if state in _STATES:
        return _STATES[state][1]
    word = state.replace("_", " ") or "?"
    return Text(zh=word, en=word)


def to_drawing(plan: Plan, states: Mapping[str, str] | None) -> Drawing:
    """Return the boxes and arrows of ``plan``.

    Args:
        plan: the plan.
        states: state word by sub-case id; unknown ids are ignored, a missing one has no state.
    """
    groups: dict[str, list[PlannedStep]] = {}
    for step in plan.steps:
        groups.setdefault(step.step_id, []).append(step)
    box_of: dict[str, str] = {}
    boxes = []
    for step_id, steps in groups.items():
        folded = len(steps) > MAX_SEPARATE
        for members in [steps] if folded else [[step] for step in steps]:
            name = step_id if folded else members[0].id
            box_of.update((member.id, name) for member in members)
            boxes.append(_box(name, members, states or {}))
    return Drawing(boxes=tuple(boxes), arrows=_arrows(boxes, box_of))


def _box(name: str, members: list[PlannedStep], states: Mapping[str, str]) -> Box:
    counts: dict[str, int] = {}
    for member in members:
        if member.id in states:
            counts[states[member.id]] = counts.get(states[member.id], 0) + 1
    return Box(
        id=name,
        step=members[0],
        count=len(members),
        states=tuple(counts.items()),
        requires=tuple(wait for member in members for wait in member.requires),
        attaches=tuple(later for member in members for later in member.attaches),
    )


def _arrows(boxes: list[Box], box_of: Mapping[str, str]) -> tuple[Arrow, ...]:
    needs = {box.id: tuple(dict.fromkeys(box_of[wait] for wait in box.requires)) for box in boxes}
    shown = essential(needs)
    critical = {box.id for box in boxes if box.step.is_critical}
    arrows = []
    for box in boxes:
        for wait in shown[box.id]:
            driving = {wait, box.id} <= critical
            arrows.append(Arrow(source=wait, target=box.id, is_soft=False, is_critical=driving))
        arrows += [
            Arrow(source=later, target=box.id, is_soft=True, is_critical=False)
            for later in dict.fromkeys(box_of[name] for name in box.attaches)
        ]
    return tuple(arrows)
