"""Figures of the ledger as plain values: one line for each group of entries, and one for all of them.

- Median and p90 are of the entries that were removed, in hours without the time of police holds. p90 is the smallest
  time within which at least 90 of 100 were removed.
- Compliance is the share of removed entries among those that ended, were refused or are open. Entries under hold, moved
  and withdrawn ones are left out: there the provider could do nothing, or did not need to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from tutela.takedown.ledger.entries import LedgerEntry, Result


class Grouping(StrEnum):
    """By what the entries are grouped."""

    PROVIDER = "provider"
    COUNTRY = "country"
    WEEK = "week"


KEYS: dict[Grouping, Callable[[LedgerEntry], str]] = {
    Grouping.PROVIDER: lambda one: one.provider,
    Grouping.COUNTRY: lambda one: one.country,
    Grouping.WEEK: lambda one: one.week,
}


@dataclass(frozen=True)
class LedgerLine:
    """Figures of a group. `under_hold` counts those of `refused` and `open` whose hold stands."""

    name: str
    count: int
    notices: int
    removed: int
    refused: int
    open: int
    moved: int
    withdrawn: int
    reappeared: int
    under_hold: int
    held_hours: float
    median_hours: float | None
    p90_hours: float | None
    compliance: float | None


def lines(entries: Iterable[LedgerEntry], by: Grouping) -> list[LedgerLine]:
    """A line for each group, by name."""
    groups = dict[str, list[LedgerEntry]]()
    for one in entries:
        groups.setdefault(KEYS[by](one), []).append(one)
    return [line(name, groups[name]) for name in sorted(groups)]


def line(name: str, entries: Sequence[LedgerEntry]) -> LedgerLine:
    """The figures of some entries."""
    counted = {result: sum(one.result is result for one in entries) for result in Result}
    hours = sorted(one.hours for one in entries if one.hours is not None)
    under_hold = sum(one.under_hold for one in entries)
    answerable = counted[Result.REMOVED] + counted[Result.REFUSED] + counted[Result.OPEN] - under_hold
    return LedgerLine(
        name=name,
        count=len(entries),
        notices=sum(one.notices for one in entries),
        removed=counted[Result.REMOVED],
        refused=counted[Result.REFUSED],
        open=counted[Result.OPEN],
        moved=counted[Result.MOVED],
        withdrawn=counted[Result.WITHDRAWN],
        reappeared=sum(one.reappeared for one in entries),
        under_hold=under_hold,
        held_hours=math.fsum(one.held_hours for one in entries),
        median_hours=median(hours) if hours else None,
        p90_hours=p90(hours),
        compliance=counted[Result.REMOVED] / answerable if answerable else None,
    )


def p90(ordered: Sequence[float]) -> float | None:
    """The 90th percentile of ordered values, by nearest rank; None of no values."""
    return ordered[-(-len(ordered) * 9 // 10) - 1] if ordered else None
