"""Complementary suppression: hide further cells until no confidential one can be computed.

1. Hide the cells that are confidential by themselves (`rules.confidential`), and margins that are.
2. For each, compute the narrowest interval that the shown cells leave. It must reach 20 % below and above the value,
  and hold every smaller count than the least that is shown: a reader knows no more than that the count is small.
3. Where it does not, find the cheapest circle of cells through it that could change together, and hide these. The cost
   of a cell is its value; margins cost more than all cells, zeros cannot fall and cost nothing.
4. Repeat until every interval is wide enough. A table for which this is impossible is not published at all.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from math import ceil

from tutela.casework.disclosure.bounds import Network, Place
from tutela.casework.disclosure.rules import CountedTable, confidential

# A bound nearer to the value than this tells it.
SLACK = 0.2


class CannotProtect(ValueError):
    """The table cannot be published: its cells could be computed whatever is hidden."""


@dataclass(frozen=True)
class ProtectedTable:
    """What may be published. Hidden cells and margins are None; `primary` counts those hidden by a rule."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None
    primary: int
    complementary: int


def protect(table: CountedTable) -> ProtectedTable:
    """Hide what must be hidden. Raises `CannotProtect`, and `BelowState` for a dimension below a state."""
    network = Network(table)
    primary: set[Place] = {*confidential(table), *_small_margins(table, network)}
    hidden = set(primary)
    for _round in range(len(network.values) + 1):
        weak = [place for place in sorted(primary) if not is_protected(network, place, hidden)]
        if not weak:
            return _shown(table, network, hidden, len(primary))
        for place in weak:
            for upwards in (True, False):
                if not _reaches(network, place, hidden, upwards=upwards):
                    hidden |= _circle(network, place, hidden, upwards=upwards)
    raise CannotProtect("no pattern of hidden cells protects the table")


def is_protected(network: Network, place: Place, hidden: set[Place]) -> bool:
    """Return true if the shown cells leave enough below and above the value of a hidden cell."""
    return all(_reaches(network, place, hidden, upwards=upwards) for upwards in (True, False))


def _needed(network: Network, place: Place, *, upwards: bool) -> int:
    """How far the value of a hidden cell must be able to rise, or fall."""
    value, least = network.values[place], network.least
    around = max(1, ceil(SLACK * value)) if upwards or value else 0
    if value >= least:
        return around
    return max(around, least - 1 - value) if upwards else value


def _reaches(network: Network, place: Place, hidden: set[Place], *, upwards: bool) -> bool:
    value, found = network.values[place], network.bounds(place, hidden)
    needed = _needed(network, place, upwards=upwards)
    if upwards:
        return found.high is None or found.high >= value + needed
    return found.low <= value - needed


def _small_margins(table: CountedTable, network: Network) -> set[Place]:
    rows, columns = len(table.rows), len(table.columns)
    margins = [place for place in network.values if place[0] == rows or place[1] == columns]
    return {place for place in margins if 0 < network.values[place] < table.least}


def _circle(network: Network, place: Place, hidden: set[Place], *, upwards: bool) -> set[Place]:
    """The cheapest cells that can change together with this one. Raises `CannotProtect`."""
    tail, head = network.arc(place)
    start, goal = (head, tail) if upwards else (tail, head)
    needed = _needed(network, place, upwards=upwards)
    steps = _steps(network, place, hidden, needed)
    best: dict[str, float] = {start: 0.0}
    before: dict[str, tuple[str, Place]] = {}
    waiting = [(0.0, start)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if node == goal:
            return _used(before, start, goal)
        for after, other, price in steps.get(node, ()):
            if cost + price < best.get(after, float("inf")):
                best[after] = cost + price
                before[after] = (node, other)
                heapq.heappush(waiting, (cost + price, after))
    raise CannotProtect("a confidential cell is alone in its row and column")


def _steps(
    network: Network, place: Place, hidden: set[Place], needed: int
) -> dict[str, list[tuple[str, Place, float]]]:
    """From each node where one may go: along an arc its cell rises, against it the cell falls by `needed`."""
    rows, columns = max(r for r, _c in network.values), max(c for _r, c in network.values)
    dear = 1 + sum(network.values[r, c] for r in range(rows) for c in range(columns))
    found: dict[str, list[tuple[str, Place, float]]] = {}
    for other, value in network.values.items():
        if other == place:
            continue
        margin = other[0] == rows or other[1] == columns
        price = 0.01 if other in hidden else 1.0 + value + (dear if margin else 0)
        tail, head = network.arc(other)
        # A zero that is shown stays shown: hidden, it protects nothing below it.
        if value or other in hidden:
            found.setdefault(tail, []).append((head, other, price))
        if value >= needed:
            found.setdefault(head, []).append((tail, other, price))
    return found


def _used(before: dict[str, tuple[str, Place]], start: str, goal: str) -> set[Place]:
    found, node = set[Place](), goal
    while node != start:
        node, place = before[node]
        found.add(place)
    return found


def _shown(table: CountedTable, network: Network, hidden: set[Place], primary: int) -> ProtectedTable:
    def at(row: int, column: int) -> int | None:
        return None if (row, column) in hidden else network.values[row, column]

    rows, columns = len(table.rows), len(table.columns)
    return ProtectedTable(
        table.rows,
        table.columns,
        tuple(tuple(at(r, c) for c in range(columns)) for r in range(rows)),
        tuple(at(r, columns) for r in range(rows)),
        tuple(at(rows, c) for c in range(columns)),
        at(rows, columns),
        primary,
        len(hidden) - primary,
    )
