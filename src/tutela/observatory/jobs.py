"""Background jobs of the observatory: public tables of complete weeks, and alerts about what is due."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from tutela.observatory.due import alerts
from tutela.observatory.forms.form import forms
from tutela.observatory.tables import store
from tutela.organisations.people import directory

MAY = frozenset({"returns.read"})
log = structlog.get_logger("tutela.jobs")


@app.periodic(cron="17 3 * * *")
@app.task(name="observatory.daily", queue="housekeeping", queueing_lock="observatory.daily")
def daily(timestamp: int) -> None:
    """Store the public tables of each week that has become complete."""
    centre = directory.the_centre()
    if centre is not None:
        store.store_complete(directory.acting_for(centre, "system:observatory", "Public figures"))


@app.periodic(cron="23 4 * * *")
@app.task(name="observatory.alerts", queue="housekeeping", queueing_lock="observatory.alerts")
def raise_alerts(timestamp: int) -> None:
    """Raise the first alert about each overdue claim and late return. Nobody is called for it at night."""
    centre = directory.the_centre()
    if centre is not None:
        alerts.raise_claims(directory.acting_for(centre, "system:observatory", "Figures", MAY))
    for kind in sorted({one for form in forms().values() for one in form.organisations}):
        for entry in directory.list_organisations(kind=kind):
            try:
                alerts.raise_returns(directory.acting_for(entry, "system:observatory", "Figures", MAY))
            except Exception:
                log.exception("alerts about returns failed", organisation=str(entry.id))
