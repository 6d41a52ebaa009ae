"""What follows from the arrows alone: order, longest path, circles, redundant arrows.

The only module that imports networkx, and only when it is first asked: the import costs half a
second that ``oneservice --help`` need not pay. Plain mappings go in, plain tuples come out; no
graph object leaves. A mapping gives for each node the nodes that it waits for; its own order is
the author's order and settles every tie, so the same input always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oneservice.errors import DependencyCycleError

if TYPE_CHECKING:
    from networkx import DiGraph

__all__ = ["Needs", "essential", "generations", "longest_path", "topological_order"]

Needs = Mapping[str, tuple[str, ...]]
"""For each node the nodes that it waits for; every node is a key."""

_START = ""
"""A node before all others, so that a path's first node can have a length of its own."""


def topological_order(needs: Needs) -> tuple[str, ...]:
    """Return all nodes, each after the ones it waits for; ties in the mapping's own order.

    Raises:
        DependencyCycleError: some nodes wait for one another in a circle.
    """
    import networkx as nx  # noqa: PLC0415 - costs half a second; see the module's docstring

    rank = {node: index for index, node in enumerate(needs)}
    try:
        return tuple(nx.lexicographical_topological_sort(_graph(needs), key=rank.__getitem__))
    except nx.NetworkXUnfeasible:
        raise DependencyCycleError(cycle=_cycle(needs)) from None


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
    import networkx as nx  # noqa: PLC0415 - costs half a second; see the module's docstring

    # One more per node, on a scale on which all nodes together weigh less than one unit of length.
    scale = len(needs) + 1
    graph = _graph(needs)
    for before, after in list(graph.edges):
        graph[before][after]["length"] = lengths[after] * scale + 1
    for node in [node for node, waits in needs.items() if not waits]:
        graph.add_edge(_START, node, length=lengths[node] * scale + 1)
    order = (_START, *topological_order(needs))
    return tuple(nx.dag_longest_path(graph, weight="length", topo_order=order))[1:]


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
