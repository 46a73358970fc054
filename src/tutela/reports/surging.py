"""When a volume is a surge: pure, from daily counts.

- The newest seven complete days are compared with a quarter of the twenty-eight before: weekdays weigh the same.
- A surge is at least two and a half times what was usual, and more than chance makes of small numbers: expected counts
  vary by their square root, and `CHANCE` of those, with `FEW` on top, happens to a steady series less than once in a
  lifetime. Four times as much for a month is missed once in a thousand times at four a day, and never at eight.
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
    if len(daily) < WINDOW + BEFORE:
        return None
    seen = sum(daily[-WINDOW:])
    usual = sum(daily[-WINDOW - BEFORE : -WINDOW]) * WINDOW / BEFORE
    found = Rise(seen, usual)
    by_chance = usual + CHANCE * sqrt(usual) + FEW
    return found if usual > 0 and seen >= RISES * usual and seen > by_chance else None


def excess(daily: Sequence[int]) -> float:
    """How many more the newest days have than is usual; days before the first of a short series had none."""
    return sum(daily[-WINDOW:]) - sum(daily[-WINDOW - BEFORE : -WINDOW]) * WINDOW / BEFORE


def fell(daily: Sequence[int], usual: float) -> bool:
    """Whether a surge that began over this is over."""
    return sum(daily[-WINDOW:]) < FALLS * max(usual, 1.0)
