"""What follows from the arrows alone: order, longest path, circles, redundant arrows.

Order and longest path, which every plan asks for, are a dozen lines each over plain mappings;
what only pictures and error messages ask for is left to networkx. This is the only module that
imports it, and only then: the import costs half a second. Plain mappings go in, plain tuples come
out; no graph object leaves. A mapping gives for each node the nodes that it waits for; its own
order is the author's order and settles every tie, so the same input always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from oneservice.errors import DependencyCycleError

if TYPE_CHECKING:
    from networkx import DiGraph

__all__ = ["Needs", "essential", "generations", "longest_path", "topological_order"]

Needs = Mapping[str, tuple[str, ...]]
"""For each node the nodes that it waits for; every node is a key."""


def topological_order(needs: Needs) -> tuple[str, ...]:
    """Return all nodes, each after the ones it waits for; ties in the mapping's own order.

    Raises:
        DependencyCycleError: some nodes wait for one another in a circle.
    """
    rank = {node: index for index, node in enumerate(needs)}
    names = tuple(needs)
    open_waits = {node: len(waits) for node, waits in needs.items()}
    waiters: dict[str, list[str]] = {}
    for node, waits in needs.items():
        for wait in waits:
            waiters.setdefault(wait, []).append(node)
    ready = [rank[node] for node, count in open_waits.items() if count == 0]  # sorted: a heap
    order: list[str] = []
    while ready:
        node = names[heappop(ready)]
        order.append(node)
        for waiter in waiters.get(node, ()):
            open_waits[waiter] -= 1
            if open_waits[waiter] == 0:
                heappush(ready, rank[waiter])
    if len(order) < len(names):
        raise DependencyCycleError(cycle=_cycle(needs))
    return tuple(order)


def generations(needs: Needs) -> tuple[tuple[str, ...], ...]:
    """Return the nodes in layers: each layer waits for earlier ones only, as early as it can.

    Raises:
        DependencyCycleError: some nodes wait for one another in a circle.
    """
    import networkx as nx  # noqa: PLC0415 - costs half a second; see the module's docstring

    rank = {node: index for index, node in enumerate(needs)}
    try:
        layers = list(nx.topological_generations(_graph(needs)))
    except nx.NetworkXUnfeasible:
        raise DependencyCycleError(cycle=_cycle(needs)) from None
    return tuple(tuple(sorted(layer, key=rank.__getitem__)) for layer in layers)


def longest_path(needs: Needs, lengths: Mapping[str, int]) -> tuple[str, ...]:
    """Return the path whose nodes' ``lengths`` add up to most; of equal ones that of most nodes.

    So nodes of length 0 stay on it, also at its ends.

    Args:
        needs: acyclic; ask :func:`topological_order` first.
        lengths: >= 0 for each node, in any one unit.
    """
    # For each node the longest way up to its end, in length and then in nodes.
    reach: dict[str, tuple[int, int]] = {}
    through: dict[str, str | None] = {}
    for node in topological_order(needs):
        waits = needs[node]
        before = max(waits, key=reach.__getitem__) if waits else None
        length, nodes = reach[before] if before is not None else (0, 0)
        reach[node] = (length + lengths[node], nodes + 1)
        through[node] = before
    path: list[str] = []
    last = max(reach, key=reach.__getitem__) if reach else None
    while last is not None:
        path.append(last)
        last = through[last]
    return tuple(reversed(path))


def essential(needs: Needs) -> dict[str, tuple[str, ...]]:
    """Return ``needs`` without what follows from the rest: what a drawing has to show."""
    import networkx as nx  # noqa: PLC0415 - costs half a second; see the module's docstring

    kept = nx.transitive_reduction(_graph(needs))
    return {
        node: tuple(wait for wait in waits if kept.has_edge(wait, node))
        for node, waits in needs.items()
    }


def _graph(needs: Needs) -> DiGraph[str]:
    import networkx as nx  # noqa: PLC0415 - costs half a second; see the module's docstring

    graph: DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((wait, node) for node, waits in needs.items() for wait in waits)
    return graph


def _cycle(needs: Needs) -> tuple[str, ...]:
    """Return one circle, first node repeated at the end, in the direction of the work."""
    import networkx as nx  # noqa: PLC0415 - costs half a second; see the module's docstring

    edges = nx.find_cycle(_graph(needs))
    return (*(before for before, _ in edges), edges[0][0])
