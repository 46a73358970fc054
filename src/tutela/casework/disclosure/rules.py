"""Which cells of a table are confidential by themselves. Each rule is a threshold with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A count of fewer persons can be recognised by somebody who knows one of them.
LEAST_PERSONS = 5
# By age, gender and state a child is known to more people.
LEAST_CHILDREN = 10
# No point of a map below a state, and none for fewer.
LEAST_ON_MAP = 50
# One contributor with a larger part of a confidential cell could be computed from it.
DOMINANT_SHARE = 0.7
# Dimensions that place a person below the level of a state.
BELOW_STATE = frozenset({"municipality", "city", "region", "postcode", "nuts2", "nuts3", "court", "school"})
CHILD_DIMENSIONS = frozenset({"age", "gender", "state"})


@dataclass(frozen=True)
class CountedTable:
    """A table of counts with its margins: `cells[row][column]`.

    `dimensions` name what rows and columns are. `contributors` are the parts of cells by who counted them, if the cells
    are confidential for that reason. `threshold` is the smallest count that is shown of what are no persons.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    dimensions: frozenset[str] = frozenset()
    persons: bool = False
    children: bool = False
    contributors: Mapping[tuple[int, int], Sequence[int]] | None = None
    threshold: int = 0

    def __post_init__(self) -> None:
        if len(self.cells) != len(self.rows) or any(len(line) != len(self.columns) for line in self.cells):
            raise ValueError("the table has other rows or columns than its labels")
        if any(value < 0 for line in self.cells for value in line):
            raise ValueError("a count is negative")

    @property
    def least(self) -> int:
        """The smallest count that is shown; 0 for a table of which every count is."""
        if self.children and self.dimensions >= CHILD_DIMENSIONS:
            return max(self.threshold, LEAST_CHILDREN)
        return max(self.threshold, LEAST_PERSONS if self.persons or self.children else 0)


class BelowState(ValueError):
    """A table of persons has a dimension below the level of a state."""


def confidential(table: CountedTable) -> set[tuple[int, int]]:
    """Cells that are not shown by themselves.

    - A count of persons from 1 to the least is confidential.
    - A zero is shown, unless it says of persons that a whole group is in the only other cell of its row or column.
    - A cell of which one contributor has more than 70 % is confidential.

    Raises `BelowState`.
    """
    if table.least and table.dimensions & BELOW_STATE:
        raise BelowState(", ".join(sorted(table.dimensions & BELOW_STATE)))
    found, of_people = set[tuple[int, int]](), table.persons or table.children
    for row, line in enumerate(table.cells):
        for column, value in enumerate(line):
            if 0 < value < table.least or (value == 0 and of_people and _reveals(table, row, column)):
                found.add((row, column))
    for place, parts in (table.contributors or {}).items():
        if sum(parts) and max(parts) > DOMINANT_SHARE * sum(parts):
            found.add(place)
    return found


def _reveals(table: CountedTable, row: int, column: int) -> bool:
    """Return true if everybody of a row or column of persons is in one cell: the zeros then say so."""
    along = [value for place, value in enumerate(table.cells[row]) if place != column]
    down = [line[column] for place, line in enumerate(table.cells) if place != row]
    return any(sum(1 for value in group if value) == 1 for group in (along, down))
