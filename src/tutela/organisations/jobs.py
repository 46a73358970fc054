"""Background jobs of organisations: deliver the outbox, and free jobs whose worker died."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from procrastinate import JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.retry import BaseRetryStrategy

from tutela import clock
from tutela.events import rate_limits
from tutela.organisations.messages import delivery, recipient_queues
from tutela.organisations.people import directory, password_resets
from tutela.organisations.vocabulary.backoff import pause_after
from tutela.organisations.vocabulary.transient_errors import trouble

# A worker that gave no sign for so long is taken for dead; several times the heartbeat's interval.
STALLED_SECONDS = 15.0
AFTER_FAILURE = timedelta(seconds=10)
log = structlog.get_logger("tutela.jobs")


class AfterTrouble(BaseRetryStrategy):
    """Retry a job that failed because the database went away or a disk was full.

    Faults are not retried. Not for jobs with a queueing lock: another such job may already be queued, and the lock
    allows only one.
    """

    def get_retry_decision(self, *, exception: BaseException, job: object) -> RetryDecision | None:
        if trouble(exception) is None:
            return None
        attempts = int(getattr(job, "attempts", 0)) + 1
        return RetryDecision(retry_in={"seconds": int(pause_after(attempts, urgent=True).total_seconds())})


@app.task(name=recipient_queues.TASK, queue=recipient_queues.QUEUE)
def lane(organisation_id: str, recipient_id: str) -> None:
    """Run one turn of a delivery queue and enqueue the next turn.

    If even that fails, the sweep enqueues the turn.
    """
    ids = UUID(organisation_id), UUID(recipient_id)
    try:
        again = delivery.turn(*ids)
    except Exception:
        log.exception("delivery failed", recipient=recipient_id)
        again = clock.now() + AFTER_FAILURE
    if again is not None:
        recipient_queues.order_at(*ids, again)


@app.periodic(cron="* * * * * */15")
@app.task(name="outbox.sweep", queue="housekeeping", queueing_lock="outbox.sweep")
def sweep(timestamp: int) -> None:
    """Four times a minute: no message waits without somebody who looks."""
    recipient_queues.forget_failed()
    kept = recipient_queues.kept()
    for entry in directory.list_organisations():
        try:
            recipient_queues.sweep(directory.acting_for(entry, "system:outbox", "Outbox"), kept)
        except Exception:
            # One organisation's failure keeps no other waiting.
            log.exception("not swept", organisation=str(entry.id))


@app.periodic(cron="7 * * * *")
@app.task(name="limits.erase", queue="housekeeping", queueing_lock="limits.erase")
def erase_counts(timestamp: int) -> None:
    """Every hour: what no limit counts any more is deleted."""
    rate_limits.erase_old()


@app.task(name="password.reset", queue="housekeeping", retry=AfterTrouble())
def send_password_reset(sealed: str) -> None:
    """Send a link that sets a new password, if somebody has this address."""
    password_resets.send(sealed)


@app.task(name="outbox.deliver", queue="outbox")
def deliver(organisation_id: str, message_id: str) -> None:
    """Former job that delivered one message; kept for jobs enqueued by older versions.

    The sweep finds their messages.
    """


@app.periodic(cron="* * * * * */5")
@app.task(name="jobs.requeue", queue="housekeeping", pass_context=True, queueing_lock="jobs.requeue")
async def requeue(context: JobContext, timestamp: int) -> None:
    """A killed worker leaves its job `doing`; without its worker's heartbeat it is queued again.

    A stalled periodic job whose successor is already queued cannot be queued as well and is not needed: it is removed.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException as error:  # another worker was faster, or it ended after all
            log.warning("not requeued", job=job.id, error=str(error))
