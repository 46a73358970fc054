"""Background jobs of removal requests: messages, expiry, mandates, alerts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from procrastinate.contrib.django import app

from tutela.casework.alerts import escalation, on_call
from tutela.events.actor import Actor
from tutela.organisations.people import directory
from tutela.victims import alerts, support_cases
from tutela.victims.case_work import end_mandates
from tutela.victims.host_desk import found_items, requested_items
from tutela.victims.hosts import send
from tutela.victims.information import sightings
from tutela.victims.removal import intake, rows

MAY = frozenset({rows.READ, rows.WORK, found_items.READ, found_items.REVIEW, "support.read", "support.work"})
SUPPORT, HOST = "victim_support", "provider"
log = structlog.get_logger("tutela.jobs")


@app.periodic(cron="* * * * * */15")
@app.task(name="victims.messages", queue="housekeeping", queueing_lock="victims.messages", lock="victims.messages")
def read_messages(timestamp: int) -> None:
    """Read the fingerprints and addresses of messages. In a job: no answer's time depends on what is known."""
    _each(SUPPORT, "messages", intake.read_messages)


@app.periodic(cron="* * * * *")
@app.task(name="victims.minutely", queue="housekeeping", queueing_lock="victims.minutely", lock="victims.minutely")
def minutely(timestamp: int) -> None:
    """End what has expired: mandates and sendings at victim support, requested hashes at hosts.

    Then erase what was withdrawn and a hold kept, and tell people of future sightings that a hold kept back.
    """
    _each(SUPPORT, "expiry", lambda actor: (end_mandates.expire(actor), send.expire(actor)))
    _each(SUPPORT, "withdrawn cases of support", support_cases.erase_withdrawn)
    _each(SUPPORT, "future sightings", sightings.tell_waiting)
    _each(HOST, "requested hashes", requested_items.expire)


@app.periodic(cron="* * * * *")
@app.task(name="victims.alerts", queue="housekeeping", queueing_lock="victims.alerts", lock="victims.alerts")
def raise_alerts(timestamp: int) -> None:
    """Raise, repeat and send alerts. This job does nothing else that could delay them."""
    _each(SUPPORT, "new alerts", alerts.raise_new_requests)
    _each(SUPPORT, "new alerts of support", support_cases.raise_new)
    _each(HOST, "new alerts", alerts.raise_new_items)
    _each(SUPPORT, "alerts", lambda actor: _repeat(actor, rows.SUBJECT))
    for subject in support_cases.ALERT_KINDS:
        _each(SUPPORT, "alerts of support", partial(_repeat, subject=subject))
    _each(HOST, "alerts", lambda actor: _repeat(actor, found_items.SUBJECT))


def _repeat(actor: Actor, subject: str) -> None:
    escalation.raise_again(actor, (subject,))
    on_call.tell(actor, (subject,))


def _each(kind: str, what: str, work: Callable[[Actor], object]) -> None:
    """Do something for each organisation of a kind. One's failure keeps no other waiting."""
    for entry in directory.list_organisations(kind=kind):
        try:
            work(directory.acting_for(entry, "system:victims", "Removal requests", MAY))
        except Exception:
            log.exception("removal job failed", what=what, organisation=str(entry.id))
