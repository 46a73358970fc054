"""The provider's jobs: what waited for a moment happens when it has come."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from tutela.detection import informing, return_leg
from tutela.organisations import directory
from tutela.organisations.kinds import Kind

log = structlog.get_logger("tutela.detection")


@app.periodic(cron="*/5 * * * *")
@app.task(name="detection.end_holds", queue="housekeeping", queueing_lock="detection.end_holds")
def end_holds(timestamp: int) -> None:
    """One provider's failure keeps no other waiting."""
    for entry in directory.listing(kind=Kind.PROVIDER):
        try:
            actor = directory.acting_for(entry, "system:holds", "Holds")
            return_leg.end_holds(actor)
            informing.make_due(actor)
        except Exception:
            log.exception("holds not ended", organisation=str(entry.id))
