"""Reports about certified items alone: one decision forwards them, and nobody looks at what was certified before.

Only exact copies by a digest that nobody can forge, of entries that count now, and only what nobody has decided on.
What is urgent is never among them: somebody reads it. Nothing is closed this way.
"""

from __future__ import annotations

from django.db.models import QuerySet

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.reports import triage
from tutela.reports.models import Decision, Report, State

# So many at once; whoever decides waits for it.
MOST = 200
REASON = "Every item is an exact copy of one that counts in the register."


def ready() -> QuerySet[Report]:
    """What can be forwarded so, oldest first. Call inside `acting(actor)`."""
    rows = Report.objects.filter(certified=True, urgent=False, state=State.OPEN, decision="", duplicate_of=None)
    return rows.order_by("created_at")


def count(actor: Actor) -> int:
    """How many reports can be forwarded so, counted no further than a thousand."""
    actor.require("reports.read")
    with acting(actor):
        return len(ready().values("pk")[:1000])


def forward(actor: Actor) -> int:
    """Forward up to `MOST` of them, each a decision of its own; returns how many."""
    actor.require("reports.assess")
    with acting(actor):
        ids = list(ready().values_list("report_id", flat=True)[:MOST])
    done = 0
    for report_id in ids:
        try:
            triage.assess(actor, report_id, Decision.FORWARD, REASON, seen=0)
        except TutelaError:
            continue  # a colleague was faster, or the register has moved
        done += 1
    return done
