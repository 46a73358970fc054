"""Datasets that only grow: every earlier version is the rows that were there then, so it can be given out again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """The dataset as it was in a version; None for one that never was. Each row is read once: anybody may ask."""
    digest = hashlib.sha256(csv_lines([tuple(one.name for one in empty.columns)]))
    known = {digest.hexdigest()[:VERSION_LENGTH]: 0}
    for count, part in enumerate(parts, 1):
        digest.update(csv_lines(part.rows))
        known[digest.hexdigest()[:VERSION_LENGTH]] = count
    return grown(empty, parts[: known[version]]) if version in known else None
