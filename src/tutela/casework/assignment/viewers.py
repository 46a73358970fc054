"""Viewers: who has the page of a case open now. The page repeats a beat; without it, a viewer is gone in 1 minute."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.assignment.subjects import case_of
from tutela.casework.models import Viewer
from tutela.events.actor import Actor
from tutela.events.transaction import acting

GONE_AFTER = timedelta(seconds=60)
# The page asks again after this many seconds.
BEAT_SECONDS = 30


def beat(actor: Actor, kind: str, subject_id: UUID) -> list[str]:
    """Note that the actor has a case open; returns the names of the others who have. Raises `NotFound`."""
    with acting(actor):
        case_of(actor, kind, subject_id)
        return note(actor, kind, subject_id)


def note(actor: Actor, kind: str, subject_id: UUID) -> list[str]:
    """As `beat`, of a case that the actor may see. Call inside `acting(actor)`."""
    now = clock.now()
    if actor.person_id is not None:
        Viewer.objects.update_or_create(
            organisation_id=actor.organisation_id,
            subject_kind=kind,
            subject_id=subject_id,
            by=actor.reference,
            defaults={"by_name": actor.name[:200], "seen_at": now},
        )
    # A time from a clock that was ahead is no reason to show somebody for hours.
    here = Viewer.objects.filter(
        subject_kind=kind, subject_id=subject_id, seen_at__gt=now - GONE_AFTER, seen_at__lte=now + GONE_AFTER
    )
    return list(here.exclude(by=actor.reference).order_by("by_name").values_list("by_name", flat=True))


def forget(actor: Actor) -> int:
    """Delete viewers who are gone; returns how many. For a job."""
    with acting(actor):
        return Viewer.objects.filter(seen_at__lte=clock.now() - GONE_AFTER).delete()[0]
