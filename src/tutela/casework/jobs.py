"""Jobs of casework."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tutela.casework.mandates import expiry


@app.periodic(cron="20 6 * * *")
@app.task(name="casework.mandates", queue="housekeeping", queueing_lock="casework.mandates")
def warn_of_expiry(timestamp: int) -> None:
    """Warn of mandates that expire soon."""
    expiry.warn()
