"""Count refusals by the lawful-image reference, by organisation, check and day.

A refused proposal leaves no row of its own, so an organisation that proposes lawful images all day cannot fill a table.
Each organisation sees its own numbers, the Centre sees those of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Max, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.transaction import acting
from tutela.indicators.hashes.errors import MostlyJudged, MostlyLawful, ResemblesLawful
from tutela.indicators.models import Gate, ReferenceRefusals
from tutela.organisations.people import directory


@dataclass(frozen=True)
class RefusalCount:
    """Number of an organisation's entries that a check refused, with the day of the last ones."""

    organisation: str
    gate: str
    label: str
    entries: int
    last: date


def lawful(error: Exception) -> bool:
    """Whether the reference is why something was refused."""
    return isinstance(error, ResemblesLawful | MostlyLawful) and not isinstance(error, MostlyJudged)


@contextmanager
def counted(actor: Actor) -> Iterator[None]:
    """Count a proposal that the reference refuses, in a transaction of its own."""
    try:
        yield
    except (ResemblesLawful, MostlyLawful) as error:
        if lawful(error):
            with acting(actor):
                count(actor, Gate.VIDEO if isinstance(error, MostlyLawful) else Gate.PROPOSAL, 1)
        raise


def count(actor: Actor, gate: str, entries: int) -> None:
    """Count entries of the actor's organisation that a check refused today. Call inside `acting(actor)`."""
    centre = directory.the_centre()
    if centre is None or not entries:
        return
    today = {"organisation_id": actor.organisation_id, "day": clock.now().date(), "gate": gate}
    insert_ignore(ReferenceRefusals(**today, grantee_id=centre.id))
    ReferenceRefusals.objects.filter(**today).update(entries=F("entries") + entries)


def list_refusals(actor: Actor) -> list[RefusalCount]:
    """Return the refusal counts that the actor may see, highest first: their organisation's; for the Centre,
    everybody's.
    """
    actor.require("indicators.read")
    with acting(actor):
        rows = ReferenceRefusals.objects.order_by().values("organisation_id", "gate")
        found = list(rows.annotate(many=Sum("entries"), last=Max("day")))
    names: dict[UUID, str] = directory.names(row["organisation_id"] for row in found)
    shown = [
        RefusalCount(names[row["organisation_id"]], row["gate"], str(Gate(row["gate"]).label), row["many"], row["last"])
        for row in found
    ]
    return sorted(shown, key=lambda one: (-one.entries, one.organisation, one.gate))
