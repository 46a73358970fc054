"""Budget of 24 hours: how much one person has opened, and how much of it without a break.

- The last 24 hours count, not a day of the calendar: midnight comes earlier in another time zone, and people choose
  theirs.
- From the budget on, and after so many in a row, a break is suggested; at the stop nothing more opens by itself.
- A person's count is shown to that person alone. It stands in no event, list, file, figure or log, and is never used
  to judge somebody's work.
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

WINDOW = timedelta(hours=24)
# Who opened nothing for so long has had a break.
BREAK = timedelta(minutes=15)


@dataclass(frozen=True)
class Budget:
    """How much a person has opened in the last 24 hours, and how many of them without a break."""

    opened: int
    in_a_row: int
    terms: BudgetTerms

    @property
    def left(self) -> int:
        return max(0, self.terms.stop - self.opened)

    @property
    def at_the_stop(self) -> bool:
        return self.left == 0

    @property
    def advise_break(self) -> bool:
        too_many_in_a_row = bool(self.terms.in_a_row) and self.in_a_row >= self.terms.in_a_row
        return self.opened >= self.terms.budget or too_many_in_a_row


def openings_of(rule: ExposureRule) -> QuerySet[Opening] | QuerySet[KeptOpening]:
    """The openings of a kind of subject. Call inside `acting(actor)`."""
    rows = KeptOpening.objects if rule.kept else Opening.objects
    return rows.filter(subject_kind=rule.subject_kind)


def own_budget(actor: Actor, rule: ExposureRule, terms: BudgetTerms) -> Budget:
    """The actor's own budget now. Call inside `acting(actor)`."""
    own = openings_of(rule).filter(by=actor.reference, created_at__gt=clock.now() - WINDOW)
    found = list(own.order_by("-created_at").values_list("created_at", flat=True))
    return Budget(len(found), _in_a_row(found), terms)


def _in_a_row(moments: Sequence[datetime]) -> int:
    """How many openings, the newest first, follow one another without a break until now."""
    found = 0
    for later, earlier in pairwise([clock.now(), *moments]):
        if later - earlier >= BREAK:
            break
        found += 1
    return found
