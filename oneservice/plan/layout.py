"""Where boxes and arrows go on a page: columns from left to right, few crossings, straight runs.

Theory of operation, after Sugiyama: an arrow that jumps over columns gets a narrow lane in each
of them, so that it never runs through a box; columns are put in order by the mean place of their
neighbours, a few times to and fro; then each column is placed as near to its neighbours as the
gaps allow. The last is least squares under an order, which pooling adjacent violators solves
exactly. All ties fall to the given order: the same graph always looks the same. Lengths are
floats in user units: nothing here is hashed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Layout", "Point", "arrange"]

_SWEEPS = 6
_LANE_HEIGHT = 10.0
_PORT_GAP = 14.0


class Point(NamedTuple):
    """A place on the page, from the top left."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """``boxes`` by id: the top left corner. ``routes`` by arrow: turning points, left to right."""

    boxes: Mapping[str, Point]
    routes: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


@dataclass(slots=True, kw_only=True)
class _Cell:
    """A box or, with ``is_lane``, the place where an arrow passes a column."""

    name: str
    column: int
    height: float
    is_lane: bool
    before: list[_Cell]
    after: list[_Cell]
    middle: float = 0.0


def arrange(
    columns: Sequence[Sequence[str]],
    arrows: Sequence[tuple[str, str]],
    *,
    box: tuple[float, float],
    gaps: tuple[float, float],
) -> Layout:
    """Return where everything goes.

    Args:
        columns: box ids by column; arrows go from left to right.
        arrows: (source, target) pairs, each once; those within a column or to the left leave and
            arrive on the right, without lanes.
        box: width and height of every box.
        gaps: between columns, and between boxes of one column.
    """
    grid, paths = _grid(columns, arrows, box[1])
    _order(grid)
    _place(grid, gaps[1])
    top = min((cell.middle - cell.height / 2 for column in grid for cell in column), default=0.0)
    bottom = max((cell.middle + cell.height / 2 for column in grid for cell in column), default=0.0)
    for column in grid:
        for cell in column:
            cell.middle -= top
    cells = {cell.name: cell for column in grid for cell in column if not cell.is_lane}
    step = box[0] + gaps[0]
    places = {
        name: Point(cell.column * step, cell.middle - cell.height / 2)
        for name, cell in cells.items()
    }
    return Layout(
        boxes=places,
        routes=_routes(paths, box, step),
        width=max(len(grid) * step - gaps[0], 0.0),
        height=bottom - top,
    )


def _grid(
    columns: Sequence[Sequence[str]], arrows: Sequence[tuple[str, str]], height: float
) -> tuple[list[list[_Cell]], dict[tuple[str, str], list[_Cell]]]:
    """Return the columns with lanes in them, and for each arrow the cells that it visits."""
    grid: list[list[_Cell]] = [
        [_cell(name, index, height, is_lane=False) for name in column]
        for index, column in enumerate(columns)
    ]
    cells = {cell.name: cell for column in grid for cell in column}
    paths: dict[tuple[str, str], list[_Cell]] = {}
    for source, target in arrows:
        path = [cells[source]]
        for index in range(cells[source].column + 1, cells[target].column):
            lane = _cell(f"{source}>{target}", index, _LANE_HEIGHT, is_lane=True)
            grid[index].append(lane)
            path.append(lane)
        path.append(cells[target])
        if cells[source].column < cells[target].column:  # others have no say in the order
            for left, right in pairwise(path):
                left.after.append(right)
                right.before.append(left)
        paths[source, target] = path
    return grid, paths


def _cell(name: str, column: int, height: float, *, is_lane: bool) -> _Cell:
    return _Cell(name=name, column=column, height=height, is_lane=is_lane, before=[], after=[])


def _order(grid: list[list[_Cell]]) -> None:
    """Sort each column by the mean place of its neighbours, forwards and backwards by turns.

    Sweeps need not get better and better: the order with the fewest crossings is kept.
    """
    _rank(grid)
    best, fewest = [list(column) for column in grid], _crossings(grid)
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for column in grid if forwards else reversed(grid):
            column.sort(key=lambda cell: _mean(cell.before if forwards else cell.after, cell))
            _rank(grid)
        _exchange(grid)
        crossings = _crossings(grid)
        if crossings < fewest:
            best, fewest = [list(column) for column in grid], crossings
    for column, ordered in zip(grid, best, strict=True):
        column[:] = ordered


def _exchange(grid: list[list[_Cell]]) -> None:
    """Let neighbours in a column change places where that takes crossings away."""
    for index, column in enumerate(grid):
        touched = grid[max(index - 1, 0) : index + 1]
        for place in range(len(column) - 1):
            before = _crossings(touched)
            _swap(column, place)
            if _crossings(touched) >= before:
                _swap(column, place)


def _swap(column: list[_Cell], place: int) -> None:
    upper, lower = column[place], column[place + 1]
    column[place], column[place + 1] = lower, upper
    upper.middle, lower.middle = lower.middle, upper.middle


def _rank(grid: list[list[_Cell]]) -> None:
    """Let ``middle`` be the place in the column, counted from its centre."""
    for column in grid:
        for index, cell in enumerate(column):
            cell.middle = index - len(column) / 2


def _crossings(columns: list[list[_Cell]]) -> int:
    """Return how many pairs of arrows cross that leave these columns to the next one."""
    total = 0
    for column in columns:
        ends = [(cell.middle, after.middle) for cell in column for after in cell.after]
        total += sum(
            (one[0] - other[0]) * (one[1] - other[1]) < 0
            for index, one in enumerate(ends)
            for other in ends[:index]
        )
    return total


def _mean(neighbours: list[_Cell], own: _Cell) -> float:
    if not neighbours:
        return own.middle
    return sum(cell.middle for cell in neighbours) / len(neighbours)


def _place(grid: list[list[_Cell]], gap: float) -> None:
    """Give each cell its middle: stacked first, then drawn towards its neighbours."""
    for column in grid:
        _settle(column, [0.0] * len(column), gap)
    for sweep in range(_SWEEPS):
        for column in grid if sweep % 2 else reversed(grid):
            wishes = [_mean([*cell.before, *cell.after], cell) for cell in column]
            _settle(column, wishes, gap)


def _settle(column: list[_Cell], wishes: list[float], gap: float) -> None:
    """Place ``column`` as near to ``wishes`` as its order and ``gap`` allow (least squares)."""
    offsets = [0.0]
    for upper, lower in pairwise(column):
        between = gap / 2 if upper.is_lane or lower.is_lane else gap
        offsets.append(offsets[-1] + (upper.height + lower.height) / 2 + between)
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=False):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            above = pools.pop()
            total, count = total + above[0], count + above[1]
        pools.append((total, count))
    shifts = [total / count for total, count in pools for _ in range(count)]
    for cell, shift, offset in zip(column, shifts, offsets, strict=False):
        cell.middle = shift + offset


def _routes(
    paths: Mapping[tuple[str, str], list[_Cell]], box: tuple[float, float], step: float
) -> dict[tuple[str, str], tuple[Point, ...]]:
    """Return the turning points: out of the source's right side, along lanes, into the target."""
    leaving: dict[str, list[tuple[float, tuple[str, str]]]] = {}
    arriving: dict[str, list[tuple[float, tuple[str, str]]]] = {}
    for arrow, path in paths.items():
        leaving.setdefault(arrow[0], []).append((path[1].middle, arrow))
        arriving.setdefault(arrow[1], []).append((path[-2].middle, arrow))
    out, into = _ports(leaving, box[1]), _ports(arriving, box[1])
    routes = {}
    for arrow, path in paths.items():
        source, target = path[0], path[-1]
        points = [Point(source.column * step + box[0], source.middle + out[arrow])]
        for lane in path[1:-1]:
            left = lane.column * step
            points += [Point(left, lane.middle), Point(left + box[0], lane.middle)]
        end = target.column * step
        if target.column <= source.column:  # no way round on the left: come back from the right
            end += box[0]
        points.append(Point(end, target.middle + into[arrow]))
        routes[arrow] = tuple(points)
    return routes


def _ports(
    sides: Mapping[str, list[tuple[float, tuple[str, str]]]], height: float
) -> dict[tuple[str, str], float]:
    """Spread the arrows of each side over it, in the order of where they go."""
    offsets: dict[tuple[str, str], float] = {}
    for ends in sides.values():
        ends.sort()
        gap = min(_PORT_GAP, height * 0.7 / max(len(ends) - 1, 1))
        for index, (_, arrow) in enumerate(ends):
            offsets[arrow] = (index - (len(ends) - 1) / 2) * gap
    return offsets
