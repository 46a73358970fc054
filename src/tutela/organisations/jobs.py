"""Jobs of this floor: deliver the outbox, and free jobs whose worker died."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.retry import BaseRetryStrategy

from tutela.organisations import outbox


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


@app.periodic(cron="* * * * * */10")
@app.task(name="jobs.requeue", queue="housekeeping", pass_context=True, queueing_lock="jobs.requeue")
async def requeue(context: JobContext, timestamp: int) -> None:
    """A killed worker leaves its job `doing`; without a heartbeat for half a minute it is queued again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=30):
        await manager.retry_job(job)
