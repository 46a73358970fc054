"""Stop an entry at this provider alone, at once, while a dispute about it is decided.

1. From the stop on, a candidate that rests on stopped entries alone is set aside: nobody can decide it. Pending ones
   are set aside with the stop. Nothing is closed, because the stop may end.
2. A stop ends when the Centre leaves the entry unchanged, and at the latest after 90 days. Candidates that were set
   aside are open again, with the reviews that they had. A withdrawal of the entry closes them in the meantime.
3. Intake holds a shared lock while it looks for stops, and a stop holds it alone: neither can miss the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.candidates.alerts import CANDIDATE, URGENT_CLOCK
from tutela.detection.models import Candidate, LocalStop, LocalStopEnd, Outcome
from tutela.detection.settings.queries import lock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks

# Long enough for the register to decide, and an end for a stop about which nobody answers.
LASTS = timedelta(days=90)
STOPPED = "stopped"
# The state of a candidate, by the number of its reviews.
_BY_REVIEWS = ("open", "second", "disputed")


def stop(actor: Actor, indicator_id: UUID, cause: UUID) -> int:
    """Stop an entry; returns how many candidates were set aside. Twice changes nothing. Inside `acting(actor)`."""
    lock(actor, withdrawn_indicators.LOCK)
    row = LocalStop(organisation_id=actor.organisation_id, indicator_id=indicator_id, cause=cause, by=actor.reference)
    if not insert_ignore(row):
        return 0
    aside = sum(_set_aside(actor, one) for one in _resting_on(indicator_id))
    record(actor, "indicator.stopped_here", "indicator", indicator_id, candidates=aside)
    return aside


def lift(actor: Actor, indicator_id: UUID, cause: UUID) -> None:
    """End a stop. Without one nothing happens. Call inside `acting(actor)`."""
    lock(actor, withdrawn_indicators.LOCK)
    row = LocalStop.objects.filter(indicator_id=indicator_id, cause=cause, end=None).first()
    if row is not None:
        _lift(actor, row)


def lift_expired(actor: Actor) -> int:
    """End the stops that have lasted for 90 days; returns how many. For a job."""
    with acting(actor):
        if not LocalStop.objects.filter(end=None, created_at__lte=clock.now() - LASTS).exists():
            return 0
        lock(actor, withdrawn_indicators.LOCK)
        rows = list(LocalStop.objects.filter(end=None, created_at__lte=clock.now() - LASTS).order_by("created_at"))
        for row in rows:
            _lift(actor, row)
        return len(rows)


def lasts_until(cause: UUID) -> datetime | None:
    """Until when the stop of a reversal lasts at the longest; None if it has ended. Call inside `acting(actor)`."""
    row = LocalStop.objects.filter(cause=cause, end=None).first()
    return row.created_at + LASTS if row is not None else None


def apply_known(actor: Actor, candidate: Candidate) -> None:
    """Set a candidate aside that has just come in, if it rests on stopped entries alone. Inside `acting(actor)`."""
    if stopped(candidate.matches.values_list("entry_id", flat=True)):
        _set_aside(actor, candidate)


def stopped(entries: Iterable[UUID]) -> set[UUID]:
    """The entries among these that are stopped here now. Call inside `acting(actor)`."""
    rows = LocalStop.objects.filter(indicator_id__in=list(entries), end=None)
    return set(rows.values_list("indicator_id", flat=True))


def _lift(actor: Actor, row: LocalStop) -> None:
    LocalStopEnd.objects.create(organisation_id=actor.organisation_id, stop=row, by=actor.reference)
    opened = sum(_open_again(actor, one) for one in _resting_on(row.indicator_id))
    record(actor, "indicator.resumed_here", "indicator", row.indicator_id, candidates=opened)


def _resting_on(indicator_id: UUID) -> list[Candidate]:
    return list(Candidate.objects.filter(matches__entry_id=indicator_id).distinct().order_by("pk"))


def _rests_on_stopped(candidate: Candidate) -> bool:
    entries = {match.entry_id for match in withdrawn_indicators.standing(candidate)}
    return bool(entries) and not entries - stopped(entries)


def _set_aside(actor: Actor, candidate: Candidate) -> bool:
    row = Candidate.objects.select_for_update().get(pk=candidate.pk)
    ended = Outcome.objects.filter(subject_id=row.pk).exists()
    if row.state == STOPPED or ended or not _rests_on_stopped(candidate):
        return False
    Candidate.objects.filter(pk=row.pk).update(state=STOPPED)
    clocks.stop_if_running(actor, URGENT_CLOCK, CANDIDATE, row.pk)
    record(actor, "candidate.set_aside", "candidate", row.pk, reason="indicator_stopped_here")
    return True


def _open_again(actor: Actor, candidate: Candidate) -> bool:
    row = Candidate.objects.select_for_update().get(pk=candidate.pk)
    if row.state != STOPPED or _rests_on_stopped(candidate):
        return False
    Candidate.objects.filter(pk=row.pk).update(state=_BY_REVIEWS[min(row.reviews.count(), 2)])
    if row.urgent:
        clocks.restart(actor, URGENT_CLOCK, CANDIDATE, row.pk)
    record(actor, "candidate.resumed", "candidate", row.pk)
    return True
