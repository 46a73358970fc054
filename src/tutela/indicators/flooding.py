"""A flood of proposals: one organisation that proposes more in an hour than the policy allows is held, with an alarm.

It then proposes and certifies nothing until the Centre has looked; nobody else can make active what it proposed in that
hour, either. A hold is a transaction of its own: the proposal that went too far is refused, the hold stays.

What is proposed at a desk out of a list of another counts as well, unless the Centre has to look at that run anyhow.

A flood of disputes is held likewise. They are recorded, for nobody is kept from doubting; but those beyond the limit
stop nothing by themselves until the Centre has looked, so that no stolen session empties the list in an afternoon.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.indicators import policy
from tutela.indicators.errors import HeldForFlood
from tutela.indicators.models import (
    Dispute,
    FloodHold,
    FloodRelease,
    ForeignProposing,
    ImportBatch,
    Indicator,
    Quarantine,
)
from tutela.indicators.outliers import Odd

HOUR = timedelta(hours=1)
# More than a person finds wrong by looking, and few enough that the rest of a list stands when somebody notices.
DISPUTES_PER_HOUR = 50
PROPOSALS, DISPUTES = "proposals", "disputes"


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
        _hold(actor, PROPOSALS, now, most, odd(now, most).detail)
    raise HeldForFlood


def dispute_waits(actor: Actor) -> bool:
    """Before a dispute: whether it stops nothing by itself, as its organisation is held; begins the hold if need be.

    Call inside `acting(actor)`.
    """
    lock(f"disputes:{actor.organisation_id}")
    if _open().filter(held_id=actor.organisation_id, kind=DISPUTES).exists():
        return True
    mine = Dispute.objects.filter(organisation_id=actor.organisation_id, created_at__gt=_since(actor, DISPUTES))
    now, most = mine.count(), DISPUTES_PER_HOUR
    if now < most:
        return False
    _hold(actor, DISPUTES, now, most, f"{now} disputes in an hour; {most} are usual at most")
    return True


def _hold(actor: Actor, kind: str, now: int, most: int, reason: str) -> None:
    row = FloodHold.objects.create(
        organisation_id=actor.organisation_id, held_id=actor.organisation_id, kind=kind, count=now, reason=reason
    )
    record(actor, "flood.held", "organisation", actor.organisation_id, hold=row.id, of=kind, count=now, most=most)


def _since(actor: Actor, kind: str) -> datetime:
    """From when on is counted: an hour ago, or the last release."""
    released = FloodRelease.objects.filter(hold__held_id=actor.organisation_id, hold__kind=kind)
    last, hour = released.order_by("-created_at").first(), clock.now() - HOUR
    return max(hour, last.created_at) if last else hour


def count(actor: Actor) -> int:
    """How much the organisation has proposed within the hour, since a release. Call inside `acting(actor)`."""
    mine: dict[str, Any] = {"organisation_id": actor.organisation_id, "created_at__gt": _since(actor, PROPOSALS)}
    ordered = ForeignProposing.objects.filter(organisation_id=actor.organisation_id).values("run_id")
    looked_at = Quarantine.objects.filter(run_id__isnull=False).values("run_id")
    runs = ImportBatch.objects.filter(**mine, run_id__in=ordered).exclude(run_id__in=looked_at)
    imported = runs.aggregate(many=Sum("accepted"))["many"] or 0
    return Indicator.objects.filter(**mine, run_id=None).count() + int(imported)


def _refuse(*organisations: UUID) -> None:
    if _open().filter(held_id__in=organisations, kind=PROPOSALS).exists():
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
