"""Budget of 24 hours: how much one person has opened, and how much of that without a break.

- The last 24 hours count, not a calendar day: people choose their time zone, and midnight differs between zones.
- A break is suggested from the recommended limit on, after too many openings in a row, and after 25 minutes without a
  break. At the daily limit no other subject opens by itself.
- Only the person sees the own count. The count is in no event, list, file, figure or log, and is never used to judge
  work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import QuerySet

from tutela import clock
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import BudgetTerms
from tutela.casework.models import KeptOpening, Opening
from tutela.events.actor import Actor

BUDGET_WINDOW = timedelta(hours=24)
# A pause of this length is a break.
BREAK = timedelta(minutes=15)
# After so long with openings and without a break, one is suggested.
BREAK_AFTER = timedelta(minutes=25)


@dataclass(frozen=True)
class Budget:
    """Number of openings by a person in the last 24 hours, and of those without a break."""

    opened: int
    in_a_row: int
    terms: BudgetTerms
    # Time since the first of the openings in a row, or that of viewing on the own machine if it is longer.
    working: timedelta = timedelta(0)

    @property
    def left(self) -> int:
        return max(0, self.terms.stop - self.opened)

    @property
    def at_the_stop(self) -> bool:
        return self.left == 0

    @property
    def advise_break(self) -> bool:
        too_many_in_a_row = bool(self.terms.in_a_row) and self.in_a_row >= self.terms.in_a_row
        return self.opened >= self.terms.budget or too_many_in_a_row or self.working >= BREAK_AFTER


def openings_of(rule: ExposureRule) -> QuerySet[Opening] | QuerySet[KeptOpening]:
    """The openings of a kind of subject. Call inside `acting(actor)`."""
    rows = KeptOpening.objects if rule.kept else Opening.objects
    return rows.filter(subject_kind=rule.subject_kind)


def own_budget(actor: Actor, rule: ExposureRule, terms: BudgetTerms) -> Budget:
    """The actor's own budget now. Call inside `acting(actor)`."""
    own = openings_of(rule).filter(by=actor.reference, created_at__gt=clock.now() - BUDGET_WINDOW)
    found = list(own.order_by("-created_at").values_list("created_at", "seconds"))
    in_a_row = _in_a_row([at for at, _seconds in found])
    elapsed = clock.now() - found[in_a_row - 1][0] if in_a_row else timedelta(0)
    viewed = timedelta(seconds=sum(seconds for _at, seconds in found[:in_a_row]))
    return Budget(len(found), in_a_row, terms, max(elapsed, viewed))


def _in_a_row(moments: Sequence[datetime]) -> int:
    """Number of openings without a break until now; `moments` has the newest first."""
    found = 0
    for later, earlier in pairwise([clock.now(), *moments]):
        if later - earlier >= BREAK:
            break
        found += 1
    return found
