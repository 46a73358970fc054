"""Recorded legal basis for sealed evidence at the Centre. Without one, files are only hashed."""

from __future__ import annotations

from datetime import date

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.reports.models import EvidenceBasis


def standing() -> EvidenceBasis | None:
    """The basis in force today. Call inside `acting(actor)`."""
    newest = EvidenceBasis.objects.order_by("-created_at", "-id").first()
    if newest is None or not newest.act or (newest.until and newest.until < clock.now().date()):
        return None
    return newest


def history(actor: Actor) -> list[EvidenceBasis]:
    """Every basis that was recorded, newest first."""
    actor.require("reports.read")
    with acting(actor):
        return list(EvidenceBasis.objects.order_by("-created_at", "-id"))


def note(actor: Actor, *, act: str, reason: str, until: date | None = None) -> None:
    """Record the basis (an act with its article, and why it covers this), or end it with an empty act.

    Raises `Invalid` naming the field.
    """
    actor.require("law.edit")
    act, reason = typed(act), typed(reason)
    if not reason:
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    if until and until < clock.now().date():
        raise Invalid("The end date must not be in the past.", field="until")
    with acting(actor):
        row = EvidenceBasis.objects.create(
            organisation_id=actor.organisation_id,
            act=act[:300],
            reason=reason[:600],
            until=until,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "evidence.basis", "evidence_basis", row.pk, legal_basis=act[:120], until=until)
