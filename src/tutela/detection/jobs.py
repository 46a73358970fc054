"""Background jobs of the provider for due times: ends of holds, due notices, alerts, CyberTipline reports."""

from __future__ import annotations

from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from tutela import clock
from tutela.casework.alerts import escalation, on_call
from tutela.detection import enqueue
from tutela.detection.candidates import alerts
from tutela.detection.cybertipline import submissions, upload_steps
from tutela.detection.notices import schedule
from tutela.detection.outcomes import centre_feedback
from tutela.organisations.people import clock_monitor, directory
from tutela.organisations.vocabulary.roles_and_permissions import Kind

log = structlog.get_logger("tutela.detection")


@app.periodic(cron="*/5 * * * *")
@app.task(name="detection.end_holds", queue="housekeeping", queueing_lock="detection.end_holds")
def end_holds(timestamp: int) -> None:
    """One provider's failure keeps no other waiting. A clock that was moved ends none."""
    for entry in directory.list_organisations(kind=Kind.PROVIDER):
        if not clock_monitor.steady():
            return
        try:
            actor = directory.acting_for(entry, "system:holds", "Holds")
            centre_feedback.end_holds(actor)
            schedule.make_due(actor)
        except Exception:
            log.exception("holds not ended", organisation=str(entry.id))


@app.periodic(cron="* * * * *")
@app.task(name="detection.alerts", queue="housekeeping", queueing_lock="detection.alerts", lock="detection.alerts")
def raise_alerts(timestamp: int) -> None:
    """Repeat unanswered alerts and notify people. This job does nothing else that could delay them."""
    for entry in directory.list_organisations(kind=Kind.PROVIDER):
        try:
            actor = directory.acting_for(entry, "system:alerts", "Alerts", frozenset({"detection.read"}))
            escalation.raise_again(actor, (alerts.CANDIDATE,))
            on_call.tell(actor, (alerts.CANDIDATE,))
        except Exception:
            log.exception("alerts not raised", organisation=str(entry.id))


@app.task(name="detection.advance_tip", queue="outbox")
def advance(organisation_id: str, tip_id: str) -> None:
    """Advance one report; the job of every minute finds reports that must wait."""
    upload_steps.advance(UUID(organisation_id), UUID(tip_id))


@app.periodic(cron="* * * * *")
@app.task(name="detection.advance_tips", queue="outbox", queueing_lock="detection.advance_tips")
def advance_tips(timestamp: int) -> None:
    """One provider's failure keeps no other waiting."""
    for entry in directory.list_organisations(kind=Kind.PROVIDER):
        try:
            for tip_id in submissions.due(directory.acting_for(entry, "system:tips", "Reports to others"), clock.now()):
                enqueue.advance_tip(entry.id, tip_id)
        except Exception:
            log.exception("reports not sent on", organisation=str(entry.id))
