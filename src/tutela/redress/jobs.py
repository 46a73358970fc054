"""Background jobs of redress: Edges that have passed, messages that could not leave, alerts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from tutela.casework.alerts import escalation, on_call
from tutela.detection.candidates import local_stops
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.jobs import AfterTrouble
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.redress import alerts
from tutela.redress.data_subjects import breach_alerts
from tutela.redress.drills import run
from tutela.redress.models import FINAL, Hop, HopKind
from tutela.redress.reversals import accept, resend

MAY = frozenset({"reversals.read", "reversals.answer"})
# Organisations that have reversals.
CORRECTING = ("provider", "centre", "hotline", *sorted(AUTHORITIES))
ALERTS = (*alerts.KINDS, breach_alerts.BREACHES.name)
log = structlog.get_logger("tutela.jobs")


@app.task(name="redress.edges", queue="housekeeping", retry=AfterTrouble())
def pass_edges(organisation_id: str) -> None:
    """Finish the hops of Edges that have the newer list."""
    _edges(_actor(directory.entry(UUID(organisation_id))))


@app.periodic(cron="* * * * *")
@app.task(name="redress.minutely", queue="housekeeping", queueing_lock="redress.minutely", lock="redress.minutely")
def minutely(timestamp: int) -> None:
    """Finish hops of Edges, send what had no key before, and end local stops that lasted long enough."""
    _each("edges", _edges)
    _each("messages", resend.send_waiting)
    _each("stops", local_stops.lift_expired)


@app.periodic(cron="* * * * *")
@app.task(name="redress.alerts", queue="housekeeping", queueing_lock="redress.alerts", lock="redress.alerts")
def raise_alerts(timestamp: int) -> None:
    """Raise, repeat and send alerts. This job does nothing else that could delay them."""
    _each("new alerts", alerts.raise_new)
    _each("alerts", lambda actor: (escalation.raise_again(actor, ALERTS), on_call.tell(actor, ALERTS)))


@app.periodic(cron="* * * * *")
@app.task(name="redress.drills", queue="housekeeping", queueing_lock="redress.drills", lock="redress.drills")
def go_on_with_drills(timestamp: int) -> None:
    """Go on with a drill whose command was killed."""
    for entry in directory.list_organisations(kind="centre"):
        actor = _actor(entry)
        for one in run.unfinished(actor):
            run.advance(actor, one)


def _edges(actor: Actor) -> None:
    with acting(actor):
        rows = Hop.objects.filter(kind=HopKind.EDGES).exclude(state__in=FINAL).order_by("created_at")
        waiting = list(rows.values_list("pk", flat=True))
    for one in waiting:
        accept.pass_edges(actor, one)


def _each(what: str, work: Callable[[Actor], object]) -> None:
    """Do something for each organisation. One's failure keeps no other waiting."""
    for kind in CORRECTING:
        for entry in directory.list_organisations(kind=kind):
            try:
                work(_actor(entry))
            except Exception:
                log.exception("redress job failed", what=what, organisation=str(entry.id))


def _actor(entry: directory.DirectoryEntry) -> Actor:
    return directory.acting_for(entry, "system:redress", "Redress", MAY)
