"""Lists that a provider may use under its own contract, and used lists without such a record."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.detection.models import Match, SourceList
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting


@dataclass(frozen=True)
class EntitlementView:
    """List that matched or was noted; `note` is None if no entitlement is recorded."""

    list_id: str
    note: SourceList | None


def note(actor: Actor, *, list_id: str, holder: str, entitlement: str) -> None:
    """Write down whose list it is and why the provider may use it. Raises `Invalid` naming the field."""
    actor.require("detection.settings")
    given = {"list_id": list_id.strip(), "holder": holder.strip(), "entitlement": entitlement.strip()}
    for field, text in given.items():
        if not text:
            raise Invalid("This field is required.", field=field)
    with acting(actor):
        row = SourceList.objects.create(organisation_id=actor.organisation_id, by=actor.reference, **given)
        record(actor, "source_list.noted", "source_list", row.id, list=row.list_id)


def list_entitlements(actor: Actor) -> list[EntitlementView]:
    """Every list outside the public register that was noted or has matched."""
    actor.require("detection.read")
    with acting(actor):
        noted = {row.list_id: row for row in SourceList.objects.order_by("created_at", "id")}
        seen = Match.objects.filter(in_public_register=False).order_by().values_list("list_id", flat=True).distinct()
        return [EntitlementView(list_id, noted.get(list_id)) for list_id in sorted({*noted, *seen})]
