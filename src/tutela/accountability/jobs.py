"""The sequencer's heartbeat."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tutela.accountability import public_log, sequencing


@app.periodic(cron="* * * * * *")
@app.task(name="accountability.sequence", queue="sequencer", queueing_lock="accountability.sequence")
def sequence(timestamp: int) -> None:
    """Every second: give new events their place."""
    sequencing.sequence_all()


@app.periodic(cron="* * * * * */15")
@app.task(name="accountability.publish_log", queue="public_log", queueing_lock="accountability.publish_log")
def publish_log(timestamp: int) -> None:
    """Four times a minute: what is in order is published, so that nothing waits longer than a minute."""
    public_log.publish()
