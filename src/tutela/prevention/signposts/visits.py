"""Counts of pages for worried people that cannot identify: by day, in tens, and none below 20.

Each process counts in its memory, by page alone: no time, no language, no address. A day is written after it has ended,
by the first reader of the next one, whose own visit is not among it. A restart loses counts; it adds none.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from threading import Lock

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.prevention.knowledge.permissions import READ
from tutela.prevention.models import VisitCount

LEAST, STEP = 20, 10
_counts: Counter[tuple[date, str]] = Counter()
_lock = Lock()


def count(page: str) -> list[tuple[date, str, int]]:
    """Count a visit of today; returns what earlier days leave to write, rounded down, and forgets those days."""
    today = clock.now().date()
    with _lock:
        ended = [key for key in _counts if key[0] < today]
        found = [(day, name, _counts[day, name] // STEP) for day, name in ended if _counts[day, name] >= LEAST]
        for key in ended:
            del _counts[key]
        _counts[today, page] += 1
    return sorted(found)


def keep(actor: Actor, found: list[tuple[date, str, int]]) -> None:
    """Write the counts of days that ended. Call inside `acting`."""
    VisitCount.objects.bulk_create(
        [VisitCount(organisation_id=actor.organisation_id, day=day, page=page, tens=tens) for day, page, tens in found]
    )


def figures(actor: Actor) -> list[tuple[str, int]]:
    """Visits by page, in tens."""
    actor.require(READ)
    with acting(actor):
        total = Counter[str]()
        for page, tens in VisitCount.objects.values_list("page", "tens"):
            total[page] += tens * STEP
        return sorted(total.items())
