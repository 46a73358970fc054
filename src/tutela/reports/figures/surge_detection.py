"""Surge detection: pure functions of daily counts.

- The newest seven complete days are compared with a quarter of the twenty-eight days before, so that weekdays weigh the
  same. A younger value is compared with its whole weeks; a value that has just begun is compared with zero.
- A surge is at least two and a half times the usual count, and more than chance explains for small numbers. Expected
  counts vary by their square root. `CHANCE` of those, plus `FEW`, happens to a steady series less than once in a
  lifetime. A fourfold increase for a month is missed once in a thousand times at four a day, and never at eight.
- Four weeks of zero do not prove that zero is usual: they may hide up to `LOWEST_USUAL` in a week. A sender without
  earlier reports surges on the day it exceeds that and the range of chance.
- The usual count is frozen when a surge begins. A surge ends when seven days are less than twice that count, or when a
  person declares the new count usual. No new surge is raised while the twenty-eight days before still include a part of
  the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

WINDOW, BEFORE = 7, 28
RISES, FALLS = 2.5, 2.0
CHANCE, FEW = 5.0, 6.0
# A week of what shows nothing in four weeks once in ten thousand times.
LOWEST_USUAL = 2.3
# A series raises no new surge for this number of days after its end.
QUIET = WINDOW + BEFORE


@dataclass(frozen=True)
class Rise:
    """Seven days, and what seven days were usually."""

    seen: int
    usual: float

    @property
    def ratio(self) -> float:
        return self.seen / max(self.usual, 1.0)


def rise(daily: Sequence[int]) -> Rise | None:
    """Whether the newest days are a surge; `daily` ends with the newest complete day. Too short a series has none."""
    weeks = min(len(daily) // WINDOW - 1, BEFORE // WINDOW)
    if weeks < 1:
        return None
    seen = sum(daily[-WINDOW:])
    found = Rise(seen, sum(daily[-WINDOW * (weeks + 1) : -WINDOW]) / weeks)
    return found if seen >= RISES * found.usual and seen > _by_chance(found, weeks) else None


def _by_chance(found: Rise, weeks: int) -> float:
    """Upper limit of what chance explains. It is higher if the usual number is known from few weeks."""
    usual = max(found.usual, LOWEST_USUAL)
    # A few weeks may be low by chance, so the newest count weighs in the mean as much as one of them.
    mean = usual if weeks == BEFORE // WINDOW else max(usual, (found.seen + weeks * found.usual) / (weeks + 1))
    return usual + CHANCE * sqrt(mean * (1 + 1 / weeks) / (1 + WINDOW / BEFORE)) + FEW


def excess(daily: Sequence[int]) -> float:
    """Excess of the newest days over the usual number; days before the first of a short series count as 0."""
    return sum(daily[-WINDOW:]) - sum(daily[-WINDOW - BEFORE : -WINDOW]) * WINDOW / BEFORE


def fell(daily: Sequence[int], usual: float) -> bool:
    """Whether a surge that began over this is over."""
    return sum(daily[-WINDOW:]) < FALLS * max(usual, LOWEST_USUAL)
