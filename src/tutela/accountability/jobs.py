"""The sequencer's heartbeat."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tutela.accountability import sequencing


@app.periodic(cron="* * * * * *")
@app.task(name="accountability.sequence", queue="sequencer", queueing_lock="accountability.sequence")
def sequence(timestamp: int) -> None:
    """Every second: give new events their place."""
    sequencing.sequence_all()
