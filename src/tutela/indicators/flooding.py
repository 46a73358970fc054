"""A flood of proposals: one organisation that proposes more in an hour than the policy allows is held, with an alarm.

It then proposes and certifies nothing until the Centre has looked; nobody else can make active what it proposed in that
hour, either. A hold is a transaction of its own: the proposal that went too far is refused, the hold stays.

What is proposed at a desk out of a list of another counts as well, unless the Centre has to look at that run anyhow.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.recording import record
from tutela.indicators import policy
from tutela.indicators.errors import HeldForFlood
from tutela.indicators.models import FloodHold, FloodRelease, ForeignProposing, ImportBatch, Indicator, Quarantine
from tutela.indicators.outliers import Odd

HOUR = timedelta(hours=1)


def refuse_held(actor: Actor, *others: UUID) -> None:
    """Raises `HeldForFlood` while the actor's organisation is held, or one of the others."""
    with acting(actor):
        _refuse(actor.organisation_id, *others)


def check(actor: Actor) -> None:
    """Before a proposal: raises `HeldForFlood`, and begins the hold where this one would go too far."""
    with acting(actor):
        _refuse(actor.organisation_id)
        now, most = count(actor), policy.proposals_per_hour()
        if now < most:
            return
        reason = odd(now, most).detail
        row = FloodHold.objects.create(
            organisation_id=actor.organisation_id, held_id=actor.organisation_id, count=now, reason=reason
        )
        record(actor, "flood.held", "organisation", actor.organisation_id, hold=row.id, count=now, most=most)
    raise HeldForFlood


def count(actor: Actor) -> int:
    """How much the organisation has proposed within the hour, since a release. Call inside `acting(actor)`."""
    released = FloodRelease.objects.filter(hold__held_id=actor.organisation_id).order_by("-created_at").first()
    since = max(clock.now() - HOUR, released.created_at) if released else clock.now() - HOUR
    mine: dict[str, Any] = {"organisation_id": actor.organisation_id, "created_at__gt": since}
    ordered = ForeignProposing.objects.filter(organisation_id=actor.organisation_id).values("run_id")
    looked_at = Quarantine.objects.filter(run_id__isnull=False).values("run_id")
    runs = ImportBatch.objects.filter(**mine, run_id__in=ordered).exclude(run_id__in=looked_at)
    imported = runs.aggregate(many=Sum("accepted"))["many"] or 0
    return Indicator.objects.filter(**mine, run_id=None).count() + int(imported)


def _refuse(*organisations: UUID) -> None:
    if _open().filter(held_id__in=organisations).exists():
        raise HeldForFlood


def odd(count: int, most: int) -> Odd:
    """A flood in words."""
    return Odd("flood", f"{count} proposals in an hour; the policy allows {most}")


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
