"""Steps under all answers: which are ever active, which ever together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from oneservice.catalog.lint.solving import Answered, Goal, Space

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.models import Step

__all__ = ["Activity", "check_activity"]


class Activity:
    """When the steps of one definition are active, as goals of a search."""

    def __init__(self, notes: Notes, space: Space) -> None:
        self.space = space
        self.steps = {step.id: step for step in notes.thing.steps}
        self.reachable = {name for name in self.steps if self._may(self.active(name)) is not False}

    def active(self, name: str) -> tuple[Goal, ...]:
        """Return what must hold for the step ``name`` to be active."""
        step = self.steps[name]
        goals: list[Goal] = [] if step.when is None else [(step.when, True)]
        goals += [(f"{count} > 0", True) for count in self._counts(step)]
        return tuple(goals)

    def together(self, *names: str) -> Answered | None:
        """Return answers for which all these steps are active, or None."""
        return self.space.find(*itertools.chain.from_iterable(map(self.active, names)))

    def never_together(self, *names: str) -> bool:
        """Say whether it is proven that these steps are never all active."""
        goals = tuple(itertools.chain.from_iterable(self.active(name) for name in names))
        return self._may(goals) is False

    def is_never(self, when: str | None) -> bool:
        """Say whether it is proven that this condition never holds."""
        return when is not None and self._may(((when, True),)) is False

    def without(self, active: Iterable[str], off: Iterable[str], *also: Goal) -> Answered | None:
        """Return answers for which all of ``active`` are active and none of ``off`` is, or None."""
        goals = (*itertools.chain.from_iterable(map(self.active, active)), *also)
        for ways in itertools.product(*map(self.active, off)):
            found = self.space.find(*goals, *((text, False) for text, _ in ways))
            if found is not None:
                return found
        return None

    def _counts(self, step: Step) -> Iterable[str]:
        """Yield the questions that say how often ``step`` repeats, from the inside out."""
        seen: set[str] = set()
        while step.for_each is not None and step.id not in seen:
            seen.add(step.id)
            yield step.for_each.count
            if step.for_each.within not in self.steps:
                return
            step = self.steps[step.for_each.within]

    def _may(self, goals: tuple[Goal, ...]) -> bool | None:
        """Say whether ``goals`` can hold together; None: not proven."""
        if not goals or self.space.find(*goals) is not None:
            return True
        return None if self.space.is_unproven(*goals) else False


def check_activity(notes: Notes, activity: Activity) -> None:
    """Note steps that are never active, and waits and visits that never come about."""
    for step in notes.thing.steps:
        if step.id in activity.reachable:
            _waits(notes, activity, step)
            continue
        is_off = activity.is_never(step.when)
        path = f"steps.{step.id}.{'when' if is_off else 'for_each'}"
        text = f"the step '{step.id}' is active for no answers"
        notes.add(path, "unreachable_step", text, "correct the condition, or drop the step")
    _visits(notes, activity)


def _waits(notes: Notes, activity: Activity, step: Step) -> None:
    for section in ("requires", "attaches"):
        for index, other in enumerate(getattr(step, section)):
            if other in activity.reachable and activity.never_together(step.id, other):
                notes.add(
                    f"steps.{step.id}.{section}.{index}",
                    "requires_never_together",
                    f"'{step.id}' and '{other}' are never active together, so it never waits",
                    "drop the name here, or correct one of the conditions",
                )


def _visits(notes: Notes, activity: Activity) -> None:
    """A joint inspection is one appointment for all; each needs another to join."""
    visits = [name for name in notes.thing.joint_inspection if name in activity.reachable]
    for index, name in enumerate(notes.thing.joint_inspection):
        if name not in activity.reachable:
            continue
        others = [other for other in visits if other != name]
        if all(activity.never_together(name, other) for other in others):
            notes.add(
                f"joint_inspection.{index}",
                "joint_never_together",
                f"'{name}' is never active together with another step of the joint inspection",
                "drop it from the list, or add the steps that it is inspected with",
            )
