"""Background jobs of the hotline's desk: traces, notices, reminders, rechecks, imports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from tutela import clock
from tutela.casework.alerts import escalation, on_call
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.takedown.look import Watcher
from tutela.organisations.jobs import AfterTrouble
from tutela.organisations.people import directory
from tutela.takedown import alerts
from tutela.takedown.hosts import host_trace
from tutela.takedown.imports import store_parts
from tutela.takedown.intake import public_report
from tutela.takedown.ledger import publication
from tutela.takedown.notices import send
from tutela.takedown.rechecks import check

MAY = frozenset({"takedown.read", "takedown.assess", "takedown.notify"})
# A run ends after so long, and the next minute continues: other jobs get their turn.
IMPORT_FOR = timedelta(seconds=45)
log = structlog.get_logger("tutela.jobs")


@app.task(name="takedown.send_notice", queue="housekeeping", retry=AfterTrouble())
def send_notice(organisation_id: str, notice_id: str) -> None:
    """Send a notice whose time for undo is over."""
    send.send(_actor(directory.entry(UUID(organisation_id))), UUID(notice_id))


@app.periodic(cron="* * * * *")
@app.task(name="takedown.minutely", queue="housekeeping", queueing_lock="takedown.minutely", lock="takedown.minutely")
def minutely(timestamp: int) -> None:
    """Send reminders, and notices whose own job was lost."""
    _each("reminders", lambda actor: (send.remind(actor), send.left(actor)))


@app.periodic(cron="* * * * *")
@app.task(name="takedown.rechecks", queue="housekeeping", queueing_lock="takedown.rechecks", lock="takedown.rechecks")
def recheck_due(timestamp: int) -> None:
    """Recheck what is due. Apart from the other jobs: hosts may answer slowly."""
    # Only public addresses are looked at, whatever private networks the operator lists for other things.
    watchers = [Watcher()]
    _each("rechecks", lambda actor: check.recheck_due(actor, watchers))


@app.periodic(cron="* * * * *")
@app.task(name="takedown.traces", queue="housekeeping", queueing_lock="takedown.traces", lock="takedown.traces")
def trace_hosts(timestamp: int) -> None:
    """Trace the hosts of new cases. Apart from the other jobs: a name server may answer slowly."""
    for entry in directory.list_organisations(kind="hotline"):
        actor = _actor(entry)
        for one in host_trace.untraced(actor):
            try:
                host_trace.trace(actor, one)
            except TutelaError as error:
                log.info("host not traced", case=str(one), reason=type(error).__name__)


@app.periodic(cron="17 * * * *")
@app.task(name="takedown.figures", queue="housekeeping", queueing_lock="takedown.figures", lock="takedown.figures")
def store_figures(timestamp: int) -> None:
    """Store the public figures of quarters that have become complete."""
    _each("figures", publication.store_complete)


@app.periodic(cron="* * * * * */15")
@app.task(name="takedown.messages", queue="housekeeping", queueing_lock="takedown.messages", lock="takedown.messages")
def read_messages(timestamp: int) -> None:
    """Open the cases that public reports name. In a job: no answer's time depends on what is known."""
    entry = public_report.hotline()
    if entry is not None:
        public_report.read_messages(_actor(entry))


@app.periodic(cron="* * * * *")
@app.task(name="takedown.imports", queue="housekeeping", queueing_lock="takedown.imports", lock="takedown.imports")
def store_imports(timestamp: int) -> None:
    """Turn the addresses of imported files into cases, part by part."""
    until = clock.now() + IMPORT_FOR
    actors = [_actor(entry) for entry in directory.list_organisations(kind="hotline")]
    waiting = [(actor, one) for actor in actors for one in store_parts.unfinished(actor)]
    # One part of each in turn: a large file keeps no other waiting.
    while waiting and clock.now() < until:
        waiting = [(actor, one) for actor, one in waiting if _part_stored(actor, one)]


def _part_stored(actor: Actor, import_id: UUID) -> bool:
    """Whether a part was stored. One import's failure keeps no other waiting; the next run tries again."""
    try:
        return store_parts.store_part(actor, import_id)
    except Exception:
        log.exception("takedown import failed", organisation=str(actor.organisation_id))
        return False


@app.periodic(cron="* * * * *")
@app.task(name="takedown.alerts", queue="housekeeping", queueing_lock="takedown.alerts", lock="takedown.alerts")
def raise_alerts(timestamp: int) -> None:
    """Repeat unanswered alerts and notify people on call. This job does nothing else that could delay them."""
    for entry in directory.list_organisations(kind="hotline"):
        actor = _actor(entry)
        escalation.raise_again(actor, alerts.KINDS)
        on_call.tell(actor, alerts.KINDS)


def _each(what: str, work: Callable[[Actor], object]) -> None:
    """Do something for each hotline. One hotline's failure keeps no other waiting."""
    for entry in directory.list_organisations(kind="hotline"):
        try:
            work(_actor(entry))
        except Exception:
            log.exception("takedown job failed", what=what, organisation=str(entry.id))


def _actor(entry: directory.DirectoryEntry) -> Actor:
    return directory.acting_for(entry, "system:takedown", "Takedown", MAY)
