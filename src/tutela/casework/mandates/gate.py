"""Gate of a desk: it opens only with a mandate, a controller and a data-protection assessment that count today.

A Centre, a hotline, an authority and a support desk have a gate; a provider has its legal bases for detection instead.
While the gate is closed, people of the organisation keep what every organisation may do: manage people, keys and
settings, read events and the law, and record the mandate. Messages that arrive are stored and acknowledged as always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tutela import clock
from tutela.casework.models import MandatePart
from tutela.events.actor import Actor
from tutela.events.transaction import acting_and_asking
from tutela.organisations.vocabulary.roles_and_permissions import (
    ADMINISTRATION,
    AUTHORITIES,
    EVERYONE,
    FOUNDING_ADMINISTRATION,
    NODE_ADMINISTRATION,
)

GATED = AUTHORITIES | {"centre", "hotline", "victim_support"}
ALWAYS = EVERYONE | ADMINISTRATION | NODE_ADMINISTRATION | FOUNDING_ADMINISTRATION
# So long before an expiry people are warned.
WARNED = timedelta(days=30)
_COUNTING = (
    "SELECT r.part, max(r.expires_on) FROM casework_mandaterecord r"
    " WHERE r.organisation_id = %s AND r.dated <= %s"
    " AND EXISTS (SELECT FROM casework_mandatestep s WHERE s.record_id = r.id AND s.kind = 'confirmed')"
    " AND NOT EXISTS (SELECT FROM casework_mandatestep s WHERE s.record_id = r.id AND s.kind = 'withdrawn')"
    " GROUP BY r.part"
)


@dataclass(frozen=True)
class PartState:
    """A part of the mandate: its last day, None where nothing is recorded."""

    part: MandatePart
    expires_on: date | None

    @property
    def counts(self) -> bool:
        """Whether it counts today."""
        return self.expires_on is not None and clock.now().date() <= self.expires_on

    @property
    def warns(self) -> bool:
        """Whether it is missing, has expired, or expires soon."""
        return self.expires_on is None or self.expires_on <= clock.now().date() + WARNED


def is_gated(kind: str) -> bool:
    """Whether organisations of this kind need a mandate."""
    return kind in GATED


def parts(actor: Actor) -> list[PartState]:
    """Every part of the mandate of the actor's organisation, with its last day. One query."""
    with acting_and_asking(actor, [(_COUNTING, [actor.organisation_id, clock.now().date()])]) as (rows,):
        known = dict(rows)
    return [PartState(part, known.get(part.value)) for part in MandatePart]


def closed(actor: Actor) -> frozenset[str]:
    """The actor's permissions of a desk that may not open today; none without a gate, or if it is open."""
    of_desk = actor.permissions - ALWAYS
    if not (of_desk and is_gated(actor.organisation_kind)) or all(one.counts for one in parts(actor)):
        return frozenset()
    return of_desk
