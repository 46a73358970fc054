"""Background jobs of casework: actions whose time for undo is over, e-mails about notifications, and tidying."""

from __future__ import annotations

from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from tutela.casework.alerts import escalation, on_call
from tutela.casework.assignment import claim, mail, notifications, viewers
from tutela.casework.exposure import openings
from tutela.casework.hand_overs import alerts as hand_over_alerts
from tutela.casework.hand_overs import rows as hand_over_rows
from tutela.casework.hand_overs.send import AGENCIES
from tutela.casework.mandates import expiry
from tutela.casework.undo import delayed_actions
from tutela.events.actor import Actor
from tutela.organisations.jobs import AfterTrouble
from tutela.organisations.people import directory

READS = frozenset({"organisation.read"})
HAND_OVERS = frozenset({hand_over_rows.READ, hand_over_rows.WORK})
log = structlog.get_logger("tutela.jobs")


@app.task(name="casework.action", queue="housekeeping", retry=AfterTrouble())
def run_action(organisation_id: str, pending_id: str) -> None:
    """Carry out one action whose time for undo is over."""
    delayed_actions.run_due(_actor(directory.entry(UUID(organisation_id))), UUID(pending_id))


@app.periodic(cron="* * * * *")
@app.task(name="casework.minutely", queue="housekeeping", queueing_lock="casework.minutely", lock="casework.minutely")
def minutely(timestamp: int) -> None:
    """Carry out actions whose job was lost, and send e-mails about notifications."""
    for entry in directory.list_organisations():
        actor = _actor(entry)
        try:
            mail.send_due(actor)
            for one in delayed_actions.due(actor):
                _run_one(actor, one)
        except Exception:
            # One organisation's failure keeps no other waiting.
            log.exception("casework job failed", organisation=str(entry.id))


def _run_one(actor: Actor, pending_id: UUID) -> None:
    """Carry out one action; a fault of it keeps no other waiting."""
    try:
        delayed_actions.run_due(actor, pending_id)
    except Exception:
        log.exception("action not carried out", action=str(pending_id))


@app.periodic(cron="* * * * *")
@app.task(
    name="casework.hand_over_alerts",
    queue="housekeeping",
    queueing_lock="casework.hand_over_alerts",
    lock="casework.hand_over_alerts",
)
def raise_hand_over_alerts(timestamp: int) -> None:
    """Raise, repeat and send alerts about hand-overs. This job does nothing else that could delay them."""
    for kind in AGENCIES:
        for entry in directory.list_organisations(kind=kind):
            actor = directory.acting_for(entry, "system:casework", "Casework", HAND_OVERS)
            try:
                hand_over_alerts.raise_new(actor)
                escalation.raise_again(actor, (hand_over_rows.SUBJECT,))
                on_call.tell(actor, (hand_over_rows.SUBJECT,))
            except Exception:
                # One organisation's failure keeps no other waiting.
                log.exception("hand-over job failed", organisation=str(entry.id))


@app.periodic(cron="11 * * * *")
@app.task(name="casework.hourly", queue="housekeeping", queueing_lock="casework.hourly")
def hourly(timestamp: int) -> None:
    """Delete openings that no budget needs, viewers who are gone, passed cases of yesterday, and old notifications."""
    for entry in directory.list_organisations():
        actor = _actor(entry)
        openings.forget(actor)
        viewers.forget(actor)
        claim.forget(actor)
        notifications.forget_old(actor)


@app.periodic(cron="20 6 * * *")
@app.task(name="casework.mandates", queue="housekeeping", queueing_lock="casework.mandates")
def warn_of_expiry(timestamp: int) -> None:
    """Warn of mandates that expire soon."""
    expiry.warn()


def _actor(entry: directory.DirectoryEntry) -> Actor:
    return directory.acting_for(entry, "system:casework", "Casework", READS)
