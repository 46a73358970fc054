"""Daily query for an authority that takes part, so that identifiers added later are found too.

- Identifiers that were not queried that day are queried, those queried longest ago first. Each query is one event.
- The job uses at most half of a day's budget, and only what people have left, so that the job never exceeds the budget.
  The job does not run after a refusal on that day, nor while a query is in progress, which may count for any day's
  budget.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.db.models import Q, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.referral.deconfliction import HALF_A_DAY, MOST_POINTS, POINTS_A_DAY
from tutela.investigations.deconfliction.query import ask_about, in_line, joined, one_at_a_time
from tutela.investigations.models import AskedQuestion, HeldIdentifier

NOON = 12
# The other half is people's. And a holder answers 5,000 points a day: so much of thirty-nine that ask each day.
MOST_BY_ITSELF = POINTS_A_DAY // 2


def ask(actor: Actor) -> int:
    """Ask about what is due, as far as the day's budget goes; returns about how many. Raises `NoCentre`."""
    actor.require("investigations.answer")
    with acting(actor):
        one_at_a_time(actor)
        if not joined(actor.organisation_id) or _must_wait():
            return 0
        most = min(MOST_BY_ITSELF, left())
        rows = list(in_line().filter(Q(turn=None) | Q(turn__lt=_today()))[:most])
        for start in range(0, len(rows), MOST_POINTS):
            ask_about(actor, rows[start : start + MOST_POINTS])
    return len(rows)


def left() -> int:
    """The number of identifiers that may still be queried, as the Centre counts.

    The count includes the half-day (UTC) before this one. Call inside `acting(actor)`.
    """
    since = _today() - HALF_A_DAY * (1 if clock.now().astimezone(UTC).hour < NOON else 0)
    counts = Q(passed_at__gte=since) | Q(created_at__gte=since, refused="")
    asked = AskedQuestion.objects.filter(counts).aggregate(points=Sum("points"))["points"] or 0
    return max(0, POINTS_A_DAY - asked)


def _must_wait() -> bool:
    """Return whether the Centre refused a query today, or has not answered one yet."""
    refused = AskedQuestion.objects.filter(created_at__gte=_today()).exclude(refused="")
    return refused.exists() or HeldIdentifier.objects.exclude(under_way=None).exists()


def _today() -> datetime:
    return datetime.combine(clock.now().astimezone(UTC).date(), time(), UTC)
