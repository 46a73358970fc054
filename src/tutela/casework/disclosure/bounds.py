"""Exact bounds of suppressed cells: the narrowest interval that anybody can compute from the cells that are shown.

A table with margins is a network: a row and a column are nodes, a cell is an arc between them, and margins are arcs
back. All values of suppressed cells that agree with what is shown are the flows of this network. A cell's largest and
smallest value are found by augmenting paths; by total unimodularity they are those of the linear programme.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from tutela.casework.disclosure.rules import CountedTable

# Place of a cell; a margin has the number of rows or columns as its row or column.
type Place = tuple[int, int]
_UNBOUNDED = 1 << 60


@dataclass(frozen=True)
class Interval:
    """Smallest and largest possible value; `high` is None if nothing bounds it."""

    low: int
    high: int | None


def with_margins(table: CountedTable) -> dict[Place, int]:
    """Every cell and margin by its place."""
    found = {(r, c): value for r, line in enumerate(table.cells) for c, value in enumerate(line)}
    rows, columns = len(table.rows), len(table.columns)
    for r, line in enumerate(table.cells):
        found[r, columns] = sum(line)
    for c in range(columns):
        found[rows, c] = sum(line[c] for line in table.cells)
    found[rows, columns] = sum(map(sum, table.cells))
    return found


class Network:
    """The network of a table. Arcs of shown cells are fixed; those of hidden cells may change."""

    def __init__(self, table: CountedTable) -> None:
        self.values, self.least = with_margins(table), table.least
        self._rows, self._columns = len(table.rows), len(table.columns)

    def arc(self, place: Place) -> tuple[str, str]:
        """The nodes that a cell's arc connects, in its direction."""
        row, column = f"r{place[0]}", f"c{place[1]}"
        is_row_margin, is_column_margin = place[1] == self._columns, place[0] == self._rows
        return (column, row) if is_row_margin != is_column_margin else (row, column)

    def bounds(self, place: Place, hidden: Collection[Place]) -> Interval:
        """The values that a hidden cell may have, by the cells that are shown."""
        value, (tail, head) = self.values[place], self.arc(place)
        others = [one for one in hidden if one != place]
        rise = self._flow(head, tail, others)
        fall = min(value, self._flow(tail, head, others))
        return Interval(value - fall, None if rise >= _UNBOUNDED else value + rise)

    def _flow(self, source: str, sink: str, hidden: Collection[Place]) -> int:
        """Maximum flow from source to sink over the hidden arcs: forward without a limit, back by their values."""
        capacity: dict[str, dict[str, int]] = {}
        for place in hidden:
            tail, head = self.arc(place)
            capacity.setdefault(tail, {})[head] = _UNBOUNDED
            back = capacity.setdefault(head, {})
            back[tail] = back.get(tail, 0) + self.values[place]
        flow = 0
        while flow < _UNBOUNDED and (path := _path(capacity, source, sink)):
            steps = list(itertools.pairwise(path))
            least = min(capacity[a][b] for a, b in steps)
            for a, b in steps:
                capacity[a][b] -= least
                capacity[b][a] = capacity[b].get(a, 0) + least
            flow += least
        return flow


def _path(capacity: dict[str, dict[str, int]], source: str, sink: str) -> list[str]:
    """A shortest path with capacity left; empty if there is none."""
    before, waiting = {source: source}, deque([source])
    while waiting:
        node = waiting.popleft()
        for after, left in capacity.get(node, {}).items():
            if left > 0 and after not in before:
                before[after] = node
                if after == sink:
                    path = [sink]
                    while path[-1] != source:
                        path.append(before[path[-1]])
                    return path[::-1]
                waiting.append(after)
    return []
