"""The calculator behind the plan, against what a child would do with pencil and paper."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.errors import DependencyCycleError
from oneservice.plan.graph import essential, generations, longest_path, topological_order


def test_networkx_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, oneservice.plan; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@st.composite
def acyclic(draw):
    """Return a graph whose nodes are listed in an order that need not be a topological one."""
    count = draw(st.integers(1, 9))
    names = [f"n{index}" for index in range(count)]
    needs = {
        name: tuple(draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else ())
        for index, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


def all_paths(needs, node):
    if not needs[node]:
        yield (node,)
    for wait in needs[node]:
        for path in all_paths(needs, wait):
            yield (*path, node)


@given(acyclic())
def test_order_and_generations(needs) -> None:
    order = topological_order(needs)
    assert sorted(order) == sorted(needs)
    assert all(order.index(wait) < order.index(node) for node in needs for wait in needs[node])
    layers = generations(needs)
    depth = {node: index for index, layer in enumerate(layers) for node in layer}
    for node, waits in needs.items():
        assert depth[node] == max((depth[wait] + 1 for wait in waits), default=0)


@given(acyclic(), st.data())
def test_the_longest_path_is_longest(needs, data) -> None:
    lengths = {node: data.draw(st.integers(0, 20), label=node) for node in needs}
    path = longest_path(needs, lengths)
    assert all(left in needs[right] for left, right in pairwise(path))
    assert not needs[path[0]]
    paths = [each for node in needs for each in all_paths(needs, node)]
    longest = max((sum(map(lengths.get, each)), len(each)) for each in paths)
    assert (sum(map(lengths.get, path)), len(path)) == longest


@given(acyclic())
def test_what_is_left_out_follows_from_the_rest(needs) -> None:
    def reached(graph, node):
        return {node}.union(*(reached(graph, wait) for wait in graph[node]))

    kept = essential(needs)
    for node in needs:
        assert set(kept[node]) <= set(needs[node])
        assert reached(kept, node) == reached(needs, node)
        for wait in kept[node]:
            fewer = kept | {node: tuple(other for other in kept[node] if other != wait)}
            assert reached(fewer, node) != reached(needs, node)


@pytest.mark.parametrize("function", [topological_order, generations])
def test_circles_are_shown(function) -> None:
    needs = {"a": ("c",), "b": ("a",), "c": ("b",), "d": ()}
    with pytest.raises(DependencyCycleError) as caught:
        function(needs)
    cycle = caught.value.cycle
    assert cycle[0] == cycle[-1]
    assert set(cycle) == {"a", "b", "c"}
    assert all(left in needs[right] for left, right in pairwise(cycle))


def test_a_step_that_waits_for_itself() -> None:
    with pytest.raises(DependencyCycleError, match="a -> a"):
        topological_order({"a": ("a",)})
