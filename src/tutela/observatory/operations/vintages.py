"""Differences between vintages: what two publications of one figure differ by must be publishable itself."""

from __future__ import annotations

from collections.abc import Mapping

from tutela.observatory.definitions.definition import Value
from tutela.observatory.definitions.units import Missing


def withheld(earlier: Mapping[str, Value], later: Mapping[str, Value], least: int) -> dict[str, int]:
    """Cells of a new vintage that would tell of fewer than `least` persons, with the change that they would tell.

    A cell that was shown and is now hidden tells nothing new. One that appears is published by the rules of its table.
    """
    found = dict[str, int]()
    for name, value in later.items():
        before = earlier.get(name)
        if before is None or isinstance(before, Missing) or isinstance(value, Missing):
            continue
        change = int(value - before)
        if 0 < abs(change) < least:
            found[name] = change
    return found
