"""Jobs of this floor: deliver the outbox, and free jobs whose worker died."""

from __future__ import annotations

from uuid import UUID

import structlog
from procrastinate import JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.retry import BaseRetryStrategy

from tutela.organisations import outbox

# A worker that gave no sign for so long is taken for dead; several times the heartbeat's interval.
STALLED_SECONDS = 15.0
log = structlog.get_logger("tutela.jobs")


class TryAgain(Exception):
    """The recipient did not take the message yet."""


class GrowingPause(BaseRetryStrategy):
    """The outbox's own pauses, for ever: a message is never given up silently."""

    def get_retry_decision(self, *, exception: BaseException, job: object) -> RetryDecision | None:
        attempts = int(getattr(job, "attempts", 0)) + 1
        return RetryDecision(retry_in={"seconds": int(outbox.pause_after(attempts).total_seconds())})


@app.task(name="outbox.deliver", queue="outbox", retry=GrowingPause())
def deliver(organisation_id: str, message_id: str) -> None:
    if outbox.deliver_now(UUID(organisation_id), UUID(message_id)) is not None:
        raise TryAgain


@app.periodic(cron="* * * * * */5")
@app.task(name="jobs.requeue", queue="housekeeping", pass_context=True, queueing_lock="jobs.requeue")
async def requeue(context: JobContext, timestamp: int) -> None:
    """A killed worker leaves its job `doing`; without its worker's heartbeat it is queued again.

    A stalled job whose successor waits already (periodic ones) cannot wait beside it, and is not needed: it is removed.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException as error:  # another worker was faster, or it ended after all
            log.warning("not requeued", job=job.id, error=str(error))
