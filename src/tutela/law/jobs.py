"""Retention job: every hour, erase due data of every organisation of the node and leave tombstones."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from tutela.law import retention
from tutela.organisations.people import clock_monitor, directory

log = structlog.get_logger("tutela.retention")


@app.periodic(cron="7 * * * *")
@app.task(name="law.retention", queue="housekeeping", queueing_lock="law.retention")
def erase_due(timestamp: int) -> None:
    """One organisation's failure keeps no other from its erasures. A clock that was moved keeps all of them."""
    for entry in directory.list_organisations():
        # The clock is checked before each organisation, because the system time may be changed during the run.
        if not clock_monitor.steady():
            return
        try:
            retention.run(directory.acting_for(entry, "system:retention", "Retention"))
        except Exception:
            log.exception("retention failed", organisation=str(entry.id))
