"""Limits that keep to the law, and steps that do not wait for one another in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.overlay import is_within
from oneservice.errors import DependencyCycleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.catalog.lint.notes import Notes
    from oneservice.catalog.terms import Limit

__all__ = ["check_timing", "first_cycle"]


def check_timing(notes: Notes) -> None:
    """Note promises beyond the law, and cycles."""
    for item in notes.effective.items.values():
        _promise(notes, f"items.{item.id}.promised", item.promised, item.statutory)
    for step in notes.thing.steps:
        item_of_step = notes.effective.items.get(step.item)
        for index, case in enumerate(step.limits):
            bound = case.statutory or (item_of_step.statutory if item_of_step else None)
            _promise(notes, f"steps.{step.id}.limits.{index}.promised", case.promised, bound)
    _cycles(notes)


def _promise(notes: Notes, path: str, promised: Limit, statutory: Limit | None) -> None:
    if statutory is None or is_within(promised, statutory):
        return
    notes.error(
        path,
        "promise_over_statutory",
        f"promised {promised.days} {promised.unit}, the law allows {statutory.days} "
        f"{statutory.unit}",
        "promise less; in natural days only where the law counts them too",
    )


def _cycles(notes: Notes) -> None:
    """Hard and soft edges together: a result cannot be attached to what it waits for."""
    known = {step.id for step in notes.thing.steps}
    edges = {
        step.id: tuple(name for name in (*step.requires, *step.attaches) if name in known)
        for step in notes.thing.steps
    }
    cycle = first_cycle(edges)
    if cycle:
        text, _, remedy = str(DependencyCycleError(cycle=cycle)).partition("; ")
        path = f"steps.{cycle[0]}.requires"
        notes.error(path, "dependency_cycle", text, remedy, at_key=True, cycle=cycle)


def first_cycle(edges: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a circle in ``edges`` (from, to), its first name again at the end; or nothing.

    Depth-first with an own stack, so that no catalog can exhaust the interpreter's.
    """
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, is_left = stack.pop()
            if is_left:
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif name in on_path:
                return (*path[path.index(name) :], name)
            elif name not in done:
                path.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack += [(below, False) for below in reversed(edges.get(name, ()))]
    return ()
