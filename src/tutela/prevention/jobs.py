"""Background jobs of prevention: grades age and become stale by themselves."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.prevention.knowledge import grades
from tutela.prevention.knowledge.permissions import READ

log = structlog.get_logger("tutela.jobs")


@app.periodic(cron="40 3 * * *")
@app.task(name="prevention.daily", queue="housekeeping", queueing_lock="prevention.daily", lock="prevention.daily")
def daily(timestamp: int) -> None:
    """Compute all grades again, so that an old one falls and a stale one says so."""
    centre = directory.the_centre()
    if centre is None:
        return
    actor = directory.acting_for(centre, "system:prevention", "Prevention", frozenset({READ}))
    with acting(actor):
        changed = grades.compute_all(actor)
    if changed:
        log.info("evidence grades changed", count=changed)
