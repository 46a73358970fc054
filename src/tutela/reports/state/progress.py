"""Progress of a report as a bit field, so each step can be counted with an index.

- `referred` is set while a referral is valid. A later step is set while an outcome of a valid referral proves it: the
  step's own outcome, or one that implies it.
- The released steps are those proved by an outcome that may be published.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, QuerySet

from tutela.reports.models import Report

# Each step with the outcomes that prove it: its own and whatever implies it.
PROOFS: dict[str, tuple[str, ...]] = {
    "taken_up": ("taken_up", "person_identified", "victim_identified", "charged", "convicted"),
    "person_identified": ("person_identified", "charged", "convicted"),
    "victim_identified": ("victim_identified",),
    "charged": ("charged", "convicted"),
    "convicted": ("convicted",),
}
STEPS = ("referred", *PROOFS)
BITS = {name: 1 << place for place, name in enumerate(STEPS)}
STATISTICS = "statistics"


def progress_of(outcomes: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """The steps reached, and those released, by the outcomes (kind, release) of valid referrals."""
    reached, released = BITS["referred"], 0
    for kind, release in outcomes:
        proven = sum(BITS[name] for name, kinds in PROOFS.items() if kind in kinds)
        reached |= proven
        released |= proven if release == STATISTICS else 0
    return reached, released


def those(rows: QuerySet[Report], step: str, *, released: bool = False) -> QuerySet[Report]:
    """Return those of the reports that reached a step."""
    column = F("released" if released else "reached")
    return rows.alias(bits=column.bitand(BITS[step])).filter(bits__gt=0, reached__gt=0)
