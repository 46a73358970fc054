"""When a volume is a surge: pure, from daily counts.

- The newest seven complete days are compared with a quarter of the twenty-eight before: weekdays weigh the same. A
  value that is younger is compared with the whole weeks that it has; one that has just begun with nothing.
- A surge is at least two and a half times what was usual, and more than chance makes of small numbers: expected counts
  vary by their square root, and `CHANCE` of those, with `FEW` on top, happens to a steady series less than once in a
  lifetime. Four times as much for a month is missed once in a thousand times at four a day, and never at eight.
- Four weeks of nothing are no proof that nothing was to come: they hide up to `HIDDEN` in a week. Whoever sent nothing
  and sends beyond that, and beyond what chance makes of it, surges on that day.
- What is usual is frozen when it begins. It is over when seven days are less than twice that, or when a person says
  that this is usual now; for as long as the twenty-eight days before still hold a part of it, nothing is raised anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

WINDOW, BEFORE = 7, 28
RISES, FALLS = 2.5, 2.0
CHANCE, FEW = 5.0, 6.0
# A week of what shows nothing in four weeks once in ten thousand times.
HIDDEN = 2.3
# Days after its end in which a series is not raised anew.
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
    """How many chance may make of what is usual; the fewer weeks say what that is, the more."""
    usual = max(found.usual, HIDDEN)
    # Few weeks may have been low by chance: then what is seen says as much of the mean as they do.
    mean = usual if weeks == BEFORE // WINDOW else max(usual, (found.seen + weeks * found.usual) / (weeks + 1))
    return usual + CHANCE * sqrt(mean * (1 + 1 / weeks) / (1 + WINDOW / BEFORE)) + FEW


def excess(daily: Sequence[int]) -> float:
    """How many more the newest days have than is usual; days before the first of a short series had none."""
    return sum(daily[-WINDOW:]) - sum(daily[-WINDOW - BEFORE : -WINDOW]) * WINDOW / BEFORE


def fell(daily: Sequence[int], usual: float) -> bool:
    """Whether a surge that began over this is over."""
    return sum(daily[-WINDOW:]) < FALLS * max(usual, HIDDEN)
