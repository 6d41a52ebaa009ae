"""Every required input has a source, for every combination of answers; and none is asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.lint.solving import Answered, Goal
from oneservice.catalog.lint.words import shown
from oneservice.catalog.models import MaterialSource, MaterialSpec, StepKind

if TYPE_CHECKING:
    from oneservice.catalog.lint.activity import Activity
    from oneservice.catalog.lint.notes import Notes

__all__ = ["check_sources"]


def check_sources(notes: Notes, activity: Activity) -> None:
    """Note results that some step needs while no step yields them, or before it can have them."""
    for material in notes.thing.materials:
        if material.source is MaterialSource.STEP:
            _used(notes, activity, material)
        _twice(notes, material)


def _used(notes: Notes, activity: Activity, material: MaterialSpec) -> None:
    sources = [
        step.id
        for step in notes.thing.steps
        if step.id in activity.reachable
        and (
            step.id == material.yielded_by
            or (step.kind is not StepKind.BUNDLE and _yields(notes, step.item, material.id))
        )
    ]
    asked: tuple[Goal, ...] = () if material.when is None else ((material.when, True),)
    for index, name in enumerate(material.steps):
        if not sources or name in sources or name not in activity.reachable:
            continue
        path = f"materials.{material.id}.steps.{index}"
        found = activity.without((name,), sources, *asked)
        if found is not None:
            names = " and ".join(f"'{source}'" for source in sources)
            verb = "yields it, is off" if len(sources) == 1 else "yield it, are off"
            notes.add(
                path,
                "source_missing",
                f"'{name}' needs '{material.id}' while {names}, which {verb}"
                f"{_case(activity, found, material.when, name, *sources)}",
                f"give '{material.id}' the condition of {names}, or another source",
            )
        for source in sources:
            found = _not_awaited(activity, name, source, asked)
            if found is not None:
                notes.add(
                    path,
                    "source_not_awaited",
                    f"'{name}' needs '{material.id}' and does not wait for '{source}', which "
                    f"yields it{_case(activity, found, material.when, name, source)}",
                    f"add '{source}' to 'requires' (or 'attaches') of '{name}'",
                )


def _case(activity: Activity, found: Answered, when: str | None, *steps: str) -> str:
    texts = [text for name in steps for text, _ in activity.active(name)]
    texts += [when] if when is not None else []
    return shown(found, activity.space.names_of(texts))


def _not_awaited(
    activity: Activity, name: str, source: str, asked: tuple[Goal, ...]
) -> Answered | None:
    """Return answers for which ``name`` starts without having waited for ``source``, or None.

    A wait for a step that is off is dropped, so a chain counts only if its middle is on whenever
    both ends are.
    """
    waiting, seen = [name], {name}
    while waiting:
        step = activity.steps[waiting.pop()]
        if source in step.requires or source in step.attaches:
            return None
        for middle in step.requires:
            if middle in activity.steps and middle not in seen:
                seen.add(middle)
                if activity.without((name, source), (middle,)) is None:
                    waiting.append(middle)
    return activity.space.find(*activity.active(name), *activity.active(source), *asked)


def _twice(notes: Notes, material: MaterialSpec) -> None:
    """Note a paper that another step of the same case hands out under another id."""
    if material.source not in {MaterialSource.APPLICANT, MaterialSource.LOOKUP}:
        return
    yielding = [step for step in notes.thing.steps if step.item in notes.effective.items]
    if any(_yields(notes, step.item, material.id) for step in yielding):
        return
    for step in yielding:
        result = notes.effective.items[step.item].result
        if result is None or step.id in material.steps:
            continue  # the old paper is handed in for the new one
        if result.title.zh == material.title.zh or result.type in material.accepts:
            notes.add(
                f"materials.{material.id}",
                "asked_twice",
                f"'{material.id}' is asked for, and '{step.id}' yields it in the same case",
                f"add 'yields: [{material.id}]' to the result of '{step.item}'",
            )
            return


def _yields(notes: Notes, item: str, material: str) -> bool:
    result = notes.effective.items[item].result
    return result is not None and material in result.yields
