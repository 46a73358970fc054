"""Datasets that only grow: every earlier version is the rows that were there then, so it can be given out again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tutela.observatory.open_data.dataset import VERSION_LENGTH, Cell, Change, Dataset, csv_lines


@dataclass(frozen=True)
class Part:
    """Rows that were added together, and what the changelog says of them."""

    rows: tuple[tuple[Cell, ...], ...]
    change: Change


def grown(empty: Dataset, parts: Sequence[Part]) -> Dataset:
    """The dataset with the rows of these parts. `empty` has everything but them."""
    changes = tuple(one.change for one in reversed(parts))
    rows = tuple(row for one in parts for row in one.rows)
    return replace(empty, rows=rows, changes=changes, modified=changes[0].at if changes else empty.modified)


def of_version(empty: Dataset, parts: Sequence[Part], version: str) -> Dataset | None:
    """The dataset as it was in a version; None for one that never was."""
    return Growth(empty, tuple(parts)).of_version(version)


@dataclass(frozen=True)
class Growth:
    """A dataset with all its versions. What is computed once is kept: the parts of it never change."""

    empty: Dataset
    parts: tuple[Part, ...]

    @cached_property
    def newest(self) -> Dataset:
        """The dataset with every part."""
        return grown(self.empty, self.parts)

    @cached_property
    def _counts(self) -> dict[str, int]:
        """How many parts each version has. Each row is read once: anybody may ask."""
        digest = hashlib.sha256(csv_lines([tuple(one.name for one in self.empty.columns)]))
        known = {digest.hexdigest()[:VERSION_LENGTH]: 0}
        for count, part in enumerate(self.parts, 1):
            digest.update(csv_lines(part.rows))
            known[digest.hexdigest()[:VERSION_LENGTH]] = count
        return known

    def of_version(self, version: str) -> Dataset | None:
        """The dataset as it was in a version; None for one that never was."""
        count = self._counts.get(version)
        return None if count is None else grown(self.empty, self.parts[:count])
