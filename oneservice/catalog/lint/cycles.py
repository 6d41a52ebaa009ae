"""Steps that wait for one another in a circle: for which answers, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.lint.words import shown
from oneservice.errors import DependencyCycleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oneservice.catalog.lint.activity import Activity
    from oneservice.catalog.lint.notes import Notes

__all__ = ["MAX_CYCLES", "check_cycles", "first_cycle"]

MAX_CYCLES = 200
"""Circles that are looked at in one definition; a mistake makes one or two."""


def check_cycles(notes: Notes, activity: Activity) -> None:
    """Note circles that some answers make, or else one that no answers make.

    Hard and soft edges together: a result cannot be attached to what it waits for.
    """
    edges = {
        step.id: tuple(name for name in (*step.requires, *step.attaches) if name in activity.steps)
        for step in notes.thing.steps
    }
    if not first_cycle(edges):
        return
    idle: tuple[str, ...] = ()
    for count, cycle in enumerate(_cycles(edges)):
        steps = cycle[:-1]
        if count == MAX_CYCLES or not activity.never_together(*steps):
            _tell(notes, activity, cycle)
            return
        idle = idle or cycle
    if all(name in activity.reachable for name in idle):
        path = f"steps.{idle[0]}.requires"
        text = f"{' -> '.join(idle)} wait for one another, though never all at once"
        remedy = "drop the wait that is never due"
        notes.add(path, "cycle_never_active", text, remedy, at_key=True)


def _tell(notes: Notes, activity: Activity, cycle: tuple[str, ...]) -> None:
    text, _, remedy = str(DependencyCycleError(cycle=cycle)).partition("; ")
    found = activity.together(*cycle[:-1]) or {}
    rules = [rule for name in cycle for rule, _ in activity.active(name)]
    text += shown(found, activity.space.names_of(rules))
    path = f"steps.{cycle[0]}.requires"
    notes.add(path, "dependency_cycle", text, remedy, at_key=True, cycle=cycle)


def _cycles(edges: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield simple circles, each from its first step in the author's order.

    Only ways that lead back are followed, so a large graph around a small circle costs nothing.
    """
    later = set(edges)
    for start in edges:
        leads_back = _above(start, edges, later)
        later.discard(start)
        stack: list[tuple[str, ...]] = [(start,)]
        while stack:
            path = stack.pop()
            for below in reversed(edges[path[-1]]):
                if below == start:
                    yield (*path, start)
                elif below in leads_back and below not in path:
                    stack.append((*path, below))


def _above(name: str, edges: Mapping[str, tuple[str, ...]], among: set[str]) -> set[str]:
    """Return the steps ``among`` others from which edges lead to ``name``."""
    found: set[str] = set()
    reached = {name}
    while reached:
        reached = {other for other in among - found if not reached.isdisjoint(edges[other])}
        found |= reached
    return found


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
