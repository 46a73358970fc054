"""The Centre's jobs: what waited for a moment happens when it has come."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from procrastinate.contrib.django import app

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.law.clock_kinds import KINDS
from tutela.organisations import directory, steadiness
from tutela.organisations.jobs import AfterTrouble
from tutela.reports import alarms, cybertip, drawing, evidence, feedback, nearby, repeats, rescoring, tallies, volumes
from tutela.reports.looks import Looks
from tutela.reports.models import Assessment, Report, State

# What this process knows of how the items look; it lives as long as the worker.
_LOOKS = Looks()


@app.periodic(cron="* * * * *")
@app.task(name="reports.minutely", queue="housekeeping", queueing_lock="reports.minutely")
def minutely(timestamp: int) -> None:
    """Send what a hold kept back, open again what no provider has answered, delete the unfinished, sound alarms."""
    centre = directory.the_centre()
    if centre is None:
        return
    actor = directory.acting_for(centre, "system:reports", "Centre's desk")
    if steadiness.steady():
        feedback.release_ended(actor)
        end_questions(actor)
        cybertip.expire(actor)
    alarms.ring_again(actor)


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
    drawing.draw(actor)
    tallies.gather(actor)
    if steadiness.steady():
        evidence.expire(actor)


@app.periodic(cron="* * * * *")
@app.task(name="reports.near", queue="housekeeping", queueing_lock="reports.near", lock="reports.near")
def near(timestamp: int) -> None:
    """Join the bundles of new reports with those whose items look like theirs, until none waits."""
    centre = directory.the_centre()
    if centre is not None:
        actor = directory.acting_for(centre, "system:reports", "Centre's desk")
        while nearby.compare(actor, _LOOKS):
            pass


@app.task(name="reports.rescore", queue="housekeeping", retry=AfterTrouble())
def rescore(indicator: str) -> None:
    """Score the waiting reports anew that rest on an indicator which no longer stands."""
    centre = directory.the_centre()
    if centre is not None:
        rescoring.for_indicator(directory.acting_for(centre, "system:reports", "Centre's desk"), UUID(indicator))


def end_questions(actor: Actor) -> int:
    """Let reports be open again whose provider has not answered in its time; returns how many."""
    time = timedelta(hours=KINDS["provider_answer"].length.hours)
    recent = Assessment.objects.filter(report=OuterRef("pk"), created_at__gt=clock.now() - time)
    with acting(actor):
        asked = Report.objects.select_for_update().filter(~Exists(recent), state=State.ASKED, duplicate_of=None)
        rows = list(asked)
        for row in rows:
            repeats.answered(actor, row, None)
    return len(rows)
