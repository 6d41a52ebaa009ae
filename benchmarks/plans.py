"""The restaurant's plan against a bare topological sort of the same graph."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import networkx as nx

from benchmarks.measuring import Pair, compared
from oneservice.catalog import (
    bundled_catalog_dir,
    load_answers,
    load_catalog,
    normalise_answers,
)
from oneservice.plan import build_plan
from oneservice.workdays import national_calendar

__all__ = ["measure"]

_EXAMPLES = Path(__file__).parents[1] / "examples"


def measure() -> Iterator[Pair]:
    """Yield one pair per worked profile (A, B, C of the restaurant)."""
    catalog = load_catalog([bundled_catalog_dir()])
    day = date(2026, 9, 28)
    thing = catalog.thing("restaurant", region="990101", on=day)
    calendar = national_calendar()
    for name in ("noodle-shop", "seafood-karaoke", "tea-kiosk"):
        answers = normalise_answers(thing, load_answers(_EXAMPLES / f"{name}.yaml").answers)

        def ours(answers: object = answers) -> object:
            return build_plan(thing, answers, on=day, calendar=calendar)  # type: ignore[arg-type]

        plan = build_plan(thing, answers, on=day, calendar=calendar)
        nodes = [step.id for step in plan.steps]
        edges = [(need, step.id) for step in plan.steps for need in step.requires]

        def floor(nodes: list[str] = nodes, edges: list[tuple[str, str]] = edges) -> object:
            graph: nx.DiGraph[str] = nx.DiGraph()
            graph.add_nodes_from(nodes)
            graph.add_edges_from(edges)
            return list(nx.topological_sort(graph))

        yield compared(
            f"plan {name} ({len(nodes)} steps)",
            ours,
            floor,
            floor_name="networkx: graph, topological sort",
            calls=50,
        )
