"""Background tasks: run the sequencer and publish the public log."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tutela.accountability.chain import sequencer
from tutela.accountability.public_log import publish


@app.periodic(cron="* * * * * *")
@app.task(name="accountability.sequence", queue="sequencer", queueing_lock="accountability.sequence")
def sequence(timestamp: int) -> None:
    """Every second: give new events their place. A release or a head is published at once."""
    if sequencer.sequence_all() and publish.urgent():
        publish.enqueue_publication()


@app.task(
    name="accountability.publish_now", queue="public_log", lock="public_log", queueing_lock="accountability.publish_now"
)
def publish_now() -> None:
    """Publish the log on demand, because an addition to a list waits for its entry."""
    sequencer.sequence_all()
    publish.publish()


@app.periodic(cron="* * * * * */15")
@app.task(
    name="accountability.publish_log", queue="public_log", lock="public_log", queueing_lock="accountability.publish_log"
)
def publish_log(timestamp: int) -> None:
    """Four times a minute: the rest, and what lacked its witnesses."""
    publish.publish()
