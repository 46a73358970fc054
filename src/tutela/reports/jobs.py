"""Background jobs of the Centre that run at fixed intervals or on request."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from tutela.casework.alerts import on_call
from tutela.organisations.jobs import AfterTrouble
from tutela.organisations.people import clock_monitor, directory
from tutela.reports.alerts import duty_screen
from tutela.reports.alerts.subject_kinds import KINDS
from tutela.reports.bundles import near_duplicates, series, series_backfill
from tutela.reports.bundles.image_index import Looks
from tutela.reports.evidence import storage
from tutela.reports.figures import progress_counts, volumes
from tutela.reports.followups import expired_questions, spot_checks, supplements
from tutela.reports.intake import cybertip_submission
from tutela.reports.referrals import undelivered
from tutela.reports.state import hold_queue
from tutela.reports.triage import rescore as triage_rescore

# What this process knows of how the items look; it lives as long as the worker.
_LOOKS = Looks()


@app.periodic(cron="* * * * *")
@app.task(name="reports.minutely", queue="housekeeping", queueing_lock="reports.minutely")
def minutely(timestamp: int) -> None:
    """Send what a hold kept back or was gathered, end questions where the law does, delete the unfinished."""
    centre = directory.the_centre()
    if centre is None:
        return
    actor = directory.acting_for(centre, "system:reports", "Centre's desk")
    if clock_monitor.steady():
        hold_queue.release_ended(actor)
        expired_questions.end(actor)
        cybertip_submission.expire(actor)
    supplements.gather(actor)


@app.periodic(cron="* * * * *")
@app.task(name="reports.alerts", queue="housekeeping", queueing_lock="reports.alerts", lock="reports.alerts")
def sound(timestamp: int) -> None:
    """Raise due alerts. This job does nothing else that could fail or delay them."""
    centre = directory.the_centre()
    if centre is not None:
        duty_screen.raise_again(directory.acting_for(centre, "system:reports", "Centre's desk"))


@app.periodic(cron="* * * * *")
@app.task(
    name="reports.undelivered", queue="housekeeping", queueing_lock="reports.undelivered", lock="reports.undelivered"
)
def look_undelivered(timestamp: int) -> None:
    """Find what was referred and nobody has; what of it is urgent calls."""
    centre = directory.the_centre()
    if centre is not None:
        undelivered.detect_undelivered(directory.acting_for(centre, "system:reports", "Centre's desk"))


@app.periodic(cron="* * * * *")
@app.task(name="reports.duty", queue="housekeeping", queueing_lock="reports.duty", lock="reports.duty")
def tell_duty(timestamp: int) -> None:
    """Send unanswered alerts to on-call officers outside this node."""
    centre = directory.the_centre()
    if centre is not None:
        on_call.tell(directory.acting_for(centre, "system:reports", "Centre's desk"), KINDS)


@app.periodic(cron="7 * * * *")
@app.task(name="reports.hourly", queue="housekeeping", queueing_lock="reports.hourly")
def hourly(timestamp: int) -> None:
    """Count volumes and watch them for surges; draw what is looked at although it stands last; tidy and clear away."""
    centre = directory.the_centre()
    if centre is None:
        return
    actor = directory.acting_for(centre, "system:reports", "Centre's desk")
    volumes.count(actor)
    volumes.watch(actor)
    spot_checks.draw(actor)
    progress_counts.gather(actor)
    if clock_monitor.steady():
        storage.expire(actor)


@app.periodic(cron="* * * * *")
@app.task(name="reports.near", queue="housekeeping", queueing_lock="reports.near", lock="reports.near")
def near(timestamp: int) -> None:
    """Join the bundles of new reports with those whose items look like theirs, or are of one series."""
    centre = directory.the_centre()
    if centre is not None:
        actor = directory.acting_for(centre, "system:reports", "Centre's desk")
        while near_duplicates.compare(actor, _LOOKS):
            pass
        while series.join_waiting(actor):
            pass


@app.periodic(cron="* * * * *")
@app.task(name="reports.series", queue="housekeeping", queueing_lock="reports.series", lock="reports.series")
def read_series(timestamp: int) -> None:
    """Read some more of the reports of before there were series for theirs."""
    centre = directory.the_centre()
    if centre is not None:
        series_backfill.read_on(directory.acting_for(centre, "system:reports", "Centre's desk"))


@app.task(name="reports.rescore", queue="housekeeping", retry=AfterTrouble())
def rescore(indicator: str) -> None:
    """Rescore open reports that rely on an indicator which is no longer active."""
    centre = directory.the_centre()
    if centre is not None:
        triage_rescore.for_indicator(directory.acting_for(centre, "system:reports", "Centre's desk"), UUID(indicator))
