"""A flood of proposals: one organisation that proposes more in an hour than the policy allows is held, with an alarm.

It then proposes and certifies nothing until the Centre has looked; nobody else can make active what it proposed in that
hour, either. A hold is a transaction of its own: the proposal that went too far is refused, the hold stays.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.recording import record
from tutela.indicators import policy
from tutela.indicators.errors import HeldForFlood
from tutela.indicators.models import FloodHold, FloodRelease, Indicator

HOUR = timedelta(hours=1)


def refuse_held(actor: Actor, *others: UUID) -> None:
    """Raises `HeldForFlood` while the actor's organisation is held, or one of the others."""
    with acting(actor):
        if _open().filter(held_id__in=[actor.organisation_id, *others]).exists():
            raise HeldForFlood


def check(actor: Actor) -> None:
    """Before a proposal: raises `HeldForFlood`, and begins the hold where this one would go too far."""
    refuse_held(actor)
    with acting(actor):
        released = FloodRelease.objects.filter(hold__held_id=actor.organisation_id).order_by("-created_at").first()
        since = max(clock.now() - HOUR, released.created_at) if released else clock.now() - HOUR
        mine = Indicator.objects.filter(organisation_id=actor.organisation_id, created_at__gt=since, run_id=None)
        count, most = mine.count(), policy.proposals_per_hour()
        if count < most:
            return
        reason = f"{count} proposals in an hour; the policy allows {most}"
        row = FloodHold.objects.create(
            organisation_id=actor.organisation_id, held_id=actor.organisation_id, count=count, reason=reason
        )
        record(actor, "flood.held", "organisation", actor.organisation_id, hold=row.id, count=count, most=most)
    raise HeldForFlood


def release(actor: Actor, hold_id: UUID, reason: str) -> None:
    """The Centre has looked: the organisation goes on. Raises `Invalid`, `NotFound`."""
    actor.require("alarms.answer")
    if not reason.strip():
        raise Invalid("Say what was found out.", field="reason")
    with acting(actor):
        row = _open().filter(pk=hold_id).first()
        if row is None:
            raise NotFound
        FloodRelease.objects.create(
            organisation_id=actor.organisation_id, hold=row, reason=reason.strip()[:300], by=actor.reference
        )
        record(actor, "flood.released", "organisation", row.held_id, hold=row.id)


def held(actor: Actor) -> list[FloodHold]:
    """Who is held now, the newest first."""
    with acting(actor):
        return list(_open().order_by("-created_at"))


def _open() -> QuerySet[FloodHold]:
    return FloodHold.objects.filter(release__isnull=True)
